//! Every guarded tool, with what confirms it and what would make its plan out of date.

use make_admin_mcp::make::Method;
use serde_json::{Value, json};

use crate::support::stage::Account;

/// A guarded call.
pub(super) struct Case {
    pub(super) tool: &'static str,
    pub(super) arguments: Value,
    /// The same call with something else in it.
    pub(super) altered: Value,
    /// What a person types for it, if it is one of level G2.
    pub(super) typed: Option<&'static str>,
    /// What reaches Make once it is confirmed.
    pub(super) writes: &'static [&'static str],
    /// What someone else could do meanwhile, if anything can make the plan out of date.
    pub(super) drift: Option<fn(&Account)>,
}

impl Case {
    /// What a person sends off to confirm it.
    pub(super) fn yes(&self) -> Value {
        match self.typed {
            Some(name) => json!({ "name": format!(" {name} ") }),
            None => json!({ "confirm": true }),
        }
    }

    /// What is no yes.
    pub(super) fn no(&self) -> Vec<Value> {
        match self.typed {
            Some(name) => vec![json!({ "name": name.to_uppercase() }), json!({ "name": "" })],
            None => vec![json!({ "confirm": false })],
        }
    }

    /// What is neither a yes nor a no.
    pub(super) fn malformed(&self) -> Vec<Value> {
        let mut all = match self.typed {
            Some(_) => vec![json!({ "confirm": true }), json!({ "name": 7 })],
            None => vec![json!({ "confirm": "true" }), json!({ "name": "true" })],
        };
        all.extend([json!({}), json!(null)]);
        all
    }
}

fn someone_removes_2(account: &Account) {
    account.elsewhere(Method::Post, &[&"users", &2, &"user-organization-roles", &11], json!({}));
}

fn someone_changes_the_role_of_2(account: &Account) {
    account.elsewhere(
        Method::Post,
        &[&"users", &2, &"user-organization-roles", &11],
        json!({ "usersRoleId": 14 }),
    );
}

fn someone_revokes_the_token(account: &Account) {
    account.elsewhere(
        Method::Delete,
        &[&"users", &"me", &"api-tokens", &"2026-01-05T09:22:31.249Z"],
        Value::Null,
    );
}

fn someone_invites_tom(account: &Account) {
    let tom = json!({ "usersRoleId": 13, "email": "tom@example.com", "name": "Tom" });
    account.elsewhere(Method::Post, &[&"organizations", &11, &"invite"], tom);
}

pub(super) fn cases() -> Vec<Case> {
    const ROLE: &str = "POST /users/2/user-organization-roles/11";
    const TOKENS: &str = "POST /users/me/api-tokens";
    const TOKEN: &str = "DELETE /users/me/api-tokens/2026-01-05T09%3A22%3A31.249Z";
    let token = json!({ "created": "2026-01-05T09:22:31.249Z" });
    let other_token = json!({ "created": "2026-01-05T09:22:31.248Z" });
    let invitation = |role: u64, name: &str| {
        json!({ "organizationId": 11,
    "email": "tom@example.com", "name": name, "usersRoleId": role })
    };
    vec![
        Case {
            tool: "make-create-token",
            arguments: json!({ "label": "ci", "scope": ["organizations:read"] }),
            altered: json!({ "label": "ci", "scope": ["organizations:read", "user:write"] }),
            typed: None,
            writes: &[TOKENS],
            drift: None,
        },
        Case {
            tool: "make-revoke-token",
            arguments: token.clone(),
            altered: other_token.clone(),
            typed: None,
            writes: &[TOKEN],
            drift: Some(someone_revokes_the_token),
        },
        Case {
            tool: "make-rotate-token",
            arguments: token,
            altered: other_token,
            typed: None,
            writes: &[TOKENS, TOKEN],
            drift: Some(someone_revokes_the_token),
        },
        Case {
            tool: "make-update-user-role",
            arguments: json!({ "userId": 2, "organizationId": 11, "usersRoleId": 15 }),
            altered: json!({ "userId": 3, "organizationId": 11, "usersRoleId": 15 }),
            typed: None,
            writes: &[ROLE],
            drift: Some(someone_changes_the_role_of_2),
        },
        // To a role that can manage people.
        Case {
            tool: "make-update-user-role",
            arguments: json!({ "userId": 2, "organizationId": 11, "usersRoleId": 12 }),
            altered: json!({ "userId": 3, "organizationId": 11, "usersRoleId": 12 }),
            typed: Some("tomas.herrera@example.com"),
            writes: &[ROLE],
            drift: Some(someone_changes_the_role_of_2),
        },
        // To a custom role that can manage people.
        Case {
            tool: "make-update-user-role",
            arguments: json!({ "userId": 2, "organizationId": 11, "usersRoleId": 43 }),
            altered: json!({ "userId": 2, "organizationId": 11, "usersRoleId": 42 }),
            typed: Some("tomas.herrera@example.com"),
            writes: &[ROLE],
            drift: Some(someone_changes_the_role_of_2),
        },
        Case {
            tool: "make-remove-user",
            arguments: json!({ "userId": 2, "organizationId": 11 }),
            altered: json!({ "userId": 2, "organizationId": 11, "deleteConnections": true }),
            typed: Some("tomas.herrera@example.com"),
            writes: &[ROLE],
            drift: Some(someone_changes_the_role_of_2),
        },
        Case {
            tool: "make-transfer-ownership",
            arguments: json!({ "userId": 2, "organizationId": 11 }),
            altered: json!({ "userId": 3, "organizationId": 11 }),
            typed: Some("tomas.herrera@example.com"),
            writes: &["POST /users/2/user-organization-roles/11/transfer"],
            drift: Some(someone_changes_the_role_of_2),
        },
        Case {
            tool: "make-delete-org",
            arguments: json!({ "organizationId": 11 }),
            altered: json!({ "organizationId": 12 }),
            typed: Some("Acme"),
            writes: &["DELETE /organizations/11?confirmed=true"],
            drift: Some(someone_invites_tom),
        },
        Case {
            tool: "make-invite-user",
            arguments: invitation(13, "Tom"),
            altered: invitation(13, "Tim"),
            typed: None,
            writes: &["POST /organizations/11/invite"],
            drift: Some(someone_invites_tom),
        },
        // As someone who can manage people.
        Case {
            tool: "make-invite-user",
            arguments: invitation(12, "Tom"),
            altered: invitation(11, "Tom"),
            typed: Some("tom@example.com"),
            writes: &["POST /organizations/11/invite"],
            drift: Some(someone_invites_tom),
        },
        Case {
            tool: "make-accept-invitation",
            arguments: json!({ "hash": "e99ca895-4c54-4d13-b83a-8ab37c35f17a" }),
            altered: json!({ "hash": "bf1effe1-bc9d-4ab3-9414-9c3b66175305" }),
            typed: None,
            writes: &["POST /organizations/accept-invitation"],
            drift: Some(|account| {
                let hash = json!({ "hash": "e99ca895-4c54-4d13-b83a-8ab37c35f17a" });
                account.elsewhere(Method::Post, &[&"organizations", &"accept-invitation"], hash);
            }),
        },
        Case {
            tool: "make-delete-team",
            arguments: json!({ "teamId": 23 }),
            altered: json!({ "teamId": 24 }),
            typed: Some("Marketing"),
            writes: &["DELETE /teams/23?confirmed=true"],
            drift: Some(|account| {
                account.elsewhere(Method::Patch, &[&"teams", &23], json!({ "name": "Sales" }))
            }),
        },
        Case {
            tool: "make-update-user-team-role",
            arguments: json!({ "userId": 2, "teamId": 22, "usersRoleId": 4 }),
            altered: json!({ "userId": 3, "teamId": 22, "usersRoleId": 4 }),
            typed: None,
            writes: &["POST /users/2/user-team-roles/22"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Post,
                    &[&"users", &2, &"user-team-roles", &22],
                    json!({ "usersRoleId": 6 }),
                )
            }),
        },
        // As an admin of the team.
        Case {
            tool: "make-update-user-team-role",
            arguments: json!({ "userId": 2, "teamId": 22, "usersRoleId": 1 }),
            altered: json!({ "userId": 3, "teamId": 22, "usersRoleId": 1 }),
            typed: Some("tomas.herrera@example.com"),
            writes: &["POST /users/2/user-team-roles/22"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Post,
                    &[&"users", &2, &"user-team-roles", &22],
                    json!({ "usersRoleId": 6 }),
                )
            }),
        },
        Case {
            tool: "make-create-role",
            arguments: json!({ "organizationId": 11, "name": "Invoice reader",
                "category": "organization", "permissions": [] }),
            altered: json!({ "organizationId": 11, "name": "Invoice clerk",
                "category": "organization", "permissions": [] }),
            typed: None,
            writes: &["POST /users/custom-roles"],
            drift: None,
        },
        // With the power to manage people: permission 105.
        Case {
            tool: "make-create-role",
            arguments: json!({ "organizationId": 11, "name": "Member",
                "category": "organization", "permissions": [105] }),
            altered: json!({ "organizationId": 11, "name": "Member",
                "category": "organization", "permissions": [105, 106] }),
            typed: Some("Member"),
            writes: &["POST /users/custom-roles"],
            drift: None,
        },
        Case {
            tool: "make-update-role",
            arguments: json!({ "roleId": 42, "organizationId": 11, "name": "Billing viewer" }),
            altered: json!({ "roleId": 42, "organizationId": 11, "name": "Billing clerk" }),
            typed: None,
            writes: &["PATCH /users/custom-roles/42"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Patch,
                    &[&"users", &"custom-roles", &42],
                    json!({ "organizationId": 11, "name": "Renamed" }),
                )
            }),
        },
        // So that everybody who has it can manage people: permission 105.
        Case {
            tool: "make-update-role",
            arguments: json!({ "roleId": 42, "organizationId": 11, "permissions": [105] }),
            altered: json!({ "roleId": 42, "organizationId": 11, "permissions": [105, 106] }),
            typed: Some("Billing reader"),
            writes: &["PATCH /users/custom-roles/42"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Patch,
                    &[&"users", &"custom-roles", &42],
                    json!({ "organizationId": 11, "name": "Renamed" }),
                )
            }),
        },
        Case {
            tool: "make-delete-role",
            arguments: json!({ "roleId": 45, "organizationId": 11 }),
            altered: json!({ "roleId": 44, "organizationId": 11 }),
            typed: None,
            writes: &["DELETE /users/custom-roles/45"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Patch,
                    &[&"users", &"custom-roles", &45],
                    json!({ "organizationId": 11, "name": "Renamed" }),
                )
            }),
        },
        Case {
            tool: "make-delete-variable",
            arguments: json!({ "organizationId": 11, "name": "region" }),
            altered: json!({ "organizationId": 11, "name": "maxOrders" }),
            typed: None,
            writes: &["DELETE /organizations/11/variables/region?confirmed=true"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Patch,
                    &[&"organizations", &11, &"variables", &"region"],
                    json!({ "typeId": 1, "value": 3 }),
                )
            }),
        },
        Case {
            tool: "make-revoke-oauth-grant",
            arguments: json!({ "clientId": 7 }),
            altered: json!({ "clientId": 9 }),
            typed: None,
            writes: &["DELETE /users/me/oauth-connections/7"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Delete,
                    &[&"users", &"me", &"oauth-connections", &7],
                    Value::Null,
                )
            }),
        },
        Case {
            tool: "make-set-tfa-enforcement",
            arguments: json!({ "organizationId": 11, "enable": true }),
            altered: json!({ "organizationId": 11, "enable": false }),
            typed: Some("Acme"),
            writes: &["PATCH /organizations/11/tfa-enforcement"],
            drift: Some(someone_removes_2),
        },
        Case {
            tool: "make-set-feature-control",
            arguments: json!({ "organizationId": 11, "id": 2, "enabled": false }),
            altered: json!({ "organizationId": 11, "id": 3, "enabled": false }),
            typed: None,
            writes: &["PATCH /organizations/11/feature-controls"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Patch,
                    &[&"organizations", &11, &"feature-controls"],
                    json!({ "id": 2, "enabled": false }),
                )
            }),
        },
        Case {
            tool: "make-start-subscription",
            arguments: json!({ "organizationId": 12, "priceId": 10 }),
            altered: json!({ "organizationId": 12, "priceId": 12 }),
            typed: Some("Birch Consulting"),
            writes: &["POST /organizations/12/subscription"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Patch,
                    &[&"organizations", &12],
                    json!({ "name": "Renamed" }),
                )
            }),
        },
        Case {
            tool: "make-change-subscription",
            arguments: json!({ "organizationId": 11, "priceId": 10 }),
            altered: json!({ "organizationId": 11, "priceId": 12 }),
            typed: Some("Acme"),
            writes: &["PATCH /organizations/11/subscription"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Patch,
                    &[&"organizations", &11, &"subscription"],
                    json!({ "priceId": 12 }),
                )
            }),
        },
        Case {
            tool: "make-cancel-subscription",
            arguments: json!({ "organizationId": 11 }),
            altered: json!({ "organizationId": 12 }),
            typed: Some("Acme"),
            writes: &["DELETE /organizations/11/subscription"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Patch,
                    &[&"organizations", &11, &"subscription"],
                    json!({ "priceId": 12 }),
                )
            }),
        },
        Case {
            tool: "make-set-free-subscription",
            arguments: json!({ "organizationId": 11 }),
            altered: json!({ "organizationId": 12 }),
            typed: Some("Acme"),
            writes: &["POST /organizations/11/subscription-free?confirmed=true"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Patch,
                    &[&"organizations", &11],
                    json!({ "name": "Renamed" }),
                )
            }),
        },
        Case {
            tool: "make-set-default-payment-method",
            arguments: json!({ "organizationId": 11, "paymentMethodId": "pm_2" }),
            altered: json!({ "organizationId": 11, "paymentMethodId": "pm_1" }),
            typed: None,
            writes: &["PATCH /organizations/11/subscription/payment-methods/pm_2/default"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Delete,
                    &[&"organizations", &11, &"subscription", &"payment-methods", &"pm_2"],
                    Value::Null,
                )
            }),
        },
        Case {
            tool: "make-delete-payment-method",
            arguments: json!({ "organizationId": 11, "paymentMethodId": "pm_2" }),
            altered: json!({ "organizationId": 11, "paymentMethodId": "pm_1" }),
            typed: Some("Acme"),
            writes: &["DELETE /organizations/11/subscription/payment-methods/pm_2"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Patch,
                    &[
                        &"organizations", &11, &"subscription", &"payment-methods", &"pm_2",
                        &"default",
                    ],
                    json!({ "target": "both" }),
                )
            }),
        },
        Case {
            tool: "make-create-managed-org",
            arguments: json!({ "organizationId": 11, "organizationName": "Client",
            "userEmail": "o@example.com", "userName": "O", "regionId": 1, "countryId": 202,
            "operations": 10000 }),
            altered: json!({ "organizationId": 11, "organizationName": "Client",
            "userEmail": "o@example.com", "userName": "O", "regionId": 1, "countryId": 202,
            "operations": 20000 }),
            typed: None,
            writes: &["POST /organizations/11/managed-organizations"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Patch,
                    &[&"organizations", &11],
                    json!({ "name": "Renamed" }),
                )
            }),
        },
        Case {
            tool: "make-set-managed-org-operations",
            arguments: json!({ "organizationId": 11, "childOrganizationId": 40,
            "operations": 20000 }),
            altered: json!({ "organizationId": 11, "childOrganizationId": 40,
            "operations": 30000 }),
            typed: None,
            writes: &["PATCH /organizations/11/managed-organizations/40"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Patch,
                    &[&"organizations", &11, &"managed-organizations", &40],
                    json!({ "operations": 50000 }),
                )
            }),
        },
        Case {
            tool: "make-update-private-space",
            arguments: json!({ "organizationId": 11, "privateSpaceId": 101,
            "operationsLimit": 100 }),
            altered: json!({ "organizationId": 11, "privateSpaceId": 102, "operationsLimit": 100 }),
            typed: None,
            writes: &["PATCH /private-spaces/101?confirmed=true"],
            drift: Some(|account| {
                account.elsewhere(
                    Method::Patch,
                    &[&"private-spaces", &101],
                    json!({ "operationsLimit": 5000 }),
                )
            }),
        },
    ]
}

/// The table holds every guarded tool; a new one without a case is a mistake.
#[test]
fn every_guarded_tool_is_in_the_matrix() {
    use make_admin_mcp::catalog::catalog;

    let cases = cases();
    for tool in catalog() {
        let guarded = tool.guard().is_some();
        assert_eq!(
            cases.iter().any(|case| case.tool == tool.spec.name),
            guarded,
            "{}",
            tool.spec.name
        );
    }
}
