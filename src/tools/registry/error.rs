//! A failed tool call, as a model reads it.

use std::fmt;

use serde::Serialize;

use crate::{
    guard::{FailedChange, GuardError, JournalError, Refused},
    make::SubError,
};

/// The next step of those who have no credential.
pub const HOW_TO_SIGN_IN: &str = "run `make-admin-mcp login` in a terminal with an API token \
    (Make: Profile, API access), or set MAKE_API_KEY, --api-key-file or --api-key-command, or try \
    --sandbox";

/// What kind of failure it is; each asks for another next step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "docs/errors.md explains each")]
pub enum ErrorKind {
    InvalidArguments,
    Unauthorized,
    MissingScope,
    PlanRequired,
    Forbidden,
    NotFound,
    ConfirmationRequiredByMake,
    Conflict,
    RateLimited,
    Server,
    UnexpectedResponse,
    Timeout,
    Network,
    RefusedByPolicy,
    Cancelled,
}

/// Why a tool call failed and what to do next. Absent values are left out.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ToolError {
    /// The kind.
    pub kind: ErrorKind,
    /// What happened, in one line.
    pub message: String,
    /// Make's HTTP status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Make's error code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The next step, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// When asking again makes sense.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_seconds: Option<u64>,
    /// What Make found wrong, one by one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suberrors: Vec<SubError>,
    /// Whether a write may have been carried out all the same.
    #[serde(skip)]
    pub in_doubt: bool,
    /// Whether Make itself refused, with its reason.
    #[serde(skip)]
    pub refused_by_make: bool,
}

impl ToolError {
    /// An error with nothing but kind and message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            code: None,
            hint: None,
            retry_after_seconds: None,
            suberrors: Vec::new(),
            in_doubt: false,
            refused_by_make: false,
        }
    }

    /// Arguments that were refused here: nothing was sent.
    pub fn arguments(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidArguments, message)
            .with_hint("correct the arguments and call again; nothing was sent")
    }

    /// The error without the parts of its hint that name a command or a tool that cannot help here.
    pub fn without_hints_of(mut self, useless: impl Fn(&str) -> bool) -> Self {
        self.hint = self.hint.and_then(|hint| {
            let steps: Vec<_> = hint.split("; ").filter(|step| !useless(step)).collect();
            (!steps.is_empty()).then(|| steps.join("; "))
        });
        self
    }

    /// Adds the next step.
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for ToolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.hint {
            Some(hint) => write!(f, "\nNext: {hint}."),
            None => Ok(()),
        }
    }
}

impl From<Refused> for ToolError {
    fn from(refused: Refused) -> Self {
        Self::new(ErrorKind::RefusedByPolicy, refused.message).with_hint(refused.hint)
    }
}

impl From<GuardError> for ToolError {
    fn from(error: GuardError) -> Self {
        match error {
            GuardError::Refused(refused) => refused.into(),
            GuardError::Dismissed(why) => {
                Self::new(ErrorKind::Cancelled, format!("{why}; nothing was changed"))
                    .with_hint("do not ask again unless the user wants it")
            }
            GuardError::NotRecorded(error) => {
                Self::new(ErrorKind::RefusedByPolicy, error.to_string())
                    .with_hint(not_recorded(&error))
            }
        }
    }
}

/// The next step of a change that cannot be recorded, and so is not begun.
fn not_recorded(error: &JournalError) -> &'static str {
    match error {
        JournalError::Quota(_) => {
            "nothing was sent; wait, or let the person who starts the server change its policy"
        }
        JournalError::Changed(_) => {
            "nothing was sent; a person looks at it with `make-admin-mcp journal verify`, and \
             moves journal.jsonl and journal.head away to begin a new one"
        }
        JournalError::Io(_) => {
            "nothing was sent; a person makes the state folder private and writable and frees disk \
             space, or chooses another with --state-dir"
        }
    }
}

impl From<&ToolError> for FailedChange {
    fn from(error: &ToolError) -> Self {
        let refused = matches!(
            error.kind,
            ErrorKind::RefusedByPolicy | ErrorKind::MissingScope | ErrorKind::Cancelled
        );
        Self { refused, in_doubt: error.in_doubt, status: error.status }
    }
}
