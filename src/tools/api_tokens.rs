//! Tools about the caller's API tokens. How one is made and stored is in `mint`.

pub(crate) mod mint;

use jiff::{Timestamp, Unit, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::registry::{
    Context, ErrorKind, Scopes, Tool, ToolError, ToolSpec, Toolset, Write, arguments,
    paging::{PageInfo, Paging},
};
use crate::{
    guard::{Guard, Plan, Refused, masked},
    make::{ApiToken, Credential, Record, WritePermit},
    text::{quoted, visible},
};
use mint::Keep;

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

pub(crate) fn list_tokens() -> Tool {
    ToolSpec {
        name: "make-list-tokens",
        title: "List my API tokens",
        description: "Lists the caller's own API tokens with label, scopes, age, and whether this \
            server runs with it (inUse). Values are masked. Other people's tokens have no list; \
            apps with access are in make-list-oauth-grants.",
        toolset: Toolset::Tokens,
        scopes: Scopes::all(&["user:read"]),
        example: json!({}),
    }
    .reads(async |cx: Context, args: ListTokens| {
        let (tokens, page) = args.paging.cut(cx.make.api_tokens().list().await?);
        let row = |token: Record<ApiToken>| {
            let in_use = is_in_use(&token, cx.make.credential());
            let age = token.created.as_deref().and_then(|created| age_days(created, cx.today));
            // Make masks them; were it to forget, we would not.
            let token = match token.token.as_deref().map(masked) {
                Some(value) => token.with("token", value),
                None => token,
            };
            token.with("inUse", in_use).with("ageDays", age.map_or(Value::Null, Value::from))
        };
        Ok(Tokens { api_tokens: tokens.into_iter().map(row).collect(), page })
    })
}

/// Decided by the readable first group; two tokens that share it both count as in use.
pub(crate) fn is_in_use(token: &ApiToken, credential: Option<&Credential>) -> bool {
    let prefix = credential.and_then(Credential::public_prefix);
    prefix.is_some() && prefix == token.token.as_deref().and_then(|value| value.split('-').next())
}

fn age_days(created: &str, today: Date) -> Option<i32> {
    let created: Timestamp = created.parse().ok()?;
    let created = TimeZone::UTC.to_datetime(created).date();
    created.until((Unit::Day, today)).ok().map(|span| span.get_days())
}

#[derive(Deserialize, JsonSchema)]
struct CreateToken {
    /// A name that says what the token is for.
    #[schemars(length(min = 1), example = &"reporting")]
    label: String,
    /// What it may do, e.g. organizations:read; from make-lookup `token-scopes`.
    #[schemars(length(min = 1), example = json!(["organizations:read"]))]
    #[serde(deserialize_with = "arguments::scopes")]
    scope: Vec<String>,
}

pub(crate) fn create_token() -> Tool {
    ToolSpec {
        name: "make-create-token",
        title: "Create an API token",
        description: "Creates an API token for the caller. The value is not in the answer: it goes \
            to a private file, whose path is answered. Scopes cannot be changed later, and tokens \
            do not expire.",
        toolset: Toolset::Tokens,
        scopes: Scopes::all(&["user:write"]),
        example: json!({ "label": "reporting", "scope": ["organizations:read"] }),
    }
    .guarded(
        Write::Create,
        Guard::G1,
        async |cx: Context, args: CreateToken| {
            mint::storable(&cx).await?;
            mint::allowed(&cx, &args.scope).await?;
            let summary = format!("Create the API token {} for the caller.", quoted(&args.label));
            let after = json!({ "label": args.label, "scope": args.scope });
            Ok(Plan::new(&args.label, summary)
                .changes(Value::Null, after)
                .with_side_effect(format!("Its holder may: {}.", listed(&args.scope)))
                .with_side_effect("It does not expire, and its scopes cannot be changed."))
        },
        async |cx: Context, args: CreateToken, permit: WritePermit| {
            mint::storable(&cx).await?;
            mint::allowed(&cx, &args.scope).await?;
            let before = cx.make.uncached().api_tokens().list().await?;
            let minted =
                mint::token(&cx, &args.label, &args.scope, &before, Keep::Delivered, &permit)
                    .await?;
            Ok(minted.answer())
        },
    )
}

/// Words of a list as they stand in a sentence.
pub(crate) fn listed(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| visible(word)).collect();
    words.join(", ")
}

/// The caller's token that was made at that moment.
pub(crate) fn made_at<'a>(
    tokens: &'a [Record<ApiToken>],
    created: &str,
) -> Result<&'a ApiToken, ToolError> {
    let found = tokens.iter().find(|token| token.created.as_deref() == Some(created));
    found.map(|token| &**token).ok_or_else(|| {
        ToolError::new(
            ErrorKind::NotFound,
            "no token of the caller was created at that moment; nothing was sent",
        )
        .with_hint(
            "copy `created` from make-list-tokens, with all three millisecond digits and the Z",
        )
    })
}

/// A token as data.
pub(crate) fn shown(token: &ApiToken) -> Value {
    json!({ "label": token.label, "scope": token.scope, "created": token.created,
    "token": token.token.as_deref().map(masked) })
}

#[derive(Deserialize, JsonSchema)]
struct RevokeToken {
    /// The token's `created`, exactly as make-list-tokens shows it.
    #[schemars(length(min = 1), example = &"2026-01-05T09:22:31.249Z")]
    created: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RevokedToken {
    /// The `created` of the revoked token.
    api_token: String,
}

pub(crate) fn revoke_token() -> Tool {
    ToolSpec {
        name: "make-revoke-token",
        title: "Revoke an API token",
        description: "Revokes one of the caller's own API tokens at once: programs that use it \
            stop working. Cannot be undone. Get `created` from make-list-tokens.",
        toolset: Toolset::Tokens,
        scopes: Scopes::all(&["user:write"]),
        example: json!({ "created": "2026-01-05T09:22:31.249Z" }),
    }
    .guarded(
        Write::Delete,
        Guard::G1,
        async |cx: Context, args: RevokeToken| {
            let tokens = cx.make.api_tokens().list().await?;
            let token = made_at(&tokens, &args.created)?;
            if is_in_use(token, cx.make.credential()) {
                return Err(Refused::new(
                    "this server runs with that token, so revoking it would cut the server off",
                    "replace it with make-rotate-token under --api-key-file, or start the server \
                     with another token first",
                )
                .into());
            }
            let label = token.label.clone().unwrap_or_default();
            let summary = format!(
                "Revoke the API token {}, made at {}.",
                quoted(&label),
                visible(&args.created)
            );
            Ok(Plan::new(&label, summary).changes(shown(token), Value::Null).with_side_effect(
                "Programs that use it stop working at once. It cannot be restored.",
            ))
        },
        async |cx: Context, args: RevokeToken, permit: WritePermit| {
            Ok(RevokedToken {
                api_token: cx.make.api_tokens().delete(&permit, &args.created).await?,
            })
        },
    )
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
