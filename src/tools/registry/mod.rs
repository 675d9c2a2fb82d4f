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

pub use context::{Context, Hidden, PATIENCE, Progress, Step, Surface};
pub use error::{HOW_TO_SIGN_IN, Kind, ToolError};
pub use kinds::{Effect, Scope, Toolset};
pub use selection::Selection;
pub use tool::{Tool, ToolSpec};
