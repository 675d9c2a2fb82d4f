//! `make-rotate-token`: a new token in the place of an old one, so that at every moment one of them works.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    guard::{Guard, Plan, Refused, TokenFileReplacement},
    make::{ApiToken, Make, Record, WritePermit},
    text::{quoted, visible},
    tools::{
        api_tokens::{
            is_in_use, listed, made_at, mint,
            mint::{Keep, Minted, NewToken},
            shown,
        },
        registry::{
            Context, ErrorKind, Scopes, Tool, ToolError, ToolSpec, Toolset, Write, arguments,
        },
    },
};

#[derive(Deserialize, JsonSchema)]
struct RotateToken {
    /// The old token's `created`, exactly as make-list-tokens shows it.
    #[schemars(length(min = 1), example = &"2026-01-05T09:22:31.249Z")]
    created: String,
    /// Label of the new one; that of the old one if left out.
    #[schemars(length(min = 1))]
    label: Option<String>,
    /// Scopes of the new one; those of the old one if left out.
    #[schemars(length(min = 1))]
    #[serde(default, deserialize_with = "arguments::some_scopes")]
    scope: Option<Vec<String>>,
}

#[derive(Serialize, JsonSchema)]
struct Rotated {
    #[serde(flatten)]
    new: NewToken,
    /// What became of the old token.
    previous: Previous,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Previous {
    /// Its `created`.
    created: String,
    /// Whether it is revoked.
    revoked: bool,
    /// Why not, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

pub(crate) fn rotate_token() -> Tool {
    ToolSpec {
        name: "make-rotate-token",
        title: "Replace an API token",
        description: "Replaces an API token by a new one with the same label and scopes: creates, \
            stores and tries the new one, then revokes the old one. Its value goes to a private \
            file, not into the answer.",
        toolset: Toolset::Tokens,
        scopes: Scopes::all(&["user:write"]),
        example: json!({ "created": "2026-01-05T09:22:31.249Z" }),
    }
    .guarded(
        Write::Update,
        Guard::G1,
        async |cx: Context, args: RotateToken| {
            let rotation = Rotation::of(&cx, args).await?;
            Ok(rotation.plan())
        },
        async |cx: Context, args: RotateToken, permit: WritePermit| {
            Rotation::of(&cx, args).await?.carried_out(&cx, permit).await
        },
    )
}

/// A rotation that may be carried out.
struct Rotation {
    tokens: Vec<Record<ApiToken>>,
    created: String,
    label: String,
    scope: Vec<String>,
    /// The place of the server's own token, if that is the one.
    own: Option<Arc<TokenFileReplacement>>,
}

impl Rotation {
    async fn of(cx: &Context, args: RotateToken) -> Result<Self, ToolError> {
        let tokens = cx.make.uncached().api_tokens().list().await?;
        let old = made_at(&tokens, &args.created)?;
        let scope = args.scope.or_else(|| old.scope.clone()).unwrap_or_default();
        let label = args.label.or_else(|| old.label.clone()).unwrap_or_default();
        if scope.is_empty() || label.is_empty() {
            return Err(ToolError::arguments(
                "Make does not say the old token's label and scopes: give `label` and `scope`",
            ));
        }
        let own = if is_in_use(old, cx.make.credential()) {
            Some(Arc::new(own_place(cx)?))
        } else {
            mint::storable(cx).await?;
            None
        };
        mint::allowed(cx, &scope).await?;
        Ok(Self { created: args.created, tokens, label, scope, own })
    }

    fn plan(&self) -> Plan {
        let old = made_at(&self.tokens, &self.created).map_or_else(|_| json!(null), shown);
        let after = json!({ "label": self.label, "scope": self.scope });
        let old_label = old["label"].as_str().unwrap_or_default();
        let renamed = match old_label == self.label {
            true => String::new(),
            false => format!(" called {}", quoted(&self.label)),
        };
        let summary = format!(
            "Replace the API token {}, made at {}, by a new one{renamed}.",
            quoted(old_label),
            visible(&self.created)
        );
        let plan = Plan::new(&self.label, summary)
            .changes(old, after)
            .with_side_effect(format!("Its holder may: {}.", listed(&self.scope)));
        if self.own.is_some() {
            plan.with_side_effect(
                "This server runs with it: the new value replaces the old one in the file of \
                 --api-key-file.",
            )
        } else {
            plan.with_side_effect(
                "Programs that use the old one stop working once it is revoked, until they get the \
                 new value.",
            )
        }
    }

    async fn carried_out(self, cx: &Context, permit: WritePermit) -> Result<Rotated, ToolError> {
        let keep = self.own.clone().map_or(Keep::Delivered, Keep::Beside);
        let minted = mint::token(cx, &self.label, &self.scope, &self.tokens, keep, &permit).await?;
        // A task of its own: a cancelled call must not stop between the two tokens.
        let cx = cx.clone();
        let finishing = tokio::spawn(async move { self.finished(&cx, &permit, minted).await });
        finishing.await.unwrap_or_else(|_| {
            Err(ToolError::new(
                ErrorKind::UnexpectedResponse,
                "the rotation failed half way by a mistake of this server",
            )
            .with_hint(
                "see with make-list-tokens which tokens there are; none was revoked before the new \
                 one was stored",
            ))
        })
    }

    /// Tries the new token, puts it in its place and revokes the old one.
    async fn finished(
        &self,
        cx: &Context,
        permit: &WritePermit,
        mut minted: Minted,
    ) -> Result<Rotated, ToolError> {
        let new = cx.make.with_credential(Some(minted.value.credential()));
        match new.uncached().me().authorization().await {
            Ok(_) => {}
            Err(error) if matches!(error.status(), Some(401 | 403)) => {
                return Err(self.withdrawn(cx, permit, minted, &error.to_string()).await);
            }
            Err(error) => {
                let note = format!(
                    "the new token could not be tried ({error}), so both stay: try it, then revoke \
                     the old one with make-revoke-token"
                );
                return Ok(self.answer(minted, Some(note)));
            }
        }
        if let Some(own) = &self.own {
            match minted.value.install(own) {
                Ok(stored) => minted.stored = stored,
                Err(why) => {
                    let note = format!(
                        "the token file could not be replaced ({why}), so both stay; the new value \
                         waits in the file of `secret.path`"
                    );
                    return Ok(self.answer(minted, Some(note)));
                }
            }
        }
        let make = if self.own.is_some() { &new } else { &cx.make };
        let note = self.revoked(make, permit).await;
        Ok(self.answer(minted, note))
    }

    async fn revoked(&self, make: &Make, permit: &WritePermit) -> Option<String> {
        let error = make.api_tokens().delete(permit, &self.created).await.err()?;
        Some(match error.in_doubt() {
            Some(_) => format!(
                "whether the old token is revoked is unknown ({error}): see make-list-tokens"
            ),
            None => format!(
                "the old token could not be revoked ({error}): both work; revoke it with \
                 make-revoke-token"
            ),
        })
    }

    /// Make refuses the new token: it goes, the old one stays.
    async fn withdrawn(
        &self,
        cx: &Context,
        permit: &WritePermit,
        minted: Minted,
        why: &str,
    ) -> ToolError {
        let what = match cx.make.api_tokens().delete(permit, &minted.created).await {
            Ok(_) => "it was revoked again".to_owned(),
            Err(error) => format!(
                "revoking it failed too ({error}): revoke the token made at {}",
                minted.created
            ),
        };
        match &self.own {
            Some(own) => own.discard(),
            None => cx.account.secrets.forget(&minted.stored.delivered).await,
        }
        let message =
            format!("Make refuses the new token ({why}); {what}; the old one still works");
        ToolError::new(ErrorKind::UnexpectedResponse, visible(&message).into_owned())
            .with_hint("try again later, or create a token on Make's own pages")
    }

    fn answer(&self, minted: Minted, note: Option<String>) -> Rotated {
        let previous = Previous { created: self.created.clone(), revoked: note.is_none(), note };
        Rotated { new: minted.answer(), previous }
    }
}

/// Where the value of the server's own token can be replaced.
fn own_place(cx: &Context) -> Result<TokenFileReplacement, ToolError> {
    let Some(file) = cx.account.source.file() else {
        return Err(Refused::new(
            "this server runs with that token, and it can be replaced only where the token comes \
             from a file",
            "start the server with --api-key-file; or make another token with make-create-token, \
             sign in with it (`make-admin-mcp login`) and revoke this one",
        )
        .into());
    };
    TokenFileReplacement::beside(file).map_err(|why| {
        Refused::new(
            format!("the server's own token cannot be replaced: {why}"),
            "a person puts that right first",
        )
        .into()
    })
}
