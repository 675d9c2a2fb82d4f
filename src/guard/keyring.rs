//! The system's keyring: Keychain, Credential Manager, Secret Service.

use std::time::Duration;

use keyring::{Entry, Error};
use tokio::{task::spawn_blocking, time::timeout};

use super::secrets::{MOST_TRIES, numbered};

/// The service under which all entries stand.
pub(super) const SERVICE: &str = "make-admin-mcp";

/// A locked keyring asks its person to unlock it.
const PATIENCE: Duration = Duration::from_secs(60);

/// Whether there is a keyring that answers.
pub(super) async fn ready() -> Result<(), String> {
    in_background(|| match entry("probe")?.get_password() {
        Ok(_) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(said(&error)),
    })
    .await
}

/// Stores a value under that name, or under the next free one, and answers with it.
pub(super) async fn store(value: &str, name: &str) -> Result<String, String> {
    let (value, name) = (value.to_owned(), name.to_owned());
    in_background(move || {
        for number in 1..=MOST_TRIES {
            let name = numbered(&name, number);
            let entry = entry(&name)?;
            match entry.get_password() {
                Err(Error::NoEntry) => {
                    entry.set_password(&value).map_err(|error| said(&error))?;
                    return Ok(name);
                }
                Ok(_) => {}
                Err(error) => return Err(said(&error)),
            }
        }
        Err(format!("the keyring has {MOST_TRIES} entries of that name"))
    })
    .await
}

/// Deletes an entry, if it can be.
pub(super) async fn forget(name: &str) {
    let name = name.to_owned();
    let _ = in_background(move || {
        entry(&name)?
            .delete_credential()
            .map_err(|error| said(&error))
    })
    .await;
}

fn entry(name: &str) -> Result<Entry, String> {
    if let Err(error) = Entry::store_status() {
        return Err(said(error));
    }
    Entry::new(SERVICE, name).map_err(|error| said(&error))
}

/// An error may hold what was found in the keyring, so only its kind and what the system says are shown.
fn said(error: &Error) -> String {
    let what = match error {
        Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) => cause.to_string(),
        Error::NoDefaultStore => "this system has none".to_owned(),
        _ => "it did not take the entry".to_owned(),
    };
    format!("the system's keyring cannot be used ({what}); start it, or use --secret-delivery file")
}

/// Keyrings block, and some ask their person.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    match timeout(PATIENCE, spawn_blocking(work)).await {
        Ok(Ok(done)) => done,
        Ok(Err(_)) => Err("the system's keyring failed; use --secret-delivery file".to_owned()),
        Err(_) => Err(
            "the system's keyring did not answer within a minute; unlock it, or use --secret-delivery file"
                .to_owned(),
        ),
    }
}
