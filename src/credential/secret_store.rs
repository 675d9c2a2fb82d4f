//! Where the secret of a login is: an entry of the system's keyring, or a private file.

use std::{fs, io, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::error::LoginError;
use crate::store::{keyring, replace};

/// Where secrets of logins are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecretStoreKind {
    /// In the system's keyring.
    Keyring,
    /// In a file of mode 0600.
    File,
}

/// Where the secret of one login is stored. After an interrupted write the old or the new secret is there.
pub(super) enum SecretStore {
    Keyring(String),
    File(PathBuf),
}

impl SecretStore {
    pub(super) async fn read(&self) -> Result<Option<String>, LoginError> {
        match self {
            Self::Keyring(name) => {
                keyring::read(name).await.map_err(|error| LoginError(error.to_string()))
            }
            Self::File(path) => match fs::read_to_string(path) {
                Ok(text) => Ok(Some(text)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => {
                    Err(LoginError(format!("{} cannot be read: {error}", path.display())))
                }
            },
        }
    }

    pub(super) async fn write(&self, text: &str) -> Result<(), LoginError> {
        match self {
            Self::Keyring(name) => {
                keyring::write(name, text).await.map_err(|error| LoginError(error.to_string()))
            }
            Self::File(path) => replace(path, text).map_err(|error| {
                LoginError(format!("{} cannot be written: {error}", path.display()))
            }),
        }
    }

    pub(super) async fn delete(&self) -> Result<(), LoginError> {
        match self {
            Self::Keyring(name) => {
                keyring::delete(name).await.map_err(|error| LoginError(error.to_string()))
            }
            Self::File(path) => match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(LoginError(format!("{} cannot be removed: {error}", path.display())))
                }
                _ => Ok(()),
            },
        }
    }
}
