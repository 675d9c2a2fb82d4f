//! Tools about the role catalogue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Context, Effect, Scope, Tool, ToolSpec, Toolset};
use crate::{
    guard::Guard,
    make::{self, OrganizationId, Record, Role, RoleCategory, TeamId},
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

pub(super) fn list_roles() -> Tool {
    ToolSpec {
        name: "make-list-roles",
        title: "List roles",
        description: "Lists the roles that can be given in organizations and teams, with their ids and names, on \
                      request with permissions. Custom roles need organizationId or teamId.",
        toolset: Toolset::Users,
        scope: Scope::UserRead,
        effect: Effect::Read,
        guard: Guard::None,
        example: json!({ "category": "organization" }),
    }
    .calls(async |cx: Context, args: ListRoles| {
        let asked = make::ListRoles {
            category: args.category,
            organization: args.organization_id,
            team: args.team_id,
            permissions: args.include_permissions,
        };
        Ok(ListedRoles { users_roles: cx.make.roles().list(&asked).await? })
    })
}
