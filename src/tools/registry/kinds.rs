//! What kind of tool it is: where it belongs, what it needs, what it does to Make.

/// Part of the catalog that can be switched on and off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Toolset {
    /// The caller.
    Account,
    /// API tokens.
    Tokens,
    /// People and their organization roles.
    Users,
    /// Organizations, invitations.
    Orgs,
    /// Audit logs.
    Audit,
    /// Access reviews.
    Governance,
    /// Teams and who is in them.
    Teams,
    /// Roles and permissions.
    Roles,
    /// Custom variables.
    Variables,
    /// What Make tells the caller by mail.
    Notifications,
    /// OAuth clients with access.
    Grants,
    /// Sign-in, switches, installed apps.
    Security,
    /// Subscription and payments.
    Billing,
    /// Managed organizations.
    Partners,
    /// Private spaces.
    Spaces,
}

impl Toolset {
    /// All of them, in catalog order.
    pub const ALL: [Self; 15] = [
        Self::Account,
        Self::Tokens,
        Self::Users,
        Self::Orgs,
        Self::Audit,
        Self::Governance,
        Self::Teams,
        Self::Roles,
        Self::Variables,
        Self::Notifications,
        Self::Grants,
        Self::Security,
        Self::Billing,
        Self::Partners,
        Self::Spaces,
    ];

    /// The name in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Tokens => "tokens",
            Self::Users => "users",
            Self::Orgs => "orgs",
            Self::Audit => "audit",
            Self::Governance => "governance",
            Self::Teams => "teams",
            Self::Roles => "roles",
            Self::Variables => "variables",
            Self::Notifications => "notifications",
            Self::Grants => "grants",
            Self::Security => "security",
            Self::Billing => "billing",
            Self::Partners => "partners",
            Self::Spaces => "spaces",
        }
    }

    /// Whether `default` includes it.
    pub fn is_default(self) -> bool {
        matches!(
            self,
            Self::Account
                | Self::Tokens
                | Self::Users
                | Self::Orgs
                | Self::Audit
                | Self::Governance
        )
    }
}

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

/// What a call does to Make; hints for hosts and the read-only filter follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Makes something new; asking twice makes two.
    Create,
    /// Changes something; asking twice is asking once.
    Update,
    /// Removes something.
    Delete,
    /// Changes nothing at Make and writes a file on this machine.
    Report,
}

impl Effect {
    /// Whether nothing changes at Make.
    pub fn is_read(self) -> bool {
        matches!(self, Self::Read | Self::Report)
    }

    /// `readOnlyHint`: nothing changes anywhere.
    pub fn is_read_only(self) -> bool {
        self == Self::Read
    }

    /// `destructiveHint`: something that was there is changed or removed.
    pub fn is_destructive(self) -> bool {
        matches!(self, Self::Update | Self::Delete)
    }

    /// `idempotentHint`: asking again changes nothing more.
    pub fn is_idempotent(self) -> bool {
        self != Self::Create
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
