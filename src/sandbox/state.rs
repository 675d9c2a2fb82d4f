//! What the sandbox knows: the account as it starts, and every change since.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    history::{Event, History},
    made,
};
use crate::make::{Credential, OrganizationId, RoleId, TeamId, UserId};

/// The one role that an organization has exactly once.
pub(super) const OWNER: RoleId = RoleId(11);
/// Manages an organization; what an owner becomes after a transfer.
pub(super) const ADMIN: RoleId = RoleId(12);
/// Manages a team.
pub(super) const TEAM_ADMIN: RoleId = RoleId(1);
/// What an invited person becomes in the teams of the invitation.
pub(super) const TEAM_MEMBER: RoleId = RoleId(3);

/// A row that the sandbox hands out as it is, without what says whose it is.
pub(super) type Row = Map<String, Value>;

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct State {
    /// The token that [`Sandbox::credential`](super::Sandbox::credential) hands out.
    pub(super) credential: String,
    next: Next,
    pub(super) people: Vec<Person>,
    pub(super) organizations: Vec<Organization>,
    pub(super) teams: Vec<Team>,
    pub(super) roles: Vec<Role>,
    pub(super) tokens: Vec<Token>,
    pub(super) variables: Vec<Variable>,
    /// Ids of mail preferences that are off.
    pub(super) mail_off: Vec<String>,
    pub(super) grants: Vec<Row>,
    pub(super) certificates: Vec<Row>,
    pub(super) features: Vec<Row>,
    pub(super) apps: Vec<Row>,
    pub(super) products: Vec<Row>,
    pub(super) subscriptions: Vec<Row>,
    pub(super) payments: Vec<Row>,
    pub(super) payment_methods: Vec<Row>,
    pub(super) managed: Vec<Row>,
    pub(super) spaces: Vec<Row>,
    /// What each team has set of its AI models.
    #[serde(skip)]
    pub(super) models: BTreeMap<TeamId, Row>,
    /// Mail switches of the caller that are off, by team and number.
    #[serde(skip)]
    pub(super) switches_off: Vec<(TeamId, u64)>,
    plans: BTreeMap<String, Plan>,
    pub(super) history: History,
    /// Audit entries of writes, oldest first.
    #[serde(skip)]
    pub(super) events: Vec<Event>,
    /// How many moments writes have taken.
    #[serde(skip)]
    moments: u64,
}

/// The ids of what is created next; ids of what was deleted are not used again.
#[derive(Clone, Deserialize)]
struct Next {
    user: u64,
    organization: u64,
    team: u64,
    role: u64,
    managed: u64,
}

/// A custom variable of an organization or a team.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Variable {
    #[serde(default, skip_serializing)]
    pub(super) organization_id: Option<OrganizationId>,
    #[serde(default, skip_serializing)]
    pub(super) team_id: Option<TeamId>,
    pub(super) name: String,
    pub(super) type_id: u64,
    pub(super) value: Value,
    pub(super) is_system: bool,
    /// Newest last.
    #[serde(skip)]
    pub(super) history: Vec<Value>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Person {
    pub(super) id: UserId,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) language: String,
    pub(super) timezone_id: u64,
    pub(super) locale_id: u64,
    pub(super) country_id: u64,
    pub(super) last_login: Option<String>,
    pub(super) tfa_status: Option<u8>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Organization {
    pub(super) id: OrganizationId,
    pub(super) name: String,
    pub(super) timezone_id: u64,
    pub(super) country_id: u64,
    pub(super) plan: String,
    #[serde(default)]
    pub(super) tfa_enforced: bool,
    pub(super) consumed: Consumed,
    pub(super) members: Vec<Member>,
}

#[derive(Clone, Default, Deserialize)]
pub(super) struct Consumed {
    pub(super) operations: u64,
    pub(super) transfer: u64,
    pub(super) centicredits: u64,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Member {
    pub(super) user_id: UserId,
    pub(super) users_role_id: RoleId,
    pub(super) invitation: Option<Open>,
    /// The key of an open invitation, which only the invited person gets.
    pub(super) hash: Option<String>,
}

/// An invitation that was not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Open {
    Pending,
    Expired,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Team {
    pub(super) id: TeamId,
    pub(super) name: String,
    pub(super) organization_id: OrganizationId,
    pub(super) operations_limit: Option<u64>,
    pub(super) consumed_operations: u64,
    pub(super) members: Vec<TeamMember>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct TeamMember {
    pub(super) user_id: UserId,
    pub(super) users_role_id: RoleId,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Role {
    pub(super) id: RoleId,
    pub(super) name: String,
    pub(super) category: String,
    /// Absent on custom roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) identifier: Option<String>,
    /// The organization of a custom role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) organization_id: Option<OrganizationId>,
    pub(super) description: Option<String>,
    pub(super) permissions: Vec<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Token {
    pub(super) user_id: UserId,
    pub(super) token: String,
    pub(super) label: String,
    pub(super) created: String,
    pub(super) scope: Vec<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Plan {
    pub(super) product_name: String,
    pub(super) license: Map<String, Value>,
}

impl Plan {
    /// A limit of the plan; 0 where it has none.
    pub(super) fn limit(&self, name: &str) -> u64 {
        self.license.get(name).and_then(Value::as_u64).unwrap_or(0)
    }
}

/// The account before any call.
pub(super) fn account() -> &'static State {
    static ACCOUNT: LazyLock<State> = LazyLock::new(|| {
        let text = include_str!("../../fixtures/sandbox/account.json");
        serde_json::from_str(text).expect("the embedded account is valid, a test parses it")
    });
    &ACCOUNT
}

impl State {
    /// The token that the credential is the value of.
    pub(super) fn token(&self, credential: &Credential) -> Option<&Token> {
        let is_it = |token: &&Token| Credential::new(&token.token) == *credential;
        self.tokens.iter().find(is_it)
    }

    pub(super) fn person(&self, id: UserId) -> Option<&Person> {
        self.people.iter().find(|person| person.id == id)
    }

    pub(super) fn person_mut(&mut self, id: UserId) -> Option<&mut Person> {
        self.people.iter_mut().find(|person| person.id == id)
    }

    pub(super) fn organization(&self, id: OrganizationId) -> Option<&Organization> {
        self.organizations.iter().find(|organization| organization.id == id)
    }

    pub(super) fn organization_mut(&mut self, id: OrganizationId) -> Option<&mut Organization> {
        self.organizations.iter_mut().find(|organization| organization.id == id)
    }

    pub(super) fn team(&self, id: TeamId) -> Option<&Team> {
        self.teams.iter().find(|team| team.id == id)
    }

    pub(super) fn teams_of(&self, organization: OrganizationId) -> impl Iterator<Item = &Team> {
        self.teams.iter().filter(move |team| team.organization_id == organization)
    }

    pub(super) fn role(&self, id: RoleId) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    pub(super) fn plan(&self, organization: &Organization) -> &Plan {
        &self.plans[&organization.plan]
    }

    pub(super) fn next_user(&mut self) -> UserId {
        UserId(take(&mut self.next.user))
    }

    pub(super) fn next_organization(&mut self) -> OrganizationId {
        OrganizationId(take(&mut self.next.organization))
    }

    pub(super) fn next_team(&mut self) -> TeamId {
        TeamId(take(&mut self.next.team))
    }

    pub(super) fn next_role(&mut self) -> RoleId {
        RoleId(take(&mut self.next.role))
    }

    pub(super) fn next_managed(&mut self) -> OrganizationId {
        OrganizationId(take(&mut self.next.managed))
    }

    /// A moment that no other write has, for something created now.
    pub(super) fn now(&mut self) -> jiff::Timestamp {
        made::moment(take(&mut self.moments))
    }

    /// A UUID that no other write has.
    pub(super) fn new_uuid(&mut self, kind: made::Kind) -> String {
        made::hyphenated(made::uuid(kind, take(&mut self.moments)))
    }
}

impl Organization {
    pub(super) fn owner(&self) -> Option<UserId> {
        let owner = self.members.iter().find(|member| member.users_role_id == OWNER);
        owner.map(|member| member.user_id)
    }

    pub(super) fn member(&self, user: UserId) -> Option<&Member> {
        self.members.iter().find(|member| member.user_id == user)
    }

    pub(super) fn member_mut(&mut self, user: UserId) -> Option<&mut Member> {
        self.members.iter_mut().find(|member| member.user_id == user)
    }

    /// The membership, unless it is an open invitation.
    pub(super) fn active(&self, user: UserId) -> Option<&Member> {
        self.member(user).filter(|member| member.invitation.is_none())
    }
}

impl Team {
    pub(super) fn member(&self, user: UserId) -> Option<&TeamMember> {
        self.members.iter().find(|member| member.user_id == user)
    }
}

fn take(counter: &mut u64) -> u64 {
    *counter += 1;
    *counter - 1
}
