//! `login`: a person signs in at a terminal, and no token needs to stand in a file of a host.

use std::io::{self, IsTerminal, Read};

use clap::Args;
use tokio::task::spawn_blocking;

use super::{USAGE, print, say};
use crate::{
    catalog::catalog,
    config::Settings,
    credential::{
        Callback, DEFAULT, Logins, MAKE, NewLogin, OauthClient, Provider, SecretStoreKind, Source,
    },
    make::{Https, Make},
    text::visible,
    tools::registry::ToolError,
};

/// A token or client secret is far shorter.
const LONGEST: u64 = 64 << 10;

/// How to sign in.
#[derive(Args, Clone, Debug)]
pub struct LoginCommand {
    /// Sign in with OAuth, in a browser, rather than with an API token
    #[arg(long, requires = "client_id")]
    oauth: bool,
    /// Id of an OAuth client that is registered with Make
    #[arg(long, value_name = "ID", requires = "oauth")]
    client_id: Option<String>,
    /// Read the secret of the OAuth client from stdin
    #[arg(long, requires = "oauth")]
    client_secret_stdin: bool,
    /// OAuth scopes, separated by commas or blanks [default: those that the default tools need]
    #[arg(long, value_name = "SCOPES", requires = "oauth")]
    scope: Option<String>,
    /// Authorization server
    #[arg(long, value_name = "URL", requires = "oauth", default_value = MAKE)]
    issuer: String,
    /// Port of 127.0.0.1 that the browser comes back to [default: a free one]
    #[arg(long, requires = "oauth")]
    port: Option<u16>,
    /// Print the address to open, and open no browser
    #[arg(long, requires = "oauth")]
    no_browser: bool,
    /// Where the login is kept: keyring (the system's), or file (mode 0600, in the config folder)
    #[arg(long, value_name = "WHERE", default_value = "keyring", value_parser = ["keyring",
    "file"])]
    store: String,
}

pub(super) async fn run(settings: &Settings, login: LoginCommand) -> u8 {
    let refusal = match (&settings.profile, &settings.source) {
        _ if settings.sandbox => Some("the built-in account needs no login".to_owned()),
        (_, Source::Login(_)) | (None, _) => None,
        (Some(profile), other) => Some(format!(
            "the profile `{profile}` takes its credential from {}, so a login would not count; \
             remove that from profiles.toml first",
            other.name()
        )),
    };
    if let Some(refusal) = refusal {
        say(&format!("error: {refusal}"));
        return USAGE;
    }
    match signed_in(settings, login).await {
        Ok(()) => 0,
        Err(problem) => {
            say(&format!("error: {problem}. Nothing was stored."));
            1
        }
    }
}

/// Signs in, tries the credential, and stores it if it is good.
async fn signed_in(settings: &Settings, login: LoginCommand) -> Result<(), String> {
    let store =
        if login.store == "file" { SecretStoreKind::File } else { SecretStoreKind::Keyring };
    let logins = Logins::new(&settings.config_dir);
    logins.ready(store).await.map_err(|error| error.to_string())?;
    let stored = if login.oauth {
        by_browser(settings, login, store).await?
    } else {
        let token = secret("API token (Make: Profile, API access; it is not shown): ").await?;
        NewLogin::token(&token, &settings.base, store)
            .map_err(|wrong| format!("the token {wrong}"))?
    };
    let name = settings.profile.as_deref().unwrap_or(DEFAULT);
    let kept = match tried(settings, &stored).await {
        Ok(who) => {
            let saved = stored.save(&logins, name).await;
            saved.map(|()| who).map_err(|error| error.to_string())
        }
        Err(problem) => Err(problem),
    };
    let who = match kept {
        Ok(who) => who,
        Err(problem) => {
            stored.discard().await;
            return Err(problem);
        }
    };
    print(&format!("Signed in as {who} at {}.", settings.base.host()));
    print(match store {
        SecretStoreKind::Keyring => "The login is in the system's keyring.",
        SecretStoreKind::File => {
            "The login is in a file of the config folder that only your user can read."
        }
    });
    print(&match stored.lifetime() {
        None => "It works until the token is revoked.".to_owned(),
        Some((_, true)) => "It is renewed by itself.".to_owned(),
        Some((Some(seconds), false)) => format!(
            "The authorization server gave no refresh token, so it works for {seconds} s; then run \
             this command again."
        ),
        Some((None, false)) => {
            "The authorization server gave no refresh token and did not say for how long it works."
                .to_owned()
        }
    });
    if !matches!(settings.source, Source::Login(_)) {
        say(&format!(
            "note: it does not count as long as there is another credential: {}",
            settings.source.name()
        ));
    }
    Ok(())
}

/// Who Make says that this is.
async fn tried(settings: &Settings, stored: &NewLogin) -> Result<String, String> {
    let make = Make::new(Https::new(settings.base.clone()), Some(stored.credential()));
    let me = make.me().get().await.map_err(|error| {
        let refused = error.status() == Some(401);
        let (host, error) = (settings.base.host(), ToolError::from(error));
        if refused {
            let why = error.message;
            format!("{host} does not accept it (a token works in its own zone only: --zone): {why}")
        } else {
            format!("it cannot be tried at {host}: {}", error.message)
        }
    })?;
    Ok(format!(
        "{:?} <{}>",
        me.name.as_deref().unwrap_or("?"),
        visible(me.email.as_deref().unwrap_or("?"))
    ))
}

async fn by_browser(
    settings: &Settings,
    login: LoginCommand,
    store: SecretStoreKind,
) -> Result<NewLogin, String> {
    let secret = if login.client_secret_stdin {
        Some(secret("Client secret (it is not shown): ").await?.trim().to_owned())
    } else {
        None
    };
    let client = OauthClient {
        id: login.client_id.unwrap_or_default(),
        secret: secret.filter(|secret| !secret.is_empty()),
    };
    let given = login.scope.unwrap_or_default();
    let mut scopes: Vec<_> = given.split([',', ' ']).map(str::to_owned).collect();
    scopes.retain(|scope| !scope.is_empty());
    if scopes.is_empty() {
        scopes = needed();
    }
    let provider = Provider::discover(&login.issuer).await.map_err(|error| error.to_string())?;
    let callback = Callback::listen(login.port)
        .await
        .map_err(|error| format!("nothing can be heard on 127.0.0.1: {error}"))?;
    let sign_in = provider
        .sign_in(client, &callback.redirect(), &scopes)
        .map_err(|error| error.to_string())?;
    say(&format!(
        "To sign in, open this address in a browser on this machine:\n\n{}\n",
        sign_in.address
    ));
    if !login.no_browser
        && let Err(error) = open::that_detached(sign_in.address.as_str())
    {
        say(&format!("note: no browser could be opened ({error})"));
    }
    NewLogin::signed_in(sign_in, callback, &settings.base, store)
        .await
        .map_err(|error| error.to_string())
}

/// The scopes of the tools that are on by default.
fn needed() -> Vec<String> {
    let catalog = catalog();
    let on = catalog.iter().map(|tool| &tool.spec).filter(|spec| spec.toolset.is_default());
    let mut scopes: Vec<_> =
        on.flat_map(|spec| spec.scopes.names()).map(ToString::to_string).collect();
    scopes.sort();
    scopes.dedup();
    scopes
}

/// A secret, typed at a prompt that does not show it, or piped in.
async fn secret(prompt: &'static str) -> Result<String, String> {
    let reading = spawn_blocking(move || {
        if io::stdin().is_terminal() {
            return rpassword::prompt_password(prompt);
        }
        let mut text = String::new();
        io::stdin().lock().take(LONGEST).read_to_string(&mut text)?;
        Ok(text)
    });
    let read = reading.await.map_err(|_| "nothing could be read".to_owned())?;
    read.map_err(|error| format!("nothing could be read: {error}"))
}
