//! Invitations to organizations.

use serde_json::json;

use super::{
    organization_roles::{assignable, counted, membership},
    users,
};
use crate::{
    make::{OrganizationId, Response, RoleId, TeamId, UserId},
    sandbox::{
        account::{
            generated::UuidKind,
            state::{
                OWNER, Open, SandboxMember, SandboxOrganization, SandboxTeamMember, SandboxUser,
                TEAM_MEMBER,
            },
        },
        http::{
            body,
            body::Body,
            request::{SandboxRequest, id},
            response::{SandboxResult, denied, invalid, not_found, ok},
        },
    },
};

/// The organization and the membership behind a hash that the caller has.
fn by_hash<'a>(
    request: &'a SandboxRequest<'_>,
    hash: &str,
) -> Result<(&'a SandboxOrganization, &'a SandboxMember), Response> {
    let of_caller = |organization: &'a SandboxOrganization| {
        let member = organization.member(request.caller)?;
        (member.hash.as_deref() == Some(hash)).then_some((organization, member))
    };
    request.state.organizations.iter().find_map(of_caller).ok_or_else(not_found)
}

pub(crate) fn mine(request: &SandboxRequest<'_>) -> SandboxResult {
    let row = |organization: &SandboxOrganization| {
        let member = organization.member(request.caller)?;
        let state = member.invitation?;
        Some(json!({
            "hash": member.hash, "organizationId": organization.id,
            "organizationName": organization.name,
            "usersRoleId": member.users_role_id, "invitation": state,
        }))
    };
    let rows: Vec<_> = request.state.organizations.iter().filter_map(row).collect();
    ok(&json!({ "userOrganizationInvitations": rows }))
}

pub(crate) fn look(request: &SandboxRequest<'_>) -> SandboxResult {
    let hash = request
        .query("hash")
        .ok_or_else(|| invalid("Missing value of required parameter 'hash'."))?;
    let (organization, member) = by_hash(request, hash)?;
    ok(&json!({
        "organization": { "id": organization.id, "name": organization.name },
        "user": users::row(request.state, request.caller),
        "userOrganizationRole": membership(organization, member),
    }))
}

pub(crate) fn accept(request: &mut SandboxRequest<'_>) -> SandboxResult {
    let mut body = Body::of(request)?;
    let hash = body.required("hash", body::text);
    body.checked()?;
    let (organization, member) = by_hash(request, hash)?;
    let organization = organization.id;
    if member.invitation == Some(Open::Expired) {
        return Err(invalid("The invitation has expired."));
    }
    let caller = request.caller;
    let accepted = request.state.organization_mut(organization).ok_or_else(not_found)?;
    let member = accepted.member_mut(caller).ok_or_else(not_found)?;
    member.invitation = None;
    member.hash = None;
    let member = member.clone();
    let role = membership(accepted, &member);
    ok(&json!({ "user": users::row(request.state, caller), "userOrganizationRole": role }))
}

/// Finds or makes the person, and adds the open membership and the teams.
pub(crate) fn invite(request: &mut SandboxRequest<'_>, organization: &str) -> SandboxResult {
    let organization = OrganizationId(id(organization)?);
    request.allowed(organization, "organization user add and edit")?;
    let mut body = Body::of(request)?;
    let email = body.required("email", body::email).to_owned();
    let name = body.required("name", body::name).to_owned();
    let role = RoleId(body.required("usersRoleId", body::number));
    let teams = body.optional("teamsId", body::numbers).unwrap_or_default();
    body.optional("note", body::text);
    body.checked()?;
    if role == OWNER {
        return Err(denied());
    }
    assignable(request, organization, role)?;
    for team in &teams {
        let own = request
            .state
            .team(TeamId(*team))
            .is_some_and(|team| team.organization_id == organization);
        if !own {
            return Err(invalid(format!(
                "Invalid value of parameter 'teamsId': team {team} does not exist."
            )));
        }
    }
    let user = found_or_made(request, email, name);
    add(request, organization, user, role, &teams)?;
    let invited = request.state.organization(organization).ok_or_else(not_found)?;
    let member = invited.member(user).ok_or_else(not_found)?;
    ok(&json!({ "user": users::row(request.state, user), "userOrganizationRole": counted(request,
        invited, member) }))
}

fn found_or_made(request: &mut SandboxRequest<'_>, email: String, name: String) -> UserId {
    let known =
        request.state.people.iter().find(|person| person.email.eq_ignore_ascii_case(&email));
    if let Some(person) = known {
        return person.id;
    }
    let id = request.state.next_user();
    request.state.people.push(SandboxUser {
        id,
        name,
        email,
        language: "en".to_owned(),
        timezone_id: 113,
        locale_id: 18,
        country_id: 202,
        last_login: None,
        tfa_status: None,
    });
    id
}

/// What Make does for someone who is a member already is not documented; the sandbox refuses it.
fn add(
    request: &mut SandboxRequest<'_>,
    organization: OrganizationId,
    user: UserId,
    role: RoleId,
    teams: &[u64],
) -> Result<(), Response> {
    let hash = request.state.new_uuid(UuidKind::Invitation);
    let joined = request.state.organization_mut(organization).ok_or_else(not_found)?;
    if joined.active(user).is_some() {
        return Err(invalid("The user is a member of the organization already."));
    }
    joined.members.retain(|member| member.user_id != user);
    joined.members.push(SandboxMember {
        user_id: user,
        users_role_id: role,
        invitation: Some(Open::Pending),
        hash: Some(hash),
    });
    for team in request.state.teams.iter_mut().filter(|team| teams.contains(&team.id.0)) {
        if team.member(user).is_none() {
            team.members.push(SandboxTeamMember { user_id: user, users_role_id: TEAM_MEMBER });
        }
    }
    Ok(())
}
