//! The role catalogue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Make, OrganizationId, Record, Result, RoleId, TeamId, cache::Kept};

/// The role catalogue.
#[derive(Debug)]
pub struct Roles<'a> {
    pub(super) make: &'a Make,
}

/// The level of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum RoleCategory {
    /// For members of an organization.
    Organization,
    /// For members of a team.
    Team,
}

/// A role. Ids differ between accounts; names of built-in roles do not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// The role.
    pub id: Option<RoleId>,
    /// Its name.
    pub name: Option<String>,
    /// Stable name of a built-in role; absent on custom roles.
    pub identifier: Option<String>,
    /// `organization` or `team`.
    pub category: Option<String>,
    /// `system_locked`, `admin_managed` or `custom_managed`.
    pub management_type: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it may be given by people who are not administrators of the platform.
    pub subsidiary: Option<bool>,
    /// The organization of a custom role.
    pub organization_id: Option<OrganizationId>,
    /// What it allows, by name.
    pub permissions: Option<Vec<String>>,
}

/// Which roles to list.
#[derive(Clone, Copy, Debug, Default)]
pub struct ListRoles {
    /// Only roles of this level.
    pub category: Option<RoleCategory>,
    /// Also the custom roles of this organization.
    pub organization: Option<OrganizationId>,
    /// Also the custom roles of this team's organization.
    pub team: Option<TeamId>,
    /// With the names of all permissions.
    pub permissions: bool,
}

impl Roles<'_> {
    /// Lists the roles that can be given.
    ///
    /// `GET /users/roles`. Not paged. Without columns Make sends id and name alone.
    pub async fn list(&self, asked: &ListRoles) -> Result<Vec<Record<Role>>> {
        const COLS: [&str; 7] = [
            "id",
            "name",
            "identifier",
            "subsidiary",
            "category",
            "description",
            "permissions",
        ];
        let category = asked.category.map(|category| match category {
            RoleCategory::Organization => "organization",
            RoleCategory::Team => "team",
        });
        let request = self.make.get(&[&"users", &"roles"]).kept(Kept::Roles);
        let request = match asked.organization {
            Some(id) => request.of(id),
            None => request,
        };
        let cols = &COLS[..if asked.permissions {
            COLS.len()
        } else {
            COLS.len() - 1
        }];
        request
            .query_some("category", category)
            .cols(cols)
            .query_some("organizationId", asked.organization)
            .query_some("teamId", asked.team)
            .list("usersRoles")
            .await
            .map(|list| list.items)
    }
}
