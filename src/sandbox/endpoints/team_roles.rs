//! Who is what in a team.

use serde_json::{Value, json};

use crate::{
    make::{RoleId, TeamId, UserId},
    sandbox::{
        account::state::{OWNER, SandboxTeam, SandboxTeamMember},
        http::{
            body,
            body::Body,
            query::{Columns, Sorting},
            request::{SandboxRequest, id},
            response::{SandboxResult, denied, invalid, not_found, ok},
        },
    },
};

const COLUMNS: Columns = Columns {
    all: &["userId", "teamId", "usersRoleId", "changeable"],
    default: &["userId", "teamId", "usersRoleId", "changeable"],
};
const SORTING: Sorting =
    Sorting { limit: 10_000, by: "userId", descending: false, columns: &["userId"] };

/// The owner's role in a team follows from the ownership.
fn row(request: &SandboxRequest<'_>, team: &SandboxTeam, member: &SandboxTeamMember) -> Value {
    let organization = request.state.organization(team.organization_id);
    let owner = organization.and_then(crate::sandbox::account::state::SandboxOrganization::owner);
    json!({
        "userId": member.user_id, "teamId": team.id, "usersRoleId": member.users_role_id,
        "changeable": owner != Some(member.user_id),
    })
}

pub(crate) fn of_user(request: &SandboxRequest<'_>, user: &str) -> SandboxResult {
    let user = UserId(id(user)?);
    let common = |team: &&SandboxTeam| {
        user == request.caller || request.organization(team.organization_id).is_ok()
    };
    let rows: Vec<_> = request
        .state
        .teams
        .iter()
        .filter(common)
        .filter_map(|team| Some(row(request, team, team.member(user)?)))
        .collect();
    if rows.is_empty() && request.state.person(user).is_none() {
        return Err(not_found());
    }
    ok(&json!({ "userTeamRoles": rows }))
}

pub(crate) fn one(request: &SandboxRequest<'_>, user: &str, team: &str) -> SandboxResult {
    let (user, team) = (UserId(id(user)?), request.team(TeamId(id(team)?))?);
    let member = team.member(user).ok_or_else(not_found)?;
    ok(&json!({ "userTeamRole": row(request, team, member) }))
}

pub(crate) fn members(request: &SandboxRequest<'_>, team: &str) -> SandboxResult {
    let (picked, paging) = (COLUMNS.asked(request)?, SORTING.asked(request)?);
    let team = request.team(TeamId(id(team)?))?;
    let rows = team.members.iter().map(|member| row(request, team, member)).collect();
    ok(&json!({ "userTeamRoles": paging.cut(rows, &picked), "pg": paging.echo() }))
}

/// Also adds a member of the organization to the team.
pub(crate) fn set(request: &mut SandboxRequest<'_>, user: &str, team: &str) -> SandboxResult {
    let (user, team) = (UserId(id(user)?), request.team(TeamId(id(team)?))?);
    let (team, organization) = (team.id, team.organization_id);
    let mut body = Body::of(request)?;
    let role = RoleId(body.required("usersRoleId", body::number));
    body.checked()?;
    let (whole, own) = request.organization(organization)?;
    let in_team = request.state.team(team).and_then(|team| team.member(request.caller));
    let may = request.has(own.users_role_id, "organization user add and edit")
        || in_team
            .is_some_and(|member| request.has(member.users_role_id, "team user add and edit"));
    let theirs = whole.active(user).ok_or_else(not_found)?;
    if !may || theirs.users_role_id == OWNER {
        return Err(denied());
    }
    let known = request.state.role(role).filter(|known| {
        known.category == "team" && known.organization_id.is_none_or(|own| own == organization)
    });
    if known.is_none() {
        return Err(invalid(format!(
            "Invalid value of parameter 'usersRoleId': role {role} does not exist."
        )));
    }
    let changed =
        request.state.teams.iter_mut().find(|known| known.id == team).ok_or_else(not_found)?;
    match changed.members.iter_mut().find(|member| member.user_id == user) {
        Some(member) => member.users_role_id = role,
        None => changed.members.push(SandboxTeamMember { user_id: user, users_role_id: role }),
    }
    request.state.record("team_role_updated", request.caller, organization, Some(team), Some(user));
    let team = request.state.team(team).ok_or_else(not_found)?;
    let member = team.member(user).ok_or_else(not_found)?;
    ok(&json!({ "userTeamRole": row(request, team, member) }))
}
