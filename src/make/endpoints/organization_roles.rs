//! Who is what in an organization.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::make::{List, Make, OrganizationId, Record, Result, RoleId, UserId, WritePermit};

/// Organization memberships and their roles.
#[derive(Debug)]
pub struct OrganizationRoles<'a> {
    pub(super) make: &'a Make,
}

/// A person's role in an organization.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserOrganizationRole {
    /// The person.
    pub user_id: Option<UserId>,
    /// The organization.
    pub organization_id: Option<OrganizationId>,
    /// The role; null after a removal.
    pub users_role_id: Option<RoleId>,
    /// `pending` or `expired`; null once the membership is active.
    pub invitation: Option<String>,
    /// Teams of the organization, if asked for.
    pub organization_teams_count: Option<u64>,
    /// Teams that the person is in, if asked for.
    pub joined_teams_count: Option<u64>,
}

const ROLES: &str = "user-organization-roles";

impl OrganizationRoles<'_> {
    /// Lists all organization memberships of a person.
    ///
    /// `GET /users/{userId}/user-organization-roles`. Paging is not documented.
    pub async fn of_user(
        &self,
        user: UserId,
        cols: &[String],
    ) -> Result<List<Record<UserOrganizationRole>>> {
        self.make.get(&[&"users", &user, &ROLES]).cols(cols).list("userOrganizationRoles").await
    }

    /// Fetches one membership.
    ///
    /// `GET /users/{userId}/user-organization-roles/{organizationId}`.
    pub async fn get(
        &self,
        user: UserId,
        organization: OrganizationId,
        cols: &[String],
    ) -> Result<Record<UserOrganizationRole>> {
        let request = self.make.get(&[&"users", &user, &ROLES, &organization]);
        request.quota_of(organization).cols(cols).field("userOrganizationRole").await
    }

    /// Lists all members of an organization; ids only.
    ///
    /// `GET /organizations/{organizationId}/user-organization-roles`. Paging is not documented.
    pub async fn members(
        &self,
        organization: OrganizationId,
        cols: &[String],
    ) -> Result<List<Record<UserOrganizationRole>>> {
        let request = self.make.get(&[&"organizations", &organization, &ROLES]);
        request.quota_of(organization).cols(cols).list("userOrganizationRoles").await
    }

    /// Gives a member another role. The owner's role moves by [`transfer`](Self::transfer) alone.
    ///
    /// `POST /users/{userId}/user-organization-roles/{organizationId}`. The role is no option: without it Make removes
    /// the member.
    pub async fn set(
        &self,
        permit: &WritePermit,
        user: UserId,
        organization: OrganizationId,
        role: RoleId,
    ) -> Result<Record<UserOrganizationRole>> {
        let request = self.make.post(permit, &[&"users", &user, &ROLES, &organization]);
        request
            .quota_of(organization)
            .body(json!({ "usersRoleId": role }))
            .field("userOrganizationRole")
            .await
    }

    /// Removes a member, on request with the connections that the person owns there.
    ///
    /// `POST /users/{userId}/user-organization-roles/{organizationId}` with an empty object: the one place that sends
    /// it.
    pub async fn remove(
        &self,
        permit: &WritePermit,
        user: UserId,
        organization: OrganizationId,
        connections_too: bool,
    ) -> Result<Record<UserOrganizationRole>> {
        let request = self
            .make
            .post(permit, &[&"users", &user, &ROLES, &organization])
            .quota_of(organization)
            .body(json!({}));
        let request = if connections_too {
            request.query("deleteConnections", true).query("confirmed", true)
        } else {
            request
        };
        request.field("userOrganizationRole").await
    }

    /// Makes a member the owner; the owner until now becomes an admin.
    ///
    /// `POST /users/{userId}/user-organization-roles/{organizationId}/transfer`. Answers with both memberships.
    pub async fn transfer(
        &self,
        permit: &WritePermit,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Vec<Record<UserOrganizationRole>>> {
        let request =
            self.make.post(permit, &[&"users", &user, &ROLES, &organization, &"transfer"]);
        request.quota_of(organization).list("userOrganizationRoles").await.map(|list| list.items)
    }
}
