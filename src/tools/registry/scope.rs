//! The scopes that a tool needs.

/// What Make asks of the credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Any credential will do.
    None,
    /// `user:read`.
    UserRead,
    /// `user:write`.
    UserWrite,
    /// `organizations:read`.
    OrganizationsRead,
    /// `organizations:write`.
    OrganizationsWrite,
    /// `teams:read`.
    TeamsRead,
    /// `teams:write`.
    TeamsWrite,
    /// `organization-variables:read` or `team-variables:read`, by the place that is asked.
    VariablesRead,
    /// `organization-variables:write` or `team-variables:write`, by the place that is asked.
    VariablesWrite,
    /// `managed-organizations:read`.
    ManagedOrganizationsRead,
    /// `managed-organizations:write`.
    ManagedOrganizationsWrite,
    /// `private-spaces:read`.
    PrivateSpacesRead,
    /// `private-spaces:write`.
    PrivateSpacesWrite,
    /// `user:read`, `organizations:read` and `teams:read`, all of them.
    AccessRead,
    /// Make declares none; `organizations:read` is what documentation suggests.
    OrganizationsReadAssumed,
    /// Make declares none; `teams:read` is what documentation suggests.
    TeamsReadAssumed,
}

impl Scope {
    /// The scopes as Make spells them, of which one is needed (of [`Scope::AccessRead`] all); empty if any credential
    /// will do.
    pub fn names(self) -> &'static [&'static str] {
        match self {
            Self::None => &[],
            Self::AccessRead => &["user:read", "organizations:read", "teams:read"],
            Self::UserRead => &["user:read"],
            Self::UserWrite => &["user:write"],
            Self::OrganizationsRead | Self::OrganizationsReadAssumed => &["organizations:read"],
            Self::OrganizationsWrite => &["organizations:write"],
            Self::TeamsRead | Self::TeamsReadAssumed => &["teams:read"],
            Self::TeamsWrite => &["teams:write"],
            Self::VariablesRead => &["organization-variables:read", "team-variables:read"],
            Self::VariablesWrite => &["organization-variables:write", "team-variables:write"],
            Self::ManagedOrganizationsRead => &["managed-organizations:read"],
            Self::ManagedOrganizationsWrite => &["managed-organizations:write"],
            Self::PrivateSpacesRead => &["private-spaces:read"],
            Self::PrivateSpacesWrite => &["private-spaces:write"],
        }
    }

    /// The same in one text.
    pub fn name(self) -> Option<String> {
        let names: Vec<_> = self.names().iter().map(|name| format!("`{name}`")).collect();
        let between = if self == Self::AccessRead { " and " } else { " or " };
        (!names.is_empty()).then(|| names.join(between))
    }

    /// Whether one of the granted scopes is enough.
    pub fn is_within(self, granted: &[String]) -> bool {
        let names = self.names();
        let has = |name: &&str| granted.iter().any(|scope| scope == name);
        match self {
            Self::AccessRead => names.iter().all(has),
            _ => names.is_empty() || names.iter().any(has),
        }
    }

    /// Whether the scope is assumed and not documented.
    pub fn is_assumed(self) -> bool {
        matches!(self, Self::OrganizationsReadAssumed | Self::TeamsReadAssumed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_review_needs_all_of_its_scopes_and_other_tools_one_of_theirs() {
        let granted = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        let all = ["user:read", "organizations:read", "teams:read"];
        assert!(Scope::AccessRead.is_within(&granted(&all)));
        assert!(!Scope::AccessRead.is_within(&granted(&all[..2])));
        assert!(Scope::VariablesRead.is_within(&granted(&["team-variables:read"])));
        assert!(!Scope::VariablesRead.is_within(&granted(&all)));
        assert!(Scope::None.is_within(&[]));
    }
}
