//! The journal: one line for each step of each attempted write, chained by hashes.
//!
//! `journal.jsonl` grows, `journal.head` names its last line, `journal.lock` lets several processes take turns. A line
//! is on disk before the write that it announces is sent. A line that was edited, deleted, moved or cut off without
//! rebuilding the whole chain is found by [`verify()`].

mod chain;
mod error;
mod line;
mod redact;
mod show;
mod verify;

use std::{
    fs::{self, File, TryLockError},
    io::{self, Seek, SeekFrom, Write},
    path::Path,
    time::{Duration, Instant},
};

use crate::{
    store::{StateFolder, about, private_file, sync_names},
    sync::blocking,
};
use chain::{Head, Tail};
use line::{HEAD, LINES, no_link};

pub use error::JournalError;
pub use line::{AccountId, JournalEntry, JournalOutcome, Line, Quota};
pub(super) use redact::without_secrets;
pub use show::{ShownLines, show};
pub use verify::{Verification, verify};

const LOCK: &str = "journal.lock";

/// How long another process may hold the journal; it needs milliseconds.
const LOCK_TIMEOUT: Duration = Duration::from_secs(3);

/// The journal of a state folder. Any number of processes may write to it.
#[derive(Clone, Debug)]
pub struct Journal(StateFolder);

impl Journal {
    /// The journal in a state folder.
    pub fn new(folder: StateFolder) -> Self {
        Self(folder)
    }

    /// Writes one line and waits until it is on disk.
    pub fn append(
        &self,
        entry: &JournalEntry,
        outcome: JournalOutcome,
        status: Option<u16>,
        quota: Option<Quota>,
    ) -> Result<(), JournalError> {
        // Another process may hold the lock, and the disk takes its time.
        blocking(|| self.append_now(entry, outcome, status, quota))
    }

    fn append_now(
        &self,
        entry: &JournalEntry,
        outcome: JournalOutcome,
        status: Option<u16>,
        quota: Option<Quota>,
    ) -> Result<(), JournalError> {
        let folder = self.0.ready()?;
        let _lock = locked(folder)?;
        let mut file = private_file()
            .read(true)
            .append(true)
            .create(true)
            .open(no_link(&folder.join(LINES))?)?;
        let tail = Tail::of(&mut file)?;
        tail.fits(Head::read(folder)?.as_ref())?;
        if let Some(quota) = quota
            && chain::sent_since(&mut file, quota)? >= quota.most
        {
            return Err(JournalError::Quota(quota.most));
        }
        let line = tail.next(entry, outcome, status);
        write(folder, &mut file, &tail, &line).map_err(JournalError::Io)
    }
}

/// Writes the new head beside the old one, then the line, then renames the head: every failure leaves a valid chain.
fn write(folder: &Path, file: &mut File, tail: &Tail, line: &Line) -> io::Result<()> {
    if tail.torn {
        // A line that never became whole: what it announced was not sent.
        file.set_len(tail.end)?;
    }
    let next = folder.join(format!("{HEAD}.next"));
    let result = Head::of(line)
        .write(&next)
        .and_then(|()| file.seek(SeekFrom::End(0)))
        .and_then(|_| file.write_all(chain::rendered(line).as_bytes()))
        .and_then(|()| file.sync_data())
        .and_then(|()| fs::rename(&next, folder.join(HEAD)));
    if let Err(error) = result {
        // Half a line on a full disk.
        let _ = file.set_len(tail.end);
        let _ = fs::remove_file(&next);
        return Err(about(error, &folder.join(LINES).display().to_string()));
    }
    if tail.seq == 0 {
        sync_names(folder)?;
    }
    Ok(())
}

/// The lock that all writers take; it goes with the value.
fn locked(folder: &Path) -> io::Result<File> {
    let path = folder.join(LOCK);
    let file = private_file()
        .read(true)
        .append(true)
        .create(true)
        .open(no_link(&path)?)
        .map_err(|error| about(error, &path.display().to_string()))?;
    let started = Instant::now();
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) if started.elapsed() > LOCK_TIMEOUT => {
                return Err(io::Error::other(
                    "another process holds it; end that process and try again",
                ));
            }
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(1)),
        }
    }
}
