//! `login`: a person signs in at a terminal, and no token needs to stand in a file of a host.

use std::io::{self, IsTerminal, Read};

use clap::Args;
use tokio::task::spawn_blocking;

use super::{USAGE, print, say};
use crate::{
    catalog::catalog,
    config::{Settings, ZONES},
    credential::{
        Callback, DEFAULT, Logins, MAKE, NewLogin, OauthClient, Provider, SecretStoreKind, Source,
    },
    make::{BaseUrl, Https, Make},
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
    let name = settings.profile.as_deref().unwrap_or(DEFAULT);
    let (base, stored, tried) = if login.oauth {
        let stored = by_browser(settings, login, store).await?;
        let tried = tried(&settings.base, &stored).await;
        (settings.base.clone(), stored, tried)
    } else {
        let token = secret("API token (Make: Profile, API access; it is not shown): ").await?;
        by_token(settings, &token, store).await?
    };
    let kept = match tried.map_err(|refusal| refusal.problem) {
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
    print(&format!("Signed in as {who} at {}.", base.host()));
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

/// A credential that Make did not accept.
struct NotAccepted {
    /// Whether it is a 401: another zone may know the token.
    unknown: bool,
    problem: String,
}

/// Tries a token, at the zone that was given or else at one after the other: a token works in one zone only.
async fn by_token(
    settings: &Settings,
    token: &str,
    store: SecretStoreKind,
) -> Result<(BaseUrl, NewLogin, Result<String, NotAccepted>), String> {
    let others = ZONES.iter().filter_map(|zone| BaseUrl::of_zone(zone).ok());
    let mut bases = vec![settings.base.clone()];
    if !settings.base_is_given {
        bases.extend(others.filter(|zone| *zone != settings.base));
    }
    let mut hosts = Vec::new();
    for base in bases {
        let stored = NewLogin::token(token, &base, store);
        let stored = stored.map_err(|wrong| format!("the token {wrong}"))?;
        let result = tried(&base, &stored).await;
        hosts.push(base.host());
        let asks_on = matches!(&result, Err(NotAccepted { unknown: true, .. }));
        if !asks_on || settings.base_is_given {
            return Ok((base, stored, result));
        }
    }
    Err(format!("no zone accepts the token ({}); is it revoked?", hosts.join(", ")))
}

/// Who Make says that this is.
async fn tried(base: &BaseUrl, stored: &NewLogin) -> Result<String, NotAccepted> {
    let make = Make::new(Https::new(base.clone()), Some(stored.credential()));
    let me = make.me().get().await.map_err(|error| {
        let unknown = error.status() == Some(401);
        let (host, error) = (base.host(), ToolError::from(error));
        let problem = if unknown {
            let why = error.message;
            format!("{host} does not accept it (a token works in its own zone only: --zone): {why}")
        } else {
            let next = error.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            format!("it cannot be tried at {host}: {}{next}", error.message)
        };
        NotAccepted { unknown, problem }
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
