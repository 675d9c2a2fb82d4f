//! OAuth clients with access.

use serde_json::json;

use crate::{
    make::Method,
    sandbox::http::{
        request::{Visit, id},
        response::{Answer, not_found, ok},
    },
};

pub(crate) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    Some(match visit.asked() {
        (Method::Get, ["users", "me", "oauth-connections"]) => {
            ok(&json!({ "connections": visit.state.grants }))
        }
        (Method::Delete, ["users", "me", "oauth-connections", client]) => delete(visit, client),
        _ => return None,
    })
}

fn delete(visit: &mut Visit<'_>, client: &str) -> Answer {
    let client = id(client)?;
    let before = visit.state.grants.len();
    visit.state.grants.retain(|grant| grant["id"] != client);
    if visit.state.grants.len() == before {
        return Err(not_found());
    }
    ok(&json!({ "client": client }))
}
