//! The policy file: limits to changes that no confirmation lifts. A model can neither read nor relax it.

use std::{fs, path::Path};

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use wildmatch::WildMatch;

use super::{Quota, Refused};
use crate::{
    make::{OrganizationId, Role},
    text::quoted,
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
}

/// Why a policy file cannot be used, as the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PolicyError(pub(crate) String);

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
        let policy: Self = toml::from_str(&text).map_err(|error| {
            PolicyError(format!(
                "{shown} is wrong: {} (accepted keys: organizations, invite_domains, highest_role, \
                 highest_team_role, forbidden_scopes, writes_per_hour, never)",
                error.to_string().trim_end()
            ))
        })?;
        if let Some(domain) =
            policy.invite_domains.iter().flatten().find(|domain| !is_domain(domain))
        {
            return Err(PolicyError(format!(
                "{shown} is wrong: invite_domains has {}, which is not a domain (e.g. \
                 \"example.com\")",
                quoted(domain)
            )));
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

    /// Whether this organization role may be given: it must allow nothing that the highest one does not allow.
    pub fn role<'a>(
        &self,
        role: &Role,
        known: impl Iterator<Item = &'a Role>,
    ) -> Result<(), Refused> {
        within("highest_role", self.highest_role.as_ref(), role, known)
    }

    /// Whether this team role may be given.
    pub fn team_role<'a>(
        &self,
        role: &Role,
        known: impl Iterator<Item = &'a Role>,
    ) -> Result<(), Refused> {
        within("highest_team_role", self.highest_team_role.as_ref(), role, known)
    }

    /// Whether a new token may have these scopes.
    pub fn scopes(&self, asked: &[String]) -> Result<(), Refused> {
        let forbidden = self.forbidden_scopes.as_deref().unwrap_or_default();
        match asked.iter().find(|scope| forbidden.contains(scope)) {
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

fn within<'a>(
    rule: &str,
    highest: Option<&String>,
    role: &Role,
    known: impl Iterator<Item = &'a Role>,
) -> Result<(), Refused> {
    let Some(highest) = highest else {
        return Ok(());
    };
    let is_built_in = |role: &Role| role.identifier.is_some();
    let is_named = |role: &Role| role.name.as_ref() == Some(highest);
    // Nothing is above the owner. A custom role may bear any name, so a name alone proves nothing.
    if highest == "Owner" || (is_named(role) && is_built_in(role)) {
        return Ok(());
    }
    let limits: Vec<&Role> = known.filter(|known| is_named(known)).collect();
    let built_in = limits.iter().any(|limit| is_built_in(limit));
    let mut limits = limits.into_iter().filter(|limit| !built_in || is_built_in(limit)).peekable();
    // What cannot be compared is not lower.
    let within = limits.peek().is_some()
        && limits.all(|limit| match (&role.permissions, &limit.permissions) {
            (Some(own), Some(most)) => own.iter().all(|permission| most.contains(permission)),
            _ => false,
        });
    if within {
        Ok(())
    } else {
        let name = role.name.as_deref().unwrap_or_default();
        Err(refused(rule, &format!("the role {}", quoted(name))))
    }
}

fn is_domain(text: &str) -> bool {
    text.contains('.')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte))
}

fn refused(rule: &str, what: &str) -> Refused {
    Refused::new(
        format!("the policy file does not allow {what} (rule `{rule}`)"),
        "only the person who starts the server can change its policy",
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

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
    fn a_role_must_be_within_the_highest_one() {
        let role = |name: &str, permissions: Option<&[&str]>| -> Role {
            serde_json::from_value(json!({ "name": name, "permissions": permissions }))
                .expect("a role")
        };
        let known = [
            role("Admin", Some(&["a", "b"])),
            role("Member", Some(&["a"])),
            role("Odd", Some(&["c"])),
            role("Closed", None),
        ];
        let policy = policy("highest_role = \"Member\"");
        let allowed: Vec<_> = known
            .iter()
            .filter(|role| policy.role(role, known.iter()).is_ok())
            .filter_map(|role| role.name.as_deref())
            .collect();
        assert_eq!(allowed, ["Member"]);
        // A custom role that only bears the name.
        let impostor = role("Member", Some(&["a", "b"]));
        let mut built_in = role("Member", Some(&["a"]));
        built_in.identifier = Some("company:member".to_owned());
        for known in [[&impostor, &built_in], [&built_in, &impostor]] {
            assert!(policy.role(&impostor, known.into_iter()).is_err());
            assert!(policy.role(&built_in, known.into_iter()).is_ok());
        }
        let unknown = super::tests::policy("highest_role = \"Nobody\"");
        assert!(known.iter().all(|role| unknown.role(role, known.iter()).is_err()));
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
        for wrong in [
            "organisations = [11]", "organizations = 11", "writes_per_hour = -1",
            "invite_domains = [\"@x.example\"]", "[",
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
