//! Where the value of a new token goes: to a file that only its owner reads, or into the answer.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// How many files of one name there may be.
const MOST_TRIES: u32 = 100;

/// How new tokens are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Into a file in the state folder.
    File,
    /// In the answer, where the model and its host see it.
    Reply,
}

/// Takes the values of new tokens.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// How.
    pub delivery: Delivery,
    /// The folder for files; made when needed.
    pub folder: PathBuf,
}

/// Where a value went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Delivered {
    /// `file` or `reply`.
    delivery: &'static str,
    /// The file that holds the value.
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    /// SHA-256 of the value, hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

/// A value on its way: what the answer may show of it.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The value, masked unless it is delivered in the answer.
    pub shown: String,
    /// Where it went.
    pub delivered: Delivered,
}

impl Secrets {
    /// Checks that a value could be stored, before there is one.
    pub fn ready(&self) -> io::Result<()> {
        match self.delivery {
            Delivery::File => private_folder(&self.folder),
            Delivery::Reply => Ok(()),
        }
    }

    /// Stores the value of a token made at `created`.
    pub fn store(&self, value: &str, label: &str, created: &str) -> io::Result<Stored> {
        match self.delivery {
            Delivery::Reply => {
                let delivered = Delivered {
                    delivery: "reply",
                    path: None,
                    sha256: None,
                };
                Ok(Stored {
                    shown: value.to_owned(),
                    delivered,
                })
            }
            Delivery::File => {
                private_folder(&self.folder)?;
                let path = self.write(value, &file_name(label, created))?;
                let digest: String = Sha256::digest(value)
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect();
                let path = Some(path.display().to_string());
                let delivered = Delivered {
                    delivery: "file",
                    path,
                    sha256: Some(digest),
                };
                Ok(Stored {
                    shown: masked(value),
                    delivered,
                })
            }
        }
    }
}

impl Secrets {
    /// Writes a file of that name, or of the next free one: nothing is ever overwritten.
    fn write(&self, value: &str, name: &str) -> io::Result<PathBuf> {
        let mut tries = 1;
        loop {
            let number = if tries == 1 {
                String::new()
            } else {
                format!("-{tries}")
            };
            let path = self.folder.join(format!("{name}{number}.token"));
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

/// The value as Make masks it: the first group stays readable.
fn masked(value: &str) -> String {
    let first = value
        .split('-')
        .next()
        .filter(|first| first.len() == 8 && first.is_ascii());
    format!(
        "{}-****-****-****-************",
        first.unwrap_or("********")
    )
}

/// A name that says whose token it is and cannot leave the folder.
fn file_name(label: &str, created: &str) -> String {
    let plain = |text: &str| -> String {
        text.chars()
            .take(40)
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect()
    };
    format!("{}_{}", plain(created), plain(label))
}

/// Makes the folder for its owner alone. A link in its place is not followed.
fn private_folder(folder: &Path) -> io::Result<()> {
    if !folder.is_absolute() {
        return Err(io::Error::other(
            "there is no home folder, so name one with --state-dir",
        ));
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let found = fs::symlink_metadata(folder)?;
    if !found.is_dir() {
        return Err(io::Error::other(format!(
            "{} is a link, not a folder",
            folder.display()
        )));
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o077 != 0 {
        return Err(io::Error::other(format!(
            "{} can be read by others; make it private (chmod 700)",
            folder.display()
        )));
    }
    Ok(())
}

/// Writes a new file of mode 0600 and waits until it is on disk. An existing file or link is refused.
fn write_new(path: &Path, value: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file
        .write_all(value.as_bytes())
        .and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a token helps nobody.
        let _ = fs::remove_file(path);
    }
    written
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
        assert_eq!(
            masked("eyJhbGci.secret"),
            "********-****-****-****-************"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_file_is_private_new_and_no_link() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let home = tempfile::tempdir().expect("a folder");
        let secrets = Secrets {
            delivery: Delivery::File,
            folder: home.path().join("tokens"),
        };
        let stored = secrets.store(TOKEN, "ci", "2026").expect("stored");
        assert_eq!(stored.shown, "7615989d-****-****-****-************");
        let path = home.path().join("tokens/2026_ci.token");
        assert_eq!(fs::read_to_string(&path).expect("the file"), TOKEN);
        assert_eq!(
            fs::metadata(&path).expect("the file").permissions().mode() & 0o777,
            0o600
        );

        secrets
            .store("another", "ci", "2026")
            .expect("stored under another name");
        assert_eq!(
            fs::read_to_string(&path).expect("the first"),
            TOKEN,
            "never over an existing file"
        );
        let second = home.path().join("tokens/2026_ci-2.token");
        assert_eq!(fs::read_to_string(second).expect("the second"), "another");

        let linked = Secrets {
            folder: home.path().join("link"),
            ..secrets
        };
        symlink(home.path().join("tokens"), &linked.folder).expect("a link");
        assert!(
            linked.store(TOKEN, "ci", "2027").is_err(),
            "a link is not followed"
        );

        fs::set_permissions(
            home.path().join("tokens"),
            fs::Permissions::from_mode(0o755),
        )
        .expect("chmod");
        let open = Secrets {
            delivery: Delivery::File,
            folder: home.path().join("tokens"),
        };
        assert!(
            open.ready().is_err(),
            "a folder that others read is refused"
        );
    }
}
