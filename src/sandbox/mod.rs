//! A Make in memory: the same calls always give the same answers, and a write shows in the next read.
//!
//! It serves tests, documentation and first trials. A request is authenticated here; `routes` says which
//! handler answers it. What it knows at the start is
//! `fixtures/sandbox/account.json`. There is no clock, no randomness and no rate limit.

mod account;
mod endpoints;
mod http;
mod routes;

use std::sync::Mutex;

use crate::{
    make::{Credential, Request, Response, ResponseFuture, Transport},
    sandbox::{
        account::state::{AccountState, account},
        http::{
            request::SandboxRequest,
            response::{SandboxResult, not_logged_in},
        },
    },
    sync::lock,
};

pub use account::{generated::TODAY, scaled::Size};

/// A Make in memory. The account is read with the first call.
#[derive(Default)]
pub struct Sandbox {
    size: Size,
    state: Mutex<Option<AccountState>>,
}

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
        let mut state = lock(&self.state);
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
    routes::answer(&mut request)
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
