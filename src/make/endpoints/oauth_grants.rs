//! OAuth clients that the caller has given access.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::make::{Make, Record, Result, WritePermit};

/// OAuth clients that the caller has given access.
#[derive(Debug)]
pub struct OauthGrants<'a> {
    pub(super) make: &'a Make,
}

/// A client that may act for the caller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OauthGrant {
    /// The client; the key for withdrawing.
    pub id: Option<u64>,
    /// Its name; text that its maker chose.
    pub client_name: Option<String>,
    /// Last use, ISO 8601 in UTC.
    pub last_used_at: Option<String>,
    /// What it may do.
    pub scopes: Option<Vec<String>>,
}

impl OauthGrants<'_> {
    /// Lists the clients that may act for the caller.
    ///
    /// `GET /users/me/oauth-connections`. Not paged.
    pub async fn list(&self) -> Result<Vec<Record<OauthGrant>>> {
        self.make
            .get(&[&"users", &"me", &"oauth-connections"])
            .list("connections")
            .await
            .map(|list| list.items)
    }

    /// Withdraws what a client may do; it stops working at once.
    ///
    /// `DELETE /users/me/oauth-connections/{clientId}`.
    pub async fn delete(&self, permit: &WritePermit, client: u64) -> Result<u64> {
        self.make
            .delete(permit, &[&"users", &"me", &"oauth-connections", &client])
            .deleted("client", client.to_owned())
            .await
    }
}
