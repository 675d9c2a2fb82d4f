//! Records one attempted change in the journal.

use std::sync::{Arc, Mutex, MutexGuard};

use serde_json::{Map, Value};

use super::{AccountId, ChangeControl, JournalEntry, JournalError, JournalOutcome};
use crate::{make::without_tokens, sync::lock, text::visible};

/// How a change failed, as far as the journal tells it.
#[derive(Clone, Copy, Debug)]
pub struct FailedChange {
    /// Whether a rule or the user refused it.
    pub refused: bool,
    /// Whether a write may have been carried out all the same.
    pub in_doubt: bool,
    /// Make's HTTP status.
    pub status: Option<u16>,
}

impl FailedChange {
    /// The outcome of a change of which no write was sent.
    fn unsent(self) -> JournalOutcome {
        if self.refused { JournalOutcome::Refused } else { JournalOutcome::Failed }
    }
}

/// Records one attempted change.
pub struct Recorder {
    control: Arc<ChangeControl>,
    state: Mutex<RecordState>,
}

struct RecordState {
    entry: JournalEntry,
    sent: bool,
    ended: bool,
    /// The status of the last answer to a write.
    status: Option<u16>,
}

impl Recorder {
    /// A recorder for a call of `tool`. Nothing is recorded yet.
    pub fn new(
        control: Arc<ChangeControl>,
        tool: &'static str,
        arguments: &Map<String, Value>,
    ) -> Self {
        let entry = JournalEntry::new(tool, arguments);
        let state = RecordState { entry, sent: false, ended: false, status: None };
        Self { control, state: Mutex::new(state) }
    }

    fn state(&self) -> MutexGuard<'_, RecordState> {
        lock(&self.state)
    }

    /// Sets the account that the change is about.
    pub(super) fn set_account(&self, account: AccountId) {
        self.state().entry.account = Some(account);
    }

    /// Whether the account is still unknown.
    pub(super) fn lacks_account(&self) -> bool {
        self.state().entry.account.is_none()
    }

    /// Sets the plan that the change follows.
    pub(super) fn set_plan(&self, id: &str) {
        let id = without_tokens(&visible(id));
        self.state().entry.plan = Some(id.chars().take(40).collect());
    }

    /// The plan that the change follows.
    pub(super) fn plan(&self) -> Option<String> {
        self.state().entry.plan.clone()
    }

    /// Records a step before anything is sent. A step that cannot be recorded is not taken.
    pub(super) fn step(&self, outcome: JournalOutcome) -> Result<(), JournalError> {
        self.control.journal.append(&self.state().entry, outcome, None, None)
    }

    /// Records that a write is about to be sent, once for all writes of the change.
    pub(super) fn sending(&self) -> Result<(), JournalError> {
        let mut state = self.state();
        if !state.sent {
            let quota = self.control.policy.quota();
            let sent = JournalOutcome::Sent;
            self.control.journal.append(&state.entry, sent, None, quota)?;
            state.sent = true;
        }
        Ok(())
    }

    /// Remembers the status with which Make answered a write.
    pub(super) fn answered(&self, status: u16) {
        self.state().status = Some(status);
    }

    /// Records why the change was not begun.
    pub fn refused(&self, failed: FailedChange) {
        self.end(failed.unsent(), failed.status);
    }

    /// Records how the change ended.
    pub(super) fn ended(&self, result: Result<(), FailedChange>) {
        let (sent, status) = {
            let state = self.state();
            (state.sent, state.status)
        };
        match result {
            Ok(()) => self.end(JournalOutcome::Applied, status),
            Err(failed) if !sent => self.end(failed.unsent(), failed.status),
            Err(failed) => {
                let outcome =
                    if failed.in_doubt { JournalOutcome::Unknown } else { JournalOutcome::Failed };
                self.end(outcome, failed.status.or(status));
            }
        }
    }

    fn end(&self, outcome: JournalOutcome, status: Option<u16>) {
        let mut state = self.state();
        state.ended = true;
        // Too late to keep anything back: the journal shows a sent write without an end.
        if let Err(error) = self.control.journal.append(&state.entry, outcome, status, None) {
            tracing::error!(tool = state.entry.tool, ?outcome, "not noted: {error}");
        }
    }
}

/// Records an unknown outcome when it is dropped between the first write and the end of a change.
pub(super) struct RecordOnDrop<'a>(pub(super) &'a Recorder);

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
