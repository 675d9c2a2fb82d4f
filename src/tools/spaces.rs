//! Tools about private spaces.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::registry::{
    Context, Scopes, Tool, ToolError, ToolSpec, Toolset, Write,
    paging::{PageInfo, Paging},
};
use crate::{
    guard::{Guard, Plan},
    make::{OrganizationId, PrivateSpace, Record, SortDir, WritePermit},
    text::quoted,
    tools::lookup::organizations,
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListPrivateSpaces {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Only the one with this id of another system.
    external_id: Option<String>,
    /// Columns; `*` for all.
    #[serde(default)]
    cols: Vec<String>,
    #[serde(flatten)]
    paging: Paging,
    /// Column to sort by, e.g. name.
    sort_by: Option<String>,
    /// Direction.
    sort_dir: Option<SortDir>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct PrivateSpaceList {
    /// The spaces with their owners.
    private_spaces: Vec<Record<PrivateSpace>>,
    page: PageInfo,
}

pub(crate) fn list_private_spaces() -> Tool {
    ToolSpec {
        name: "make-list-private-spaces",
        title: "List private spaces",
        description: "Lists the private spaces of an organization: teams of one person, with \
            owner, limit and use.",
        toolset: Toolset::Spaces,
        scopes: Scopes::all(&["private-spaces:read"]),
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: ListPrivateSpaces| {
        let page = args.paging.page(args.sort_by, args.sort_dir);
        let spaces = cx.make.spaces();
        let list = spaces
            .list(args.organization_id, args.external_id.as_deref(), &args.cols, &page)
            .await?;
        let (private_spaces, page) = args.paging.paged(list);
        Ok(PrivateSpaceList { private_spaces, page })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GetPrivateSpace {
    /// The space, from make-list-private-spaces.
    #[schemars(range(min = 1), example = 101)]
    private_space_id: u64,
    /// Columns; `*` for all.
    #[serde(default)]
    cols: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct OnePrivateSpace {
    /// The space.
    private_space: Record<PrivateSpace>,
}

pub(crate) fn get_private_space() -> Tool {
    ToolSpec {
        name: "make-get-private-space",
        title: "Get a private space",
        description: "Gets one private space. Make shows it to its own members only; others use \
            make-list-private-spaces.",
        toolset: Toolset::Spaces,
        scopes: Scopes::all(&["private-spaces:read"]),
        example: json!({ "privateSpaceId": 101 }),
    }
    .reads(async |cx: Context, args: GetPrivateSpace| {
        Ok(OnePrivateSpace {
            private_space: cx.make.spaces().get(args.private_space_id, &args.cols).await?,
        })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UpdatePrivateSpace {
    /// The space, from make-list-private-spaces.
    #[schemars(range(min = 1), example = 101)]
    private_space_id: u64,
    /// Its organization; needed unless the caller is a member of the space.
    organization_id: Option<OrganizationId>,
    /// New limit of operations per cycle. Give this or unlimited.
    operations_limit: Option<u64>,
    /// true removes the limit. Give this or operationsLimit.
    #[serde(default)]
    unlimited: bool,
}

impl UpdatePrivateSpace {
    /// The new limit; None if there shall be none. Left out, it must not be lifted by accident.
    fn limit(&self) -> Result<Option<u64>, ToolError> {
        match (self.operations_limit, self.unlimited) {
            (Some(limit), false) => Ok(Some(limit)),
            (None, true) => Ok(None),
            (None, false) => {
                Err(ToolError::arguments("one of `operationsLimit` and `unlimited` is missing"))
            }
            (Some(_), true) => {
                Err(ToolError::arguments("give `operationsLimit` or `unlimited`, not both"))
            }
        }
    }
}

pub(crate) fn update_private_space() -> Tool {
    ToolSpec {
        name: "make-update-private-space",
        title: "Limit a private space",
        description: "Changes the limit of operations of a private space, or removes it. A limit \
            below what is used pauses the space.",
        toolset: Toolset::Spaces,
        scopes: Scopes::all(&["private-spaces:write"]),
        example: json!({ "organizationId": 11, "privateSpaceId": 101, "operationsLimit": 100 }),
    }
    .guarded(
        Write::Update,
        Guard::G1,
        async |cx: Context, args: UpdatePrivateSpace| plan_limit(&cx, &args).await,
        async |cx: Context, args: UpdatePrivateSpace, permit: WritePermit| {
            Ok(OnePrivateSpace {
                private_space: cx
                    .make
                    .spaces()
                    .update(&permit, args.private_space_id, args.limit()?)
                    .await?,
            })
        },
    )
}

async fn plan_limit(cx: &Context, args: &UpdatePrivateSpace) -> Result<Plan, ToolError> {
    let limit = args.limit()?;
    let space =
        organizations::private_space(cx, args.organization_id, args.private_space_id).await?;
    let organization = match space.organization_id.or(args.organization_id) {
        Some(id) => {
            cx.account.control.policy.organization(id)?;
            organizations::organization(cx, id).await?
        }
        None => "unknown".to_owned(),
    };
    let name =
        space.name.clone().unwrap_or_else(|| format!("private space {}", args.private_space_id));
    let owner = space
        .private_space_owner_name
        .as_deref()
        .map_or_else(String::new, |owner| format!(" of {}", quoted(owner)));
    let place = format!(
        "the private space {}{owner} in the organization {}",
        quoted(&name),
        quoted(&organization)
    );
    let summary = match limit {
        Some(limit) => format!("Limit {place} to {limit} operations a cycle."),
        None => format!("Remove the limit of operations of {place}."),
    };
    let before = json!({ "space": name, "organization": organization,
    "operationsLimit": space.operations_limit });
    let used =
        space.consumed_operations.as_ref().and_then(|used| used.to_string().parse::<u64>().ok());
    let plan = Plan::new(&name, summary).changes(before, json!({ "operationsLimit": limit }));
    Ok(match (limit, used) {
        (Some(limit), Some(used)) if limit < used => {
            plan.with_side_effect("More is used already: its scenarios are paused at once.")
        }
        _ => plan,
    })
}
