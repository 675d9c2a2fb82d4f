//! Tools about invitations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Context, Effect, Scope, Tool, ToolSpec, Toolset, arguments::Nothing};
use crate::{
    guard::Guard,
    make::{self, Invitation, InvitedMember, MyInvitation, OrganizationId, Record, RoleId, TeamId},
};

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MyInvitations {
    /// The invitations; `hash` is what make-accept-invitation takes.
    user_organization_invitations: Vec<Record<MyInvitation>>,
}

pub(super) fn list_my_invitations() -> Tool {
    ToolSpec {
        name: "make-list-my-invitations",
        title: "List invitations to me",
        description: "Lists the invitations to organizations that the caller has received, pending and expired. Those \
                      that an organization has sent are in make-list-members.",
        toolset: Toolset::Account,
        scope: Scope::UserRead,
        effect: Effect::Read,
        guard: Guard::None,
        example: json!({}),
    }
    .calls(async |cx: Context, _: Nothing| {
        Ok(MyInvitations { user_organization_invitations: cx.make.invitations().mine().await? })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct InviteUser {
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

pub(super) fn invite_user() -> Tool {
    ToolSpec {
        name: "make-invite-user",
        title: "Invite a person",
        description: "Invites a person to an organization, which sends a mail at once. Until it is accepted the \
                      invitation shows as pending in make-list-members; make-remove-user withdraws it.",
        toolset: Toolset::Orgs,
        scope: Scope::OrganizationsWrite,
        effect: Effect::Create,
        guard: Guard::G1,
        example: json!({
            "organizationId": 11, "email": "tom@example.com", "name": "Tom", "usersRoleId": 13, "teamIds": [22]
        }),
    }
    .calls(async |cx: Context, args: InviteUser| -> Result<InvitedMember, _> {
        let invited = make::InviteUser {
            users_role_id: args.users_role_id,
            email: args.email,
            name: args.name,
            note: args.note,
            teams: args.team_ids,
        };
        Ok(cx.make.invitations().create(args.organization_id, &invited).await?)
    })
    .with_aliases(&[("userRoleId", "usersRoleId"), ("teamsId", "teamIds")])
}

#[derive(Deserialize, JsonSchema)]
struct ByHash {
    /// The invitation's hash, from make-list-my-invitations or the mail.
    #[schemars(length(min = 1), example = &"bf1effe1-bc9d-4ab3-9414-9c3b66175305")]
    hash: String,
}

pub(super) fn get_invitation() -> Tool {
    ToolSpec {
        name: "make-get-invitation",
        title: "Look at an invitation",
        description: "Shows the organization and the role behind an invitation that the caller has received, before \
                      make-accept-invitation.",
        toolset: Toolset::Orgs,
        scope: Scope::OrganizationsRead,
        effect: Effect::Read,
        guard: Guard::None,
        example: json!({ "hash": "e99ca895-4c54-4d13-b83a-8ab37c35f17a" }),
    }
    .calls(async |cx: Context, args: ByHash| -> Result<Invitation, _> {
        Ok(cx.make.invitations().get(&args.hash).await?)
    })
}

pub(super) fn accept_invitation() -> Tool {
    ToolSpec {
        name: "make-accept-invitation",
        title: "Accept an invitation",
        description: "Accepts an invitation that the caller has received: the membership is active at once. Look at \
                      it first with make-get-invitation.",
        toolset: Toolset::Orgs,
        scope: Scope::OrganizationsWrite,
        effect: Effect::Create,
        guard: Guard::G1,
        example: json!({ "hash": "e99ca895-4c54-4d13-b83a-8ab37c35f17a" }),
    }
    .calls(async |cx: Context, args: ByHash| -> Result<InvitedMember, _> {
        Ok(cx.make.invitations().accept(&args.hash).await?)
    })
}
