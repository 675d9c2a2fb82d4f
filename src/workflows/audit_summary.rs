//! `make-audit-summary`: what happened in a window, in a few lines.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    findings::{Finding, Watcher},
    trail::{TrailSelection, happened, said_of},
};
use crate::{
    make::{Cursor, Named, StreamedEntry},
    tools::{
        audit_logs::filters::AppliedFilters,
        registry::{Context, Scopes, Tool, ToolError, ToolSpec, Toolset},
    },
};

/// Groups in one answer; the largest are shown.
const MOST_GROUPS: usize = 100;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Summary {
    #[serde(flatten)]
    asked: TrailSelection,
    /// What to count by, together; event if left out.
    #[serde(default)]
    group_by: Vec<GroupKey>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum GroupKey {
    Event,
    Author,
    Team,
    Day,
    Hour,
    Weekday,
}

impl GroupKey {
    fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Author => "author",
            Self::Team => "team",
            Self::Day => "day",
            Self::Hour => "hour",
            Self::Weekday => "weekday",
        }
    }

    /// The value of an entry; times are in UTC.
    fn of(self, entry: &StreamedEntry) -> String {
        let moment = || TimeZone::UTC.to_datetime(happened(entry));
        match self {
            Self::Event => entry.record.event_name.clone().unwrap_or_else(|| "(none)".to_owned()),
            Self::Author => {
                entry.record.actor.as_ref().map_or_else(|| "(system)".to_owned(), called)
            }
            Self::Team => {
                entry.record.team.as_ref().map_or_else(|| "(organization)".to_owned(), called)
            }
            Self::Day => moment().date().to_string(),
            Self::Hour => format!("{:02}", moment().hour()),
            Self::Weekday => moment().strftime("%A").to_string(),
        }
    }
}

/// By id, since two may have one name.
fn called(one: &Named) -> String {
    let name = one.email.as_deref().or(one.name.as_deref()).unwrap_or_default();
    match one.id {
        Some(id) => format!("{id} {name}"),
        None => name.to_owned(),
    }
}

#[derive(Serialize, JsonSchema)]
struct Summarized {
    summary: SummaryAnswer,
}

/// What happened.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct SummaryAnswer {
    /// Entries in the window.
    count: u64,
    /// First moment of the window.
    date_from: String,
    /// Last moment of the window.
    date_to: String,
    /// What was filtered by, as it went to Make.
    applied: AppliedFilters,
    /// Whether nothing is missing.
    complete: bool,
    /// Counts, largest first.
    groups: Vec<SummaryGroup>,
    /// Groups that are not shown.
    groups_left_out: usize,
    /// What stands out.
    findings: Vec<Finding>,
    /// What is missing and why.
    notes: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct SummaryGroup {
    /// Each key of groupBy with its value.
    keys: Map<String, Value>,
    /// Entries.
    count: u64,
}

pub(crate) fn audit_summary() -> Tool {
    ToolSpec {
        name: "make-audit-summary",
        title: "Summarize an audit log",
        description: "Counts a window of the audit log by event, author, team or time (UTC), and \
            names what stands out (new people, odd hours, bursts, deletions) with uuids. For the \
            entries use make-audit-export.",
        toolset: Toolset::Audit,
        scopes: Scopes::all(&["organizations:read"]).assumed(),
        example: json!({ "organizationId": 11, "dateFrom": "2026-05-01", "dateTo": "2026-05-31",
        "groupBy": ["event"] }),
    }
    .reads(run)
}

async fn run(cx: Context, args: Summary) -> Result<Summarized, ToolError> {
    let window = args.asked.window(&cx).await?;
    let mut by = args.group_by;
    if by.is_empty() {
        by.push(GroupKey::Event);
    }
    let mut counts: BTreeMap<Vec<String>, u64> = BTreeMap::new();
    let mut watcher = Watcher::new(window.from, window.to);
    let mut count = 0;
    let mut reading = window.read(Cursor::default());
    while let Some(batch) = reading.next().await? {
        for entry in batch.iter().filter(|entry| window.has(entry)) {
            count += 1;
            *counts.entry(by.iter().map(|key| key.of(entry)).collect()).or_default() += 1;
            watcher.see(entry);
        }
        let (read, total) = (reading.cursor().offset, reading.total());
        cx.progress.tell(read, total, format!("{read} entries read"));
    }
    let (later, gap) = said_of(&reading);
    let mut notes = window.notes.clone();
    notes.extend(gap);
    let complete = notes.is_empty();
    notes.extend(later);
    let groups_left_out = counts.len().saturating_sub(MOST_GROUPS);
    let mut groups: Vec<_> = counts.into_iter().collect();
    // Equal counts stay in the order of their keys.
    groups.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    groups.truncate(MOST_GROUPS);
    let group = |(values, count): (Vec<String>, u64)| {
        let keys = by.iter().map(|key| key.name().to_owned());
        SummaryGroup { keys: keys.zip(values.into_iter().map(Value::from)).collect(), count }
    };
    Ok(Summarized {
        summary: SummaryAnswer {
            count,
            date_from: window.from.to_string(),
            date_to: window.to.to_string(),
            applied: window.applied().clone(),
            complete,
            groups: groups.into_iter().map(group).collect(),
            groups_left_out,
            findings: watcher.findings(),
            notes,
        },
    })
}
