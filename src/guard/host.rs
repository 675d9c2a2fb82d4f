//! The host of a call: how it can ask its user, and what the user replies.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

/// What the person is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The plan.
    pub text: String,
    /// What must be typed; None for a plain yes or no.
    pub typed: Option<String>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormReply {
    /// The form was sent off.
    Accepted {
        /// The field of a yes-or-no question.
        confirm: Option<bool>,
        /// The typed name.
        name: Option<String>,
    },
    /// No.
    Declined,
    /// The form was closed.
    Cancelled,
    /// Nothing came in time.
    Late,
    /// The host could not ask.
    Failed,
}

/// Asks the user at the host and waits for the reply.
pub type Ask =
    Arc<dyn Fn(Question) -> Pin<Box<dyn Future<Output = FormReply> + Send>> + Send + Sync>;

/// How the host of a call can ask its user.
#[derive(Clone)]
pub enum Host {
    /// By a form, while the call waits.
    Asks(Ask),
    /// By a form after this answer; it then calls again, with the plan's id and the reply.
    CallsAgain(Option<(String, FormReply)>),
    /// Not at all.
    CannotAsk,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Asks(_) => "Asks",
            Self::CallsAgain(_) => "CallsAgain",
            Self::CannotAsk => "CannotAsk",
        })
    }
}
