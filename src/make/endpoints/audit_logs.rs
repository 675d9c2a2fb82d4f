//! Audit logs of organizations and teams.

mod stream;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::make::{
    List, Make, OrganizationId, Page, Place, Record, Result, TeamRef, request::RequestBuilder,
    transport::Segment,
};

pub use stream::{AuditStream, Cursor, StreamedEntry};

/// Audit logs.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> make_admin_mcp::make::Result<()> {
/// use make_admin_mcp::{make::{AuditLogFilter, Cursor, Make, OrganizationId, Place}, sandbox::Sandbox};
///
/// let make = Make::new(Sandbox::default(), Some(Sandbox::credential()));
/// let trail = Place::Organization(OrganizationId(11));
/// let mut entries =
///     make.audit_logs().oldest_first(trail, &AuditLogFilter::default(), Cursor::default());
/// let first = entries.next().await?.expect("the trail has entries");
/// assert!(first[0].created <= first[first.len() - 1].created);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct AuditLogs<'a> {
    pub(super) make: &'a Make,
}

/// Whose trail is read.
pub type Trail = Place;

/// Someone or something by id and name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Named {
    /// The id.
    pub id: Option<u64>,
    /// The name; text that a person chose.
    pub name: Option<String>,
    /// The e-mail address of a person.
    pub email: Option<String>,
}

/// An entry of a trail. Names in it are text that other people wrote.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditLogEntry {
    /// The entry.
    pub uuid: Option<String>,
    /// When it was stored, ISO 8601 in UTC.
    pub created_at: Option<String>,
    /// When it happened: ISO 8601 in UTC, or milliseconds.
    pub triggered_at: Option<Moment>,
    /// The organization.
    pub organization_id: Option<OrganizationId>,
    /// The organization.
    pub organization: Option<Named>,
    /// What happened, e.g. `webhook_created`.
    pub event_name: Option<String>,
    /// The team; null for events of the organization.
    pub team: Option<Named>,
    /// Who did it; null for the system.
    pub actor: Option<Named>,
    /// The id of what was touched.
    pub target_id: Option<String>,
    /// Version before and after.
    pub version: Option<Version>,
}

/// An entry with its details.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AuditLogDetail {
    /// The entry.
    #[serde(flatten)]
    pub entry: AuditLogEntry,
    /// What the event is about; the keys depend on `eventName`.
    pub details: Option<Map<String, Value>>,
}

/// A moment: Make documents a number and shows text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
pub enum Moment {
    /// ISO 8601 in UTC.
    Text(String),
    /// Milliseconds since 1970.
    Milliseconds(i64),
}

/// The version of the touched thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Version {
    /// Before.
    pub from: Option<String>,
    /// After.
    pub to: Option<String>,
}

/// What entries of a trail can be filtered by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AuditFilters {
    /// People who did something.
    pub users: Option<Vec<Record<Named>>>,
    /// Teams; absent for a team's own trail.
    pub teams: Option<Vec<TeamRef>>,
    /// Events by group: the only authoritative list of event values.
    pub events: Option<Vec<EventGroup>>,
}

/// Events under one heading.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct EventGroup {
    /// The heading.
    pub header: Option<String>,
    /// The events.
    #[serde(default)]
    pub items: Vec<EventValue>,
}

/// An event to filter by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct EventValue {
    /// Its name for people.
    pub label: Option<String>,
    /// Its value in filters and entries.
    pub value: Option<String>,
}

/// Which entries to list; empty lists filter nothing.
#[derive(Clone, Debug, Default)]
pub struct AuditLogFilter {
    /// Oldest day, `YYYY-MM-DD`.
    pub date_from: Option<String>,
    /// Newest day, `YYYY-MM-DD`.
    pub date_to: Option<String>,
    /// Event values.
    pub events: Vec<String>,
    /// People, by id or name.
    pub authors: Vec<String>,
    /// Teams, by id or name; only for an organization's trail.
    pub teams: Vec<String>,
}

impl AuditLogs<'_> {
    /// Lists entries of a trail, newest first unless asked otherwise.
    ///
    /// `GET /audit-logs/organization/{organizationId}` or `GET /audit-logs/team/{teamId}`.
    /// A feature of the Enterprise plan, kept for twelve months; 402 on other plans.
    pub async fn list(
        &self,
        trail: Trail,
        filter: &AuditLogFilter,
        page: &Page,
    ) -> Result<List<Record<AuditLogEntry>>> {
        self.trail(trail, None)
            .indexed("team", &filter.teams)
            .query_some("dateFrom", filter.date_from.as_deref())
            .query_some("dateTo", filter.date_to.as_deref())
            .indexed("event", &filter.events)
            .indexed("author", &filter.authors)
            .page(page)
            .list("auditLogs")
            .await
    }

    /// Fetches what a trail can be filtered by.
    ///
    /// `GET /audit-logs/{organization|team}/{id}/filters`.
    pub async fn filters(&self, trail: Trail) -> Result<Record<AuditFilters>> {
        self.trail(trail, Some("filters")).whole().await
    }

    /// Fetches one entry with its details.
    ///
    /// `GET /audit-logs/{organizationId}/{uuid}`.
    pub async fn get(
        &self,
        organization: OrganizationId,
        uuid: &str,
    ) -> Result<Record<AuditLogDetail>> {
        self.make.get(&[&"audit-logs", &organization, &uuid]).quota_of(organization).whole().await
    }

    fn trail(&self, trail: Trail, below: Option<&'static str>) -> RequestBuilder<'_> {
        let (kind, id): (&str, Segment<'_>) = match &trail {
            Place::Organization(id) => ("organization", id),
            Place::Team(id) => ("team", id),
        };
        let mut path: Vec<Segment<'_>> = vec![&"audit-logs", &kind, id];
        if let Some(below) = &below {
            path.push(below);
        }
        let request = self.make.get(&path);
        match trail {
            Place::Organization(id) => request.quota_of(id),
            Place::Team(_) => request,
        }
    }
}
