//! The audit trail: a year of entries, each computed from its index alone, and the entries that writes append.

use std::sync::LazyLock;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{
    generated,
    generated::{UuidKind, midnight, spread},
};
use crate::make::{OrganizationId, TeamId, UserId};

/// The events under one heading of Make's catalogue.
pub(crate) struct EventGroupDefinition {
    pub(crate) header: &'static str,
    /// Whether teams have these events too; if not, they are the organization's alone.
    pub(crate) of_teams: bool,
    pub(crate) events: &'static [&'static str],
}

const fn group(
    header: &'static str,
    of_teams: bool,
    events: &'static [&'static str],
) -> EventGroupDefinition {
    EventGroupDefinition { header, of_teams, events }
}

/// What Make audits. People who join, leave or change their organization role, and API tokens, are not in it.
#[rustfmt::skip]
pub(crate) const CATALOGUE: &[EventGroupDefinition] = &[
    group("Webhooks", true, &["webhook_created", "webhook_updated", "webhook_deleted",
    "webhook_enabled", "webhook_disabled"]),
    group("Scenarios", true, &["scenario_created", "scenario_updated", "scenario_deleted",
    "scenario_activated", "scenario_deactivated"]),
    group("Connections", true, &["connection_created", "connection_updated", "connection_deleted",
    "connection_authorized"]),
    group("Keys", true, &["key_created", "key_updated", "key_deleted"]),
    group("Team", true, &["team_created", "team_updated", "team_deleted", "team_role_updated",
    "team_member_removed"]),
    group("Team variables", true, &["team_variable_created", "team_variable_updated",
    "team_variable_deleted"]),
    group("Organization variables", false, &["organization_variable_created",
    "organization_variable_updated", "organization_variable_deleted"]),
    group("Data stores", true, &["data_store_created", "data_store_updated", "data_store_deleted"]),
    group("Data store records", true, &["data_store_record_created", "data_store_record_updated",
    "data_store_record_deleted"]),
    group("Data structures", true, &["data_structure_created", "data_structure_updated",
    "data_structure_deleted"]),
    group("Functions", true, &["function_created", "function_updated", "function_deleted"]),
    group("Organization", false, &["organization_created"]),
    group("Two-factor enforcement", false, &["two_factor_enforcement_enabled",
    "two_factor_enforcement_disabled"]),
    group("Credential requests", true, &["credential_request_created",
    "credential_request_authorized", "credential_request_deleted"]),
];

/// One thing that happened.
#[derive(Clone)]
pub(crate) struct SandboxEvent {
    pub(crate) uuid: u128,
    pub(crate) triggered: Timestamp,
    pub(crate) stored: Timestamp,
    pub(crate) name: &'static str,
    pub(crate) organization: OrganizationId,
    /// None for an event of the organization.
    pub(crate) team: Option<TeamId>,
    /// None for the system.
    pub(crate) actor: Option<UserId>,
    pub(crate) target: u64,
    /// The person whose team role changed.
    pub(crate) subject: Option<UserId>,
    /// The last part of the version before; None where nothing has versions.
    pub(crate) version: Option<u64>,
}

/// A year of entries of one organization, newest first.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct GeneratedHistory {
    pub(crate) organization_id: OrganizationId,
    pub(crate) entries: u64,
    pub(crate) actors: Vec<UserId>,
    pub(crate) teams: Vec<TeamId>,
}

impl GeneratedHistory {
    /// The entry at `index`, 0 being the newest.
    pub(crate) fn event(&self, index: u64) -> SandboxEvent {
        let drawn = spread(index);
        let of_organization = (drawn >> 32) % 16 == 15;
        let name = pick(if of_organization { &ORGANIZATION_EVENTS } else { &TEAM_EVENTS }, drawn);
        let slot = self.slot(index);
        let triggered = self.moment(slot);
        let system = name == "webhook_disabled" && drawn & 1 == 1;
        SandboxEvent {
            uuid: generated::uuid(UuidKind::GeneratedHistory, index),
            triggered,
            // Less than a second apart, so that entries are stored in the order in which they happen.
            stored: triggered + SignedDuration::from_millis(300 + (spread(slot) >> 56) as i64 * 2),
            name,
            organization: self.organization_id,
            team: (!of_organization).then(|| pick(&self.teams, drawn >> 8)),
            actor: (!system).then(|| pick(&self.actors, drawn >> 16)),
            target: 3000 + (drawn >> 24) % 500,
            subject: name.starts_with("team_role").then(|| pick(&self.actors, drawn >> 36)),
            version: ((drawn >> 40) % 4 != 1).then_some((drawn >> 48) % 20),
        }
    }

    /// Every seventh entry shares the moment of the one before it, as entries of one bulk change do.
    fn slot(&self, index: u64) -> u64 {
        if index % 7 == 1 { index - 1 } else { index }
    }

    /// Spread over twelve months, and never newer for a larger slot.
    fn moment(&self, slot: u64) -> Timestamp {
        const YEAR: u64 = 365 * 24 * 60 * 60;
        let step = (YEAR / self.entries.max(1)).max(1);
        let back = slot * step + spread(slot) % step + 1;
        midnight() - SignedDuration::from_secs(back as i64)
    }
}

/// Events that happen every day in a team: no team is made or deleted in the history.
static TEAM_EVENTS: LazyLock<Vec<&str>> =
    LazyLock::new(|| every_day(true, &["team_created", "team_deleted", "team_member_removed"]));

/// Events of the organization itself, which is older than its history.
static ORGANIZATION_EVENTS: LazyLock<Vec<&str>> =
    LazyLock::new(|| every_day(false, &["organization_created"]));

fn every_day(of_teams: bool, but: &[&str]) -> Vec<&'static str> {
    CATALOGUE
        .iter()
        .filter(|group| group.of_teams == of_teams)
        .flat_map(|group| group.events.iter().copied())
        .filter(|event| !but.contains(event))
        .collect()
}

fn pick<T: Copy>(from: &[T], drawn: u64) -> T {
    from[(drawn % from.len() as u64) as usize]
}

#[cfg(test)]
mod tests {
    use super::{super::state::account, *};

    #[test]
    fn the_history_is_sorted_has_ties_and_fits_into_twelve_months() {
        let history = &account().history;
        let moments: Vec<Timestamp> =
            (0..history.entries).map(|index| history.event(index).triggered).collect();
        assert!(moments.is_sorted_by(|newer, older| newer >= older));
        assert!(moments.windows(2).any(|pair| pair[0] == pair[1]));
        let oldest = *moments.last().expect("not empty");
        assert!(oldest >= midnight() - SignedDuration::from_hours(24 * 365));
        assert!(moments[0] < midnight());
    }

    #[test]
    fn the_newest_entry_is_of_the_kind_that_make_documents() {
        let newest = account().history.event(0);
        assert_eq!(newest.name, "webhook_created");
        assert_eq!((newest.team, newest.actor), (Some(TeamId(22)), Some(UserId(41))));
        assert_eq!((newest.target, newest.version), (3000, Some(0)));
    }

    #[test]
    fn a_longer_history_is_computed_as_well() {
        let history = GeneratedHistory { entries: 200_000, ..account().history.clone() };
        assert!(
            history.event(199_999).triggered >= midnight() - SignedDuration::from_hours(24 * 365)
        );
    }
}
