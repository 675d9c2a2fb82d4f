//! Tools about the role catalogue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    lookup::{roles, roles::RoleCatalog},
    registry::{
        Context, ErrorKind, Scopes, Tool, ToolError, ToolSpec, Toolset, Write,
        arguments::{place, some_change},
        paging::{PageInfo, Paging},
    },
};
use crate::{
    guard::{Guard, Plan, Refused},
    make,
    make::{
        CustomRole, OrganizationId, Permission, Record, Role, RoleCategory, RoleId, TeamId, User,
        WritePermit,
    },
    text::{quoted, visible},
    tools::lookup::{organizations, require},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListRoles {
    /// Only organization roles or only team roles.
    category: Option<RoleCategory>,
    /// Also the custom roles of this organization.
    organization_id: Option<OrganizationId>,
    /// Also the custom roles of this team's organization.
    team_id: Option<TeamId>,
    /// Also what each role allows; long.
    #[serde(default)]
    include_permissions: bool,
}

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
        let asked = make::ListRoles {
            category: args.category,
            organization: args.organization_id,
            team: args.team_id,
            permissions: args.include_permissions,
        };
        Ok(ListedRoles { users_roles: cx.make.roles().list(&asked).await? })
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
        description: "Gets one role with everything that it allows. For all roles take \
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
            everybody take make-list-users.",
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

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CreateRole {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Its name.
    #[schemars(length(min = 1, max = 50), example = &"Invoice reader")]
    name: String,
    /// For members of organizations or of teams.
    #[schemars(example = &"organization")]
    category: RoleCategory,
    /// What it is for.
    description: Option<String>,
    /// Ids of what it allows, from make-list-permissions.
    #[serde(default)]
    permissions: Vec<u64>,
}

#[derive(Serialize, JsonSchema)]
struct Custom {
    /// The custom role.
    role: Record<CustomRole>,
}

pub(crate) fn create_role() -> Tool {
    ToolSpec {
        name: "make-create-role",
        title: "Create a custom role",
        description: "Creates a custom role, which nobody has until it is given with \
            make-update-user-role or make-update-user-team-role. Needs the plan feature \
            customRoles.",
        toolset: Toolset::Roles,
        scopes: Scopes::all(&["user:write"]),
        example: json!({ "organizationId": 11, "name": "Invoice reader",
        "category": "organization", "permissions": [] }),
    }
    .writes(Write::Create, async |cx: Context, args: CreateRole, permit: WritePermit| {
        let new = make::CreateRole {
            organization_id: args.organization_id,
            name: args.name,
            category: args.category,
            description: args.description,
            permissions: args.permissions,
        };
        Ok(Custom { role: cx.make.roles().create(&permit, &new).await? })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UpdateRole {
    /// The custom role.
    #[schemars(example = 42)]
    role_id: RoleId,
    /// Its organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// New name.
    #[schemars(length(min = 1, max = 50))]
    name: Option<String>,
    /// New description.
    description: Option<String>,
    /// Ids of all that it allows from then on, from make-list-permissions.
    permissions: Option<Vec<u64>>,
}

pub(crate) fn update_role() -> Tool {
    ToolSpec {
        name: "make-update-role",
        title: "Change a custom role",
        description: "Changes a custom role for everybody who has it. `permissions` replaces the \
            whole set. Built-in roles cannot be changed.",
        toolset: Toolset::Roles,
        scopes: Scopes::all(&["user:write"]),
        example: json!({ "roleId": 42, "organizationId": 11, "name": "Billing viewer" }),
    }
    .guarded(
        Write::Update,
        Guard::G1,
        async |cx: Context, args: UpdateRole| plan_change(&cx, &args).await,
        async |cx: Context, args: UpdateRole, permit: WritePermit| {
            let change = make::UpdateRole {
                organization_id: args.organization_id,
                name: args.name,
                description: args.description,
                permissions: args.permissions,
            };
            Ok(Custom { role: cx.make.roles().update(&permit, args.role_id, &change).await? })
        },
    )
}

/// A custom role as a plan sees it.
struct RoleUnderChange {
    organization: String,
    roles: RoleCatalog,
    role: Role,
    name: String,
}

async fn found(
    cx: &Context,
    id: RoleId,
    organization: OrganizationId,
) -> Result<RoleUnderChange, ToolError> {
    let (name, roles) = tokio::try_join!(
        organizations::organization(cx, organization),
        RoleCatalog::of(cx, Some(organization))
    )?;
    let role = roles.get(Some(id)).ok_or_else(|| {
        ToolError::new(ErrorKind::NotFound, format!("{} has no role {id}", quoted(&name)))
            .with_hint("make-list-roles with organizationId shows those there are")
    })?;
    if role.identifier.is_some() {
        return Err(Refused::new(
            format!("{} is a built-in role, which cannot be changed", roles.name(Some(id))),
            "create a custom role with make-create-role",
        )
        .into());
    }
    let role_name = role.name.clone().unwrap_or_else(|| format!("role {id}"));
    let role = role.clone();
    Ok(RoleUnderChange { organization: name, roles, role, name: role_name })
}

async fn plan_change(cx: &Context, args: &UpdateRole) -> Result<Plan, ToolError> {
    some_change(&[
        ("name", args.name.is_some()),
        ("description", args.description.is_some()),
        ("permissions", args.permissions.is_some()),
    ])?;
    let RoleUnderChange { organization, roles, role, name } =
        found(cx, args.role_id, args.organization_id).await?;
    let permissions = match &args.permissions {
        None => None,
        Some(ids) => Some(permission_names(cx, ids).await?),
    };
    let summary = format!(
        "Change the role {} of the organization {} for everybody who has it.",
        quoted(&name),
        quoted(&organization)
    );
    let before = json!({
        "organization": organization, "name": name, "description": role.description,
        "permissions": role.permissions,
    });
    let mut after = serde_json::Map::new();
    after.extend(args.name.clone().map(|name| ("name".to_owned(), name.into())));
    after.extend(args.description.clone().map(|text| ("description".to_owned(), text.into())));
    let mut plan = Plan::new(&name, summary);
    if let Some(permissions) = permissions {
        let changed = Role { permissions: Some(permissions.clone()), ..role.clone() };
        let policy = &cx.account.control.policy;
        match role.category.as_deref() {
            Some("team") => policy.team_role(&changed, roles.iter())?,
            _ => policy.role(&changed, roles.iter())?,
        }
        let managing = roles::manages_people(&changed) && !roles::manages_people(&role);
        plan = plan.raised_if(managing);
        if managing {
            plan = plan.with_side_effect(
                "Everybody who has it can then invite, remove and change other members.",
            );
        }
        for sentence in roles::difference(Some(&role), &changed) {
            plan = plan.with_side_effect(sentence);
        }
        after.insert("permissions".to_owned(), permissions.into());
    }
    Ok(plan.changes(before, Value::Object(after)))
}

/// The names of permissions, or an error that says which id is none.
async fn permission_names(cx: &Context, ids: &[u64]) -> Result<Vec<String>, ToolError> {
    let known = require(
        cx.make.roles().permissions(None).await,
        "the permissions",
        Scopes::all(&["user:read"]),
    )?;
    let name = |id: &u64| {
        let found = known.iter().find(|permission| permission.id == Some(*id));
        found.and_then(|permission| permission.name.clone()).ok_or_else(|| {
            ToolError::arguments(format!(
                "`permissions` has {id}, which is no permission; make-list-permissions shows them"
            ))
        })
    };
    ids.iter().map(name).collect()
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DeleteRole {
    /// The custom role.
    #[schemars(example = 45)]
    role_id: RoleId,
    /// Its organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DeletedRole {
    /// The deleted role's id.
    role_id: RoleId,
}

pub(crate) fn delete_role() -> Tool {
    ToolSpec {
        name: "make-delete-role",
        title: "Delete a custom role",
        description: "Deletes a custom role. Make refuses while anybody has it: give them another \
            one first.",
        toolset: Toolset::Roles,
        scopes: Scopes::all(&["user:write"]),
        example: json!({ "roleId": 45, "organizationId": 11 }),
    }
    .guarded(
        Write::Delete,
        Guard::G1,
        async |cx: Context, args: DeleteRole| {
            let RoleUnderChange { organization, role, name, .. } =
                found(&cx, args.role_id, args.organization_id).await?;
            let allowed: Vec<_> =
                role.permissions.iter().flatten().map(|one| visible(one).into_owned()).collect();
            let before = json!({ "organization": organization, "name": name,
            "permissions": allowed });
            let summary = format!(
                "Delete the role {} of the organization {}.",
                quoted(&name),
                quoted(&organization)
            );
            Ok(Plan::new(&name, summary)
                .changes(before, Value::Null)
                .with_side_effect("It cannot be brought back."))
        },
        async |cx: Context, args: DeleteRole, permit: WritePermit| {
            Ok(DeletedRole {
                role_id: cx
                    .make
                    .roles()
                    .delete(&permit, args.role_id, args.organization_id)
                    .await?,
            })
        },
    )
}
