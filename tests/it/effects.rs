//! Every tool that writes: what it did shows in the answer of another tool.

use make_admin_mcp::catalog::catalog;
use serde_json::{Value, json};

use crate::support::host::Host;

/// A write, and where another tool shows it.
struct Effect {
    tool: &'static str,
    arguments: Value,
    seen_by: (&'static str, Value),
    /// Where in the answer, as a JSON pointer; the whole answer if empty.
    at: &'static str,
    /// What stands there afterwards, and did not before.
    then: Value,
}

/// A text that is no longer there.
fn without(text: &str) -> Value {
    json!({ "without": text })
}

/// A text that is there.
fn with(text: &str) -> Value {
    json!({ "with": text })
}

fn effects() -> Vec<Effect> {
    let effect = |tool, arguments, seen_by, at, then| Effect { tool, arguments, seen_by, at, then };
    let org = || json!({ "organizationId": 11 });
    let all = || json!({ "organizationId": 11, "limit": 500 });
    let token = "2026-01-05T09:22:31.249Z";
    vec![
        effect(
            "make-update-user",
            json!({ "name": "Dana R" }),
            ("make-get-user", json!({})),
            "/authUser/name",
            json!("Dana R"),
        ),
        effect(
            "make-create-token",
            json!({ "label": "ci-7", "scope": ["user:read"] }),
            ("make-list-tokens", json!({})),
            "",
            with("ci-7"),
        ),
        effect(
            "make-revoke-token",
            json!({ "created": token }),
            ("make-list-tokens", json!({})),
            "",
            without(token),
        ),
        effect(
            "make-rotate-token",
            json!({ "created": token }),
            ("make-list-tokens", json!({})),
            "",
            without(token),
        ),
        effect(
            "make-update-user-role",
            json!({ "userId": 2, "organizationId": 11, "usersRoleId": 14 }),
            ("make-get-user-role", json!({ "userId": 2, "organizationId": 11 })),
            "/userOrganizationRole/usersRoleId",
            json!(14),
        ),
        effect(
            "make-remove-user",
            json!({ "userId": 2, "organizationId": 11 }),
            ("make-list-members", all()),
            "",
            without("\"userId\":2,"),
        ),
        effect(
            "make-transfer-ownership",
            json!({ "userId": 2, "organizationId": 11 }),
            ("make-get-user-role", json!({ "userId": 41, "organizationId": 11 })),
            "/userOrganizationRole/usersRoleId",
            json!(12),
        ),
        effect(
            "make-create-org",
            json!({ "name": "Labs", "regionId": 1, "timezoneId": 113, "countryId": 202 }),
            ("make-list-orgs", json!({})),
            "",
            with("Labs"),
        ),
        effect(
            "make-update-org",
            json!({ "organizationId": 11, "name": "Acme Ltd" }),
            ("make-get-org", org()),
            "/organization/name",
            json!("Acme Ltd"),
        ),
        effect("make-delete-org", org(), ("make-list-orgs", json!({})), "", without("\"id\":11,")),
        effect(
            "make-invite-user",
            json!({ "organizationId": 11, "email": "zed@example.com", "name": "Zed",
            "usersRoleId": 13 }),
            ("make-list-users", all()),
            "",
            with("zed@example.com"),
        ),
        effect(
            "make-accept-invitation",
            json!({ "hash": "e99ca895-4c54-4d13-b83a-8ab37c35f17a" }),
            ("make-list-orgs", json!({})),
            "",
            with("Brightwater Foods"),
        ),
        effect(
            "make-create-team",
            json!({ "organizationId": 11, "name": "Sales" }),
            ("make-list-teams", all()),
            "",
            with("Sales"),
        ),
        effect(
            "make-update-team",
            json!({ "teamId": 23, "name": "Brand" }),
            ("make-get-team", json!({ "teamId": 23 })),
            "/team/name",
            json!("Brand"),
        ),
        effect(
            "make-delete-team",
            json!({ "teamId": 23 }),
            ("make-list-teams", all()),
            "",
            without("Marketing"),
        ),
        effect(
            "make-update-team-llm",
            json!({ "teamId": 22, "aiMappingBuiltinTier": "small" }),
            ("make-get-team-llm", json!({ "teamId": 22 })),
            "/llmConfiguration/aiMappingBuiltinTier",
            json!("small"),
        ),
        effect(
            "make-update-user-team-role",
            json!({ "userId": 9, "teamId": 22, "usersRoleId": 4 }),
            ("make-list-team-members", json!({ "teamId": 22 })),
            "",
            with("\"userId\":9,"),
        ),
        effect(
            "make-create-role",
            json!({ "organizationId": 11, "name": "Invoice reader", "category": "organization",
            "permissions": [108] }),
            ("make-list-roles", json!({ "organizationId": 11 })),
            "",
            with("Invoice reader"),
        ),
        effect(
            "make-update-role",
            json!({ "roleId": 42, "organizationId": 11, "name": "Billing viewer" }),
            ("make-get-role", json!({ "roleId": 42 })),
            "/usersRole/name",
            json!("Billing viewer"),
        ),
        effect(
            "make-delete-role",
            json!({ "roleId": 45, "organizationId": 11 }),
            ("make-list-roles", org()),
            "",
            without("Team steward"),
        ),
        effect(
            "make-create-variable",
            json!({ "organizationId": 11, "name": "costCentre", "typeId": 2, "value": "CC-17" }),
            ("make-list-variables", org()),
            "",
            with("CC-17"),
        ),
        effect(
            "make-update-variable",
            json!({ "organizationId": 11, "name": "maxOrders", "value": "300" }),
            ("make-variable-history", json!({ "organizationId": 11, "name": "maxOrders" })),
            "/organizationVariableHistory/0/diffObject/new/value",
            json!(300),
        ),
        effect(
            "make-delete-variable",
            json!({ "organizationId": 11, "name": "region" }),
            ("make-list-variables", org()),
            "",
            without("region"),
        ),
        effect(
            "make-set-team-notification",
            json!({ "teamId": 22, "notificationId": 2, "enabled": false }),
            ("make-list-team-notifications", json!({ "teamId": 22 })),
            "/userTeamNotifications/1/enabled",
            json!(false),
        ),
        effect(
            "make-set-mail-preference",
            json!({ "id": "use_cases", "enabled": false }),
            ("make-get-mail-preferences", json!({})),
            "/preferences/global/preferences/0/enabled",
            json!(false),
        ),
        effect(
            "make-revoke-oauth-grant",
            json!({ "clientId": 7 }),
            ("make-list-oauth-grants", json!({})),
            "",
            without("Example App"),
        ),
        effect(
            "make-set-tfa-enforcement",
            json!({ "organizationId": 11, "enable": true }),
            ("make-get-org", json!({ "organizationId": 11, "cols": ["id", "tfaEnforced"] })),
            "/organization/tfaEnforced",
            json!(true),
        ),
        effect(
            "make-set-feature-control",
            json!({ "organizationId": 11, "id": 3, "enabled": true }),
            ("make-list-feature-controls", org()),
            "/featureControls/0/enabled",
            json!(true),
        ),
        effect(
            "make-start-subscription",
            json!({ "organizationId": 12, "priceId": 10 }),
            ("make-get-subscription", json!({ "organizationId": 12 })),
            "/product/name",
            json!("Core"),
        ),
        effect(
            "make-change-subscription",
            json!({ "organizationId": 11, "priceId": 10 }),
            ("make-get-subscription", org()),
            "/product/name",
            json!("Core"),
        ),
        effect(
            "make-cancel-subscription",
            org(),
            ("make-get-subscription", org()),
            "/error/kind",
            json!("not_found"),
        ),
        effect(
            "make-set-free-subscription",
            org(),
            ("make-get-subscription", org()),
            "/product/name",
            json!("Free"),
        ),
        effect(
            "make-set-default-payment-method",
            json!({ "organizationId": 11, "paymentMethodId": "pm_2" }),
            ("make-list-payment-methods", org()),
            "/paymentMethods/1/customerDefaultMethod",
            json!(true),
        ),
        effect(
            "make-delete-payment-method",
            json!({ "organizationId": 11, "paymentMethodId": "pm_2" }),
            ("make-list-payment-methods", org()),
            "",
            without("pm_2"),
        ),
        effect(
            "make-create-managed-org",
            json!({
                "organizationId": 11, "organizationName": "Client", "userEmail": "o@example.com",
                "userName": "O",
                "regionId": 1, "countryId": 202, "operations": 10000
            }),
            ("make-managed-orgs-consumption", org()),
            "/managedOrganizationsConsumption/1/organizationId",
            json!(41),
        ),
        effect(
            "make-set-managed-org-operations",
            json!({ "organizationId": 11, "childOrganizationId": 40, "operations": 30000 }),
            ("make-list-managed-orgs", org()),
            "/managedOrganizations/0/operationsAllocated",
            json!(30_000),
        ),
        effect(
            "make-update-private-space",
            json!({ "organizationId": 11, "privateSpaceId": 101, "operationsLimit": 100 }),
            ("make-get-private-space", json!({ "privateSpaceId": 101 })),
            "/privateSpace/isPaused",
            json!(true),
        ),
    ]
}

/// Whether the answer shows it.
fn shows(answer: &Value, at: &str, then: &Value) -> bool {
    let text = answer.to_string();
    match (then["with"].as_str(), then["without"].as_str()) {
        (Some(with), _) => text.contains(with),
        (_, Some(without)) => !text.contains(without),
        _ => answer.pointer(at) == Some(then),
    }
}

#[tokio::test]
async fn what_a_tool_does_is_seen_by_another_one() {
    let effects = effects();
    for tool in catalog().iter().filter(|tool| !tool.effect().is_read()) {
        assert!(
            effects.iter().any(|effect| effect.tool == tool.spec.name),
            "{} has no effect here",
            tool.spec.name
        );
    }
    for Effect { tool, arguments, seen_by: (reader, asked), at, then } in effects {
        assert_ne!(tool, reader);
        let host = Host::sandbox(&[]).await;
        let look = async || {
            host.try_call(reader, asked.clone()).await.unwrap().structured_content.unwrap()
        };
        let before = look().await;
        assert!(!shows(&before, at, &then), "{tool}: {reader} shows it before: {before}");
        host.call(tool, arguments).await;
        let after = look().await;
        assert!(shows(&after, at, &then), "{tool}: {reader} does not show it: {after}");
    }
}
