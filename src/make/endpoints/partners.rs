//! Managed organizations of the partner programme.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::make::{List, Make, OrganizationId, Record, Result, UserId, WritePermit};

/// Managed organizations of the partner programme.
#[derive(Debug)]
pub struct Partners<'a> {
    pub(super) make: &'a Make,
}

/// An organization that another one manages and pays for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ManagedOrganization {
    /// The organization.
    pub organization_id: Option<OrganizationId>,
    /// Its name.
    pub organization_name: Option<String>,
    /// Operations per cycle that it was given.
    pub operations_allocated: Option<u64>,
    /// The host that it lives on.
    pub zone_domain: Option<String>,
}

/// What a managed organization has used in the cycle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Consumption {
    /// The organization.
    pub organization_id: Option<OrganizationId>,
}

/// A created managed organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreatedManagedOrganization {
    /// Its owner.
    pub user_id: Option<UserId>,
    /// Their e-mail.
    pub user_email: Option<String>,
    /// Their name.
    pub user_name: Option<String>,
    /// Their language.
    pub user_language: Option<String>,
    /// Whether its owner had an account before.
    pub user_existed: Option<bool>,
    /// The organization.
    pub child_organization_id: Option<OrganizationId>,
    /// Operations that the parent has left.
    pub new_parent_operations: Option<u64>,
    /// The host that it lives on.
    pub domain: Option<String>,
}

/// Operations after a change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AllocatedOperations {
    /// Of the parent.
    pub new_parent_operations: Option<u64>,
    /// Of the managed organization.
    pub new_child_operations: Option<u64>,
    /// How many more or fewer it has.
    pub operations_diff: Option<i64>,
    /// Whether it has more than before.
    pub limit_increased: Option<bool>,
}

/// A new managed organization.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateManagedOrganization {
    /// E-mail of its owner, who is invited.
    pub user_email: String,
    /// Name of its owner.
    pub user_name: String,
    /// Its name.
    pub organization_name: String,
    /// An id of the list `regions`.
    pub region_id: u64,
    /// An id of the list `countries`.
    pub country_id: u64,
    /// Operations per cycle, in steps of 10,000, taken from the parent's.
    pub operations: u64,
}

impl Partners<'_> {
    /// Lists the organizations that one manages.
    ///
    /// `GET /organizations/{organizationId}/managed-organizations`. Paging is not documented.
    pub async fn list(&self, parent: OrganizationId) -> Result<List<Record<ManagedOrganization>>> {
        let request = self.make.get(&[&"organizations", &parent, &"managed-organizations"]);
        request.quota_of(parent).list("managedOrganizations").await
    }

    /// Creates a managed organization.
    ///
    /// `POST /organizations/{organizationId}/managed-organizations`. Asking twice makes two.
    pub async fn create(
        &self,
        permit: &WritePermit,
        parent: OrganizationId,
        new: &CreateManagedOrganization,
    ) -> Result<Record<CreatedManagedOrganization>> {
        let request =
            self.make.post(permit, &[&"organizations", &parent, &"managed-organizations"]);
        request.quota_of(parent).body(json!(new)).whole().await
    }

    /// Lists what each managed organization has used.
    ///
    /// `GET /organizations/{organizationId}/managed-organizations-consumption`. Not paged.
    pub async fn consumption(&self, parent: OrganizationId) -> Result<Vec<Record<Consumption>>> {
        let path =
            self.make.get(&[&"organizations", &parent, &"managed-organizations-consumption"]);
        path.quota_of(parent).list("managedOrganizationsConsumption").await.map(|list| list.items)
    }

    /// Gives a managed organization other operations per cycle, in steps of 10,000.
    ///
    /// `PATCH /organizations/{organizationId}/managed-organizations/{childOrganizationId}`.
    pub async fn set_operations(
        &self,
        permit: &WritePermit,
        parent: OrganizationId,
        child: OrganizationId,
        operations: u64,
    ) -> Result<Record<AllocatedOperations>> {
        let request =
            self.make.patch(permit, &[&"organizations", &parent, &"managed-organizations", &child]);
        request.quota_of(parent).body(json!({ "operations": operations })).whole().await
    }
}
