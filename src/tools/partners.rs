//! Tools about managed organizations of the partner programme.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::registry::{
    Context, ErrorKind, Scopes, Tool, ToolError, ToolSpec, Toolset, Write, arguments,
    paging::{PageInfo, Paging},
};
use crate::{
    guard::{Guard, Plan},
    make::{
        AllocatedOperations, Consumption, CreateManagedOrganization, CreatedManagedOrganization,
        ManagedOrganization, OrganizationId, Record, WritePermit,
    },
    text::quoted,
    tools::lookup::{organizations, require},
};

/// Operations are given in steps.
const STEP: u64 = 10_000;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListManagedOrgs {
    /// The organization that manages.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Managed {
    /// The managed organizations.
    managed_organizations: Vec<Record<ManagedOrganization>>,
    page: PageInfo,
}

pub(crate) fn list_managed_orgs() -> Tool {
    ToolSpec {
        name: "make-list-managed-orgs",
        title: "List managed organizations",
        description: "Lists the organizations that one manages as a partner, with the operations \
            given to each. What they used is in make-managed-orgs-consumption.",
        toolset: Toolset::Partners,
        scopes: Scopes::all(&["managed-organizations:read"]),
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: ListManagedOrgs| {
        let list = cx.make.partners().list(args.organization_id).await?;
        let (managed_organizations, page) = args.paging.cut(list);
        Ok(Managed { managed_organizations, page })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CreateManagedOrg {
    /// The organization that will manage it.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Its name.
    #[schemars(length(min = 1), example = &"Client")]
    organization_name: String,
    /// E-mail of its owner.
    #[schemars(email, length(min = 3), example = &"owner@example.com")]
    user_email: String,
    /// Name of its owner.
    #[schemars(length(min = 1), example = &"Owner")]
    user_name: String,
    /// Region, from make-lookup `regions`.
    #[schemars(example = 1)]
    region_id: u64,
    /// Country, from make-lookup `countries`.
    #[schemars(example = 202)]
    country_id: u64,
    /// Operations per cycle, in steps of 10000, taken from the managing one's.
    #[schemars(example = 10_000)]
    operations: u64,
}

pub(crate) fn create_managed_org() -> Tool {
    ToolSpec {
        name: "make-create-managed-org",
        title: "Create a managed organization",
        description: "Creates an organization that another one manages and pays for, and invites \
            its owner. Calling twice makes two.",
        toolset: Toolset::Partners,
        scopes: Scopes::all(&["managed-organizations:write"]),
        example: json!({
            "organizationId": 11, "organizationName": "Client", "userEmail": "owner@example.com",
            "userName": "Owner",
            "regionId": 1, "countryId": 202, "operations": 10000
        }),
    }
    .guarded(
        Write::Create,
        Guard::G1,
        async |cx: Context, args: CreateManagedOrg| plan_creation(&cx, &args).await,
        async |cx: Context,
               args: CreateManagedOrg,
               permit: WritePermit|
               -> Result<Record<CreatedManagedOrganization>, _> {
            let new = CreateManagedOrganization {
                user_email: args.user_email,
                user_name: args.user_name,
                organization_name: args.organization_name,
                region_id: args.region_id,
                country_id: args.country_id,
                operations: args.operations,
            };
            Ok(cx.make.partners().create(&permit, args.organization_id, &new).await?)
        },
    )
}

fn in_steps(operations: u64) -> Result<(), ToolError> {
    if operations.is_multiple_of(STEP) {
        return Ok(());
    }
    Err(ToolError::arguments(format!(
        "`operations` must be a multiple of {STEP}, not {operations}"
    )))
}

async fn plan_creation(cx: &Context, args: &CreateManagedOrg) -> Result<Plan, ToolError> {
    in_steps(args.operations)?;
    cx.account.control.policy.new_organization()?;
    arguments::email("userEmail", &args.user_email)?;
    cx.account.control.policy.invitee(&args.user_email)?;
    let parent = organizations::organization(cx, args.organization_id).await?;
    let summary = format!(
        "Create the organization {}, managed and paid for by {}, with {} as its owner.",
        quoted(&args.organization_name),
        quoted(&parent),
        quoted(&args.user_email)
    );
    let after = json!({
        "organizationName": args.organization_name, "owner": { "name": args.user_name,
        "email": args.user_email },
        "operations": args.operations,
    });
    Ok(Plan::new(&args.organization_name, summary)
        .changes(json!({ "managedBy": parent }), after)
        .with_side_effect(format!(
            "{} operations a cycle are taken from {}.",
            args.operations,
            quoted(&parent)
        ))
        .with_side_effect(format!("Make sends a mail to {} at once.", quoted(&args.user_email)))
        .with_side_effects(arguments::email_warning(&args.user_email)))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ManagedOrgsConsumption {
    /// The organization that manages.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Used {
    /// What each managed organization has used in the cycle.
    managed_organizations_consumption: Vec<Record<Consumption>>,
    page: PageInfo,
}

pub(crate) fn managed_orgs_consumption() -> Tool {
    ToolSpec {
        name: "make-managed-orgs-consumption",
        title: "Get the use of managed organizations",
        description: "Gets operations, credits and transfer that each managed organization has \
            used in the cycle. Names are in make-list-managed-orgs.",
        toolset: Toolset::Partners,
        scopes: Scopes::all(&["managed-organizations:read"]),
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: ManagedOrgsConsumption| {
        let list = cx.make.partners().consumption(args.organization_id).await?;
        let (managed_organizations_consumption, page) = args.paging.cut(list);
        Ok(Used { managed_organizations_consumption, page })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SetManagedOrgOperations {
    /// The organization that manages.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// The managed organization.
    #[schemars(example = 40)]
    child_organization_id: OrganizationId,
    /// Operations per cycle, in steps of 10000.
    #[schemars(example = 20_000)]
    operations: u64,
}

pub(crate) fn set_managed_org_operations() -> Tool {
    ToolSpec {
        name: "make-set-managed-org-operations",
        title: "Set the operations of a managed organization",
        description: "Gives a managed organization more or fewer operations per cycle, at the cost \
            of the managing one.",
        toolset: Toolset::Partners,
        scopes: Scopes::all(&["managed-organizations:write"]),
        example: json!({ "organizationId": 11, "childOrganizationId": 40, "operations": 20000 }),
    }
    .guarded(
        Write::Update,
        Guard::G1,
        async |cx: Context, args: SetManagedOrgOperations| plan_operations(&cx, &args).await,
        async |cx: Context,
               args: SetManagedOrgOperations,
               permit: WritePermit|
               -> Result<Record<AllocatedOperations>, _> {
            let partners = cx.make.partners();
            Ok(partners
                .set_operations(
                    &permit, args.organization_id, args.child_organization_id, args.operations,
                )
                .await?)
        },
    )
}

async fn plan_operations(cx: &Context, args: &SetManagedOrgOperations) -> Result<Plan, ToolError> {
    in_steps(args.operations)?;
    cx.account.control.policy.organization(args.child_organization_id)?;
    let partners = cx.make.partners();
    let (parent, children) =
        tokio::try_join!(organizations::organization(cx, args.organization_id), async {
            require(
                partners.list(args.organization_id).await,
                "the managed organizations",
                Scopes::all(&["managed-organizations:read"]),
            )
        })?;
    let child = children
        .items
        .iter()
        .find(|child| child.organization_id == Some(args.child_organization_id));
    let child = child.ok_or_else(|| {
        ToolError::new(
            ErrorKind::NotFound,
            format!(
                "{} does not manage the organization {}",
                quoted(&parent),
                args.child_organization_id
            ),
        )
        .with_hint("make-list-managed-orgs shows those it manages")
    })?;
    let name = child
        .organization_name
        .clone()
        .unwrap_or_else(|| format!("organization {}", args.child_organization_id));
    let summary = format!(
        "Give the organization {}, managed by {}, {} operations a cycle.",
        quoted(&name),
        quoted(&parent),
        args.operations
    );
    let before = json!({ "organization": name, "managedBy": parent,
    "operations": child.operations_allocated });
    let plan = Plan::new(&name, summary).changes(before, json!({ "operations": args.operations }));
    Ok(match child.operations_allocated {
        Some(now) if now > args.operations => plan.with_side_effect(format!(
            "It loses {} operations a cycle; its scenarios may stop.",
            now - args.operations
        )),
        Some(now) => plan.with_side_effect(format!(
            "{} operations a cycle are taken from {}.",
            args.operations - now,
            quoted(&parent)
        )),
        None => plan,
    })
}
