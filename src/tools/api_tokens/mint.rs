//! Creates API tokens and makes sure that no token stays whose value was not stored.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    guard::{
        Delivered, DeliveryError, StoredToken, TokenDelivery, TokenFileReplacement, scopes_within,
    },
    make::{ApiToken, Credential, Make, Record, WritePermit},
    text::visible,
    tools::{
        lookup::require,
        registry::{Context, ErrorKind, Scopes, ToolError},
    },
};

/// Where a new value is kept.
#[derive(Clone)]
pub(crate) enum Keep {
    /// As new tokens are delivered.
    Delivered,
    /// Beside the file of the server's own token.
    Beside(Arc<TokenFileReplacement>),
}

/// A new token whose value is stored.
pub(crate) struct Minted {
    pub(crate) created: String,
    label: String,
    scope: Vec<String>,
    pub(crate) stored: StoredToken,
    pub(crate) value: TokenValue,
}

/// The value of a new token; it cannot be printed.
#[derive(Clone)]
pub(crate) struct TokenValue(String);

impl TokenValue {
    pub(crate) fn credential(&self) -> Credential {
        Credential::new(&self.0)
    }

    /// Puts it in the place of the server's own token.
    pub(crate) fn install(
        &self,
        successor: &TokenFileReplacement,
    ) -> Result<StoredToken, DeliveryError> {
        successor.install(&self.0)
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct NewToken {
    /// The token.
    api_token: MaskedToken,
    /// Where its value went.
    secret: Delivered,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct MaskedToken {
    label: String,
    scope: Vec<String>,
    /// The key for revoking it.
    created: String,
    /// The value, masked unless it is delivered in the answer.
    token: String,
}

impl Minted {
    pub(crate) fn answer(self) -> NewToken {
        let Self { created, label, scope, stored, .. } = self;
        let api_token = MaskedToken { label, scope, created, token: stored.shown };
        NewToken { api_token, secret: stored.delivered }
    }
}

/// Checks that a value could be stored, before there is one.
pub(crate) async fn storable(cx: &Context) -> Result<(), ToolError> {
    cx.account.secrets.ready().await.map_err(|why| {
        let message = format!("a token's value could not be stored, so none was created: {why}");
        ToolError::new(ErrorKind::RefusedByPolicy, message).with_hint(
            "make the state folder private and writable, choose another with --state-dir, or \
             another --secret-delivery",
        )
    })
}

/// Checks that the scopes are within what the policy and the credential allow.
pub(crate) async fn allowed(cx: &Context, scope: &[String]) -> Result<(), ToolError> {
    cx.account.control.policy.scopes(scope)?;
    if cx.account.scope_escalation {
        return Ok(());
    }
    let granted = cx.make.uncached().me().authorization().await;
    let granted = require(granted, "what the credential may do", Scopes::all(&["user:read"]))?;
    Ok(scopes_within(scope, &granted.scope)?)
}

/// Creates a token and stores its value. If either fails, no new token stays, as far as that can be known.
pub(crate) async fn token(
    cx: &Context,
    label: &str,
    scope: &[String],
    before: &[Record<ApiToken>],
    keep: Keep,
    permit: &WritePermit,
) -> Result<Minted, ToolError> {
    let made = match cx.make.api_tokens().create(permit, label, scope).await {
        Ok(made) => made,
        Err(error) if error.in_doubt().is_some() => {
            return Err(orphan(&cx.make, permit, label, scope, before, error.into()).await);
        }
        Err(error) => return Err(error.into()),
    };
    let (label, scope) = (label.to_owned(), scope.to_vec());
    let (make, secrets, permit) = (cx.make.clone(), cx.account.secrets.clone(), permit.clone());
    // A task of its own: a cancelled call must not leave a token whose value is lost.
    let storing =
        tokio::spawn(
            async move { stored(&make, &permit, &secrets, made, label, scope, keep).await },
        );
    storing.await.unwrap_or_else(|_| {
        Err(ToolError::new(
            ErrorKind::UnexpectedResponse,
            "storing the new token failed by a mistake of this server",
        )
        .with_hint("look for it with make-list-tokens and revoke it"))
    })
}

async fn stored(
    make: &Make,
    permit: &WritePermit,
    secrets: &TokenDelivery,
    made: ApiToken,
    label: String,
    scope: Vec<String>,
    keep: Keep,
) -> Result<Minted, ToolError> {
    let created = made.created.clone().unwrap_or_default();
    let stored = match (&made.token, &keep) {
        (None, _) => Err("Make sent no value".to_owned()),
        (Some(value), Keep::Delivered) => {
            secrets.store(value, &label, &created).await.map_err(|error| error.to_string())
        }
        (Some(value), Keep::Beside(successor)) => {
            successor.store(value).map_err(|error| error.to_string())
        }
    };
    match (stored, &made.token) {
        (Ok(stored), Some(value)) => Ok(Minted {
            label: made.label.clone().unwrap_or(label),
            scope: made.scope.clone().unwrap_or(scope),
            value: TokenValue(value.clone()),
            created,
            stored,
        }),
        (stored, _) => {
            Err(taken_back(make, permit, &created, &stored.err().unwrap_or_default()).await)
        }
    }
}

/// Revokes a token whose value could not be stored.
async fn taken_back(make: &Make, permit: &WritePermit, created: &str, why: &str) -> ToolError {
    let (what, in_doubt) = match make.api_tokens().delete(permit, created).await {
        Ok(_) => ("it was revoked again".to_owned(), false),
        Err(error) => {
            let created = visible(created);
            (
                format!(
                    "revoking it failed too ({}): revoke the token made at {created}",
                    visible(&error.to_string())
                ),
                true,
            )
        }
    };
    let message = format!("the new token's value could not be stored ({why}); {what}");
    let mut error = ToolError::new(ErrorKind::RefusedByPolicy, message).with_hint(
        "free disk space for the state folder, or choose another with --state-dir, then create the \
         token again",
    );
    error.in_doubt = in_doubt;
    error
}

/// The answer to a creation was lost: finds the token that may have been made, and revokes it if it is certain which.
async fn orphan(
    make: &Make,
    permit: &WritePermit,
    label: &str,
    scope: &[String],
    before: &[Record<ApiToken>],
    error: ToolError,
) -> ToolError {
    let said =
        |more: String| ToolError { message: format!("{}; {more}", error.message), ..error.clone() };
    let tokens = match make.uncached().api_tokens().list().await {
        Ok(tokens) => tokens,
        Err(_) => {
            return said("the tokens could not be listed either".to_owned()).with_hint(format!(
                "look for a new token {} with make-list-tokens and revoke it",
                crate::text::quoted(label)
            ));
        }
    };
    let is_new = |token: &&Record<ApiToken>| {
        let same_scope = token.scope.as_ref().is_some_and(|own| {
            own.len() == scope.len() && own.iter().all(|one| scope.contains(one))
        });
        same_scope
            && token.label.as_deref() == Some(label)
            && !before.iter().any(|old| old.created == token.created)
    };
    let new: Vec<_> =
        tokens.iter().filter(is_new).filter_map(|token| token.created.as_deref()).collect();
    match new.as_slice() {
        [] => said("no such token is in the list now".to_owned())
            .with_hint("look again with make-list-tokens before creating it once more"),
        [created] => match make.api_tokens().delete(permit, created).await {
            Ok(_) => {
                let mut resolved = said(format!(
                    "a token had been made at {} and was revoked, since its value is lost",
                    visible(created)
                ))
                .with_hint("create the token again");
                resolved.in_doubt = false;
                resolved
            }
            Err(_) => {
                said(format!("a token was made at {} and could not be revoked", visible(created)))
                    .with_hint("revoke it with make-revoke-token: its value is lost")
            }
        },
        several => {
            let list: Vec<_> = several.iter().map(|created| visible(created)).collect();
            said(format!("several new tokens look like it, made at {}", list.join(", "))).with_hint(
                "find out whose they are, and revoke the one whose value is lost with \
                 make-revoke-token",
            )
        }
    }
}
