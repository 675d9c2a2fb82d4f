//! Custom variables.

use serde_json::{Value, json};

use crate::{
    make::{Place, Response},
    sandbox::{
        account::{generated::written, state::SandboxVariable},
        http::{
            body,
            body::Body,
            request::SandboxRequest,
            response::{SandboxResult, denied, invalid, not_found, ok, unconfirmed},
        },
    },
};

fn named(place: Place, what: &str) -> String {
    match place {
        Place::Organization(_) => format!("organization{what}"),
        Place::Team(_) => format!("team{what}"),
    }
}

fn is_of(variable: &SandboxVariable, place: Place) -> bool {
    match place {
        Place::Organization(id) => variable.organization_id == Some(id),
        Place::Team(id) => variable.team_id == Some(id),
    }
}

/// Refuses callers who are not members of the place.
fn seen(request: &SandboxRequest<'_>, place: Place) -> Result<(), Response> {
    match place {
        Place::Organization(id) => request.organization(id).map(drop),
        Place::Team(id) => request.team(id).map(drop),
    }
}

/// Refuses callers who may not change variables there, and plans without variables.
fn writable(request: &SandboxRequest<'_>, place: Place) -> Result<(), Response> {
    let organization = match place {
        Place::Organization(id) => request.allowed(id, "organization edit")?,
        Place::Team(id) => request.organization(request.team(id)?.organization_id)?.0,
    };
    match request.state.plan(organization).license.get("customVariables") {
        Some(Value::Bool(true)) => Ok(()),
        _ => Err(not_found()),
    }
}

pub(crate) fn list(request: &SandboxRequest<'_>, place: Place) -> SandboxResult {
    seen(request, place)?;
    let rows: Vec<_> =
        request.state.variables.iter().filter(|variable| is_of(variable, place)).collect();
    ok(&json!({ named(place, "Variables"): rows }))
}

fn fits(type_id: u64, value: &Value) -> bool {
    match type_id {
        1 => value.is_number(),
        2 | 4 => value.is_string(),
        3 => value.is_boolean(),
        _ => false,
    }
}

pub(crate) fn create(request: &mut SandboxRequest<'_>, place: Place) -> SandboxResult {
    writable(request, place)?;
    let mut body = Body::of(request)?;
    let name = body.required("name", body::text).to_owned();
    let type_id = body.required("typeId", body::number);
    let value = body.required("value", |value| Ok(value.clone()));
    body.checked()?;
    if !fits(type_id, &value) {
        return Err(invalid("Invalid value of parameter 'value': it does not fit the type."));
    }
    if request.state.variables.iter().any(|known| is_of(known, place) && known.name == name) {
        return Err(invalid("Invalid value of parameter 'name': it exists already."));
    }
    let change = entry(
        request,
        place,
        "created",
        json!({ "name": name, "value": value, "typeId": type_id }),
        1,
    );
    let (organization_id, team_id) = match place {
        Place::Organization(id) => (Some(id), None),
        Place::Team(id) => (None, Some(id)),
    };
    let variable = SandboxVariable {
        organization_id,
        team_id,
        name,
        type_id,
        value,
        is_system: false,
        history: vec![change],
    };
    let answer = json!({ named(place, "Variable"): variable });
    request.state.variables.push(variable);
    ok(&answer)
}

fn entry(
    request: &mut SandboxRequest<'_>,
    place: Place,
    done: &str,
    diff: Value,
    number: usize,
) -> Value {
    let author = request.state.person(request.caller).map(|person| person.name.clone());
    let kind = if matches!(place, Place::Organization(_)) { "organization" } else { "team" };
    json!({
        "id": number, "diffObject": diff, "changed": written(request.state.now()),
        "action": format!("{kind}_variable_{done}"), "author": author,
    })
}

/// The place in the list of a variable that can be changed.
fn changeable(request: &SandboxRequest<'_>, place: Place, name: &str) -> Result<usize, Response> {
    writable(request, place)?;
    let found =
        request.state.variables.iter().position(|known| is_of(known, place) && known.name == name);
    let found = found.ok_or_else(not_found)?;
    if request.state.variables[found].is_system { Err(denied()) } else { Ok(found) }
}

pub(crate) fn update(request: &mut SandboxRequest<'_>, place: Place, name: &str) -> SandboxResult {
    let found = changeable(request, place, name)?;
    let mut body = Body::of(request)?;
    let type_id = body.optional("typeId", body::number);
    let value = body.optional("value", |value| Ok(value.clone()));
    body.checked()?;
    let before = request.state.variables[found].clone();
    let after = (type_id.unwrap_or(before.type_id), value.unwrap_or_else(|| before.value.clone()));
    if type_id.is_some() && !fits(after.0, &after.1) {
        return Err(invalid("Invalid value of parameter 'value': it does not fit the type."));
    }
    let diff = json!({
        "old": { "value": before.value, "typeId": before.type_id }, "new": { "value": after.1,
        "typeId": after.0 },
    });
    let change = entry(request, place, "edited", diff, before.history.len() + 1);
    let variable = &mut request.state.variables[found];
    (variable.type_id, variable.value) = after;
    variable.history.push(change);
    ok(&json!({ named(place, "Variable"): variable }))
}

pub(crate) fn delete(request: &mut SandboxRequest<'_>, place: Place, name: &str) -> SandboxResult {
    let found = changeable(request, place, name)?;
    if !request.flag("confirmed")? {
        return Err(unconfirmed());
    }
    request.state.variables.remove(found);
    ok(&json!({ "ok": 1 }))
}

pub(crate) fn history(request: &SandboxRequest<'_>, place: Place, name: &str) -> SandboxResult {
    seen(request, place)?;
    let found =
        request.state.variables.iter().find(|known| is_of(known, place) && known.name == name);
    let rows: Vec<_> = found.ok_or_else(not_found)?.history.iter().rev().collect();
    ok(&json!({ named(place, "VariableHistory"): rows }))
}
