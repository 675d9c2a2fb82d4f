//! Tools about invitations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    lookup::{people::PersonRef, roles, roles::RoleCatalog},
    registry::{
        Context, Scopes, Tool, ToolError, ToolSpec, Toolset, Write,
        arguments::{self, Nothing},
    },
};
use crate::{
    guard::{Guard, Plan, Refused},
    make,
    make::{
        Invitation, InvitedMember, MyInvitation, OrganizationId, Record, RoleId, TeamId,
        WritePermit,
    },
    text::{quoted, quoted_whole},
    tools::lookup::{organizations, people, require},
};

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MyInvitations {
    /// The invitations; `hash` is what make-accept-invitation takes.
    user_organization_invitations: Vec<Record<MyInvitation>>,
}

pub(crate) fn list_my_invitations() -> Tool {
    ToolSpec {
        name: "make-list-my-invitations",
        title: "List invitations to me",
        description: "Lists the invitations to organizations that the caller has received, pending \
            and expired. Those that an organization has sent are in make-list-members.",
        toolset: Toolset::Account,
        scopes: Scopes::all(&["user:read"]),
        example: json!({}),
    }
    .reads(async |cx: Context, _: Nothing| {
        Ok(MyInvitations { user_organization_invitations: cx.make.invitations().mine().await? })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct InviteArguments {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// The address that the mail goes to.
    #[schemars(length(min = 3), email, example = &"tom@example.com")]
    email: String,
    /// The person's name.
    #[schemars(length(min = 1), example = &"Tom")]
    name: String,
    /// The organization role, from make-list-roles.
    #[schemars(example = 13)]
    users_role_id: RoleId,
    /// Teams to join as team member, from make-list-teams.
    #[serde(default)]
    team_ids: Vec<TeamId>,
    /// Text added to the mail.
    note: Option<String>,
}

pub(crate) fn invite_user() -> Tool {
    ToolSpec {
        name: "make-invite-user",
        title: "Invite a person",
        description: "Invites a person to an organization, which sends a mail at once. Until it is \
            accepted the invitation shows as pending in make-list-members; make-remove-user \
            withdraws it.",
        toolset: Toolset::Orgs,
        scopes: Scopes::all(&["organizations:write"]),
        example: json!({
            "organizationId": 11, "email": "tom@example.com", "name": "Tom", "usersRoleId": 13,
            "teamIds": [22]
        }),
    }
    .guarded(
        Write::Create,
        Guard::G1,
        async |cx: Context, args: InviteArguments| plan_invitation(&cx, &args).await,
        async |cx: Context,
               args: InviteArguments,
               permit: WritePermit|
               -> Result<InvitedMember, _> {
            let invited = make::InviteUser {
                users_role_id: args.users_role_id,
                email: args.email,
                name: args.name,
                note: args.note,
                teams: args.team_ids,
            };
            Ok(cx.make.invitations().create(&permit, args.organization_id, &invited).await?)
        },
    )
    .with_aliases(&[("userRoleId", "usersRoleId"), ("teamsId", "teamIds")])
}

async fn plan_invitation(cx: &Context, args: &InviteArguments) -> Result<Plan, ToolError> {
    arguments::email("email", &args.email)?;
    let policy = &cx.account.control.policy;
    policy.invitee(&args.email)?;
    let id = args.organization_id;
    let (organization, roles, known, teams) = tokio::try_join!(
        organizations::organization(cx, id),
        RoleCatalog::of(cx, Some(id)),
        people::person_of(cx, &args.email, id),
        team_names(cx, id, &args.team_ids),
    )?;
    if roles.is_owner(Some(args.users_role_id)) {
        return Err(Refused::new(
            "a person cannot be invited as owner: an organization has exactly one",
            "invite with another role, then transfer the ownership with make-transfer-ownership",
        )
        .into());
    }
    let role = roles.organization_role(args.users_role_id)?;
    policy.role(role, id, roles.iter())?;
    if !args.team_ids.is_empty()
        && let Some(member) = roles.plain_member(Some("team"))
    {
        policy.team_role(member, id, roles.iter())?;
    }
    let invited =
        PersonRef { id: None, name: Some(args.name.clone()), email: Some(args.email.clone()) };
    let summary = format!(
        "Invite {} to the organization {} as {}.",
        invited.quoted(),
        quoted(&organization),
        roles.name(Some(args.users_role_id))
    );
    let mut plan = Plan::new(&args.email, summary)
        .changes(
            json!({ "organization": organization, "person": known.as_ref().map(PersonRef::shown) }),
            json!({
                "person": { "name": args.name, "email": args.email },
                "role": roles.shown(Some(args.users_role_id)), "teams": teams,
                "invitation": "pending",
            }),
        )
        .raised_if(roles::is_powerful(role))
        .with_side_effect(format!("Make sends a mail to {} at once.", quoted(&args.email)))
        .with_side_effects(arguments::email_warning(&args.email));
    plan = plan.with_side_effects(roles::consequences(&roles, None, role));
    if !teams.is_empty() {
        let names: Vec<_> = teams.iter().map(|team| quoted(team)).collect();
        plan = plan
            .with_side_effect(format!("The person joins as team member: {}.", names.join(", ")));
    }
    let note = args.note.as_ref().map(|note| format!("The mail says: {}.", quoted_whole(note)));
    let twice = known.map(|known| {
        format!("{} is in the organization's list of people already.", known.quoted())
    });
    Ok(plan.with_side_effects(note).with_side_effects(twice))
}

/// The names of teams of an organization, or an error that lists those there are.
async fn team_names(
    cx: &Context,
    organization: OrganizationId,
    ids: &[TeamId],
) -> Result<Vec<String>, ToolError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let teams = organizations::teams(cx, organization).await?;
    let name = |id: &TeamId| {
        let found = teams.iter().find(|team| team.id == Some(*id));
        found.map(|team| team.name.clone().unwrap_or_else(|| format!("team {id}"))).ok_or_else(
            || {
                let valid: Vec<_> = teams
                    .iter()
                    .take(20)
                    .filter_map(|team| {
                        Some(format!("{} {}", team.id?, quoted(team.name.as_deref()?)))
                    })
                    .collect();
                ToolError::arguments(format!(
                    "`teamIds` has {id}, which is not a team there; there are: {}",
                    valid.join(", ")
                ))
            },
        )
    };
    ids.iter().map(name).collect()
}

#[derive(Deserialize, JsonSchema)]
struct ByHash {
    /// The invitation's hash, from make-list-my-invitations or the mail.
    #[schemars(length(min = 1), example = &"bf1effe1-bc9d-4ab3-9414-9c3b66175305")]
    hash: String,
}

pub(crate) fn get_invitation() -> Tool {
    ToolSpec {
        name: "make-get-invitation",
        title: "Look at an invitation",
        description: "Shows the organization and the role behind an invitation that the caller has \
            received, before make-accept-invitation.",
        toolset: Toolset::Orgs,
        scopes: Scopes::all(&["organizations:read"]),
        example: json!({ "hash": "e99ca895-4c54-4d13-b83a-8ab37c35f17a" }),
    }
    .reads(async |cx: Context, args: ByHash| -> Result<Invitation, _> {
        Ok(cx.make.invitations().get(&args.hash).await?)
    })
}

pub(crate) fn accept_invitation() -> Tool {
    ToolSpec {
        name: "make-accept-invitation",
        title: "Accept an invitation",
        description: "Accepts an invitation that the caller has received: the membership is active \
            at once. Look at it first with make-get-invitation.",
        toolset: Toolset::Orgs,
        scopes: Scopes::all(&["organizations:write"]),
        example: json!({ "hash": "e99ca895-4c54-4d13-b83a-8ab37c35f17a" }),
    }
    .guarded(
        Write::Create,
        Guard::G1,
        async |cx: Context, args: ByHash| plan_acceptance(&cx, &args.hash).await,
        async |cx: Context, args: ByHash, permit: WritePermit| -> Result<InvitedMember, _> {
            Ok(cx.make.invitations().accept(&permit, &args.hash).await?)
        },
    )
}

async fn plan_acceptance(cx: &Context, hash: &str) -> Result<Plan, ToolError> {
    let invitation = cx.make.invitations().get(hash).await;
    let invitation = require(invitation, "the invitation", Scopes::all(&["organizations:read"]))?;
    let organization = &invitation.organization;
    if let Some(id) = organization.id {
        cx.account.control.policy.organization(id)?;
    } else {
        cx.account.control.policy.new_organization()?;
    }
    // Custom roles of an organization show only to its members.
    let roles = RoleCatalog::of(cx, None).await?;
    let role = invitation.user_organization_role.users_role_id;
    let name = organization.name.clone().unwrap_or_else(|| "without a name".to_owned());
    let known = match roles.get(role) {
        Some(_) => roles.name(role),
        None => "a role of its own".to_owned(),
    };
    let summary = format!("Join the organization {} as {known}.", quoted(&name));
    Ok(Plan::new(&name, summary)
        .changes(
            json!({ "organization": { "id": organization.id, "name": name },
            "invitation": invitation.user_organization_role.invitation }),
            json!({ "role": roles.shown(role), "invitation": null }),
        )
        .with_side_effect(
            "The caller is a member at once; people who manage the organization see name and \
             e-mail.",
        ))
}
