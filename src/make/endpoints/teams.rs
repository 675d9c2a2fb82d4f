//! Teams.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use serde_json::json;

use crate::make::{
    Counter, List, Make, OrganizationId, Page, Record, Result, TeamId, UsageDay, UserTeamRole,
    WritePermit, cache::CacheTtl,
};

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

/// A new team.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateTeam {
    /// Its name.
    pub name: String,
    /// Its organization.
    pub organization_id: OrganizationId,
    /// Operations allowed per cycle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operations_limit: Option<u64>,
    /// Bytes allowed per cycle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfer_limit: Option<u64>,
}

/// A created team and the caller's role in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedTeam {
    /// The team.
    pub team: Record<Team>,
    /// The caller's role: team admin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_team_role: Option<Record<UserTeamRole>>,
}

/// What to change in a team; absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateTeam {
    /// New name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub name: Option<String>,
    /// New limit of operations per cycle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operations_limit: Option<u64>,
}

/// Which AI models a team uses, for mapping and for the toolkit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LlmConfiguration {
    /// Account for mapping; null for Make's own.
    pub ai_mapping_account_id: Option<u64>,
    /// Model for mapping.
    pub ai_mapping_model_name: Option<String>,
    /// Built-in tier for mapping: small, medium, large.
    pub ai_mapping_builtin_tier: Option<String>,
    /// Account for the toolkit; null for Make's own.
    pub ai_toolkit_account_id: Option<u64>,
    /// Model for the toolkit.
    pub ai_toolkit_model_name: Option<String>,
    /// Built-in tier for the toolkit.
    pub ai_toolkit_builtin_tier: Option<String>,
}

/// What to change in a team's AI models; absent fields stay.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateLlmConfiguration {
    /// Account for mapping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_mapping_account_id: Option<u64>,
    /// Model for mapping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_mapping_model_name: Option<String>,
    /// Built-in tier for mapping: small, medium, large.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_mapping_builtin_tier: Option<String>,
    /// Account for the toolkit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_toolkit_account_id: Option<u64>,
    /// Model for the toolkit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_toolkit_model_name: Option<String>,
    /// Built-in tier for the toolkit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ai_toolkit_builtin_tier: Option<String>,
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
        let request =
            self.make.get(&[&"teams"]).quota_of(organization).query("organizationId", organization);
        let request = request.query_some("includePrivateSpaces", private_spaces.then_some(true));
        request.cols(cols).page(page).list("teams").await
    }

    /// Fetches one team.
    ///
    /// `GET /teams/{teamId}`.
    pub async fn get(&self, team: TeamId, cols: &[String]) -> Result<Record<Team>> {
        let request = self.make.get(&[&"teams", &team]).cached(CacheTtl::Account);
        request.cols(cols).field("team").await
    }

    /// Creates a team; the caller is its admin. Plans below Teams allow one team.
    ///
    /// `POST /teams`. Asking twice makes two.
    pub async fn create(&self, permit: &WritePermit, new: &CreateTeam) -> Result<CreatedTeam> {
        let request = self.make.post(permit, &[&"teams"]).quota_of(new.organization_id);
        request.body(json!(new)).whole().await
    }

    /// Renames a team or changes its limit, which needs the Enterprise plan.
    ///
    /// `PATCH /teams/{teamId}`.
    pub async fn update(
        &self,
        permit: &WritePermit,
        team: TeamId,
        change: &UpdateTeam,
    ) -> Result<Record<Team>> {
        let request = self.make.patch(permit, &[&"teams", &team]);
        request.body(json!(change)).field("team").await
    }

    /// Deletes a team with everything in it. Cannot be undone. An organization keeps at least one team.
    ///
    /// `DELETE /teams/{teamId}?confirmed=true`.
    pub async fn delete(&self, permit: &WritePermit, team: TeamId) -> Result<TeamId> {
        let request = self.make.delete(permit, &[&"teams", &team]);
        request.query("confirmed", true).deleted("team", team).await
    }

    /// Fetches the usage of the last 30 days. Days are cut in the caller's time zone, or in the organization's.
    ///
    /// `GET /teams/{teamId}/usage`.
    pub async fn usage(
        &self,
        team: TeamId,
        organization_timezone: bool,
    ) -> Result<Vec<Record<UsageDay>>> {
        let request = self.make.get(&[&"teams", &team, &"usage"]);
        let zone = organization_timezone.then_some(true);
        let request = request.query_some("organizationTimezone", zone);
        request.list("data").await.map(|list| list.items)
    }

    /// Fetches which AI models a team uses.
    ///
    /// `GET /teams/{teamId}/llm-configuration`.
    pub async fn llm_configuration(&self, team: TeamId) -> Result<Record<LlmConfiguration>> {
        let request = self.make.get(&[&"teams", &team, &"llm-configuration"]);
        request.whole().await
    }

    /// Changes which AI models a team uses.
    ///
    /// `PATCH /teams/{teamId}/llm-configuration`.
    pub async fn update_llm_configuration(
        &self,
        permit: &WritePermit,
        team: TeamId,
        change: &UpdateLlmConfiguration,
    ) -> Result<Record<LlmConfiguration>> {
        let request = self.make.patch(permit, &[&"teams", &team, &"llm-configuration"]);
        request.body(json!(change)).whole().await
    }
}
