//! The most powerful role that a policy lets be given: compared by what roles allow, not by their names.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{Arc, Mutex},
};

use super::refusal::refused;
use crate::{
    guard::Refused,
    make::{OrganizationId, Role},
    sync::lock,
    text::quoted,
};

/// A rule of the policy, in an organization.
type LimitKey = (&'static str, OrganizationId);

/// What the limits allow, by rule and organization. Read when first needed and kept: a role that gets the limit's name
/// later, or more permissions, lifts nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct RoleLimits(Arc<Mutex<HashMap<LimitKey, BTreeSet<String>>>>);

impl RoleLimits {
    /// Whether a role allows nothing that the role of that name does not allow. Without a name everything may be given.
    pub(super) fn within<'a>(
        &self,
        rule: &'static str,
        highest: Option<&str>,
        organization: OrganizationId,
        role: &Role,
        known: impl Iterator<Item = &'a Role>,
    ) -> Result<(), Refused> {
        // Nothing is above the owner.
        let Some(highest) = highest.filter(|name| *name != "Owner") else {
            return Ok(());
        };
        let is_named = |role: &Role| role.name.as_deref() == Some(highest);
        if is_named(role) && role.identifier.is_some() {
            return Ok(());
        }
        let allowed = self.allowed(rule, highest, organization, known)?;
        // What cannot be compared is not lower.
        let within = role
            .permissions
            .as_ref()
            .is_some_and(|own| own.iter().all(|permission| allowed.contains(permission)));
        if within {
            Ok(())
        } else {
            let name = role.name.as_deref().unwrap_or_default();
            Err(refused(rule, &format!("the role {}", quoted(name))))
        }
    }

    fn allowed<'a>(
        &self,
        rule: &'static str,
        highest: &str,
        organization: OrganizationId,
        known: impl Iterator<Item = &'a Role>,
    ) -> Result<BTreeSet<String>, Refused> {
        let mut limits = lock(&self.0);
        if let Some(allowed) = limits.get(&(rule, organization)) {
            return Ok(allowed.clone());
        }
        let named: Vec<&Role> =
            known.filter(|role| role.name.as_deref() == Some(highest)).collect();
        // A custom role may bear any name, so a built-in one is meant where there is one.
        let built_in: Vec<&Role> =
            named.iter().copied().filter(|role| role.identifier.is_some()).collect();
        let meant = if built_in.is_empty() { named } else { built_in };
        let unusable = |why: &str| {
            Err(Refused::new(
                format!(
                    "the policy file cannot be applied: its rule `{rule}` names {}, {why}",
                    quoted(highest)
                ),
                "only the person who starts the server can change its policy",
            ))
        };
        let [limit] = meant.as_slice() else {
            return match meant.len() {
                0 => unusable("and the organization has no such role"),
                _ => unusable("and the organization has several roles of that name"),
            };
        };
        let Some(permissions) = &limit.permissions else {
            return unusable("and what that role allows cannot be seen");
        };
        let allowed: BTreeSet<_> = permissions.iter().cloned().collect();
        limits.insert((rule, organization), allowed.clone());
        Ok(allowed)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ACME: OrganizationId = OrganizationId(11);

    fn role(name: &str, identifier: Option<&str>, permissions: Option<&[&str]>) -> Role {
        let role = json!({ "name": name, "identifier": identifier, "permissions": permissions });
        serde_json::from_value(role).expect("a role")
    }

    fn within(limits: &RoleLimits, highest: &str, role: &Role, known: &[Role]) -> Option<String> {
        let result = limits.within("highest_role", Some(highest), ACME, role, known.iter());
        result.err().map(|refused| refused.message)
    }

    #[test]
    fn a_role_must_allow_no_more_than_the_highest_one() {
        let known = [
            role("Admin", Some("a"), Some(&["a", "b"])),
            role("Member", Some("m"), Some(&["a"])),
            role("Odd", None, Some(&["c"])),
            role("Less", None, Some(&[])),
            role("Closed", None, None),
            // A custom role that only bears the name.
            role("Member", None, Some(&["a", "b"])),
        ];
        let limits = RoleLimits::default();
        let allowed: Vec<_> = known
            .iter()
            .filter(|role| within(&limits, "Member", role, &known).is_none())
            .filter_map(|role| role.name.as_deref())
            .collect();
        assert_eq!(allowed, ["Member", "Less"]);
        assert!(known.iter().all(|role| within(&limits, "Owner", role, &known).is_none()));
    }

    #[test]
    fn a_limit_is_what_it_was_when_it_was_first_needed() {
        let limits = RoleLimits::default();
        let before = [role("Limit", None, Some(&["a"])), role("Boss", None, Some(&["a", "b"]))];
        assert!(within(&limits, "Limit", &before[1], &before).is_some());
        // Renamed, or deleted and made again.
        let after = [role("Limit", None, Some(&["a", "b"]))];
        assert!(within(&limits, "Limit", &after[0], &after).is_some());
        assert!(within(&limits, "Limit", &after[0], &[]).is_some());
        assert!(within(&limits, "Limit", &before[0], &after).is_none());
    }

    #[test]
    fn a_name_that_is_unknown_or_stands_for_several_is_said() {
        let limits = RoleLimits::default();
        let twice = [role("X", None, Some(&["a"])), role("X", None, Some(&["b"]))];
        for (known, part) in [(&twice[..], "several roles"), (&[], "no such role")] {
            let message = within(&limits, "X", &twice[0], known).expect("refused");
            assert!(message.contains(part) && message.contains("`highest_role`"), "{message}");
        }
    }
}
