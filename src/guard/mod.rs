//! What stands between a model and a change of access: one place that every guarded call passes.

mod secrets;
mod text;

pub use secrets::{Delivered, Delivery, Secrets, Stored};
pub use text::visible;

/// The least confirmation that a tool needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Guard {
    /// None: it reads, or what it makes hurts nobody.
    None,
    /// One object or one person's access.
    G1,
    /// Gives the power to manage people, locks people out, moves ownership or money, or cannot be undone for others.
    G2,
}

impl Guard {
    /// The mark in the README.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::G1 => Some("G1"),
            Self::G2 => Some("G2"),
        }
    }
}

/// What the account behind the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The built-in account, or a server on this machine: nobody is hurt.
    Trial,
    /// An account of Make.
    Real,
}

/// A call that the guard does not let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What is refused and why.
    pub message: String,
    /// The next step.
    pub hint: String,
}

/// Lets a call through, or refuses it.
///
/// As long as nobody can be asked, guarded tools act on a trial account only.
pub fn admit(level: Guard, setting: Setting) -> Result<(), Refused> {
    match (level, setting) {
        (Guard::None, _) | (_, Setting::Trial) => Ok(()),
        (Guard::G1 | Guard::G2, Setting::Real) => Err(Refused {
            message: "this tool changes access or destroys something and needs a person's confirmation, which this version cannot ask for".to_owned(),
            hint: "a person can do it on Make's own pages; --sandbox shows what the tool does".to_owned(),
        }),
    }
}

/// Refuses scopes that the credential in use does not have: a token must not give more than its maker may.
pub fn scopes_within(asked: &[String], granted: &[String]) -> Result<(), Refused> {
    let beyond: Vec<_> = asked
        .iter()
        .filter(|scope| !granted.contains(scope))
        .map(|scope| format!("`{scope}`"))
        .collect();
    if beyond.is_empty() {
        return Ok(());
    }
    Err(Refused {
        message: format!(
            "the credential in use does not have {}, so a token with it would give more than the caller may",
            beyond.join(", ")
        ),
        hint: format!(
            "leave it out; a person can allow it with --allow-scope-escalation; granted are: {}",
            granted.join(", ")
        ),
    })
}
