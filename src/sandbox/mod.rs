//! A Make in memory: the same calls always give the same answers, and a write shows in the next read.
//!
//! It serves tests, documentation and first trials. A call is authenticated here, then the resources are asked in
//! turn; each matches method and path of its own endpoints. What it knows at the start is
//! `fixtures/sandbox/account.json`. There is no clock, no randomness and no rate limit.

mod api_tokens;
mod audit_logs;
mod billing;
mod body;
mod enums;
mod history;
mod invitations;
mod large;
mod made;
mod me;
mod notifications;
mod oauth_grants;
mod organization_roles;
mod organizations;
mod partners;
mod reply;
mod roles;
mod rows;
mod security;
mod spaces;
mod state;
mod team_roles;
mod teams;
mod users;
mod variables;
mod visit;

use std::sync::{Mutex, PoisonError};

use jiff::civil::{Date, date};

use self::{
    reply::{Answer, not_found, not_logged_in},
    state::{State, account},
    visit::Visit,
};
use crate::make::{Call, Credential, Reply, Sending, Transport};

/// The day on which everything happens.
pub const TODAY: Date = date(2026, 6, 1);

pub use large::Size;

/// A Make in memory. The account is read with the first call.
#[derive(Default)]
pub struct Sandbox {
    size: Size,
    state: Mutex<Option<State>>,
}

/// What answers the endpoints of one resource; None for all others.
type Resource = fn(&mut Visit<'_>) -> Option<Answer>;

/// All of them. A more general path comes after the one that it would take over.
const RESOURCES: [Resource; 18] = [
    me::answer,
    api_tokens::answer,
    oauth_grants::answer,
    notifications::answer,
    invitations::answer,
    roles::answer,
    organization_roles::answer,
    team_roles::answer,
    users::answer,
    variables::answer,
    security::answer,
    billing::answer,
    partners::answer,
    spaces::answer,
    organizations::answer,
    teams::answer,
    audit_logs::answer,
    enums::answer,
];

impl Sandbox {
    /// One whose first organization is larger.
    pub fn of_size(size: Size) -> Self {
        Self { size, ..Self::default() }
    }

    /// The credential of the caller: user 41, with every scope of administration.
    pub fn credential() -> Credential {
        Credential::new(&account().credential)
    }

    /// Answers one call.
    pub fn answer(&self, call: &Call) -> Reply {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = state.get_or_insert_with(|| account().clone().grown(self.size));
        answer(state, call).unwrap_or_else(|refusal| refusal)
    }
}

fn answer(state: &mut State, call: &Call) -> Answer {
    let token = call.credential.as_ref().and_then(|credential| state.token(credential));
    let (caller, scope) =
        token.map(|token| (token.user_id, token.scope.clone())).ok_or_else(not_logged_in)?;
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    if path == ["ping"] {
        return Ok(Reply::text(200, "pong"));
    }
    let mut visit = Visit { state, caller, scope, call, path: &path };
    RESOURCES.iter().find_map(|resource| resource(&mut visit)).unwrap_or_else(|| Err(not_found()))
}

impl Transport for Sandbox {
    fn send<'a>(&'a self, call: &'a Call) -> Sending<'a> {
        Box::pin(async move { Ok(self.answer(call)) })
    }
}

impl std::fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sandbox").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
