//! Tools that change custom roles.

use crate::{
    guard::{Guard, Plan, Refused},
    make::{
        CreateRole, CustomRole, OrganizationId, Record, Role, RoleCategory, RoleId, UpdateRole,
        WritePermit,
    },
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
    .guarded(
        Write::Create,
        Guard::G1,
        async |cx: Context, args: CreateRole| plan_creation(&cx, &args).await,
        async |cx: Context, args: CreateRole, permit: WritePermit| {
            Ok(Custom { role: cx.make.roles().create(&permit, &args).await? })
        },
    )
}

async fn plan_creation(cx: &Context, args: &CreateRole) -> Result<Plan, ToolError> {
    let (organization, catalog, permissions) = tokio::try_join!(
        organizations::organization(cx, args.organization_id),
        RoleCatalog::of(cx, Some(args.organization_id)),
        permission_names(cx, &args.permissions),
    )?;
    let category = match args.category {
        RoleCategory::Organization => "organization",
        RoleCategory::Team => "team",
    };
    let role = Role {
        id: None,
        name: Some(args.name.clone()),
        identifier: None,
        category: Some(category.to_owned()),
        management_type: None,
        description: args.description.clone(),
        subsidiary: None,
        organization_id: Some(args.organization_id),
        permissions: Some(permissions.clone()),
    };
    allowed_by_policy(cx, args.organization_id, &role, &catalog)?;
    let same = catalog.iter().any(|known| known.name.as_ref() == Some(&args.name));
    let summary = format!(
        "Create the {category} role {} in the organization {}.",
        quoted(&args.name),
        quoted(&organization)
    );
    let after = json!({
        "name": args.name, "category": category, "description": args.description,
        "permissions": permissions,
    });
    let namesake = same.then(|| {
        format!(
            "There is a role called {} already, and both will look the same.",
            quoted(&args.name)
        )
    });
    Ok(Plan::new(&args.name, summary)
        .changes(json!({ "organization": organization }), after)
        .raised_if(roles::is_powerful(&role))
        .with_side_effect("Nobody has it until it is given to somebody.")
        .with_side_effects(roles::added_by_custom(&catalog, &role))
        .with_side_effects(namesake))
}

/// Refuses a custom role that the policy would not let anybody be given, and one that bears the name of its limit.
fn allowed_by_policy(
    cx: &Context,
    organization: OrganizationId,
    role: &Role,
    catalog: &RoleCatalog,
) -> Result<(), ToolError> {
    let policy = &cx.account.control.policy;
    policy.keeps_name(role)?;
    match role.category.as_deref() {
        Some("team") => policy.team_role(role, organization, catalog.iter())?,
        _ => policy.role(role, organization, catalog.iter())?,
    }
    Ok(())
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
    catalog: RoleCatalog,
    role: Role,
    name: String,
}

async fn found(
    cx: &Context,
    id: RoleId,
    organization: OrganizationId,
) -> Result<RoleUnderChange, ToolError> {
    let (name, catalog) = tokio::try_join!(
        organizations::organization(cx, organization),
        RoleCatalog::of(cx, Some(organization))
    )?;
    let role = catalog.get(Some(id)).ok_or_else(|| {
        ToolError::new(ErrorKind::NotFound, format!("{} has no role {id}", quoted(&name)))
            .with_hint("make-list-roles with organizationId shows those there are")
    })?;
    if role.identifier.is_some() {
        return Err(Refused::new(
            format!("{} is a built-in role, which cannot be changed", catalog.name(Some(id))),
            "create a custom role with make-create-role",
        )
        .into());
    }
    let role_name = role.name.clone().unwrap_or_else(|| format!("role {id}"));
    let role = role.clone();
    Ok(RoleUnderChange { organization: name, catalog, role, name: role_name })
}

async fn plan_change(cx: &Context, args: &ChangeRole) -> Result<Plan, ToolError> {
    some_change(&[
        ("name", args.change.name.is_some()),
        ("description", args.change.description.is_some()),
        ("permissions", args.change.permissions.is_some()),
    ])?;
    let RoleUnderChange { organization, catalog, role, name } =
        found(cx, args.role_id, args.change.organization_id).await?;
    let policy = &cx.account.control.policy;
    policy.keeps_name(&role)?;
    if let Some(name) = &args.change.name {
        policy.keeps_name(&Role { name: Some(name.clone()), ..role.clone() })?;
    }
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
        allowed_by_policy(cx, args.change.organization_id, &changed, &catalog)?;
        plan = plan
            .raised_if(roles::is_powerful(&changed) && !roles::is_powerful(&role))
            .with_side_effects(
                roles::consequences(&catalog, Some(&role), &changed)
                    .into_iter()
                    .map(|sentence| sentence.replace("The person can", "Everybody who has it can")),
            );
        after.insert("permissions".to_owned(), permissions.into());
    }
    Ok(plan.changes(before, Value::Object(after)))
}

/// The names of permissions, or an error that names the unknown id.
async fn permission_names(cx: &Context, ids: &[u64]) -> Result<Vec<String>, ToolError> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
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
            cx.account.control.policy.keeps_name(&role)?;
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
