//! The role catalogue.

use serde_json::json;

use super::{
    reply::{Answer, ok},
    rows::Columns,
    state::Role,
    visit::{Visit, wrong},
};
use crate::make::{Method, OrganizationId, TeamId};

const COLUMNS: Columns = Columns {
    all: &[
        "id",
        "name",
        "identifier",
        "subsidiary",
        "category",
        "managementType",
        "description",
        "permissions",
    ],
    default: &["id", "name"],
};

pub(super) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    match visit.asked() {
        (Method::Get, ["users", "roles"]) => Some(visit.with("user:read", |visit| list(visit))),
        _ => None,
    }
}

/// Custom roles are listed only with their organization, which a team may stand for.
fn list(visit: &Visit<'_>) -> Answer {
    let picked = COLUMNS.asked(visit)?;
    let category = match visit.query("category") {
        None => None,
        Some(category @ ("organization" | "team")) => Some(category),
        Some(_) => return Err(wrong("category")),
    };
    let organization = match (visit.number("organizationId")?, visit.number("teamId")?) {
        (Some(id), _) => Some(visit.organization(OrganizationId(id))?.0.id),
        (None, Some(id)) => Some(visit.team(TeamId(id))?.organization_id),
        (None, None) => None,
    };
    let only = visit.number("roleId")?;
    let without = visit.values("excludeRole");
    let fits = |role: &&Role| {
        category.is_none_or(|category| role.category == category)
            && (role.organization_id.is_none() || role.organization_id == organization)
            && only.is_none_or(|id| role.id.0 == id)
            && !without.contains(&role.id.to_string().as_str())
    };
    let row = |role: &Role| {
        let mut row = json!(role);
        let custom = role.organization_id.is_some();
        row["subsidiary"] = true.into();
        row["managementType"] = if custom {
            "custom_managed"
        } else {
            "system_locked"
        }
        .into();
        picked.of(row)
    };
    let roles: Vec<_> = visit.state.roles.iter().filter(fits).map(row).collect();
    ok(&json!({ "usersRoles": roles }))
}
