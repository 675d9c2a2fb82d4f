//! What Make tells the caller by mail, and the counter of unread notifications.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::make::{
    Make, OrganizationId, Record, Result, TeamId, UserId, WritePermit, transport::Segment,
};

/// What Make tells the caller by mail.
#[derive(Debug)]
pub struct Notifications<'a> {
    pub(super) make: &'a Make,
}

/// The counter of unread notifications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Unread {
    /// Of all zones.
    pub user_unread_notifications: Option<u64>,
    /// Zone by zone.
    pub user_zone_unread_notifications: Option<Vec<Map<String, Value>>>,
}

/// A switch for mails about a team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct TeamNotification {
    /// The person.
    pub user_id: Option<UserId>,
    /// The team.
    pub team_id: Option<TeamId>,
    /// 1 errors, 2 warnings, 6 deactivation.
    pub notification_id: Option<u64>,
    /// Whether mails are sent.
    pub enabled: Option<bool>,
}

/// Whose mail preferences are meant: the person's, or the person's for one team.
pub type MailPlace = Option<(OrganizationId, TeamId)>;

impl Notifications<'_> {
    /// Counts the caller's unread notifications.
    ///
    /// `GET /users/unread-notifications`.
    pub async fn unread(&self) -> Result<Record<Unread>> {
        self.make.get(&[&"users", &"unread-notifications"]).whole().await
    }

    /// Lists a person's switches for one team.
    ///
    /// `GET /users/{userId}/user-team-notifications/{teamId}`. Not paged.
    pub async fn of_team(
        &self,
        user: UserId,
        team: TeamId,
    ) -> Result<Vec<Record<TeamNotification>>> {
        self.make
            .get(&[&"users", &user, &"user-team-notifications", &team])
            .list("userTeamNotifications")
            .await
            .map(|list| list.items)
    }

    /// Turns one of the caller's switches on or off.
    ///
    /// `PUT /users/{userId}/user-team-notifications/{teamId}/{notificationId}`.
    pub async fn set_of_team(
        &self,
        permit: &WritePermit,
        user: UserId,
        team: TeamId,
        notification: u64,
        enabled: bool,
    ) -> Result<Record<TeamNotification>> {
        let path: [Segment<'_>; 5] =
            [&"users", &user, &"user-team-notifications", &team, &notification];
        self.make
            .put(permit, &path)
            .body(json!({ "enabled": enabled }))
            .field("userTeamNotification")
            .await
    }

    /// Fetches the preferences for mails, of the person or for one team.
    ///
    /// `GET /mailhub/users/{userId}/preferences`, or
    /// `GET /mailhub/users/{userId}/organizations/{organizationId}/teams/{teamId}/preferences`.
    pub async fn mail_preferences(
        &self,
        user: UserId,
        place: MailPlace,
    ) -> Result<Map<String, Value>> {
        match place {
            None => {
                let request = self.make.get(&[&"mailhub", &"users", &user, &"preferences"]);
                request.field("preferences").await
            }
            Some((organization, team)) => {
                let path = of_team(&user, &organization, &team, &"preferences");
                self.make.get(&path).quota_of(organization).whole().await
            }
        }
    }

    /// Switches one preference. `native` means Make's own mails about a team, known by number.
    ///
    /// `PATCH` on the addresses above; for native ones `…/native-preferences`.
    pub async fn set_mail_preference(
        &self,
        permit: &WritePermit,
        user: UserId,
        place: MailPlace,
        native: bool,
        id: &str,
        enabled: bool,
    ) -> Result<Map<String, Value>> {
        let body = json!({ "id": id, "enabled": enabled });
        match place {
            None => {
                let path: [Segment<'_>; 4] = [&"mailhub", &"users", &user, &"preferences"];
                let request = self.make.patch(permit, &path).body(body);
                request.field("preferences").await
            }
            Some((organization, team)) => {
                let last = if native { "native-preferences" } else { "preferences" };
                let path = of_team(&user, &organization, &team, &last);
                let request = self.make.patch(permit, &path).quota_of(organization).body(body);
                request.whole().await
            }
        }
    }
}

fn of_team<'a>(
    user: &'a UserId,
    organization: &'a OrganizationId,
    team: &'a TeamId,
    last: &'a &'static str,
) -> [Segment<'a>; 8] {
    [&"mailhub", &"users", user, &"organizations", organization, &"teams", team, last]
}
