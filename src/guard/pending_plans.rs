//! Plans that wait for a person: bound to one call, used once, gone after ten minutes or with the process.

use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::{Channel, Plan, PlannedCall, Refused, terminal_approval::Seal};
use crate::{
    store::{StateFolder, random},
    sync::lock,
};

/// How long a plan may be confirmed.
pub(super) const LIFE: Duration = Duration::from_secs(600);

/// The most plans that may wait; a new one then drops the oldest. As many that were used are remembered.
const MOST: usize = 100;

/// A form that comes back sooner was not read by anybody.
const INSTANT: Duration = Duration::from_secs(1);

/// Characters of a code: none that look alike (Crockford's base 32).
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Whether a plan was made for this call, or why it was not.
fn check_call(
    planned: &PlannedCall,
    tool: &str,
    arguments: &Map<String, Value>,
) -> Result<(), String> {
    if planned.tool != tool {
        return Err(format!("the plan was made for {}, not {tool}", planned.tool));
    }
    if planned.arguments == *arguments {
        return Ok(());
    }
    let own = &planned.arguments;
    let names: Vec<_> = own
        .keys()
        .chain(arguments.keys().filter(|name| !own.contains_key(*name)))
        .filter(|name| own.get(*name) != arguments.get(*name))
        .map(|name| format!("`{name}`"))
        .collect();
    Err(format!("the arguments are not those of the plan: {} changed", names.join(", ")))
}

#[derive(Debug)]
struct PendingPlan {
    pending: PlannedCall,
    /// For clocks that stop while the machine sleeps, and for those that are set.
    until: (Instant, Timestamp),
    seal: Option<Seal>,
    /// When the user was asked.
    asked: Instant,
}

/// A plan that was used.
#[derive(Debug)]
struct UsedPlan {
    id: String,
    at: Timestamp,
    /// How it ended; None while it is carried out.
    end: Option<&'static str>,
}

impl PendingPlan {
    fn is_over(&self) -> bool {
        Instant::now() >= self.until.0 || Timestamp::now() >= self.until.1
    }
}

/// The plans of this process that wait for a person.
#[derive(Debug)]
pub struct PendingPlans {
    folder: StateFolder,
    kept: Mutex<HashMap<String, PendingPlan>>,
    used: Mutex<VecDeque<UsedPlan>>,
}

/// A code of 50 random bits, in two groups.
pub(super) fn code() -> Result<String, Refused> {
    let mut bytes = [0; 10];
    random(&mut bytes).map_err(|error| Refused::no_random_numbers(&error))?;
    let mut code: String =
        bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    code.insert(5, '-');
    Ok(code)
}

impl PendingPlans {
    /// No plan waits yet. Plans for the terminal are written to `folder`.
    pub fn new(folder: StateFolder) -> Self {
        Self { folder, kept: Mutex::default(), used: Mutex::default() }
    }

    /// Keeps a plan and answers with its id and the moment at which it ends.
    pub fn insert(&self, pending: PlannedCall) -> Result<(String, Timestamp), Refused> {
        let id = code()?;
        let ends = Timestamp::now()
            .saturating_add(SignedDuration::from_secs(LIFE.as_secs() as i64))
            .unwrap_or(Timestamp::MAX);
        let seal = match pending.channel {
            Channel::Terminal => Some(Seal::show(&self.folder, &id, &pending, ends)?),
            Channel::Form | Channel::Repetition => None,
        };
        let mut kept = lock(&self.kept);
        kept.retain(|_, kept| !kept.is_over());
        if kept.len() >= MOST
            && let Some(oldest) =
                kept.iter().min_by_key(|(_, kept)| kept.until.0).map(|(id, _)| id.clone())
        {
            kept.remove(&oldest);
        }
        kept.insert(
            id.clone(),
            PendingPlan {
                pending,
                until: (Instant::now() + LIFE, ends),
                seal,
                asked: Instant::now(),
            },
        );
        Ok((id, ends))
    }

    /// Takes a plan that was confirmed by calling again. A call that does not fit ends the plan; one that still waits
    /// for its approval stays.
    pub fn redeem(
        &self,
        id: &str,
        by_form: bool,
        tool: &str,
        arguments: &Map<String, Value>,
    ) -> Result<PlannedCall, Refused> {
        let again = format!("call {tool} without `confirmation` to make a new plan");
        let mut all = lock(&self.kept);
        // Models write back what they read, sometimes in capitals.
        let id = id.trim().to_lowercase();
        let fits =
            all.get(&id).is_some_and(|kept| (kept.pending.channel == Channel::Form) == by_form);
        if !fits {
            drop(all);
            if let Some(refused) = self.used(&id) {
                return Err(refused);
            }
            return Err(Refused::new(
                "no plan with this id waits for a confirmation: it was used, it expired, another \
                 process made it, or it never existed",
                again,
            ));
        }
        let waits = all.get(&id).is_some_and(|kept| {
            !kept.is_over()
                && kept.seal.as_ref().is_some_and(|seal| !seal.is_answered(&self.folder, &id))
        });
        if waits {
            return Err(Refused::new(
                "the plan is not approved yet",
                format!(
                    "a user runs `{}` in a terminal and types the name; then call again with the \
                     same arguments",
                    self.command(&id)
                ),
            ));
        }
        let Some(kept) = all.remove(&id) else {
            return Err(Refused::new("the plan no longer exists", again));
        };
        drop(all);
        let approved = match &kept.seal {
            Some(seal) => seal.open(&self.folder, &id),
            None => Ok(()),
        };
        if kept.is_over() {
            return Err(Refused::new("the plan has expired: plans last ten minutes", again));
        }
        approved.map_err(|why| Refused::new(why.to_string(), again.clone()))?;
        check_call(&kept.pending, tool, arguments).map_err(|why| Refused::new(why, again))?;
        let mut used = lock(&self.used);
        used.truncate(MOST - 1);
        used.push_front(UsedPlan { id, at: Timestamp::now(), end: None });
        Ok(kept.pending)
    }

    /// Remembers how the change of a used plan ended, as the end of a sentence.
    pub(super) fn ended(&self, id: &str, end: &'static str) {
        if let Some(used) = lock(&self.used).iter_mut().find(|used| used.id == id) {
            used.end = Some(end);
        }
    }

    /// What a second use of a plan is told.
    fn used(&self, id: &str) -> Option<Refused> {
        let used = lock(&self.used);
        let used = used.iter().find(|used| used.id == id)?;
        let message = match used.end {
            Some(end) => {
                format!("this plan was used at {:.0}: {end}; nothing was done now", used.at)
            }
            None => format!("this plan is being carried out since {:.0}", used.at),
        };
        Some(Refused::new(
            message,
            "read the present state; make a new plan only if something is left to do",
        ))
    }

    /// The plan of that id, as long as it was not used.
    pub(super) fn waiting(&self, id: &str) -> Option<Plan> {
        let kept = lock(&self.kept);
        kept.get(id).map(|kept| kept.pending.plan.clone())
    }

    /// Whether the form of a plan came back so soon that no person can have seen it.
    pub(super) fn is_instant(&self, id: &str) -> bool {
        lock(&self.kept).get(id).is_some_and(|kept| kept.asked.elapsed() < INSTANT)
    }

    /// Lets a plan whose form was not answered be confirmed in another way. Answers with the moment at which it ends.
    pub(super) fn move_to(
        &self,
        id: &str,
        channel: Channel,
    ) -> Result<(PlannedCall, Timestamp), Refused> {
        let again = || Refused::new("the plan has expired", "make a new plan");
        let mut all = lock(&self.kept);
        let kept = all.get_mut(id).filter(|kept| !kept.is_over()).ok_or_else(again)?;
        kept.pending.channel = channel;
        if channel == Channel::Terminal && kept.seal.is_none() {
            kept.seal = Some(Seal::show(&self.folder, id, &kept.pending, kept.until.1)?);
        }
        Ok((kept.pending.clone(), kept.until.1))
    }

    /// The command that approves a plan, as a person types it.
    pub fn command(&self, id: &str) -> String {
        format!("make-admin-mcp approve {id} --state-dir {:?}", self.folder.path())
    }
}
