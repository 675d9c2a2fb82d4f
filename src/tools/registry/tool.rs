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

use super::{Context, Effect, Scope, ToolError, Toolset, answer, schema};
use crate::guard::{Guard, Plan};

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

type ToolFuture<T> = Pin<Box<dyn Future<Output = Result<T, ToolError>> + Send>>;
type RunFn<T> = Box<dyn Fn(Context, Value) -> ToolFuture<T> + Send + Sync>;

/// A tool: its spec, its schemas, and what it runs.
pub struct Tool {
    /// What is written by hand.
    pub spec: ToolSpec,
    pub(crate) aliases: &'static [(&'static str, &'static str)],
    make_input: fn() -> Map<String, Value>,
    make_output: fn() -> Map<String, Value>,
    input: OnceLock<Arc<Map<String, Value>>>,
    output: OnceLock<Arc<Map<String, Value>>>,
    /// What a guarded tool would do. It reads only.
    pub(crate) plan: Option<RunFn<Plan>>,
    /// What the tool does.
    pub(crate) run: RunFn<Value>,
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
        Tool { plan: Some(plan), ..self.calls(run) }
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
) -> RunFn<To>
where
    Args: DeserializeOwned + 'static,
    Out: 'static,
    To: Send + 'static,
    Fut: Future<Output = Result<Out, ToolError>> + Send + 'static,
{
    Box::new(move |cx, arguments| match serde_json::from_value::<Args>(arguments) {
        Ok(arguments) => {
            let running = run(cx, arguments);
            Box::pin(async move { to(running.await?) })
        }
        Err(error) => Box::pin(async move { Err(ToolError::arguments(error.to_string())) }),
    })
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
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool").field("spec", &self.spec).finish_non_exhaustive()
    }
}
