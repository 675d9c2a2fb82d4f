//! Teams.

use serde_json::{Value, json};

use crate::{
    make::{OrganizationId, Response, TeamId},
    sandbox::{
        account::state::{SandboxTeam, SandboxTeamMember, TEAM_ADMIN},
        http::{
            body,
            body::Body,
            query::{Columns, Sorting},
            request::{SandboxRequest, id},
            response::{SandboxResult, denied, invalid, not_found, ok, unconfirmed},
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

fn row(team: &SandboxTeam) -> Value {
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

pub(crate) fn list(request: &SandboxRequest<'_>) -> SandboxResult {
    let picked = COLUMNS.asked(request)?;
    let paging = SORTING.asked(request)?;
    request.flag("includePrivateSpaces")?;
    let id = request.number("organizationId")?;
    let id = id.ok_or_else(|| invalid("Missing value of required parameter 'organizationId'."))?;
    let (organization, _) = request.organization(OrganizationId(id))?;
    let rows = request.state.teams_of(organization.id).map(row).collect();
    ok(&json!({ "teams": paging.cut(rows, &picked), "pg": paging.echo() }))
}

pub(crate) fn one(request: &SandboxRequest<'_>, team: &str) -> SandboxResult {
    let picked = COLUMNS.asked(request)?;
    let team = request.team(TeamId(id(team)?))?;
    let mut answer = picked.of(row(team));
    // One team always says which it is.
    answer["id"] = json!(team.id);
    ok(&json!({ "team": answer }))
}

pub(crate) fn create(request: &mut SandboxRequest<'_>) -> SandboxResult {
    let mut body = Body::of(request)?;
    let name = body.required("name", body::name).to_owned();
    let organization = OrganizationId(body.required("organizationId", body::number));
    let operations_limit = body.optional("operationsLimit", body::number);
    body.optional("transferLimit", body::number);
    body.checked()?;
    let plan = request.state.plan(request.allowed(organization, "team add")?);
    let most = plan.limit("teams").max(1);
    if request.state.teams_of(organization).count() as u64 >= most {
        return Err(invalid("The plan allows no more teams."));
    }
    let team = SandboxTeam {
        id: request.state.next_team(),
        name,
        organization_id: organization,
        operations_limit,
        consumed_operations: 0,
        members: vec![SandboxTeamMember { user_id: request.caller, users_role_id: TEAM_ADMIN }],
    };
    let answer = json!({
        "team": { "id": team.id, "name": team.name, "organizationId": organization,
        "operationsLimit": operations_limit },
        "userTeamRole": { "usersRoleId": TEAM_ADMIN, "userId": request.caller, "teamId": team.id,
        "changeable": false },
    });
    request.state.record("team_created", request.caller, organization, Some(team.id), None);
    request.state.teams.push(team);
    ok(&answer)
}

/// A team that the caller may do this to.
fn managed(request: &SandboxRequest<'_>, team: &str, permission: &str) -> Result<TeamId, Response> {
    let team = request.team(TeamId(id(team)?))?;
    let (_, own) = request.organization(team.organization_id)?;
    let in_team = team.member(request.caller);
    let may = request.has(own.users_role_id, "organization edit")
        || in_team.is_some_and(|member| request.has(member.users_role_id, permission));
    if may { Ok(team.id) } else { Err(denied()) }
}

pub(crate) fn update(request: &mut SandboxRequest<'_>, team: &str) -> SandboxResult {
    let team = managed(request, team, "team edit")?;
    let mut body = Body::of(request)?;
    let name = body.optional("name", body::name).map(str::to_owned);
    let limit = body.optional("operationsLimit", body::number);
    body.checked()?;
    let changed =
        request.state.teams.iter_mut().find(|known| known.id == team).ok_or_else(not_found)?;
    changed.name = name.unwrap_or_else(|| changed.name.clone());
    changed.operations_limit = limit.or(changed.operations_limit);
    let organization = changed.organization_id;
    request.state.record("team_updated", request.caller, organization, Some(team), None);
    let team = request.state.team(team).ok_or_else(not_found)?;
    ok(&json!({ "team": row(team) }))
}

/// An organization keeps at least one team.
pub(crate) fn delete(request: &mut SandboxRequest<'_>, team: &str) -> SandboxResult {
    let team = managed(request, team, "team delete")?;
    if !request.flag("confirmed")? {
        return Err(unconfirmed());
    }
    let organization = request.state.team(team).ok_or_else(not_found)?.organization_id;
    if request.state.teams_of(organization).count() == 1 {
        return Err(invalid("An organization keeps at least one team."));
    }
    request.state.teams.retain(|known| known.id != team);
    request.state.record("team_deleted", request.caller, organization, Some(team), None);
    ok(&json!({ "team": team }))
}

pub(crate) fn usage(request: &SandboxRequest<'_>, team: &str) -> SandboxResult {
    request.flag("organizationTimezone")?;
    let team = request.team(TeamId(id(team)?))?;
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

fn models(request: &SandboxRequest<'_>, team: TeamId) -> Value {
    let set = request.state.models.get(&team);
    let field = |name: &&str| {
        let value = set.and_then(|set| set.get(*name)).cloned();
        ((*name).to_owned(), value.unwrap_or_default())
    };
    Value::Object(MODELS.iter().map(field).collect())
}

pub(crate) fn set_models(request: &mut SandboxRequest<'_>, team: &str) -> SandboxResult {
    let team = managed(request, team, "team edit")?;
    let mut body = Body::of(request)?;
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
    request.state.models.entry(team).or_default().extend(fields);
    ok(&models(request, team))
}

pub(crate) fn llm(request: &SandboxRequest<'_>, team: &str) -> SandboxResult {
    let team = request.team(TeamId(id(team)?))?.id;
    ok(&models(request, team))
}
