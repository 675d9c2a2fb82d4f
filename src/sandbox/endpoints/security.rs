//! Sign-in, feature switches, installed apps.

use serde_json::{Value, json};

use crate::{
    make::{Method, OrganizationId, TeamId},
    sandbox::{
        account::state::Row,
        http::{
            body,
            body::Body,
            request::{Visit, id},
            response::{Answer, invalid, not_found, ok},
        },
    },
};

pub(crate) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    Some(match visit.asked() {
        (Method::Get, ["organizations", organization, "sso-certificates"]) => {
            visit.with("organizations:read", |visit| certificates(visit, organization))
        }
        (Method::Patch, ["organizations", organization, "tfa-enforcement"]) => {
            visit.with("organizations:write", |visit| enforce(visit, organization))
        }
        (Method::Get, ["organizations", organization, "feature-controls"]) => {
            controls(visit, organization)
        }
        (Method::Patch, ["organizations", organization, "feature-controls"]) => {
            control(visit, organization)
        }
        (Method::Get, ["teams", team, "feature-controls"]) => of_team(visit, team),
        (Method::Get, ["organizations", organization, "apps"]) => {
            visit.with("organizations:read", |visit| apps(visit, organization))
        }
        (Method::Get, ["organizations", organization, "check-team-permission"]) => {
            permitted(visit, organization)
        }
        _ => return None,
    })
}

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

fn certificates(visit: &Visit<'_>, organization: &str) -> Answer {
    let organization = OrganizationId(id(organization)?);
    visit.allowed(organization, "organization edit")?;
    let kind = visit
        .query("type")
        .ok_or_else(|| invalid("Missing value of required parameter 'type'."))?;
    let mut rows = rows_of(&visit.state.certificates, organization, false);
    rows.retain(|row| row["type"] == kind);
    ok(&json!({ "ssoCertificates": rows }))
}

fn enforce(visit: &mut Visit<'_>, organization: &str) -> Answer {
    let organization = OrganizationId(id(organization)?);
    visit.allowed(organization, "organization edit")?;
    let mut body = Body::of(visit)?;
    let enable = body.required("enable", |value| value.as_bool().ok_or("expected a boolean"));
    body.checked()?;
    let found = visit.state.organization_mut(organization).ok_or_else(not_found)?;
    found.tfa_enforced = enable;
    ok(&json!({ "organization": { "tfaEnforced": enable } }))
}

fn shown(visit: &Visit<'_>, organization: OrganizationId) -> Answer {
    let mut rows = rows_of(&visit.state.features, organization, false);
    if let Some(name) = visit.query("featureControlName") {
        rows.retain(|row| row["name"] == name);
    }
    ok(&json!({ "enableAllControlFeatures": false, "featureControls": rows }))
}

fn controls(visit: &Visit<'_>, organization: &str) -> Answer {
    let organization = OrganizationId(id(organization)?);
    visit.organization(organization)?;
    shown(visit, organization)
}

fn of_team(visit: &Visit<'_>, team: &str) -> Answer {
    let organization = visit.team(TeamId(id(team)?))?.organization_id;
    shown(visit, organization)
}

fn control(visit: &mut Visit<'_>, organization: &str) -> Answer {
    let organization = OrganizationId(id(organization)?);
    visit.allowed(organization, "organization edit")?;
    let mut body = Body::of(visit)?;
    let feature = body.required("id", body::number);
    let enabled = body.required("enabled", |value| value.as_bool().ok_or("expected a boolean"));
    body.checked()?;
    let mut rows = visit.state.features.iter_mut();
    let found = rows.find(|row| row["organizationId"] == organization.0 && row["id"] == feature);
    found.ok_or_else(not_found)?.insert("enabled".to_owned(), enabled.into());
    ok(&json!({ "featureControl": { "id": feature, "enabled": enabled } }))
}

fn apps(visit: &Visit<'_>, organization: &str) -> Answer {
    let organization = OrganizationId(id(organization)?);
    visit.organization(organization)?;
    ok(&json!({ "installedApps": rows_of(&visit.state.apps, organization, true) }))
}

fn permitted(visit: &Visit<'_>, organization: &str) -> Answer {
    let (organization, member) = visit.organization(OrganizationId(id(organization)?))?;
    let permission = visit.query("teamPermission");
    let permission = permission
        .ok_or_else(|| invalid("Missing value of required parameter 'teamPermission'."))?;
    let known = visit.state.roles.iter().filter(|role| role.category == "team");
    if !known.flat_map(|role| &role.permissions).any(|known| known == permission) {
        return Err(invalid("Invalid value of parameter 'teamPermission'."));
    }
    let teams = visit.state.teams_of(organization.id);
    let mut own = teams.filter_map(|team| team.member(visit.caller));
    let has = visit.has(member.users_role_id, "access all teams")
        || own.any(|member| visit.has(member.users_role_id, permission));
    ok(&json!({ "hasPermission": Value::Bool(has) }))
}
