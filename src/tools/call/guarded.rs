//! A change, from the call to the journal: policy, plan, confirmation, write.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    CallResult,
    recorder::{RecordOnDrop, Recorder},
};
use crate::{
    guard::{
        AccountId, Channel, Confirm, FormReply, Guard, Host, JournalOutcome, Plan, PlannedCall,
        Question, Refused, changes,
    },
    make::{OrganizationId, TeamId, Witness},
    tools::{
        lookup::organizations,
        registry::{Context, ErrorKind, Tool, ToolError},
    },
};

/// Carries a change out, or says what must happen first.
pub(crate) async fn run(
    tool: &Tool,
    cx: &Context,
    mut arguments: Map<String, Value>,
    host: Host,
) -> Result<CallResult, ToolError> {
    let confirmation = match arguments.remove("confirmation") {
        Some(Value::String(id)) => Some(id),
        _ => None,
    };
    let recorder = Arc::new(Recorder::new(cx.account.clone(), tool.spec.name, &arguments));
    // Dropped with the call, however that ends.
    let _watch = RecordOnDrop(&recorder);
    let change = GuardedCall { tool, cx, arguments, recorder: &recorder };
    match change.admitted(confirmation, host).await {
        Ok(None) => {}
        Ok(Some(first)) => return Ok(first),
        Err(error) => {
            recorder.refused(&error);
            return Err(error);
        }
    }
    let result = (tool.run)(cx.writing(&recorder), change.arguments.into()).await;
    recorder.ended(&result);
    result.map(|answer| {
        CallResult::Answered(match tool.spec.guard {
            Guard::None => answer,
            Guard::G1 | Guard::G2 => super::output::applied(answer),
        })
    })
}

/// A call that would change something.
struct GuardedCall<'a> {
    tool: &'a Tool,
    cx: &'a Context,
    arguments: Map<String, Value>,
    recorder: &'a Recorder,
}

impl GuardedCall<'_> {
    /// None once the change may be carried out; else what the caller is told first.
    async fn admitted(
        &self,
        confirmation: Option<String>,
        host: Host,
    ) -> Result<Option<CallResult>, ToolError> {
        let env = &self.cx.account;
        if let Some(id) = self.arguments.get("organizationId").and_then(Value::as_u64) {
            env.policy.organization(OrganizationId(id))?;
        }
        if let Some(id) = self.arguments.get("teamId").and_then(Value::as_u64)
            && env.policy.limits_organizations()
        {
            let team = organizations::team(&self.cx.planning(), TeamId(id)).await?;
            match team.organization_id {
                Some(id) => env.policy.organization(id)?,
                None => env.policy.new_organization()?,
            }
        }
        if self.tool.plan.is_none() {
            return Ok(None);
        }
        match (confirmation, host) {
            _ if env.confirm == Confirm::Off => {
                self.planned().await?;
                Ok(None)
            }
            (Some(id), _) => self.confirmed(&id, None).await.map(|()| None),
            (None, Host::CallsAgain(Some((id, reply)))) => {
                self.confirmed(&id, Some(reply)).await.map(|()| None)
            }
            (None, host) => self.asked(host).await,
        }
    }

    /// What the change would do, and whose account it would change.
    async fn planned(&self) -> Result<(Plan, AccountId), ToolError> {
        let cx = self.cx.planning();
        let account = account(&cx).await?;
        self.recorder.is_by(account.clone());
        let plan = self.tool.plan.as_ref().map(|plan| plan(cx, self.arguments.clone().into()));
        match plan {
            Some(plan) => Ok((plan.await?, account)),
            None => Err(ToolError::new(ErrorKind::RefusedByPolicy, "this tool cannot be planned")),
        }
    }

    /// Plans, and asks in the way that is left.
    async fn asked(&self, host: Host) -> Result<Option<CallResult>, ToolError> {
        let env = &self.cx.account;
        let (plan, account) = self.planned().await?;
        let channel = match (&host, env.confirm, plan.level) {
            (_, Confirm::Operator, _) | (Host::CannotAsk, _, Guard::G2) => Channel::Terminal,
            (Host::CannotAsk, _, _) => Channel::Repetition,
            (Host::Asks(_) | Host::CallsAgain(_), _, _) => Channel::Form,
        };
        let pending = PlannedCall {
            plan: plan.clone(),
            tool: self.tool.spec.name,
            arguments: self.arguments.clone(),
            account,
            channel,
        };
        let (id, ends) = env.pending_plans.insert(pending)?;
        self.recorder.plan_is(&id);
        self.recorder.note(JournalOutcome::Planned)?;
        match (channel, host) {
            (Channel::Form, Host::Asks(ask)) => {
                let reply = ask(self.question(&plan)).await;
                self.confirmed(&id, Some(reply)).await.map(|()| None)
            }
            (Channel::Form, _) => Ok(Some(CallResult::Asks { id, question: self.question(&plan) })),
            (Channel::Repetition | Channel::Terminal, _) => {
                let how = self.how(&id, channel);
                Ok(Some(CallResult::Answered(json!({
                    "outcome": "confirmation_required",
                    "plan": {
                        "id": id, "summary": plan.summary, "before": plan.before,
                        "after": plan.after,
                        "sideEffects": plan.side_effects, "expiresAt": format!("{ends:.0}"),
                        "how": how,
                    },
                }))))
            }
        }
    }

    /// What the person is asked; of several accounts they must know which.
    fn question(&self, plan: &Plan) -> Question {
        let question = plan.question();
        match &self.cx.account.profile {
            Some(profile) => {
                Question { text: format!("[{profile}] {}", question.text), ..question }
            }
            None => question,
        }
    }

    /// What a model does with a plan.
    fn how(&self, id: &str, channel: Channel) -> String {
        let tool = self.tool.spec.name;
        match channel {
            Channel::Terminal => format!(
                "Nothing was changed. Tell the person to run `{}` in a terminal, read the plan \
                 there and type the name. Once they have, call {tool} again with the same \
                 arguments and confirmation \"{id}\".",
                self.cx.account.pending_plans.command(id)
            ),
            Channel::Repetition | Channel::Form => format!(
                "Nothing was changed. Show this plan to the person. Only if they agree, call \
                 {tool} again with the same arguments and confirmation \"{id}\". This host cannot \
                 ask them itself, so its own permission prompt is the only check."
            ),
        }
    }

    /// Takes the plan, checks what the person said and that everything is still as the plan saw it.
    async fn confirmed(&self, id: &str, reply: Option<FormReply>) -> Result<(), ToolError> {
        let env = &self.cx.account;
        let name = self.tool.spec.name;
        self.recorder.plan_is(id);
        let taken = env.pending_plans.redeem(id, reply.is_some(), name, &self.arguments);
        let said_no = |why: &str| {
            ToolError::new(ErrorKind::Cancelled, format!("{why}; nothing was changed"))
                .with_hint("do not ask again unless the person wants it")
        };
        // Who said no hears nothing of a plan that has ended meanwhile.
        if let Some(why) = reply.as_ref().and_then(FormReply::is_no) {
            return Err(said_no(why));
        }
        let pending = taken?;
        if let Some(reply) = reply {
            pending.plan.accepts(&reply).map_err(said_no)?;
        }
        let (plan, account) = self.planned().await?;
        let again = format!("call {name} without `confirmation` to make a new plan");
        if account != pending.account {
            return Err(Refused::new("the plan was made for another account", again).into());
        }
        if plan != pending.plan {
            return Err(Refused::new(
                format!("the state has changed since the plan: {}", drift(&pending.plan, &plan)),
                again,
            )
            .into());
        }
        self.recorder.note(JournalOutcome::Confirmed)
    }
}

fn drift(seen: &Plan, found: &Plan) -> String {
    let mut list = changes(&seen.before, &found.before);
    if list.is_empty() {
        list = changes(&seen.after, &found.after);
    }
    let new = found.side_effects.iter().filter(|effect| !seen.side_effects.contains(effect));
    list.extend(new.map(|effect| format!("now: {effect}")));
    if list.is_empty() {
        list.push("its consequences are others".to_owned());
    }
    list.join("; ")
}

async fn account(cx: &Context) -> Result<AccountId, ToolError> {
    let me = cx.make.me().get().await?;
    let user_id = me.id.ok_or_else(|| {
        ToolError::new(ErrorKind::UnexpectedResponse, "Make did not say who the caller is")
    })?;
    Ok(AccountId { user_id, zone: cx.account.zone.clone() })
}

impl Context {
    /// The same, past every cache and unable to write.
    fn planning(&self) -> Self {
        let witness = Witness {
            before: Arc::new(|| Box::pin(async { Err("a plan only reads".to_owned()) })),
            after: Arc::new(|_| {}),
        };
        Self { make: self.make.uncached().witnessed_by(witness), ..self.clone() }
    }

    /// The same with the whole patience, since a person may have taken minutes; every write is noted before it is sent.
    fn writing(&self, recorder: &Arc<Recorder>) -> Self {
        let (before, after, reading) = (recorder.clone(), recorder.clone(), self.clone());
        let witness = Witness {
            before: Arc::new(move || {
                let (recorder, cx) = (before.clone(), reading.clone());
                Box::pin(async move {
                    // Only for the journal: a change that needs no plan does not depend on it.
                    if recorder.is_anonymous()
                        && let Ok(account) = account(&cx).await
                    {
                        recorder.is_by(account);
                    }
                    recorder.sending()
                })
            }),
            after: Arc::new(move |status| after.answered(status)),
        };
        Self {
            make: self
                .make
                .retrying_for(crate::tools::registry::RETRY_BUDGET)
                .witnessed_by(witness),
            ..self.clone()
        }
    }
}
