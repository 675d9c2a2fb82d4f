//! Invitations to organizations.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::make::{
    Make, Organization, OrganizationId, Record, Result, RoleId, TeamId, User, UserOrganizationRole,
    WritePermit,
};

/// Invitations to organizations.
#[derive(Debug)]
pub struct Invitations<'a> {
    pub(super) make: &'a Make,
}

/// An invitation addressed to the caller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MyInvitation {
    /// The key for accepting it.
    pub hash: Option<String>,
    /// The organization.
    pub organization_id: Option<OrganizationId>,
    /// Its name; text that a person chose.
    pub organization_name: Option<String>,
    /// The offered role.
    pub users_role_id: Option<RoleId>,
    /// `pending` or `expired`.
    pub invitation: Option<String>,
}

/// An invitation, looked up by its hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Invitation {
    /// The organization.
    pub organization: Record<Organization>,
    /// The invited person.
    pub user: Record<User>,
    /// The offered role.
    pub user_organization_role: Record<UserOrganizationRole>,
}

/// Whom to invite, as what.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct InviteUser {
    /// The organization role.
    pub users_role_id: RoleId,
    /// The address that the mail goes to.
    pub email: String,
    /// Name of a person who has no account yet.
    pub name: String,
    /// Text added to the mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Teams to join as team member.
    #[serde(rename = "teamsId", skip_serializing_if = "Vec::is_empty")]
    pub teams: Vec<TeamId>,
}

/// An invited or just accepted person and the membership.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InvitedMember {
    /// The person.
    pub user: Record<User>,
    /// The membership.
    pub user_organization_role: Record<UserOrganizationRole>,
}

impl Invitations<'_> {
    /// Lists the invitations addressed to the caller.
    ///
    /// `GET /users/me/organization-invitations`. Not paged.
    pub async fn mine(&self) -> Result<Vec<Record<MyInvitation>>> {
        let request = self.make.get(&[&"users", &"me", &"organization-invitations"]);
        request.list("userOrganizationInvitations").await.map(|list| list.items)
    }

    /// Looks at an invitation.
    ///
    /// `GET /organizations/invitation`. Only the invited person can.
    pub async fn get(&self, hash: &str) -> Result<Invitation> {
        self.make.get(&[&"organizations", &"invitation"]).query("hash", hash).whole().await
    }

    /// Invites a person, which sends a mail at once. The hash is mailed, not returned.
    ///
    /// `POST /organizations/{organizationId}/invite`.
    pub async fn create(
        &self,
        permit: &WritePermit,
        organization: OrganizationId,
        invited: &InviteUser,
    ) -> Result<InvitedMember> {
        let request = self
            .make
            .post(permit, &[&"organizations", &organization, &"invite"])
            .quota_of(organization);
        request.body(json!(invited)).whole().await
    }

    /// Accepts an invitation; the membership is active from then on.
    ///
    /// `POST /organizations/accept-invitation`.
    pub async fn accept(&self, permit: &WritePermit, hash: &str) -> Result<InvitedMember> {
        self.make
            .post(permit, &[&"organizations", &"accept-invitation"])
            .body(json!({ "hash": hash }))
            .whole()
            .await
    }
}
