//! OAuth clients with access.

use serde_json::json;

use crate::sandbox::http::{
    request::{SandboxRequest, id},
    response::{SandboxResult, not_found, ok},
};

pub(crate) fn delete(request: &mut SandboxRequest<'_>, client: &str) -> SandboxResult {
    let client = id(client)?;
    let before = request.state.grants.len();
    request.state.grants.retain(|grant| grant["id"] != client);
    if request.state.grants.len() == before {
        return Err(not_found());
    }
    ok(&json!({ "client": client }))
}

pub(crate) fn list(request: &SandboxRequest<'_>) -> SandboxResult {
    ok(&json!({ "connections": request.state.grants }))
}
