//! Where a person is, and as what.

use jiff::ToSpan;

use super::access::{Activity, OrganizationAccess, TeamAccess};
use crate::{
    make::{
        AuditLogFilter, Organization, OrganizationId, Page, Pages, Place, Record, SortDir, UserId,
        UserOrganizationRole,
    },
    text::visible,
    tools::{
        lookup::{
            organizations, people,
            people::PersonRef,
            require,
            roles::{RoleCatalog, manages_people},
        },
        registry::{Context, Scopes, ToolError},
    },
};

/// How far back the audit log is looked at.
const DAYS: i64 = 30;
/// Entries that are shown of each organization.
const LATEST: u64 = 5;

pub(crate) enum Wanted {
    Email(String),
    Id(UserId),
}

/// An organization that the person is in.
pub(crate) struct Inside {
    pub(crate) membership: OrganizationAccess,
    pub(crate) owns: bool,
    /// Who could take it over: its active people who can manage people.
    pub(crate) successors: Vec<UserId>,
    pub(crate) roles: RoleCatalog,
}

/// All organizations that the caller is in and may work with.
pub(crate) async fn organizations(cx: &Context) -> Result<Vec<Record<Organization>>, ToolError> {
    let make = cx.make.clone();
    let fetch = move |page: Page| {
        let make = make.clone();
        let cols = ["id", "name", "zone"].map(str::to_owned);
        async move { make.organizations().list(None, &cols, &page).await }
    };
    let mut all = require(
        Pages::new(0, fetch).all().await,
        "the organizations",
        Scopes::all(&["organizations:read"]),
    )?;
    all.retain(|organization| cx.account.may_work_with(organization.id));
    Ok(all)
}

/// The zone of an organization, if it is another one. Behind a proxy the address says nothing about zones.
pub(crate) fn other_zone<'a>(cx: &Context, organization: &'a Organization) -> Option<&'a str> {
    let here = &cx.account.zone;
    let is_zone = here.ends_with(".make.com") || here.ends_with(".make.celonis.com");
    organization.zone.as_deref().filter(|zone| is_zone && !zone.is_empty() && zone != here)
}

/// The person, if they are in that organization.
pub(crate) async fn inside(
    cx: &Context,
    wanted: &Wanted,
    organization: OrganizationId,
) -> Result<Option<PersonRef>, ToolError> {
    match wanted {
        Wanted::Email(email) => people::person_of(cx, email, organization).await,
        Wanted::Id(id) => {
            let person = people::person(cx, *id, organization, None).await?;
            // Someone whom no list shows has only an id.
            Ok((person.email.is_some() || person.name.is_some()).then_some(person))
        }
    }
}

pub(crate) async fn look_into(
    cx: &Context,
    person: &PersonRef,
    organization: &Organization,
    id: OrganizationId,
    notes: &mut Vec<String>,
) -> Result<Inside, ToolError> {
    let roles = RoleCatalog::of(cx, Some(id)).await?;
    let cols = ["userId", "organizationId", "usersRoleId", "invitation"].map(str::to_owned);
    let members = require(
        cx.make.organization_roles().members(id, &cols).await,
        "the members",
        Scopes::all(&["organizations:read"]),
    )?;
    let own = members.items.iter().find(|member| member.user_id == person.id);
    let role = own.and_then(|member| member.users_role_id);
    if own.is_none() {
        notes.push(format!(
            "The person is in the people of organization {id} and not in its members; look with \
             make-list-members."
        ));
    }
    let can_manage = |member: &&Record<UserOrganizationRole>| {
        member.invitation.is_none()
            && member.user_id != person.id
            && roles.get(member.users_role_id).is_some_and(manages_people)
    };
    let successors = members.items.iter().filter(can_manage).filter_map(|member| member.user_id);
    Ok(Inside {
        membership: OrganizationAccess {
            organization_id: id,
            name: organization.name.clone(),
            role: roles.get(role).and_then(|role| role.name.clone()),
            invitation: own.and_then(|member| member.invitation.clone()),
        },
        owns: roles.is_owner(role),
        successors: successors.collect(),
        roles,
    })
}

/// The person's teams, with the names that their organizations give them.
pub(crate) async fn teams(
    cx: &Context,
    id: UserId,
    found: &[Inside],
    notes: &mut Vec<String>,
) -> Result<Vec<TeamAccess>, ToolError> {
    let own = match cx.make.team_roles().of_user(id).await {
        Ok(list) => list.items,
        Err(error) if error.status().is_some() => {
            notes.push(format!(
                "The person's teams could not be read: {}.",
                visible(&error.to_string())
            ));
            Vec::new()
        }
        Err(error) => return Err(error.into()),
    };
    let mut teams = Vec::new();
    for place in found {
        let organization_id = place.membership.organization_id;
        for team in organizations::teams(cx, organization_id).await? {
            let Some(role) =
                own.iter().find(|role| role.team_id.is_some() && role.team_id == team.id)
            else {
                continue;
            };
            let Some(team_id) = team.id else { continue };
            teams.push(TeamAccess {
                team_id,
                name: team.name.clone(),
                organization_id,
                role: place.roles.get(role.users_role_id).and_then(|role| role.name.clone()),
            });
        }
    }
    Ok(teams)
}

pub(crate) async fn activity(
    cx: &Context,
    id: UserId,
    organization: OrganizationId,
    notes: &mut Vec<String>,
) -> Result<Option<Activity>, ToolError> {
    let from = cx.today.checked_sub(DAYS.days()).unwrap_or(cx.today);
    let filter = AuditLogFilter {
        date_from: Some(from.to_string()),
        authors: vec![id.to_string()],
        ..AuditLogFilter::default()
    };
    let page = Page {
        offset: Some(0),
        limit: Some(LATEST),
        sort_by: Some("triggeredAt".to_owned()),
        sort_dir: Some(SortDir::Desc),
        count: true,
    };
    match cx.make.audit_logs().list(Place::Organization(organization), &filter, &page).await {
        Ok(list) => Ok(Some(Activity {
            organization_id: organization,
            count: list.total,
            latest: list.items,
        })),
        Err(error) if error.status().is_some() => {
            notes.push(format!(
                "No audit log of organization {organization}: {}.",
                visible(&error.to_string())
            ));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}
