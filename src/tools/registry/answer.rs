//! Answers that several tools give.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{ErrorKind, ToolError};

/// What Make answers where there is nothing to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Done {
    /// 1: it was done.
    ok: u8,
}

impl Default for Done {
    fn default() -> Self {
        Self { ok: 1 }
    }
}

/// The answer as JSON.
pub(crate) fn to_value(answer: &impl Serialize) -> Result<Value, ToolError> {
    serde_json::to_value(answer).map_err(|error| {
        ToolError::new(
            ErrorKind::UnexpectedResponse,
            format!("the answer cannot be written as JSON: {error}"),
        )
    })
}
