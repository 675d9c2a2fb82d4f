//! The policy file: each rule refuses by its name, also what is confirmed, and nothing of it shows.

use std::fs;

use serde_json::json;

use super::cases::cases;
use crate::support::{
    host::eras,
    stage::{Person, Stage, call, end, said},
};

/// A stage with a policy, which lives as long as the folder that comes with it.
fn stage(policy: &str) -> (Stage, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("policy.toml");
    fs::write(&path, policy).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    (Stage::new(&["--confirm", "off", "--policy", path.to_str().unwrap()]), home)
}

#[tokio::test]
async fn each_rule_refuses_by_its_name() {
    let [era, _] = eras();
    let invite = |organization: u64, email: &str, role: u64| {
        json!({ "organizationId": organization, "email": email, "name": "T",
    "usersRoleId": role })
    };
    for (policy, tool, arguments, rule) in [
        (
            "organizations = [12]",
            "make-update-org",
            json!({ "organizationId": 11, "name": "X" }),
            "organizations",
        ),
        (
            "organizations = [12]",
            "make-delete-org",
            json!({ "organizationId": 11 }),
            "organizations",
        ),
        (
            "organizations = [12]",
            "make-remove-user",
            json!({ "userId": 2, "organizationId": 11 }),
            "organizations",
        ),
        (
            "organizations = [12]",
            "make-accept-invitation",
            json!({ "hash": "e99ca895-4c54-4d13-b83a-8ab37c35f17a" }),
            "organizations",
        ),
        (
            "organizations = [11]",
            "make-create-org",
            json!({ "name": "X", "regionId": 1, "timezoneId": 113, "countryId": 202 }),
            "organizations",
        ),
        (
            "invite_domains = [\"acme.example\"]",
            "make-invite-user",
            invite(11, "tom@example.com", 13),
            "invite_domains",
        ),
        (
            "highest_role = \"Member\"",
            "make-invite-user",
            invite(11, "tom@example.com", 12),
            "highest_role",
        ),
        (
            "highest_role = \"Member\"",
            "make-update-user-role",
            json!({ "userId": 2, "organizationId": 11, "usersRoleId": 12 }),
            "highest_role",
        ),
        (
            "highest_role = \"Member\"",
            "make-update-user-role",
            json!({ "userId": 2, "organizationId": 11, "usersRoleId": 43 }),
            "highest_role",
        ),
        (
            "highest_role = \"Admin\"",
            "make-transfer-ownership",
            json!({ "userId": 2, "organizationId": 11 }),
            "highest_role",
        ),
        // Power that is given to a role is given to everybody who has it: permission 105 manages people.
        (
            "highest_role = \"Member\"",
            "make-update-role",
            json!({ "roleId": 42, "organizationId": 11, "permissions": [105] }),
            "highest_role",
        ),
        (
            "highest_team_role = \"Team Member\"",
            "make-update-user-team-role",
            json!({ "userId": 2, "teamId": 22, "usersRoleId": 1 }),
            "highest_team_role",
        ),
        (
            "highest_team_role = \"Team Monitoring\"",
            "make-invite-user",
            json!({ "organizationId": 11, "email": "tom@example.com", "name": "T",
                "usersRoleId": 13, "teamIds": [22] }),
            "highest_team_role",
        ),
        (
            "highest_role = \"Member\"",
            "make-create-role",
            json!({ "organizationId": 11, "name": "M", "category": "organization",
                "permissions": [105] }),
            "highest_role",
        ),
        // A role that gets the name of the limit would lift it.
        (
            "highest_role = \"Billing reader\"",
            "make-update-role",
            json!({ "organizationId": 11, "roleId": 43, "name": "billing reader" }),
            "highest_role",
        ),
        (
            "highest_role = \"Billing reader\"",
            "make-delete-role",
            json!({ "organizationId": 11, "roleId": 42 }),
            "highest_role",
        ),
        (
            "highest_role = \"Nobody\"",
            "make-update-user-role",
            json!({ "userId": 2, "organizationId": 11, "usersRoleId": 13 }),
            "highest_role",
        ),
        (
            "forbidden_scopes = [\"User:Write\"]",
            "make-create-token",
            json!({ "label": "x", "scope": [" USER:write "] }),
            "forbidden_scopes",
        ),
        (
            "organizations = [12]",
            "make-update-team",
            json!({ "teamId": 22, "name": "X" }),
            "organizations",
        ),
        (
            "organizations = [12]",
            "make-update-private-space",
            json!({ "privateSpaceId": 101, "operationsLimit": 1 }),
            "organizations",
        ),
        (
            "organizations = [11]",
            "make-create-managed-org",
            json!({ "organizationId": 11, "organizationName": "C", "userEmail": "o@example.com",
            "userName": "O", "regionId": 1, "countryId": 202, "operations": 0 }),
            "organizations",
        ),
        (
            "forbidden_scopes = [\"user:write\"]",
            "make-create-token",
            json!({ "label": "x", "scope": ["user:read", "user:write"] }),
            "forbidden_scopes",
        ),
        (
            "forbidden_scopes = [\"organizations:read\"]",
            "make-rotate-token",
            json!({ "created": "2026-01-05T09:22:31.249Z" }),
            "forbidden_scopes",
        ),
        (
            "never = [\"make-delete-*\"]",
            "make-delete-org",
            json!({ "organizationId": 11 }),
            "never",
        ),
        (
            "writes_per_hour = 0",
            "make-update-org",
            json!({ "organizationId": 11, "name": "X" }),
            "writes_per_hour",
        ),
    ] {
        let (stage, _home) = stage(policy);
        let client = stage.host(era.clone(), Person::default()).await;
        let result = call(&client, tool, &arguments).await;
        assert_eq!(end(&result), "refused_by_policy", "{policy} {tool}: {result:?}");
        assert!(said(&result).contains(&format!("rule `{rule}`")), "{policy}: {}", said(&result));
        assert_eq!(stage.account.writes(), [""; 0], "{policy} {tool}");
        let line = stage.journal().pop().unwrap();
        assert_eq!(
            (line.tool.as_str(), format!("{:?}", line.outcome)),
            (tool, "Refused".to_owned())
        );
    }
}

#[tokio::test]
async fn what_the_policy_allows_is_done() {
    let [era, _] = eras();
    let policy = "organizations = [10, 11, 12, 40]\ninvite_domains = \
        [\"example.com\"]\nhighest_role = \"Owner\"\nforbidden_scopes = \
        [\"admin:write\"]\nwrites_per_hour = 2\nnever = [\"make-create-org\"]";
    // A new organization is in no list.
    for case in cases().into_iter().filter(|case| case.tool != "make-create-managed-org") {
        let (stage, _home) = stage(policy);
        let client = stage.host(era.clone(), Person::default()).await;
        let result = call(&client, case.tool, &case.arguments).await;
        assert_eq!(end(&result), "applied", "{} {}: {}", case.tool, case.arguments, said(&result));
    }
}

#[tokio::test]
async fn writes_are_counted_over_all_servers_of_a_state_folder() {
    let [era, _] = eras();
    let (stage, _home) = stage("writes_per_hour = 3");
    let rename = json!({ "organizationId": 11, "name": "X" });
    let mut ends = Vec::new();
    for _ in 0..5 {
        let client = stage.host(era.clone(), Person::default()).await;
        let result = call(&client, "make-update-org", &rename).await;
        ends.push(end(&result));
    }
    assert_eq!(
        ends,
        ["answered", "answered", "answered", "refused_by_policy", "refused_by_policy"]
    );
    assert_eq!(stage.account.writes().len(), 3);
}

#[tokio::test]
async fn a_model_sees_nothing_of_the_policy_but_the_name_of_a_rule() {
    let [era, _] = eras();
    let (stage, _home) = stage(
        "organizations = [424242]\ninvite_domains = [\"secret-partner.example\"]\nnever = \
         [\"make-delete-org\"]",
    );
    let client = stage.host(era, Person::default()).await;
    let mut seen = String::new();
    for (tool, arguments) in [
        ("make-auth-status", json!({})),
        ("make-update-org", json!({ "organizationId": 11, "name": "X" })),
        ("make-delete-org", json!({ "organizationId": 11 })),
        (
            "make-invite-user",
            json!({ "organizationId": 424_242, "email": "a@b.example", "name": "A",
            "usersRoleId": 13 }),
        ),
    ] {
        seen.push_str(&format!("{:?}", call(&client, tool, &arguments).await));
    }
    for hidden in ["secret-partner", "policy.toml"] {
        assert!(!seen.contains(hidden), "{seen}");
    }
    let tools = client.list_all_tools().await.unwrap();
    assert!(tools.iter().all(|tool| tool.name != "make-delete-org"), "it is not even listed");
    assert!(tools.len() > 20 && seen.contains("rule `never`"));
}
