//! A typed client of Make's API, version 2. It knows nothing of MCP.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> make_admin_mcp::make::Result<()> {
//! use make_admin_mcp::{make::Make, sandbox::Sandbox};
//!
//! let make = Make::new(Sandbox::default(), Some(Sandbox::credential()));
//! let me = make.me().get().await?;
//! assert_eq!(me.name.as_deref(), Some("Dana Rivers"));
//! # Ok(())
//! # }
//! ```
//!
//! An endpoint is a method of its resource: `make.organizations().get(id)`. It names path, parameters and envelope; what
//! all endpoints share is below it, once: encoding in `transport/request`, rate limits in `transport/throttle`, retries
//! in `transport/retry`, caching in `cache`, HTTP in `transport/https`.

mod cache;
mod client;
mod credential;
mod decode;
mod endpoints;
mod error;
mod model;
mod paging;
mod permit;
mod redaction;
mod request;
mod transport;
mod weight;

pub use client::Make;
pub use credential::{Credential, CredentialError, Renewal, Renewing, without_tokens};
pub use endpoints::{
    AllocatedOperations, ApiToken, ApiTokens, AuditFilters, AuditLogDetail, AuditLogEntry,
    AuditLogFilter, AuditLogs, AuditStream, Authorization, Billing, Consumption,
    CreateManagedOrganization, CreateOrganization, CreateRole, CreateTeam,
    CreatedManagedOrganization, CreatedOrganization, CreatedTeam, CurrentUser, Cursor, CustomRole,
    Customer, DefaultPaymentMethod, EnumList, Enums, EventGroup, EventValue, FeatureControl,
    FeatureControls, InstalledApp, Invitation, Invitations, InviteUser, InvitedMember, License,
    ListProducts, ListRoles, ListUsers, LlmConfiguration, MailPlace, ManagedOrganization, Me,
    Moment, MyInvitation, Named, NewSubscription, Notifications, OauthGrant, OauthGrants,
    Organization, OrganizationRoles, Organizations, Partners, Payment, PaymentMethod, Permission,
    PermissionRef, Place, Pong, Price, PrivateSpace, Product, Role, RoleCategory, Roles, Security,
    Spaces, SsoCertificate, StreamedEntry, Subscription, Team, TeamNotification, TeamRoles, Teams,
    Trail, TwoFactor, Unread, UpdateLlmConfiguration, UpdateOrganization, UpdateRole, UpdateTeam,
    UpdateUser, UpdateVariable, User, UserOrganizationRole, UserTeamRole, Users, Variable,
    VariableChange, Variables, Version,
};
pub use error::{Error, Refusal, RefusalBody, Result, SubError};
pub use model::{
    Counter, List, OrganizationId, Page, Record, RoleId, SortDir, TeamId, TeamRef, UsageDay, UserId,
};
pub use paging::Pages;
pub use permit::WritePermit;
pub(crate) use permit::{Sending, WriteRecord};
pub(crate) use redaction::{SHORTEST_SECRET, without_secrets};
pub use transport::{
    BaseUrl, BaseUrlError, BulkRead, Cause, Failure, Https, Jitter, Limits, Method, Obstacle,
    Request, RequestName, Response, ResponseFuture, RetryBudget, Segment, SegmentError, Transport,
};
pub(crate) use transport::{http_client, is_loopback};
