//! Conducts a change: policy, plan, question, confirmation, permit, write, record. [`ChangeControl::conduct`] is the
//! whole of it, in order.

use std::{pin::Pin, sync::Arc};

use serde_json::{Map, Value};

use super::{
    AccountId, ChangeControl, Channel, Confirm, FailedChange, FormReply, Guard, Host, JournalError,
    JournalOutcome, Plan, PlanView, PlannedCall, Question, Recorder, Refused, plan::FormAnswer,
    recorder::RecordOnDrop,
};
use crate::make::{self, Make, OrganizationId, Sending, WritePermit, WriteRecord};

/// A call that would change something at Make.
pub struct Change<'a, E: 'static> {
    /// The tool.
    pub tool: &'static str,
    /// Its arguments, without the confirmation.
    pub arguments: Map<String, Value>,
    /// The plan's id, on the second call.
    pub confirmation: Option<String>,
    /// The organizations that the arguments name; None stands for one that cannot be told.
    pub organizations: Vec<Option<OrganizationId>>,
    /// The client of the call.
    pub make: &'a Make,
    /// What must be confirmed; None if the change needs no confirmation.
    pub guarded: Option<Guarded<'a, E>>,
}

/// The least confirmation of a change, and what plans it.
pub struct Guarded<'a, E: 'static> {
    /// The least confirmation.
    pub level: Guard,
    /// Reads the present state and says what would be done.
    pub plan: Box<dyn Fn() -> Planning<E> + Send + Sync + 'a>,
}

/// The future of a plan.
pub type Planning<E> = Pin<Box<dyn Future<Output = Result<Plan, E>> + Send>>;

/// What the guard decides about a change.
#[must_use]
pub enum Decision {
    /// It may be carried out, with this permit.
    Proceed(WritePermit),
    /// The user must be asked; the host calls again with the plan's id and the reply.
    Ask(String, Question),
    /// The plan waits for a confirmation that another call brings.
    Wait(Box<PlanView>),
}

/// What a change came to.
pub enum ChangeResult {
    /// It was carried out; the tool's answer.
    Applied(Value),
    /// The user must be asked; the host calls again with the plan's id and the reply.
    Ask(String, Question),
    /// The plan waits for a confirmation that another call brings.
    Wait(Box<PlanView>),
}

/// Why the guard stopped a change.
#[derive(Debug)]
pub enum GuardError {
    /// A rule refuses it, or its confirmation does not hold.
    Refused(Refused),
    /// The user did not confirm it; why, as a sentence without its end.
    Dismissed(&'static str),
    /// A step could not be recorded.
    NotRecorded(JournalError),
}

impl From<Refused> for GuardError {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<JournalError> for GuardError {
    fn from(error: JournalError) -> Self {
        Self::NotRecorded(error)
    }
}

impl ChangeControl {
    /// Conducts a change: decides whether it may be carried out, carries it out by `run`, and records each step.
    pub async fn conduct<E, Run>(
        self: &Arc<Self>,
        change: Change<'_, E>,
        host: Host,
        run: impl FnOnce(WritePermit, Map<String, Value>) -> Run,
    ) -> Result<ChangeResult, E>
    where
        E: From<GuardError> + From<make::Error> + 'static,
        FailedChange: for<'e> From<&'e E>,
        Run: Future<Output = Result<Value, E>>,
    {
        let recorder = Arc::new(Recorder::new(self.clone(), change.tool, &change.arguments));
        // Dropped with the call, however that ends.
        let _record = RecordOnDrop(&recorder);
        let pipeline = Pipeline { control: self, change: &change, recorder: &recorder };
        let permit = match pipeline.decide(host).await {
            Ok(Decision::Proceed(permit)) => permit,
            Ok(Decision::Ask(id, question)) => return Ok(ChangeResult::Ask(id, question)),
            Ok(Decision::Wait(plan)) => return Ok(ChangeResult::Wait(plan)),
            Err(error) => {
                recorder.refused((&error).into());
                return Err(error);
            }
        };
        let result = run(permit, change.arguments).await;
        let end = result.as_ref().map(drop).map_err(FailedChange::from);
        if let Some(plan) = recorder.plan() {
            self.pending_plans.ended(&plan, said(&end));
        }
        recorder.ended(end);
        result.map(ChangeResult::Applied)
    }
}

/// How a change ended, as the end of a sentence.
fn said(end: &Result<(), FailedChange>) -> &'static str {
    match end {
        Ok(()) => "it was carried out",
        Err(failed) if failed.in_doubt => "it may or may not have been carried out",
        Err(_) => "it failed, and nothing was changed",
    }
}

/// No form is longer, in characters; a longer plan is read in a terminal.
const LONGEST_FORM: usize = 4_000;

/// A change on its way to a decision.
struct Pipeline<'a, 'c, E: 'static> {
    control: &'a Arc<ChangeControl>,
    change: &'a Change<'c, E>,
    recorder: &'a Arc<Recorder>,
}

impl<E: From<GuardError> + From<make::Error>> Pipeline<'_, '_, E> {
    async fn decide(&self, host: Host) -> Result<Decision, E> {
        for organization in &self.change.organizations {
            self.control.policy.allows(*organization).map_err(GuardError::from)?;
        }
        let Some(guarded) = &self.change.guarded else {
            return Ok(self.proceed());
        };
        match (&self.change.confirmation, host) {
            _ if self.control.confirm == Confirm::Off => {
                self.plan(guarded).await?;
                Ok(self.proceed())
            }
            (Some(id), _) => self.confirm(guarded, id, None).await,
            (None, Host::CallsAgain(Some((id, reply)))) => {
                self.confirm(guarded, &id, Some(reply)).await
            }
            (None, host) => self.ask(guarded, host).await,
        }
    }

    /// Reads what the change would do, and whose account it would change.
    async fn plan(&self, guarded: &Guarded<'_, E>) -> Result<(Plan, AccountId), E> {
        let account = self.control.account(&self.change.make.uncached()).await?;
        self.recorder.set_account(account.clone());
        Ok(((guarded.plan)().await?, account))
    }

    /// Plans, and asks in the way that is left.
    async fn ask(&self, guarded: &Guarded<'_, E>, host: Host) -> Result<Decision, E> {
        let (plan, account) = self.plan(guarded).await?;
        let level = plan.level(guarded.level);
        let question = self.question(&plan, level);
        let channel = match (&host, self.control.confirm) {
            (_, Confirm::Operator) => Channel::Terminal,
            (Host::CannotAsk, _) => Self::without_form(level),
            (Host::Asks(_) | Host::CallsAgain(_), _)
                if question.text.chars().count() > LONGEST_FORM =>
            {
                Channel::Terminal
            }
            (Host::Asks(_) | Host::CallsAgain(_), _) => Channel::Form,
        };
        let pending = PlannedCall {
            plan: plan.clone(),
            tool: self.change.tool,
            arguments: self.change.arguments.clone(),
            account,
            channel,
        };
        let (id, expires_at) =
            self.control.pending_plans.insert(pending).map_err(GuardError::from)?;
        self.recorder.set_plan(&id);
        self.recorder.step(JournalOutcome::Planned).map_err(GuardError::from)?;
        match (channel, host) {
            (Channel::Form, Host::Asks(ask)) => {
                let reply = ask(question).await;
                self.confirm(guarded, &id, Some(reply)).await
            }
            (Channel::Form, _) => Ok(Decision::Ask(id, question)),
            (Channel::Repetition | Channel::Terminal, _) => {
                let how = self.how(&id, channel);
                Ok(Decision::Wait(Box::new(PlanView { id, plan, expires_at, how })))
            }
        }
    }

    /// The way that is left where no form can be shown.
    fn without_form(level: Guard) -> Channel {
        match level {
            Guard::G1 => Channel::Repetition,
            Guard::G2 => Channel::Terminal,
        }
    }

    /// Offers the next way to confirm a plan whose form was not answered.
    fn offer(&self, id: &str, channel: Channel, why: &str) -> Result<Decision, E> {
        let plans = &self.control.pending_plans;
        let (pending, expires_at) = plans.move_to(id, channel).map_err(GuardError::from)?;
        let how = format!("{why} {}", self.how(id, channel));
        let view = PlanView { id: id.to_owned(), plan: pending.plan, expires_at, how };
        Ok(Decision::Wait(Box::new(view)))
    }

    /// Redeems the plan: checks what the user replied and that everything is still as the plan saw it.
    async fn confirm(
        &self,
        guarded: &Guarded<'_, E>,
        id: &str,
        reply: Option<FormReply>,
    ) -> Result<Decision, E> {
        let (plans, tool) = (&self.control.pending_plans, self.change.tool);
        self.recorder.set_plan(id);
        let waiting = plans.waiting(id);
        let level = waiting.as_ref().map(|plan| plan.level(guarded.level));
        let answer = match (&reply, &waiting, level) {
            (Some(reply), Some(plan), Some(level)) => Some(plan.answered(level, reply)),
            _ => None,
        };
        match (answer, level) {
            (Some(FormAnswer::NoAnswer(why)), Some(level)) => {
                return self.offer(id, Self::without_form(level), why);
            }
            (Some(FormAnswer::Closed), Some(level)) if plans.is_instant(id) => {
                let why = "The host closed the form before anybody can have read it.";
                return self.offer(id, Self::without_form(level), why);
            }
            (Some(FormAnswer::Closed), _) => {
                let why = "The user closed the form without an answer: ask whether they want it.";
                return self.offer(id, Channel::Terminal, why);
            }
            _ => {}
        }
        let redeemed = plans.redeem(id, reply.is_some(), tool, &self.change.arguments);
        // A user who said no is not told that the plan has expired meanwhile.
        if let Some(FormAnswer::No(why)) = answer {
            return Err(GuardError::Dismissed(why).into());
        }
        let pending = redeemed.map_err(GuardError::from)?;
        let (plan, account) = self.plan(guarded).await?;
        let again = format!("call {tool} without `confirmation` to make a new plan");
        if account != pending.account {
            let refused = Refused::new("the plan was made for another account", again);
            return Err(GuardError::from(refused).into());
        }
        if let Some(drift) = pending.plan.drift(&plan) {
            let message = format!("the state has changed since the plan: {drift}");
            return Err(GuardError::from(Refused::new(message, again)).into());
        }
        self.recorder.step(JournalOutcome::Confirmed).map_err(GuardError::from)?;
        Ok(self.proceed())
    }

    /// Issues the permit.
    #[expect(clippy::disallowed_methods, reason = "the one place where permits are issued")]
    fn proceed(&self) -> Decision {
        Decision::Proceed(WritePermit::issue(RecordedWrites {
            control: self.control.clone(),
            recorder: self.recorder.clone(),
            make: self.change.make.clone(),
        }))
    }

    /// What the user is asked; of several accounts they must know which.
    fn question(&self, plan: &Plan, level: Guard) -> Question {
        let question = plan.question(level, &self.change.arguments);
        match &self.control.profile {
            Some(profile) => {
                Question { text: format!("[{profile}] {}", question.text), ..question }
            }
            None => question,
        }
    }

    /// What a model does with a plan that waits.
    fn how(&self, id: &str, channel: Channel) -> String {
        let tool = self.change.tool;
        match channel {
            Channel::Terminal => format!(
                "Nothing was changed. Tell the user to run `{}` in a terminal, read the plan there \
                 and type the name. Once they have, call {tool} again with the same arguments and \
                 confirmation \"{id}\".",
                self.control.pending_plans.command(id)
            ),
            Channel::Repetition | Channel::Form => format!(
                "Nothing was changed. Show this plan to the user. Only if they agree, call {tool} \
                 again with the same arguments and confirmation \"{id}\". This host cannot ask \
                 them itself, so its own permission prompt is the only check."
            ),
        }
    }
}

/// Puts the writes of a permit on record.
struct RecordedWrites {
    control: Arc<ChangeControl>,
    recorder: Arc<Recorder>,
    make: Make,
}

impl WriteRecord for RecordedWrites {
    fn sending(&self) -> Sending<'_> {
        Box::pin(async {
            // Only for the journal: a change that needs no plan does not depend on it.
            if self.recorder.lacks_account()
                && let Ok(account) = self.control.account(&self.make).await
            {
                self.recorder.set_account(account);
            }
            self.recorder.sending().map_err(|error| error.to_string())
        })
    }

    fn answered(&self, status: u16) {
        self.recorder.answered(status);
    }
}
