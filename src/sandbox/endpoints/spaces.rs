//! Private spaces.

use serde_json::{Value, json};

use crate::{
    make::{Method, OrganizationId},
    sandbox::{
        account::state::Row,
        http::{
            body,
            body::Body,
            query::{Picked, Sorting},
            request::{Visit, id},
            response::{Answer, invalid, not_found, ok, unconfirmed},
        },
    },
};

const SORTING: Sorting = Sorting { limit: 100, by: "name", descending: false, columns: &["name"] };

pub(crate) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    let (read, write) = ("private-spaces:read", "private-spaces:write");
    Some(match visit.asked() {
        (Method::Get, ["private-spaces"]) => visit.with(read, |visit| list(visit)),
        (Method::Get, ["private-spaces", space]) => visit.with(read, |visit| one(visit, space)),
        (Method::Patch, ["private-spaces", space]) => {
            visit.with(write, |visit| update(visit, space))
        }
        _ => return None,
    })
}

/// The asked columns, all if none is asked.
fn picked(visit: &Visit<'_>, row: &Row) -> Value {
    let cols = visit.values("cols");
    let picked =
        if cols.is_empty() || cols.contains(&"*") { Picked::All } else { Picked::Only(cols) };
    picked.of(Value::Object(row.clone()))
}

fn list(visit: &Visit<'_>) -> Answer {
    let paging = SORTING.asked(visit)?;
    let organization = visit.number("organizationId")?;
    let organization = organization
        .ok_or_else(|| invalid("Missing value of required parameter 'organizationId'."))?;
    visit.allowed(OrganizationId(organization), "organization user add and edit")?;
    let asked = visit.query("externalId");
    let own = |row: &&Row| {
        row["organizationId"] == organization
            && asked.is_none_or(|id| row.get("externalId") == Some(&id.into()))
    };
    let rows = visit.state.spaces.iter().filter(own).map(|row| picked(visit, row)).collect();
    ok(&json!({ "privateSpaces": paging.cut(rows, &Picked::All), "pg": paging.echo() }))
}

fn one(visit: &Visit<'_>, space: &str) -> Answer {
    let space = id(space)?;
    let mine = |row: &&Row| row["id"] == space && row["privateSpaceOwnerId"] == visit.caller.0;
    let found = visit.state.spaces.iter().find(mine).ok_or_else(not_found)?;
    ok(&json!({ "privateSpace": picked(visit, found) }))
}

fn update(visit: &mut Visit<'_>, space: &str) -> Answer {
    let space = id(space)?;
    let found =
        visit.state.spaces.iter().position(|row| row["id"] == space).ok_or_else(not_found)?;
    let organization = visit.state.spaces[found]["organizationId"].as_u64().unwrap_or_default();
    visit.allowed(OrganizationId(organization), "organization user add and edit")?;
    let mut body = Body::of(visit)?;
    let limit = body.optional("operationsLimit", body::number);
    body.checked()?;
    let used = visit.state.spaces[found]["consumedOperations"].as_u64().unwrap_or_default();
    let over = limit.is_some_and(|limit| limit < used);
    if over && !visit.flag("confirmed")? {
        return Err(unconfirmed());
    }
    let row = &mut visit.state.spaces[found];
    row.insert("operationsLimit".to_owned(), limit.into());
    row.insert("isPaused".to_owned(), over.into());
    ok(&json!({ "privateSpace": row }))
}
