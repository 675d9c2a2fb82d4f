//! How far a resumable file is: its checkpoint, and the files beside it.

use super::{allowed_dirs::Wrong, atomic::written_beside};
use crate::{make::Cursor, store::hex};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

/// How far the source was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReadProgress {
    /// Where the source goes on.
    pub mark: Cursor,
    /// Rows written.
    pub count: u64,
    /// The first row, by what names it.
    pub first: Option<Value>,
    /// The last row so far.
    pub last: Option<Value>,
    /// Rows that lack what could not be fetched.
    pub incomplete: u64,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Checkpoint {
    /// What is written: other arguments make another file.
    pub(super) job: Value,
    pub(super) progress: ReadProgress,
    /// Bytes of the part that are good, …
    pub(super) bytes: u64,
    /// … and their SHA-256, hex.
    pub(super) sha256: String,
    /// Once all is written.
    pub(super) manifest: Option<Value>,
}

/// Whether anything has that name, a link to nothing included.
pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// The file of that ending beside a path.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// Replaces a checkpoint as a whole.
pub(super) fn replace(path: &Path, checkpoint: &Checkpoint) -> io::Result<()> {
    let text = serde_json::to_vec_pretty(checkpoint)?;
    fs::rename(written_beside(path, &text)?, path)
}

pub(super) fn lock(file: &File, part: &Path) -> Result<(), Wrong> {
    file.try_lock().map_err(|_| {
        wrong(
            format!("another export is writing {}", part.display()),
            "wait for it, or choose another path",
        )
    })
}

/// The hash of the first `bytes` of a file.
pub(super) fn hashed(file: &mut File, bytes: u64) -> io::Result<Sha256> {
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 64 << 10];
    let mut left = file.take(bytes);
    let mut read = 0;
    while read < bytes {
        match left.read(&mut buffer)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                hash.update(&buffer[..count]);
                read += count as u64;
            }
        }
    }
    Ok(hash)
}

pub(super) fn digest(hash: &Sha256) -> String {
    hex(&hash.clone().finalize())
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Wrong {
    wrong(
        format!("{} cannot be written: {error}", path.display()),
        "free disk space, or choose another path",
    )
}

pub(super) fn wrong(message: String, hint: &str) -> Wrong {
    Wrong { message, hint: hint.to_owned() }
}
