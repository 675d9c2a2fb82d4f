//! A call, from the account that it names to what the host is answered.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join_all;
use rmcp::{
    ErrorData, RoleServer,
    model::{CallToolRequestParams, CallToolResponse},
    service::RequestContext,
};
use serde_json::Value;
use tokio::sync::mpsc;

use super::{
    Server, names, profiles,
    profiles::ProfileChoice,
    progress::{ProgressEvent, ProgressReporter},
};
use crate::{
    guard::Host,
    tools::{
        call::CallResult,
        registry::{ErrorKind, ProgressStep, Tool, ToolError},
    },
};

/// What a host is answered.
pub(super) enum CallOutcome {
    Answer(Result<Value, ToolError>),
    /// The answers of several accounts; an error if all of them failed.
    Answers(Result<Value, Value>),
    Asks(CallToolResponse),
}

impl Server {
    /// Runs a call, telling the host about waits, until it is answered or the host cancels.
    pub(super) async fn answer(
        &self,
        tool: &Tool,
        request: CallToolRequestParams,
        host: &RequestContext<RoleServer>,
    ) -> Result<CallOutcome, ErrorData> {
        let (told, mut events) = mpsc::unbounded_channel();
        let running = self.outcome(tool, request, host, told);
        tokio::pin!(running);
        let mut teller = ProgressReporter::new(host);
        loop {
            tokio::select! {
                outcome = &mut running => {
                    // How far it came at the end is news too.
                    while let Ok(events) = events.try_recv() {
                        teller.tell(events).await;
                    }
                    return outcome;
                }
                Some(events) = events.recv() => teller.tell(events).await,
                () = host.ct.cancelled() => {
                    return Ok(CallOutcome::Answer(Err(cancelled(tool))));
                }
            }
        }
    }

    async fn outcome(
        &self,
        tool: &Tool,
        mut request: CallToolRequestParams,
        host: &RequestContext<RoleServer>,
        events: mpsc::UnboundedSender<ProgressEvent>,
    ) -> Result<CallOutcome, ErrorData> {
        let accounts = &self.0.accounts;
        let chosen = if self.0.several {
            let known: Vec<_> = accounts.iter().collect();
            let arguments = request.arguments.get_or_insert_default();
            profiles::chosen(tool, &names(&known), arguments)
        } else {
            Ok(ProfileChoice::One(0))
        };
        let account = match chosen {
            Ok(ProfileChoice::One(place)) => &accounts[place],
            Ok(ProfileChoice::All) => return Ok(self.of_all(tool, &request, &events).await),
            Err(wrong) => return Ok(CallOutcome::Answer(Err(wrong))),
        };
        let named = account.profile().filter(|_| self.0.several);
        let asking = match account.admitted(tool, &mut request, &self.0.sealer, host) {
            Ok(asking) => asking,
            Err(refused) => return Ok(CallOutcome::Answer(Err(refused))),
        };
        let answer = match account.run(tool, request, asking, events, 1).await {
            Ok(CallResult::Asks { id, question }) => {
                let asking = self.0.sealer.asking(tool.spec.name, &id, &question);
                let asking = asking.ok_or_else(|| {
                    ErrorData::internal_error("the question cannot be written as a form", None)
                })?;
                return Ok(CallOutcome::Asks(asking.into()));
            }
            Ok(CallResult::Answered(answer)) => Ok(answer),
            Err(error) => Err(error),
        };
        Ok(CallOutcome::Answer(answer.map(|answer| match named {
            Some(profile) => profiles::of_one(profile, answer),
            None => answer,
        })))
    }

    /// Runs the call in every account, side by side.
    async fn of_all(
        &self,
        tool: &Tool,
        request: &CallToolRequestParams,
        events: &mpsc::UnboundedSender<ProgressEvent>,
    ) -> CallOutcome {
        let accounts = &self.0.accounts;
        let done = AtomicU64::new(0);
        let calls = accounts.iter().map(async |account| {
            let profile = account.profile().unwrap_or_default();
            // How far each is would be told in one row, which only grows.
            let (own, _) = mpsc::unbounded_channel();
            let answer = match account.may_call(tool) {
                Ok(()) => {
                    account.run(tool, request.clone(), Host::CannotAsk, own, accounts.len()).await
                }
                Err(refused) => Err(refused),
            };
            let _ = events.send(ProgressEvent::Step(ProgressStep {
                done: done.fetch_add(1, Ordering::Relaxed) + 1,
                total: Some(accounts.len() as u64),
                message: format!("{profile} answered"),
            }));
            let answer = answer.and_then(|called| match called {
                CallResult::Answered(answer) => Ok(answer),
                CallResult::Asks { .. } => Err(ToolError::new(
                    ErrorKind::RefusedByPolicy,
                    "a change is for one account at a time",
                )),
            });
            (profile, answer)
        });
        CallOutcome::Answers(profiles::of_all(join_all(calls).await))
    }
}

/// The host cancelled, or the server is ending.
fn cancelled(tool: &Tool) -> ToolError {
    if tool.effect().is_read() {
        return ToolError::new(ErrorKind::Cancelled, "the call was cancelled");
    }
    let message = "the call was cancelled; the change may or may not have been carried out";
    ToolError::new(ErrorKind::Cancelled, message)
        .with_hint("read the present state before calling again")
}
