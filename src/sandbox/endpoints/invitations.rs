//! Invitations to organizations.

use serde_json::json;

use super::{
    organization_roles::{assignable, counted, membership},
    users,
};
use crate::{
    make::{Method, OrganizationId, Reply, RoleId, TeamId, UserId},
    sandbox::{
        account::{
            generated::Kind,
            state::{Member, OWNER, Open, Organization, Person, TEAM_MEMBER, TeamMember},
        },
        http::{
            body,
            body::Body,
            request::{Visit, id},
            response::{Answer, denied, invalid, not_found, ok},
        },
    },
};

pub(crate) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    Some(match visit.asked() {
        (Method::Get, ["users", "me", "organization-invitations"]) => {
            visit.with("user:read", |visit| mine(visit))
        }
        (Method::Get, ["organizations", "invitation"]) => {
            visit.with("organizations:read", |visit| look(visit))
        }
        (Method::Post, ["organizations", "accept-invitation"]) => {
            visit.with("organizations:write", |visit| accept(visit))
        }
        (Method::Post, ["organizations", organization, "invite"]) => {
            visit.with("organizations:write", |visit| invite(visit, organization))
        }
        _ => return None,
    })
}

/// The organization and the membership behind a hash that the caller has.
fn by_hash<'a>(visit: &'a Visit<'_>, hash: &str) -> Result<(&'a Organization, &'a Member), Reply> {
    let of_caller = |organization: &'a Organization| {
        let member = organization.member(visit.caller)?;
        (member.hash.as_deref() == Some(hash)).then_some((organization, member))
    };
    visit.state.organizations.iter().find_map(of_caller).ok_or_else(not_found)
}

fn mine(visit: &Visit<'_>) -> Answer {
    let row = |organization: &Organization| {
        let member = organization.member(visit.caller)?;
        let state = member.invitation?;
        Some(json!({
            "hash": member.hash, "organizationId": organization.id,
            "organizationName": organization.name,
            "usersRoleId": member.users_role_id, "invitation": state,
        }))
    };
    let rows: Vec<_> = visit.state.organizations.iter().filter_map(row).collect();
    ok(&json!({ "userOrganizationInvitations": rows }))
}

fn look(visit: &Visit<'_>) -> Answer {
    let hash = visit
        .query("hash")
        .ok_or_else(|| invalid("Missing value of required parameter 'hash'."))?;
    let (organization, member) = by_hash(visit, hash)?;
    ok(&json!({
        "organization": { "id": organization.id, "name": organization.name },
        "user": users::row(visit.state, visit.caller),
        "userOrganizationRole": membership(organization, member),
    }))
}

fn accept(visit: &mut Visit<'_>) -> Answer {
    let mut body = Body::of(visit)?;
    let hash = body.required("hash", body::text);
    body.checked()?;
    let (organization, member) = by_hash(visit, hash)?;
    let organization = organization.id;
    if member.invitation == Some(Open::Expired) {
        return Err(invalid("The invitation has expired."));
    }
    let caller = visit.caller;
    let accepted = visit.state.organization_mut(organization).ok_or_else(not_found)?;
    let member = accepted.member_mut(caller).ok_or_else(not_found)?;
    member.invitation = None;
    member.hash = None;
    let member = member.clone();
    let role = membership(accepted, &member);
    ok(&json!({ "user": users::row(visit.state, caller), "userOrganizationRole": role }))
}

/// Finds or makes the person, and adds the open membership and the teams.
fn invite(visit: &mut Visit<'_>, organization: &str) -> Answer {
    let organization = OrganizationId(id(organization)?);
    visit.allowed(organization, "organization user add and edit")?;
    let mut body = Body::of(visit)?;
    let email = body.required("email", body::email).to_owned();
    let name = body.required("name", body::name).to_owned();
    let role = RoleId(body.required("usersRoleId", body::number));
    let teams = body.optional("teamsId", body::numbers).unwrap_or_default();
    body.optional("note", body::text);
    body.checked()?;
    if role == OWNER {
        return Err(denied());
    }
    assignable(visit, organization, role)?;
    for team in &teams {
        let own = visit
            .state
            .team(TeamId(*team))
            .is_some_and(|team| team.organization_id == organization);
        if !own {
            return Err(invalid(format!(
                "Invalid value of parameter 'teamsId': team {team} does not exist."
            )));
        }
    }
    let user = found_or_made(visit, email, name);
    add(visit, organization, user, role, &teams)?;
    let invited = visit.state.organization(organization).ok_or_else(not_found)?;
    let member = invited.member(user).ok_or_else(not_found)?;
    ok(&json!({ "user": users::row(visit.state, user), "userOrganizationRole": counted(visit,
        invited, member) }))
}

fn found_or_made(visit: &mut Visit<'_>, email: String, name: String) -> UserId {
    let known = visit.state.people.iter().find(|person| person.email.eq_ignore_ascii_case(&email));
    if let Some(person) = known {
        return person.id;
    }
    let id = visit.state.next_user();
    visit.state.people.push(Person {
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
    visit: &mut Visit<'_>,
    organization: OrganizationId,
    user: UserId,
    role: RoleId,
    teams: &[u64],
) -> Result<(), Reply> {
    let hash = visit.state.new_uuid(Kind::Invitation);
    let joined = visit.state.organization_mut(organization).ok_or_else(not_found)?;
    if joined.active(user).is_some() {
        return Err(invalid("The user is a member of the organization already."));
    }
    joined.members.retain(|member| member.user_id != user);
    joined.members.push(Member {
        user_id: user,
        users_role_id: role,
        invitation: Some(Open::Pending),
        hash: Some(hash),
    });
    for team in visit.state.teams.iter_mut().filter(|team| teams.contains(&team.id.0)) {
        if team.member(user).is_none() {
            team.members.push(TeamMember { user_id: user, users_role_id: TEAM_MEMBER });
        }
    }
    Ok(())
}
