//! Reading a whole trail: what is asked for, how fast it may be read, and what cannot be in it.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    make::{
        AuditLogFilter, AuditStream, BulkRead, Counter, Cursor, Make, Moment, OrganizationId,
        Place, StreamedEntry, TeamId, Trail,
    },
    tools::{
        audit_logs::Day,
        registry::{Context, ToolError, arguments::place},
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
    /// Last day or moment.
    #[schemars(example = &"2026-05-31")]
    date_to: String,
    /// Only these, from make-audit-filters.
    #[serde(default)]
    event: Vec<String>,
    /// Only these, by id or name.
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
    filter: AuditLogFilter,
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
        let from = Day::of("dateFrom", &self.date_from)?.start();
        let to = Day::of("dateTo", &self.date_to)?.end();
        if from > to {
            return Err(ToolError::arguments("`dateFrom` is later than `dateTo`"));
        }
        let organization = organization_of(&cx.make.retrying_long(), trail).await?;
        let (make, kept) = match organization {
            Some(id) => limits(cx, id).await?,
            None => (cx.make.retrying_long().uncached(), None),
        };
        Ok(TrailWindow {
            trail,
            from,
            to,
            filter: AuditLogFilter {
                // It is unknown whether Make takes times, and whether it counts the last day: the window is cut here.
                date_from: day(from).yesterday().ok().map(|day| day.to_string()),
                date_to: day(to).tomorrow().ok().map(|day| day.to_string()),
                events: self.event.clone(),
                authors: self.author.clone(),
                teams: self.team.clone(),
            },
            make,
            notes: kept.and_then(|days| too_old(days, day(from), cx.today)).into_iter().collect(),
        })
    }

    /// What was asked, as it stands in evidence.
    pub(crate) fn described(&self, window: &TrailWindow) -> Value {
        json!({
            "organizationId": self.organization_id, "teamId": self.team_id,
            "dateFrom": window.from.to_string(), "dateTo": window.to.to_string(),
            "event": self.event, "author": self.author, "team": self.team,
        })
    }
}

impl TrailWindow {
    /// The entries from `mark` on, also those beside the window.
    pub(crate) fn read(&self, mark: Cursor) -> AuditStream {
        self.make.audit_logs().oldest_first(self.trail, &self.filter, mark)
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
    let said = match &entry.record.triggered_at {
        Some(Moment::Text(text)) => text.parse().ok(),
        Some(Moment::Milliseconds(count)) => Timestamp::from_millisecond(*count).ok(),
        None => None,
    };
    said.unwrap_or(entry.created)
}

async fn organization_of(make: &Make, trail: Trail) -> Result<Option<OrganizationId>, ToolError> {
    match trail {
        Place::Organization(id) => Ok(Some(id)),
        Place::Team(id) => match make.teams().get(id, &[]).await {
            Ok(team) => Ok(team.organization_id),
            // The trail itself will say what is wrong.
            Err(error) if error.status().is_some() => Ok(None),
            Err(error) => Err(error.into()),
        },
    }
}

/// A client for reading much of an organization: patient, fresh, below the quota.
pub(crate) async fn bulk_client(
    cx: &Context,
    organization: OrganizationId,
) -> Result<Make, ToolError> {
    limits(cx, organization).await.map(|(make, _)| make)
}

/// The organization's requests per minute, and the days that its audit logs are kept.
async fn limits(
    cx: &Context,
    organization: OrganizationId,
) -> Result<(Make, Option<u64>), ToolError> {
    let make = cx.make.retrying_long();
    let license = match make
        .organizations()
        .get(organization, &["id", "name", "license"].map(str::to_owned), false)
        .await
    {
        Ok(organization) => organization.license.clone(),
        // What is read next will say what is wrong.
        Err(error) if error.status().is_some() => None,
        Err(error) => return Err(error.into()),
    };
    let number = |counter: Option<&Counter>| counter.and_then(Counter::number);
    let quota = number(license.as_ref().and_then(|license| license.api_limit.as_ref()));
    let kept = number(license.as_ref().and_then(|license| license.audit_logs_days.as_ref()));
    // The built-in account has no quota.
    let make = if cx.account.sandbox {
        make.uncached()
    } else {
        make.bulk(BulkRead {
            organization,
            per_minute: quota.filter(|quota| *quota > 0).unwrap_or(UNKNOWN_QUOTA),
        })
    };
    Ok((make, kept))
}

/// What a plan no longer has.
fn too_old(kept: u64, from: Date, today: Date) -> Option<String> {
    let oldest = today.checked_sub(i64::try_from(kept).ok()?.days()).ok()?;
    (kept > 0 && from < oldest).then(|| {
        format!(
            "The plan keeps audit logs for {kept} days: entries before {oldest} are not in the \
             trail any more."
        )
    })
}

fn day(moment: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(moment).date()
}
