//! The endpoints of Make's API, one file a resource: a method names path, parameters and envelope.

mod api_tokens;
mod audit_logs;
mod billing;
mod enums;
mod invitations;
mod me;
mod notifications;
mod oauth_grants;
mod organization_roles;
mod organizations;
mod partners;
mod roles;
mod security;
mod spaces;
mod team_roles;
mod teams;
mod users;
mod variables;

use super::Make;

pub use api_tokens::{ApiToken, ApiTokens};
pub use audit_logs::{
    AuditFilters, AuditLogDetail, AuditLogEntry, AuditLogFilter, AuditLogs, AuditStream, Cursor,
    EventGroup, EventValue, Moment, Named, StreamedEntry, Trail, Version,
};
pub use billing::{
    Billing, Customer, DefaultPaymentMethod, ListProducts, NewSubscription, Payment, PaymentMethod,
    Price, Product, Subscription,
};
pub use enums::{EnumList, Enums};
pub use invitations::{Invitation, Invitations, InviteUser, InvitedMember, MyInvitation};
pub use me::{Authorization, CurrentUser, Me, Pong};
pub use notifications::{MailPlace, Notifications, TeamNotification, Unread};
pub use oauth_grants::{OauthGrant, OauthGrants};
pub use organization_roles::{OrganizationRoles, UserOrganizationRole};
pub use organizations::{
    CreateOrganization, CreatedOrganization, License, Organization, Organizations,
    UpdateOrganization,
};
pub use partners::{
    AllocatedOperations, Consumption, CreateManagedOrganization, CreatedManagedOrganization,
    ManagedOrganization, Partners,
};
pub use roles::{
    CreateRole, CustomRole, ListRoles, Permission, PermissionRef, Role, RoleCategory, Roles,
    UpdateRole,
};
pub use security::{FeatureControl, FeatureControls, InstalledApp, Security, SsoCertificate};
pub use spaces::{PrivateSpace, Spaces};
pub use team_roles::{TeamRoles, UserTeamRole};
pub use teams::{
    CreateTeam, CreatedTeam, LlmConfiguration, Team, Teams, UpdateLlmConfiguration, UpdateTeam,
};
pub use users::{ListUsers, Place, TwoFactor, UpdateUser, User, Users};
pub use variables::{UpdateVariable, Variable, VariableChange, Variables};

impl Make {
    /// The caller: profile, authorization.
    pub fn me(&self) -> Me<'_> {
        Me { make: self }
    }

    /// People.
    pub fn users(&self) -> Users<'_> {
        Users { make: self }
    }

    /// The caller's API tokens.
    pub fn api_tokens(&self) -> ApiTokens<'_> {
        ApiTokens { make: self }
    }

    /// The role catalogue.
    pub fn roles(&self) -> Roles<'_> {
        Roles { make: self }
    }

    /// Organizations.
    pub fn organizations(&self) -> Organizations<'_> {
        Organizations { make: self }
    }

    /// Organization memberships and their roles.
    pub fn organization_roles(&self) -> OrganizationRoles<'_> {
        OrganizationRoles { make: self }
    }

    /// Invitations to organizations.
    pub fn invitations(&self) -> Invitations<'_> {
        Invitations { make: self }
    }

    /// Team memberships and their roles.
    pub fn team_roles(&self) -> TeamRoles<'_> {
        TeamRoles { make: self }
    }

    /// Custom variables of organizations and teams.
    pub fn variables(&self) -> Variables<'_> {
        Variables { make: self }
    }

    /// What Make tells the caller by mail.
    pub fn notifications(&self) -> Notifications<'_> {
        Notifications { make: self }
    }

    /// OAuth clients that the caller has given access.
    pub fn oauth_grants(&self) -> OauthGrants<'_> {
        OauthGrants { make: self }
    }

    /// Security of an organization.
    pub fn security(&self) -> Security<'_> {
        Security { make: self }
    }

    /// Subscription, payments and plans.
    pub fn billing(&self) -> Billing<'_> {
        Billing { make: self }
    }

    /// Managed organizations.
    pub fn partners(&self) -> Partners<'_> {
        Partners { make: self }
    }

    /// Private spaces.
    pub fn spaces(&self) -> Spaces<'_> {
        Spaces { make: self }
    }

    /// Teams.
    pub fn teams(&self) -> Teams<'_> {
        Teams { make: self }
    }

    /// Audit logs.
    pub fn audit_logs(&self) -> AuditLogs<'_> {
        AuditLogs { make: self }
    }

    /// Make's lists of values: time zones, countries, token scopes, …
    pub fn enums(&self) -> Enums<'_> {
        Enums { make: self }
    }
}
