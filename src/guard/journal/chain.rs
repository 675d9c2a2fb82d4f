//! How lines hang together: their form, their hashes, the end of the file, the head.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{
    error::JournalError,
    line::{HEAD, JournalEntry, JournalOutcome, Line, Quota, no_link},
};
use crate::{
    store::{hex, private_file},
    text::sorted,
};

/// No line is longer; arguments are cut to fit.
pub(super) const LONGEST: u64 = 64 << 10;

/// The `prev` of the first line.
pub(super) fn zeros() -> String {
    "0".repeat(64)
}

/// The line as it stands in the file.
pub(super) fn rendered(line: &Line) -> String {
    format!("{}\n", serde_json::to_string(line).unwrap_or_default())
}

/// SHA-256 of the line as JSON with sorted keys, without blanks and without `hash`.
pub(super) fn hash(line: &Line) -> String {
    let mut value = serde_json::to_value(line).unwrap_or_default();
    if let Value::Object(fields) = &mut value {
        fields.shift_remove("hash");
    }
    hex(&Sha256::digest(sorted(value).to_string()))
}

/// Why bytes are no line of a journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadLine {
    /// Not JSON of a line at all, as after a fault of the disk.
    #[error("is damaged: it is no line of a journal")]
    Damaged,
    /// A line whose hash is another one.
    #[error("was edited: its hash does not fit")]
    Edited,
}

/// A line of the file, if it is one and was written by us.
pub(super) fn parsed(bytes: &[u8]) -> Result<Line, BadLine> {
    let text = std::str::from_utf8(bytes).map_err(|_| BadLine::Damaged)?;
    let line: Line = serde_json::from_str(text).map_err(|_| BadLine::Damaged)?;
    // The bytes count: the same names twice, or other blanks, would read differently elsewhere.
    let is_ours = rendered(&line).trim_end() == text && hash(&line) == line.hash;
    if is_ours { Ok(line) } else { Err(BadLine::Edited) }
}

/// The end of the file.
#[derive(Debug)]
pub(super) struct Tail {
    /// Number of the last line; 0 if there is none.
    pub(super) seq: u64,
    hash: String,
    prev: String,
    /// Where the last whole line ends.
    pub(super) end: u64,
    /// Whether half a line follows.
    pub(super) torn: bool,
}

impl Tail {
    pub(super) fn of(file: &mut File) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let start = length.saturating_sub(2 * LONGEST);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(2 * LONGEST).read_to_end(&mut bytes)?;
        let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
        let end = start + whole as u64;
        let torn = end < length;
        if whole == 0 && start == 0 {
            return Ok(Self { seq: 0, hash: zeros(), prev: String::new(), end, torn });
        }
        let lines = &bytes[..whole.saturating_sub(1)];
        let last = lines.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let line = parsed(last).map_err(|bad| {
            io::Error::other(format!(
                "its last line {bad}; see `make-admin-mcp journal verify`, and move the journal \
                 away to begin a new one"
            ))
        })?;
        Ok(Self { seq: line.seq, hash: line.hash, prev: line.prev, end, torn })
    }

    /// Whether the head names this end, or the one before it, as after a crash.
    pub(super) fn fits(&self, head: Option<&Head>) -> Result<(), JournalError> {
        let fits = match head {
            None => self.seq <= 1,
            Some(head) => {
                (head.seq == self.seq && head.hash == self.hash)
                    || (head.seq + 1 == self.seq && head.hash == self.prev)
            }
        };
        if fits {
            return Ok(());
        }
        let named =
            head.map_or_else(|| "is missing".to_owned(), |head| format!("names line {}", head.seq));
        Err(JournalError::Changed(format!("its last line is {} and {HEAD} {named}", self.seq)))
    }

    /// The line that comes next.
    pub(super) fn next(
        &self,
        entry: &JournalEntry,
        outcome: JournalOutcome,
        status: Option<u16>,
    ) -> Line {
        let mut line = Line {
            seq: self.seq + 1,
            time: format!("{:.3}", Timestamp::now()),
            pid: std::process::id(),
            account: entry.account.clone(),
            tool: entry.tool.to_owned(),
            arguments: entry.arguments.clone(),
            plan: entry.plan.clone(),
            outcome,
            status,
            prev: self.hash.clone(),
            hash: String::new(),
        };
        line.hash = hash(&line);
        line
    }
}

/// What `journal.head` says: which line is the last.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    pub(super) seq: u64,
    pub(super) hash: String,
}

impl Head {
    pub(super) fn of(line: &Line) -> Self {
        Self { seq: line.seq, hash: line.hash.clone() }
    }

    /// None if there is no head yet.
    pub(super) fn read(folder: &Path) -> io::Result<Option<Self>> {
        match fs::read(no_link(&folder.join(HEAD))?) {
            Ok(text) => serde_json::from_slice(&text)
                .map(Some)
                .map_err(|_| io::Error::other(format!("{HEAD} is not a journal head"))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn write(&self, path: &Path) -> io::Result<()> {
        let mut file =
            private_file().write(true).create(true).truncate(true).open(no_link(path)?)?;
        file.write_all(serde_json::to_string(self)?.as_bytes())?;
        file.sync_data()
    }
}

/// How many lines of outcome `sent` the window of a quota holds. Reads from the end, as far as needed.
pub(super) fn sent_since(file: &mut File, quota: Quota) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let mut span = LONGEST;
    loop {
        let start = length.saturating_sub(span);
        file.seek(SeekFrom::Start(start))?;
        let mut bytes = Vec::new();
        file.take(span).read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        // The first line may be cut.
        let lines = text.lines().skip(usize::from(start > 0));
        let lines: Vec<Line> = lines.filter_map(|line| serde_json::from_str(line).ok()).collect();
        let since =
            |line: &&Line| line.time.parse::<Timestamp>().is_ok_and(|time| time >= quota.since);
        let sent =
            lines.iter().filter(since).filter(|line| line.outcome == JournalOutcome::Sent).count()
                as u64;
        let reaches_back = lines.first().is_some_and(|line| !since(&line));
        if start == 0 || reaches_back || sent >= quota.most {
            return Ok(sent);
        }
        span *= 4;
    }
}
