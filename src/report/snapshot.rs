//! The snapshot of an access review: equal access gives equal bytes, in whichever order Make answers.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Table;
use crate::{make::TwoFactor, text::sorted};

/// The form of the file; another one is another number.
pub(super) const FORMAT: &str = "make-access-review/1";

/// Something by id and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct SnapshotRef {
    /// The id.
    pub id: u64,
    /// The name; text that a person chose.
    pub name: Option<String>,
}

/// What a review goes by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Terms {
    /// The day that decides what is old, `YYYY-MM-DD`.
    pub as_of: String,
    /// Days without a login after which one is stale.
    pub stale_days: u64,
    /// Domains whose addresses are not external, lower-case.
    pub trusted_domains: BTreeSet<String>,
}

/// A role that a person has, or a custom role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RoleRow {
    /// The role.
    pub id: u64,
    /// Its name.
    pub name: Option<String>,
    /// `organization` or `team`.
    pub category: Option<String>,
    /// Whether the organization made it.
    pub custom: bool,
    /// What a custom role allows beyond the plain member of its level.
    pub adds: BTreeSet<String>,
    /// Whether it can manage people.
    pub manages_people: bool,
    /// Whether it is the owner's.
    pub owner: bool,
    /// Whether it reaches every team.
    pub all_teams: bool,
}

/// A team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TeamRow {
    /// The team.
    pub id: u64,
    /// Its name.
    pub name: Option<String>,
    /// Whether its roles could be read; if not, only who is in it is known.
    pub readable: bool,
}

/// A role in a team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TeamMembership {
    /// The team.
    pub team_id: u64,
    /// The role; null where it could not be read.
    pub role_id: Option<u64>,
}

/// A person of the organization.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReviewedPerson {
    /// The person.
    pub id: u64,
    /// The name; text that the person chose.
    pub name: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// The organization role.
    pub role_id: Option<u64>,
    /// `pending` or `expired`; null for members.
    pub invitation: Option<String>,
    /// Last login, ISO 8601; null if never or unknown.
    pub last_login: Option<String>,
    /// Two-factor state: 0 none, 1 authenticator app, 2 external; null if unknown.
    pub tfa_status: Option<u8>,
    /// Teams and roles in them, by team.
    pub teams: Vec<TeamMembership>,
}

impl ReviewedPerson {
    /// What people call them.
    pub fn called(&self) -> String {
        let found = self.email.clone().or_else(|| self.name.clone());
        found.unwrap_or_else(|| format!("user {}", self.id))
    }
}

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
    NoAdmin,
    NoTfa,
    UnknownTwoFactor,
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
            Self::NoAdmin => "no_admin",
            Self::NoTfa => "no_tfa",
            Self::UnknownTwoFactor => "unknown_two_factor",
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

/// How many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub struct ReviewCounts {
    /// People, invited ones included.
    pub people: usize,
    /// Teams.
    pub teams: usize,
    /// Invitations that are pending.
    pub pending: usize,
    /// Invitations that have expired.
    pub expired: usize,
    /// Members by second factor: none, app, external, unknown.
    #[serde(default)]
    pub two_factor: BTreeMap<String, usize>,
    /// Flags by kind.
    pub flags: BTreeMap<String, usize>,
}

/// Who can do what in an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Snapshot {
    pub(super) format: String,
    /// The organization.
    pub organization: SnapshotRef,
    /// What the review goes by.
    #[serde(flatten)]
    pub terms: Terms,
    /// How many there are.
    pub counts: ReviewCounts,
    /// Roles, by id.
    pub roles: Vec<RoleRow>,
    /// Teams, by id.
    pub teams: Vec<TeamRow>,
    /// People, by id.
    pub people: Vec<ReviewedPerson>,
    /// What deserves a look, by kind and person.
    pub flags: Vec<Flag>,
    /// What could not be read.
    pub notes: Vec<String>,
}

/// Why a file is not a snapshot that can be read, as the end of a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// It is something else.
    #[error("is not an access review")]
    NotAReview,
    /// Another version of this program wrote it.
    #[error("is an access review of another version")]
    OtherVersion,
}

impl Snapshot {
    /// The role of that id.
    pub fn role(&self, id: Option<u64>) -> Option<&RoleRow> {
        self.roles.iter().find(|role| Some(role.id) == id)
    }

    /// The name of a role, or its number.
    pub fn role_name(&self, id: Option<u64>) -> String {
        let name = self.role(id).and_then(|role| role.name.clone());
        match (name, id) {
            (Some(name), _) => name,
            (None, Some(id)) => format!("role {id}"),
            (None, None) => "?".to_owned(),
        }
    }

    /// The name of a team, or its number.
    pub fn team_name(&self, id: u64) -> String {
        let team = self.teams.iter().find(|team| team.id == id);
        team.and_then(|team| team.name.clone()).unwrap_or_else(|| format!("team {id}"))
    }

    /// Canonical JSON: keys sorted, no blanks, one line.
    pub fn to_json(&self) -> Vec<u8> {
        let value = serde_json::to_value(self).unwrap_or_default();
        let mut text = sorted(value).to_string();
        text.push('\n');
        text.into_bytes()
    }

    /// Reads what [`Snapshot::to_json`] wrote.
    pub fn from_json(bytes: &[u8]) -> Result<Self, SnapshotError> {
        let snapshot: Self =
            serde_json::from_slice(bytes).map_err(|_| SnapshotError::NotAReview)?;
        if snapshot.format == FORMAT { Ok(snapshot) } else { Err(SnapshotError::OtherVersion) }
    }

    /// One row a person.
    pub fn to_csv(&self) -> Vec<u8> {
        let mut table = Table::default();
        table.row([
            "id", "name", "email", "organizationRole", "invitation", "lastLogin", "twoFactor",
            "teams", "flags",
        ]);
        for person in &self.people {
            let flags = self.flags.iter().filter(|flag| flag.person_id == Some(person.id));
            table.row([
                person.id.to_string(),
                person.name.clone().unwrap_or_default(),
                person.email.clone().unwrap_or_default(),
                self.role_name(person.role_id),
                person.invitation.clone().unwrap_or_default(),
                person.last_login.clone().unwrap_or_default(),
                TwoFactor::of(person.tfa_status).name().to_owned(),
                listed(person.teams.iter().map(|team| {
                    format!("{}: {}", self.team_name(team.team_id), self.role_name(team.role_id))
                })),
                listed(flags.map(|flag| flag.kind.name().to_owned())),
            ]);
        }
        table.into_bytes()
    }
}

fn listed(parts: impl Iterator<Item = String>) -> String {
    parts.collect::<Vec<_>>().join("; ")
}
