//! A Make in memory: the same calls always give the same answers, and a write shows in the next read.
//!
//! It serves tests, documentation and first trials. A call is authenticated here, then the resources are asked in
//! turn; each matches method and path of its own endpoints. What it knows at the start is
//! `fixtures/sandbox/account.json`. There is no clock, no randomness and no rate limit.

mod account;
mod endpoints;
mod http;

use std::sync::{Mutex, PoisonError};

use crate::{
    make::{Credential, Request, Response, ResponseFuture, Transport},
    sandbox::{
        account::state::{AccountState, account},
        http::{
            request::SandboxRequest,
            response::{SandboxResult, not_found, not_logged_in},
        },
    },
};

pub use account::{generated::TODAY, scaled::Size};

/// A Make in memory. The account is read with the first call.
#[derive(Default)]
pub struct Sandbox {
    size: Size,
    state: Mutex<Option<AccountState>>,
}

/// What answers the endpoints of one resource; None for all others.
type ResourceRoutes = fn(&mut SandboxRequest<'_>) -> Option<SandboxResult>;

/// All of them. A more general path comes after the one that it would take over.
const RESOURCES: [ResourceRoutes; 18] = [
    endpoints::me::answer,
    endpoints::api_tokens::answer,
    endpoints::oauth_grants::answer,
    endpoints::notifications::answer,
    endpoints::invitations::answer,
    endpoints::roles::answer,
    endpoints::organization_roles::answer,
    endpoints::team_roles::answer,
    endpoints::users::answer,
    endpoints::variables::answer,
    endpoints::security::answer,
    endpoints::billing::answer,
    endpoints::partners::answer,
    endpoints::spaces::answer,
    endpoints::organizations::answer,
    endpoints::teams::answer,
    endpoints::audit_logs::answer,
    endpoints::enums::answer,
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
    pub fn answer(&self, call: &Request) -> Response {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let state = state.get_or_insert_with(|| account().clone().grown(self.size));
        answer(state, call).unwrap_or_else(|refusal| refusal)
    }
}

fn answer(state: &mut AccountState, call: &Request) -> SandboxResult {
    let token = call.credential.as_ref().and_then(|credential| state.token(credential));
    let (caller, scope) =
        token.map(|token| (token.user_id, token.scope.clone())).ok_or_else(not_logged_in)?;
    let path: Vec<&str> = call.path.iter().map(String::as_str).collect();
    if path == ["ping"] {
        return Ok(Response::text(200, "pong"));
    }
    let mut request = SandboxRequest { state, caller, scope, call, path: &path };
    RESOURCES.iter().find_map(|resource| resource(&mut request)).unwrap_or_else(|| Err(not_found()))
}

impl Transport for Sandbox {
    fn send<'a>(&'a self, call: &'a Request) -> ResponseFuture<'a> {
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
