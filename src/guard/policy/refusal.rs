//! A policy file that cannot be used, and a change that a policy refuses.

use crate::guard::Refused;

/// Why a policy file cannot be used, as the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PolicyError(pub(crate) String);

/// A refusal by a rule.
pub(super) fn refused(rule: &str, what: &str) -> Refused {
    Refused::new(
        format!("the policy file does not allow {what} (rule `{rule}`)"),
        "only the person who starts the server can change its policy",
    )
}
