//! What a person can reach, and the calls that remove it.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::make::{AuditLogEntry, OrganizationId, Record, TeamId, UserId};

/// What the person can reach, as far as the caller can see.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct FoundAccess {
    /// The person.
    pub(super) person: Who,
    /// Organizations that they are in or invited to.
    pub(super) organizations: Vec<OrganizationAccess>,
    /// Teams that they are in.
    pub(super) teams: Vec<TeamAccess>,
    /// What they did in the last 30 days.
    pub(super) recent_audit: Vec<Activity>,
    /// The calls that would take it all away, in order.
    pub(super) steps: Vec<OffboardStep>,
    /// What could not be seen, and what a person must do.
    pub(super) notes: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Who {
    pub(super) id: UserId,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct OrganizationAccess {
    pub(super) organization_id: OrganizationId,
    pub(super) name: Option<String>,
    /// The role's name.
    pub(super) role: Option<String>,
    /// pending, expired, or null for a member.
    pub(super) invitation: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct TeamAccess {
    pub(super) team_id: TeamId,
    pub(super) name: Option<String>,
    pub(super) organization_id: OrganizationId,
    /// The role's name.
    pub(super) role: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct Activity {
    pub(super) organization_id: OrganizationId,
    /// Entries in these days; null if Make did not count.
    pub(super) count: Option<u64>,
    /// The latest entries.
    pub(super) latest: Vec<Record<AuditLogEntry>>,
}

/// A call; every one of them asks for confirmation itself.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct OffboardStep {
    pub(super) order: usize,
    pub(super) tool: &'static str,
    pub(super) arguments: Map<String, Value>,
    pub(super) why: String,
}
