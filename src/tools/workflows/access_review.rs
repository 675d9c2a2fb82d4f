//! `make-access-review`: who can do what in an organization, as a snapshot, a table and a page.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    super::{
        Context, Effect, Scope, Tool, ToolError, ToolSpec, Toolset,
        facts::{all_teams, everyone},
        role_book::{RoleBook, manages_people},
    },
    files::{free_name, write},
    trail::in_bulk,
};
use crate::{
    guard::{Guard, hex, quoted},
    make::{
        ListUsers, Make, OrganizationId, Page, Pages, Place, Record, Role, TeamId, UserId,
        UserOrganizationRole, UserTeamRole,
    },
    report::{
        Counts, Flag, Membership, Named, Person, RoleRow, Snapshot, TeamRow, Terms, review_page,
    },
};

/// Flags in one answer; the files have all.
const MOST_FLAGS: usize = 100;
/// Teams read at once.
const AHEAD: usize = 8;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Review {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Day that decides what is stale; today if left out.
    as_of: Option<String>,
    /// Days without a login that are too many.
    #[serde(default = "ninety")]
    #[schemars(range(min = 1, max = 3650))]
    stale_days: u64,
    /// Own mail domains; the owner's if left out.
    #[serde(default)]
    trusted_domains: Vec<String>,
    /// New files, by name without ending.
    path: Option<String>,
}

fn ninety() -> u64 {
    90
}

#[derive(Serialize, JsonSchema)]
struct Reviewed {
    review: Answer,
}

/// What was found.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct Answer {
    /// The organization.
    organization: Named,
    /// How many there are.
    counts: Counts,
    /// What deserves a look; at most 100, the files have all.
    flags: Vec<Flag>,
    /// The snapshot, for make-access-diff.
    json_path: PathBuf,
    /// A row for each person.
    csv_path: PathBuf,
    /// The report for people.
    html_path: PathBuf,
    /// SHA-256 of the snapshot, hex.
    sha256: String,
    /// What could not be read.
    notes: Vec<String>,
}

pub(in super::super) fn access_review() -> Tool {
    ToolSpec {
        name: "make-access-review",
        title: "Review who has access",
        description: "Writes who has which organization and team role, last login, two factors and invitations, with \
                      flags, as JSON, CSV and an HTML report. Compare two with make-access-diff.",
        toolset: Toolset::Governance,
        scope: Scope::AccessRead,
        effect: Effect::Report,
        guard: Guard::None,
        example: json!({ "organizationId": 11 }),
    }
    .calls(run)
}

async fn run(cx: Context, args: Review) -> Result<Reviewed, ToolError> {
    let as_of = match &args.as_of {
        None => cx.today,
        Some(text) => text
            .trim()
            .parse::<Date>()
            .map_err(|_| ToolError::arguments("`asOf` must be a day such as 2026-05-31"))?,
    };
    let stem = match &args.path {
        Some(path) => ["json", "csv", "html"]
            .iter()
            .find_map(|ending| path.strip_suffix(&format!(".{ending}")))
            .unwrap_or(path)
            .to_owned(),
        None => free_name(
            &cx,
            &format!("access-review-{}-{as_of}", args.organization_id),
            "json",
        )?,
    };
    // Before anything is asked: a path that is refused should cost nothing.
    for ending in ["json", "csv", "html"] {
        cx.surface.folders.new_file(&format!("{stem}.{ending}"))?;
    }
    let snapshot = collect(&cx, &args, as_of).await?;
    let json = snapshot.to_json();
    let json_path = write(&cx, &format!("{stem}.json"), &json)?;
    let csv_path = write(&cx, &format!("{stem}.csv"), &snapshot.to_csv())?;
    let html_path = write(&cx, &format!("{stem}.html"), &review_page(&snapshot))?;
    let mut flags = snapshot.flags;
    flags.truncate(MOST_FLAGS);
    Ok(Reviewed {
        review: Answer {
            organization: snapshot.organization,
            counts: snapshot.counts,
            flags,
            json_path,
            csv_path,
            html_path,
            sha256: hex(&<sha2::Sha256 as sha2::Digest>::digest(&json)),
            notes: snapshot.notes,
        },
    })
}

/// Reads everything that the review is about.
async fn collect(cx: &Context, args: &Review, as_of: Date) -> Result<Snapshot, ToolError> {
    let id = args.organization_id;
    let make = in_bulk(cx, id).await?;
    let cols = ["id", "name"].map(str::to_owned);
    let organization = make.organizations().get(id, &cols, false).await?;
    cx.progress.tell(1, None, "reading people".to_owned());
    let cols = ["userId", "organizationId", "usersRoleId", "invitation"].map(str::to_owned);
    let members = make.organization_roles().members(id, &cols).await?;
    let cols = [
        "id",
        "name",
        "email",
        "lastLogin",
        "tfaStatus",
        "userTeamIds",
    ];
    let asked = ListUsers::of(Place::Organization(id), &cols);
    let users = everyone(&make, asked).await?;
    let roles = RoleBook::read(&make, Some(id)).await?;
    let teams = all_teams(&make, id).await?;
    cx.progress
        .tell(2, None, format!("reading {} teams", teams.len()));
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

    let mut people: BTreeMap<u64, Person> = BTreeMap::new();
    for user in &users {
        let Some(id) = user.id else { continue };
        let own = user.user_team_ids.iter().flatten();
        let teams = own.map(|team| Membership {
            team_id: team.0,
            role_id: None,
        });
        people.insert(
            id.0,
            Person {
                id: id.0,
                name: user.name.clone(),
                email: user.email.clone(),
                last_login: user.last_login.clone(),
                tfa_status: user.tfa_status,
                teams: teams.collect(),
                ..Person::default()
            },
        );
    }
    for member in &members.items {
        if let Some(id) = member.user_id {
            let person = entry(&mut people, id);
            person.role_id = member.users_role_id.map(|role| role.0);
            person.invitation = member.invitation.clone();
        }
    }
    let mut rows = Vec::new();
    let mut notes = Vec::new();
    for (team, members) in read {
        let Some(id) = team.id else { continue };
        if members.is_none() {
            let name = team.name.as_deref().unwrap_or_default();
            notes.push(format!(
                "The roles in the team {} ({id}) could not be read: the caller is not in it.",
                quoted(name)
            ));
        }
        rows.push(TeamRow {
            id: id.0,
            name: team.name.clone(),
            readable: members.is_some(),
        });
        for member in members.iter().flatten() {
            if let Some(user) = member.user_id {
                entry(&mut people, user).teams.push(Membership {
                    team_id: id.0,
                    role_id: member.users_role_id.map(|role| role.0),
                });
            }
        }
    }
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
    let named = Named {
        id: id.0,
        name: organization.name.clone(),
    };
    Ok(Snapshot::new(
        named,
        terms,
        role_rows(&roles),
        rows,
        people,
        notes,
    ))
}

fn entry(people: &mut BTreeMap<u64, Person>, id: UserId) -> &mut Person {
    people.entry(id.0).or_insert_with(|| Person {
        id: id.0,
        ..Person::default()
    })
}

/// None where the caller may not see them.
async fn team_members(
    make: &Make,
    team: TeamId,
) -> Result<Option<Vec<Record<UserTeamRole>>>, ToolError> {
    let own = make.clone();
    let fetch = move |page: Page| {
        let make = own.clone();
        async move { make.team_roles().members(team, &[], &page).await }
    };
    match Pages::new(0, fetch).all().await {
        Ok(members) => Ok(Some(members)),
        Err(error) if matches!(error.status(), Some(403 | 404)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// What was given, else the domain of the owner.
fn trusted(
    args: &Review,
    roles: &RoleBook,
    members: &[Record<UserOrganizationRole>],
    people: &[Person],
) -> BTreeSet<String> {
    if !args.trusted_domains.is_empty() {
        let domains = args.trusted_domains.iter();
        return domains
            .map(|domain| domain.trim().trim_start_matches('@').to_lowercase())
            .collect();
    }
    let owners = members
        .iter()
        .filter(|member| roles.is_owner(member.users_role_id));
    let owners: BTreeSet<_> = owners
        .filter_map(|member| member.user_id)
        .map(|id| id.0)
        .collect();
    let emails = people
        .iter()
        .filter(|person| owners.contains(&person.id))
        .filter_map(|person| person.email.as_deref());
    emails
        .filter_map(|email| email.rsplit_once('@'))
        .map(|(_, domain)| domain.to_lowercase())
        .collect()
}

fn role_rows(roles: &RoleBook) -> Vec<RoleRow> {
    let permissions =
        |role: &Role| -> BTreeSet<String> { role.permissions.iter().flatten().cloned().collect() };
    let plain = |category: &Option<String>| {
        let name = if category.as_deref() == Some("team") {
            "Team Member"
        } else {
            "Member"
        };
        let found = roles
            .iter()
            .find(|role| role.name.as_deref() == Some(name) && role.category == *category);
        found.map(permissions).unwrap_or_default()
    };
    let row = |role: &Role| {
        let custom = role.organization_id.is_some()
            || role.management_type.as_deref() == Some("custom_managed")
            || role.identifier.is_none();
        let adds = if custom {
            &permissions(role) - &plain(&role.category)
        } else {
            BTreeSet::new()
        };
        Some(RoleRow {
            id: role.id?.0,
            name: role.name.clone(),
            category: role.category.clone(),
            custom,
            adds,
            manages_people: manages_people(role),
            owner: roles.is_owner(role.id),
            all_teams: role
                .permissions
                .iter()
                .flatten()
                .any(|one| one == "access all teams"),
        })
    };
    roles.iter().filter_map(row).collect()
}
