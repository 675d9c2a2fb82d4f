//! Who is what in a team.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::make::{List, Make, Page, Record, Result, RoleId, TeamId, UserId, WritePermit};

/// Team memberships and their roles.
#[derive(Debug)]
pub struct TeamRoles<'a> {
    pub(super) make: &'a Make,
}

/// A person's role in a team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserTeamRole {
    /// The person.
    pub user_id: Option<UserId>,
    /// The team.
    pub team_id: Option<TeamId>,
    /// The role.
    pub users_role_id: Option<RoleId>,
    /// False where the role follows from an organization role.
    pub changeable: Option<bool>,
}

const ROLES: &str = "user-team-roles";

impl TeamRoles<'_> {
    /// Lists all team roles of a person.
    ///
    /// `GET /users/{userId}/user-team-roles`. Paging is not documented.
    pub async fn of_user(&self, user: UserId) -> Result<List<Record<UserTeamRole>>> {
        self.make.get(&[&"users", &user, &ROLES]).list("userTeamRoles").await
    }

    /// Fetches one team role.
    ///
    /// `GET /users/{userId}/user-team-roles/{teamId}`.
    pub async fn get(&self, user: UserId, team: TeamId) -> Result<Record<UserTeamRole>> {
        self.make.get(&[&"users", &user, &ROLES, &team]).field("userTeamRole").await
    }

    /// Lists the members of a team; ids only.
    ///
    /// `GET /teams/{teamId}/user-team-roles`.
    pub async fn members(
        &self,
        team: TeamId,
        cols: &[String],
        page: &Page,
    ) -> Result<List<Record<UserTeamRole>>> {
        let request = self.make.get(&[&"teams", &team, &ROLES]);
        request.cols(cols).page(page).list("userTeamRoles").await
    }

    /// Gives a person a role in a team, which also adds a member of the organization to the team.
    ///
    /// `POST /users/{userId}/user-team-roles/{teamId}`. The role is no option: what Make does without it is unknown.
    pub async fn set(
        &self,
        permit: &WritePermit,
        user: UserId,
        team: TeamId,
        role: RoleId,
    ) -> Result<Record<UserTeamRole>> {
        self.make
            .post(permit, &[&"users", &user, &ROLES, &team])
            .body(json!({ "usersRoleId": role }))
            .field("userTeamRole")
            .await
    }
}
