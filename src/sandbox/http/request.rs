//! One authenticated call: what is asked, and what the caller may see and do.

use super::response::{denied, invalid, not_found};
use crate::{
    make::{OrganizationId, Request, Response, RoleId, TeamId, UserId},
    sandbox::account::state::{
        AccountState, OWNER, SandboxMember, SandboxOrganization, SandboxTeam,
    },
};

/// A call whose credential is known.
pub(crate) struct SandboxRequest<'a> {
    pub(crate) state: &'a mut AccountState,
    pub(crate) caller: UserId,
    /// The scopes of the caller's token.
    pub(crate) scope: Vec<String>,
    pub(crate) call: &'a Request,
    pub(crate) path: &'a [&'a str],
}

impl<'a> SandboxRequest<'a> {
    /// The value of a query parameter.
    pub(crate) fn query(&self, name: &str) -> Option<&'a str> {
        self.values(name).first().copied()
    }

    /// The values of a parameter that may be repeated: `name=`, `name[]=` and `name[0]=`.
    pub(crate) fn values(&self, name: &str) -> Vec<&'a str> {
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
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Response> {
        self.query(name).map(|value| value.parse().map_err(|_| wrong(name))).transpose()
    }

    /// A truth value of the query; absent means no.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Response> {
        match self.query(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(wrong(name)),
        }
    }

    /// An organization that the caller is in. All others are hidden.
    pub(crate) fn organization(
        &self,
        id: OrganizationId,
    ) -> Result<(&SandboxOrganization, &SandboxMember), Response> {
        let organization = self.state.organization(id).ok_or_else(not_found)?;
        let member = organization.active(self.caller).ok_or_else(not_found)?;
        Ok((organization, member))
    }

    /// An organization in which the caller's role has `permission`.
    pub(crate) fn allowed(
        &self,
        id: OrganizationId,
        permission: &str,
    ) -> Result<&SandboxOrganization, Response> {
        let (organization, member) = self.organization(id)?;
        if self.has(member.users_role_id, permission) { Ok(organization) } else { Err(denied()) }
    }

    /// A team of an organization that the caller is in, if the caller is in the team or reaches every team.
    pub(crate) fn team(&self, id: TeamId) -> Result<&SandboxTeam, Response> {
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
    pub(crate) fn owns(&self, id: OrganizationId) -> Result<(), Response> {
        let (_, member) = self.organization(id)?;
        if member.users_role_id == OWNER { Ok(()) } else { Err(denied()) }
    }

    pub(crate) fn has(&self, role: RoleId, permission: &str) -> bool {
        self.state
            .role(role)
            .is_some_and(|role| role.permissions.iter().any(|has| has == permission))
    }
}

/// 400 for a parameter whose value has the wrong form.
pub(crate) fn wrong(name: &str) -> Response {
    invalid(format!("Invalid value of parameter '{name}'."))
}

/// An id of the path; 404 if it is not a number.
pub(crate) fn id(segment: &str) -> Result<u64, Response> {
    segment.parse().map_err(|_| not_found())
}
