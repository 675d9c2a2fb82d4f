//! Reading a whole trail: what is asked for, how fast it may be read, and what cannot be in it.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    make::{
        AuditLogFilter, AuditStream, BulkRead, Cursor, Make, OrganizationId, StreamedEntry, TeamId,
        Trail,
    },
    tools::{
        audit_logs,
        audit_logs::{
            filters::{self, AppliedFilters},
            window::{AuditWindow, PlanLimits, organization_of},
        },
        registry::{Context, RETRY_BUDGET, ToolError, arguments::place},
    },
};

/// The quota of the smallest paid plan, where Make does not say which one holds.
const UNKNOWN_QUOTA: u64 = 60;

/// Which entries a tool works on.
#[derive(Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TrailSelection {
    /// The organization. Give this or teamId.
    organization_id: Option<OrganizationId>,
    /// The team.
    team_id: Option<TeamId>,
    /// First day (UTC), or RFC 3339 moment.
    #[schemars(example = &"2026-05-01")]
    date_from: String,
    /// Last day (to its end) or moment.
    #[schemars(example = &"2026-05-31")]
    date_to: String,
    /// Only these, by value or label.
    #[serde(default)]
    event: Vec<String>,
    /// Only these: id, name or e-mail.
    #[serde(default)]
    author: Vec<String>,
    /// Only these, by id or name.
    #[serde(default)]
    team: Vec<String>,
}

/// A trail that can be read.
pub(crate) struct TrailWindow {
    pub(crate) trail: Trail,
    /// Both inclusive.
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    applied: AppliedFilters,
    make: Make,
    /// What cannot be in the trail, in sentences.
    pub(crate) notes: Vec<String>,
}

impl TrailSelection {
    /// Checks what is asked and looks up what limits it.
    pub(crate) async fn window(&self, cx: &Context) -> Result<TrailWindow, ToolError> {
        let trail = place(self.organization_id, self.team_id)?;
        if self.team_id.is_some() && !self.team.is_empty() {
            return Err(ToolError::arguments(
                "`team` filters the trail of an organization, not that of a team",
            ));
        }
        let window = AuditWindow::of(Some(&self.date_from), Some(&self.date_to))?;
        let (from, to) =
            (window.from.unwrap_or(Timestamp::MIN), window.to.unwrap_or(Timestamp::MAX));
        let patient = cx.clone().with_make(|make| make.retrying_long());
        let applied = AppliedFilters {
            date_from: Some(from.to_string()),
            date_to: Some(to.to_string()),
            ..filters::resolved(&patient, trail, &self.event, &self.author, &self.team).await?
        };
        let organization = organization_of(&patient, trail).await?;
        let (make, limits) = match organization {
            Some(id) => limited(&patient, id).await?,
            None => (patient.make.uncached(), PlanLimits::default()),
        };
        let notes = window.notes(cx.today, limits.audit_days);
        Ok(TrailWindow { trail, from, to, applied, make, notes })
    }

    /// What was asked, as it stands in evidence: filters in the form in which they went to Make.
    pub(crate) fn described(&self, window: &TrailWindow) -> Value {
        let AppliedFilters { date_from, date_to, event, author, team } = &window.applied;
        json!({
            "organizationId": self.organization_id, "teamId": self.team_id,
            "dateFrom": date_from, "dateTo": date_to,
            "event": event, "author": author, "team": team,
        })
    }
}

impl TrailWindow {
    /// The entries from `mark` on, also those beside the window.
    pub(crate) fn read(&self, mark: Cursor) -> AuditStream {
        let filter = AuditLogFilter {
            // It is unknown whether Make takes times, and whether it counts the last day: the window is cut here.
            date_from: day(self.from).yesterday().ok().map(|day| day.to_string()),
            date_to: day(self.to).tomorrow().ok().map(|day| day.to_string()),
            ..self.applied.filter()
        };
        self.make.audit_logs().oldest_first(self.trail, &filter, mark)
    }

    /// The filters in the form in which they went to Make.
    pub(crate) fn applied(&self) -> &AppliedFilters {
        &self.applied
    }

    /// Whether an entry belongs to the window. One that does not say when it happened does.
    pub(crate) fn has(&self, entry: &StreamedEntry) -> bool {
        let moment = happened(entry);
        self.from <= moment && moment <= self.to
    }

    /// The client that keeps below the quota.
    pub(crate) fn make(&self) -> &Make {
        &self.make
    }
}

/// When an entry happened; where it does not say, when it was stored.
pub(crate) fn happened(entry: &StreamedEntry) -> Timestamp {
    audit_logs::happened(&entry.record).unwrap_or(entry.created)
}

/// What came while a trail was read, and what is missing of it, in sentences.
pub(crate) fn said_of(reading: &AuditStream) -> (Option<String>, Option<String>) {
    let later = reading.later().map(|until| {
        format!("Entries that Make stored after {until} came while it was read, and are left out.")
    });
    (later, reading.gap().map(|gap| format!("Not complete: {gap}.")))
}

/// A client for reading much of an organization: patient, fresh, below the quota.
pub(crate) async fn bulk_client(
    cx: &Context,
    organization: OrganizationId,
) -> Result<Make, ToolError> {
    let patient = cx.clone().with_make(|make| make.retrying_long());
    limited(&patient, organization).await.map(|(make, _)| make)
}

/// A client that keeps below the organization's quota, and what its plan allows.
async fn limited(
    cx: &Context,
    organization: OrganizationId,
) -> Result<(Make, PlanLimits), ToolError> {
    let limits = PlanLimits::of(cx, organization).await?;
    // The built-in account has no quota.
    let make = if cx.account.sandbox {
        cx.make.uncached()
    } else if !limits.known {
        // What is read next is refused too, most likely: nobody should wait for their turn to hear it.
        cx.make.uncached().retrying_for(RETRY_BUDGET)
    } else {
        cx.make.bulk(BulkRead {
            organization,
            per_minute: limits.requests.filter(|quota| *quota > 0).unwrap_or(UNKNOWN_QUOTA),
        })
    };
    Ok((make, limits))
}

fn day(moment: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(moment).date()
}
