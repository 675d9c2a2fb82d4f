//! A line of the journal, and where the lines stand.

use std::{fs, io, path::Path};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::redact;
use crate::make::UserId;

pub(super) const LINES: &str = "journal.jsonl";
pub(super) const HEAD: &str = "journal.head";
/// What became of an attempted write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JournalOutcome {
    /// A rule or the person said no: nothing was sent.
    Refused,
    /// A plan was made and shown.
    Planned,
    /// The person said yes.
    Confirmed,
    /// It is about to be sent.
    Sent,
    /// Make carried it out.
    Applied,
    /// Make refused it, or it never reached Make: nothing changed.
    Failed,
    /// It may or may not have been carried out.
    Unknown,
}

impl JournalOutcome {
    /// Whether it says how a sent write ended.
    pub(super) fn ends(self) -> bool {
        matches!(self, Self::Applied | Self::Failed | Self::Unknown)
    }
}

/// Who wrote, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountId {
    /// The caller.
    pub user_id: UserId,
    /// The host of the account.
    pub zone: String,
}

/// A line as it stands in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// 1, 2, 3, …
    pub seq: u64,
    /// RFC 3339, UTC, milliseconds.
    pub time: String,
    /// The process.
    pub pid: u32,
    /// The caller; null while unknown.
    pub account: Option<AccountId>,
    /// The tool.
    pub tool: String,
    /// Its arguments, without secrets.
    pub arguments: Value,
    /// The plan, where there is one.
    pub plan: Option<String>,
    /// What happened.
    pub outcome: JournalOutcome,
    /// Make's HTTP status, where it answered.
    pub status: Option<u16>,
    /// `hash` of the line before; 64 zeros at the start.
    pub prev: String,
    /// SHA-256, hexadecimal, of this line as JSON with sorted keys, without blanks and without `hash`.
    pub hash: String,
}

/// What a line says, before it has its place in the chain.
#[derive(Clone, Debug)]
pub struct JournalEntry {
    /// The caller, if known.
    pub account: Option<AccountId>,
    /// The tool.
    pub tool: &'static str,
    /// Its arguments; see [`JournalEntry::new`].
    pub(super) arguments: Value,
    /// The plan, where there is one.
    pub plan: Option<String>,
}

impl JournalEntry {
    /// An entry about a call. Secrets are taken out of the arguments here.
    pub fn new(tool: &'static str, arguments: &Map<String, Value>) -> Self {
        Self { account: None, tool, arguments: redact::arguments(arguments), plan: None }
    }
}

/// At most so many writes since that moment.
#[derive(Clone, Copy, Debug)]
pub struct Quota {
    /// The most lines of outcome `sent`.
    pub most: u64,
    /// The start of the window.
    pub since: Timestamp,
}

/// Refuses a path that is a link or not a plain file.
pub(super) fn no_link(path: &Path) -> io::Result<&Path> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(io::Error::other(format!("{} is not a plain file", path.display())))
        }
        _ => Ok(path),
    }
}
