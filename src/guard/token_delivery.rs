//! Where the value of a new token goes: to a private file, into the system's keyring, or into the answer.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::store::{KeyringError, MOST_TRIES, StateFolder, hex, keyring, numbered, write_new};

const FOLDER: &str = "tokens";

/// How new tokens are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryMethod {
    /// Into a file in the state folder.
    File,
    /// Into the system's keyring.
    Keyring,
    /// In the answer, where the model and its host see it.
    Reply,
}

/// Takes the values of new tokens.
#[derive(Clone, Debug)]
pub struct TokenDelivery {
    /// How.
    pub delivery: DeliveryMethod,
    /// Where files go.
    pub folder: StateFolder,
}

/// Where a value went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Delivered {
    /// `file`, `keyring` or `reply`.
    delivery: &'static str,
    /// The file that holds the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// The service of the keyring's entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'static str>,
    /// The user name of the keyring's entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    entry: Option<String>,
    /// SHA-256 of the value, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

impl Delivered {
    fn new(delivery: &'static str, value: &str) -> Self {
        let sha256 = (delivery != "reply").then(|| hex(&Sha256::digest(value)));
        Self { delivery, path: None, service: None, entry: None, sha256 }
    }
}

/// A stored value: what the answer may show of it.
#[derive(Clone, Debug)]
pub struct StoredToken {
    /// The value, masked unless it is delivered in the answer.
    pub shown: String,
    /// Where it went.
    pub delivered: Delivered,
}

/// Why the value of a token cannot be stored, as the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct DeliveryError(pub(crate) String);

impl TokenDelivery {
    /// Checks that a value could be stored, before there is one. The error is the end of a sentence.
    pub async fn ready(&self) -> Result<(), DeliveryError> {
        match self.delivery {
            DeliveryMethod::File => self
                .folder
                .inner(FOLDER)
                .map(drop)
                .map_err(|error| DeliveryError(error.to_string())),
            DeliveryMethod::Keyring => keyring::ready().await.map_err(or_a_file),
            DeliveryMethod::Reply => Ok(()),
        }
    }

    /// Stores the value of a token made at `created`.
    pub async fn store(
        &self,
        value: &str,
        label: &str,
        created: &str,
    ) -> Result<StoredToken, DeliveryError> {
        let name = file_name(label, created);
        match self.delivery {
            DeliveryMethod::Reply => Ok(StoredToken {
                shown: value.to_owned(),
                delivered: Delivered::new("reply", value),
            }),
            DeliveryMethod::Keyring => {
                let mut delivered = Delivered::new("keyring", value);
                delivered.service = Some(keyring::SERVICE);
                delivered.entry = Some(keyring::store(value, &name).await.map_err(or_a_file)?);
                Ok(StoredToken { shown: masked(value), delivered })
            }
            DeliveryMethod::File => {
                let path =
                    self.write(value, &name).map_err(|error| DeliveryError(error.to_string()))?;
                Ok(in_file(value, &path))
            }
        }
    }

    /// Takes a stored value away again, since it opens nothing any more.
    pub async fn forget(&self, delivered: &Delivered) {
        if let Some(path) = &delivered.path {
            let _ = fs::remove_file(path);
        }
        if let Some(entry) = &delivered.entry {
            keyring::forget(entry).await;
        }
    }

    /// Writes a file of that name, or of the next free one: nothing is ever overwritten.
    fn write(&self, value: &str, name: &str) -> io::Result<PathBuf> {
        let folder = self.folder.inner(FOLDER)?;
        let mut tries = 1;
        loop {
            let path = folder.join(format!("{}.token", numbered(name, tries)));
            match write_new(&path, value) {
                Ok(()) => return Ok(path),
                Err(error)
                    if error.kind() == io::ErrorKind::AlreadyExists && tries < MOST_TRIES =>
                {
                    tries += 1
                }
                Err(error) => return Err(error),
            }
        }
    }
}

/// What else can be done where the keyring fails.
fn or_a_file(problem: KeyringError) -> DeliveryError {
    DeliveryError(format!("{problem}; start it, or use --secret-delivery file"))
}

fn in_file(value: &str, path: &Path) -> StoredToken {
    let mut delivered = Delivered::new("file", value);
    delivered.path = Some(path.display().to_string());
    StoredToken { shown: masked(value), delivered }
}

/// The next token of a running server, beside the file that holds the present one.
///
/// That file is the one file that is ever replaced.
#[derive(Debug)]
pub struct TokenFileReplacement {
    file: PathBuf,
    next: PathBuf,
}

impl TokenFileReplacement {
    /// Where the next value of a token file waits. An earlier one that is still there is refused.
    pub fn beside(file: &Path) -> Result<Self, DeliveryError> {
        // A link stays a link: what it points to is replaced.
        let file = file.canonicalize().map_err(|error| {
            DeliveryError(format!("the token file {} cannot be found: {error}", file.display()))
        })?;
        let mut name = file.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let next = file.with_file_name(name);
        if fs::symlink_metadata(&next).is_ok() {
            return Err(DeliveryError(format!(
                "{} is there already, maybe with a token that is still valid; look at it and move \
                 it away",
                next.display()
            )));
        }
        Ok(Self { file, next })
    }

    /// Stores the next value, with the mode of the present file.
    pub fn store(&self, value: &str) -> Result<StoredToken, DeliveryError> {
        let stored = write_new(&self.next, &format!("{value}\n")).and_then(|()| {
            let mode = fs::metadata(&self.file)?.permissions();
            fs::set_permissions(&self.next, mode)
        });
        match stored {
            Ok(()) => Ok(in_file(value, &self.next)),
            Err(error) => {
                self.discard();
                Err(DeliveryError(format!("{}: {error}", self.next.display())))
            }
        }
    }

    /// Puts the next value in the place of the present one, at once or not at all.
    pub fn install(&self, value: &str) -> Result<StoredToken, DeliveryError> {
        fs::rename(&self.next, &self.file)
            .map(|()| in_file(value, &self.file))
            .map_err(|error| DeliveryError(format!("{}: {error}", self.file.display())))
    }

    /// Removes the next value.
    pub fn discard(&self) {
        let _ = fs::remove_file(&self.next);
    }
}

/// The value as Make masks it: the first group stays readable. What is masked already stays as it is.
pub fn masked(value: &str) -> String {
    if value.contains('*') {
        return value.to_owned();
    }
    let first = value.split('-').next().filter(|first| first.len() == 8 && first.is_ascii());
    format!("{}-****-****-****-************", first.unwrap_or("********"))
}

/// A name that says whose token it is and cannot leave the folder.
fn file_name(label: &str, created: &str) -> String {
    let plain = |text: &str| -> String {
        text.chars().take(40).map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect()
    };
    format!("{}_{}", plain(created), plain(label))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "7615989d-d213-48dc-b625-27133ae3f1a8";

    #[test]
    fn a_label_cannot_leave_the_folder() {
        let name = file_name("../../etc/passwd\0", "2026-01-06T14:37:51.493Z");
        assert_eq!(name, "2026-01-06T14-37-51-493Z_------etc-passwd-");
    }

    #[test]
    fn only_the_first_group_stays_readable() {
        assert_eq!(masked(TOKEN), "7615989d-****-****-****-************");
        assert_eq!(masked("eyJhbGci.secret"), "********-****-****-****-************");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_is_private_new_and_no_link() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let home = tempfile::tempdir().expect("a folder");
        let state = home.path().join("state");
        let secrets = |folder| TokenDelivery {
            delivery: DeliveryMethod::File,
            folder: StateFolder::new(folder),
        };
        let own = secrets(state.clone());
        let stored = own.store(TOKEN, "ci", "2026").await.expect("stored");
        assert_eq!(stored.shown, "7615989d-****-****-****-************");
        let path = state.join("tokens/2026_ci.token");
        assert_eq!(fs::read_to_string(&path).expect("the file"), TOKEN);
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
        assert_eq!(mode(&path), 0o600);
        assert_eq!((mode(&state), mode(&state.join("tokens"))), (0o700, 0o700));

        own.store("another", "ci", "2026").await.expect("stored under another name");
        assert_eq!(
            fs::read_to_string(&path).expect("the first"),
            TOKEN,
            "never over an existing file"
        );
        let second = state.join("tokens/2026_ci-2.token");
        assert_eq!(fs::read_to_string(second).expect("the second"), "another");

        let link = home.path().join("link");
        symlink(&state, &link).expect("a link");
        let refused = secrets(link).store(TOKEN, "ci", "2027").await;
        assert!(refused.expect_err("a link").0.contains("is a link"));

        for open in [state.join("tokens"), state.clone()] {
            fs::set_permissions(&open, fs::Permissions::from_mode(0o755)).expect("chmod");
            let refused = own.ready().await.expect_err("others could read it");
            assert!(refused.0.contains("can be read by others"), "{refused}");
            fs::set_permissions(&open, fs::Permissions::from_mode(0o700)).expect("chmod");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_successor_takes_the_place_with_the_mode_of_the_file() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let home = tempfile::tempdir().expect("a folder");
        let file = home.path().join("key");
        fs::write(&file, "old").expect("written");
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).expect("chmod");
        let link = home.path().join("link");
        symlink(&file, &link).expect("a link");

        let successor = TokenFileReplacement::beside(&link).expect("none is there");
        successor.store(TOKEN).expect("stored");
        assert_eq!(fs::read_to_string(&file).expect("the file"), "old");
        assert!(TokenFileReplacement::beside(&file).is_err(), "one is on its way");
        successor.install(TOKEN).expect("installed");
        assert_eq!(
            fs::read_to_string(&link).expect("the file").trim(),
            TOKEN,
            "the link still points there"
        );
        let mode = fs::metadata(&file).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
        assert!(!home.path().join("key.new").exists());
    }
}
