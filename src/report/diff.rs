//! What is different between two snapshots.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    snapshot::Flag,
    snapshot::{ReviewedPerson, Snapshot},
};

/// What one person had and has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct AccessChange {
    /// The person.
    pub user_id: u64,
    /// Address or name.
    pub person: String,
    /// What is different: `organization`, `invitation`, or `team` and its name.
    pub r#where: String,
    /// The role before; null if none.
    pub before: Option<String>,
    /// The role after; null if none.
    pub after: Option<String>,
}

/// What is different between two snapshots of one organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diff {
    /// Who came, with every role.
    pub added: Vec<AccessChange>,
    /// Who went, with every role that they had.
    pub removed: Vec<AccessChange>,
    /// Whose role is another one.
    pub changed: Vec<AccessChange>,
    /// Flags that were not there.
    pub new_flags: Vec<Flag>,
    /// Flags that are there no longer.
    pub cleared_flags: Vec<Flag>,
}

impl Diff {
    /// Compares two snapshots.
    pub fn between(before: &Snapshot, after: &Snapshot) -> Self {
        let by_id = |snapshot: &Snapshot| -> BTreeMap<u64, ReviewedPerson> {
            snapshot.people.iter().map(|person| (person.id, person.clone())).collect()
        };
        let (was, is) = (by_id(before), by_id(after));
        let added = is.values().filter(|person| !was.contains_key(&person.id));
        let removed = was.values().filter(|person| !is.contains_key(&person.id));
        let changed = is.values().filter_map(|person| Some((was.get(&person.id)?, person)));
        let beyond = |some: &Snapshot, other: &Snapshot| {
            let known: BTreeSet<_> = other.flags.iter().map(Flag::key).collect();
            let flags = some.flags.iter().filter(|flag| !known.contains(&flag.key()));
            flags.cloned().collect()
        };
        Self {
            added: added
                .flat_map(|person| roles(after, person))
                .map(|(person, place, role)| change(person, &place, None, Some(role)))
                .collect(),
            removed: removed
                .flat_map(|person| roles(before, person))
                .map(|(person, place, role)| change(person, &place, Some(role), None))
                .collect(),
            changed: changed.flat_map(|(was, is)| changes(before, was, after, is)).collect(),
            new_flags: beyond(after, before),
            cleared_flags: beyond(before, after),
        }
    }
}

/// Every role of a person: in the organization, then in each team.
fn roles<'a>(
    snapshot: &Snapshot,
    person: &'a ReviewedPerson,
) -> Vec<(&'a ReviewedPerson, String, String)> {
    let whole = (person, "organization".to_owned(), snapshot.role_name(person.role_id));
    let teams = person.teams.iter().map(|team| {
        let place = format!("team {}", snapshot.team_name(team.team_id));
        (person, place, snapshot.role_name(team.role_id))
    });
    std::iter::once(whole).chain(teams).collect()
}

/// How many people changes are about.
pub fn people(changes: &[AccessChange]) -> usize {
    changes.iter().map(|change| change.user_id).collect::<BTreeSet<_>>().len()
}

fn change(
    person: &ReviewedPerson,
    place: &str,
    before: Option<String>,
    after: Option<String>,
) -> AccessChange {
    AccessChange {
        user_id: person.id,
        person: person.called(),
        r#where: place.to_owned(),
        before,
        after,
    }
}

fn changes(
    before: &Snapshot,
    was: &ReviewedPerson,
    after: &Snapshot,
    is: &ReviewedPerson,
) -> Vec<AccessChange> {
    let mut list = Vec::new();
    if was.role_id != is.role_id {
        let roles = (before.role_name(was.role_id), after.role_name(is.role_id));
        list.push(change(is, "organization", Some(roles.0), Some(roles.1)));
    }
    if was.invitation != is.invitation {
        list.push(change(is, "invitation", was.invitation.clone(), is.invitation.clone()));
    }
    let role = |person: &ReviewedPerson, team| {
        let found = person.teams.iter().find(|one| one.team_id == team);
        found.map(|one| one.role_id)
    };
    let teams: BTreeSet<_> = was.teams.iter().chain(&is.teams).map(|one| one.team_id).collect();
    for team in teams {
        let (had, has) = (role(was, team), role(is, team));
        if had != has {
            let place = format!("team {}", after.team_name(team));
            let names = (had.map(|id| before.role_name(id)), has.map(|id| after.role_name(id)));
            list.push(change(is, &place, names.0, names.1));
        }
    }
    list
}
