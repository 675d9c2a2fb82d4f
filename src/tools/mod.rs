//! The catalog: every tool as one value. It knows nothing of HTTP and nothing of MCP.
//!
//! A resource's tools are in the file of its name. [`catalog`] lists them in the order that hosts see; names,
//! arguments and answers are what a model works with, so they change only by addition.

mod answer;
mod api_tokens;
mod arguments;
mod attempt;
mod audit_logs;
mod change;
mod context;
mod enums;
mod error;
mod facts;
mod invitations;
mod me;
mod organization_roles;
mod organizations;
mod roles;
mod schema;
mod spec;
mod teams;
mod users;
mod visibility;
mod workflows;

pub(crate) use arguments::closest;
pub use context::{Context, Hidden, PATIENCE, Surface};
pub use error::{Kind, ToolError};
pub use spec::{Called, Effect, Scope, Tool, ToolSpec, Toolset};
pub use visibility::Selection;

/// Every tool, in the order of `tools/list`.
pub fn catalog() -> Vec<Tool> {
    vec![
        // account
        me::auth_status(),
        me::get_user(),
        users::update_user(),
        invitations::list_my_invitations(),
        enums::lookup(),
        // tokens
        api_tokens::list_tokens(),
        api_tokens::create_token(),
        api_tokens::revoke_token(),
        workflows::rotate_token(),
        // users
        users::list_users(),
        organization_roles::list_user_roles(),
        organization_roles::get_user_role(),
        organization_roles::update_user_role(),
        organization_roles::remove_user(),
        organization_roles::transfer_ownership(),
        roles::list_roles(),
        // orgs
        organizations::list_orgs(),
        organizations::get_org(),
        organizations::create_org(),
        organizations::update_org(),
        organizations::delete_org(),
        organization_roles::list_members(),
        invitations::invite_user(),
        invitations::get_invitation(),
        invitations::accept_invitation(),
        organizations::org_usage(),
        teams::list_teams(),
        // audit
        audit_logs::audit_org(),
        audit_logs::audit_team(),
        audit_logs::audit_detail(),
        audit_logs::audit_filters(),
    ]
}
