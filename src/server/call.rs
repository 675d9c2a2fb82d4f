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
    profiles::Chosen,
    progress::{News, Teller},
};
use crate::{
    guard::Host,
    tools::{
        call::Called,
        registry::{Kind, Step, Tool, ToolError},
    },
};

/// What a host is answered.
pub(super) enum Outcome {
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
    ) -> Result<Outcome, ErrorData> {
        let (told, mut news) = mpsc::unbounded_channel();
        let running = self.outcome(tool, request, host, told);
        tokio::pin!(running);
        let mut teller = Teller::new(host);
        loop {
            tokio::select! {
                outcome = &mut running => {
                    // How far it came at the end is news too.
                    while let Ok(news) = news.try_recv() {
                        teller.tell(news).await;
                    }
                    return outcome;
                }
                Some(news) = news.recv() => teller.tell(news).await,
                () = host.ct.cancelled() => {
                    return Ok(Outcome::Answer(Err(cancelled(tool))));
                }
            }
        }
    }

    async fn outcome(
        &self,
        tool: &Tool,
        mut request: CallToolRequestParams,
        host: &RequestContext<RoleServer>,
        news: mpsc::UnboundedSender<News>,
    ) -> Result<Outcome, ErrorData> {
        let accounts = &self.0.accounts;
        let chosen = if self.0.several {
            let known: Vec<_> = accounts.iter().collect();
            let arguments = request.arguments.get_or_insert_default();
            profiles::chosen(tool, &names(&known), arguments)
        } else {
            Ok(Chosen::One(0))
        };
        let account = match chosen {
            Ok(Chosen::One(place)) => &accounts[place],
            Ok(Chosen::All) => return Ok(self.of_all(tool, &request, &news).await),
            Err(wrong) => return Ok(Outcome::Answer(Err(wrong))),
        };
        let named = account.profile().filter(|_| self.0.several);
        let asking = match account.admitted(tool, &mut request, &self.0.seals, host) {
            Ok(asking) => asking,
            Err(refused) => return Ok(Outcome::Answer(Err(refused))),
        };
        let answer = match account.run(tool, request, asking, news, 1).await {
            Ok(Called::Asks { id, question }) => {
                let asking = self.0.seals.asking(tool.spec.name, &id, &question);
                let asking = asking.ok_or_else(|| {
                    ErrorData::internal_error("the question cannot be written as a form", None)
                })?;
                return Ok(Outcome::Asks(asking.into()));
            }
            Ok(Called::Answered(answer)) => Ok(answer),
            Err(error) => Err(error),
        };
        Ok(Outcome::Answer(answer.map(|answer| match named {
            Some(profile) => profiles::of_one(profile, answer),
            None => answer,
        })))
    }

    /// The same call in every account, side by side.
    async fn of_all(
        &self,
        tool: &Tool,
        request: &CallToolRequestParams,
        news: &mpsc::UnboundedSender<News>,
    ) -> Outcome {
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
            let _ = news.send(News::Step(Step {
                done: done.fetch_add(1, Ordering::Relaxed) + 1,
                total: Some(accounts.len() as u64),
                message: format!("{profile} answered"),
            }));
            let answer = answer.and_then(|called| match called {
                Called::Answered(answer) => Ok(answer),
                Called::Asks { .. } => Err(ToolError::new(
                    Kind::RefusedByPolicy,
                    "a change is for one account at a time",
                )),
            });
            (profile, answer)
        });
        Outcome::Answers(profiles::of_all(join_all(calls).await))
    }
}

/// The host cancelled, or the server is ending.
fn cancelled(tool: &Tool) -> ToolError {
    if tool.spec.effect.is_read() {
        return ToolError::new(Kind::Cancelled, "the call was cancelled");
    }
    let message = "the call was cancelled; the change may or may not have been carried out";
    ToolError::new(Kind::Cancelled, message)
        .with_hint("read the present state before calling again")
}
