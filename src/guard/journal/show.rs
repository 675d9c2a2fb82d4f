//! The journal for people.

use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufRead, BufReader},
};

use super::{line::JournalOutcome, line::LINES, line::Line};
use crate::{store::StateFolder, text::visible};

/// The last lines of the journal, as text.
#[derive(Debug, Default)]
pub struct ShownLines {
    /// One text a line, oldest first.
    pub lines: Vec<String>,
    /// Writes that were sent and whose end no line tells, oldest first.
    pub open: Vec<String>,
    /// Lines that could not be read.
    pub unreadable: u64,
}

/// Reads the journal and shows its last `most` lines, and every write whose outcome is unknown.
pub fn show(folder: &StateFolder, most: usize) -> io::Result<ShownLines> {
    let mut shown = ShownLines::default();
    let file = match File::open(folder.path().join(LINES)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(shown),
        Err(error) => return Err(error),
    };
    let mut last = VecDeque::new();
    let mut open: Vec<Line> = Vec::new();
    for text in BufReader::new(file).split(b'\n') {
        let Ok(line) = serde_json::from_slice::<Line>(&text?) else {
            shown.unreadable += 1;
            continue;
        };
        if line.outcome == JournalOutcome::Sent {
            open.push(line.clone());
        } else if line.outcome.ends() {
            let same = |sent: &Line| {
                (sent.pid, &sent.tool, &sent.arguments, &sent.plan)
                    == (line.pid, &line.tool, &line.arguments, &line.plan)
            };
            // The latest one: a number of an ended process may be given again.
            if let Some(place) = open.iter().rposition(same) {
                open.remove(place);
            }
        }
        if last.len() == most {
            last.pop_front();
        }
        last.push_back(line);
    }
    shown.lines = last.iter().map(one).collect();
    shown.open = open.iter().map(in_doubt).collect();
    Ok(shown)
}

fn one(line: &Line) -> String {
    let account = line.account.as_ref().map_or_else(
        || "account unknown".to_owned(),
        |account| format!("user {} at {}", account.user_id, visible(&account.zone)),
    );
    let status = line.status.map(|status| format!(" ({status})")).unwrap_or_default();
    let plan =
        line.plan.as_ref().map(|plan| format!(" plan {}", visible(plan))).unwrap_or_default();
    format!(
        "{:>5}  {}  {}{status}  {} {}  [{account}{plan}, process {}]",
        line.seq,
        visible(&line.time),
        said(line.outcome),
        visible(&line.tool),
        visible(&line.arguments.to_string()),
        line.pid
    )
}

fn said(outcome: JournalOutcome) -> &'static str {
    match outcome {
        JournalOutcome::Refused => "refused",
        JournalOutcome::Planned => "planned",
        JournalOutcome::Confirmed => "confirmed",
        JournalOutcome::Sent => "sent",
        JournalOutcome::Applied => "applied",
        JournalOutcome::Failed => "failed, nothing changed",
        JournalOutcome::Unknown => "UNKNOWN: may or may not have been carried out",
    }
}

fn in_doubt(line: &Line) -> String {
    format!(
        "line {}: {} {} was sent at {} by process {}, and no line tells how it ended: it may or \
         may not have been carried out, wholly or in part, or that process is still at it. Read \
         the present state before doing it again.",
        line.seq,
        visible(&line.tool),
        visible(&line.arguments.to_string()),
        visible(&line.time),
        line.pid
    )
}
