//! The caller: who it is and what its credential may do.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::make::{
    Error, Make, Record, Result, UserId, UserOrganizationRole, UserTeamRole, cache::CacheTtl,
    transport::Segment,
};

/// The caller: profile, authorization.
#[derive(Debug)]
pub struct Me<'a> {
    pub(super) make: &'a Make,
}

/// The caller's profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CurrentUser {
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
    /// Time zone by name.
    pub timezone: Option<String>,
    /// Locale by code.
    pub locale: Option<String>,
    /// Address of the picture.
    pub avatar: Option<String>,
    /// Last login, ISO 8601 in UTC.
    pub last_login: Option<String>,
    /// Two-factor state: 0 none, 1 authenticator app, 2 external.
    pub tfa_status: Option<u8>,
    /// Feature flags.
    pub features: Option<Map<String, Value>>,
    /// Organization memberships, if asked for.
    pub user_organization_roles: Option<Vec<Record<UserOrganizationRole>>>,
    /// Team memberships, if asked for.
    pub user_team_roles: Option<Vec<Record<UserTeamRole>>>,
}

/// What the credential may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Authorization {
    /// How the call was authenticated; `token` for API keys.
    pub auth_used: Option<String>,
    /// The granted scopes.
    #[serde(default)]
    pub scope: Vec<String>,
}

/// A sign of life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pong {
    /// Make's clock, if the answer had one.
    pub date: Option<Timestamp>,
}

impl Me<'_> {
    /// Fetches the caller's profile.
    ///
    /// `GET /users/me`. No scope needed.
    pub async fn get(&self) -> Result<Record<CurrentUser>> {
        self.make.get(&[&"users", &"me"]).cached(CacheTtl::Account).field("authUser").await
    }

    /// Fetches the caller's id.
    ///
    /// `GET /users/me`. No scope needed.
    pub async fn id(&self) -> Result<UserId> {
        self.get().await?.id.ok_or(Error::UnknownCaller)
    }

    /// Fetches the caller's profile with all organization and team memberships.
    ///
    /// `GET /users/me?cols[]=…`. Columns that are not named do not come back, so all useful ones are.
    pub async fn with_memberships(&self) -> Result<Record<CurrentUser>> {
        const COLS: [&str; 13] = [
            "id", "name", "email", "language", "timezoneId", "localeId", "countryId", "avatar",
            "timezone", "locale", "tfaStatus", "userOrganizationRoles", "userTeamRoles",
        ];
        self.make
            .get(&[&"users", &"me"])
            .cols(&COLS)
            .cached(CacheTtl::Account)
            .field("authUser")
            .await
    }

    /// Fetches the scopes of the credential in use.
    ///
    /// `GET /users/me/current-authorization`. No scope needed.
    pub async fn authorization(&self) -> Result<Record<Authorization>> {
        let path: [Segment<'_>; 3] = [&"users", &"me", &"current-authorization"];
        self.make.get(&path).cached(CacheTtl::Account).field("authorization").await
    }

    /// Asks whether Make is there.
    ///
    /// `GET /ping`, which answers plain text.
    pub async fn ping(&self) -> Result<Pong> {
        Ok(Pong { date: self.make.get(&[&"ping"]).reply().await?.date })
    }
}
