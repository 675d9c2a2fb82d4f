//! What the sandbox knows: the account as it starts, and every change since.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    generated,
    history::{GeneratedHistory, SandboxEvent},
};
use crate::make::{Credential, OrganizationId, RoleId, TeamId, UserId};

/// The one role that an organization has exactly once.
pub(crate) const OWNER: RoleId = RoleId(11);
/// Manages an organization; what an owner becomes after a transfer.
pub(crate) const ADMIN: RoleId = RoleId(12);
/// Manages a team.
pub(crate) const TEAM_ADMIN: RoleId = RoleId(1);
/// What an invited person becomes in the teams of the invitation.
pub(crate) const TEAM_MEMBER: RoleId = RoleId(3);

/// A row that the sandbox answers as it is, without the ids of its owner.
pub(crate) type Row = Map<String, Value>;

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct AccountState {
    /// The token that [`Sandbox::credential`](crate::sandbox::Sandbox::credential) gives.
    pub(crate) credential: String,
    next: Next,
    pub(crate) people: Vec<SandboxUser>,
    pub(crate) organizations: Vec<SandboxOrganization>,
    pub(crate) teams: Vec<SandboxTeam>,
    pub(crate) roles: Vec<SandboxRole>,
    pub(crate) tokens: Vec<SandboxToken>,
    pub(crate) variables: Vec<SandboxVariable>,
    /// Ids of mail preferences that are off.
    pub(crate) mail_off: Vec<String>,
    pub(crate) grants: Vec<Row>,
    pub(crate) certificates: Vec<Row>,
    pub(crate) features: Vec<Row>,
    pub(crate) apps: Vec<Row>,
    pub(crate) products: Vec<Row>,
    pub(crate) subscriptions: Vec<Row>,
    pub(crate) payments: Vec<Row>,
    pub(crate) payment_methods: Vec<Row>,
    pub(crate) managed: Vec<Row>,
    pub(crate) spaces: Vec<Row>,
    /// What each team has set of its AI models.
    #[serde(skip)]
    pub(crate) models: BTreeMap<TeamId, Row>,
    /// Mail switches of the caller that are off, by team and number.
    #[serde(skip)]
    pub(crate) switches_off: Vec<(TeamId, u64)>,
    plans: BTreeMap<String, SandboxPlan>,
    pub(crate) history: GeneratedHistory,
    /// Audit entries of writes, oldest first.
    #[serde(skip)]
    pub(crate) events: Vec<SandboxEvent>,
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
pub(crate) struct SandboxVariable {
    #[serde(default, skip_serializing)]
    pub(crate) organization_id: Option<OrganizationId>,
    #[serde(default, skip_serializing)]
    pub(crate) team_id: Option<TeamId>,
    pub(crate) name: String,
    pub(crate) type_id: u64,
    pub(crate) value: Value,
    pub(crate) is_system: bool,
    /// Newest last.
    #[serde(skip)]
    pub(crate) history: Vec<Value>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SandboxUser {
    pub(crate) id: UserId,
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) language: String,
    pub(crate) timezone_id: u64,
    pub(crate) locale_id: u64,
    pub(crate) country_id: u64,
    pub(crate) last_login: Option<String>,
    pub(crate) tfa_status: Option<u8>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SandboxOrganization {
    pub(crate) id: OrganizationId,
    pub(crate) name: String,
    pub(crate) timezone_id: u64,
    pub(crate) country_id: u64,
    pub(crate) plan: String,
    #[serde(default)]
    pub(crate) tfa_enforced: bool,
    pub(crate) consumed: Consumed,
    pub(crate) members: Vec<SandboxMember>,
}

#[derive(Clone, Default, Deserialize)]
pub(crate) struct Consumed {
    pub(crate) operations: u64,
    pub(crate) transfer: u64,
    pub(crate) centicredits: u64,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SandboxMember {
    pub(crate) user_id: UserId,
    pub(crate) users_role_id: RoleId,
    pub(crate) invitation: Option<Open>,
    /// The key of an open invitation, which only the invited person gets.
    pub(crate) hash: Option<String>,
}

/// An invitation that was not accepted.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Open {
    Pending,
    Expired,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SandboxTeam {
    pub(crate) id: TeamId,
    pub(crate) name: String,
    pub(crate) organization_id: OrganizationId,
    pub(crate) operations_limit: Option<u64>,
    pub(crate) consumed_operations: u64,
    pub(crate) members: Vec<SandboxTeamMember>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SandboxTeamMember {
    pub(crate) user_id: UserId,
    pub(crate) users_role_id: RoleId,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SandboxRole {
    pub(crate) id: RoleId,
    pub(crate) name: String,
    pub(crate) category: String,
    /// Absent on custom roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) identifier: Option<String>,
    /// The organization of a custom role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) organization_id: Option<OrganizationId>,
    pub(crate) description: Option<String>,
    pub(crate) permissions: Vec<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SandboxToken {
    pub(crate) user_id: UserId,
    pub(crate) token: String,
    pub(crate) label: String,
    pub(crate) created: String,
    pub(crate) scope: Vec<String>,
}

#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct SandboxPlan {
    pub(crate) product_name: String,
    pub(crate) license: Map<String, Value>,
}

impl SandboxPlan {
    /// A limit of the plan; 0 where it has none.
    pub(crate) fn limit(&self, name: &str) -> u64 {
        self.license.get(name).and_then(Value::as_u64).unwrap_or(0)
    }
}

/// The account before any call.
pub(crate) fn account() -> &'static AccountState {
    static ACCOUNT: LazyLock<AccountState> = LazyLock::new(|| {
        let text = include_str!("../../../fixtures/sandbox/account.json");
        serde_json::from_str(text).expect("the embedded account is valid, a test parses it")
    });
    &ACCOUNT
}

impl AccountState {
    /// The token that the credential is the value of.
    pub(crate) fn token(&self, credential: &Credential) -> Option<&SandboxToken> {
        let is_it = |token: &&SandboxToken| Credential::new(&token.token) == *credential;
        self.tokens.iter().find(is_it)
    }

    pub(crate) fn person(&self, id: UserId) -> Option<&SandboxUser> {
        self.people.iter().find(|person| person.id == id)
    }

    pub(crate) fn person_mut(&mut self, id: UserId) -> Option<&mut SandboxUser> {
        self.people.iter_mut().find(|person| person.id == id)
    }

    pub(crate) fn organization(&self, id: OrganizationId) -> Option<&SandboxOrganization> {
        self.organizations.iter().find(|organization| organization.id == id)
    }

    pub(crate) fn organization_mut(
        &mut self,
        id: OrganizationId,
    ) -> Option<&mut SandboxOrganization> {
        self.organizations.iter_mut().find(|organization| organization.id == id)
    }

    pub(crate) fn team(&self, id: TeamId) -> Option<&SandboxTeam> {
        self.teams.iter().find(|team| team.id == id)
    }

    pub(crate) fn teams_of(
        &self,
        organization: OrganizationId,
    ) -> impl Iterator<Item = &SandboxTeam> {
        self.teams.iter().filter(move |team| team.organization_id == organization)
    }

    pub(crate) fn role(&self, id: RoleId) -> Option<&SandboxRole> {
        self.roles.iter().find(|role| role.id == id)
    }

    pub(crate) fn plan(&self, organization: &SandboxOrganization) -> &SandboxPlan {
        &self.plans[&organization.plan]
    }

    pub(crate) fn next_user(&mut self) -> UserId {
        UserId(take(&mut self.next.user))
    }

    pub(crate) fn next_organization(&mut self) -> OrganizationId {
        OrganizationId(take(&mut self.next.organization))
    }

    pub(crate) fn next_team(&mut self) -> TeamId {
        TeamId(take(&mut self.next.team))
    }

    pub(crate) fn next_role(&mut self) -> RoleId {
        RoleId(take(&mut self.next.role))
    }

    pub(crate) fn next_managed(&mut self) -> OrganizationId {
        OrganizationId(take(&mut self.next.managed))
    }

    /// A moment that no other write has, for something created now.
    pub(crate) fn now(&mut self) -> jiff::Timestamp {
        generated::moment(take(&mut self.moments))
    }

    /// A UUID that no other write has.
    pub(crate) fn new_uuid(&mut self, kind: generated::UuidKind) -> String {
        generated::hyphenated(generated::uuid(kind, take(&mut self.moments)))
    }
}

impl SandboxOrganization {
    pub(crate) fn owner(&self) -> Option<UserId> {
        let owner = self.members.iter().find(|member| member.users_role_id == OWNER);
        owner.map(|member| member.user_id)
    }

    pub(crate) fn member(&self, user: UserId) -> Option<&SandboxMember> {
        self.members.iter().find(|member| member.user_id == user)
    }

    pub(crate) fn member_mut(&mut self, user: UserId) -> Option<&mut SandboxMember> {
        self.members.iter_mut().find(|member| member.user_id == user)
    }

    /// The membership, unless it is an open invitation.
    pub(crate) fn active(&self, user: UserId) -> Option<&SandboxMember> {
        self.member(user).filter(|member| member.invitation.is_none())
    }
}

impl SandboxTeam {
    pub(crate) fn member(&self, user: UserId) -> Option<&SandboxTeamMember> {
        self.members.iter().find(|member| member.user_id == user)
    }
}

fn take(counter: &mut u64) -> u64 {
    *counter += 1;
    *counter - 1
}
