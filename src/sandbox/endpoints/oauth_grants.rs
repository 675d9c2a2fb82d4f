//! OAuth clients with access.

use serde_json::json;

use crate::{
    make::Method,
    sandbox::http::{
        request::{SandboxRequest, id},
        response::{SandboxResult, not_found, ok},
    },
};

pub(crate) fn answer(request: &mut SandboxRequest<'_>) -> Option<SandboxResult> {
    Some(match request.asked() {
        (Method::Get, ["users", "me", "oauth-connections"]) => {
            ok(&json!({ "connections": request.state.grants }))
        }
        (Method::Delete, ["users", "me", "oauth-connections", client]) => delete(request, client),
        _ => return None,
    })
}

fn delete(request: &mut SandboxRequest<'_>, client: &str) -> SandboxResult {
    let client = id(client)?;
    let before = request.state.grants.len();
    request.state.grants.retain(|grant| grant["id"] != client);
    if request.state.grants.len() == before {
        return Err(not_found());
    }
    ok(&json!({ "client": client }))
}
