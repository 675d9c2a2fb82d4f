//! Sign-in, feature switches, installed apps.

use serde_json::{Value, json};

use crate::{
    make::{OrganizationId, TeamId},
    sandbox::{
        account::state::Row,
        http::{
            body,
            body::Body,
            request::{SandboxRequest, id},
            response::{SandboxResult, invalid, not_found, ok},
        },
    },
};

/// The rows of an organization, without what says whose they are.
pub(crate) fn rows_of(rows: &[Row], organization: OrganizationId, with_id: bool) -> Vec<Row> {
    let own = rows.iter().filter(|row| row["organizationId"] == organization.0);
    own.cloned()
        .map(|mut row| {
            if !with_id {
                row.shift_remove("organizationId");
            }
            row
        })
        .collect()
}

pub(crate) fn certificates(request: &SandboxRequest<'_>, organization: &str) -> SandboxResult {
    let organization = OrganizationId(id(organization)?);
    request.allowed(organization, "organization edit")?;
    let kind = request
        .query("type")
        .ok_or_else(|| invalid("Missing value of required parameter 'type'."))?;
    let mut rows = rows_of(&request.state.certificates, organization, false);
    rows.retain(|row| row["type"] == kind);
    ok(&json!({ "ssoCertificates": rows }))
}

pub(crate) fn enforce(request: &mut SandboxRequest<'_>, organization: &str) -> SandboxResult {
    let organization = OrganizationId(id(organization)?);
    request.allowed(organization, "organization edit")?;
    let mut body = Body::of(request)?;
    let enable = body.required("enable", |value| value.as_bool().ok_or("expected a boolean"));
    body.checked()?;
    let found = request.state.organization_mut(organization).ok_or_else(not_found)?;
    found.tfa_enforced = enable;
    ok(&json!({ "organization": { "tfaEnforced": enable } }))
}

fn shown(request: &SandboxRequest<'_>, organization: OrganizationId) -> SandboxResult {
    let mut rows = rows_of(&request.state.features, organization, false);
    if let Some(name) = request.query("featureControlName") {
        rows.retain(|row| row["name"] == name);
    }
    ok(&json!({ "enableAllControlFeatures": false, "featureControls": rows }))
}

pub(crate) fn controls(request: &SandboxRequest<'_>, organization: &str) -> SandboxResult {
    let organization = OrganizationId(id(organization)?);
    request.organization(organization)?;
    shown(request, organization)
}

pub(crate) fn of_team(request: &SandboxRequest<'_>, team: &str) -> SandboxResult {
    let organization = request.team(TeamId(id(team)?))?.organization_id;
    shown(request, organization)
}

pub(crate) fn control(request: &mut SandboxRequest<'_>, organization: &str) -> SandboxResult {
    let organization = OrganizationId(id(organization)?);
    request.allowed(organization, "organization edit")?;
    let mut body = Body::of(request)?;
    let feature = body.required("id", body::number);
    let enabled = body.required("enabled", |value| value.as_bool().ok_or("expected a boolean"));
    body.checked()?;
    let mut rows = request.state.features.iter_mut();
    let found = rows.find(|row| row["organizationId"] == organization.0 && row["id"] == feature);
    found.ok_or_else(not_found)?.insert("enabled".to_owned(), enabled.into());
    ok(&json!({ "featureControl": { "id": feature, "enabled": enabled } }))
}

pub(crate) fn apps(request: &SandboxRequest<'_>, organization: &str) -> SandboxResult {
    let organization = OrganizationId(id(organization)?);
    request.organization(organization)?;
    ok(&json!({ "installedApps": rows_of(&request.state.apps, organization, true) }))
}

pub(crate) fn permitted(request: &SandboxRequest<'_>, organization: &str) -> SandboxResult {
    let (organization, member) = request.organization(OrganizationId(id(organization)?))?;
    let permission = request.query("teamPermission");
    let permission = permission
        .ok_or_else(|| invalid("Missing value of required parameter 'teamPermission'."))?;
    let known = request.state.roles.iter().filter(|role| role.category == "team");
    if !known.flat_map(|role| &role.permissions).any(|known| known == permission) {
        return Err(invalid("Invalid value of parameter 'teamPermission'."));
    }
    let teams = request.state.teams_of(organization.id);
    let mut own = teams.filter_map(|team| team.member(request.caller));
    let has = request.has(member.users_role_id, "access all teams")
        || own.any(|member| request.has(member.users_role_id, permission));
    ok(&json!({ "hasPermission": Value::Bool(has) }))
}
