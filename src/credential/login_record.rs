//! What is known of a login without its secret, so that a start need not ask the keyring whether there is one.

use std::{
    fmt,
    fs::File,
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::task::spawn_blocking;

use super::{
    error::LoginError,
    secret_store::{SecretStore, SecretStoreKind},
};
use crate::store::{StateFolder, keyring, private_file, replace};

/// The name of the login without a profile.
pub const DEFAULT: &str = "default";

/// How long a process waits for another that renews the same tokens: a request of it lasts 20 s at most.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What is known of a login without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LoginRecord {
    /// Names the login and its secret; every login has another one.
    pub id: String,
    /// Where the secret is.
    pub store: SecretStoreKind,
    /// The base address of the account; the credential goes nowhere else.
    pub base: String,
    /// The OAuth sign-in; None for an API token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth: Option<Oauth>,
}

/// An OAuth sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Oauth {
    /// The authorization server.
    pub issuer: String,
    /// The registered client.
    pub client_id: String,
}

impl fmt::Display for LoginRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = match self.store {
            SecretStoreKind::Keyring => "the system's keyring",
            SecretStoreKind::File => "a file of the config folder",
        };
        match &self.oauth {
            None => write!(f, "a login with an API token, in {store}"),
            Some(oauth) => write!(
                f,
                "an OAuth sign-in at {} as client {}, in {store}",
                oauth.issuer, oauth.client_id
            ),
        }
    }
}

/// The logins of all profiles: one record, lock and maybe secret each, in one folder.
#[derive(Clone, Debug)]
pub struct Logins(StateFolder);

impl Logins {
    /// Those in a config folder.
    pub fn new(config: &Path) -> Self {
        Self(StateFolder::new(config.join("logins")))
    }

    /// Checks that a login could be stored there, before there is one. The error says what to do.
    pub async fn ready(&self, store: SecretStoreKind) -> Result<(), LoginError> {
        self.0.ready().map_err(|error| LoginError(error.to_string()))?;
        if store == SecretStoreKind::File {
            return Ok(());
        }
        keyring::ready().await.map_err(|problem| {
            LoginError(format!(
                "{problem}; start or unlock it, or use --store file, which only your user can read"
            ))
        })
    }

    /// The record of a login; None without a login.
    pub fn record(&self, name: &str) -> io::Result<Option<LoginRecord>> {
        match std::fs::read_to_string(self.path(name, "json")) {
            Ok(text) => serde_json::from_str(&text).map(Some).map_err(|error| {
                let shown = self.path(name, "json");
                io::Error::other(format!("{} is not a login record: {error}", shown.display()))
            }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The base address of the account that a login is for, if there is one that can be read.
    pub fn base_of(&self, name: &str) -> Option<String> {
        self.record(name).ok().flatten().map(|record| record.base)
    }

    /// Replaces the record of a login.
    pub(super) fn keep(&self, name: &str, record: &LoginRecord) -> io::Result<()> {
        self.0.ready()?;
        let text = serde_json::to_string_pretty(record)?;
        replace(&self.path(name, "json"), &text)
    }

    /// Removes the record of a login.
    pub(super) fn forget(&self, name: &str) -> io::Result<()> {
        match std::fs::remove_file(self.path(name, "json")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Where the secret of a login is.
    pub(super) fn secret_store(&self, name: &str, record: &LoginRecord) -> SecretStore {
        let issuer = record.oauth.as_ref().map_or(&record.base, |oauth| &oauth.issuer);
        match record.store {
            SecretStoreKind::Keyring => {
                SecretStore::Keyring(format!("login {name} {issuer} {}", record.id))
            }
            SecretStoreKind::File => {
                SecretStore::File(self.path(name, &format!("{}.secret", record.id)))
            }
        }
    }

    /// Waits until no other process renews or replaces this login. The lock goes with the value.
    pub(super) async fn locked(&self, name: &str) -> Result<File, LoginError> {
        let (folder, path) = (self.0.clone(), self.path(name, "lock"));
        let cannot = |error: io::Error| LoginError(format!("the login cannot be locked: {error}"));
        let file = spawn_blocking(move || {
            folder.ready()?;
            private_file().write(true).create(true).truncate(false).open(path)
        });
        let file =
            file.await.unwrap_or_else(|error| Err(io::Error::other(error))).map_err(cannot)?;
        let waiting = async {
            // A thread that waits in the system could not be given up.
            while file.try_lock().is_err() {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(()) => Ok(file),
            Err(_) => Err(LoginError(
                "another process has been renewing this login for a minute".to_owned(),
            )),
        }
    }

    fn path(&self, name: &str, ending: &str) -> PathBuf {
        self.0.path().join(format!("{name}.{ending}"))
    }
}
