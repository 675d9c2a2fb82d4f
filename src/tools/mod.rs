//! Tools about one resource each. They know nothing of HTTP and nothing of MCP.
//!
//! A resource's tools are in the file of its name. Names, arguments and answers are what a model works with, so they
//! change only by addition.

pub(crate) mod api_tokens;
pub(crate) mod audit_logs;
pub(crate) mod billing;
pub mod call;
pub(crate) mod enums;
pub(crate) mod invitations;
pub(crate) mod lookup;
pub(crate) mod me;
pub(crate) mod notifications;
pub(crate) mod oauth_grants;
pub(crate) mod organization_roles;
pub(crate) mod organizations;
pub(crate) mod partners;
pub mod registry;
pub(crate) mod roles;
pub(crate) mod security;
pub(crate) mod spaces;
pub(crate) mod team_roles;
pub(crate) mod teams;
pub(crate) mod users;
pub(crate) mod variables;
