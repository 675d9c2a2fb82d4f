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

use super::{Context, Effect, Scopes, ToolError, Toolset, Write, answer, schema};
use crate::{
    guard::{Guard, Plan},
    make::WritePermit,
};

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
    pub scopes: Scopes,
    /// Arguments that work in the sandbox.
    pub example: Value,
}

pub(crate) type ToolFuture<T> = Pin<Box<dyn Future<Output = Result<T, ToolError>> + Send>>;
pub(crate) type ReadFn = Box<dyn Fn(Context, Value) -> ToolFuture<Value> + Send + Sync>;
pub(crate) type PlanFn = Box<dyn Fn(Context, Value) -> ToolFuture<Plan> + Send + Sync>;
pub(crate) type WriteFn =
    Box<dyn Fn(Context, Value, WritePermit) -> ToolFuture<Value> + Send + Sync>;

/// What a tool runs. Only what writes gets a permit, and only a plan stands before a guarded write.
pub(crate) enum Action {
    /// Changes nothing at Make.
    Read(ReadFn),
    /// Changes something that needs no confirmation.
    Write(WriteFn),
    /// Changes something once its plan is confirmed.
    Guarded(Guard, PlanFn, WriteFn),
}

/// A tool: its spec, its schemas, and what it runs.
pub struct Tool {
    /// What is written by hand.
    pub spec: ToolSpec,
    effect: Effect,
    pub(crate) aliases: &'static [(&'static str, &'static str)],
    /// Optional arguments whose blank value clears something; of others it counts as not given.
    pub clearable: &'static [&'static str],
    make_input: fn() -> Map<String, Value>,
    make_output: fn() -> Map<String, Value>,
    input: OnceLock<Arc<Map<String, Value>>>,
    output: OnceLock<Arc<Map<String, Value>>>,
    pub(crate) action: Action,
}

impl ToolSpec {
    /// Binds the spec to what reads Make.
    pub fn reads<Args, Answer, Fut>(
        self,
        run: impl Fn(Context, Args) -> Fut + Send + Sync + 'static,
    ) -> Tool
    where
        Args: DeserializeOwned + JsonSchema + 'static,
        Answer: Serialize + JsonSchema + 'static,
        Fut: Future<Output = Result<Answer, ToolError>> + Send + 'static,
    {
        let run: ReadFn = Box::new(move |cx, arguments| {
            typed(arguments, |args| run(cx, args), |answer| answer::to_value(&answer))
        });
        self.bind::<Args, Answer>(Effect::Read, Action::Read(run))
    }

    /// Binds the spec to what reads Make and writes a file on this machine.
    pub fn reports<Args, Answer, Fut>(
        self,
        run: impl Fn(Context, Args) -> Fut + Send + Sync + 'static,
    ) -> Tool
    where
        Args: DeserializeOwned + JsonSchema + 'static,
        Answer: Serialize + JsonSchema + 'static,
        Fut: Future<Output = Result<Answer, ToolError>> + Send + 'static,
    {
        Tool { effect: Effect::Report, ..self.reads(run) }
    }

    /// Binds the spec to what changes something without a confirmation.
    pub fn writes<Args, Answer, Fut>(
        self,
        write: Write,
        run: impl Fn(Context, Args, WritePermit) -> Fut + Send + Sync + 'static,
    ) -> Tool
    where
        Args: DeserializeOwned + JsonSchema + 'static,
        Answer: Serialize + JsonSchema + 'static,
        Fut: Future<Output = Result<Answer, ToolError>> + Send + 'static,
    {
        self.bind::<Args, Answer>(write.into(), Action::Write(permitted(run)))
    }

    /// Binds the spec to what plans a change and what carries it out once it is confirmed.
    ///
    /// ```
    /// # use make_admin_mcp::{guard::{Guard, Plan}, make::WritePermit};
    /// # use make_admin_mcp::tools::registry::{Context, Tool, ToolError, ToolSpec, Write};
    /// # #[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
    /// # struct Id {}
    /// async fn plan(_: Context, _: Id) -> Result<Plan, ToolError> {
    ///     Ok(Plan::new("Acme", "Delete the organization \"Acme\"."))
    /// }
    /// async fn run(_: Context, id: Id, _: WritePermit) -> Result<Id, ToolError> {
    ///     Ok(id)
    /// }
    /// fn tool(spec: ToolSpec) -> Tool {
    ///     spec.guarded(Write::Delete, Guard::G2, plan, run)
    /// }
    /// ```
    ///
    /// Without a plan it does not compile, and what takes a permit cannot be bound as a reading tool:
    ///
    /// ```compile_fail,E0061
    /// # use make_admin_mcp::{guard::{Guard, Plan}, make::WritePermit};
    /// # use make_admin_mcp::tools::registry::{Context, Tool, ToolError, ToolSpec, Write};
    /// # #[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
    /// # struct Id {}
    /// # async fn run(_: Context, id: Id, _: WritePermit) -> Result<Id, ToolError> {
    /// #     Ok(id)
    /// # }
    /// fn tool(spec: ToolSpec) -> Tool {
    ///     spec.guarded(Write::Delete, Guard::G2, run)
    /// }
    /// ```
    ///
    /// ```compile_fail,E0593
    /// # use make_admin_mcp::make::WritePermit;
    /// # use make_admin_mcp::tools::registry::{Context, Tool, ToolError, ToolSpec};
    /// # #[derive(serde::Deserialize, serde::Serialize, schemars::JsonSchema)]
    /// # struct Id {}
    /// # async fn run(_: Context, id: Id, _: WritePermit) -> Result<Id, ToolError> {
    /// #     Ok(id)
    /// # }
    /// fn tool(spec: ToolSpec) -> Tool {
    ///     spec.reads(run)
    /// }
    /// ```
    pub fn guarded<Args, Answer, Planning, Fut>(
        self,
        write: Write,
        level: Guard,
        plan: impl Fn(Context, Args) -> Planning + Send + Sync + 'static,
        run: impl Fn(Context, Args, WritePermit) -> Fut + Send + Sync + 'static,
    ) -> Tool
    where
        Args: DeserializeOwned + JsonSchema + 'static,
        Answer: Serialize + JsonSchema + 'static,
        Planning: Future<Output = Result<Plan, ToolError>> + Send + 'static,
        Fut: Future<Output = Result<Answer, ToolError>> + Send + 'static,
    {
        let plan: PlanFn =
            Box::new(move |cx, arguments| typed(arguments, |args| plan(cx, args), Ok));
        self.bind::<Args, Answer>(write.into(), Action::Guarded(level, plan, permitted(run)))
    }

    fn bind<Args: JsonSchema, Answer: JsonSchema>(self, effect: Effect, action: Action) -> Tool {
        Tool {
            spec: self,
            effect,
            aliases: &[],
            clearable: &[],
            make_input: schema::of_arguments::<Args>,
            make_output: schema::of_answer::<Answer>,
            input: OnceLock::new(),
            output: OnceLock::new(),
            action,
        }
    }
}

/// A writing function for arguments as JSON.
fn permitted<Args, Answer, Fut>(
    run: impl Fn(Context, Args, WritePermit) -> Fut + Send + Sync + 'static,
) -> WriteFn
where
    Args: DeserializeOwned,
    Answer: Serialize + 'static,
    Fut: Future<Output = Result<Answer, ToolError>> + Send + 'static,
{
    Box::new(move |cx, arguments, permit| {
        typed(arguments, |args| run(cx, args, permit), |answer| answer::to_value(&answer))
    })
}

/// Runs a function of typed arguments on arguments as JSON.
fn typed<Args, Out, To, Fut>(
    arguments: Value,
    run: impl FnOnce(Args) -> Fut,
    to: fn(Out) -> Result<To, ToolError>,
) -> ToolFuture<To>
where
    Args: DeserializeOwned,
    Out: 'static,
    To: Send + 'static,
    Fut: Future<Output = Result<Out, ToolError>> + Send + 'static,
{
    match serde_json::from_value::<Args>(arguments) {
        Ok(arguments) => {
            let running = run(arguments);
            Box::pin(async move { to(running.await?) })
        }
        Err(error) => Box::pin(async move { Err(ToolError::arguments(error.to_string())) }),
    }
}

impl Tool {
    /// Accepts other names for arguments, as `(alias, name)`. They are not advertised.
    pub fn with_aliases(self, aliases: &'static [(&'static str, &'static str)]) -> Self {
        Self { aliases, ..self }
    }

    /// Lets a blank value of these optional arguments clear something; of others it counts as not given.
    pub fn clearing(self, clearable: &'static [&'static str]) -> Self {
        Self { clearable, ..self }
    }

    /// What it does to Make.
    pub fn effect(&self) -> Effect {
        self.effect
    }

    /// The least confirmation that it needs; None if it needs none.
    pub fn guard(&self) -> Option<Guard> {
        match self.action {
            Action::Guarded(level, ..) => Some(level),
            Action::Read(_) | Action::Write(_) => None,
        }
    }

    /// The JSON Schema of the arguments.
    pub fn input_schema(&self) -> &Arc<Map<String, Value>> {
        self.input.get_or_init(|| {
            let schema = (self.make_input)();
            Arc::new(match self.guard() {
                None => schema,
                Some(_) => schema::with_confirmation(schema),
            })
        })
    }

    /// The JSON Schema of every successful answer.
    pub fn output_schema(&self) -> &Arc<Map<String, Value>> {
        self.output.get_or_init(|| {
            let schema = (self.make_output)();
            Arc::new(match self.guard() {
                None => schema,
                Some(_) => schema::with_outcome(schema),
            })
        })
    }
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool").field("spec", &self.spec).finish_non_exhaustive()
    }
}
