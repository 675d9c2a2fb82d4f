//! Who is what in an organization.

use serde_json::{Value, json};

use crate::{
    make::{Method, OrganizationId, Reply, RoleId, UserId},
    sandbox::{
        account::state::{ADMIN, Member, OWNER, Organization},
        http::{
            body,
            body::Body,
            query::{Columns, Picked},
            request::{Visit, id},
            response::{Answer, denied, invalid, not_found, ok, unconfirmed},
        },
    },
};

const COLUMNS: Columns = Columns {
    all: &[
        "userId", "organizationId", "usersRoleId", "invitation", "organizationTeamsCount",
        "joinedTeamsCount",
    ],
    default: &["userId", "organizationId", "usersRoleId", "invitation"],
};

pub(crate) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    const ROLES: &str = "user-organization-roles";
    Some(match visit.asked() {
        (Method::Get, ["users", user, ROLES]) => {
            visit.with("user:read", |visit| of_user(visit, user))
        }
        (Method::Get, ["users", user, ROLES, organization]) => {
            visit.with("user:read", |visit| one(visit, user, organization))
        }
        (Method::Post, ["users", user, ROLES, organization]) => {
            visit.with("user:write", |visit| set_or_remove(visit, user, organization))
        }
        (Method::Post, ["users", user, ROLES, organization, "transfer"]) => {
            visit.with("user:write", |visit| transfer(visit, id(user)?, organization))
        }
        (Method::Get, ["organizations", organization, ROLES]) => {
            visit.with("organizations:read", |visit| of_organization(visit, organization))
        }
        (Method::Post, ["organizations", organization, ROLES, "transfer"]) => {
            visit.with("organizations:write", |visit| {
                let mut body = Body::of(visit)?;
                let user = body.required("userId", body::number);
                body.checked()?;
                transfer(visit, user, organization)
            })
        }
        (Method::Get, ["organizations", organization, ROLES, user]) => {
            visit.with("organizations:read", |visit| one(visit, user, organization))
        }
        _ => return None,
    })
}

/// A membership with the columns that need no count.
pub(crate) fn membership(organization: &Organization, member: &Member) -> Value {
    json!({
        "userId": member.user_id, "organizationId": organization.id,
        "usersRoleId": member.users_role_id,
        "invitation": member.invitation,
    })
}

/// The membership with every column.
pub(crate) fn counted(visit: &Visit<'_>, organization: &Organization, member: &Member) -> Value {
    let mut row = membership(organization, member);
    let teams = || visit.state.teams_of(organization.id);
    row["organizationTeamsCount"] = teams().count().into();
    row["joinedTeamsCount"] =
        teams().filter(|team| team.member(member.user_id).is_some()).count().into();
    row
}

/// A person sees all of the own memberships, and of others those in common organizations.
fn of_user(visit: &Visit<'_>, user: &str) -> Answer {
    let picked = COLUMNS.asked(visit)?;
    let user = UserId(id(user)?);
    let common = |organization: &&Organization| {
        user == visit.caller || organization.active(visit.caller).is_some()
    };
    let rows: Vec<_> = visit
        .state
        .organizations
        .iter()
        .filter(common)
        .filter_map(|organization| {
            Some(picked.of(counted(visit, organization, organization.member(user)?)))
        })
        .collect();
    if rows.is_empty() {
        return Err(not_found());
    }
    ok(&json!({ "userOrganizationRoles": rows }))
}

fn of_organization(visit: &Visit<'_>, organization: &str) -> Answer {
    let picked = COLUMNS.asked(visit)?;
    let (organization, _) = visit.organization(OrganizationId(id(organization)?))?;
    let row = |member| picked.of(counted(visit, organization, member));
    ok(
        &json!({ "userOrganizationRoles": organization.members.iter().map(row).collect::<Vec<_>>() }),
    )
}

fn one(visit: &Visit<'_>, user: &str, organization: &str) -> Answer {
    let picked = COLUMNS.asked(visit)?;
    let (user, organization) = (UserId(id(user)?), OrganizationId(id(organization)?));
    let hidden = user != visit.caller && visit.organization(organization).is_err();
    let organization =
        visit.state.organization(organization).filter(|_| !hidden).ok_or_else(not_found)?;
    let member = organization.member(user).ok_or_else(not_found)?;
    ok(&json!({ "userOrganizationRole": picked.of(counted(visit, organization, member)) }))
}

/// Make takes a body without a role for a removal.
fn set_or_remove(visit: &mut Visit<'_>, user: &str, organization: &str) -> Answer {
    let picked = COLUMNS.asked(visit)?;
    let (user, organization) = (UserId(id(user)?), OrganizationId(id(organization)?));
    let mut body = Body::of(visit)?;
    let role = body.optional("usersRoleId", body::number).map(RoleId);
    body.checked()?;
    let member = visit
        .allowed(organization, "organization user add and edit")?
        .member(user)
        .ok_or_else(not_found)?;
    if member.users_role_id == OWNER || role == Some(OWNER) {
        return Err(denied());
    }
    match role {
        Some(role) => set(visit, user, organization, role, &picked),
        None => remove(visit, user, organization, &picked),
    }
}

fn set(
    visit: &mut Visit<'_>,
    user: UserId,
    organization: OrganizationId,
    role: RoleId,
    picked: &Picked<'_>,
) -> Answer {
    assignable(visit, organization, role)?;
    let changed = visit
        .state
        .organization_mut(organization)
        .and_then(|organization| organization.member_mut(user));
    changed.ok_or_else(not_found)?.users_role_id = role;
    let organization = visit.state.organization(organization).ok_or_else(not_found)?;
    let member = organization.member(user).ok_or_else(not_found)?;
    ok(&json!({ "userOrganizationRole": picked.of(counted(visit, organization, member)) }))
}

/// 400 unless the role is one that members of the organization can have.
pub(crate) fn assignable(
    visit: &Visit<'_>,
    organization: OrganizationId,
    role: RoleId,
) -> Result<(), Reply> {
    let known = visit.state.role(role).filter(|role| {
        role.category == "organization"
            && role.organization_id.is_none_or(|own| own == organization)
    });
    known.map(|_| ()).ok_or_else(|| {
        invalid(format!("Invalid value of parameter 'usersRoleId': role {role} does not exist."))
    })
}

fn remove(
    visit: &mut Visit<'_>,
    user: UserId,
    organization: OrganizationId,
    picked: &Picked<'_>,
) -> Answer {
    if visit.flag("deleteConnections")? && !visit.flag("confirmed")? {
        return Err(unconfirmed());
    }
    let state = &mut *visit.state;
    let from = state.organization_mut(organization).ok_or_else(not_found)?;
    from.members.retain(|member| member.user_id != user);
    let teams = state.teams.iter_mut().filter(|team| team.organization_id == organization);
    let mut left = Vec::new();
    for team in teams.filter(|team| team.member(user).is_some()) {
        team.members.retain(|member| member.user_id != user);
        left.push(team.id);
    }
    for team in left {
        visit.state.record(
            "team_member_removed",
            visit.caller,
            organization,
            Some(team),
            Some(user),
        );
    }
    let row = json!({ "userId": user, "organizationId": organization, "usersRoleId": null,
    "invitation": null });
    ok(&json!({ "userOrganizationRole": picked.of(row) }))
}

/// The first answered row is the new owner's, the second the former owner's.
fn transfer(visit: &mut Visit<'_>, user: u64, organization: &str) -> Answer {
    let (user, organization) = (UserId(user), OrganizationId(id(organization)?));
    visit.owns(organization)?;
    let caller = visit.caller;
    let handed = visit.state.organization_mut(organization).ok_or_else(not_found)?;
    handed.active(user).ok_or_else(not_found)?;
    for (user, role) in [(caller, ADMIN), (user, OWNER)] {
        handed.member_mut(user).ok_or_else(not_found)?.users_role_id = role;
    }
    let rows: Vec<_> = [user, caller]
        .into_iter()
        .filter_map(|user| handed.member(user))
        .map(|member| membership(handed, member))
        .collect();
    ok(&json!({ "userOrganizationRoles": rows }))
}
