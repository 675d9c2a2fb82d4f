//! What stands out in a trail: deletions, new people, odd hours, bursts. One pass, little memory.

use std::collections::{BTreeMap, VecDeque};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use schemars::JsonSchema;
use serde::Serialize;

use super::trail::happened;
use crate::{make::StreamedEntry, text::quoted};

/// Uuids behind one finding; the text has the whole number.
const MOST_UUIDS: usize = 10;
/// Findings of one kind.
const MOST_FINDINGS: usize = 20;
/// Who did less has no usual hours.
const ENOUGH_FOR_HABITS: u64 = 50;
/// An hour with less than one in so many entries is unusual.
const RARE: u64 = 50;
/// So many entries of one person …
const BURST: usize = 50;
/// … in this time are a burst.
const BURST_TIME: SignedDuration = SignedDuration::from_mins(10);
/// People who do not occur in the first three quarters of the window are new, if it is long enough.
const LONG_ENOUGH: SignedDuration = SignedDuration::from_hours(24 * 4);

/// Something that stands out.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Finding {
    /// deletion, new_actor, unusual_hour or burst.
    kind: &'static str,
    /// What it is.
    text: String,
    /// Entries behind it; at most ten.
    uuids: Vec<String>,
}

/// Sees every entry of a window once, oldest first.
pub(crate) struct Watcher {
    /// From then on a person is new.
    new_from: Option<Timestamp>,
    deletions: BTreeMap<String, Counted>,
    people: BTreeMap<u64, SeenActor>,
}

#[derive(Default)]
struct Counted {
    count: u64,
    uuids: Vec<String>,
}

impl Counted {
    fn add(&mut self, uuid: &str) {
        self.count += 1;
        if self.uuids.len() < MOST_UUIDS {
            self.uuids.push(uuid.to_owned());
        }
    }
}

#[derive(Default)]
struct SeenActor {
    name: String,
    first: Option<Timestamp>,
    entries: Counted,
    hours: BTreeMap<i8, Counted>,
    /// The latest entries, of which more than [`BURST`] are never kept.
    latest: VecDeque<(Timestamp, String)>,
    /// The burst that goes on, and when it began.
    burst: Option<(Timestamp, Counted)>,
    bursts: Vec<(Timestamp, Counted)>,
}

impl Watcher {
    pub(crate) fn new(from: Timestamp, to: Timestamp) -> Self {
        let length = to.duration_since(from);
        Self {
            new_from: (length >= LONG_ENOUGH).then(|| from + length * 3 / 4),
            deletions: BTreeMap::new(),
            people: BTreeMap::new(),
        }
    }

    pub(crate) fn see(&mut self, entry: &StreamedEntry) {
        let event = entry.record.event_name.as_deref().unwrap_or_default();
        if event.ends_with("_deleted") || event.ends_with("_removed") {
            self.deletions.entry(event.to_owned()).or_default().add(&entry.uuid);
        }
        let Some(actor) = &entry.record.actor else {
            return;
        };
        let Some(id) = actor.id else { return };
        let person = self.people.entry(id).or_default();
        if person.first.is_none() {
            let name = actor.email.as_deref().or(actor.name.as_deref()).unwrap_or_default();
            person.name = format!("{} (user {id})", quoted(name));
        }
        person.see(entry);
    }

    pub(crate) fn findings(mut self) -> Vec<Finding> {
        let mut findings = Vec::new();
        let deletions = self.deletions.into_iter().map(|(event, seen)| Finding {
            kind: "deletion",
            text: format!("{} happened {} times", quoted(&event), seen.count),
            uuids: seen.uuids,
        });
        findings.extend(deletions.take(MOST_FINDINGS));
        for person in self.people.values_mut() {
            person.end_burst();
        }
        let new = |person: &&SeenActor| person.first >= self.new_from && self.new_from.is_some();
        let newcomers = self.people.values().filter(new).map(|person| Finding {
            kind: "new_actor",
            text: format!(
                "{} was first seen on {}, in the last quarter of the window",
                person.name,
                person.first.map(day).unwrap_or_default()
            ),
            uuids: person.entries.uuids.clone(),
        });
        findings.extend(newcomers.take(MOST_FINDINGS));
        findings.extend(self.people.values().flat_map(SeenActor::odd_hours).take(MOST_FINDINGS));
        let bursts = self.people.values().flat_map(|person| {
            person.bursts.iter().map(|(began, seen)| Finding {
                kind: "burst",
                text: format!(
                    "{} did {} things in a row from {began:.0} on",
                    person.name, seen.count
                ),
                uuids: seen.uuids.clone(),
            })
        });
        findings.extend(bursts.take(MOST_FINDINGS));
        findings
    }
}

impl SeenActor {
    fn see(&mut self, entry: &StreamedEntry) {
        let moment = happened(entry);
        self.first.get_or_insert(moment);
        self.entries.add(&entry.uuid);
        let hour = TimeZone::UTC.to_datetime(moment).hour();
        self.hours.entry(hour).or_default().add(&entry.uuid);
        self.latest.push_back((moment, entry.uuid.clone()));
        while self.latest.len() > BURST
            || self.latest.front().is_some_and(|first| moment.duration_since(first.0) > BURST_TIME)
        {
            self.latest.pop_front();
        }
        if self.latest.len() < BURST {
            self.end_burst();
        } else if let Some((_, seen)) = &mut self.burst {
            seen.add(&entry.uuid);
        } else {
            let mut seen = Counted::default();
            self.latest.iter().for_each(|(_, uuid)| seen.add(uuid));
            self.burst = Some((self.latest[0].0, seen));
        }
    }

    fn end_burst(&mut self) {
        if self.bursts.len() < MOST_FINDINGS {
            self.bursts.extend(self.burst.take());
        }
        self.burst = None;
    }

    fn odd_hours(&self) -> Option<Finding> {
        if self.entries.count < ENOUGH_FOR_HABITS {
            return None;
        }
        let rare: Vec<_> =
            self.hours.iter().filter(|(_, seen)| seen.count * RARE < self.entries.count).collect();
        let count: u64 = rare.iter().map(|(_, seen)| seen.count).sum();
        let hours: Vec<_> = rare.iter().map(|(hour, _)| format!("{hour:02}")).collect();
        let uuids = rare.iter().flat_map(|(_, seen)| seen.uuids.iter().cloned()).take(MOST_UUIDS);
        (count > 0).then(|| Finding {
            kind: "unusual_hour",
            text: format!(
                "{} did {count} of {} things at hours that are rare for them (UTC): {}",
                self.name,
                self.entries.count,
                hours.join(", ")
            ),
            uuids: uuids.collect(),
        })
    }
}

fn day(moment: Timestamp) -> String {
    TimeZone::UTC.to_datetime(moment).date().to_string()
}
