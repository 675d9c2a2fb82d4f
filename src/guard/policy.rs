//! The policy file: limits to changes that no confirmation lifts. A model can neither read nor relax it.

mod refusal;
mod role_limits;
mod scopes;

use std::{fs, path::Path};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use wildmatch::WildMatch;

pub use self::refusal::PolicyError;
use self::{refusal::refused, role_limits::RoleLimits, scopes::normalized};
use super::{Quota, Refused};
use crate::{
    make::{OrganizationId, Role},
    text::{folded, quoted},
};

/// The rules of a policy file; a rule that is left out allows everything.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// The organizations in which something may be changed.
    organizations: Option<Vec<u64>>,
    /// The e-mail domains of people who may be invited; subdomains do not count.
    invite_domains: Option<Vec<String>>,
    /// The name of the most powerful organization role that may be given.
    highest_role: Option<String>,
    /// The name of the most powerful team role that may be given.
    highest_team_role: Option<String>,
    /// Scopes that no new token may have.
    forbidden_scopes: Option<Vec<String>>,
    /// The most writes in any hour, of all processes that share the state folder.
    writes_per_hour: Option<u64>,
    /// Tools that are never allowed; `*` stands for anything.
    never: Option<Vec<String>>,
    #[serde(skip)]
    limits: RoleLimits,
}

impl Policy {
    /// Reads a policy file that only its owner can read or write. The error is the end of a sentence.
    pub fn read(path: &Path) -> Result<Self, PolicyError> {
        let shown = path.display();
        let found = fs::metadata(path)
            .map_err(|error| PolicyError(format!("{shown} cannot be read: {error}")))?;
        if !found.is_file() {
            return Err(PolicyError(format!("{shown} is not a file")));
        }
        // Elsewhere a file below the user's profile inherits rights that keep others out.
        #[cfg(unix)]
        if std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o077 != 0 {
            return Err(PolicyError(format!(
                "{shown} is open to others; make it private (chmod 600)"
            )));
        }
        let text = fs::read_to_string(path)
            .map_err(|error| PolicyError(format!("{shown} cannot be read: {error}")))?;
        let mut policy: Self = toml::from_str(&text).map_err(|error| {
            PolicyError(format!(
                "{shown} is wrong: {} (accepted keys: organizations, invite_domains, highest_role, \
                 highest_team_role, forbidden_scopes, writes_per_hour, never)",
                error.to_string().trim_end()
            ))
        })?;
        if let Some(domain) =
            policy.invite_domains.iter().flatten().find(|domain| !is_domain(domain.trim()))
        {
            return Err(PolicyError(format!(
                "{shown} is wrong: invite_domains has {}, which is not a domain (e.g. \
                 \"example.com\")",
                quoted(domain)
            )));
        }
        for scope in policy.forbidden_scopes.iter_mut().flatten() {
            *scope = normalized(scope).map_err(|problem| {
                PolicyError(format!("{shown} is wrong: forbidden_scopes has {problem}"))
            })?;
        }
        for name in [&mut policy.highest_role, &mut policy.highest_team_role] {
            *name =
                name.as_deref().map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned);
        }
        for domain in policy.invite_domains.iter_mut().flatten() {
            *domain = domain.trim().to_ascii_lowercase();
        }
        Ok(policy)
    }

    /// Narrows the policy to these organizations.
    pub fn limited_to(mut self, organizations: Option<&[u64]>) -> Self {
        if let Some(most) = organizations {
            let allowed = self.organizations.take().unwrap_or_else(|| most.to_vec());
            let both = allowed.into_iter().filter(|id| most.contains(id));
            self.organizations = Some(both.collect());
        }
        self
    }

    /// Globs of the tools that are never allowed.
    pub fn never(&self) -> &[String] {
        self.never.as_deref().unwrap_or_default()
    }

    /// Whether a tool is never allowed.
    pub fn forbids(&self, tool: &str) -> bool {
        self.never().iter().any(|glob| WildMatch::new(glob).matches(tool))
    }

    /// Whether something may be changed in that organization.
    pub fn organization(&self, id: OrganizationId) -> Result<(), Refused> {
        match &self.organizations {
            Some(allowed) if !allowed.contains(&id.0) => {
                Err(refused("organizations", &format!("changes in organization {id}")))
            }
            _ => Ok(()),
        }
    }

    /// Whether something may be changed in an organization, which is None if it cannot be told.
    pub(super) fn allows(&self, organization: Option<OrganizationId>) -> Result<(), Refused> {
        match organization {
            Some(id) => self.organization(id),
            None => self.new_organization(),
        }
    }

    /// Whether organizations may be made: a new one is in no list.
    pub fn new_organization(&self) -> Result<(), Refused> {
        match self.organizations {
            Some(_) => Err(refused("organizations", "new organizations")),
            None => Ok(()),
        }
    }

    /// Whether this address may be invited.
    pub fn invitee(&self, email: &str) -> Result<(), Refused> {
        let Some(allowed) = &self.invite_domains else {
            return Ok(());
        };
        // An address that could be read in two ways is in no domain.
        let domain = match email.split_once('@') {
            Some((_, domain)) if !domain.contains('@') => domain,
            _ => "",
        };
        if allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(domain)) {
            return Ok(());
        }
        Err(refused("invite_domains", &format!("invitations to the domain {}", quoted(domain))))
    }

    /// Whether something may be changed at all where it is not known in which organization.
    pub fn limits_organizations(&self) -> bool {
        self.organizations.is_some()
    }

    /// Whether this organization role may be given: it must allow nothing that the highest one does not allow. `known` are
    /// the roles of the organization.
    pub fn role<'a>(
        &self,
        role: &Role,
        organization: OrganizationId,
        known: impl Iterator<Item = &'a Role>,
    ) -> Result<(), Refused> {
        let highest = self.highest_role.as_deref();
        self.limits.within("highest_role", highest, organization, role, known)
    }

    /// Whether this team role may be given.
    pub fn team_role<'a>(
        &self,
        role: &Role,
        organization: OrganizationId,
        known: impl Iterator<Item = &'a Role>,
    ) -> Result<(), Refused> {
        let highest = self.highest_team_role.as_deref();
        self.limits.within("highest_team_role", highest, organization, role, known)
    }

    /// Whether a custom role may be made, changed or deleted: not one that bears the name of a limit, which that would
    /// move.
    pub fn keeps_name(&self, role: &Role) -> Result<(), Refused> {
        for (rule, limit) in
            [("highest_role", &self.highest_role), ("highest_team_role", &self.highest_team_role)]
        {
            if let (Some(limit), Some(name)) = (limit, &role.name)
                && folded(limit) == folded(name)
            {
                return Err(refused(rule, &format!("changes of the role {}", quoted(name))));
            }
        }
        Ok(())
    }

    /// Whether a new token may have these scopes.
    pub fn scopes(&self, asked: &[String]) -> Result<(), Refused> {
        let forbidden = self.forbidden_scopes.as_deref().unwrap_or_default();
        let is_forbidden = |scope: &&String| forbidden.contains(&scope.trim().to_ascii_lowercase());
        match asked.iter().find(is_forbidden) {
            Some(scope) => Err(refused(
                "forbidden_scopes",
                &format!("tokens with the scope {}", quoted(scope)),
            )),
            None => Ok(()),
        }
    }

    /// How many writes there may be from now on.
    pub fn quota(&self) -> Option<Quota> {
        let most = self.writes_per_hour?;
        let since = Timestamp::now()
            .saturating_sub(SignedDuration::from_hours(1))
            .unwrap_or(Timestamp::MIN);
        Some(Quota { most, since })
    }
}

fn is_domain(text: &str) -> bool {
    text.contains('.')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
}

#[cfg(test)]
mod tests {

    use super::*;

    fn policy(text: &str) -> Policy {
        toml::from_str(text).expect("a policy")
    }

    fn rule(result: Result<(), Refused>) -> Option<String> {
        result.err().map(|refused| refused.message)
    }

    #[test]
    fn a_rule_refuses_by_its_name() {
        let policy = policy(
            "organizations = [11]\ninvite_domains = [\"Acme.example\"]\nforbidden_scopes = \
             [\"user:write\"]\nnever = [\"make-delete-*\"]",
        );
        assert!(policy.organization(OrganizationId(11)).is_ok());
        assert!(
            rule(policy.organization(OrganizationId(12)))
                .expect("refused")
                .contains("rule `organizations`")
        );
        assert!(policy.new_organization().is_err());
        assert!(policy.invitee("tom@acme.EXAMPLE").is_ok());
        for outside in [
            "tom@evil.example", "tom@acme.example.evil.example", "tom@sub.acme.example",
            "tom@evil.example@acme.example", "\"tom@evil.example\"@acme.example", "acme.example",
            "",
        ] {
            assert!(
                rule(policy.invitee(outside)).expect(outside).contains("rule `invite_domains`")
            );
        }
        assert!(policy.scopes(&["user:read".to_owned()]).is_ok());
        assert!(policy.scopes(&["user:read".to_owned(), "user:write".to_owned()]).is_err());
        assert!(policy.forbids("make-delete-org") && !policy.forbids("make-update-org"));
    }

    #[test]
    fn an_empty_policy_allows_everything() {
        let policy = policy("");
        assert!(
            policy.organization(OrganizationId(1)).is_ok() && policy.new_organization().is_ok()
        );
        assert!(
            policy.invitee("a@b.example").is_ok()
                && policy.quota().is_none()
                && !policy.forbids("make-delete-org")
        );
    }

    #[test]
    fn a_wrong_file_is_an_error() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("policy.toml");
        let read = |text: &str, mode: u32| {
            fs::write(&path, text).expect("written");
            #[cfg(unix)]
            fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(mode))
                .expect("chmod");
            let _ = mode;
            Policy::read(&path)
        };
        assert!(read("organizations = [11]", 0o600).is_ok());
        let scopes = read("forbidden_scopes = [\" User:WRITE \"]", 0o600).expect("a known scope");
        for asked in ["user:write", "User:Write ", "USER:WRITE"] {
            assert!(scopes.scopes(&[asked.to_owned()]).is_err(), "{asked}");
        }
        for wrong in [
            "organisations = [11]", "organizations = 11", "writes_per_hour = -1",
            "invite_domains = [\"@x.example\"]", "[", "forbidden_scopes = [\"*:write\"]",
            "forbidden_scopes = [\"users:write\"]",
        ] {
            assert!(read(wrong, 0o600).is_err(), "{wrong}");
        }
        #[cfg(unix)]
        assert!(
            read("organizations = [11]", 0o640)
                .expect_err("open to the group")
                .0
                .contains("chmod 600")
        );
    }
}
