//! Tools that change custom roles.

use crate::{
    guard::{Guard, Plan, Refused},
    make::{CreateRole, CustomRole, OrganizationId, Record, Role, RoleId, UpdateRole, WritePermit},
    text::{quoted, visible},
    tools::{
        lookup::{organizations, require, roles, roles::RoleCatalog},
        registry::{
            Context, ErrorKind, Scopes, Tool, ToolError, ToolSpec, Toolset, Write,
            arguments::some_change,
        },
    },
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

#[derive(Serialize, JsonSchema)]
struct Custom {
    /// The custom role.
    role: Record<CustomRole>,
}

pub(crate) fn create_role() -> Tool {
    ToolSpec {
        name: "make-create-role",
        title: "Create a custom role",
        description: "Creates a custom role, which no member has until it is given with \
            make-update-user-role or make-update-user-team-role. Needs the plan feature \
            customRoles.",
        toolset: Toolset::Roles,
        scopes: Scopes::all(&["user:write"]),
        example: json!({ "organizationId": 11, "name": "Invoice reader",
        "category": "organization", "permissions": [] }),
    }
    .writes(Write::Create, async |cx: Context, args: CreateRole, permit: WritePermit| {
        Ok(Custom { role: cx.make.roles().create(&permit, &args).await? })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChangeRole {
    /// The custom role.
    #[schemars(example = 42)]
    role_id: RoleId,
    #[serde(flatten)]
    change: UpdateRole,
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
        async |cx: Context, args: ChangeRole| plan_change(&cx, &args).await,
        async |cx: Context, args: ChangeRole, permit: WritePermit| {
            Ok(Custom { role: cx.make.roles().update(&permit, args.role_id, &args.change).await? })
        },
    )
    .clearing(&["description", "permissions"])
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

async fn plan_change(cx: &Context, args: &ChangeRole) -> Result<Plan, ToolError> {
    some_change(&[
        ("name", args.change.name.is_some()),
        ("description", args.change.description.is_some()),
        ("permissions", args.change.permissions.is_some()),
    ])?;
    let RoleUnderChange { organization, roles, role, name } =
        found(cx, args.role_id, args.change.organization_id).await?;
    let permissions = match &args.change.permissions {
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
    after.extend(args.change.name.clone().map(|name| ("name".to_owned(), name.into())));
    after.extend(
        args.change.description.clone().map(|text| ("description".to_owned(), text.into())),
    );
    let mut plan = Plan::new(&name, summary);
    if args.change.description.as_deref() == Some("") {
        plan = plan.with_side_effect("Its description is removed.");
    }
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

/// The names of permissions, or an error that names the unknown id.
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
                "`permissions` has {id}, which is not a permission; make-list-permissions shows \
                 them"
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
