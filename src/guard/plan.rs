//! What a change would do, as a person reads it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{AccountId, FormReply, Guard, Question, details};
use crate::text::{quoted, visible};

/// What a change would do. Two plans are equal if nothing that they saw has changed in between.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// One sentence: who, where, what.
    pub summary: String,
    /// The present state, as far as it matters.
    pub before: Value,
    /// The state afterwards.
    pub after: Value,
    /// What else happens, a sentence each.
    pub side_effects: Vec<String>,
    /// What a person types to confirm. Never shown to a model.
    #[serde(skip)]
    pub name: ConfirmationName,
    /// Whether the change needs the highest confirmation, even if its tool needs less.
    #[serde(skip)]
    pub raised: bool,
}

/// What a person types to confirm a plan: an e-mail address, or the name of what is affected, as it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ConfirmationName(String);

impl ConfirmationName {
    fn new(name: &str) -> Self {
        // Typed at a terminal, so it must stand on one line.
        Self(visible(&name.replace(['\n', '\t'], " ")).trim().to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is, for people.
    pub fn kind(&self) -> &'static str {
        if self.0.contains('@') { "the e-mail address" } else { "the name" }
    }

    /// Whether `typed` is the name: compared exactly, after trimming. An empty name matches nothing.
    pub fn matches(&self, typed: &str) -> bool {
        !self.0.is_empty() && typed.trim() == self.0
    }
}

impl Plan {
    /// A plan without consequences beside `before` and `after`. `name` is what a person types to confirm it.
    pub fn new(name: &str, summary: impl Into<String>) -> Self {
        Self {
            summary: summary.into(),
            before: Value::Null,
            after: Value::Null,
            side_effects: Vec::new(),
            name: ConfirmationName::new(name),
            raised: false,
        }
    }

    /// Sets what is now and what will be.
    pub fn changes(self, before: Value, after: Value) -> Self {
        Self { before, after, ..self }
    }

    /// Adds a consequence.
    pub fn with_side_effect(mut self, sentence: impl Into<String>) -> Self {
        self.side_effects.push(sentence.into());
        self
    }

    /// Adds consequences.
    pub fn with_side_effects(mut self, sentences: impl IntoIterator<Item = String>) -> Self {
        self.side_effects.extend(sentences);
        self
    }

    /// Raises the confirmation to the highest if the change gives power over people, money or all teams.
    pub fn raised_if(mut self, powerful: bool) -> Self {
        self.raised |= powerful;
        self
    }

    /// The confirmation that the plan needs where its tool needs `least`.
    pub(super) fn level(&self, least: Guard) -> Guard {
        if self.raised { Guard::G2 } else { least }
    }

    /// The plan as the user is asked: consequences, then every field that is sent.
    pub(super) fn question(&self, level: Guard, arguments: &Map<String, Value>) -> Question {
        let mut text = self.summary.clone();
        for effect in &self.side_effects {
            text.push_str("\n- ");
            text.push_str(effect);
        }
        for line in self.details(arguments) {
            text.push_str("\n  ");
            text.push_str(&line);
        }
        let typed = level == Guard::G2;
        if typed {
            let (kind, name) = (self.name.kind(), quoted(self.name.as_str()));
            text.push_str(&format!("\nTo confirm, type {kind} {name}."));
        }
        Question { text, typed: typed.then(|| self.name.as_str().to_owned()) }
    }

    /// Every field that is sent, a line each.
    pub(super) fn details(&self, arguments: &Map<String, Value>) -> Vec<String> {
        details::lines(&self.summary, (&self.before, &self.after), arguments)
    }

    /// What the reply to the plan's form means.
    pub(super) fn answered(&self, level: Guard, reply: &FormReply) -> FormAnswer {
        match (level, reply) {
            (Guard::G2, FormReply::Accepted { name: Some(name), .. }) => {
                if self.name.matches(name) {
                    FormAnswer::Yes
                } else {
                    FormAnswer::No("the user typed another name")
                }
            }
            (Guard::G1, FormReply::Accepted { confirm: Some(true), .. }) => FormAnswer::Yes,
            (Guard::G1, FormReply::Accepted { confirm: Some(false), .. })
            | (_, FormReply::Declined) => FormAnswer::No("the user declined"),
            (_, FormReply::Late) => FormAnswer::No("the user did not answer within ten minutes"),
            (_, FormReply::Accepted { .. }) => {
                FormAnswer::NoAnswer("The host sent the form back without its field.")
            }
            (_, FormReply::Cancelled) => FormAnswer::Closed,
            (_, FormReply::Failed) => {
                FormAnswer::NoAnswer("The host says that it can show forms, and could not.")
            }
        }
    }

    /// What has changed between this plan and `found`, which was made later; None if nothing has.
    pub(super) fn drift(&self, found: &Self) -> Option<String> {
        if self == found {
            return None;
        }
        let mut list = changes(&self.before, &found.before);
        if list.is_empty() {
            list = changes(&self.after, &found.after);
        }
        let new = found.side_effects.iter().filter(|effect| !self.side_effects.contains(effect));
        list.extend(new.map(|effect| format!("now: {effect}")));
        if list.is_empty() {
            list.push("its side effects changed".to_owned());
        }
        Some(list.join("; "))
    }
}

/// What a reply to a form means. Only a no is a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FormAnswer {
    /// It confirms the plan.
    Yes,
    /// It refuses the plan; why, as a sentence without its end.
    No(&'static str),
    /// The form was closed without an answer.
    Closed,
    /// The form was not shown, or its answer cannot be read; why, as a sentence.
    NoAnswer(&'static str),
}

/// How a plan is to be confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Channel {
    /// By a form at the host.
    Form,
    /// By calling again with the plan's id.
    Repetition,
    /// By a person in a terminal, then by calling again.
    Terminal,
}

/// A planned change that waits for its confirmation.
#[derive(Clone, Debug)]
pub struct PlannedCall {
    /// What would be done.
    pub plan: Plan,
    /// By which tool.
    pub tool: &'static str,
    /// With which arguments.
    pub arguments: Map<String, Value>,
    /// In which account.
    pub account: AccountId,
    /// How it is confirmed.
    pub channel: Channel,
}

/// A plan as a model reads it while it waits.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanView {
    /// The plan's id.
    pub id: String,
    /// The plan.
    #[serde(flatten)]
    pub plan: Plan,
    /// The moment at which the plan expires, RFC 3339 in UTC.
    #[serde(serialize_with = "to_seconds")]
    pub expires_at: Timestamp,
    /// What the model does next.
    pub how: String,
}

fn to_seconds<S: serde::Serializer>(moment: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{moment:.0}"))
}

/// What is different between two values, one text a difference: `role.name: "Member" is now "Admin"`.
pub fn changes(seen: &Value, found: &Value) -> Vec<String> {
    let mut list = Vec::new();
    compare("", seen, found, &mut list);
    list
}

fn compare(at: &str, seen: &Value, found: &Value, list: &mut Vec<String>) {
    let (Value::Object(was), Value::Object(is)) = (seen, found) else {
        if seen != found {
            let at = if at.is_empty() { "it" } else { at };
            list.push(format!("{at}: {} is now {}", shown(seen), shown(found)));
        }
        return;
    };
    let names = was.keys().chain(is.keys().filter(|name| !was.contains_key(*name)));
    for name in names {
        let inner = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
        let of = |map: &serde_json::Map<String, Value>| map.get(name).cloned().unwrap_or_default();
        compare(&inner, &of(was), &of(is), list);
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Null => "nothing".to_owned(),
        other => visible(&other.to_string()).into_owned(),
    }
}
