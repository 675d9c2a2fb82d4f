//! A typed client of Make's API, version 2. It knows nothing of MCP.
//!
//! An endpoint is a method of its resource: `make.organizations().get(id)`. A method builds a [`Call`] and opens the
//! envelope of the answer; everything hard is below it, once: encoding in `call`, repetition and rate limits in
//! `rate`, caching in `cache`, HTTP in `https`.

mod api_tokens;
mod audit_logs;
mod billing;
mod cache;
mod call;
mod credential;
mod enums;
mod error;
mod https;
mod ids;
mod invitations;
mod me;
mod notifications;
mod oauth_grants;
mod organization_roles;
mod organizations;
mod page;
mod pages;
mod partners;
mod rate;
mod record;
mod request;
mod roles;
mod security;
mod spaces;
mod team_roles;
mod teams;
mod users;
mod variables;

use std::{fmt, pin::Pin, sync::Arc, time::Duration};

pub use api_tokens::{ApiToken, ApiTokens};
pub use audit_logs::{
    AuditFilters, AuditLogDetail, AuditLogEntry, AuditLogFilter, AuditLogs, Entry, EventGroup,
    EventValue, Mark, Moment, Named, OldestFirst, Trail, Version,
};
pub use billing::{
    Billing, Customer, DefaultPaymentMethod, ListProducts, NewSubscription, Payment, PaymentMethod,
    Price, Product, Subscription,
};
pub use call::{Call, CallName, Cause, Failure, Method, Reply, Segment, Sending, Transport};
pub use credential::{Credential, CredentialError, Renewal, Renewing, without_tokens};
pub use enums::{EnumList, Enums};
pub use error::{Error, Refusal, Result, SubError};
pub use https::{BaseUrl, Https, Limits};
pub(crate) use https::{http_client, is_loopback};
pub use ids::{OrganizationId, RoleId, TeamId, UserId};
pub use invitations::{Invitation, Invitations, InviteUser, InvitedMember, MyInvitation};
pub use me::{Authorization, CurrentUser, Me, Pong};
pub use notifications::{MailPlace, Notifications, TeamNotification, Unread};
pub use oauth_grants::{OauthGrant, OauthGrants};
pub use organization_roles::{OrganizationRoles, UserOrganizationRole};
pub use organizations::{
    CreateOrganization, CreatedOrganization, License, Organization, Organizations,
    UpdateOrganization, UsageDay,
};
pub use page::{List, Page, SortDir};
pub use pages::Pages;
pub use partners::{
    AllocatedOperations, Consumption, CreateManagedOrganization, CreatedManagedOrganization,
    ManagedOrganization, Partners,
};
pub use rate::{Bulk, Jitter, Patience};
pub use record::{Counter, Record};
pub use roles::{
    CreateRole, CustomRole, ListRoles, Permission, PermissionRef, Role, RoleCategory, Roles,
    UpdateRole,
};
pub use security::{FeatureControl, FeatureControls, InstalledApp, Security, SsoCertificate};
pub use spaces::{PrivateSpace, Spaces};
pub use team_roles::{TeamRoles, UserTeamRole};
pub use teams::{
    CreateTeam, CreatedTeam, LlmConfiguration, Team, TeamRef, Teams, UpdateLlmConfiguration,
    UpdateTeam,
};
pub use users::{ListUsers, Place, UpdateUser, User, Users};
pub use variables::{UpdateVariable, Variable, VariableChange, Variables};

use cache::Cache;
use rate::Gates;
use request::Request;

/// The client. Cheap to clone; clones share the cache, the rate-limit gates and the transport.
///
/// Only 429, 502 to 504 and connection errors are repeated, and a write only where it certainly did not reach Make; and
/// once a call that was refused (401) for an access token that had ended.
#[derive(Clone)]
pub struct Make {
    inner: Arc<Inner>,
    credential: Option<Credential>,
    renewal: Option<Renewal>,
    patience: Patience,
    bulk: Option<Bulk>,
    fresh: bool,
    witness: Option<Witness>,
}

/// Whether a write may be sent.
pub type Leave = Pin<Box<dyn Future<Output = std::result::Result<(), String>> + Send>>;

/// Sees every write.
#[derive(Clone)]
pub struct Witness {
    /// Called before a write is sent for the first time. An error, one line that says why, keeps it from being sent.
    pub before: Arc<dyn Fn() -> Leave + Send + Sync>,
    /// Called with the HTTP status of each answer to a write.
    pub after: Arc<dyn Fn(u16) + Send + Sync>,
}

struct Inner {
    transport: Box<dyn Transport>,
    gates: Gates,
    cache: Cache,
    jitter: Jitter,
}

impl Make {
    /// A client that calls through `transport`. Without a credential every call fails with [`Error::NoCredential`].
    pub fn new(transport: impl Transport, credential: Option<Credential>) -> Self {
        Self::with_jitter(transport, credential, rate::random_jitter)
    }

    /// The same with another jitter of waiting times; tests take none.
    pub fn with_jitter(
        transport: impl Transport,
        credential: Option<Credential>,
        jitter: Jitter,
    ) -> Self {
        let inner = Inner {
            transport: Box::new(transport),
            gates: Gates::default(),
            cache: Cache::default(),
            jitter,
        };
        Self {
            inner: Arc::new(inner),
            credential,
            renewal: None,
            patience: Patience::default(),
            bulk: None,
            fresh: false,
            witness: None,
        }
    }

    /// The same client with another credential, which is not renewed.
    pub fn with_credential(&self, credential: Option<Credential>) -> Self {
        Self { credential, renewal: None, ..self.clone() }
    }

    /// The same client, whose credential is renewed while it works.
    pub fn renewed_by(&self, renewal: Option<Renewal>) -> Self {
        Self { renewal, ..self.clone() }
    }

    /// The same client, whose calls wait for the rate limit only as long as `patience` allows.
    pub fn with_patience(&self, patience: Patience) -> Self {
        Self { patience, ..self.clone() }
    }

    /// The same client, whose reads go past the cache and share no request.
    pub fn fresh(&self) -> Self {
        Self { fresh: true, ..self.clone() }
    }

    /// The same client, whose writes `witness` sees.
    pub fn witnessed_by(&self, witness: Witness) -> Self {
        Self { witness: Some(witness), ..self.clone() }
    }

    /// The same client, whose calls wait for the rate limit from now on for that long at most.
    pub fn patient_for(&self, time: Duration) -> Self {
        let until = Some(tokio::time::Instant::now() + time);
        self.with_patience(Patience { until, ..self.patience.clone() })
    }

    /// The same client, each of whose calls waits for the rate limit for a quarter of an hour.
    pub fn patient(&self) -> Self {
        const LONG: Duration = Duration::from_secs(15 * 60);
        self.with_patience(Patience { until: None, each: Some(LONG), ..self.patience.clone() })
    }

    /// The same client for reading a long list: its calls keep below the quota, and what they read is fresh.
    pub fn in_bulk(&self, bulk: Bulk) -> Self {
        Self { bulk: Some(bulk), ..self.fresh() }
    }

    /// The credential that calls are made with.
    pub fn credential(&self) -> Option<&Credential> {
        self.credential.as_ref()
    }

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

    /// Who is what in an organization.
    pub fn organization_roles(&self) -> OrganizationRoles<'_> {
        OrganizationRoles { make: self }
    }

    /// Invitations to organizations.
    pub fn invitations(&self) -> Invitations<'_> {
        Invitations { make: self }
    }

    /// Who is what in a team.
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

    fn get(&self, path: &[Segment<'_>]) -> Request {
        Request::new(self, Method::Get, path)
    }

    fn post(&self, path: &[Segment<'_>]) -> Request {
        Request::new(self, Method::Post, path)
    }

    fn put(&self, path: &[Segment<'_>]) -> Request {
        Request::new(self, Method::Put, path)
    }

    fn patch(&self, path: &[Segment<'_>]) -> Request {
        Request::new(self, Method::Patch, path)
    }

    fn delete(&self, path: &[Segment<'_>]) -> Request {
        Request::new(self, Method::Delete, path)
    }
}

impl fmt::Debug for Make {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Make")
            .field("credential", &self.credential)
            .field("fresh", &self.fresh)
            .finish_non_exhaustive()
    }
}
