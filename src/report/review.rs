//! The findings of an access review: what in a snapshot deserves a look.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::snapshot::{
    FORMAT, Flag, FlagKind, ReviewCounts, ReviewedPerson, RoleRow, Snapshot, SnapshotRef, TeamRow,
    Terms,
};
use crate::{make::TwoFactor, text::quoted};

/// Makes the snapshot of an access review: sorts what was read and flags what deserves a look.
pub fn review(
    organization: SnapshotRef,
    terms: Terms,
    mut roles: Vec<RoleRow>,
    mut teams: Vec<TeamRow>,
    mut people: Vec<ReviewedPerson>,
    mut notes: Vec<String>,
) -> Snapshot {
    roles.sort_by_key(|role| role.id);
    roles.dedup_by_key(|role| role.id);
    teams.sort_by_key(|team| team.id);
    teams.dedup_by_key(|team| team.id);
    people.sort_by_key(|person| person.id);
    for person in &mut people {
        person.teams.sort_by_key(|team| (team.team_id, team.role_id.is_none()));
        person.teams.dedup_by_key(|team| team.team_id);
    }
    notes.sort();
    let mut snapshot = Snapshot {
        format: FORMAT.to_owned(),
        organization,
        terms,
        counts: ReviewCounts::default(),
        roles,
        teams,
        people,
        flags: Vec::new(),
        notes,
    };
    snapshot.flags = flags(&snapshot);
    snapshot.counts = counts(&snapshot);
    snapshot
}

fn counts(snapshot: &Snapshot) -> ReviewCounts {
    let invited = |state: &str| {
        let is_it = |person: &&ReviewedPerson| person.invitation.as_deref() == Some(state);
        snapshot.people.iter().filter(is_it).count()
    };
    let mut two_factor = BTreeMap::new();
    for person in snapshot.people.iter().filter(is_member) {
        *two_factor.entry(TwoFactor::of(person.tfa_status).name().to_owned()).or_default() += 1;
    }
    let mut counts = ReviewCounts {
        people: snapshot.people.len(),
        teams: snapshot.teams.len(),
        pending: invited("pending"),
        expired: invited("expired"),
        two_factor,
        flags: BTreeMap::new(),
    };
    for flag in &snapshot.flags {
        *counts.flags.entry(flag.kind.name().to_owned()).or_default() += 1;
    }
    counts
}

fn flag(kind: FlagKind, person: &ReviewedPerson, text: String) -> Flag {
    Flag { kind, person: person.called(), person_id: Some(person.id), text }
}

/// All flags of a snapshot, by kind and person.
fn flags(snapshot: &Snapshot) -> Vec<Flag> {
    let mut flags: Vec<_> =
        snapshot.people.iter().flat_map(|person| of_person(snapshot, person)).collect();
    flags.extend(few_managers(snapshot));
    flags.extend(team_admins(snapshot));
    flags.sort_by(|a, b| (a.kind, a.person_id, &a.text).cmp(&(b.kind, b.person_id, &b.text)));
    flags
}

fn of_person(snapshot: &Snapshot, person: &ReviewedPerson) -> Vec<Flag> {
    let role = snapshot.role(person.role_id);
    let mut found = Vec::new();
    match person.invitation.as_deref() {
        Some("expired") => {
            let text = "The invitation has expired and was never accepted.".to_owned();
            found.push(flag(FlagKind::ExpiredInvitation, person, text));
        }
        Some(_) => {
            let text = format!(
                "Invited as {}, not accepted yet.",
                quoted(&snapshot.role_name(person.role_id))
            );
            found.push(flag(FlagKind::PendingInvitation, person, text));
        }
        None => {
            found.extend(login(snapshot, person));
            found.extend(second_factor(person));
            if person.teams.is_empty() && !role.is_some_and(|role| role.all_teams) {
                found.push(flag(FlagKind::NoTeam, person, "Is in no team.".to_owned()));
            }
        }
    }
    let domain = person
        .email
        .as_deref()
        .and_then(|email| email.rsplit_once('@'))
        .map(|(_, domain)| domain.to_lowercase());
    if let Some(domain) = domain.filter(|domain| !snapshot.terms.trusted_domains.contains(domain)) {
        found.push(flag(
            FlagKind::ExternalDomain,
            person,
            format!("Has an address of {}.", quoted(&domain)),
        ));
    }
    let of_teams = person.teams.iter().filter_map(|team| snapshot.role(team.role_id));
    let mut custom: Vec<_> = role.into_iter().chain(of_teams).filter(|role| role.custom).collect();
    custom.dedup_by_key(|role| role.id);
    found.extend(
        custom.into_iter().map(|role| flag(FlagKind::CustomRole, person, has_custom(role))),
    );
    found
}

fn second_factor(person: &ReviewedPerson) -> Option<Flag> {
    let (kind, text) = match TwoFactor::of(person.tfa_status) {
        TwoFactor::None => (FlagKind::NoTfa, "Signs in without a second factor."),
        TwoFactor::Unknown => {
            (FlagKind::UnknownTwoFactor, "Make does not say whether there is a second factor.")
        }
        TwoFactor::App | TwoFactor::External => return None,
    };
    Some(flag(kind, person, text.to_owned()))
}

fn has_custom(role: &RoleRow) -> String {
    let adds: Vec<_> = role.adds.iter().map(|one| quoted(one)).collect();
    let adds = if adds.is_empty() { "nothing".to_owned() } else { adds.join(", ") };
    let name = role.name.as_deref().unwrap_or_default();
    format!("Has the custom role {}, which adds to a plain member: {adds}.", quoted(name))
}

fn login(snapshot: &Snapshot, person: &ReviewedPerson) -> Option<Flag> {
    let Some(last) = &person.last_login else {
        return Some(flag(FlagKind::NeverLoggedIn, person, "Has never logged in.".to_owned()));
    };
    let days = days_since(last, &snapshot.terms.as_of)?;
    (days > i64::try_from(snapshot.terms.stale_days).unwrap_or(i64::MAX)).then(|| {
        flag(
            FlagKind::StaleLogin,
            person,
            format!("Logged in last {days} days before {}.", snapshot.terms.as_of),
        )
    })
}

/// Whole days between a moment and a day, in UTC.
pub(super) fn days_since(moment: &str, day: &str) -> Option<i64> {
    let moment: Timestamp = moment.parse().ok()?;
    let day: Date = day.parse().ok()?;
    let since = TimeZone::UTC.to_datetime(moment).date();
    Some(since.duration_until(day).as_hours() / 24)
}

fn is_member(person: &&ReviewedPerson) -> bool {
    person.invitation.is_none()
}

/// An organization always has one owner; the flag says that no other member can manage people.
fn few_managers(snapshot: &Snapshot) -> Vec<Flag> {
    let having = |wanted: fn(&RoleRow) -> bool| -> Vec<&ReviewedPerson> {
        let has = |person: &&ReviewedPerson| snapshot.role(person.role_id).is_some_and(wanted);
        snapshot.people.iter().filter(is_member).filter(has).collect()
    };
    let owners = having(|role| role.owner);
    let others = having(|role| role.manages_people && !role.owner);
    match (&owners[..], &others[..]) {
        ([owner], []) => {
            let text = "Is the only person who can manage people: no other person can stand in."
                .to_owned();
            vec![flag(FlagKind::SingleOwner, owner, text)]
        }
        (_, [admin]) => {
            let text = "Is the only person beside the owner who can manage people.".to_owned();
            vec![flag(FlagKind::SingleAdmin, admin, text)]
        }
        _ => Vec::new(),
    }
}

/// Teams with one admin beside others, and teams with none.
fn team_admins(snapshot: &Snapshot) -> Vec<Flag> {
    let mut members: BTreeMap<u64, (usize, Vec<&ReviewedPerson>)> = BTreeMap::new();
    for person in snapshot.people.iter().filter(is_member) {
        for team in &person.teams {
            let (count, managers) = members.entry(team.team_id).or_default();
            *count += 1;
            if snapshot.role(team.role_id).is_some_and(|role| role.manages_people) {
                managers.push(person);
            }
        }
    }
    let flagged = snapshot.teams.iter().filter(|team| team.readable).filter_map(|team| {
        let name = quoted(&snapshot.team_name(team.id));
        let (count, managers) = members.remove(&team.id).unwrap_or_default();
        match &managers[..] {
            [] => Some(Flag {
                kind: FlagKind::NoAdmin,
                person: format!("team {name}"),
                person_id: None,
                text: format!("The team {name} ({}) has no admin.", team.id),
            }),
            [admin] if count > 1 => {
                let text = format!("Is the only admin of the team {name}.");
                Some(flag(FlagKind::SingleAdmin, admin, text))
            }
            _ => None,
        }
    });
    flagged.collect()
}
