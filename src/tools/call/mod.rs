//! What happens to a call of a tool, in order: input, target, the guard, the tool itself, labels, output, diagnosis.

mod diagnosis;
mod guarded;
mod input;
mod labels;
pub(crate) mod output;

mod recorder;
mod target;

use std::sync::Arc;

use serde_json::{Map, Value};

pub use output::ANSWER_ROOM;

use self::{diagnosis::Diagnosis, recorder::Recorder};
use super::registry::{AccountEnv, Context, Tool, ToolError};
use crate::guard::{Host, Question};

/// What a call of a tool leads to.
#[derive(Debug)]
pub enum CallResult {
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

impl Tool {
    /// Notes in the journal that a change was refused before it was looked at.
    pub fn note_refusal(
        &self,
        account: &Arc<AccountEnv>,
        arguments: &Map<String, Value>,
        error: &ToolError,
    ) {
        if !self.spec.effect.is_read() {
            Recorder::new(account.clone(), self.spec.name, arguments).refused(error);
        }
    }

    /// Checks the arguments, runs the tool, behind the guard if it changes something, and cuts the answer to size.
    pub async fn call(
        &self,
        cx: Context,
        arguments: Map<String, Value>,
        host: Host,
    ) -> Result<CallResult, ToolError> {
        let arguments = input::check(self.spec.name, self.input_schema(), self.aliases, arguments)?;
        let within = target::within(&cx, &arguments).await;
        let called = if let Err(beyond) = within {
            self.note_refusal(&cx.account, &arguments, &beyond);
            return Err(beyond);
        } else if self.spec.effect.is_read() {
            (self.run)(cx.clone(), Value::Object(arguments.clone())).await.map(CallResult::Answered)
        } else {
            guarded::run(self, &cx, arguments.clone(), host).await
        };
        match called {
            Ok(CallResult::Answered(answer)) => {
                let answer = labels::added(&cx, &arguments, answer).await;
                output::cut(output::visible(answer), cx.room).map(CallResult::Answered)
            }
            Ok(asks) => Ok(asks),
            Err(error) => {
                let refusal = Diagnosis { cx: &cx, scope: self.spec.scope, arguments: &arguments };
                Err(refusal.explained(error).await)
            }
        }
    }
}
