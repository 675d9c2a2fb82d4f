//! `journal`: shows what was attempted, and checks that the journal was not changed.

use clap::Subcommand;

use super::{print, say};
use crate::{
    config::Settings,
    guard::{show, verify},
    store::StateFolder,
};

/// What to do with the journal.
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Show the last lines, and every write whose outcome is unknown
    Show {
        /// How many lines
        #[arg(long, default_value_t = 50)]
        last: usize,
    },
    /// Check that no line was edited, deleted, moved or cut off (exit 0 if so, else 1)
    Verify,
}

pub(super) fn run(settings: &Settings, what: &JournalCommand) -> u8 {
    let folder = StateFolder::new(settings.state_dir.clone());
    let done = match what {
        JournalCommand::Show { last } => shown(&folder, *last),
        JournalCommand::Verify => verified(&folder),
    };
    done.unwrap_or_else(|error| {
        say(&format!("error: the journal in {:?} cannot be read: {error}", folder.path()));
        1
    })
}

fn shown(folder: &StateFolder, last: usize) -> std::io::Result<u8> {
    let shown = show(folder, last)?;
    for line in &shown.lines {
        print(line);
    }
    if !shown.open.is_empty() {
        print("\nThe outcome of these is unknown:");
    }
    for line in &shown.open {
        print(line);
    }
    if shown.lines.is_empty() {
        say(&format!("There is no journal yet in {:?}.", folder.path()));
    }
    if shown.unreadable > 0 {
        say(&format!(
            "{} lines cannot be read; see `make-admin-mcp journal verify`.",
            shown.unreadable
        ));
    }
    Ok(0)
}

fn verified(folder: &StateFolder) -> std::io::Result<u8> {
    let report = verify(folder)?;
    for note in &report.notes {
        print(&format!("note  {note}; the next line repairs it"));
    }
    for problem in &report.problems {
        print(&format!("FAIL  {problem}"));
    }
    if report.problems.is_empty() {
        print(&format!("ok    {} lines, in order and unchanged", report.lines));
        return Ok(0);
    }
    print(
        "Someone changed the journal. Keep a copy; to begin a new one, move journal.jsonl and \
         journal.head away.",
    );
    Ok(1)
}
