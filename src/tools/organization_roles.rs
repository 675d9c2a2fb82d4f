//! Tools about who is what in an organization.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Context, Effect, Kind, Scope, Tool, ToolError, ToolSpec, Toolset, answer::PageInfo,
    arguments::Paging,
};
use crate::{
    guard::{Guard, Refused},
    make::{ListRoles, OrganizationId, Record, RoleId, UserId, UserOrganizationRole},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListUserRoles {
    /// The person; the caller if left out.
    user_id: Option<UserId>,
    /// Columns, e.g. usersRoleId, invitation, joinedTeamsCount; `*` for all.
    #[serde(default)]
    cols: Vec<String>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Memberships {
    /// The memberships; `invitation` is null once active.
    user_organization_roles: Vec<Record<UserOrganizationRole>>,
    page: PageInfo,
}

pub(super) fn list_user_roles() -> Tool {
    ToolSpec {
        name: "make-list-user-roles",
        title: "List a person's organizations",
        description: "Lists the organizations of one person and the role in each, as ids; names are in make-list-roles. \
                      For all members of one organization take make-list-members.",
        toolset: Toolset::Users,
        scope: Scope::UserRead,
        effect: Effect::Read,
        guard: Guard::None,
        example: json!({ "userId": 41 }),
    }
    .calls(async |cx: Context, args: ListUserRoles| {
        let user = match args.user_id {
            Some(id) => id,
            None => caller(&cx).await?,
        };
        let (user_organization_roles, page) =
            args.paging.cut(cx.make.organization_roles().of_user(user, &args.cols).await?);
        Ok(Memberships { user_organization_roles, page })
    })
}

async fn caller(cx: &Context) -> Result<UserId, ToolError> {
    let me = cx.make.me().get().await?;
    me.id.ok_or_else(|| {
        ToolError::new(
            Kind::UnexpectedResponse,
            "Make did not say who the caller is",
        )
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GetUserRole {
    /// The person.
    #[schemars(example = 41)]
    user_id: UserId,
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Columns, e.g. usersRoleId, invitation, joinedTeamsCount; `*` for all.
    #[serde(default)]
    cols: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Membership {
    /// The membership; `invitation` is null once active.
    user_organization_role: Record<UserOrganizationRole>,
}

pub(super) fn get_user_role() -> Tool {
    ToolSpec {
        name: "make-get-user-role",
        title: "Get a person's role in an organization",
        description: "Gets the role of one person in one organization. For all organizations of the person take \
                      make-list-user-roles.",
        toolset: Toolset::Users,
        scope: Scope::UserRead,
        effect: Effect::Read,
        guard: Guard::None,
        example: json!({ "userId": 41, "organizationId": 11 }),
    }
    .calls(async |cx: Context, args: GetUserRole| {
        let roles = cx.make.organization_roles();
        let user_organization_role = roles.get(args.user_id, args.organization_id, &args.cols).await?;
        Ok(Membership { user_organization_role })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UpdateUserRole {
    /// The person.
    #[schemars(example = 41)]
    user_id: UserId,
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// The new organization role, from make-list-roles.
    #[schemars(example = 13)]
    users_role_id: RoleId,
}

pub(super) fn update_user_role() -> Tool {
    ToolSpec {
        name: "make-update-user-role",
        title: "Change a person's role in an organization",
        description: "Gives a member of an organization another organization role at once. Ownership moves with \
                      make-transfer-ownership, removal is make-remove-user.",
        toolset: Toolset::Users,
        scope: Scope::UserWrite,
        effect: Effect::Update,
        guard: Guard::G1,
        example: json!({ "userId": 2, "organizationId": 11, "usersRoleId": 13 }),
    }
    .calls(async |cx: Context, args: UpdateUserRole| {
        if is_owner_role(&cx, args.organization_id, args.users_role_id).await? {
            return Err(Refused {
                message: "the Owner role cannot be given: an organization has exactly one owner".to_owned(),
                hint: "hand the organization over with make-transfer-ownership".to_owned(),
            }
            .into());
        }
        let roles = cx.make.organization_roles();
        let user_organization_role = roles.set(args.user_id, args.organization_id, args.users_role_id).await?;
        Ok(Membership { user_organization_role })
    })
    .with_aliases(&[("newRoleId", "usersRoleId")])
}

/// Ids of roles differ between accounts, so the owner is known by name.
async fn is_owner_role(
    cx: &Context,
    organization: OrganizationId,
    role: RoleId,
) -> Result<bool, ToolError> {
    let asked = ListRoles {
        organization: Some(organization),
        ..ListRoles::default()
    };
    let roles = cx.make.roles().list(&asked).await?;
    let found = roles.iter().find(|known| known.id == Some(role));
    Ok(found.is_some_and(|role| {
        role.name.as_deref() == Some("Owner")
            && role.management_type.as_deref() != Some("custom_managed")
    }))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RemoveUser {
    /// The person.
    #[schemars(example = 2)]
    user_id: UserId,
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Also delete the connections that the person owns there; scenarios that use them stop working.
    #[serde(default)]
    delete_connections: bool,
}

pub(super) fn remove_user() -> Tool {
    ToolSpec {
        name: "make-remove-user",
        title: "Remove a person from an organization",
        description: "Removes a member, or withdraws an invitation, from an organization and all its teams at once. \
                      The person can only come back by a new invitation.",
        toolset: Toolset::Users,
        scope: Scope::UserWrite,
        effect: Effect::Delete,
        guard: Guard::G2,
        example: json!({ "userId": 2, "organizationId": 11 }),
    }
    .calls(async |cx: Context, args: RemoveUser| {
        let roles = cx.make.organization_roles();
        let user_organization_role =
            roles.remove(args.user_id, args.organization_id, args.delete_connections).await?;
        Ok(Membership { user_organization_role })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TransferOwnership {
    /// The member who becomes the owner.
    #[schemars(example = 2)]
    user_id: UserId,
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Transferred {
    /// The new owner's membership, then the former owner's.
    user_organization_roles: Vec<Record<UserOrganizationRole>>,
}

pub(super) fn transfer_ownership() -> Tool {
    ToolSpec {
        name: "make-transfer-ownership",
        title: "Hand an organization over",
        description: "Makes another member the owner of an organization. The caller, who must be the owner, becomes an \
                      admin and cannot take it back.",
        toolset: Toolset::Users,
        scope: Scope::UserWrite,
        effect: Effect::Update,
        guard: Guard::G2,
        example: json!({ "userId": 2, "organizationId": 11 }),
    }
    .calls(async |cx: Context, args: TransferOwnership| {
        let roles = cx.make.organization_roles();
        let user_organization_roles = roles.transfer(args.user_id, args.organization_id).await?;
        Ok(Transferred { user_organization_roles })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListMembers {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Columns, e.g. userId, usersRoleId, invitation, joinedTeamsCount; `*` for all.
    #[serde(default)]
    cols: Vec<String>,
    #[serde(flatten)]
    paging: Paging,
}

pub(super) fn list_members() -> Tool {
    ToolSpec {
        name: "make-list-members",
        title: "List the members of an organization",
        description: "Lists who has which role in an organization, with pending and expired invitations, as ids. Names \
                      and e-mails are in make-list-users, role names in make-list-roles.",
        toolset: Toolset::Orgs,
        scope: Scope::OrganizationsRead,
        effect: Effect::Read,
        guard: Guard::None,
        example: json!({ "organizationId": 11, "limit": 5 }),
    }
    .calls(async |cx: Context, args: ListMembers| {
        let members = cx.make.organization_roles().members(args.organization_id, &args.cols).await?;
        let (user_organization_roles, page) = args.paging.cut(members);
        Ok(Memberships { user_organization_roles, page })
    })
}
