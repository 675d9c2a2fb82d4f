//! Organizations and their usage.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::make::{
    Counter, List, Make, OrganizationId, Page, Record, Result, TeamRef, UsageDay,
    UserOrganizationRole, WritePermit, cache::CacheTtl,
};

/// Organizations.
#[derive(Debug)]
pub struct Organizations<'a> {
    pub(super) make: &'a Make,
}

/// An organization. Make fills most fields only when asked for them, and only in the organization's own zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Organization {
    /// The organization.
    pub id: Option<OrganizationId>,
    /// Its name; text that a person chose.
    pub name: Option<String>,
    /// Id in the list `timezones`.
    pub timezone_id: Option<u64>,
    /// Id in the list `countries`.
    pub country_id: Option<u64>,
    /// The host that it lives on.
    pub zone: Option<String>,
    /// Limits and features of the plan.
    pub license: Option<License>,
    /// The plan.
    pub product_name: Option<String>,
    /// Its teams.
    pub teams: Option<Vec<TeamRef>>,
    /// Whether its scenarios are paused.
    pub is_paused: Option<bool>,
    /// Whether every member must use two factors.
    pub tfa_enforced: Option<bool>,
    /// End of the current cycle.
    pub next_reset: Option<String>,
    /// Operations used in the cycle.
    pub operations: Option<Counter>,
    /// Bytes transferred in the cycle.
    pub transfer: Option<Counter>,
    /// Hundredths of credits used in the cycle.
    pub centicredits_consumed: Option<Counter>,
    /// Operations bought beyond the plan.
    pub operations_ext: Option<Counter>,
    /// Bytes bought beyond the plan.
    pub transfer_ext: Option<Counter>,
    /// Hundredths of credits bought beyond the plan.
    pub centicredits_extra: Option<Counter>,
    /// Operations left.
    pub unused_operations: Option<Counter>,
    /// Bytes left.
    pub unused_transfer: Option<Counter>,
    /// Hundredths of credits left.
    pub unused_centicredits: Option<Counter>,
}

/// Limits and features of a plan; the keys differ from plan to plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct License {
    /// Requests to the API per minute.
    pub api_limit: Option<Counter>,
    /// Days that audit logs are kept; absent or 0 where the plan has none.
    pub audit_logs_days: Option<Counter>,
    /// Operations per cycle.
    pub operations: Option<Counter>,
    /// Bytes per cycle.
    pub transfer: Option<Counter>,
}

/// A new organization.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateOrganization {
    /// Its name.
    #[schemars(length(min = 1), example = &"Acme")]
    pub name: String,
    /// An id of the list `regions`.
    #[schemars(
        description = "Region, from make-lookup `regions`; cannot be changed later.",
        example = 1
    )]
    pub region_id: u64,
    /// An id of the list `timezones`.
    #[schemars(description = "Time zone, from make-lookup `timezones`.", example = 113)]
    pub timezone_id: u64,
    /// An id of the list `countries`.
    #[schemars(description = "Country, from make-lookup `countries`.", example = 202)]
    pub country_id: u64,
}

/// A created organization and the caller's role in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedOrganization {
    /// The organization.
    pub organization: Record<Organization>,
    /// The caller's role: owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_organization_role: Option<Record<UserOrganizationRole>>,
}

/// What to change in an organization; absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateOrganization {
    /// New name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub name: Option<String>,
    /// New time zone, an id of the list `timezones`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(description = "New time zone, from make-lookup `timezones`.")]
    pub timezone_id: Option<u64>,
    /// New country, an id of the list `countries`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(description = "New country, from make-lookup `countries`.")]
    pub country_id: Option<u64>,
}

impl Organizations<'_> {
    /// Lists the organizations that the caller belongs to, of other zones too.
    ///
    /// `GET /organizations`.
    pub async fn list(
        &self,
        zone: Option<&str>,
        cols: &[String],
        page: &Page,
    ) -> Result<List<Record<Organization>>> {
        let request = self.make.get(&[&"organizations"]).cached(CacheTtl::Account);
        request.query_some("zone", zone).cols(cols).page(page).list("organizations").await
    }

    /// Fetches one organization. `wait` waits for the copy between zones, right after a creation.
    ///
    /// `GET /organizations/{organizationId}`.
    pub async fn get(
        &self,
        organization: OrganizationId,
        cols: &[String],
        wait: bool,
    ) -> Result<Record<Organization>> {
        let request = self
            .make
            .get(&[&"organizations", &organization])
            .quota_of(organization)
            .cached(CacheTtl::Account);
        request.query_some("wait", wait.then_some(true)).cols(cols).field("organization").await
    }

    /// Creates an organization; the caller owns it, and a first team exists.
    ///
    /// `POST /organizations`. Asking twice makes two.
    pub async fn create(
        &self,
        permit: &WritePermit,
        new: &CreateOrganization,
    ) -> Result<CreatedOrganization> {
        self.make.post(permit, &[&"organizations"]).body(json!(new)).whole().await
    }

    /// Renames an organization or changes its time zone or country.
    ///
    /// `PATCH /organizations/{organizationId}`.
    pub async fn update(
        &self,
        permit: &WritePermit,
        organization: OrganizationId,
        change: &UpdateOrganization,
    ) -> Result<Record<Organization>> {
        let request =
            self.make.patch(permit, &[&"organizations", &organization]).quota_of(organization);
        request.body(json!(change)).field("organization").await
    }

    /// Deletes an organization with its teams and everything in them. Cannot be undone.
    ///
    /// `DELETE /organizations/{organizationId}?confirmed=true`.
    pub async fn delete(
        &self,
        permit: &WritePermit,
        organization: OrganizationId,
    ) -> Result<OrganizationId> {
        let request =
            self.make.delete(permit, &[&"organizations", &organization]).quota_of(organization);
        request.query("confirmed", true).deleted("organization", organization).await
    }

    /// Fetches the usage of the last 30 days. Days are cut in the caller's time zone, or in the organization's.
    ///
    /// `GET /organizations/{organizationId}/usage`.
    pub async fn usage(
        &self,
        organization: OrganizationId,
        organization_timezone: bool,
    ) -> Result<Vec<Record<UsageDay>>> {
        let request =
            self.make.get(&[&"organizations", &organization, &"usage"]).quota_of(organization);
        let request =
            request.query_some("organizationTimezone", organization_timezone.then_some(true));
        request.list("data").await.map(|list| list.items)
    }
}
