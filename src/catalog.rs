//! The catalog: every tool as one value.

use crate::{
    tools::{
        api_tokens, audit_logs, billing, enums, invitations, me, notifications, oauth_grants,
        organization_roles, organizations, partners, registry::Tool, roles, security, spaces,
        team_roles, teams, users, variables,
    },
    workflows,
};

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
        workflows::audit_summary(),
        workflows::audit_export(),
        // governance
        workflows::access_review(),
        workflows::access_diff(),
        workflows::offboard_plan(),
        // teams
        teams::get_team(),
        teams::create_team(),
        teams::update_team(),
        teams::delete_team(),
        teams::team_usage(),
        team_roles::list_team_members(),
        team_roles::list_user_team_roles(),
        team_roles::get_user_team_role(),
        team_roles::update_user_team_role(),
        teams::get_team_llm(),
        teams::update_team_llm(),
        // roles
        roles::get_role(),
        roles::list_permissions(),
        roles::list_users_by_permission(),
        roles::create_role(),
        roles::update_role(),
        roles::delete_role(),
        // variables
        variables::list_variables(),
        variables::create_variable(),
        variables::update_variable(),
        variables::delete_variable(),
        variables::variable_history(),
        // notifications
        notifications::unread_notifications(),
        notifications::list_team_notifications(),
        notifications::set_team_notification(),
        notifications::get_mail_preferences(),
        notifications::set_mail_preference(),
        // grants
        oauth_grants::list_oauth_grants(),
        oauth_grants::revoke_oauth_grant(),
        // security
        security::list_sso_certificates(),
        security::set_tfa_enforcement(),
        security::list_feature_controls(),
        security::set_feature_control(),
        security::list_org_apps(),
        security::check_team_permission(),
        // billing
        billing::get_subscription(),
        billing::list_payments(),
        billing::list_payment_methods(),
        billing::list_products(),
        billing::start_subscription(),
        billing::change_subscription(),
        billing::cancel_subscription(),
        billing::set_free_subscription(),
        billing::set_default_payment_method(),
        billing::delete_payment_method(),
        billing::get_discount(),
        // partners
        partners::list_managed_orgs(),
        partners::create_managed_org(),
        partners::managed_orgs_consumption(),
        partners::set_managed_org_operations(),
        // spaces
        spaces::list_private_spaces(),
        spaces::get_private_space(),
        spaces::update_private_space(),
    ]
}
