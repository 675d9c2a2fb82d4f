//! The caller's API tokens.

use serde_json::{Value, json};

use crate::sandbox::{
    account::{
        generated::{UuidKind, written},
        state::SandboxToken,
    },
    http::{
        body,
        body::Body,
        request::SandboxRequest,
        response::{SandboxResult, not_found, ok},
    },
};

fn shown(token: &SandboxToken, value: &str) -> Value {
    json!({ "token": value, "scope": token.scope, "created": token.created, "label": token.label })
}

pub(crate) fn list(request: &SandboxRequest<'_>) -> SandboxResult {
    let own = request.state.tokens.iter().filter(|token| token.user_id == request.caller);
    let masked = |token: &SandboxToken| {
        shown(token, &format!("{}-****-****-****-************", &token.token[..8]))
    };
    ok(&json!({ "apiTokens": own.map(masked).collect::<Vec<_>>() }))
}

pub(crate) fn create(request: &mut SandboxRequest<'_>) -> SandboxResult {
    let mut body = Body::of(request)?;
    let label = body.required("label", body::text).to_owned();
    let scope = body.required("scope", body::texts);
    body.checked()?;
    let created = written(request.state.now());
    let value = request.state.new_uuid(UuidKind::SandboxToken);
    let token = SandboxToken { user_id: request.caller, token: value, label, created, scope };
    let answer = json!({ "apiToken": shown(&token, &token.token) });
    request.state.tokens.push(token);
    ok(&answer)
}

pub(crate) fn delete(request: &mut SandboxRequest<'_>, created: &str) -> SandboxResult {
    let caller = request.caller;
    let before = request.state.tokens.len();
    request.state.tokens.retain(|token| token.user_id != caller || token.created != created);
    if request.state.tokens.len() == before {
        return Err(not_found());
    }
    ok(&json!({ "apiToken": created }))
}
