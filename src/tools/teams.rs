//! Tools about teams.

mod llm;

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
        CreateTeam, CreatedTeam, OrganizationId, Page, Record, SortDir, Team, TeamId, UpdateTeam,
        UsageDay, WritePermit,
    },
    text::quoted,
    tools::lookup::{organizations, require},
};

pub(crate) use llm::{get_team_llm, update_team_llm};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListTeams {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Also private spaces, the teams of one person.
    #[serde(default)]
    include_private_spaces: bool,
    /// Columns, e.g. name, operationsLimit; `*` for all.
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
struct TeamList {
    /// The teams.
    teams: Vec<Record<Team>>,
    page: PageInfo,
}

pub(crate) fn list_teams() -> Tool {
    ToolSpec {
        name: "make-list-teams",
        title: "List the teams of an organization",
        description: "Lists the teams of an organization; make-get-team has one with its use. Its \
            people are in make-list-users with teamId.",
        toolset: Toolset::Orgs,
        scopes: Scopes::all(&["teams:read"]),
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: ListTeams| {
        let page = args.paging.page(args.sort_by, args.sort_dir);
        let teams = cx.make.teams();
        let list = teams
            .list(args.organization_id, args.include_private_spaces, &args.cols, &page)
            .await?;
        let (teams, page) = args.paging.paged(list);
        Ok(TeamList { teams, page })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GetTeam {
    /// The team.
    #[schemars(example = 22)]
    team_id: TeamId,
    /// Columns, e.g. operationsLimit, consumedOperations, isPaused; `*` for all.
    #[serde(default)]
    cols: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct OneTeam {
    /// The team.
    team: Record<Team>,
}

pub(crate) fn get_team() -> Tool {
    ToolSpec {
        name: "make-get-team",
        title: "Get a team",
        description: "Gets a team with its limits and use. For its id use make-list-teams, for \
            daily usage make-team-usage.",
        toolset: Toolset::Teams,
        scopes: Scopes::all(&["teams:read"]),
        example: json!({ "teamId": 22 }),
    }
    .reads(async |cx: Context, args: GetTeam| {
        Ok(OneTeam { team: cx.make.teams().get(args.team_id, &args.cols).await? })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NewTeam {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Its name.
    #[schemars(length(min = 1, max = 128), example = &"Sales")]
    name: String,
    /// Operations allowed per cycle.
    operations_limit: Option<u64>,
    /// Bytes allowed per cycle.
    transfer_limit: Option<u64>,
}

pub(crate) fn create_team() -> Tool {
    ToolSpec {
        name: "make-create-team",
        title: "Create a team",
        description: "Creates a team with the caller as its admin. Plans below Teams allow one. \
            Calling twice makes two.",
        toolset: Toolset::Teams,
        scopes: Scopes::all(&["teams:write"]),
        example: json!({ "organizationId": 11, "name": "Sales" }),
    }
    .writes(
        Write::Create,
        async |cx: Context, args: NewTeam, permit: WritePermit| -> Result<CreatedTeam, _> {
            let new = CreateTeam {
                name: args.name,
                organization_id: args.organization_id,
                operations_limit: args.operations_limit,
                transfer_limit: args.transfer_limit,
            };
            Ok(cx.make.teams().create(&permit, &new).await?)
        },
    )
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ChangeTeam {
    /// The team.
    #[schemars(example = 22)]
    team_id: TeamId,
    #[serde(flatten)]
    change: UpdateTeam,
}

pub(crate) fn update_team() -> Tool {
    ToolSpec {
        name: "make-update-team",
        title: "Update a team",
        description: "Renames a team or changes its limit of operations, which needs the \
            Enterprise plan.",
        toolset: Toolset::Teams,
        scopes: Scopes::all(&["teams:write"]),
        example: json!({ "teamId": 22, "name": "Sales EMEA" }),
    }
    .writes(Write::Update, async |cx: Context, args: ChangeTeam, permit: WritePermit| {
        some_change(&[
            ("name", args.change.name.is_some()),
            ("operationsLimit", args.change.operations_limit.is_some()),
        ])?;
        Ok(OneTeam { team: cx.make.teams().update(&permit, args.team_id, &args.change).await? })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ByTeam {
    /// The team.
    #[schemars(example = 22)]
    team_id: TeamId,
}

#[derive(Serialize, JsonSchema)]
struct DeletedTeam {
    /// The deleted team's id.
    team: TeamId,
}

pub(crate) fn delete_team() -> Tool {
    ToolSpec {
        name: "make-delete-team",
        title: "Delete a team",
        description: "Deletes a team with its scenarios, connections and data, for everybody. \
            Cannot be undone.",
        toolset: Toolset::Teams,
        scopes: Scopes::all(&["teams:write"]),
        example: json!({ "teamId": 23 }),
    }
    .guarded(
        Write::Delete,
        Guard::G2,
        async |cx: Context, args: ByTeam| plan_deletion(&cx, args.team_id).await,
        async |cx: Context, args: ByTeam, permit: WritePermit| {
            Ok(DeletedTeam { team: cx.make.teams().delete(&permit, args.team_id).await? })
        },
    )
}

async fn plan_deletion(cx: &Context, id: TeamId) -> Result<Plan, ToolError> {
    let (team, page) =
        (organizations::team(cx, id).await?, Page { limit: Some(500), ..Page::default() });
    let members = cx.make.team_roles().members(id, &[], &page).await;
    let members = require(members, "the members", Scopes::all(&["teams:read"]))?.items.len();
    let name = team.name.clone().unwrap_or_else(|| format!("team {id}"));
    let organization = match team.organization_id {
        Some(id) => organizations::organization(cx, id).await?,
        None => "unknown".to_owned(),
    };
    let summary = format!(
        "Delete the team {} of the organization {} for everybody.",
        quoted(&name),
        quoted(&organization)
    );
    Ok(Plan::new(&name, summary)
        .changes(
            json!({ "team": name, "organization": organization, "members": members }),
            Value::Null,
        )
        .with_side_effect(format!("Its {members} members lose it at once."))
        .with_side_effect("Its scenarios, connections and data are deleted for good."))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TeamUsage {
    /// The team.
    #[schemars(example = 22)]
    team_id: TeamId,
    /// Cut days in the organization's time zone, not the caller's.
    #[serde(default)]
    organization_timezone: bool,
}

#[derive(Serialize, JsonSchema)]
struct TeamUsageAnswer {
    /// One entry a day, oldest first.
    data: Vec<Record<UsageDay>>,
}

pub(crate) fn team_usage() -> Tool {
    ToolSpec {
        name: "make-team-usage",
        title: "Get the usage of a team",
        description: "Gets what a team used in the last 30 days, day by day. For the whole \
            organization use make-org-usage.",
        toolset: Toolset::Teams,
        scopes: Scopes::all(&["teams:read"]),
        example: json!({ "teamId": 22 }),
    }
    .reads(async |cx: Context, args: TeamUsage| {
        Ok(TeamUsageAnswer {
            data: cx.make.teams().usage(args.team_id, args.organization_timezone).await?,
        })
    })
}
