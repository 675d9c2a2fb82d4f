//! Private spaces: teams of one person.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::make::{Counter, List, Make, OrganizationId, Page, Record, Result, UserId, WritePermit};

/// Private spaces: teams of one person.
#[derive(Debug)]
pub struct Spaces<'a> {
    pub(super) make: &'a Make,
}

/// A private space.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PrivateSpace {
    /// The space.
    pub id: Option<u64>,
    /// Its name.
    pub name: Option<String>,
    /// Its organization.
    pub organization_id: Option<OrganizationId>,
    /// Whose it is.
    pub private_space_owner_id: Option<UserId>,
    /// Their name.
    pub private_space_owner_name: Option<String>,
    /// Their e-mail.
    pub private_space_owner_email: Option<String>,
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

impl Spaces<'_> {
    /// Lists the private spaces of an organization.
    ///
    /// `GET /private-spaces`.
    pub async fn list(
        &self,
        organization: OrganizationId,
        external_id: Option<&str>,
        cols: &[String],
        page: &Page,
    ) -> Result<List<Record<PrivateSpace>>> {
        let request = self.make.get(&[&"private-spaces"]).quota_of(organization);
        request
            .query("organizationId", organization)
            .query_some("externalId", external_id)
            .cols(cols)
            .page(page)
            .list("privateSpaces")
            .await
    }

    /// Fetches one private space.
    ///
    /// `GET /private-spaces/{privateSpaceId}`. 404 for everybody but its members.
    pub async fn get(&self, space: u64, cols: &[String]) -> Result<Record<PrivateSpace>> {
        let request = self.make.get(&[&"private-spaces", &space]);
        request.cols(cols).field("privateSpace").await
    }

    /// Changes the limit of operations; None takes it away. A limit below what is used pauses the space.
    ///
    /// `PATCH /private-spaces/{privateSpaceId}?confirmed=true`.
    pub async fn update(
        &self,
        permit: &WritePermit,
        space: u64,
        limit: Option<u64>,
    ) -> Result<Record<PrivateSpace>> {
        self.make
            .patch(permit, &[&"private-spaces", &space])
            .query("confirmed", true)
            .body(json!({ "operationsLimit": limit }))
            .field("privateSpace")
            .await
    }
}
