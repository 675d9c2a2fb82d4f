//! What a tool is.

pub(crate) mod answer;
pub(crate) mod arguments;
mod context;
mod effect;
mod error;
mod make_error;
pub(crate) mod paging;
mod schema;
mod scope;
mod selection;
mod tool;
mod toolset;

pub use context::{AccountEnv, Context, Hidden, Progress, ProgressStep, RETRY_BUDGET};
pub use effect::{Effect, Write};
pub use error::{ErrorKind, HOW_TO_SIGN_IN, ToolError};
pub use scope::Scopes;
pub use selection::Selection;
pub(crate) use tool::{Action, PlanFn, WriteFn};
pub use tool::{Tool, ToolSpec};
pub use toolset::Toolset;
