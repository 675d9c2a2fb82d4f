//! A change, from the call to the journal: policy, plan, confirmation, write.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    Called,
    recorder::{Attempt, Watch},
};
use crate::{
    guard::{
        Account, Confirm, Guard, Host, Outcome, Pending, Plan, Question, Refused, Reply, Way,
        changes,
    },
    make::{OrganizationId, TeamId, Witness},
    tools::{
        lookup::organizations,
        registry::{Context, Kind, Tool, ToolError},
    },
};

/// Carries a change out, or says what must happen first.
pub(crate) async fn run(
    tool: &Tool,
    cx: &Context,
    mut arguments: Map<String, Value>,
    host: Host,
) -> Result<Called, ToolError> {
    let confirmation = match arguments.remove("confirmation") {
        Some(Value::String(id)) => Some(id),
        _ => None,
    };
    let attempt = Arc::new(Attempt::new(cx.surface.clone(), tool.spec.name, &arguments));
    // Dropped with the call, however that ends.
    let _watch = Watch(&attempt);
    let change = Change { tool, cx, arguments, attempt: &attempt };
    match change.admitted(confirmation, host).await {
        Ok(None) => {}
        Ok(Some(first)) => return Ok(first),
        Err(error) => {
            attempt.refused(&error);
            return Err(error);
        }
    }
    let result = (tool.run)(cx.writing(&attempt), change.arguments.into()).await;
    attempt.ended(&result);
    result.map(|answer| {
        Called::Answered(match tool.spec.guard {
            Guard::None => answer,
            Guard::G1 | Guard::G2 => super::output::applied(answer),
        })
    })
}

/// A call that would change something.
struct Change<'a> {
    tool: &'a Tool,
    cx: &'a Context,
    arguments: Map<String, Value>,
    attempt: &'a Attempt,
}

impl Change<'_> {
    /// None once the change may be carried out; else what the caller is told first.
    async fn admitted(
        &self,
        confirmation: Option<String>,
        host: Host,
    ) -> Result<Option<Called>, ToolError> {
        let surface = &self.cx.surface;
        if let Some(id) = self.arguments.get("organizationId").and_then(Value::as_u64) {
            surface.policy.organization(OrganizationId(id))?;
        }
        if let Some(id) = self.arguments.get("teamId").and_then(Value::as_u64)
            && surface.policy.limits_organizations()
        {
            let team = organizations::team(&self.cx.planning(), TeamId(id)).await?;
            match team.organization_id {
                Some(id) => surface.policy.organization(id)?,
                None => surface.policy.new_organization()?,
            }
        }
        if self.tool.plan.is_none() {
            return Ok(None);
        }
        match (confirmation, host) {
            _ if surface.confirm == Confirm::Off => {
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
    async fn planned(&self) -> Result<(Plan, Account), ToolError> {
        let cx = self.cx.planning();
        let account = account(&cx).await?;
        self.attempt.is_by(account.clone());
        let plan = self.tool.plan.as_ref().map(|plan| plan(cx, self.arguments.clone().into()));
        match plan {
            Some(plan) => Ok((plan.await?, account)),
            None => Err(ToolError::new(Kind::RefusedByPolicy, "this tool cannot be planned")),
        }
    }

    /// Plans, and asks in the way that is left.
    async fn asked(&self, host: Host) -> Result<Option<Called>, ToolError> {
        let surface = &self.cx.surface;
        let (plan, account) = self.planned().await?;
        let way = match (&host, surface.confirm, plan.level) {
            (_, Confirm::Operator, _) | (Host::CannotAsk, _, Guard::G2) => Way::Terminal,
            (Host::CannotAsk, _, _) => Way::Repetition,
            (Host::Asks(_) | Host::CallsAgain(_), _, _) => Way::Form,
        };
        let pending = Pending {
            plan: plan.clone(),
            tool: self.tool.spec.name,
            arguments: self.arguments.clone(),
            account,
            way,
        };
        let (id, ends) = surface.confirmations.keep(pending)?;
        self.attempt.plan_is(&id);
        self.attempt.note(Outcome::Planned)?;
        match (way, host) {
            (Way::Form, Host::Asks(ask)) => {
                let reply = ask(self.question(&plan)).await;
                self.confirmed(&id, Some(reply)).await.map(|()| None)
            }
            (Way::Form, _) => Ok(Some(Called::Asks { id, question: self.question(&plan) })),
            (Way::Repetition | Way::Terminal, _) => {
                let how = self.how(&id, way);
                Ok(Some(Called::Answered(json!({
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
        match &self.cx.surface.profile {
            Some(profile) => {
                Question { text: format!("[{profile}] {}", question.text), ..question }
            }
            None => question,
        }
    }

    /// What a model does with a plan.
    fn how(&self, id: &str, way: Way) -> String {
        let tool = self.tool.spec.name;
        match way {
            Way::Terminal => format!(
                "Nothing was changed. Tell the person to run `{}` in a terminal, read the plan \
                 there and type the name. Once they have, call {tool} again with the same \
                 arguments and confirmation \"{id}\".",
                self.cx.surface.confirmations.command(id)
            ),
            Way::Repetition | Way::Form => format!(
                "Nothing was changed. Show this plan to the person. Only if they agree, call \
                 {tool} again with the same arguments and confirmation \"{id}\". This host cannot \
                 ask them itself, so its own permission prompt is the only check."
            ),
        }
    }

    /// Takes the plan, checks what the person said and that everything is still as the plan saw it.
    async fn confirmed(&self, id: &str, reply: Option<Reply>) -> Result<(), ToolError> {
        let surface = &self.cx.surface;
        let name = self.tool.spec.name;
        self.attempt.plan_is(id);
        let taken = surface.confirmations.take(id, reply.is_some(), name, &self.arguments);
        let said_no = |why: &str| {
            ToolError::new(Kind::Cancelled, format!("{why}; nothing was changed"))
                .with_hint("do not ask again unless the person wants it")
        };
        // Who said no hears nothing of a plan that has ended meanwhile.
        if let Some(why) = reply.as_ref().and_then(Reply::is_no) {
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
        self.attempt.note(Outcome::Confirmed)
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

async fn account(cx: &Context) -> Result<Account, ToolError> {
    let me = cx.make.me().get().await?;
    let user_id = me.id.ok_or_else(|| {
        ToolError::new(Kind::UnexpectedResponse, "Make did not say who the caller is")
    })?;
    Ok(Account { user_id, zone: cx.surface.zone.clone() })
}

impl Context {
    /// The same, past every cache and unable to write.
    fn planning(&self) -> Self {
        let witness = Witness {
            before: Arc::new(|| Box::pin(async { Err("a plan only reads".to_owned()) })),
            after: Arc::new(|_| {}),
        };
        Self { make: self.make.fresh().witnessed_by(witness), ..self.clone() }
    }

    /// The same with the whole patience, since a person may have taken minutes; every write is noted before it is sent.
    fn writing(&self, attempt: &Arc<Attempt>) -> Self {
        let (before, after, reading) = (attempt.clone(), attempt.clone(), self.clone());
        let witness = Witness {
            before: Arc::new(move || {
                let (attempt, cx) = (before.clone(), reading.clone());
                Box::pin(async move {
                    // Only for the journal: a change that needs no plan does not depend on it.
                    if attempt.is_anonymous()
                        && let Ok(account) = account(&cx).await
                    {
                        attempt.is_by(account);
                    }
                    attempt.sending()
                })
            }),
            after: Arc::new(move |status| after.answered(status)),
        };
        Self {
            make: self.make.patient_for(crate::tools::registry::PATIENCE).witnessed_by(witness),
            ..self.clone()
        }
    }
}
