//! Whether the journal is as it was written.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read},
};

use super::{
    HEAD, LINES, LOCK,
    chain::{Head, LONGEST, parsed, zeros},
};
use crate::store::StateFolder;

/// More would only repeat the first.
const MOST_PROBLEMS: usize = 10;

/// What an examination found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Whole lines.
    pub lines: u64,
    /// Signs that someone changed the journal.
    pub problems: Vec<String>,
    /// What a crash leaves behind; the next line repairs it.
    pub notes: Vec<String>,
}

/// Reads the whole journal and checks every line, the chain and the head.
pub fn verify(folder: &StateFolder) -> io::Result<Verification> {
    let folder = folder.path();
    // A writer must not be caught between the line and the head. Without a lock there was no writer.
    let lock = File::open(folder.join(LOCK)).ok();
    if let Some(lock) = &lock {
        lock.lock_shared()?;
    }
    let mut report = Verification::default();
    let head = match Head::read(folder) {
        Ok(head) => head,
        Err(error) if error.kind() == io::ErrorKind::Other => {
            report.problems.push(format!("{HEAD} cannot be read: {error}"));
            None
        }
        Err(error) => return Err(error),
    };
    let mut last = (0, zeros(), String::new());
    match File::open(folder.join(LINES)) {
        Ok(file) => last = lines(BufReader::new(file), &mut report)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let (seq, hash, prev) = last;
    match head {
        Some(head) if head.seq == seq && head.hash == hash => {}
        Some(head) if head.seq + 1 == seq && head.hash == prev => {
            report.notes.push(format!("{HEAD} is one line behind, as after a crash"));
        }
        Some(head) => report.problems.push(format!(
            "{HEAD} names line {}, the last line is {seq}: lines were cut off or added",
            head.seq
        )),
        None if seq == 0 => {}
        None if seq == 1 => {
            report.notes.push(format!("{HEAD} is missing after the first line, as after a crash"))
        }
        None => report
            .problems
            .push(format!("{HEAD} is missing: whether lines were cut off cannot be told")),
    }
    Ok(report)
}

/// Checks line after line; answers with number, hash and `prev` of the last one.
fn lines(mut file: impl BufRead, report: &mut Verification) -> io::Result<(u64, String, String)> {
    let mut last = (0, zeros(), String::new());
    loop {
        let mut text = Vec::new();
        file.by_ref().take(LONGEST).read_until(b'\n', &mut text)?;
        if text.is_empty() {
            return Ok(last);
        }
        if text.pop() != Some(b'\n') {
            report.notes.push(
                "the last line is not whole, as after a crash; what it announced was not sent"
                    .to_owned(),
            );
            return Ok(last);
        }
        report.lines += 1;
        let number = report.lines;
        let mut problem = |what: String| {
            if report.problems.len() < MOST_PROBLEMS {
                report.problems.push(format!("line {number} {what}"));
            }
        };
        let Ok(line) = parsed(&text).inspect_err(|bad| problem(bad.to_string())) else {
            // The chain is broken here anyway; go on from what the line claims.
            if let Ok(claimed) = serde_json::from_slice::<super::line::Line>(&text) {
                last = (claimed.seq, claimed.hash, claimed.prev);
            }
            continue;
        };
        if line.seq != last.0 + 1 || line.prev != last.1 {
            problem(format!(
                "does not follow the one before it: lines were deleted, moved or added (it calls \
                 itself {})",
                line.seq
            ));
        }
        last = (line.seq, line.hash, line.prev);
    }
}
