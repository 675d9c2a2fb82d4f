//! The audit trail of the account: its history, and what writes have appended.

use jiff::SignedDuration;

use super::{generated, generated::UuidKind, history::SandboxEvent, state::AccountState};
use crate::make::{OrganizationId, TeamId, UserId};

impl AccountState {
    /// Appends what a write did to the trail.
    pub(crate) fn record(
        &mut self,
        name: &'static str,
        actor: UserId,
        organization: OrganizationId,
        team: Option<TeamId>,
        subject: Option<UserId>,
    ) {
        let triggered = self.now();
        self.events.push(SandboxEvent {
            uuid: generated::uuid(UuidKind::SandboxEvent, self.events.len() as u64),
            triggered,
            stored: triggered + SignedDuration::from_millis(300),
            name,
            organization,
            team,
            actor: Some(actor),
            target: team.map_or(organization.0, |team| team.0),
            subject,
            version: None,
        });
    }

    /// How many entries all trails have together.
    pub(crate) fn trail_len(&self) -> u64 {
        self.events.len() as u64 + self.history.entries
    }

    /// The entry at `place` of all trails, 0 being the newest.
    pub(crate) fn trail_event(&self, place: u64) -> SandboxEvent {
        let appended = self.events.len() as u64;
        match usize::try_from(place) {
            Ok(newer) if newer < self.events.len() => {
                self.events[self.events.len() - 1 - newer].clone()
            }
            _ => self.history.event(place - appended),
        }
    }
}
