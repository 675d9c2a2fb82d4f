//! Toolsets: the parts of the catalog that can be switched on and off.

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
