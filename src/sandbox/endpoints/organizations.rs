//! Organizations and their usage.

use jiff::{Span, civil::Date};
use serde_json::{Value, json};

use super::organization_roles::membership;
use crate::{
    make::{Method, OrganizationId},
    sandbox::{
        TODAY,
        account::{
            generated::spread,
            state::{Consumed, Member, OWNER, Organization, State, TEAM_ADMIN, Team, TeamMember},
        },
        http::{
            body,
            body::Body,
            query::{Columns, Sorting},
            request::{Visit, id},
            response::{Answer, not_found, ok, unconfirmed},
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

pub(crate) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    Some(match visit.asked() {
        (Method::Get, ["organizations"]) => visit.with("organizations:read", |visit| list(visit)),
        (Method::Post, ["organizations"]) => {
            visit.with("organizations:write", |visit| create(visit))
        }
        (Method::Get, ["organizations", organization]) => {
            visit.with("organizations:read", |visit| get(visit, organization))
        }
        (Method::Patch, ["organizations", organization]) => {
            visit.with("organizations:write", |visit| update(visit, organization))
        }
        (Method::Delete, ["organizations", organization]) => {
            visit.with("organizations:write", |visit| delete(visit, organization))
        }
        (Method::Get, ["organizations", organization, "usage"]) => {
            visit.with("organizations:read", |visit| usage(visit, organization))
        }
        _ => return None,
    })
}

/// The columns of a list.
fn row(state: &State, organization: &Organization) -> Value {
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
fn details(state: &State, organization: &Organization) -> Value {
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

fn list(visit: &Visit<'_>) -> Answer {
    let picked = COLUMNS.asked(visit)?;
    let paging = SORTING.asked(visit)?;
    let here = visit.query("zone").is_none_or(|zone| zone == ZONE);
    let own = |organization: &&Organization| here && organization.active(visit.caller).is_some();
    let rows = visit
        .state
        .organizations
        .iter()
        .filter(own)
        .map(|organization| row(visit.state, organization));
    ok(&json!({ "organizations": paging.cut(rows.collect(), &picked), "pg": paging.echo() }))
}

fn get(visit: &Visit<'_>, organization: &str) -> Answer {
    visit.flag("wait")?;
    let (organization, _) = visit.organization(OrganizationId(id(organization)?))?;
    let whole = details(visit.state, organization);
    if visit.values("cols").is_empty() {
        return ok(&json!({ "organization": whole }));
    }
    ok(&json!({ "organization": DETAIL_COLUMNS.asked(visit)?.of(whole) }))
}

/// The caller owns the new organization, whose first team exists.
fn create(visit: &mut Visit<'_>) -> Answer {
    let mut body = Body::of(visit)?;
    let name = body.required("name", body::name).to_owned();
    body.required("regionId", body::number);
    let timezone_id = body.required("timezoneId", body::number);
    let country_id = body.required("countryId", body::number);
    body.checked()?;
    let (caller, state) = (visit.caller, &mut *visit.state);
    let (id, team) = (state.next_organization(), state.next_team());
    let owner = Member { user_id: caller, users_role_id: OWNER, invitation: None, hash: None };
    state.organizations.push(Organization {
        id,
        name,
        timezone_id,
        country_id,
        plan: "core".to_owned(),
        tfa_enforced: false,
        consumed: Consumed::default(),
        members: vec![owner.clone()],
    });
    state.teams.push(Team {
        id: team,
        name: "My Team".to_owned(),
        organization_id: id,
        operations_limit: None,
        consumed_operations: 0,
        members: vec![TeamMember { user_id: caller, users_role_id: TEAM_ADMIN }],
    });
    state.record("organization_created", caller, id, None, None);
    let organization = state.organization(id).ok_or_else(not_found)?;
    ok(&json!({
        "organization": row(state, organization), "userOrganizationRole": membership(organization,
        &owner),
    }))
}

fn update(visit: &mut Visit<'_>, organization: &str) -> Answer {
    let organization = OrganizationId(id(organization)?);
    visit.allowed(organization, "organization edit")?;
    let mut body = Body::of(visit)?;
    let name = body.optional("name", body::name);
    let timezone = body.optional("timezoneId", body::number);
    let country = body.optional("countryId", body::number);
    body.checked()?;
    let changed = visit.state.organization_mut(organization).ok_or_else(not_found)?;
    if let Some(name) = name {
        name.clone_into(&mut changed.name);
    }
    changed.timezone_id = timezone.unwrap_or(changed.timezone_id);
    changed.country_id = country.unwrap_or(changed.country_id);
    let changed = visit.state.organization(organization).ok_or_else(not_found)?;
    ok(&json!({ "organization": row(visit.state, changed) }))
}

fn delete(visit: &mut Visit<'_>, organization: &str) -> Answer {
    let organization = OrganizationId(id(organization)?);
    visit.allowed(organization, "organization delete")?;
    if !visit.flag("confirmed")? {
        return Err(unconfirmed());
    }
    visit.state.organizations.retain(|kept| kept.id != organization);
    visit.state.teams.retain(|team| team.organization_id != organization);
    ok(&json!({ "organization": organization }))
}

/// The 30 days before today, computed from the organization and the day.
fn usage(visit: &Visit<'_>, organization: &str) -> Answer {
    visit.flag("organizationTimezone")?;
    let (organization, _) = visit.organization(OrganizationId(id(organization)?))?;
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
