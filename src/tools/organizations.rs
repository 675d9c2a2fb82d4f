//! Tools about organizations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::registry::{
    Context, Scopes, Tool, ToolError, ToolSpec, Toolset, Write,
    arguments::some_change,
    paging::{PageInfo, Paging},
};
use crate::{
    guard::{Guard, Plan},
    make::{
        CreateOrganization, CreatedOrganization, Organization, OrganizationId, Record, SortDir,
        UpdateOrganization, UsageDay, WritePermit,
    },
    text::quoted,
    tools::lookup::{organizations, require},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListOrgs {
    /// Only organizations of this zone, e.g. eu1.make.com.
    zone: Option<String>,
    /// Columns, e.g. zone, license, teams, tfaEnforced; `*` for all.
    #[serde(default)]
    cols: Vec<String>,
    #[serde(flatten)]
    paging: Paging,
    /// Column to sort by, e.g. name or id.
    sort_by: Option<String>,
    /// Direction.
    sort_dir: Option<SortDir>,
}

#[derive(Serialize, JsonSchema)]
struct OrganizationList {
    /// The organizations.
    organizations: Vec<Record<Organization>>,
    page: PageInfo,
}

pub(crate) fn list_orgs() -> Tool {
    ToolSpec {
        name: "make-list-orgs",
        title: "List organizations",
        description: "Lists the organizations that the caller belongs to, also those of other \
            zones, which a server started for that zone can reach.",
        toolset: Toolset::Orgs,
        scopes: Scopes::all(&["organizations:read"]),
        example: json!({}),
    }
    .reads(async |cx: Context, args: ListOrgs| {
        let page = args.paging.page(args.sort_by, args.sort_dir);
        let list = cx.make.organizations().list(args.zone.as_deref(), &args.cols, &page).await?;
        let (mut organizations, mut page) = args.paging.paged(list);
        let whole = organizations.len();
        organizations.retain(|organization| cx.account.may_work_with(organization.id));
        page.leave_out(
            whole - organizations.len(),
            "of organizations that this profile may not work with",
        );
        Ok(OrganizationList { organizations, page })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GetOrg {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Columns to return; all if left out.
    #[serde(default)]
    cols: Vec<String>,
    /// Wait for the copy between zones; right after make-create-org.
    #[serde(default)]
    wait: bool,
}

#[derive(Serialize, JsonSchema)]
struct OneOrganization {
    /// The organization.
    organization: Record<Organization>,
}

pub(crate) fn get_org() -> Tool {
    ToolSpec {
        name: "make-get-org",
        title: "Get an organization",
        description: "Gets an organization with its plan, limits (license), use of the current \
            cycle and reset dates. For daily usage use make-org-usage.",
        toolset: Toolset::Orgs,
        scopes: Scopes::all(&["organizations:read"]),
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: GetOrg| {
        let organization =
            cx.make.organizations().get(args.organization_id, &args.cols, args.wait).await?;
        Ok(OneOrganization { organization })
    })
}

pub(crate) fn create_org() -> Tool {
    ToolSpec {
        name: "make-create-org",
        title: "Create an organization",
        description: "Creates an organization that the caller owns, with a first team. Calling \
            twice creates two. Ids come from make-lookup (regions, timezones, countries).",
        toolset: Toolset::Orgs,
        scopes: Scopes::all(&["organizations:write"]),
        example: json!({ "name": "Acme Labs", "regionId": 1, "timezoneId": 113, "countryId": 202 }),
    }
    .writes(
        Write::Create,
        async |cx: Context,
               args: CreateOrganization,
               permit: WritePermit|
               -> Result<CreatedOrganization, _> {
            cx.account.control.policy.new_organization()?;
            Ok(cx.make.organizations().create(&permit, &args).await?)
        },
    )
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UpdateOrg {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    #[serde(flatten)]
    change: UpdateOrganization,
}

pub(crate) fn update_org() -> Tool {
    ToolSpec {
        name: "make-update-org",
        title: "Update an organization",
        description: "Changes name, time zone or country of an organization. Its region cannot be \
            changed.",
        toolset: Toolset::Orgs,
        scopes: Scopes::all(&["organizations:write"]),
        example: json!({ "organizationId": 11, "name": "Acme Ltd" }),
    }
    .writes(Write::Update, async |cx: Context, args: UpdateOrg, permit: WritePermit| {
        some_change(&[
            ("name", args.change.name.is_some()),
            ("timezoneId", args.change.timezone_id.is_some()),
            ("countryId", args.change.country_id.is_some()),
        ])?;
        Ok(OneOrganization {
            organization: cx
                .make
                .organizations()
                .update(&permit, args.organization_id, &args.change)
                .await?,
        })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct DeleteOrg {
    /// The organization.
    #[schemars(example = 12)]
    organization_id: OrganizationId,
}

#[derive(Serialize, JsonSchema)]
struct DeletedOrganization {
    /// The deleted organization's id.
    organization: OrganizationId,
}

pub(crate) fn delete_org() -> Tool {
    ToolSpec {
        name: "make-delete-org",
        title: "Delete an organization",
        description: "Deletes an organization with all its teams, scenarios, connections and data, \
            for everybody. Cannot be undone.",
        toolset: Toolset::Orgs,
        scopes: Scopes::all(&["organizations:write"]),
        example: json!({ "organizationId": 12 }),
    }
    .guarded(
        Write::Delete,
        Guard::G2,
        async |cx: Context, args: DeleteOrg| plan_deletion(&cx, args.organization_id).await,
        async |cx: Context, args: DeleteOrg, permit: WritePermit| {
            Ok(DeletedOrganization {
                organization: cx.make.organizations().delete(&permit, args.organization_id).await?,
            })
        },
    )
}

async fn plan_deletion(cx: &Context, id: OrganizationId) -> Result<Plan, ToolError> {
    let roles = cx.make.organization_roles();
    let (name, members, teams) = tokio::try_join!(
        organizations::organization(cx, id),
        async {
            require(
                roles.members(id, &[]).await,
                "the members",
                Scopes::all(&["organizations:read"]),
            )
        },
        organizations::teams(cx, id),
    )?;
    let team_names: Vec<_> = teams.iter().filter_map(|team| team.name.clone()).collect();
    let shown: Vec<_> = team_names.iter().take(20).map(|name| quoted(name)).collect();
    let members = members.items.len();
    Ok(Plan::new(&name, format!("Delete the organization {} for everybody.", quoted(&name)))
        .changes(
            json!({ "organization": name, "members": members, "teams": team_names }),
            Value::Null,
        )
        .with_side_effect(format!("{members} people and invitations lose it at once."))
        .with_side_effect(format!(
            "Everything in its {} teams is deleted: {}.",
            team_names.len(),
            shown.join(", ")
        ))
        .with_side_effect("Scenarios, connections and data are deleted for good."))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OrgUsage {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Cut days in the organization's time zone, not the caller's.
    #[serde(default)]
    organization_timezone: bool,
}

#[derive(Serialize, JsonSchema)]
struct OrganizationUsage {
    /// One entry a day, oldest first.
    data: Vec<Record<UsageDay>>,
}

pub(crate) fn org_usage() -> Tool {
    ToolSpec {
        name: "make-org-usage",
        title: "Get the usage of an organization",
        description: "Gets operations, data transfer (bytes) and centicredits (hundredths of \
            credits) of the last 30 days, day by day. For the cycle's totals use make-get-org, for \
            a team make-team-usage.",
        toolset: Toolset::Orgs,
        scopes: Scopes::all(&["organizations:read"]),
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: OrgUsage| {
        let data =
            cx.make.organizations().usage(args.organization_id, args.organization_timezone).await?;
        Ok(OrganizationUsage { data })
    })
}
