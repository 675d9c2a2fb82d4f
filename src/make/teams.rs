//! Teams.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Counter, List, Make, OrganizationId, Page, Record, Result, TeamId};

/// Teams.
#[derive(Debug)]
pub struct Teams<'a> {
    pub(super) make: &'a Make,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Team {
    /// The team.
    pub id: Option<TeamId>,
    /// Its name; text that a person chose.
    pub name: Option<String>,
    /// Its organization.
    pub organization_id: Option<OrganizationId>,
    /// `standard`, or `personal` for a private space.
    pub r#type: Option<String>,
    /// Operations allowed per cycle; null without a limit.
    pub operations_limit: Option<Counter>,
    /// Bytes allowed per cycle; null without a limit.
    pub transfer_limit: Option<Counter>,
    /// Operations used in the cycle.
    pub consumed_operations: Option<Counter>,
    /// Bytes transferred in the cycle.
    pub consumed_transfer: Option<Counter>,
    /// Hundredths of credits used in the cycle.
    pub consumed_centicredits: Option<Counter>,
    /// Whether its scenarios are paused.
    pub is_paused: Option<bool>,
}

/// A team by id and name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct TeamRef {
    /// The team.
    pub id: Option<TeamId>,
    /// Its name.
    pub name: Option<String>,
}

impl Teams<'_> {
    /// Lists the teams of an organization, on request with private spaces.
    ///
    /// `GET /teams`.
    pub async fn list(
        &self,
        organization: OrganizationId,
        private_spaces: bool,
        cols: &[String],
        page: &Page,
    ) -> Result<List<Record<Team>>> {
        let request = self
            .make
            .get(&[&"teams"])
            .of(organization)
            .query("organizationId", organization);
        let request = request.query_some("includePrivateSpaces", private_spaces.then_some(true));
        request.cols(cols).page(page).list("teams").await
    }
}
