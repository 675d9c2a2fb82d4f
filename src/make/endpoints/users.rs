//! People: lists and profiles.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::make::{
    List, Make, OrganizationId, Page, Record, Result, RoleId, TeamId, UserId, WritePermit,
};

/// People.
#[derive(Debug)]
pub struct Users<'a> {
    pub(super) make: &'a Make,
}

/// A person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The person.
    pub id: Option<UserId>,
    /// Display name; text that a person chose.
    pub name: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Two-letter language of the interface.
    pub language: Option<String>,
    /// Id in the list `timezones`.
    pub timezone_id: Option<u64>,
    /// Id in the list `locales`.
    pub locale_id: Option<u64>,
    /// Id in the list `countries`.
    pub country_id: Option<u64>,
    /// Address of the picture.
    pub avatar: Option<String>,
    /// Last login, ISO 8601 in UTC; null if never.
    pub last_login: Option<String>,
    /// Two-factor state: 0 none, 1 authenticator app, 2 external.
    pub tfa_status: Option<u8>,
    /// Feature flags.
    pub features: Option<Map<String, Value>>,
    /// The person's teams, if asked for and listed by organization.
    pub user_team_ids: Option<Vec<TeamId>>,
}

/// Whose people or audit entries are meant: Make takes exactly one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A whole organization.
    Organization(OrganizationId),
    /// One team.
    Team(TeamId),
}

/// Which people to list.
#[derive(Clone, Debug)]
pub struct ListUsers {
    /// Where.
    pub place: Place,
    /// Only those with this name.
    pub name: Option<String>,
    /// Only the one with this address.
    pub email: Option<String>,
    /// Only those with this organization role.
    pub organization_role: Option<RoleId>,
    /// Only those with this team role.
    pub team_role: Option<RoleId>,
    /// The columns to return; empty for Make's default.
    pub cols: Vec<String>,
    /// The part of the list.
    pub page: Page,
}

impl ListUsers {
    /// Everybody of a place, with these columns.
    pub fn of(place: Place, cols: &[&str]) -> Self {
        Self {
            place,
            name: None,
            email: None,
            organization_role: None,
            team_role: None,
            cols: cols.iter().map(ToString::to_string).collect(),
            page: Page::default(),
        }
    }
}

/// What to change in a profile; absent fields stay.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateUser {
    /// New display name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 250))]
    pub name: Option<String>,
    /// New two-letter language of the interface.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// New time zone, an id of the list `timezones`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(description = "New time zone, from make-lookup `timezones`.")]
    pub timezone_id: Option<u64>,
    /// New locale, an id of the list `locales`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(description = "New format of dates and numbers, from make-lookup `locales`.")]
    pub locale_id: Option<u64>,
    /// New country, an id of the list `countries`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(description = "New country, from make-lookup `countries`.")]
    pub country_id: Option<u64>,
}

impl Users<'_> {
    /// Lists the people of one organization or one team.
    ///
    /// `GET /users`.
    pub async fn list(&self, asked: &ListUsers) -> Result<List<Record<User>>> {
        let request = self.make.get(&[&"users"]);
        let request = match asked.place {
            Place::Organization(id) => request.quota_of(id).query("organizationId", id),
            Place::Team(id) => request.query("teamId", id),
        };
        request
            .query_some("name", asked.name.as_deref())
            .query_some("email", asked.email.as_deref())
            .query_some("organizationRoleId", asked.organization_role)
            .query_some("teamRoleId", asked.team_role)
            .cols(&asked.cols)
            .page(&asked.page)
            .list("users")
            .await
    }

    /// Changes a profile, which only its owner can.
    ///
    /// `PATCH /users/{userId}`; there is no form with `me`.
    pub async fn update(
        &self,
        permit: &WritePermit,
        user: UserId,
        change: &UpdateUser,
    ) -> Result<Record<User>> {
        self.make
            .patch(permit, &[&"users", &user])
            .body(serde_json::json!(change))
            .field("user")
            .await
    }
}

/// How a person proves who they are beside the password: what `tfaStatus` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TwoFactor {
    /// Not at all.
    None,
    /// By an authenticator app.
    App,
    /// By another service, such as single sign-on.
    External,
    /// Make does not say.
    Unknown,
}

impl TwoFactor {
    /// Reads Make's number: 0 none, 1 app, 2 external, null unknown.
    pub fn of(status: Option<u8>) -> Self {
        match status {
            Some(0) => Self::None,
            Some(1) => Self::App,
            Some(_) => Self::External,
            None => Self::Unknown,
        }
    }

    /// The word in files and answers.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::App => "app",
            Self::External => "external",
            Self::Unknown => "unknown",
        }
    }
}
