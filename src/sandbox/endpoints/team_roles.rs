//! Who is what in a team.

use serde_json::{Value, json};

use crate::{
    make::{Method, RoleId, TeamId, UserId},
    sandbox::{
        account::state::{OWNER, Team, TeamMember},
        http::{
            body,
            body::Body,
            query::{Columns, Sorting},
            request::{Visit, id},
            response::{Answer, denied, invalid, not_found, ok},
        },
    },
};

const COLUMNS: Columns = Columns {
    all: &["userId", "teamId", "usersRoleId", "changeable"],
    default: &["userId", "teamId", "usersRoleId", "changeable"],
};
const SORTING: Sorting =
    Sorting { limit: 10_000, by: "userId", descending: false, columns: &["userId"] };

pub(crate) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    Some(match visit.asked() {
        (Method::Get, ["users", user, "user-team-roles"]) => {
            visit.with("user:read", |visit| of_user(visit, user))
        }
        (Method::Get, ["users", user, "user-team-roles", team])
        | (Method::Get, ["teams", team, "user-team-roles", user]) => {
            let scope = if visit.path[0] == "users" { "user:read" } else { "teams:read" };
            visit.with(scope, |visit| one(visit, user, team))
        }
        (Method::Post, ["users", user, "user-team-roles", team]) => {
            visit.with("user:write", |visit| set(visit, user, team))
        }
        (Method::Get, ["teams", team, "user-team-roles"]) => {
            visit.with("teams:read", |visit| members(visit, team))
        }
        _ => return None,
    })
}

/// The owner's role in a team follows from the ownership.
fn row(visit: &Visit<'_>, team: &Team, member: &TeamMember) -> Value {
    let organization = visit.state.organization(team.organization_id);
    let owner = organization.and_then(crate::sandbox::account::state::Organization::owner);
    json!({
        "userId": member.user_id, "teamId": team.id, "usersRoleId": member.users_role_id,
        "changeable": owner != Some(member.user_id),
    })
}

fn of_user(visit: &Visit<'_>, user: &str) -> Answer {
    let user = UserId(id(user)?);
    let common =
        |team: &&Team| user == visit.caller || visit.organization(team.organization_id).is_ok();
    let rows: Vec<_> = visit
        .state
        .teams
        .iter()
        .filter(common)
        .filter_map(|team| Some(row(visit, team, team.member(user)?)))
        .collect();
    if rows.is_empty() && visit.state.person(user).is_none() {
        return Err(not_found());
    }
    ok(&json!({ "userTeamRoles": rows }))
}

fn one(visit: &Visit<'_>, user: &str, team: &str) -> Answer {
    let (user, team) = (UserId(id(user)?), visit.team(TeamId(id(team)?))?);
    let member = team.member(user).ok_or_else(not_found)?;
    ok(&json!({ "userTeamRole": row(visit, team, member) }))
}

fn members(visit: &Visit<'_>, team: &str) -> Answer {
    let (picked, paging) = (COLUMNS.asked(visit)?, SORTING.asked(visit)?);
    let team = visit.team(TeamId(id(team)?))?;
    let rows = team.members.iter().map(|member| row(visit, team, member)).collect();
    ok(&json!({ "userTeamRoles": paging.cut(rows, &picked), "pg": paging.echo() }))
}

/// Also adds a member of the organization to the team.
fn set(visit: &mut Visit<'_>, user: &str, team: &str) -> Answer {
    let (user, team) = (UserId(id(user)?), visit.team(TeamId(id(team)?))?);
    let (team, organization) = (team.id, team.organization_id);
    let mut body = Body::of(visit)?;
    let role = RoleId(body.required("usersRoleId", body::number));
    body.checked()?;
    let (whole, own) = visit.organization(organization)?;
    let in_team = visit.state.team(team).and_then(|team| team.member(visit.caller));
    let may = visit.has(own.users_role_id, "organization user add and edit")
        || in_team.is_some_and(|member| visit.has(member.users_role_id, "team user add and edit"));
    let theirs = whole.active(user).ok_or_else(not_found)?;
    if !may || theirs.users_role_id == OWNER {
        return Err(denied());
    }
    let known = visit.state.role(role).filter(|known| {
        known.category == "team" && known.organization_id.is_none_or(|own| own == organization)
    });
    if known.is_none() {
        return Err(invalid(format!(
            "Invalid value of parameter 'usersRoleId': role {role} does not exist."
        )));
    }
    let changed =
        visit.state.teams.iter_mut().find(|known| known.id == team).ok_or_else(not_found)?;
    match changed.members.iter_mut().find(|member| member.user_id == user) {
        Some(member) => member.users_role_id = role,
        None => changed.members.push(TeamMember { user_id: user, users_role_id: role }),
    }
    visit.state.record("team_role_updated", visit.caller, organization, Some(team), Some(user));
    let team = visit.state.team(team).ok_or_else(not_found)?;
    let member = team.member(user).ok_or_else(not_found)?;
    ok(&json!({ "userTeamRole": row(visit, team, member) }))
}
