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

    /// What it is for, in a few words.
    pub fn purpose(self) -> &'static str {
        match self {
            Self::Account => "the caller, the connection, lists of valid values",
            Self::Tokens => "the caller's API tokens",
            Self::Users => "people and their organization roles",
            Self::Orgs => "organizations, members, invitations, usage",
            Self::Audit => "audit logs: lists, counts, exports",
            Self::Governance => "access reviews, comparisons, offboarding",
            Self::Teams => "teams, their members and limits",
            Self::Roles => "custom roles and permissions",
            Self::Variables => "custom variables",
            Self::Notifications => "e-mails that Make sends to the caller",
            Self::Grants => "OAuth apps with access to the account",
            Self::Security => "two-factor enforcement, SSO, feature switches",
            Self::Billing => "subscription, payments, payment methods",
            Self::Partners => "managed organizations",
            Self::Spaces => "private spaces",
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
