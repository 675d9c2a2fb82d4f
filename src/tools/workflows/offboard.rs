//! `make-offboard-plan`: everything one person can reach, and the calls that would take it away. It changes nothing.

use jiff::ToSpan;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::super::{
    Context, Effect, Kind, Scope, Tool, ToolError, ToolSpec, Toolset,
    facts::{self, Person, known},
    role_book::{RoleBook, manages_people},
};
use crate::{
    guard::{Guard, quoted, visible},
    make::{
        AuditLogEntry, AuditLogFilter, Organization, OrganizationId, Page, Pages, Place, Record,
        SortDir, TeamId, UserId,
    },
};

/// How far back the audit log is looked at.
const DAYS: i64 = 30;
/// Entries that are shown of each organization.
const LATEST: u64 = 5;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Offboard {
    /// The person's address. Give this or userId.
    email: Option<String>,
    /// The person.
    user_id: Option<UserId>,
}

#[derive(Serialize, JsonSchema)]
struct Planned {
    plan: Found,
}

/// What the person can reach, as far as the caller can see.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Found {
    /// The person.
    person: Who,
    /// Organizations that they are in or invited to.
    organizations: Vec<Membership>,
    /// Teams that they are in.
    teams: Vec<Team>,
    /// What they did in the last 30 days.
    recent_audit: Vec<Activity>,
    /// The calls that would take it all away, in order.
    steps: Vec<Step>,
    /// What could not be seen, and what a person must do.
    notes: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Who {
    id: UserId,
    name: Option<String>,
    email: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Membership {
    organization_id: OrganizationId,
    name: Option<String>,
    /// The role's name.
    role: Option<String>,
    /// pending, expired, or null for a member.
    invitation: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Team {
    team_id: TeamId,
    name: Option<String>,
    organization_id: OrganizationId,
    /// The role's name.
    role: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Activity {
    organization_id: OrganizationId,
    /// Entries in these days; null if Make did not count.
    count: Option<u64>,
    /// The latest entries.
    latest: Vec<Record<AuditLogEntry>>,
}

/// A call; every one of them asks for confirmation itself.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Step {
    order: usize,
    tool: &'static str,
    arguments: Value,
    why: String,
}

pub(in super::super) fn offboard_plan() -> Tool {
    ToolSpec {
        name: "make-offboard-plan",
        title: "Plan how to take a person out",
        description: "Finds every organization and team role of one person, invitations and recent activity, and lists \
                      the calls that would remove it all, in order. Changes nothing.",
        toolset: Toolset::Governance,
        scope: Scope::AccessRead,
        effect: Effect::Read,
        guard: Guard::None,
        example: json!({ "userId": 5 }),
    }
    .calls(run)
}

async fn run(cx: Context, args: Offboard) -> Result<Planned, ToolError> {
    let wanted = match (args.email, args.user_id) {
        (Some(email), None) => Wanted::Email(email.trim().to_owned()),
        (None, Some(id)) => Wanted::Id(id),
        _ => return Err(ToolError::arguments("give either `email` or `userId`")),
    };
    let me = facts::caller(&cx).await?;
    let (mut person, mut found, mut notes) = (None, Vec::new(), Vec::new());
    let organizations = organizations(&cx).await?;
    let count = organizations.len() as u64;
    for (done, organization) in organizations.iter().enumerate() {
        cx.progress.tell(
            done as u64 + 1,
            Some(count),
            format!(
                "looking into {}",
                quoted(organization.name.as_deref().unwrap_or_default())
            ),
        );
        let Some(id) = organization.id else { continue };
        if let Some(zone) = other_zone(&cx, organization) {
            let name = quoted(organization.name.as_deref().unwrap_or_default());
            notes.push(format!("Not looked into: {name} ({id}) lives in the zone {}; start a server with --zone for it.", visible(zone)));
            continue;
        }
        match inside(&cx, &wanted, id).await {
            Ok(Some(one)) => {
                found.push(look_into(&cx, &one, organization, id, &mut notes).await?);
                person.get_or_insert(one);
            }
            Ok(None) => {}
            Err(error)
                if matches!(
                    error.kind,
                    Kind::Forbidden | Kind::RefusedByPolicy | Kind::NotFound
                ) =>
            {
                notes.push(format!(
                    "Not looked into: organization {id}: {}.",
                    error.message
                ));
            }
            Err(error) => return Err(error),
        }
    }
    let Some((person, id)) = person.and_then(|person| Some((person.clone(), person.id?))) else {
        return Err(ToolError::new(Kind::NotFound, "nobody of that address or id is in an organization that the caller can see")
            .with_hint("check the address with make-list-users; organizations of other zones need a server of their own"));
    };
    let teams = teams(&cx, id, &found, &mut notes).await?;
    let mut recent_audit = Vec::new();
    for place in &found {
        recent_audit.extend(activity(&cx, id, place.membership.organization_id, &mut notes).await?);
    }
    let steps = if id == me {
        notes.push(
            "This is the caller: nobody takes themselves out. Another owner or admin must do it."
                .to_owned(),
        );
        Vec::new()
    } else {
        steps(&person, id, &found, &mut notes)
    };
    notes.extend([
        "API tokens and OAuth grants of another person cannot be seen here; they end with the access that they need.".to_owned(),
        "Passwords and keys that were shared with the person must be changed by hand.".to_owned(),
    ]);
    Ok(Planned {
        plan: Found {
            person: Who {
                id,
                name: person.name,
                email: person.email,
            },
            organizations: found.into_iter().map(|place| place.membership).collect(),
            teams,
            recent_audit,
            steps,
            notes,
        },
    })
}

enum Wanted {
    Email(String),
    Id(UserId),
}

/// An organization that the person is in.
struct Inside {
    membership: Membership,
    owns: bool,
    /// Who could take it over: its active people who can manage people.
    successors: Vec<UserId>,
    roles: RoleBook,
}

/// All organizations that the caller is in.
async fn organizations(cx: &Context) -> Result<Vec<Record<Organization>>, ToolError> {
    let make = cx.make.clone();
    let fetch = move |page: Page| {
        let make = make.clone();
        let cols = ["id", "name", "zone"].map(str::to_owned);
        async move { make.organizations().list(None, &cols, &page).await }
    };
    known(
        Pages::new(0, fetch).all().await,
        "the organizations",
        Scope::OrganizationsRead,
    )
}

/// The zone of an organization, if it is another one. Behind a proxy the address says nothing about zones.
fn other_zone<'a>(cx: &Context, organization: &'a Organization) -> Option<&'a str> {
    let here = &cx.surface.zone;
    let is_zone = here.ends_with(".make.com") || here.ends_with(".make.celonis.com");
    organization
        .zone
        .as_deref()
        .filter(|zone| is_zone && !zone.is_empty() && zone != here)
}

/// The person, if they are in that organization.
async fn inside(
    cx: &Context,
    wanted: &Wanted,
    organization: OrganizationId,
) -> Result<Option<Person>, ToolError> {
    match wanted {
        Wanted::Email(email) => facts::person_of(cx, email, organization).await,
        Wanted::Id(id) => {
            let person = facts::person(cx, *id, organization, None).await?;
            // Someone whom no list shows has only an id.
            Ok((person.email.is_some() || person.name.is_some()).then_some(person))
        }
    }
}

async fn look_into(
    cx: &Context,
    person: &Person,
    organization: &Organization,
    id: OrganizationId,
    notes: &mut Vec<String>,
) -> Result<Inside, ToolError> {
    let roles = RoleBook::of(cx, Some(id)).await?;
    let cols = ["userId", "organizationId", "usersRoleId", "invitation"].map(str::to_owned);
    let members = known(
        cx.make.organization_roles().members(id, &cols).await,
        "the members",
        Scope::OrganizationsRead,
    )?;
    let own = members
        .items
        .iter()
        .find(|member| member.user_id == person.id);
    let role = own.and_then(|member| member.users_role_id);
    if own.is_none() {
        notes.push(format!("The person is in the people of organization {id} and not in its members; look with make-list-members."));
    }
    let can_manage = |member: &&Record<crate::make::UserOrganizationRole>| {
        member.invitation.is_none()
            && member.user_id != person.id
            && roles.get(member.users_role_id).is_some_and(manages_people)
    };
    let successors = members
        .items
        .iter()
        .filter(can_manage)
        .filter_map(|member| member.user_id);
    Ok(Inside {
        membership: Membership {
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
async fn teams(
    cx: &Context,
    id: UserId,
    found: &[Inside],
    notes: &mut Vec<String>,
) -> Result<Vec<Team>, ToolError> {
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
        for team in facts::teams(cx, organization_id).await? {
            let Some(role) = own
                .iter()
                .find(|role| role.team_id.is_some() && role.team_id == team.id)
            else {
                continue;
            };
            let Some(team_id) = team.id else { continue };
            teams.push(Team {
                team_id,
                name: team.name.clone(),
                organization_id,
                role: place
                    .roles
                    .get(role.users_role_id)
                    .and_then(|role| role.name.clone()),
            });
        }
    }
    Ok(teams)
}

async fn activity(
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
    match cx
        .make
        .audit_logs()
        .list(Place::Organization(organization), &filter, &page)
        .await
    {
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

fn steps(person: &Person, id: UserId, found: &[Inside], notes: &mut Vec<String>) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut step = |tool, arguments, why| {
        let order = steps.len() + 1;
        steps.push(Step {
            order,
            tool,
            arguments,
            why,
        });
    };
    let who = person.quoted();
    // Ownership first: an owner cannot be removed.
    for place in found.iter().filter(|place| place.owns) {
        let organization = place.membership.organization_id;
        let name = quoted(place.membership.name.as_deref().unwrap_or_default());
        let why = format!(
            "{who} owns {name}; only the owner can do this, and another successor may be chosen."
        );
        match place.successors.first() {
            Some(next) => step("make-transfer-ownership", json!({ "organizationId": organization, "userId": next }), why),
            None => notes.push(format!("{who} owns {name}, and nobody else there can manage people: make somebody an admin first, then plan again.")),
        }
        if place.successors.len() > 1 {
            let others: Vec<_> = place.successors.iter().map(ToString::to_string).collect();
            notes.push(format!(
                "The next owner of {name} is for a person to choose; users who could be: {}.",
                others.join(", ")
            ));
        }
    }
    let leaves = |place: &&Inside| !place.owns || !place.successors.is_empty();
    for place in found.iter().filter(leaves) {
        let organization = place.membership.organization_id;
        let name = quoted(place.membership.name.as_deref().unwrap_or_default());
        let arguments = json!({ "organizationId": organization, "userId": id });
        let why = if place.membership.invitation.is_some() {
            format!("Withdraws the invitation of {who} to {name}.")
        } else {
            format!(
                "Takes {who} out of {name} and of all its teams. Ask first whether deleteConnections is wanted: scenarios that use them stop."
            )
        };
        step("make-remove-user", arguments.clone(), why);
        step(
            "make-get-user-role",
            arguments,
            "Must answer not_found.".to_owned(),
        );
    }
    if !found.is_empty() {
        step(
            "make-offboard-plan",
            json!({ "userId": id }),
            "Must find nothing any more.".to_owned(),
        );
    }
    steps
}
