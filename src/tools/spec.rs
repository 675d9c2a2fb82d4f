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

use super::{
    Context, Surface, ToolError, answer, arguments, attempt::Attempt, change, explain::Refusal,
    names, schema,
};
use crate::guard::{Guard, Host, Plan, Question};

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
    /// Teams and who is in them.
    Teams,
    /// Roles and permissions.
    Roles,
    /// Custom variables.
    Variables,
    /// What Make tells the caller by mail.
    Notifications,
    /// OAuth clients with access.
    Grants,
    /// Sign-in, switches, installed apps.
    Security,
    /// Subscription and payments.
    Billing,
    /// Managed organizations.
    Partners,
    /// Private spaces.
    Spaces,
}

impl Toolset {
    /// All of them, in catalog order.
    pub const ALL: [Self; 14] = [
        Self::Account,
        Self::Tokens,
        Self::Users,
        Self::Orgs,
        Self::Audit,
        Self::Teams,
        Self::Roles,
        Self::Variables,
        Self::Notifications,
        Self::Grants,
        Self::Security,
        Self::Billing,
        Self::Partners,
        Self::Spaces,
    ];

    /// The name in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Tokens => "tokens",
            Self::Users => "users",
            Self::Orgs => "orgs",
            Self::Audit => "audit",
            Self::Teams => "teams",
            Self::Roles => "roles",
            Self::Variables => "variables",
            Self::Notifications => "notifications",
            Self::Grants => "grants",
            Self::Security => "security",
            Self::Billing => "billing",
            Self::Partners => "partners",
            Self::Spaces => "spaces",
        }
    }

    /// Whether `default` includes it.
    pub fn is_default(self) -> bool {
        matches!(
            self,
            Self::Account | Self::Tokens | Self::Users | Self::Orgs | Self::Audit
        )
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
    /// `teams:write`.
    TeamsWrite,
    /// `organization-variables:read` or `team-variables:read`, by the place that is asked.
    VariablesRead,
    /// `organization-variables:write` or `team-variables:write`, by the place that is asked.
    VariablesWrite,
    /// `managed-organizations:read`.
    ManagedOrganizationsRead,
    /// `managed-organizations:write`.
    ManagedOrganizationsWrite,
    /// `private-spaces:read`.
    PrivateSpacesRead,
    /// `private-spaces:write`.
    PrivateSpacesWrite,
    /// Make declares none; `organizations:read` is what documentation suggests.
    OrganizationsReadAssumed,
    /// Make declares none; `teams:read` is what documentation suggests.
    TeamsReadAssumed,
}

impl Scope {
    /// The scopes as Make spells them, of which one is needed; empty if any credential will do.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::None => &[],
            Self::UserRead => &["user:read"],
            Self::UserWrite => &["user:write"],
            Self::OrganizationsRead | Self::OrganizationsReadAssumed => &["organizations:read"],
            Self::OrganizationsWrite => &["organizations:write"],
            Self::TeamsRead | Self::TeamsReadAssumed => &["teams:read"],
            Self::TeamsWrite => &["teams:write"],
            Self::VariablesRead => &["organization-variables:read", "team-variables:read"],
            Self::VariablesWrite => &["organization-variables:write", "team-variables:write"],
            Self::ManagedOrganizationsRead => &["managed-organizations:read"],
            Self::ManagedOrganizationsWrite => &["managed-organizations:write"],
            Self::PrivateSpacesRead => &["private-spaces:read"],
            Self::PrivateSpacesWrite => &["private-spaces:write"],
        }
    }

    /// The same in one text.
    pub fn name(self) -> Option<String> {
        let names: Vec<_> = self
            .names()
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        (!names.is_empty()).then(|| names.join(" or "))
    }

    /// Whether one of the granted scopes is enough.
    pub fn is_within(self, granted: &[String]) -> bool {
        let names = self.names();
        names.is_empty() || granted.iter().any(|scope| names.contains(&scope.as_str()))
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

type Running<T> = Pin<Box<dyn Future<Output = Result<T, ToolError>> + Send>>;
type Run<T> = Box<dyn Fn(Context, Value) -> Running<T> + Send + Sync>;

/// What a call of a tool leads to.
#[derive(Debug)]
pub enum Called {
    /// An answer.
    Answered(Value),
    /// A question to the person; the host calls again with the plan's id and the reply.
    Asks {
        /// The plan's id.
        id: String,
        /// The question.
        question: Question,
    },
}

/// A tool: its spec, its schemas, and what it runs.
pub struct Tool {
    /// What is written by hand.
    pub spec: ToolSpec,
    aliases: &'static [(&'static str, &'static str)],
    make_input: fn() -> Map<String, Value>,
    make_output: fn() -> Map<String, Value>,
    input: OnceLock<Arc<Map<String, Value>>>,
    output: OnceLock<Arc<Map<String, Value>>>,
    /// What a guarded tool would do. It reads only.
    pub(super) plan: Option<Run<Plan>>,
    /// What the tool does.
    pub(super) run: Run<Value>,
}

impl ToolSpec {
    /// Binds the spec of a guarded tool to what plans it and what carries it out once it is confirmed.
    pub fn guarded<Args, Answer, Planning, Fut>(
        self,
        plan: impl Fn(Context, Args) -> Planning + Send + Sync + 'static,
        run: impl Fn(Context, Args) -> Fut + Send + Sync + 'static,
    ) -> Tool
    where
        Args: DeserializeOwned + JsonSchema + 'static,
        Answer: Serialize + JsonSchema + 'static,
        Planning: Future<Output = Result<Plan, ToolError>> + Send + 'static,
        Fut: Future<Output = Result<Answer, ToolError>> + Send + 'static,
    {
        let plan = typed(plan, Ok);
        Tool {
            plan: Some(plan),
            ..self.calls(run)
        }
    }

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
        Tool {
            spec: self,
            aliases: &[],
            make_input: schema::of_arguments::<Args>,
            make_output: schema::of_answer::<Answer>,
            input: OnceLock::new(),
            output: OnceLock::new(),
            plan: None,
            run: typed(run, |answer| answer::to_value(&answer)),
        }
    }
}

/// The same function for arguments as JSON.
fn typed<Args, Out, To, Fut>(
    run: impl Fn(Context, Args) -> Fut + Send + Sync + 'static,
    to: fn(Out) -> Result<To, ToolError>,
) -> Run<To>
where
    Args: DeserializeOwned + 'static,
    Out: 'static,
    To: Send + 'static,
    Fut: Future<Output = Result<Out, ToolError>> + Send + 'static,
{
    Box::new(
        move |cx, arguments| match serde_json::from_value::<Args>(arguments) {
            Ok(arguments) => {
                let running = run(cx, arguments);
                Box::pin(async move { to(running.await?) })
            }
            Err(error) => Box::pin(async move { Err(ToolError::arguments(error.to_string())) }),
        },
    )
}

impl Tool {
    /// Accepts other names for arguments, as `(alias, name)`. They are not advertised.
    pub fn with_aliases(self, aliases: &'static [(&'static str, &'static str)]) -> Self {
        Self { aliases, ..self }
    }

    /// Whether it makes a plan before it acts.
    pub fn is_planned(&self) -> bool {
        self.plan.is_some()
    }

    /// The JSON Schema of the arguments.
    pub fn input_schema(&self) -> &Arc<Map<String, Value>> {
        self.input.get_or_init(|| {
            let schema = (self.make_input)();
            Arc::new(if self.spec.guard == Guard::None {
                schema
            } else {
                schema::with_confirmation(schema)
            })
        })
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

    /// Notes in the journal that a change was refused before it was looked at.
    pub fn note_refusal(
        &self,
        surface: &Arc<Surface>,
        arguments: &Map<String, Value>,
        error: &ToolError,
    ) {
        if !self.spec.effect.is_read() {
            Attempt::new(surface.clone(), self.spec.name, arguments).refused(error);
        }
    }

    /// Checks the arguments, runs the tool, behind the guard if it changes something, and cuts the answer to size.
    pub async fn call(
        &self,
        cx: Context,
        arguments: Map<String, Value>,
        host: Host,
    ) -> Result<Called, ToolError> {
        let arguments =
            arguments::check(self.spec.name, self.input_schema(), self.aliases, arguments)?;
        let called = if self.spec.effect.is_read() {
            (self.run)(cx.clone(), Value::Object(arguments.clone()))
                .await
                .map(Called::Answered)
        } else {
            change::run(self, &cx, arguments.clone(), host).await
        };
        match called {
            Ok(Called::Answered(answer)) => {
                let answer = names::added(&cx, &arguments, answer).await;
                answer::cut(answer::visible(answer)).map(Called::Answered)
            }
            Ok(asks) => Ok(asks),
            Err(error) => {
                let refusal = Refusal {
                    cx: &cx,
                    scope: self.spec.scope,
                    arguments: &arguments,
                };
                Err(refusal.explained(error).await)
            }
        }
    }
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool")
            .field("spec", &self.spec)
            .finish_non_exhaustive()
    }
}
