//! What a tool is.

pub(crate) mod answer;
pub(crate) mod arguments;
mod context;
mod error;
mod kinds;
pub(crate) mod paging;
mod schema;
mod selection;
mod tool;

pub use context::{AccountEnv, Context, Hidden, Progress, ProgressStep, RETRY_BUDGET};
pub use error::{ErrorKind, HOW_TO_SIGN_IN, ToolError};
pub use kinds::{Effect, Scope, Toolset};
pub use selection::Selection;
pub use tool::{Tool, ToolSpec};
