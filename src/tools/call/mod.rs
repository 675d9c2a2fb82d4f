//! What happens to a call of a tool, in order: input, target, the guard, the tool itself, fence, labels,
//! output, diagnosis.

mod diagnosis;
mod fence;
mod input;
mod labels;
mod output;
mod target;

use std::sync::Arc;

use serde_json::{Map, Value};

pub use output::ANSWER_ROOM;

use self::{diagnosis::Diagnosis, target::Target};
use super::registry::{
    AccountEnv, Action, Context, PlanFn, RETRY_BUDGET, Tool, ToolError, WriteFn,
};
use crate::{
    guard::{Change, ChangeResult, FailedChange, Guard, Guarded, Host, Question, Recorder},
    make::OrganizationId,
};

/// What a call of a tool leads to.
#[derive(Debug)]
pub enum CallResult {
    /// An answer.
    Answered(Value),
    /// A question to the user; the host calls again with the plan's id and the reply.
    Asks {
        /// The plan's id.
        id: String,
        /// The question.
        question: Question,
    },
}

impl Tool {
    /// Checks the arguments, runs the tool, behind the guard if it changes something, and makes the answer fit for a
    /// model.
    pub async fn call(
        &self,
        cx: Context,
        arguments: Map<String, Value>,
        host: Host,
    ) -> Result<CallResult, ToolError> {
        let arguments = input::check(self, arguments)?;
        let target = Target::of(&arguments);
        let diagnosis = Diagnosis { cx: &cx, scopes: self.spec.scopes, target: &target };
        let organizations = match target.organizations(&cx, self.effect()).await {
            Ok(organizations) => organizations,
            Err(refused) => {
                self.note_refusal(&cx.account, &arguments, &refused);
                // A profile that is limited to organizations must not learn of others.
                let explained = match &cx.account.organizations {
                    Some(_) => refused,
                    None => diagnosis.explain(refused).await,
                };
                return Err(cx.account.possible(explained));
            }
        };
        let result = match &self.action {
            Action::Read(run) => run(cx.clone(), arguments.into()).await.map(CallResult::Answered),
            Action::Write(run) => self.change(&cx, arguments, host, organizations, None, run).await,
            Action::Guarded(level, plan, run) => {
                let guarded = Some((*level, plan));
                self.change(&cx, arguments, host, organizations, guarded, run).await
            }
        };
        match result {
            Ok(CallResult::Answered(answer)) => {
                let answer = fence::within(&cx, self.spec.name, &target, answer).await?;
                let answer = labels::with_names(&cx, &target, answer).await;
                output::cut(output::visible(answer), cx.room).map(CallResult::Answered)
            }
            Ok(asks) => Ok(asks),
            Err(error) => Err(cx.account.possible(diagnosis.explain(error).await)),
        }
    }

    /// Hands a change to the guard.
    async fn change(
        &self,
        cx: &Context,
        mut arguments: Map<String, Value>,
        host: Host,
        organizations: Vec<Option<OrganizationId>>,
        guarded: Option<(Guard, &PlanFn)>,
        run: &WriteFn,
    ) -> Result<CallResult, ToolError> {
        let confirmation = match arguments.remove("confirmation") {
            Some(Value::String(id)) => Some(id),
            _ => None,
        };
        // A plan reads the present state, past every cache.
        let planning = cx.clone().with_make(|make| make.uncached());
        let planned = arguments.clone();
        let guarded = guarded.map(|(level, plan)| Guarded {
            level,
            plan: Box::new(move || plan(planning.clone(), planned.clone().into())),
        });
        let is_guarded = guarded.is_some();
        let make = &cx.make;
        let tool = self.spec.name;
        let change = Change { tool, arguments, confirmation, organizations, make, guarded };
        let result = cx.account.control.conduct(change, host, |permit, arguments| {
            // The whole time again, since the user may have taken minutes.
            let cx = cx.clone().with_make(|make| make.retrying_for(RETRY_BUDGET));
            run(cx, arguments.into(), permit)
        });
        Ok(match result.await? {
            ChangeResult::Applied(answer) if is_guarded => {
                CallResult::Answered(output::applied(answer))
            }
            ChangeResult::Applied(answer) => CallResult::Answered(answer),
            ChangeResult::Ask(id, question) => CallResult::Asks { id, question },
            ChangeResult::Wait(plan) => CallResult::Answered(output::waiting(&plan)),
        })
    }

    /// Notes in the journal that a change was refused before it was looked at.
    pub fn note_refusal(
        &self,
        account: &Arc<AccountEnv>,
        arguments: &Map<String, Value>,
        error: &ToolError,
    ) {
        if !self.effect().is_read() {
            let recorder = Recorder::new(account.control.clone(), self.spec.name, arguments);
            recorder.refused(FailedChange::from(error));
        }
    }
}
