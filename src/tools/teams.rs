//! Tools about teams.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Context, Effect, Scope, Tool, ToolSpec, Toolset, answer::PageInfo, arguments::Paging};
use crate::{
    guard::Guard,
    make::{OrganizationId, Record, SortDir, Team},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListTeams {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Also private spaces, the teams of one person.
    #[serde(default)]
    include_private_spaces: bool,
    /// Columns, e.g. id, name, operationsLimit, consumedOperations, isPaused; `*` for all.
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
struct Teams {
    /// The teams.
    teams: Vec<Record<Team>>,
    page: PageInfo,
}

pub(super) fn list_teams() -> Tool {
    ToolSpec {
        name: "make-list-teams",
        title: "List the teams of an organization",
        description: "Lists the teams of an organization. The people of a team are in make-list-users with teamId.",
        toolset: Toolset::Orgs,
        scope: Scope::TeamsRead,
        effect: Effect::Read,
        guard: Guard::None,
        example: json!({ "organizationId": 11 }),
    }
    .calls(async |cx: Context, args: ListTeams| {
        let page = args.paging.page(args.sort_by, args.sort_dir);
        let teams = cx.make.teams();
        let list = teams.list(args.organization_id, args.include_private_spaces, &args.cols, &page).await?;
        let (teams, page) = args.paging.paged(list);
        Ok(Teams { teams, page })
    })
}
