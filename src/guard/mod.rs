//! What stands between a model and a change of access: plans and their confirmation, policy, secrets, journal.
//!
//! A guarded call makes a [`Plan`]. [`PendingPlans`] keeps it until a person has said yes, in one of the ways that
//! [`Host`] leaves; [`Policy`] limits what can be planned at all; [`Journal`] keeps what was attempted. The order of
//! these is in `guard/pipeline.rs`.

mod control;
mod details;
mod host;
mod journal;
mod pending_plans;
mod pipeline;
mod plan;
mod policy;
mod recorder;
mod terminal_approval;
mod token_delivery;

pub use control::ChangeControl;
pub use host::{Ask, FormReply, Host, Question};
pub use journal::{
    AccountId, Journal, JournalEntry, JournalError, JournalOutcome, Line, Quota, ShownLines,
    Verification, show, verify,
};
pub use pending_plans::PendingPlans;
pub use pipeline::{Change, ChangeResult, Decision, GuardError, Guarded, Planning};
pub use plan::{Channel, ConfirmationName, Plan, PlanView, PlannedCall, changes};
pub use policy::{Policy, PolicyError};
pub use recorder::{FailedChange, Recorder};
pub use terminal_approval::{Approval, ApprovalError, approve};
pub use token_delivery::{
    Delivered, DeliveryError, DeliveryMethod, StoredToken, TokenDelivery, TokenFileReplacement,
    masked,
};

use crate::text::visible;

/// The confirmation that a change needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// One object or one person's access.
    G1,
    /// Gives the power to manage people, locks people out, moves ownership or money, or cannot be undone for others.
    G2,
}

impl Guard {
    /// The mark in the table of tools.
    pub fn name(self) -> &'static str {
        match self {
            Self::G1 => "G1",
            Self::G2 => "G2",
        }
    }
}

/// How guarded tools are confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// By the person at the host, or as the host can.
    Auto,
    /// In a terminal, even if the host can ask.
    Operator,
    /// Not at all.
    Off,
}

impl Confirm {
    /// The name in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Operator => "operator",
            Self::Off => "off",
        }
    }
}

/// A call that the guard does not let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is refused and why.
    pub message: String,
    /// The next step.
    pub hint: String,
}

impl Refused {
    /// A refusal with its next step.
    pub fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into() }
    }

    fn no_random_numbers(error: &impl std::fmt::Display) -> Self {
        Self::new(
            format!(
                "the operating system gives no random numbers ({error}), so no plan can be made"
            ),
            "start the server again",
        )
    }
}

/// Refuses scopes that the credential in use does not have: a token must not give more than its maker may.
pub fn scopes_within(asked: &[String], granted: &[String]) -> Result<(), Refused> {
    let beyond: Vec<_> = asked
        .iter()
        .filter(|scope| !granted.contains(scope))
        .map(|scope| format!("`{}`", visible(scope)))
        .collect();
    if beyond.is_empty() {
        return Ok(());
    }
    Err(Refused::new(
        format!(
            "the credential in use does not have {}, so a token with it would give more than the \
             caller may",
            beyond.join(", ")
        ),
        format!(
            "leave it out; a person can allow it with --allow-scope-escalation; granted are: {}",
            granted.join(", ")
        ),
    ))
}
