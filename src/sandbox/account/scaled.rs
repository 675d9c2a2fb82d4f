//! A larger account: its first organization with as many people and audit entries as asked for.

use std::{fmt, str::FromStr};

use jiff::SignedDuration;

use super::{
    generated,
    generated::{UuidKind, midnight, spread, written},
    state::{
        ADMIN, AccountState, Open, SandboxMember, SandboxTeamMember, SandboxUser, TEAM_ADMIN,
        TEAM_MEMBER,
    },
};
use crate::make::{OrganizationId, RoleId, UserId};

/// The organization that grows.
const GROWING: OrganizationId = OrganizationId(11);
const MEMBER: RoleId = RoleId(13);
const ACCOUNTANT: RoleId = RoleId(14);
/// People are kept in memory, since they can be changed.
const MOST_PEOPLE: u64 = 100_000;
/// A second of the year for each.
const MOST_ENTRIES: u64 = 10_000_000;

/// How large the first organization is; what is left out stays as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Size {
    /// Its people.
    pub people: Option<u64>,
    /// Entries of its audit trail.
    pub audit: Option<u64>,
}

/// Why a text is not a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongSize;

impl fmt::Display for WrongSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "must be of the form people=5000,audit=200000 (at most {MOST_PEOPLE} and \
             {MOST_ENTRIES})"
        )
    }
}

impl FromStr for Size {
    type Err = WrongSize;

    fn from_str(text: &str) -> Result<Self, WrongSize> {
        let mut size = Self::default();
        for part in text.split(',') {
            let (name, number) = part.split_once('=').ok_or(WrongSize)?;
            let number: u64 = number.trim().parse().map_err(|_| WrongSize)?;
            let (slot, most) = match name.trim() {
                "people" => (&mut size.people, MOST_PEOPLE),
                "audit" => (&mut size.audit, MOST_ENTRIES),
                _ => return Err(WrongSize),
            };
            if number > most || slot.replace(number).is_some() {
                return Err(WrongSize);
            }
        }
        Ok(size)
    }
}

impl AccountState {
    /// The account at that size. An entry of the trail is computed when it is asked for.
    pub(crate) fn grown(mut self, size: Size) -> Self {
        if let Some(entries) = size.audit {
            self.history.entries = entries;
        }
        let members =
            self.organization(GROWING).map_or(0, |organization| organization.members.len() as u64);
        for place in members..size.people.unwrap_or(members) {
            let id = self.next_user();
            self.people.push(person(id, place));
            self.join(id, place);
        }
        self
    }

    fn join(&mut self, user_id: UserId, place: u64) {
        let drawn = spread(place);
        let invitation = match drawn % 60 {
            1 => Some(Open::Pending),
            2 => Some(Open::Expired),
            _ => None,
        };
        if let Some(organization) = self.organization_mut(GROWING) {
            organization.members.push(SandboxMember {
                user_id,
                users_role_id: match drawn % 47 {
                    0 => ADMIN,
                    1 | 2 => ACCOUNTANT,
                    _ => MEMBER,
                },
                invitation,
                hash: invitation.map(|_| {
                    generated::hyphenated(generated::uuid(UuidKind::Invitation, 1000 + place))
                }),
            });
        }
        let teams = self.teams.iter_mut().filter(|team| team.organization_id == GROWING);
        for (number, team) in teams.enumerate() {
            // Two bits a team: a quarter of the people are in each.
            match drawn >> (8 + 4 * number) & 0xf {
                0..3 => {
                    team.members.push(SandboxTeamMember { user_id, users_role_id: TEAM_MEMBER })
                }
                3 => team.members.push(SandboxTeamMember { user_id, users_role_id: TEAM_ADMIN }),
                _ => {}
            }
        }
    }
}

/// Some names try to mislead, as real ones do.
fn person(id: UserId, place: u64) -> SandboxUser {
    const FIRST: [&str; 8] = ["Ada", "Björn", "Chloé", "Dmitri", "Elif", "Femi", "Grace", "Hiro"];
    const LAST: [&str; 7] = ["Abara", "Berg", "Costa", "Dvořák", "Evans", "Fontaine", "Gupta"];
    let drawn = spread(place);
    let pick = |from: &[&'static str], at: u64| from[(drawn >> at) as usize % from.len()];
    let name = match place % 500 {
        50 => "<script>document.title='owned'</script>".to_owned(),
        51 => "=HYPERLINK(\"https://evil.example\",\"Click\")".to_owned(),
        52 => "Ann\u{202e}nimda \u{200b}Lee".to_owned(),
        _ => format!("{} {} {place}", pick(&FIRST, 3), pick(&LAST, 9)),
    };
    let domain = if drawn % 31 == 5 { "contractor.example" } else { "example.com" };
    let days = (drawn >> 20) % 400;
    let last_login = (drawn % 29 != 3).then(|| {
        let ago = SignedDuration::from_secs((days * 86_400 + (drawn >> 40) % 86_400 + 1) as i64);
        written(midnight() - ago)
    });
    SandboxUser {
        id,
        name,
        email: format!("person{place}@{domain}"),
        language: "en".to_owned(),
        timezone_id: 113,
        locale_id: 18,
        country_id: 202,
        last_login,
        tfa_status: Some(u8::from(!drawn.is_multiple_of(5))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_says_people_entries_or_both() {
        let size = |people, audit| Ok(Size { people, audit });
        assert_eq!("people=5000,audit=200000".parse(), size(Some(5000), Some(200_000)));
        assert_eq!("audit=7".parse(), size(None, Some(7)));
        for wrong in ["", "people", "people=x", "people=1,people=2", "teams=3", "audit=99999999999"]
        {
            assert_eq!(wrong.parse::<Size>(), Err(WrongSize), "{wrong}");
        }
    }

    #[test]
    fn the_organization_gets_as_many_people_as_asked() {
        let size = Size { people: Some(5000), audit: Some(200_000) };
        let state = super::super::state::account().clone().grown(size);
        let organization = state.organization(GROWING).expect("there");
        assert_eq!(organization.members.len(), 5000);
        assert!(state.teams_of(GROWING).all(|team| team.members.len() > 500));
        assert_eq!(state.history.entries, 200_000);
    }
}
