//! Tools about audit logs.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::registry::{
    Context, Scopes, Tool, ToolError, ToolSpec, Toolset,
    arguments::place,
    paging::{PageInfo, Paging},
};
use crate::make::{
    AuditFilters, AuditLogDetail, AuditLogEntry, AuditLogFilter, OrganizationId, Page, Place,
    Record, SortDir, TeamId,
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AuditOrg {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Only these, by id or name.
    #[serde(default)]
    team: Vec<String>,
    #[serde(flatten)]
    asked: AuditArguments,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AuditTeam {
    /// The team.
    #[schemars(example = 22)]
    team_id: TeamId,
    #[serde(flatten)]
    asked: AuditArguments,
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AuditArguments {
    /// First day, YYYY-MM-DD (UTC), or RFC 3339 moment.
    date_from: Option<String>,
    /// Last day or moment.
    date_to: Option<String>,
    /// Only these, from make-audit-filters, e.g. webhook_created.
    #[serde(default)]
    event: Vec<String>,
    /// Only by these people, by id or name.
    #[serde(default)]
    author: Vec<String>,
    /// Also count all, into page.total.
    #[serde(default)]
    return_total_count: bool,
    #[serde(flatten)]
    paging: Paging,
    /// triggeredAt if left out.
    sort_by: Option<AuditColumn>,
    /// Newest first if left out.
    sort_dir: Option<SortDir>,
}

#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
enum AuditColumn {
    CreatedAt,
    TriggeredAt,
    EventName,
    Organization,
    Team,
    Actor,
    TargetId,
}

impl AuditColumn {
    fn as_str(self) -> &'static str {
        match self {
            Self::CreatedAt => "createdAt",
            Self::TriggeredAt => "triggeredAt",
            Self::EventName => "eventName",
            Self::Organization => "organization",
            Self::Team => "team",
            Self::Actor => "actor",
            Self::TargetId => "targetId",
        }
    }
}

impl AuditArguments {
    async fn list(
        self,
        cx: &Context,
        trail: Place,
        teams: Vec<String>,
    ) -> Result<Entries, ToolError> {
        let day = |name, text: &Option<String>| {
            text.as_deref().map(|text| Day::of(name, text)).transpose()
        };
        let (from, to) = (day("dateFrom", &self.date_from)?, day("dateTo", &self.date_to)?);
        if let (Some(from), Some(to)) = (&from, &to)
            && from.start() > to.end()
        {
            return Err(ToolError::arguments("`dateFrom` is later than `dateTo`"));
        }
        let filter = AuditLogFilter {
            date_from: from.map(Day::on_the_wire),
            date_to: to.map(Day::on_the_wire),
            events: self.event,
            authors: self.author,
            teams,
        };
        let sort_by = self.sort_by.map(|column| column.as_str().to_owned());
        let page =
            Page { count: self.return_total_count, ..self.paging.page(sort_by, self.sort_dir) };
        let list = cx.make.audit_logs().list(trail, &filter, &page).await?;
        let (audit_logs, page) = self.paging.paged(list);
        Ok(Entries { audit_logs, page })
    }
}

/// A day or a moment of an argument.
#[derive(Clone, Copy)]
pub(crate) enum Day {
    Whole(Date),
    Moment(Timestamp),
}

impl Day {
    pub(crate) fn of(name: &str, text: &str) -> Result<Self, ToolError> {
        let text = text.trim();
        if let Ok(moment) = text.parse() {
            return Ok(Self::Moment(moment));
        }
        let day = text.parse().ok().filter(|_| text.len() == 10);
        day.map(Self::Whole).ok_or_else(|| {
            ToolError::arguments(format!(
                "`{name}` must be a day such as 2026-05-31 or a moment such as 2026-05-31T08:00:00Z"
            ))
        })
    }

    /// Its first moment.
    pub(crate) fn start(self) -> Timestamp {
        match self {
            Self::Moment(moment) => moment,
            Self::Whole(day) => midnight(day),
        }
    }

    /// Its last moment.
    pub(crate) fn end(self) -> Timestamp {
        match self {
            Self::Moment(moment) => moment,
            Self::Whole(day) => {
                day.tomorrow().map_or(Timestamp::MAX, |next| midnight(next) - 1.nanosecond())
            }
        }
    }

    /// A plain day goes out as it is; a moment goes out in UTC, since it is unknown which other forms Make reads.
    fn on_the_wire(self) -> String {
        match self {
            Self::Whole(day) => day.to_string(),
            Self::Moment(moment) => format!("{moment:.3}"),
        }
    }
}

fn midnight(day: Date) -> Timestamp {
    let start = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0));
    start.unwrap_or(Timestamp::MAX)
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Entries {
    /// The entries, newest first unless asked otherwise.
    audit_logs: Vec<Record<AuditLogEntry>>,
    page: PageInfo,
}

pub(crate) fn audit_org() -> Tool {
    ToolSpec {
        name: "make-audit-org",
        title: "Read the audit log of an organization",
        description: "Lists who did what in an organization, newest first, filtered by date, \
            event, author and team. Owners and admins only; needs the Enterprise plan. For one \
            team use make-audit-team.",
        toolset: Toolset::Audit,
        scopes: Scopes::all(&["organizations:read"]).assumed(),
        example: json!({ "organizationId": 11, "limit": 5, "returnTotalCount": true }),
    }
    .reads(async |cx: Context, args: AuditOrg| {
        args.asked.list(&cx, Place::Organization(args.organization_id), args.team).await
    })
}

pub(crate) fn audit_team() -> Tool {
    ToolSpec {
        name: "make-audit-team",
        title: "Read the audit log of a team",
        description: "Lists who did what in a team, newest first, filtered by date, event and \
            author. Team admins only; organization-level events are in make-audit-org alone.",
        toolset: Toolset::Audit,
        scopes: Scopes::all(&["teams:read"]).assumed(),
        example: json!({ "teamId": 22, "limit": 5 }),
    }
    .reads(async |cx: Context, args: AuditTeam| {
        args.asked.list(&cx, Place::Team(args.team_id), Vec::new()).await
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct AuditDetail {
    /// The organization, also for an entry of a team's log.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// The entry, from make-audit-org or make-audit-team.
    #[schemars(length(min = 1), example = &"c37c7292-35cd-4dc4-9113-21b23beaea7d")]
    uuid: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Detail {
    /// The entry, with `details`.
    audit_log: Record<AuditLogDetail>,
}

pub(crate) fn audit_detail() -> Tool {
    ToolSpec {
        name: "make-audit-detail",
        title: "Get an audit log entry with details",
        description: "Gets one audit log entry with its details, such as names and settings before \
            and after. Get the uuid from make-audit-org or make-audit-team.",
        toolset: Toolset::Audit,
        scopes: Scopes::all(&["organizations:read"]).assumed(),
        example: json!({ "organizationId": 11, "uuid": "c37c7292-35cd-4dc4-9113-21b23beaea7d" }),
    }
    .reads(async |cx: Context, args: AuditDetail| {
        Ok(Detail { audit_log: cx.make.audit_logs().get(args.organization_id, &args.uuid).await? })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Filters {
    /// Of this organization. Give this or teamId.
    #[schemars(example = 11)]
    organization_id: Option<OrganizationId>,
    /// Of this team.
    #[schemars(example = 22)]
    team_id: Option<TeamId>,
}

#[derive(Serialize, JsonSchema)]
struct Filterable {
    /// People, teams and events that the log can be filtered by.
    filters: Record<AuditFilters>,
}

pub(crate) fn audit_filters() -> Tool {
    ToolSpec {
        name: "make-audit-filters",
        title: "List what an audit log can be filtered by",
        description: "Lists the event values, people and teams that make-audit-org and \
            make-audit-team can filter by. Call it before filtering: event values differ between \
            accounts.",
        toolset: Toolset::Audit,
        scopes: Scopes::all(&["organizations:read"]).assumed(),
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: Filters| {
        let trail = place(args.organization_id, args.team_id)?;
        Ok(Filterable { filters: cx.make.audit_logs().filters(trail).await? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_day_or_a_moment() {
        let day = |text| Day::of("dateFrom", text);
        let plain = day("2026-05-31").expect("a day");
        assert_eq!(plain.on_the_wire(), "2026-05-31");
        assert_eq!(plain.start().to_string(), "2026-05-31T00:00:00Z");
        assert_eq!(plain.end().to_string(), "2026-05-31T23:59:59.999999999Z");
        let moment = day("2026-05-31T10:00:00+02:00").expect("a moment");
        assert_eq!(moment.on_the_wire(), "2026-05-31T08:00:00.000Z");
        assert_eq!(moment.start(), moment.end());
        for bad in ["31.05.2026", "2026-13-01", "2026-05-31 08:00", "last week", ""] {
            assert!(day(bad).is_err(), "{bad}");
        }
    }
}
