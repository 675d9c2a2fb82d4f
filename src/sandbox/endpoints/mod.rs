//! The endpoints that the sandbox answers, one file a resource.

pub(super) mod api_tokens;
pub(super) mod audit_logs;
pub(super) mod billing;
pub(super) mod enums;
pub(super) mod invitations;
pub(super) mod me;
pub(super) mod notifications;
pub(super) mod oauth_grants;
pub(super) mod organization_roles;
pub(super) mod organizations;
pub(super) mod partners;
pub(super) mod roles;
pub(super) mod security;
pub(super) mod spaces;
pub(super) mod team_roles;
pub(super) mod teams;
pub(super) mod users;
pub(super) mod variables;
