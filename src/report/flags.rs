//! What in an access review deserves a look.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::snapshot::{ReviewedPerson, RoleRow, Snapshot};
use crate::text::quoted;

/// Why something deserves a look.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
#[expect(missing_docs, reason = "the names say it, and the text of each flag says more")]
pub enum FlagKind {
    SingleOwner,
    SingleAdmin,
    NoTfa,
    StaleLogin,
    NeverLoggedIn,
    ExternalDomain,
    CustomRole,
    NoTeam,
    PendingInvitation,
    ExpiredInvitation,
}

impl FlagKind {
    /// The name in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::SingleOwner => "single_owner",
            Self::SingleAdmin => "single_admin",
            Self::NoTfa => "no_tfa",
            Self::StaleLogin => "stale_login",
            Self::NeverLoggedIn => "never_logged_in",
            Self::ExternalDomain => "external_domain",
            Self::CustomRole => "custom_role",
            Self::NoTeam => "no_team",
            Self::PendingInvitation => "pending_invitation",
            Self::ExpiredInvitation => "expired_invitation",
        }
    }
}

/// Something that deserves a look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct Flag {
    /// Why.
    pub kind: FlagKind,
    /// Whose; address or name.
    pub person: String,
    /// The person's id.
    pub person_id: Option<u64>,
    /// What it is.
    pub text: String,
}

impl Flag {
    /// What makes it the same flag in another snapshot.
    pub(super) fn key(&self) -> (FlagKind, Option<u64>, &str) {
        // A stale login is the same one although it gets older.
        let text = if self.kind == FlagKind::StaleLogin { "" } else { &self.text };
        (self.kind, self.person_id, text)
    }
}

fn flag(kind: FlagKind, person: &ReviewedPerson, text: String) -> Flag {
    Flag { kind, person: person.called(), person_id: Some(person.id), text }
}

/// All flags of a snapshot, by kind and person.
pub(super) fn flags(snapshot: &Snapshot) -> Vec<Flag> {
    let mut flags: Vec<_> =
        snapshot.people.iter().flat_map(|person| of_person(snapshot, person)).collect();
    flags.extend(few_managers(snapshot));
    flags.extend(single_team_admins(snapshot));
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
            if person.tfa_status == Some(0) {
                found.push(flag(
                    FlagKind::NoTfa,
                    person,
                    "Signs in without a second factor.".to_owned(),
                ));
            }
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

/// One owner there always is; the flag says that nobody else can manage people.
fn few_managers(snapshot: &Snapshot) -> Vec<Flag> {
    let having = |wanted: fn(&RoleRow) -> bool| -> Vec<&ReviewedPerson> {
        let has = |person: &&ReviewedPerson| snapshot.role(person.role_id).is_some_and(wanted);
        snapshot.people.iter().filter(is_member).filter(has).collect()
    };
    let owners = having(|role| role.owner);
    let others = having(|role| role.manages_people && !role.owner);
    match (&owners[..], &others[..]) {
        ([owner], []) => {
            let text = "Is the only person who can manage people: nobody can stand in.".to_owned();
            vec![flag(FlagKind::SingleOwner, owner, text)]
        }
        (_, [admin]) => {
            let text = "Is the only person beside the owner who can manage people.".to_owned();
            vec![flag(FlagKind::SingleAdmin, admin, text)]
        }
        _ => Vec::new(),
    }
}

fn single_team_admins(snapshot: &Snapshot) -> Vec<Flag> {
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
    let single = |(team, (count, managers)): (u64, (usize, Vec<&ReviewedPerson>))| match &managers[..]
    {
        [admin] if count > 1 => {
            let text =
                format!("Is the only admin of the team {}.", quoted(&snapshot.team_name(team)));
            Some(flag(FlagKind::SingleAdmin, admin, text))
        }
        _ => None,
    };
    members.into_iter().filter_map(single).collect()
}
