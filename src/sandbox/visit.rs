//! One authenticated call: what is asked, and what the caller may see and do.

use super::{
    reply::{Answer, denied, invalid, not_found},
    state::{Member, OWNER, Organization, State, Team},
};
use crate::make::{Call, Method, OrganizationId, Reply, RoleId, TeamId, UserId};

/// A call whose credential is known.
pub(super) struct Visit<'a> {
    pub(super) state: &'a mut State,
    pub(super) caller: UserId,
    /// The scopes of the caller's token.
    pub(super) scope: Vec<String>,
    pub(super) call: &'a Call,
    pub(super) path: &'a [&'a str],
}

impl<'a> Visit<'a> {
    /// What a resource matches its endpoints against.
    pub(super) fn asked(&self) -> (Method, &'a [&'a str]) {
        (self.call.method, self.path)
    }

    /// The answer of an endpoint that needs `scope`.
    pub(super) fn with(&mut self, scope: &str, answer: impl FnOnce(&mut Self) -> Answer) -> Answer {
        if !self.scope.iter().any(|granted| granted == scope) {
            return Err(denied());
        }
        answer(self)
    }

    /// The value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<&'a str> {
        self.values(name).first().copied()
    }

    /// The values of a parameter that may be repeated: `name=`, `name[]=` and `name[0]=`.
    pub(super) fn values(&self, name: &str) -> Vec<&'a str> {
        let is_it = |key: &str| match key.strip_prefix(name) {
            Some("") => true,
            Some(index) => index
                .strip_prefix('[')
                .and_then(|index| index.strip_suffix(']'))
                .is_some_and(|index| index.bytes().all(|byte| byte.is_ascii_digit())),
            None => false,
        };
        let query = self.call.query.iter();
        query.filter(|(key, _)| is_it(key)).map(|(_, value)| value.as_str()).collect()
    }

    /// A number of the query.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Reply> {
        self.query(name).map(|value| value.parse().map_err(|_| wrong(name))).transpose()
    }

    /// A truth value of the query; absent means no.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Reply> {
        match self.query(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(wrong(name)),
        }
    }

    /// An organization that the caller is in. All others are hidden.
    pub(super) fn organization(
        &self,
        id: OrganizationId,
    ) -> Result<(&Organization, &Member), Reply> {
        let organization = self.state.organization(id).ok_or_else(not_found)?;
        let member = organization.active(self.caller).ok_or_else(not_found)?;
        Ok((organization, member))
    }

    /// The same if the caller's role there has `permission`.
    pub(super) fn allowed(
        &self,
        id: OrganizationId,
        permission: &str,
    ) -> Result<&Organization, Reply> {
        let (organization, member) = self.organization(id)?;
        if self.has(member.users_role_id, permission) { Ok(organization) } else { Err(denied()) }
    }

    /// A team of an organization that the caller is in, if the caller is in the team or reaches every team.
    pub(super) fn team(&self, id: TeamId) -> Result<&Team, Reply> {
        let team = self.state.team(id).ok_or_else(not_found)?;
        let (_, member) = self.organization(team.organization_id)?;
        if team.member(self.caller).is_some() || self.has(member.users_role_id, "access all teams")
        {
            Ok(team)
        } else {
            Err(denied())
        }
    }

    /// Refuses everyone but the owner.
    pub(super) fn owns(&self, id: OrganizationId) -> Result<(), Reply> {
        let (_, member) = self.organization(id)?;
        if member.users_role_id == OWNER { Ok(()) } else { Err(denied()) }
    }

    pub(super) fn has(&self, role: RoleId, permission: &str) -> bool {
        self.state
            .role(role)
            .is_some_and(|role| role.permissions.iter().any(|has| has == permission))
    }
}

/// 400 for a parameter whose value has the wrong form.
pub(super) fn wrong(name: &str) -> Reply {
    invalid(format!("Invalid value of parameter '{name}'."))
}

/// An id that stands in the path; 404 if it is none.
pub(super) fn id(segment: &str) -> Result<u64, Reply> {
    segment.parse().map_err(|_| not_found())
}
