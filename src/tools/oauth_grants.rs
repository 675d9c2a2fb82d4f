//! Tools about OAuth clients that the caller has given access.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::registry::{
    Context, ErrorKind, Scopes, Tool, ToolError, ToolSpec, Toolset, Write, arguments::Nothing,
};
use crate::{
    guard::{Guard, Plan, Refused},
    make::{Credential, OauthGrant, Record, WritePermit},
    text::quoted,
};

#[derive(Serialize, JsonSchema)]
struct Grants {
    /// The clients; `id` is what make-revoke-oauth-grant takes.
    connections: Vec<Record<OauthGrant>>,
}

pub(crate) fn list_oauth_grants() -> Tool {
    ToolSpec {
        name: "make-list-oauth-grants",
        title: "List apps with access to my account",
        description: "Lists the OAuth clients that may act for the caller, with scopes and last \
            use. API tokens are in make-list-tokens.",
        toolset: Toolset::Grants,
        scopes: Scopes::NONE,
        example: json!({}),
    }
    .reads(async |cx: Context, _: Nothing| {
        Ok(Grants { connections: cx.make.oauth_grants().list().await? })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RevokeOauthGrant {
    /// The client's `id`, from make-list-oauth-grants.
    #[schemars(range(min = 1), example = 7)]
    client_id: u64,
}

#[derive(Serialize, JsonSchema)]
struct RevokedGrant {
    /// The client that lost its access.
    client: u64,
}

pub(crate) fn revoke_oauth_grant() -> Tool {
    ToolSpec {
        name: "make-revoke-oauth-grant",
        title: "Withdraw an app's access",
        description: "Withdraws what an OAuth client may do for the caller: it stops working at \
            once.",
        toolset: Toolset::Grants,
        scopes: Scopes::NONE,
        example: json!({ "clientId": 7 }),
    }
    .guarded(
        Write::Delete,
        Guard::G1,
        async |cx: Context, args: RevokeOauthGrant| plan_revocation(&cx, args.client_id).await,
        async |cx: Context, args: RevokeOauthGrant, permit: WritePermit| {
            Ok(RevokedGrant {
                client: cx.make.oauth_grants().delete(&permit, args.client_id).await?,
            })
        },
    )
}

async fn plan_revocation(cx: &Context, client: u64) -> Result<Plan, ToolError> {
    if !cx.make.credential().is_some_and(Credential::is_api_key) {
        return Err(Refused::new(
            "this server runs with an OAuth access token, and it cannot tell which grant that came \
             from",
            "start the server with an API token, or withdraw the access on Make's own pages",
        )
        .into());
    }
    let grants = cx.make.oauth_grants().list().await?;
    let grant = grants.iter().find(|grant| grant.id == Some(client)).ok_or_else(|| {
        ToolError::new(
            ErrorKind::NotFound,
            format!("no client {client} has access; nothing was sent"),
        )
        .with_hint("make-list-oauth-grants shows those that have")
    })?;
    let name = grant.client_name.clone().unwrap_or_else(|| format!("client {client}"));
    let before = json!({ "id": client, "clientName": grant.client_name, "scopes": grant.scopes });
    Ok(Plan::new(&name, format!("Withdraw the access of the app {}.", quoted(&name)))
        .changes(before, Value::Null)
        .with_side_effect(
            "The app stops working for the caller at once, until it is given access again.",
        ))
}
