//! Where the credential comes from.
//!
//! A [`Source`] gives the credential of a moment. Most are read: [`Source::File`], [`Source::Command`]. A [`Login`] was
//! stored by `make-admin-mcp login`: a [`LoginRecord`] in the config folder says that it is there, a secret store (the
//! system's keyring, or a private file) holds what is secret. An OAuth access token lives minutes: `login` renews it, `oauth` speaks with the authorization server, `callback` listens for the redirect.

mod callback;
mod command;
mod error;
mod http;
mod login;
mod login_record;
mod new_login;
mod normalize;
mod oauth;
mod secret_store;
mod supervisor;
mod token_set;

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::make::{Credential, CredentialError, Renewal};

pub use callback::Callback;
pub use command::CredentialCommand;
pub use error::{CommandError, LoginError, SignInError, TokenTextError};
pub use login::{Login, LogoutError};
pub use login_record::{DEFAULT, LoginRecord, Logins, Oauth};
pub use new_login::NewLogin;
pub use normalize::{Normalized, normalize};
pub(crate) use normalize::{not_filled_in, unquoted};
pub use oauth::{MAKE, Provider, SignIn};
pub use secret_store::SecretStoreKind;
pub use supervisor::{SUPERVISE, supervise, supervise_with};
pub use token_set::{OauthClient, TokenSet};

/// The longest token file or output of a command that is read; tokens are far shorter.
const LONGEST: u64 = 64 << 10;

/// Where the credential comes from. Cheap to clone; clones share what was read.
#[derive(Clone, Debug)]
pub enum Source {
    /// Given at the start, by the environment or the sandbox.
    Given(Credential),
    /// A file, read for every call, so that a changed token is used at once.
    File(PathBuf),
    /// A program that prints it, run when it is first needed.
    Command(Arc<CredentialCommand>),
    /// What `make-admin-mcp login` stored, maybe only after the start. Without it every call says how to sign in.
    Login(Arc<Login>),
}

impl Source {
    /// The credential of this moment. The error says what is wrong, without what was read.
    pub async fn current(&self) -> Result<Option<Credential>, CredentialError> {
        match self {
            Self::Given(credential) => Ok(Some(credential.clone())),
            Self::File(path) => in_file(path).map(Some).map_err(|problem| {
                CredentialError::lasting(problem.to_string(), "write a token into that file")
            }),
            Self::Command(command) => command.clone().credential(None).await,
            Self::Login(login) => login.clone().credential(None).await,
        }
    }

    /// Whether the credential can be had without starting a program, which may ask its user.
    pub fn is_at_hand(&self) -> bool {
        match self {
            Self::Command(command) => command.has_run(),
            _ => true,
        }
    }

    /// What renews the credential while a call works; None if nothing does.
    pub fn renewal(&self) -> Option<Renewal> {
        match self {
            Self::Given(_) | Self::File(_) => None,
            Self::Command(command) => {
                let command = command.clone();
                Some(Arc::new(move |refused| Box::pin(command.clone().credential(refused))))
            }
            Self::Login(login) => {
                let login = login.clone();
                Some(Arc::new(move |refused| Box::pin(login.clone().credential(refused))))
            }
        }
    }

    /// For the end of a process: waits until tokens that are being renewed are stored, since they would be lost, and
    /// renews nothing any more.
    pub async fn closed(&self) {
        if let Self::Login(login) = self {
            login.closed().await;
        }
    }

    /// The file it comes from, if it is one.
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            _ => None,
        }
    }

    /// Where it comes from, for people.
    pub fn name(&self) -> String {
        match self {
            Self::Given(_) => "MAKE_API_KEY".to_owned(),
            Self::File(path) => format!("the file {}", path.display()),
            Self::Command(command) => format!("the command {}", command.program()),
            Self::Login(login) => login.to_string(),
        }
    }
}

/// The token in a file.
pub fn in_file(path: &Path) -> Result<Credential, TokenTextError> {
    let problem = |problem: &str| format!("the token file {} {problem}", path.display());
    let mut bytes = Vec::new();
    let file = fs::File::open(path)
        .map_err(|error| TokenTextError(problem(&format!("cannot be opened: {error}"))))?;
    let read = file.take(LONGEST).read_to_end(&mut bytes);
    read.map_err(|error| TokenTextError(problem(&format!("cannot be read: {error}"))))?;
    let text = decoded(bytes).ok_or_else(|| TokenTextError(problem("is not a text file")))?;
    let cleaned = normalize(&text).map_err(|wrong| TokenTextError(problem(&wrong.to_string())))?;
    cleaned.map(|cleaned| cleaned.credential).ok_or_else(|| TokenTextError(problem("is empty")))
}

/// A text in UTF-8, or in UTF-16 as Windows shells write it.
fn decoded(bytes: Vec<u8>) -> Option<String> {
    let unit: fn([u8; 2]) -> u16 = match bytes.get(..2) {
        Some([0xff, 0xfe]) => u16::from_le_bytes,
        Some([0xfe, 0xff]) => u16::from_be_bytes,
        _ => return String::from_utf8(bytes).ok(),
    };
    let units: Vec<_> = bytes[2..].as_chunks().0.iter().map(|pair| unit(*pair)).collect();
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "7615989d-d213-48dc-b625-27133ae3f1a8";

    #[tokio::test]
    async fn a_changed_file_is_used_at_once() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("token");
        let source = Source::File(path.clone());
        assert!(source.current().await.is_err());
        for token in [TOKEN, "eyJhbGci.x.y"] {
            fs::write(&path, token).expect("written");
            assert_eq!(source.current().await.expect("read"), Some(Credential::new(token)));
        }
        let line = format!("\u{feff}MAKE_API_KEY={TOKEN}\r\n");
        let little: Vec<u8> = line.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = line.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for written in [line.into_bytes(), little, big] {
            fs::write(&path, &written).expect("written");
            assert_eq!(source.current().await.expect("read"), Some(Credential::new(TOKEN)));
        }
        fs::write(&path, [0x80, 0x81]).expect("written");
        let error = source.current().await.expect_err("no text").message;
        assert!(error.contains("is not a text file"), "{error}");
    }
}
