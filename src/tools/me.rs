//! Tools about the caller.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::registry::{
    Context, ErrorKind, Hidden, Scopes, Tool, ToolError, ToolSpec, Toolset, arguments::Nothing,
};
use crate::make::{Authorization, CurrentUser, Record, UserId};

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Status {
    /// Whether Make accepts the credential.
    authenticated: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// The caller.
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<Caller>,
    /// What the credential may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    authorization: Option<Record<Authorization>>,
    /// Where the credential comes from.
    credential_source: String,
    /// The host of the account.
    zone: String,
    /// Whether tools that change something are off.
    read_only: bool,
    /// Toolsets that are on.
    toolsets: Vec<&'static str>,
    /// Tools that are off.
    hidden_tools: Vec<Hidden>,
    /// How guarded tools are confirmed.
    confirm: &'static str,
    /// Whether this is the built-in account and not Make.
    sandbox: bool,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Caller {
    id: Option<UserId>,
    name: Option<String>,
    email: Option<String>,
}

pub(crate) fn auth_status() -> Tool {
    ToolSpec {
        name: "make-auth-status",
        title: "Check the connection to Make",
        description: "Shows whether Make accepts the credential, who the caller is, the granted \
            scopes, the zone, and which tools are switched off and why. Call it first when \
            something is refused.",
        toolset: Toolset::Account,
        scopes: Scopes::NONE,
        example: json!({}),
    }
    .reads(async |cx: Context, _: Nothing| {
        let (me, caller) = (cx.make.me(), cx.make.me());
        let answer = tokio::try_join!(caller.get(), me.authorization());
        let (user, authorization, reason) = match answer {
            Ok((user, authorization)) => {
                let user =
                    Caller { id: user.id, name: user.name.clone(), email: user.email.clone() };
                (Some(user), Some(authorization), None)
            }
            Err(error) => {
                let error = ToolError::from(error);
                if error.kind != ErrorKind::Unauthorized {
                    return Err(error);
                }
                (None, None, Some(error.to_string()))
            }
        };
        Ok(Status {
            authenticated: user.is_some(),
            reason,
            user,
            authorization,
            credential_source: if cx.account.sandbox {
                "the built-in account".to_owned()
            } else {
                cx.account.source.name()
            },
            zone: cx.account.zone.clone(),
            read_only: cx.account.read_only,
            toolsets: cx.account.toolsets.clone(),
            hidden_tools: cx.account.not_offered().cloned().collect(),
            confirm: cx.account.control.confirm.name(),
            sandbox: cx.account.sandbox,
        })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GetUser {
    /// Also the caller's organization and team roles.
    #[serde(default)]
    include_memberships: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GotUser {
    /// The caller.
    auth_user: Record<CurrentUser>,
}

pub(crate) fn get_user() -> Tool {
    ToolSpec {
        name: "make-get-user",
        title: "Get my profile",
        description: "Gets the profile of the caller (the owner of the credential), on request \
            with all organization and team roles. For other people use make-list-users.",
        toolset: Toolset::Account,
        scopes: Scopes::NONE,
        example: json!({ "includeMemberships": true }),
    }
    .reads(async |cx: Context, args: GetUser| {
        let me = cx.make.me();
        let auth_user =
            if args.include_memberships { me.with_memberships().await? } else { me.get().await? };
        Ok(GotUser { auth_user })
    })
}
