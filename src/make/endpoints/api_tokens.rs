//! The caller's API tokens.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::make::{Make, Record, Result, WritePermit};

/// The caller's API tokens.
#[derive(Debug)]
pub struct ApiTokens<'a> {
    pub(super) make: &'a Make,
}

/// An API token. Its value is whole only in the answer to its creation.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ApiToken {
    /// A UUID, masked after its first group everywhere but in the answer to the creation.
    pub token: Option<String>,
    /// What it may do.
    pub scope: Option<Vec<String>>,
    /// When it was made, ISO 8601 in UTC with milliseconds; the key for revoking it.
    pub created: Option<String>,
    /// The name that its owner gave it.
    pub label: Option<String>,
}

impl std::fmt::Debug for ApiToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApiToken")
            .field("created", &self.created)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

impl ApiTokens<'_> {
    /// Lists the caller's tokens, values masked.
    ///
    /// `GET /users/me/api-tokens`. Not paged.
    pub async fn list(&self) -> Result<Vec<Record<ApiToken>>> {
        Ok(self.make.get(&[&"users", &"me", &"api-tokens"]).list("apiTokens").await?.items)
    }

    /// Creates a token. The answer is the only place where its whole value ever stands.
    ///
    /// `POST /users/me/api-tokens`. A label may be used more than once.
    pub async fn create(
        &self,
        permit: &WritePermit,
        label: &str,
        scope: &[String],
    ) -> Result<ApiToken> {
        let body = json!({ "label": label, "scope": scope });
        self.make.post(permit, &[&"users", &"me", &"api-tokens"]).body(body).field("apiToken").await
    }

    /// Revokes the token made at `created`; programs that use it stop working at once.
    ///
    /// `DELETE /users/me/api-tokens/{created}`. Cannot be undone.
    pub async fn delete(&self, permit: &WritePermit, created: &str) -> Result<String> {
        self.make
            .delete(permit, &[&"users", &"me", &"api-tokens", &created])
            .deleted("apiToken", created.to_owned())
            .await
    }
}
