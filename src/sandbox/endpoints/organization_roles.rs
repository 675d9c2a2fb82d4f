//! Who is what in an organization.

use serde_json::{Value, json};

use crate::{
    make::{OrganizationId, Response, RoleId, UserId},
    sandbox::{
        account::state::{ADMIN, OWNER, SandboxMember, SandboxOrganization},
        http::{
            body,
            body::Body,
            query::{Columns, Picked},
            request::{SandboxRequest, id},
            response::{SandboxResult, denied, invalid, not_found, ok, unconfirmed},
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

/// A membership with the columns that need no count.
pub(crate) fn membership(organization: &SandboxOrganization, member: &SandboxMember) -> Value {
    json!({
        "userId": member.user_id, "organizationId": organization.id,
        "usersRoleId": member.users_role_id,
        "invitation": member.invitation,
    })
}

/// The membership with every column.
pub(crate) fn counted(
    request: &SandboxRequest<'_>,
    organization: &SandboxOrganization,
    member: &SandboxMember,
) -> Value {
    let mut row = membership(organization, member);
    let teams = || request.state.teams_of(organization.id);
    row["organizationTeamsCount"] = teams().count().into();
    row["joinedTeamsCount"] =
        teams().filter(|team| team.member(member.user_id).is_some()).count().into();
    row
}

/// A person sees all of the own memberships, and of others those in common organizations.
pub(crate) fn of_user(request: &SandboxRequest<'_>, user: &str) -> SandboxResult {
    let picked = COLUMNS.asked(request)?;
    let user = UserId(id(user)?);
    let common = |organization: &&SandboxOrganization| {
        user == request.caller || organization.active(request.caller).is_some()
    };
    let rows: Vec<_> = request
        .state
        .organizations
        .iter()
        .filter(common)
        .filter_map(|organization| {
            Some(picked.of(counted(request, organization, organization.member(user)?)))
        })
        .collect();
    if rows.is_empty() {
        return Err(not_found());
    }
    ok(&json!({ "userOrganizationRoles": rows }))
}

pub(crate) fn of_organization(request: &SandboxRequest<'_>, organization: &str) -> SandboxResult {
    let picked = COLUMNS.asked(request)?;
    let (organization, _) = request.organization(OrganizationId(id(organization)?))?;
    let row = |member| picked.of(counted(request, organization, member));
    ok(&json!({
        "userOrganizationRoles": organization.members.iter().map(row).collect::<Vec<_>>(),
    }))
}

pub(crate) fn one(request: &SandboxRequest<'_>, user: &str, organization: &str) -> SandboxResult {
    let picked = COLUMNS.asked(request)?;
    let (user, organization) = (UserId(id(user)?), OrganizationId(id(organization)?));
    let hidden = user != request.caller && request.organization(organization).is_err();
    let organization =
        request.state.organization(organization).filter(|_| !hidden).ok_or_else(not_found)?;
    let member = organization.member(user).ok_or_else(not_found)?;
    ok(&json!({ "userOrganizationRole": picked.of(counted(request, organization, member)) }))
}

/// Make takes a body without a role for a removal.
pub(crate) fn set_or_remove(
    request: &mut SandboxRequest<'_>,
    user: &str,
    organization: &str,
) -> SandboxResult {
    let picked = COLUMNS.asked(request)?;
    let (user, organization) = (UserId(id(user)?), OrganizationId(id(organization)?));
    let mut body = Body::of(request)?;
    let role = body.optional("usersRoleId", body::number).map(RoleId);
    body.checked()?;
    let member = request
        .allowed(organization, "organization user add and edit")?
        .member(user)
        .ok_or_else(not_found)?;
    if member.users_role_id == OWNER || role == Some(OWNER) {
        return Err(denied());
    }
    match role {
        Some(role) => set(request, user, organization, role, &picked),
        None => remove(request, user, organization, &picked),
    }
}

fn set(
    request: &mut SandboxRequest<'_>,
    user: UserId,
    organization: OrganizationId,
    role: RoleId,
    picked: &Picked<'_>,
) -> SandboxResult {
    assignable(request, organization, role)?;
    let changed = request
        .state
        .organization_mut(organization)
        .and_then(|organization| organization.member_mut(user));
    changed.ok_or_else(not_found)?.users_role_id = role;
    let organization = request.state.organization(organization).ok_or_else(not_found)?;
    let member = organization.member(user).ok_or_else(not_found)?;
    ok(&json!({ "userOrganizationRole": picked.of(counted(request, organization, member)) }))
}

/// 400 unless the role is one that members of the organization can have.
pub(crate) fn assignable(
    request: &SandboxRequest<'_>,
    organization: OrganizationId,
    role: RoleId,
) -> Result<(), Response> {
    let known = request.state.role(role).filter(|role| {
        role.category == "organization"
            && role.organization_id.is_none_or(|own| own == organization)
    });
    known.map(|_| ()).ok_or_else(|| {
        invalid(format!("Invalid value of parameter 'usersRoleId': role {role} does not exist."))
    })
}

fn remove(
    request: &mut SandboxRequest<'_>,
    user: UserId,
    organization: OrganizationId,
    picked: &Picked<'_>,
) -> SandboxResult {
    if request.flag("deleteConnections")? && !request.flag("confirmed")? {
        return Err(unconfirmed());
    }
    let state = &mut *request.state;
    let from = state.organization_mut(organization).ok_or_else(not_found)?;
    from.members.retain(|member| member.user_id != user);
    let teams = state.teams.iter_mut().filter(|team| team.organization_id == organization);
    let mut left = Vec::new();
    for team in teams.filter(|team| team.member(user).is_some()) {
        team.members.retain(|member| member.user_id != user);
        left.push(team.id);
    }
    for team in left {
        request.state.record(
            "team_member_removed",
            request.caller,
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
pub(crate) fn transfer(
    request: &mut SandboxRequest<'_>,
    user: u64,
    organization: &str,
) -> SandboxResult {
    let (user, organization) = (UserId(user), OrganizationId(id(organization)?));
    request.owns(organization)?;
    let caller = request.caller;
    let handed = request.state.organization_mut(organization).ok_or_else(not_found)?;
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

/// The older form of the transfer, which names the new owner in the body.
pub(crate) fn transfer_by_body(
    request: &mut SandboxRequest<'_>,
    organization: &str,
) -> SandboxResult {
    let mut body = Body::of(request)?;
    let user = body.required("userId", body::number);
    body.checked()?;
    transfer(request, user, organization)
}
