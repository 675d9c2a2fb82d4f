//! Tools about who is what in an organization. Those that change it are in `changes`.

mod changes;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::registry::{
    Context, Scopes, Tool, ToolSpec, Toolset,
    paging::{PageInfo, Paging},
};
use crate::make::{OrganizationId, Record, UserId, UserOrganizationRole};

pub(crate) use changes::{remove_user, transfer_ownership, update_user_role};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListUserRoles {
    /// The person; the caller if left out.
    user_id: Option<UserId>,
    /// Columns, e.g. usersRoleId, joinedTeamsCount; `*` for all.
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

pub(crate) fn list_user_roles() -> Tool {
    ToolSpec {
        name: "make-list-user-roles",
        title: "List a person's organizations",
        description: "Lists the organizations of one person and the role in each, as ids. For one \
            organization use make-get-user-role, for its members make-list-members, for the \
            person's teams make-list-user-team-roles.",
        toolset: Toolset::Users,
        scopes: Scopes::all(&["user:read"]),
        example: json!({ "userId": 41 }),
    }
    .reads(async |cx: Context, args: ListUserRoles| {
        let user = match args.user_id {
            Some(id) => id,
            None => cx.make.me().id().await?,
        };
        let (user_organization_roles, page) =
            args.paging.cut(cx.make.organization_roles().of_user(user, &args.cols).await?);
        Ok(Memberships { user_organization_roles, page })
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
    /// Columns, e.g. usersRoleId, joinedTeamsCount; `*` for all.
    #[serde(default)]
    cols: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct MembershipArguments {
    /// The membership; `invitation` is null once active.
    user_organization_role: Record<UserOrganizationRole>,
}

pub(crate) fn get_user_role() -> Tool {
    ToolSpec {
        name: "make-get-user-role",
        title: "Get a person's role in an organization",
        description: "Gets the role of one person in one organization. For all organizations of \
            the person use make-list-user-roles.",
        toolset: Toolset::Users,
        scopes: Scopes::all(&["user:read"]),
        example: json!({ "userId": 41, "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: GetUserRole| {
        let roles = cx.make.organization_roles();
        let user_organization_role =
            roles.get(args.user_id, args.organization_id, &args.cols).await?;
        Ok(MembershipArguments { user_organization_role })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListMembers {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Columns, e.g. usersRoleId, joinedTeamsCount; `*` for all.
    #[serde(default)]
    cols: Vec<String>,
    #[serde(flatten)]
    paging: Paging,
}

pub(crate) fn list_members() -> Tool {
    ToolSpec {
        name: "make-list-members",
        title: "List the members of an organization",
        description: "Lists who has which role in an organization, with pending and expired \
            invitations, as ids. Names and e-mails are in make-list-users; for a team use \
            make-list-team-members; for invitations to the caller make-list-my-invitations.",
        toolset: Toolset::Orgs,
        scopes: Scopes::all(&["organizations:read"]),
        example: json!({ "organizationId": 11, "limit": 5 }),
    }
    .reads(async |cx: Context, args: ListMembers| {
        let members =
            cx.make.organization_roles().members(args.organization_id, &args.cols).await?;
        let (user_organization_roles, page) = args.paging.cut(members);
        Ok(Memberships { user_organization_roles, page })
    })
}
