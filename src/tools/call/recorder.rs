//! One attempted change, as the journal tells it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use crate::{
    guard::{AccountId, JournalEntry, JournalError, JournalOutcome},
    make::without_tokens,
    text::visible,
    tools::registry::{AccountEnv, ErrorKind, ToolError},
};

/// One attempted change.
pub(crate) struct Recorder {
    account: Arc<AccountEnv>,
    state: Mutex<State>,
}

struct State {
    entry: JournalEntry,
    sent: bool,
    ended: bool,
    /// Of the last answer to a write.
    status: Option<u16>,
}

impl Recorder {
    pub(crate) fn new(
        account: Arc<AccountEnv>,
        tool: &'static str,
        arguments: &Map<String, Value>,
    ) -> Self {
        let state = State {
            entry: JournalEntry::new(tool, arguments),
            sent: false,
            ended: false,
            status: None,
        };
        Self { account, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whose account it is about.
    pub(crate) fn is_by(&self, account: AccountId) {
        self.state().entry.account = Some(account);
    }

    /// Whether nobody knows yet whose account it is about.
    pub(crate) fn is_anonymous(&self) -> bool {
        self.state().entry.account.is_none()
    }

    /// Which plan it follows.
    pub(crate) fn plan_is(&self, id: &str) {
        let id = without_tokens(&visible(id));
        self.state().entry.plan = Some(id.chars().take(40).collect());
    }

    /// Notes a step before anything is sent; without the note there is no step.
    pub(crate) fn note(&self, outcome: JournalOutcome) -> Result<(), ToolError> {
        let state = self.state();
        let journal = &self.account.journal;
        journal.append(&state.entry, outcome, None, None).map_err(|error| not_noted(&error))
    }

    /// Notes that a write is about to be sent, once for all writes of the change.
    pub(crate) fn sending(&self) -> Result<(), String> {
        let mut state = self.state();
        if state.sent {
            return Ok(());
        }
        let quota = self.account.policy.quota();
        let journal = &self.account.journal;
        journal
            .append(&state.entry, JournalOutcome::Sent, None, quota)
            .map_err(|error| not_noted(&error).message)?;
        state.sent = true;
        Ok(())
    }

    /// Remembers how Make answered.
    pub(crate) fn answered(&self, status: u16) {
        self.state().status = Some(status);
    }

    /// Notes why it did not come to a write.
    pub(crate) fn refused(&self, error: &ToolError) {
        self.end(outcome_unsent(error), error.status);
    }

    /// Notes how it ended.
    pub(crate) fn ended(&self, result: &Result<Value, ToolError>) {
        let (sent, status) = {
            let state = self.state();
            (state.sent, state.status)
        };
        match result {
            Ok(_) => self.end(JournalOutcome::Applied, status),
            Err(error) if !sent => self.end(outcome_unsent(error), error.status),
            Err(error) if error.in_doubt => {
                self.end(JournalOutcome::Unknown, error.status.or(status))
            }
            Err(error) => self.end(JournalOutcome::Failed, error.status.or(status)),
        }
    }

    fn end(&self, outcome: JournalOutcome, status: Option<u16>) {
        let mut state = self.state();
        state.ended = true;
        // Too late to keep anything back: the journal shows a sent write without an end.
        if let Err(error) = self.account.journal.append(&state.entry, outcome, status, None) {
            tracing::error!(tool = state.entry.tool, ?outcome, "not noted: {error}");
        }
    }
}

/// If it is dropped between the sending and the end of a change, the journal says that nobody knows how it ended.
pub(crate) struct RecordOnDrop<'a>(pub(crate) &'a Recorder);

impl Drop for RecordOnDrop<'_> {
    fn drop(&mut self) {
        let (sent, ended) = {
            let state = self.0.state();
            (state.sent, state.ended)
        };
        if sent && !ended {
            self.0.end(JournalOutcome::Unknown, None);
        }
    }
}

fn outcome_unsent(error: &ToolError) -> JournalOutcome {
    match error.kind {
        ErrorKind::RefusedByPolicy | ErrorKind::MissingScope | ErrorKind::Cancelled => {
            JournalOutcome::Refused
        }
        _ => JournalOutcome::Failed,
    }
}

/// Why a step is not noted, and so not taken.
fn not_noted(error: &JournalError) -> ToolError {
    let hint = match error {
        JournalError::Quota(_) => {
            "nothing was sent; wait, or let the person who starts the server change its policy"
        }
        JournalError::Changed(_) => {
            "nothing was sent; a person looks at it with `make-admin-mcp journal verify`, and \
             moves journal.jsonl and journal.head away to begin a new one"
        }
        JournalError::Io(_) => {
            "nothing was sent; a person makes the state folder private and writable and makes \
             room, or chooses another with --state-dir"
        }
    };
    ToolError::new(ErrorKind::RefusedByPolicy, error.to_string()).with_hint(hint)
}
