//! The system's keyring: Keychain, Credential Manager, Secret Service.

use std::time::Duration;

use keyring::{Entry, Error};
use tokio::{task::spawn_blocking, time::timeout};

use super::{MOST_TRIES, numbered};

/// The service under which all entries stand.
pub(crate) const SERVICE: &str = "make-admin-mcp";

/// A locked keyring asks the user to unlock it.
const UNLOCK_TIMEOUT: Duration = Duration::from_secs(60);

/// The longest text of one entry, in bytes. Windows' Credential Manager takes 2,560 bytes of UTF-16.
const LONGEST: usize = 1200;

/// Begins an entry that holds a whole value.
const WHOLE: &str = "=";

/// Begins an entry that says in which others the value stands: `#generation:count`.
const IN_PARTS: &str = "#";

/// Why the keyring could not be used, in one line, without what it holds.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyringError(pub(crate) String);

/// Whether there is a keyring that answers.
pub(crate) async fn ready() -> Result<(), KeyringError> {
    in_background(|| text_of("probe").map(drop)).await
}

/// Stores a value under that name, or under the next free one, as it is, and answers with the name.
pub(crate) async fn store(value: &str, name: &str) -> Result<String, KeyringError> {
    let (value, name) = (value.to_owned(), name.to_owned());
    in_background(move || {
        for number in 1..=MOST_TRIES {
            let name = numbered(&name, number);
            if text_of(&name)?.is_none() {
                set(&name, &value)?;
                return Ok(name);
            }
        }
        Err(format!("the keyring has {MOST_TRIES} entries of that name"))
    })
    .await
}

/// Deletes an entry, if it can be.
pub(crate) async fn forget(name: &str) {
    let name = name.to_owned();
    let _ = in_background(move || delete_entry(&name)).await;
}

/// The value that was kept under that name.
pub(crate) async fn read(name: &str) -> Result<Option<String>, KeyringError> {
    let name = name.to_owned();
    in_background(move || match text_of(&name)? {
        None => Ok(None),
        Some(head) => match Parts::of(&head) {
            None => Ok(head.strip_prefix(WHOLE).map(str::to_owned)),
            Some(parts) => parts
                .names(&name)
                .map(|part| text_of(&part))
                .collect::<Result<Option<String>, String>>(),
        },
    })
    .await
}

/// Keeps a value of any length under that name in place of the one before.
///
/// Whenever this is interrupted, either the old or the new value is there: parts are written beside the old ones, and
/// one entry says which count.
pub(crate) async fn write(name: &str, value: &str) -> Result<(), KeyringError> {
    let (name, value) = (name.to_owned(), value.to_owned());
    in_background(move || {
        let before = text_of(&name)?.and_then(|head| Parts::of(&head));
        if value.len() <= LONGEST {
            set(&name, &format!("{WHOLE}{value}"))?;
        } else {
            let texts = split(&value);
            let parts = Parts {
                generation: before.as_ref().map_or(0, |before| before.generation) + 1,
                count: texts.len(),
            };
            for (part, text) in parts.names(&name).zip(texts) {
                set(&part, text)?;
            }
            let Parts { generation, count } = parts;
            set(&name, &format!("{IN_PARTS}{generation}:{count}"))?;
        }
        // Parts of the old value that stay do no harm.
        for part in before.iter().flat_map(|before| before.names(&name)) {
            let _ = delete_entry(&part);
        }
        Ok(())
    })
    .await
}

/// Deletes a value that was kept, with all its parts.
pub(crate) async fn delete(name: &str) -> Result<(), KeyringError> {
    let name = name.to_owned();
    in_background(move || {
        let parts = text_of(&name)?.and_then(|head| Parts::of(&head));
        for part in parts.iter().flat_map(|parts| parts.names(&name)) {
            delete_entry(&part)?;
        }
        delete_entry(&name)
    })
    .await
}

/// The entries of a value that is too long for one.
struct Parts {
    /// Counts the values, so that a new one is written beside the old.
    generation: u64,
    count: usize,
}

impl Parts {
    fn of(head: &str) -> Option<Self> {
        let (generation, count) = head.strip_prefix(IN_PARTS)?.split_once(':')?;
        Some(Self { generation: generation.parse().ok()?, count: count.parse().ok()? })
    }

    fn names(&self, name: &str) -> impl Iterator<Item = String> {
        let start = format!("{name} {}", self.generation);
        (1..=self.count).map(move |number| format!("{start}.{number}"))
    }
}

/// The text in pieces that fit an entry.
fn split(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let longest = rest.len().min(LONGEST);
        let end = (1..=longest).rev().find(|end| rest.is_char_boundary(*end));
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        pieces.push(piece);
        rest = after;
    }
    pieces
}

fn entry(name: &str) -> Result<Entry, String> {
    if let Err(error) = Entry::store_status() {
        return Err(said(error));
    }
    Entry::new(SERVICE, name).map_err(|error| said(&error))
}

fn text_of(name: &str) -> Result<Option<String>, String> {
    match entry(name)?.get_password() {
        Ok(text) => Ok(Some(text)),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(said(&error)),
    }
}

fn set(name: &str, text: &str) -> Result<(), String> {
    entry(name)?.set_password(text).map_err(|error| said(&error))
}

fn delete_entry(name: &str) -> Result<(), String> {
    match entry(name)?.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(said(&error)),
    }
}

/// An error may hold what was found in the keyring, so only its kind and what the system says are shown.
fn said(error: &Error) -> String {
    let what = match error {
        Error::PlatformFailure(cause) | Error::NoStorageAccess(cause) => cause.to_string(),
        Error::NoDefaultStore => "this system has none".to_owned(),
        _ => "it did not take the entry".to_owned(),
    };
    format!("the system's keyring cannot be used ({what})")
}

/// Runs blocking keyring calls on a thread of their own; some keyrings ask the user.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, KeyringError> {
    match timeout(UNLOCK_TIMEOUT, spawn_blocking(work)).await {
        Ok(Ok(done)) => done.map_err(KeyringError),
        Ok(Err(_)) => Err(KeyringError("the system's keyring failed".to_owned())),
        Err(_) => {
            let locked =
                "the system's keyring did not answer within a minute, so it must be unlocked";
            Err(KeyringError(locked.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_split_between_characters_into_pieces_that_fit() {
        for text in ["x".repeat(5000), "€".repeat(3000), "a".to_owned()] {
            let pieces = split(&text);
            assert!(pieces.iter().all(|piece| piece.len() <= LONGEST));
            assert_eq!(pieces.concat(), text);
        }
        let parts = Parts::of("#3:2").expect("parts");
        assert_eq!(parts.names("a b").collect::<Vec<_>>(), ["a b 3.1", "a b 3.2"]);
        assert!(Parts::of("=#3:2").is_none(), "a value that looks like parts");
    }
}
