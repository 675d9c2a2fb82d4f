//! `make-offboard-plan`: everything one person can reach, and the calls that would take it away. It changes nothing.

mod access;
mod search;
mod steps;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    make::UserId,
    text::{quoted, visible},
    tools::{
        lookup::{people::PersonRef, team_admins::left_without_admin},
        registry::{Context, ErrorKind, Scopes, Tool, ToolError, ToolSpec, Toolset, arguments},
    },
};
use access::{FoundAccess, Who};
use search::{Inside, Wanted, activity, inside, look_into, organizations, other_zone, teams};
use steps::steps;

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
    plan: FoundAccess,
}

pub(crate) fn offboard_plan() -> Tool {
    ToolSpec {
        name: "make-offboard-plan",
        title: "Plan an offboarding",
        description: "Finds every organization and team role of one person, invitations and recent \
            activity, and lists the calls that would remove it all, in order. Changes nothing.",
        toolset: Toolset::Governance,
        scopes: Scopes::all(&["user:read", "organizations:read", "teams:read"]),
        example: json!({ "userId": 5 }),
    }
    .reads(run)
}

async fn run(cx: Context, args: Offboard) -> Result<Planned, ToolError> {
    let wanted = match (args.email, args.user_id) {
        (Some(email), None) => {
            let email = email.trim().to_owned();
            arguments::email("email", &email)?;
            Wanted::Email(email)
        }
        (None, Some(id)) => Wanted::Id(id),
        _ => return Err(ToolError::arguments("give either `email` or `userId`")),
    };
    let me = cx.make.me().id().await?;
    let mut notes = Vec::new();
    let (person, found) = search(&cx, &wanted, &mut notes).await?;
    let Some((person, id)) = person.and_then(|person| Some((person.clone(), person.id?))) else {
        return Err(ToolError::new(
            ErrorKind::NotFound,
            "no organization that the caller can see has a person with that address or id",
        )
        .with_hint(
            "check the address with make-list-users; organizations of other zones need a server of \
             their own",
        ));
    };
    let teams = teams(&cx, id, &found, &mut notes).await?;
    for place in found.iter().filter(|place| place.membership.invitation.is_none()) {
        let organization = place.membership.organization_id;
        notes.extend(left_without_admin(&cx, id, organization, &place.roles).await?);
    }
    let mut recent_audit = Vec::new();
    for place in &found {
        recent_audit.extend(activity(&cx, id, place.membership.organization_id, &mut notes).await?);
    }
    let steps = if id == me {
        notes.push(
            "This is the caller, who cannot remove their own access. Another owner or admin must \
             do it."
                .to_owned(),
        );
        Vec::new()
    } else {
        steps(&person, id, &found, &mut notes)
    };
    notes.extend([
        "API tokens and OAuth grants of another person cannot be seen here; they end with the \
         access that they need."
            .to_owned(),
        "Passwords and keys that were shared with the person must be changed by hand.".to_owned(),
    ]);
    Ok(Planned {
        plan: FoundAccess {
            person: Who { id, name: person.name, email: person.email },
            organizations: found.into_iter().map(|place| place.membership).collect(),
            teams,
            recent_audit,
            steps,
            notes,
        },
    })
}

/// Looks for the person in every organization of the caller.
async fn search(
    cx: &Context,
    wanted: &Wanted,
    notes: &mut Vec<String>,
) -> Result<(Option<PersonRef>, Vec<Inside>), ToolError> {
    let (mut person, mut found) = (None, Vec::new());
    let organizations = organizations(cx).await?;
    let count = organizations.len() as u64;
    for (done, organization) in organizations.iter().enumerate() {
        cx.progress.tell(
            done as u64 + 1,
            Some(count),
            format!("looking into {}", quoted(organization.name.as_deref().unwrap_or_default())),
        );
        let Some(id) = organization.id else { continue };
        if let Some(zone) = other_zone(cx, organization) {
            let name = quoted(organization.name.as_deref().unwrap_or_default());
            notes.push(format!(
                "Not looked into: {name} ({id}) lives in the zone {}; start a server with --zone \
                 for it.",
                visible(zone)
            ));
            continue;
        }
        match inside(cx, wanted, id).await {
            Ok(Some(one)) => {
                found.push(look_into(cx, &one, organization, id, notes).await?);
                person.get_or_insert(one);
            }
            Ok(None) => {}
            Err(error)
                if matches!(
                    error.kind,
                    ErrorKind::Forbidden | ErrorKind::RefusedByPolicy | ErrorKind::NotFound
                ) =>
            {
                notes.push(format!("Not looked into: organization {id}: {}.", error.message));
            }
            Err(error) => return Err(error),
        }
    }
    Ok((person, found))
}
