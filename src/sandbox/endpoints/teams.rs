//! Teams.

use serde_json::{Value, json};

use crate::{
    make::{Method, OrganizationId, Reply, TeamId},
    sandbox::{
        account::state::{TEAM_ADMIN, Team, TeamMember},
        http::{
            body,
            body::Body,
            query::{Columns, Sorting},
            request::{Visit, id},
            response::{Answer, denied, invalid, not_found, ok, unconfirmed},
        },
    },
};

const COLUMNS: Columns = Columns {
    all: &[
        "id", "name", "organizationId", "operationsLimit", "transferLimit", "consumedOperations",
        "consumedTransfer", "isPaused", "consumedCenticredits", "type",
    ],
    default: &["id", "name", "organizationId"],
};
const SORTING: Sorting =
    Sorting { limit: 10_000, by: "name", descending: false, columns: &["name", "id"] };

pub(crate) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    let (read, write) = ("teams:read", "teams:write");
    Some(match visit.asked() {
        (Method::Get, ["teams"]) => visit.with(read, |visit| list(visit)),
        (Method::Post, ["teams"]) => visit.with(write, create),
        (Method::Get, ["teams", team]) => visit.with(read, |visit| one(visit, team)),
        (Method::Patch, ["teams", team]) => visit.with(write, |visit| update(visit, team)),
        (Method::Delete, ["teams", team]) => visit.with(write, |visit| delete(visit, team)),
        (Method::Get, ["teams", team, "usage"]) => visit.with(read, |visit| usage(visit, team)),
        (Method::Get, ["teams", team, "llm-configuration"]) => visit.with(read, |visit| {
            let team = visit.team(TeamId(id(team)?))?.id;
            ok(&models(visit, team))
        }),
        (Method::Patch, ["teams", team, "llm-configuration"]) => {
            visit.with(write, |visit| set_models(visit, team))
        }
        _ => return None,
    })
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

fn one(visit: &Visit<'_>, team: &str) -> Answer {
    let picked = COLUMNS.asked(visit)?;
    let team = visit.team(TeamId(id(team)?))?;
    let mut answer = picked.of(row(team));
    // One team always says which it is.
    answer["id"] = json!(team.id);
    ok(&json!({ "team": answer }))
}

fn create(visit: &mut Visit<'_>) -> Answer {
    let mut body = Body::of(visit)?;
    let name = body.required("name", body::name).to_owned();
    let organization = OrganizationId(body.required("organizationId", body::number));
    let operations_limit = body.optional("operationsLimit", body::number);
    body.optional("transferLimit", body::number);
    body.checked()?;
    let plan = visit.state.plan(visit.allowed(organization, "team add")?);
    let most = plan.limit("teams").max(1);
    if visit.state.teams_of(organization).count() as u64 >= most {
        return Err(invalid("The plan allows no more teams."));
    }
    let team = Team {
        id: visit.state.next_team(),
        name,
        organization_id: organization,
        operations_limit,
        consumed_operations: 0,
        members: vec![TeamMember { user_id: visit.caller, users_role_id: TEAM_ADMIN }],
    };
    let answer = json!({
        "team": { "id": team.id, "name": team.name, "organizationId": organization,
        "operationsLimit": operations_limit },
        "userTeamRole": { "usersRoleId": TEAM_ADMIN, "userId": visit.caller, "teamId": team.id,
        "changeable": false },
    });
    visit.state.record("team_created", visit.caller, organization, Some(team.id), None);
    visit.state.teams.push(team);
    ok(&answer)
}

/// A team that the caller may do this to.
fn managed(visit: &Visit<'_>, team: &str, permission: &str) -> Result<TeamId, Reply> {
    let team = visit.team(TeamId(id(team)?))?;
    let (_, own) = visit.organization(team.organization_id)?;
    let in_team = team.member(visit.caller);
    let may = visit.has(own.users_role_id, "organization edit")
        || in_team.is_some_and(|member| visit.has(member.users_role_id, permission));
    if may { Ok(team.id) } else { Err(denied()) }
}

fn update(visit: &mut Visit<'_>, team: &str) -> Answer {
    let team = managed(visit, team, "team edit")?;
    let mut body = Body::of(visit)?;
    let name = body.optional("name", body::name).map(str::to_owned);
    let limit = body.optional("operationsLimit", body::number);
    body.checked()?;
    let changed =
        visit.state.teams.iter_mut().find(|known| known.id == team).ok_or_else(not_found)?;
    changed.name = name.unwrap_or_else(|| changed.name.clone());
    changed.operations_limit = limit.or(changed.operations_limit);
    let organization = changed.organization_id;
    visit.state.record("team_updated", visit.caller, organization, Some(team), None);
    let team = visit.state.team(team).ok_or_else(not_found)?;
    ok(&json!({ "team": row(team) }))
}

/// An organization keeps at least one team.
fn delete(visit: &mut Visit<'_>, team: &str) -> Answer {
    let team = managed(visit, team, "team delete")?;
    if !visit.flag("confirmed")? {
        return Err(unconfirmed());
    }
    let organization = visit.state.team(team).ok_or_else(not_found)?.organization_id;
    if visit.state.teams_of(organization).count() == 1 {
        return Err(invalid("An organization keeps at least one team."));
    }
    visit.state.teams.retain(|known| known.id != team);
    visit.state.record("team_deleted", visit.caller, organization, Some(team), None);
    ok(&json!({ "team": team }))
}

fn usage(visit: &Visit<'_>, team: &str) -> Answer {
    visit.flag("organizationTimezone")?;
    let team = visit.team(TeamId(id(team)?))?;
    let day = |day: u64| {
        let operations = team.consumed_operations / 30 + day % 7;
        json!({
            "date": format!("2026-05-{:02}", day + 2), "operations": operations,
            "dataTransfer": operations * 15,
            "centicredits": operations * 100,
        })
    };
    ok(&json!({ "data": (0..30).map(day).collect::<Vec<_>>() }))
}

const MODELS: [&str; 6] = [
    "aiMappingAccountId", "aiMappingModelName", "aiMappingBuiltinTier", "aiToolkitAccountId",
    "aiToolkitModelName", "aiToolkitBuiltinTier",
];

fn models(visit: &Visit<'_>, team: TeamId) -> Value {
    let set = visit.state.models.get(&team);
    let field = |name: &&str| {
        let value = set.and_then(|set| set.get(*name)).cloned();
        ((*name).to_owned(), value.unwrap_or_default())
    };
    Value::Object(MODELS.iter().map(field).collect())
}

fn set_models(visit: &mut Visit<'_>, team: &str) -> Answer {
    let team = managed(visit, team, "team edit")?;
    let mut body = Body::of(visit)?;
    let fields: Vec<_> = MODELS
        .iter()
        .filter_map(|name| {
            Some(((*name).to_owned(), body.optional(name, |value| Ok(value.clone()))?))
        })
        .collect();
    body.checked()?;
    if fields.is_empty() {
        return Err(invalid("At least one field is needed."));
    }
    visit.state.models.entry(team).or_default().extend(fields);
    ok(&models(visit, team))
}
