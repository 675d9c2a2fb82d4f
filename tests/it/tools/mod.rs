//! Every tool against a fake Make: the exact requests it sends, and what a model gets back. One file a resource.

mod api_tokens;
mod audit_logs;
mod billing;
mod blank;
mod enums;
mod explain;
mod invitations;
mod me;
mod names;
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
mod workflows;
