//! Security of an organization: sign-in, switches, installed apps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::make::{Make, OrganizationId, Place, Record, Result, UserId, WritePermit};

/// Security of an organization.
#[derive(Debug)]
pub struct Security<'a> {
    pub(super) make: &'a Make,
}

/// A certificate for single sign-on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SsoCertificate {
    /// The certificate.
    pub id: Option<u64>,
    /// Its kind, e.g. `saml`.
    pub r#type: Option<String>,
    /// First moment, ISO 8601 in UTC.
    pub valid_from: Option<String>,
    /// Last moment.
    pub valid_to: Option<String>,
    /// The public certificate, base64.
    pub certificate: Option<String>,
    /// `active` or `inactive`.
    pub status: Option<String>,
    /// When it was switched off.
    pub deactivation_date: Option<String>,
}

/// A switch for a feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FeatureControl {
    /// The switch.
    pub id: Option<u64>,
    /// Its name.
    pub name: Option<String>,
    /// Its name by language.
    pub label: Option<Map<String, Value>>,
    /// What it does, by language.
    pub description: Option<Map<String, Value>>,
    /// Whether it is on.
    pub enabled: Option<bool>,
}

/// All switches of an organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FeatureControls {
    /// Whether everything is on.
    pub enable_all_control_features: Option<bool>,
    /// The switches.
    #[serde(default)]
    pub feature_controls: Vec<Record<FeatureControl>>,
}

/// A custom app of an organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstalledApp {
    /// The app.
    pub app_name: Option<String>,
    /// Its version.
    pub app_version: Option<u64>,
    /// The organization.
    pub organization_id: Option<OrganizationId>,
    /// When, ISO 8601 in UTC.
    pub installed_at: Option<String>,
    /// By whom.
    pub installed_by: Option<UserId>,
}

impl Security<'_> {
    /// Lists the certificates for single sign-on.
    ///
    /// `GET /organizations/{organizationId}/sso-certificates`. Not paged.
    pub async fn sso_certificates(
        &self,
        organization: OrganizationId,
        kind: &str,
    ) -> Result<Vec<Record<SsoCertificate>>> {
        let request = self
            .make
            .get(&[&"organizations", &organization, &"sso-certificates"])
            .quota_of(organization);
        request.query("type", kind).list("ssoCertificates").await.map(|list| list.items)
    }

    /// Makes two-factor authentication a must, or not. Logs out every member who has none.
    ///
    /// `PATCH /organizations/{organizationId}/tfa-enforcement`.
    pub async fn set_tfa_enforcement(
        &self,
        permit: &WritePermit,
        organization: OrganizationId,
        enable: bool,
    ) -> Result<Map<String, Value>> {
        let request = self
            .make
            .patch(permit, &[&"organizations", &organization, &"tfa-enforcement"])
            .quota_of(organization);
        request.body(json!({ "enable": enable })).field("organization").await
    }

    /// Lists the feature switches of an organization, or of the one that a team belongs to.
    ///
    /// `GET /organizations/{organizationId}/feature-controls` or `GET /teams/{teamId}/feature-controls`. Not paged.
    pub async fn feature_controls(&self, place: Place) -> Result<FeatureControls> {
        match place {
            Place::Organization(id) => {
                let path = self.make.get(&[&"organizations", &id, &"feature-controls"]);
                path.quota_of(id).whole().await
            }
            Place::Team(id) => {
                let request = self.make.get(&[&"teams", &id, &"feature-controls"]);
                request.whole().await
            }
        }
    }

    /// Turns a feature on or off.
    ///
    /// `PATCH /organizations/{organizationId}/feature-controls`. Published with both keys, so either is read.
    pub async fn set_feature_control(
        &self,
        permit: &WritePermit,
        organization: OrganizationId,
        id: u64,
        enabled: bool,
    ) -> Result<Record<FeatureControl>> {
        #[derive(Deserialize)]
        struct Changed {
            #[serde(rename = "featureControl", alias = "featureControls")]
            control: Record<FeatureControl>,
        }
        let request = self
            .make
            .patch(permit, &[&"organizations", &organization, &"feature-controls"])
            .quota_of(organization);
        let changed: Changed =
            request.body(json!({ "id": id, "enabled": enabled })).whole().await?;
        Ok(changed.control)
    }

    /// Lists the custom apps that are installed.
    ///
    /// `GET /organizations/{organizationId}/apps`. Not paged.
    pub async fn apps(&self, organization: OrganizationId) -> Result<Vec<Record<InstalledApp>>> {
        let request =
            self.make.get(&[&"organizations", &organization, &"apps"]).quota_of(organization);
        request.list("installedApps").await.map(|list| list.items)
    }

    /// Whether the caller has a team permission in any team of the organization.
    ///
    /// `GET /organizations/{organizationId}/check-team-permission`.
    pub async fn has_team_permission(
        &self,
        organization: OrganizationId,
        permission: &str,
    ) -> Result<bool> {
        let request = self
            .make
            .get(&[&"organizations", &organization, &"check-team-permission"])
            .quota_of(organization);
        request.query("teamPermission", permission).field("hasPermission").await
    }
}
