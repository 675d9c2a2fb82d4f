//! Reads everything that an access review is about.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;

use super::Review;
use crate::{
    make::{
        ListUsers, Place, Record, Role, Team, User, UserId, UserOrganizationRole, UserTeamRole,
    },
    report::{
        ReviewedPerson, RoleRow, Snapshot, SnapshotRef, TeamMembership, TeamRow, Terms, review,
    },
    sync::blocking,
    text::quoted,
    tools::{
        lookup::{
            organizations::all_teams,
            people::everyone,
            roles::{RoleCatalog, manages_people},
            team_admins::team_members,
        },
        registry::{Context, ToolError},
    },
    workflows::trail::bulk_client,
};

/// A team and its members, where the caller may see them.
type ReadTeam = (Record<Team>, Option<Vec<Record<UserTeamRole>>>);

/// Teams read at once.
const AHEAD: usize = 8;

/// Reads everything that the review is about.
pub(crate) async fn collect(
    cx: &Context,
    args: &Review,
    as_of: Date,
) -> Result<Snapshot, ToolError> {
    let id = args.organization_id;
    let make = bulk_client(cx, id).await?;
    let organization = make.organizations().get(id, &[], false).await?;
    cx.progress.tell(1, None, "reading people".to_owned());
    let cols = ["userId", "organizationId", "usersRoleId", "invitation"].map(str::to_owned);
    let members = make.organization_roles().members(id, &cols).await?;
    let cols = ["id", "name", "email", "lastLogin", "tfaStatus", "userTeamIds"];
    let asked = ListUsers::of(Place::Organization(id), &cols);
    let users = everyone(&make, asked).await?;
    let roles = RoleCatalog::read(&make, Some(id)).await?;
    let teams = all_teams(&make, id).await?;
    cx.progress.tell(2, None, format!("reading {} teams", teams.len()));
    let read: Vec<_> = stream::iter(teams)
        .map(|team| {
            let make = make.clone();
            async move {
                let members = match team.id {
                    Some(id) => team_members(&make, id).await?,
                    None => None,
                };
                Ok::<_, ToolError>((team, members))
            }
        })
        .buffered(AHEAD)
        .try_collect()
        .await?;

    let mut people = people(&users, &members.items);
    let (rows, mut notes) = with_teams(&mut people, read);
    if members.limit == Some(members.items.len() as u64) {
        notes.push(
            "Make sent as many memberships as it sends at most: there may be more.".to_owned(),
        );
    }
    let people: Vec<_> = people.into_values().collect();
    let terms = Terms {
        as_of: as_of.to_string(),
        stale_days: args.stale_days,
        trusted_domains: trusted(args, &roles, &members.items, &people),
    };
    let named = SnapshotRef { id: id.0, name: organization.name.clone() };
    Ok(blocking(|| review(named, terms, role_rows(&roles), rows, people, notes)))
}

/// Everybody of either list, with what it says.
fn people(
    users: &[Record<User>],
    members: &[Record<UserOrganizationRole>],
) -> BTreeMap<u64, ReviewedPerson> {
    let mut people = BTreeMap::new();
    for user in users {
        let Some(id) = user.id else { continue };
        let person = entry(&mut people, id);
        person.name = user.name.clone();
        person.email = user.email.clone();
        person.last_login = user.last_login.clone();
        person.tfa_status = user.tfa_status;
        // The roles there are read team by team; where they are not to be had, this much is known.
        let teams = user.user_team_ids.iter().flatten();
        person.teams =
            teams.map(|team| TeamMembership { team_id: team.0, role_id: None }).collect();
    }
    for member in members {
        let Some(id) = member.user_id else { continue };
        let person = entry(&mut people, id);
        person.role_id = member.users_role_id.map(|role| role.0);
        person.invitation = member.invitation.clone();
    }
    people
}

/// Adds the roles in teams. The teams, and which of them could not be read.
fn with_teams(
    people: &mut BTreeMap<u64, ReviewedPerson>,
    read: Vec<ReadTeam>,
) -> (Vec<TeamRow>, Vec<String>) {
    let (mut rows, mut notes) = (Vec::new(), Vec::new());
    for (team, members) in read {
        let Some(id) = team.id else { continue };
        if members.is_none() {
            let name = quoted(team.name.as_deref().unwrap_or_default());
            notes.push(format!(
                "The roles in the team {name} ({id}) could not be read: the caller is not in it."
            ));
        }
        rows.push(TeamRow { id: id.0, name: team.name.clone(), readable: members.is_some() });
        for member in members.iter().flatten() {
            let Some(user) = member.user_id else { continue };
            entry(people, user).teams.push(TeamMembership {
                team_id: id.0,
                role_id: member.users_role_id.map(|role| role.0),
            });
        }
    }
    (rows, notes)
}

fn entry(people: &mut BTreeMap<u64, ReviewedPerson>, id: UserId) -> &mut ReviewedPerson {
    people.entry(id.0).or_insert_with(|| ReviewedPerson { id: id.0, ..ReviewedPerson::default() })
}

/// What was given, else the domain of the owner.
fn trusted(
    args: &Review,
    roles: &RoleCatalog,
    members: &[Record<UserOrganizationRole>],
    people: &[ReviewedPerson],
) -> BTreeSet<String> {
    if !args.trusted_domains.is_empty() {
        let domains = args.trusted_domains.iter();
        return domains
            .map(|domain| domain.trim().trim_start_matches('@').to_lowercase())
            .collect();
    }
    let owners = members.iter().filter(|member| roles.is_owner(member.users_role_id));
    let owners: BTreeSet<_> = owners.filter_map(|member| member.user_id).map(|id| id.0).collect();
    let emails = people
        .iter()
        .filter(|person| owners.contains(&person.id))
        .filter_map(|person| person.email.as_deref());
    emails
        .filter_map(|email| email.rsplit_once('@'))
        .map(|(_, domain)| domain.to_lowercase())
        .collect()
}

fn role_rows(roles: &RoleCatalog) -> Vec<RoleRow> {
    let permissions =
        |role: &Role| -> BTreeSet<String> { role.permissions.iter().flatten().cloned().collect() };
    let plain = |category: &Option<String>| {
        let name = if category.as_deref() == Some("team") { "Team Member" } else { "Member" };
        let found = roles
            .iter()
            .find(|role| role.name.as_deref() == Some(name) && role.category == *category);
        found.map(permissions).unwrap_or_default()
    };
    let row = |role: &Role| {
        let custom = role.organization_id.is_some()
            || role.management_type.as_deref() == Some("custom_managed")
            || role.identifier.is_none();
        let adds =
            if custom { &permissions(role) - &plain(&role.category) } else { BTreeSet::new() };
        Some(RoleRow {
            id: role.id?.0,
            name: role.name.clone(),
            category: role.category.clone(),
            custom,
            adds,
            manages_people: manages_people(role),
            owner: roles.is_owner(role.id),
            all_teams: role.permissions.iter().flatten().any(|one| one == "access all teams"),
        })
    };
    roles.iter().filter_map(row).collect()
}
