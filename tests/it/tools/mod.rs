//! Every tool against a fake Make: the exact requests it sends, and what a model gets back. One file a resource.

mod api_tokens;
mod audit_logs;
mod enums;
mod invitations;
mod me;
mod organization_roles;
mod organizations;
mod roles;
mod teams;
mod users;
mod workflows;
