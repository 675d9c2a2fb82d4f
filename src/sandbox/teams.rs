//! Teams.

use serde_json::{Value, json};

use super::{
    reply::{Answer, invalid, ok},
    rows::{Columns, Sorting},
    state::Team,
    visit::Visit,
};
use crate::make::{Method, OrganizationId};

const COLUMNS: Columns = Columns {
    all: &[
        "id",
        "name",
        "organizationId",
        "operationsLimit",
        "transferLimit",
        "consumedOperations",
        "consumedTransfer",
        "isPaused",
        "consumedCenticredits",
        "type",
    ],
    default: &["id", "name", "organizationId"],
};
const SORTING: Sorting = Sorting {
    limit: 10_000,
    by: "name",
    descending: false,
    columns: &["name", "id"],
};

pub(super) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    match visit.asked() {
        (Method::Get, ["teams"]) => Some(visit.with("teams:read", |visit| list(visit))),
        _ => None,
    }
}

fn row(team: &Team) -> Value {
    json!({
        "id": team.id,
        "name": team.name,
        "organizationId": team.organization_id,
        "operationsLimit": team.operations_limit,
        "transferLimit": null,
        "consumedOperations": team.consumed_operations,
        "consumedTransfer": (team.consumed_operations * 15).to_string(),
        "consumedCenticredits": (team.consumed_operations * 100).to_string(),
        "isPaused": false,
        "type": "standard",
    })
}

fn list(visit: &Visit<'_>) -> Answer {
    let picked = COLUMNS.asked(visit)?;
    let paging = SORTING.asked(visit)?;
    visit.flag("includePrivateSpaces")?;
    let id = visit.number("organizationId")?;
    let id = id.ok_or_else(|| invalid("Missing value of required parameter 'organizationId'."))?;
    let (organization, _) = visit.organization(OrganizationId(id))?;
    let rows = visit.state.teams_of(organization.id).map(row).collect();
    ok(&json!({ "teams": paging.cut(rows, &picked), "pg": paging.echo() }))
}
