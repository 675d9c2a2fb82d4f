//! What a running tool can reach.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use super::ToolError;
use crate::{
    credential::Source,
    guard::{ChangeControl, TokenDelivery},
    make::{Make, OrganizationId},
    report::AllowedDirs,
};

/// How long a tool call waits for Make's rate limit: hosts give up after 30 to 60 s.
pub const RETRY_BUDGET: Duration = Duration::from_secs(25);

/// What a running tool can reach. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Context {
    /// The client, with the present credential and the retry budget of this call.
    pub make: Make,
    /// What does not change while the server runs.
    pub account: Arc<AccountEnv>,
    /// The day on which the call runs, UTC.
    pub today: Date,
    /// Reports how far a long call is.
    pub progress: Progress,
    /// The most bytes of JSON in the answer.
    pub room: usize,
}

/// How far a long call is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressStep {
    /// What is done, in units of the tool.
    pub done: u64,
    /// All that is to be done, if known.
    pub total: Option<u64>,
    /// For people.
    pub message: String,
}

/// Reports how far a long call is; does nothing by default.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<dyn Fn(ProgressStep) + Send + Sync>>);

impl Progress {
    /// Tells `listener`.
    pub fn to(listener: impl Fn(ProgressStep) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(listener)))
    }

    pub(crate) fn tell(&self, done: u64, total: Option<u64>, message: String) {
        if let Some(listener) = &self.0 {
            listener(ProgressStep { done, total, message });
        }
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Progress").finish_non_exhaustive()
    }
}

impl Context {
    /// Changes the client.
    pub fn with_make(self, change: impl FnOnce(&Make) -> Make) -> Self {
        Self { make: change(&self.make), ..self }
    }
}

/// The server as a tool may know it.
#[derive(Debug)]
pub struct AccountEnv {
    /// The profile that the account has; None if it has none.
    pub profile: Option<String>,
    /// The host of the account.
    pub zone: String,
    /// Whether only reading tools are there.
    pub read_only: bool,
    /// Whether Make is the built-in account.
    pub sandbox: bool,
    /// What controls its changes.
    pub control: Arc<ChangeControl>,
    /// The only organizations that may be worked with; None if all may.
    pub organizations: Option<Vec<u64>>,
    /// Where the credential comes from.
    pub source: Source,
    /// Where new tokens go.
    pub secrets: TokenDelivery,
    /// Where exports and reports may be written.
    pub folders: AllowedDirs,
    /// Whether new tokens may have scopes that the credential lacks.
    pub scope_escalation: bool,
    /// Names of the toolsets that are on.
    pub toolsets: Vec<&'static str>,
    /// Tools that are switched off.
    pub hidden: Vec<Hidden>,
    /// Tools whose scope the credential lacks; decided once, at the first list of tools.
    pub unscoped: OnceLock<Vec<Hidden>>,
}

impl AccountEnv {
    /// Whether an organization may be worked with; one that cannot be told only if all may.
    pub(crate) fn may_work_with(&self, id: Option<OrganizationId>) -> bool {
        match &self.organizations {
            None => true,
            Some(allowed) => id.is_some_and(|id| allowed.contains(&id.0)),
        }
    }

    /// The error without next steps that need a tool that is not offered.
    pub(crate) fn possible(&self, error: ToolError) -> ToolError {
        error.without_hints_of(|step| self.not_offered().any(|hidden| names(step, hidden.name)))
    }

    /// Every tool that is not offered, and why.
    pub fn not_offered(&self) -> impl Iterator<Item = &Hidden> {
        self.hidden.iter().chain(self.unscoped.get().into_iter().flatten())
    }
}

/// Whether a text has the name of a tool, and not only the beginning of a longer one.
fn names(text: &str, tool: &str) -> bool {
    text.match_indices(tool).any(|(place, _)| {
        let next = text[place + tool.len()..].chars().next();
        next.is_none_or(|c| !(c == '-' || c.is_ascii_alphanumeric()))
    })
}

/// A tool that is switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Hidden {
    /// The tool.
    pub name: &'static str,
    /// Why, and how to switch it on.
    pub reason: String,
}
