//! Tools about the role catalogue. Those that change custom roles are in `custom`.

mod custom;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::registry::{
    Context, Scopes, Tool, ToolSpec, Toolset,
    arguments::place,
    paging::{PageInfo, Paging},
};
use crate::make::{
    ListRoles, OrganizationId, Permission, Record, Role, RoleCategory, RoleId, TeamId, User,
};

pub(crate) use custom::{create_role, delete_role, update_role};

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListedRoles {
    /// The roles.
    users_roles: Vec<Record<Role>>,
}

pub(crate) fn list_roles() -> Tool {
    ToolSpec {
        name: "make-list-roles",
        title: "List roles",
        description: "Lists the roles that can be given in organizations and teams with ids and \
            names, on request with permissions; make-get-role has one. Custom roles need \
            organizationId or teamId.",
        toolset: Toolset::Users,
        scopes: Scopes::all(&["user:read"]),
        example: json!({ "category": "organization" }),
    }
    .reads(async |cx: Context, args: ListRoles| {
        Ok(ListedRoles { users_roles: cx.make.roles().list(&args).await? })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GetRole {
    /// The role, from make-list-roles.
    #[schemars(example = 13)]
    role_id: RoleId,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OneRole {
    /// The role.
    users_role: Record<Role>,
}

pub(crate) fn get_role() -> Tool {
    ToolSpec {
        name: "make-get-role",
        title: "Get a role",
        description: "Gets one role with everything that it allows. For all roles use \
            make-list-roles.",
        toolset: Toolset::Roles,
        scopes: Scopes::all(&["user:read"]),
        example: json!({ "roleId": 13 }),
    }
    .reads(async |cx: Context, args: GetRole| {
        Ok(OneRole { users_role: cx.make.roles().get(args.role_id).await? })
    })
}

#[derive(Deserialize, JsonSchema)]
struct ListPermissions {
    /// Only those of organization roles or of team roles.
    category: Option<RoleCategory>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Permissions {
    /// The permissions; `id` is what make-create-role takes.
    users_roles_permissions: Vec<Record<Permission>>,
    page: PageInfo,
}

pub(crate) fn list_permissions() -> Tool {
    ToolSpec {
        name: "make-list-permissions",
        title: "List permissions",
        description: "Lists the permissions that roles are made of, with ids for custom roles.",
        toolset: Toolset::Roles,
        scopes: Scopes::all(&["user:read"]),
        example: json!({ "category": "organization" }),
    }
    .reads(async |cx: Context, args: ListPermissions| {
        let list = cx.make.roles().permissions(args.category).await?;
        let (users_roles_permissions, page) = args.paging.cut(list);
        Ok(Permissions { users_roles_permissions, page })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListUsersByPermission {
    /// The permission by name, from make-list-permissions.
    #[schemars(length(min = 1), example = &"organization edit")]
    permission: String,
    /// People of this organization. Give this or teamId.
    #[schemars(example = 11)]
    organization_id: Option<OrganizationId>,
    /// People of this team. Give this or organizationId.
    team_id: Option<TeamId>,
    /// Columns, e.g. lastLogin, invitationStatus; `*` for all.
    #[serde(default)]
    cols: Vec<String>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Serialize, JsonSchema)]
struct Holders {
    /// The people who may do it.
    users: Vec<Record<User>>,
    page: PageInfo,
}

pub(crate) fn list_users_by_permission() -> Tool {
    ToolSpec {
        name: "make-list-users-by-permission",
        title: "List who may do something",
        description: "Lists the people who hold one permission in an organization or a team. For \
            everybody use make-list-users.",
        toolset: Toolset::Roles,
        scopes: Scopes::all(&["user:read"]),
        example: json!({ "permission": "organization edit", "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: ListUsersByPermission| {
        let place = place(args.organization_id, args.team_id)?;
        let list = cx.make.roles().holders(place, &args.permission, &args.cols).await?;
        let (users, page) = args.paging.cut(list);
        Ok(Holders { users, page })
    })
}
