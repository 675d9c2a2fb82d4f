//! Private spaces.

use serde_json::{Value, json};

use crate::{
    make::OrganizationId,
    sandbox::{
        account::state::Row,
        http::{
            body,
            body::Body,
            query::{Picked, Sorting},
            request::{SandboxRequest, id},
            response::{SandboxResult, invalid, not_found, ok, unconfirmed},
        },
    },
};

const SORTING: Sorting = Sorting { limit: 100, by: "name", descending: false, columns: &["name"] };

/// The asked columns, all if none is asked.
fn picked(request: &SandboxRequest<'_>, row: &Row) -> Value {
    let cols = request.values("cols");
    let picked =
        if cols.is_empty() || cols.contains(&"*") { Picked::All } else { Picked::Only(cols) };
    picked.of(Value::Object(row.clone()))
}

pub(crate) fn list(request: &SandboxRequest<'_>) -> SandboxResult {
    let paging = SORTING.asked(request)?;
    let organization = request.number("organizationId")?;
    let organization = organization
        .ok_or_else(|| invalid("Missing value of required parameter 'organizationId'."))?;
    request.allowed(OrganizationId(organization), "organization user add and edit")?;
    let asked = request.query("externalId");
    let own = |row: &&Row| {
        row["organizationId"] == organization
            && asked.is_none_or(|id| row.get("externalId") == Some(&id.into()))
    };
    let rows = request.state.spaces.iter().filter(own).map(|row| picked(request, row)).collect();
    ok(&json!({ "privateSpaces": paging.cut(rows, &Picked::All), "pg": paging.echo() }))
}

pub(crate) fn one(request: &SandboxRequest<'_>, space: &str) -> SandboxResult {
    let space = id(space)?;
    let mine = |row: &&Row| row["id"] == space && row["privateSpaceOwnerId"] == request.caller.0;
    let found = request.state.spaces.iter().find(mine).ok_or_else(not_found)?;
    ok(&json!({ "privateSpace": picked(request, found) }))
}

pub(crate) fn update(request: &mut SandboxRequest<'_>, space: &str) -> SandboxResult {
    let space = id(space)?;
    let found =
        request.state.spaces.iter().position(|row| row["id"] == space).ok_or_else(not_found)?;
    let organization = request.state.spaces[found]["organizationId"].as_u64().unwrap_or_default();
    request.allowed(OrganizationId(organization), "organization user add and edit")?;
    let mut body = Body::of(request)?;
    let limit = body.optional("operationsLimit", body::number);
    body.checked()?;
    let used = request.state.spaces[found]["consumedOperations"].as_u64().unwrap_or_default();
    let over = limit.is_some_and(|limit| limit < used);
    if over && !request.flag("confirmed")? {
        return Err(unconfirmed());
    }
    let row = &mut request.state.spaces[found];
    row.insert("operationsLimit".to_owned(), limit.into());
    row.insert("isPaused".to_owned(), over.into());
    ok(&json!({ "privateSpace": row }))
}
