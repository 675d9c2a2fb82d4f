//! What a change would do, as a person reads it, and how the person is asked.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use serde_json::{Map, Value};

use super::{AccountId, Guard};
use crate::text::{quoted, visible};

/// What a change would do. Two plans are equal if nothing that they saw has changed in between.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The confirmation it needs; never below the tool's own.
    pub level: Guard,
    /// What a person types to confirm: the e-mail, or the name of what is affected, as it is shown.
    pub name: String,
    /// One sentence: who, where, what.
    pub summary: String,
    /// The present state, as far as it matters.
    pub before: Value,
    /// The state afterwards.
    pub after: Value,
    /// What else happens, a sentence each.
    pub side_effects: Vec<String>,
}

impl Plan {
    /// A plan without consequences beside `before` and `after`.
    pub fn new(level: Guard, name: &str, summary: impl Into<String>) -> Self {
        Self {
            level,
            // Typed at a terminal, so it must stand on one line.
            name: visible(&name.replace(['\n', '\t'], " ")).trim().to_owned(),
            summary: summary.into(),
            before: Value::Null,
            after: Value::Null,
            side_effects: Vec::new(),
        }
    }

    /// What is now and what will be.
    pub fn changes(self, before: Value, after: Value) -> Self {
        Self { before, after, ..self }
    }

    /// Adds a consequence.
    pub fn with_side_effect(mut self, sentence: impl Into<String>) -> Self {
        self.side_effects.push(sentence.into());
        self
    }

    /// Raises the level: the change gives the power to manage people.
    pub fn raised_if(mut self, managing: bool) -> Self {
        if managing {
            self.level = Guard::G2;
        }
        self
    }

    /// The plan as the person is asked.
    pub fn question(&self) -> Question {
        let mut text = self.summary.clone();
        for effect in &self.side_effects {
            text.push_str("\n- ");
            text.push_str(effect);
        }
        let typed = self.level == Guard::G2;
        if typed {
            text.push_str(&format!("\nTo confirm, type {}.", quoted(&self.name)));
        }
        Question { text, typed: typed.then(|| self.name.clone()) }
    }

    /// Whether the person said yes, or why that is no yes.
    pub fn accepts(&self, reply: &FormReply) -> Result<(), &'static str> {
        match reply {
            FormReply::Accepted { name: Some(name), .. } if self.level == Guard::G2 => {
                if self.is_named(name) { Ok(()) } else { Err("the person typed another name") }
            }
            FormReply::Accepted { confirm: Some(true), .. } if self.level == Guard::G1 => Ok(()),
            other => Err(other.is_no().unwrap_or("the person declined")),
        }
    }

    /// Compared exactly, after trimming.
    pub fn is_named(&self, typed: &str) -> bool {
        !self.name.is_empty() && typed.trim() == self.name
    }
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

/// A plan that waits.
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

/// What the person is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The plan.
    pub text: String,
    /// What must be typed; None for a plain yes or no.
    pub typed: Option<String>,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormReply {
    /// The form was sent off.
    Accepted {
        /// The field of a yes-or-no question.
        confirm: Option<bool>,
        /// The typed name.
        name: Option<String>,
    },
    /// No.
    Declined,
    /// The form was closed.
    Cancelled,
    /// Nothing came in time.
    Late,
    /// The host could not ask.
    Failed,
}

impl FormReply {
    /// Why it is a no whatever the plan says, as a sentence without its end.
    pub fn is_no(&self) -> Option<&'static str> {
        match self {
            Self::Accepted { .. } => None,
            Self::Declined => Some("the person declined"),
            Self::Cancelled => Some("the person closed the question"),
            Self::Late => Some("nobody answered within ten minutes"),
            Self::Failed => Some("the host could not ask the person"),
        }
    }
}

/// Asks the person at the host and waits for the reply.
pub type Ask =
    Arc<dyn Fn(Question) -> Pin<Box<dyn Future<Output = FormReply> + Send>> + Send + Sync>;

/// How the host of a call can ask its person.
#[derive(Clone)]
pub enum Host {
    /// By a form, while the call waits.
    Asks(Ask),
    /// By a form after this answer; it then calls again, with the plan's id and the reply.
    CallsAgain(Option<(String, FormReply)>),
    /// Not at all.
    CannotAsk,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Asks(_) => "Asks",
            Self::CallsAgain(_) => "CallsAgain",
            Self::CannotAsk => "CannotAsk",
        })
    }
}
