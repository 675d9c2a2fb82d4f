//! Organizations and their usage.

use jiff::{Span, civil::Date};
use serde_json::{Value, json};

use super::organization_roles::membership;
use crate::{
    make::OrganizationId,
    sandbox::{
        TODAY,
        account::{
            generated::spread,
            state::{
                AccountState, Consumed, OWNER, SandboxMember, SandboxOrganization, SandboxTeam,
                SandboxTeamMember, TEAM_ADMIN,
            },
        },
        http::{
            body,
            body::Body,
            query::{Columns, Sorting},
            request::{SandboxRequest, id},
            response::{SandboxResult, not_found, ok, unconfirmed},
        },
    },
};

const COLUMNS: Columns = Columns {
    all: &[
        "id", "name", "countryId", "timezoneId", "license", "zone", "serviceName", "teams",
        "isPaused", "externalId", "productName", "tfaEnforced", "privateSpaces",
    ],
    default: &["id", "name", "timezoneId", "zone"],
};
/// One organization can be asked for everything that its details have.
const DETAIL_COLUMNS: Columns = Columns {
    all: &[
        "id", "name", "countryId", "timezoneId", "license", "zone", "serviceName", "teams",
        "isPaused", "externalId", "productName", "tfaEnforced", "operations", "transfer",
        "centicreditsConsumed", "operationsExt", "transferExt", "centicreditsExtra",
        "unusedOperations", "unusedTransfer", "unusedCenticredits", "nextReset", "lastReset",
        "deleted", "features", "featureControls", "ssoType",
    ],
    default: &[],
};
const SORTING: Sorting =
    Sorting { limit: 10_000, by: "name", descending: false, columns: &["name", "id"] };
const ZONE: &str = "eu1.make.com";

/// The columns of a list.
fn row(state: &AccountState, organization: &SandboxOrganization) -> Value {
    let plan = state.plan(organization);
    let teams: Vec<_> = state
        .teams_of(organization.id)
        .map(|team| json!({ "id": team.id, "name": team.name }))
        .collect();
    json!({
        "id": organization.id,
        "name": organization.name,
        "timezoneId": organization.timezone_id,
        "countryId": organization.country_id,
        "zone": ZONE,
        "license": plan.license,
        "serviceName": "default",
        "productName": plan.product_name,
        "teams": teams,
        "isPaused": false,
        "tfaEnforced": organization.tfa_enforced,
        "externalId": null,
    })
}

/// The columns of a list and the counters of the cycle, which Make sends as text.
fn details(state: &AccountState, organization: &SandboxOrganization) -> Value {
    let mut row = row(state, organization);
    let plan = state.plan(organization);
    let used = &organization.consumed;
    let left = |limit: &str, used: u64| plan.limit(limit).saturating_sub(used).to_string();
    for (name, value) in [
        ("operations", used.operations.to_string()),
        ("transfer", used.transfer.to_string()),
        ("centicreditsConsumed", used.centicredits.to_string()),
        ("operationsExt", "0".to_owned()),
        ("transferExt", "0".to_owned()),
        ("centicreditsExtra", "0".to_owned()),
        ("unusedOperations", left("operations", used.operations)),
        ("unusedTransfer", left("transfer", used.transfer)),
        (
            "unusedCenticredits",
            (plan.limit("operations") * 100).saturating_sub(used.centicredits).to_string(),
        ),
        ("lastReset", "2026-06-01T00:00:00.000Z".to_owned()),
        ("nextReset", "2026-07-01T00:00:00.000Z".to_owned()),
    ] {
        row[name] = value.into();
    }
    row["ssoType"] = Value::Null;
    row["deleted"] = false.into();
    row["features"] = json!({});
    row["featureControls"] = json!([{ "name": "ai_agents", "enabled": true }]);
    row
}

pub(crate) fn list(request: &SandboxRequest<'_>) -> SandboxResult {
    let picked = COLUMNS.asked(request)?;
    let paging = SORTING.asked(request)?;
    let here = request.query("zone").is_none_or(|zone| zone == ZONE);
    let own =
        |organization: &&SandboxOrganization| here && organization.active(request.caller).is_some();
    let rows = request
        .state
        .organizations
        .iter()
        .filter(own)
        .map(|organization| row(request.state, organization));
    ok(&json!({ "organizations": paging.cut(rows.collect(), &picked), "pg": paging.echo() }))
}

pub(crate) fn get(request: &SandboxRequest<'_>, organization: &str) -> SandboxResult {
    request.flag("wait")?;
    let (organization, _) = request.organization(OrganizationId(id(organization)?))?;
    let whole = details(request.state, organization);
    if request.values("cols").is_empty() {
        return ok(&json!({ "organization": whole }));
    }
    ok(&json!({ "organization": DETAIL_COLUMNS.asked(request)?.of(whole) }))
}

/// The caller owns the new organization, whose first team exists.
pub(crate) fn create(request: &mut SandboxRequest<'_>) -> SandboxResult {
    let mut body = Body::of(request)?;
    let name = body.required("name", body::name).to_owned();
    body.required("regionId", body::number);
    let timezone_id = body.required("timezoneId", body::number);
    let country_id = body.required("countryId", body::number);
    body.checked()?;
    let (caller, state) = (request.caller, &mut *request.state);
    let (id, team) = (state.next_organization(), state.next_team());
    let owner =
        SandboxMember { user_id: caller, users_role_id: OWNER, invitation: None, hash: None };
    state.organizations.push(SandboxOrganization {
        id,
        name,
        timezone_id,
        country_id,
        plan: "core".to_owned(),
        tfa_enforced: false,
        consumed: Consumed::default(),
        members: vec![owner.clone()],
    });
    state.teams.push(SandboxTeam {
        id: team,
        name: "My Team".to_owned(),
        organization_id: id,
        operations_limit: None,
        consumed_operations: 0,
        members: vec![SandboxTeamMember { user_id: caller, users_role_id: TEAM_ADMIN }],
    });
    state.record("organization_created", caller, id, None, None);
    let organization = state.organization(id).ok_or_else(not_found)?;
    ok(&json!({
        "organization": row(state, organization), "userOrganizationRole": membership(organization,
        &owner),
    }))
}

pub(crate) fn update(request: &mut SandboxRequest<'_>, organization: &str) -> SandboxResult {
    let organization = OrganizationId(id(organization)?);
    request.allowed(organization, "organization edit")?;
    let mut body = Body::of(request)?;
    let name = body.optional("name", body::name);
    let timezone = body.optional("timezoneId", body::number);
    let country = body.optional("countryId", body::number);
    body.checked()?;
    let changed = request.state.organization_mut(organization).ok_or_else(not_found)?;
    if let Some(name) = name {
        name.clone_into(&mut changed.name);
    }
    changed.timezone_id = timezone.unwrap_or(changed.timezone_id);
    changed.country_id = country.unwrap_or(changed.country_id);
    let changed = request.state.organization(organization).ok_or_else(not_found)?;
    ok(&json!({ "organization": row(request.state, changed) }))
}

pub(crate) fn delete(request: &mut SandboxRequest<'_>, organization: &str) -> SandboxResult {
    let organization = OrganizationId(id(organization)?);
    request.allowed(organization, "organization delete")?;
    if !request.flag("confirmed")? {
        return Err(unconfirmed());
    }
    request.state.organizations.retain(|kept| kept.id != organization);
    request.state.teams.retain(|team| team.organization_id != organization);
    ok(&json!({ "organization": organization }))
}

/// The 30 days before today, computed from the organization and the day.
pub(crate) fn usage(request: &SandboxRequest<'_>, organization: &str) -> SandboxResult {
    request.flag("organizationTimezone")?;
    let (organization, _) = request.organization(OrganizationId(id(organization)?))?;
    let daily = organization.consumed.operations / 30;
    let day = |ago: i64| {
        let date: Date = TODAY.saturating_sub(Span::new().days(ago));
        let operations =
            daily / 2 + spread(organization.id.0 * 100 + ago.unsigned_abs()) % daily.max(1);
        json!({
            "date": date.to_string(), "operations": operations, "dataTransfer": operations * 15,
            "centicredits": operations * 100,
        })
    };
    ok(&json!({ "data": (1..=30).rev().map(day).collect::<Vec<_>>() }))
}
