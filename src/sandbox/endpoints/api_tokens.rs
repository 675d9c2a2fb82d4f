//! The caller's API tokens.

use serde_json::{Value, json};

use crate::{
    make::Method,
    sandbox::{
        account::{
            generated::{Kind, written},
            state::Token,
        },
        http::{
            body,
            body::Body,
            request::Visit,
            response::{Answer, not_found, ok},
        },
    },
};

pub(crate) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    Some(match visit.asked() {
        (Method::Get, ["users", "me", "api-tokens"]) => {
            visit.with("user:read", |visit| list(visit))
        }
        (Method::Post, ["users", "me", "api-tokens"]) => {
            visit.with("user:write", |visit| create(visit))
        }
        (Method::Delete, ["users", "me", "api-tokens", created]) => {
            visit.with("user:write", |visit| delete(visit, created))
        }
        _ => return None,
    })
}

fn shown(token: &Token, value: &str) -> Value {
    json!({ "token": value, "scope": token.scope, "created": token.created, "label": token.label })
}

fn list(visit: &Visit<'_>) -> Answer {
    let own = visit.state.tokens.iter().filter(|token| token.user_id == visit.caller);
    let masked =
        |token: &Token| shown(token, &format!("{}-****-****-****-************", &token.token[..8]));
    ok(&json!({ "apiTokens": own.map(masked).collect::<Vec<_>>() }))
}

fn create(visit: &mut Visit<'_>) -> Answer {
    let mut body = Body::of(visit)?;
    let label = body.required("label", body::text).to_owned();
    let scope = body.required("scope", body::texts);
    body.checked()?;
    let created = written(visit.state.now());
    let value = visit.state.new_uuid(Kind::Token);
    let token = Token { user_id: visit.caller, token: value, label, created, scope };
    let answer = json!({ "apiToken": shown(&token, &token.token) });
    visit.state.tokens.push(token);
    ok(&answer)
}

fn delete(visit: &mut Visit<'_>, created: &str) -> Answer {
    let caller = visit.caller;
    let before = visit.state.tokens.len();
    visit.state.tokens.retain(|token| token.user_id != caller || token.created != created);
    if visit.state.tokens.len() == before {
        return Err(not_found());
    }
    ok(&json!({ "apiToken": created }))
}
