//! Tools about audit logs.

pub(crate) mod filters;
pub(crate) mod window;

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::{
    filters::AppliedFilters,
    window::{AuditWindow, PlanLimits, on_the_wire, organization_of},
};
use super::registry::{
    Context, Scopes, Tool, ToolError, ToolSpec, Toolset,
    arguments::place,
    paging::{PageInfo, Paging},
};
use crate::make::{
    AuditFilters, AuditLogDetail, AuditLogEntry, Moment, OrganizationId, Page, Place, Record,
    SortDir, TeamId,
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
    /// Last day (to its end) or moment.
    date_to: Option<String>,
    /// Only these, by value or label, e.g. webhook_created.
    #[serde(default)]
    event: Vec<String>,
    /// Only by these people: id, name or e-mail.
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
        let window = AuditWindow::of(self.date_from.as_deref(), self.date_to.as_deref())?;
        let applied = AppliedFilters {
            date_from: window.from.map(on_the_wire),
            date_to: window.to.map(on_the_wire),
            ..filters::resolved(cx, trail, &self.event, &self.author, &teams).await?
        };
        let sort_by = self.sort_by.map(|column| column.as_str().to_owned());
        let page =
            Page { count: self.return_total_count, ..self.paging.page(sort_by, self.sort_dir) };
        let list = cx.make.audit_logs().list(trail, &applied.filter(), &page).await?;
        let (mut audit_logs, mut page) = self.paging.paged(list);
        let sent = audit_logs.len();
        // Make may read a moment as its day.
        audit_logs.retain(|entry| happened(entry).is_none_or(|moment| window.has(moment)));
        page.leave_out(sent - audit_logs.len(), "outside of the window");
        let notes = match (window.from, window.to) {
            (None, None) => Vec::new(),
            _ => window.notes(cx.today, audit_days(cx, trail).await),
        };
        Ok(Entries { audit_logs, applied, notes, page })
    }
}

/// For how many days the trail is kept, where that can be told.
async fn audit_days(cx: &Context, trail: Place) -> Option<u64> {
    let organization = organization_of(cx, trail).await.ok()??;
    PlanLimits::of(cx, organization).await.ok()?.audit_days
}

/// When an entry happened, as far as it says so.
pub(crate) fn happened(entry: &AuditLogEntry) -> Option<Timestamp> {
    match entry.triggered_at.as_ref()? {
        Moment::Text(text) => text.parse().ok(),
        Moment::Milliseconds(count) => Timestamp::from_millisecond(*count).ok(),
    }
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Entries {
    /// The entries, newest first unless asked otherwise.
    audit_logs: Vec<Record<AuditLogEntry>>,
    /// What was filtered by, as it went to Make.
    applied: AppliedFilters,
    /// What cannot be in the window, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
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
