//! What a tool is: one value, from which everything else follows.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{Context, ToolError, answer, arguments, schema};
use crate::guard::{self, Guard};

/// Part of the catalog that can be switched on and off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Toolset {
    /// The caller.
    Account,
    /// API tokens.
    Tokens,
    /// People and their organization roles.
    Users,
    /// Organizations, invitations.
    Orgs,
    /// Audit logs.
    Audit,
}

impl Toolset {
    /// All of them, in catalog order.
    pub const ALL: [Self; 5] = [
        Self::Account,
        Self::Tokens,
        Self::Users,
        Self::Orgs,
        Self::Audit,
    ];

    /// The name in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Tokens => "tokens",
            Self::Users => "users",
            Self::Orgs => "orgs",
            Self::Audit => "audit",
        }
    }

    /// Whether `default` includes it.
    pub fn is_default(self) -> bool {
        match self {
            Self::Account | Self::Tokens | Self::Users | Self::Orgs | Self::Audit => true,
        }
    }
}

/// What Make asks of the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Any credential will do.
    None,
    /// `user:read`.
    UserRead,
    /// `user:write`.
    UserWrite,
    /// `organizations:read`.
    OrganizationsRead,
    /// `organizations:write`.
    OrganizationsWrite,
    /// `teams:read`.
    TeamsRead,
    /// Make declares none; `organizations:read` is what documentation suggests.
    OrganizationsReadAssumed,
    /// Make declares none; `teams:read` is what documentation suggests.
    TeamsReadAssumed,
}

impl Scope {
    /// The scope as Make spells it.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::UserRead => Some("user:read"),
            Self::UserWrite => Some("user:write"),
            Self::OrganizationsRead | Self::OrganizationsReadAssumed => Some("organizations:read"),
            Self::OrganizationsWrite => Some("organizations:write"),
            Self::TeamsRead | Self::TeamsReadAssumed => Some("teams:read"),
        }
    }

    /// Whether the scope is assumed and not documented.
    pub fn is_assumed(self) -> bool {
        matches!(
            self,
            Self::OrganizationsReadAssumed | Self::TeamsReadAssumed
        )
    }
}

/// What a call does to Make; hints for hosts and the read-only filter follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Makes something new; asking twice makes two.
    Create,
    /// Changes something; asking twice is asking once.
    Update,
    /// Removes something.
    Delete,
}

impl Effect {
    /// Whether nothing changes at Make.
    pub fn is_read(self) -> bool {
        self == Self::Read
    }

    /// `destructiveHint`: something that was there is changed or removed.
    pub fn is_destructive(self) -> bool {
        matches!(self, Self::Update | Self::Delete)
    }

    /// `idempotentHint`: asking again changes nothing more.
    pub fn is_idempotent(self) -> bool {
        self != Self::Create
    }
}

/// What is written by hand about a tool.
#[derive(Clone, Debug)]
pub struct ToolSpec {
    /// `make-<verb>-<noun>`, at most 32 characters; never changes once released.
    pub name: &'static str,
    /// For people.
    pub title: &'static str,
    /// For models: what it does, what would surprise, what to call first.
    pub description: &'static str,
    /// Where it belongs.
    pub toolset: Toolset,
    /// What the credential needs.
    pub scope: Scope,
    /// What it does to Make.
    pub effect: Effect,
    /// The least confirmation that it needs.
    pub guard: Guard,
    /// Arguments that work in the sandbox.
    pub example: Value,
}

type Running = Pin<Box<dyn Future<Output = Result<Value, ToolError>> + Send>>;
type Run = dyn Fn(Context, Value) -> Running + Send + Sync;

/// A tool: its spec, its schemas, and what it runs.
pub struct Tool {
    /// What is written by hand.
    pub spec: ToolSpec,
    aliases: &'static [(&'static str, &'static str)],
    make_input: fn() -> Map<String, Value>,
    make_output: fn() -> Map<String, Value>,
    input: OnceLock<Arc<Map<String, Value>>>,
    output: OnceLock<Arc<Map<String, Value>>>,
    run: Box<Run>,
}

impl ToolSpec {
    /// Binds the spec to what it runs.
    pub fn calls<Args, Answer, Fut>(
        self,
        run: impl Fn(Context, Args) -> Fut + Send + Sync + 'static,
    ) -> Tool
    where
        Args: DeserializeOwned + JsonSchema + 'static,
        Answer: Serialize + JsonSchema + 'static,
        Fut: Future<Output = Result<Answer, ToolError>> + Send + 'static,
    {
        let run = move |cx: Context, arguments: Value| -> Running {
            match serde_json::from_value::<Args>(arguments) {
                Ok(arguments) => {
                    let running = run(cx, arguments);
                    Box::pin(async move { answer::to_value(&running.await?) })
                }
                Err(error) => Box::pin(async move { Err(ToolError::arguments(error.to_string())) }),
            }
        };
        Tool {
            spec: self,
            aliases: &[],
            make_input: schema::of_arguments::<Args>,
            make_output: schema::of_answer::<Answer>,
            input: OnceLock::new(),
            output: OnceLock::new(),
            run: Box::new(run),
        }
    }
}

impl Tool {
    /// Accepts other names for arguments, as `(alias, name)`. They are not advertised.
    pub fn with_aliases(self, aliases: &'static [(&'static str, &'static str)]) -> Self {
        Self { aliases, ..self }
    }

    /// The JSON Schema of the arguments.
    pub fn input_schema(&self) -> &Arc<Map<String, Value>> {
        self.input.get_or_init(|| Arc::new((self.make_input)()))
    }

    /// The JSON Schema of every successful answer.
    pub fn output_schema(&self) -> &Arc<Map<String, Value>> {
        self.output.get_or_init(|| {
            let schema = (self.make_output)();
            Arc::new(if self.spec.guard == Guard::None {
                schema
            } else {
                schema::with_outcome(schema)
            })
        })
    }

    /// Checks the arguments, asks the guard, runs the tool and cuts the answer to size.
    pub async fn call(
        &self,
        cx: Context,
        arguments: Map<String, Value>,
    ) -> Result<Value, ToolError> {
        let arguments =
            arguments::check(self.spec.name, self.input_schema(), self.aliases, arguments)?;
        guard::admit(self.spec.guard, cx.surface.guard)?;
        let answer = (self.run)(cx.clone(), Value::Object(arguments)).await;
        let answer = match answer.map(answer::visible) {
            Ok(answer) if self.spec.guard == Guard::None => answer,
            Ok(answer) => answer::applied(answer),
            Err(error) => return Err(error.explained(&cx, self.spec.scope).await),
        };
        answer::cut(answer)
    }
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool")
            .field("spec", &self.spec)
            .finish_non_exhaustive()
    }
}
