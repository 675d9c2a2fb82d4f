//! What a call is about: the one place that reads ids out of untyped arguments by their names.

use serde_json::{Map, Value};

use crate::{
    guard::Refused,
    make::{EnumList, OrganizationId, Role, RoleId, TeamId},
    tools::{
        lookup::organizations::{private_space, team},
        registry::{AccountEnv, Context, Effect, ToolError},
    },
};

/// What the arguments of a call name.
#[derive(Debug, Default)]
pub(super) struct Target {
    /// `organizationId`.
    pub(super) organization: Option<OrganizationId>,
    /// `teamId`.
    pub(super) team: Option<TeamId>,
    /// Ids from Make's lists of values: the argument, the list, the id.
    pub(super) listed: Vec<(&'static str, EnumList, u64)>,
    child: Option<OrganizationId>,
    private_space: Option<u64>,
    role: Option<RoleId>,
}

impl Target {
    /// Reads the ids of checked arguments.
    pub(super) fn of(arguments: &Map<String, Value>) -> Self {
        let id = |name: &str| arguments.get(name).and_then(Value::as_u64);
        let listed = [
            ("timezoneId", EnumList::Timezones),
            ("countryId", EnumList::Countries),
            ("regionId", EnumList::Regions),
            ("localeId", EnumList::Locales),
        ];
        Self {
            organization: id("organizationId").map(OrganizationId),
            team: id("teamId").map(TeamId),
            listed: listed
                .into_iter()
                .filter_map(|(name, list)| Some((name, list, id(name)?)))
                .collect(),
            child: id("childOrganizationId").map(OrganizationId),
            private_space: id("privateSpaceId"),
            role: id("roleId").map(RoleId),
        }
    }

    /// Whether the call names an organization, or something that is in one.
    pub(super) fn names_organization(&self) -> bool {
        self.organization.is_some()
            || self.team.is_some()
            || self.child.is_some()
            || self.private_space.is_some()
            || self.role.is_some()
    }

    /// The organizations of all that is named, of which None cannot be told, after a check against those that the
    /// account may work with.
    ///
    /// Teams, private spaces and roles are looked up only where a profile or the policy limits organizations.
    pub(super) async fn organizations(
        &self,
        cx: &Context,
        effect: Effect,
    ) -> Result<Vec<Option<OrganizationId>>, ToolError> {
        let named = self.organization.into_iter().chain(self.child);
        let mut all: Vec<_> = named.map(Some).collect();
        for id in all.iter().flatten() {
            check(&cx.account, Some(*id), || format!("organization {id}"))?;
        }
        let limited = cx.account.organizations.is_some()
            || (!effect.is_read() && cx.account.control.policy.limits_organizations());
        if !limited {
            return Ok(all);
        }
        let cx = &if effect.is_read() {
            cx.clone()
        } else {
            cx.clone().with_make(|make| make.uncached())
        };
        let elsewhere = "which is in another organization";
        if let Some(id) = self.team {
            let organization = team(cx, id).await?.organization_id;
            check(&cx.account, organization, || format!("team {id}, {elsewhere}"))?;
            all.push(organization);
        }
        if let Some(id) = self.private_space {
            let space = private_space(cx, self.organization, id).await?;
            let organization = space.organization_id.or(self.organization);
            check(&cx.account, organization, || format!("private space {id}, {elsewhere}"))?;
            all.push(organization);
        }
        if let Some(id) = self.role {
            let role = cx.make.roles().get(id).await?;
            if !is_built_in(&role) {
                let organization = role.organization_id;
                check(&cx.account, organization, || format!("role {id}, {elsewhere}"))?;
                all.push(organization);
            }
        }
        Ok(all)
    }
}

/// Whether every organization has the role.
fn is_built_in(role: &Role) -> bool {
    role.organization_id.is_none() && role.identifier.is_some()
}

/// Refuses what is in an organization that the account may not work with.
fn check(
    account: &AccountEnv,
    organization: Option<OrganizationId>,
    what: impl FnOnce() -> String,
) -> Result<(), Refused> {
    if account.may_work_with(organization) {
        return Ok(());
    }
    Err(Refused::new(
        format!("this profile may not work with {} (`organizations` in profiles.toml)", what()),
        "make-list-orgs shows those it may work with; only the person who starts the server can \
         add one",
    ))
}
