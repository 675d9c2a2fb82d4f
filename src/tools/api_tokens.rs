//! Tools about the caller's API tokens.

use jiff::{Timestamp, Unit, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    Context, Effect, Kind, Scope, Tool, ToolError, ToolSpec, Toolset, answer::PageInfo,
    arguments::Paging,
};
use crate::{
    guard::{Delivered, Guard, Refused, scopes_within},
    make::{ApiToken, Credential, Make, Record},
};

#[derive(Deserialize, JsonSchema)]
struct ListTokens {
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Tokens {
    /// The tokens, values masked; each with `inUse` (this server runs with it) and `ageDays`.
    api_tokens: Vec<Record<ApiToken>>,
    page: PageInfo,
}

pub(super) fn list_tokens() -> Tool {
    ToolSpec {
        name: "make-list-tokens",
        title: "List my API tokens",
        description: "Lists the caller's own API tokens with label, scopes, age, and whether this server runs with \
                      it (inUse). Values are masked. Make has no list of other people's tokens.",
        toolset: Toolset::Tokens,
        scope: Scope::UserRead,
        effect: Effect::Read,
        guard: Guard::None,
        example: json!({}),
    }
    .calls(async |cx: Context, args: ListTokens| {
        let (tokens, page) = args.paging.cut(cx.make.api_tokens().list().await?);
        let row = |token: Record<ApiToken>| {
            let in_use = is_in_use(&token, cx.make.credential());
            let age = token.created.as_deref().and_then(|created| age_days(created, cx.today));
            token.with("inUse", in_use).with("ageDays", age.map_or(Value::Null, Value::from))
        };
        Ok(Tokens { api_tokens: tokens.into_iter().map(row).collect(), page })
    })
}

/// Decided by the readable first group; two tokens that share it both count as in use.
fn is_in_use(token: &ApiToken, credential: Option<&Credential>) -> bool {
    let prefix = credential.and_then(Credential::public_prefix);
    prefix.is_some()
        && prefix
            == token
                .token
                .as_deref()
                .and_then(|value| value.split('-').next())
}

fn age_days(created: &str, today: Date) -> Option<i32> {
    let created: Timestamp = created.parse().ok()?;
    let created = TimeZone::UTC.to_datetime(created).date();
    created
        .until((Unit::Day, today))
        .ok()
        .map(|span| span.get_days())
}

#[derive(Deserialize, JsonSchema)]
struct CreateToken {
    /// A name that says what the token is for.
    #[schemars(length(min = 1), example = &"reporting")]
    label: String,
    /// What it may do, e.g. organizations:read; from make-lookup `token-scopes`.
    #[schemars(length(min = 1), example = json!(["organizations:read"]))]
    scope: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct NewToken {
    /// The token.
    api_token: Shown,
    /// Where its value went.
    secret: Delivered,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Shown {
    label: String,
    scope: Vec<String>,
    /// The key for revoking it.
    created: String,
    /// The value, masked unless it is delivered in the answer.
    token: String,
}

pub(super) fn create_token() -> Tool {
    ToolSpec {
        name: "make-create-token",
        title: "Create an API token",
        description: "Creates an API token for the caller. The value is not in the answer: it goes to a private file, \
                      whose path is answered. Scopes cannot be changed later, and tokens do not expire.",
        toolset: Toolset::Tokens,
        scope: Scope::UserWrite,
        effect: Effect::Create,
        guard: Guard::G1,
        example: json!({ "label": "reporting", "scope": ["organizations:read"] }),
    }
    .calls(async |cx: Context, args: CreateToken| {
        let secrets = &cx.surface.secrets;
        secrets.ready().map_err(|error| {
            ToolError::new(Kind::RefusedByPolicy, format!("a token's value could not be stored, so none was created: {error}"))
                .with_hint("make the state folder private and writable, or choose another with --state-dir")
        })?;
        if !cx.surface.scope_escalation {
            let granted = cx.make.fresh().me().authorization().await?;
            scopes_within(&args.scope, &granted.scope)?;
        }
        let token = cx.make.api_tokens().create(&args.label, &args.scope).await?;
        let created = token.created.clone().unwrap_or_default();
        let stored = match token.token.as_deref() {
            Some(value) => secrets.store(value, &args.label, &created),
            None => Err(std::io::Error::other("Make sent no value")),
        };
        let stored = match stored {
            Ok(stored) => stored,
            Err(error) => return Err(taken_back(&cx.make, &created, &error).await),
        };
        let shown = Shown {
            label: token.label.unwrap_or(args.label),
            scope: token.scope.unwrap_or(args.scope),
            created,
            token: stored.shown,
        };
        Ok(NewToken { api_token: shown, secret: stored.delivered })
    })
}

/// Revokes a token whose value nobody holds.
async fn taken_back(make: &Make, created: &str, error: &std::io::Error) -> ToolError {
    let what = match make.api_tokens().delete(created).await {
        Ok(_) => "it was revoked again".to_owned(),
        Err(revoking) => {
            format!("revoking it failed too ({revoking}): revoke the token made at {created}")
        }
    };
    ToolError::new(Kind::RefusedByPolicy, format!("the new token's value could not be stored ({error}); {what}"))
        .with_hint("make room in the state folder, or choose another with --state-dir, then create the token again")
}

#[derive(Deserialize, JsonSchema)]
struct RevokeToken {
    /// The token's `created`, exactly as make-list-tokens shows it.
    #[schemars(length(min = 1), example = &"2026-01-05T09:22:31.249Z")]
    created: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Revoked {
    /// The `created` of the revoked token.
    api_token: String,
}

pub(super) fn revoke_token() -> Tool {
    ToolSpec {
        name: "make-revoke-token",
        title: "Revoke an API token",
        description: "Revokes one of the caller's own API tokens at once: whatever uses it stops working. Cannot be \
                      undone. Take `created` from make-list-tokens.",
        toolset: Toolset::Tokens,
        scope: Scope::UserWrite,
        effect: Effect::Delete,
        guard: Guard::G1,
        example: json!({ "created": "2026-01-05T09:22:31.249Z" }),
    }
    .calls(async |cx: Context, args: RevokeToken| {
        let tokens = cx.make.fresh().api_tokens().list().await?;
        let Some(token) = tokens.iter().find(|token| token.created.as_deref() == Some(&args.created)) else {
            return Err(ToolError::new(Kind::NotFound, "no token of the caller was created at that moment; nothing was sent")
                .with_hint("take `created` from make-list-tokens, with all three millisecond digits and the Z"));
        };
        if is_in_use(token, cx.make.credential()) {
            return Err(Refused {
                message: "this server runs with that token, so revoking it would cut the server off".to_owned(),
                hint: "start the server with another token, then revoke this one".to_owned(),
            }
            .into());
        }
        Ok(Revoked { api_token: cx.make.api_tokens().delete(&args.created).await? })
    })
    .with_aliases(&[("timestamp", "created")])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_is_counted_in_whole_days() {
        let today = jiff::civil::date(2026, 6, 1);
        assert_eq!(age_days("2026-05-31T23:59:59.999Z", today), Some(1));
        assert_eq!(age_days("2025-06-01T00:00:00.000Z", today), Some(365));
        assert_eq!(age_days("yesterday", today), None);
    }
}
