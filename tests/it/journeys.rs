//! What an administrator does in several steps: a write shows in the next read. Inside the process, and over HTTP.

use serde_json::{Value, json};

use crate::support::host::{Host, Mounted};

async fn onboard_change_and_remove(host: &Host) {
    let invited = host
        .call(
            "make-invite-user",
            json!({ "organizationId": 11, "email": "tom@example.com",
        "name": "Tom", "usersRoleId": 13, "teamIds": [22] }),
        )
        .await;
    let user = invited["user"]["id"].clone();
    let membership = async || {
        let members =
            host.call("make-list-members", json!({ "organizationId": 11, "limit": 500 })).await;
        let rows = members["userOrganizationRoles"].as_array().unwrap().clone();
        rows.into_iter().find(|row| row["userId"] == user)
    };
    assert_eq!(membership().await.unwrap()["invitation"], "pending");
    let team =
        host.call("make-list-users", json!({ "teamId": 22, "email": "tom@example.com" })).await;
    assert_eq!(team["users"][0]["id"], user);

    host.call(
        "make-update-user-role",
        json!({ "userId": user, "organizationId": 11, "usersRoleId": 14 }),
    )
    .await;
    assert_eq!(membership().await.unwrap()["usersRoleId"], 14);

    host.call("make-remove-user", json!({ "userId": user, "organizationId": 11 })).await;
    assert_eq!(membership().await, None);
    let trail =
        host.call("make-audit-team", json!({ "teamId": 22, "event": "team_member_removed" })).await;
    assert_eq!(trail["auditLogs"][0]["actor"]["id"], 41);
    let uuid = &trail["auditLogs"][0]["uuid"];
    let detail =
        host.call("make-audit-detail", json!({ "organizationId": 11, "uuid": uuid })).await;
    assert_eq!(detail["auditLog"]["details"]["user"]["id"], user);
}

async fn found_rename_and_delete(host: &Host) {
    let made = host
        .call(
            "make-create-org",
            json!({ "name": "Labs", "regionId": 1, "timezoneId": 113, "countryId": 202 }),
        )
        .await;
    let id = made["organization"]["id"].clone();
    let names = async || -> Vec<Value> {
        let list = host.call("make-list-orgs", json!({})).await;
        list["organizations"].as_array().unwrap().iter().map(|row| row["name"].clone()).collect()
    };
    assert!(names().await.contains(&json!("Labs")));
    host.call("make-update-org", json!({ "organizationId": id, "name": "Laboratory" })).await;
    assert_eq!(
        host.call("make-get-org", json!({ "organizationId": id })).await["organization"]["name"],
        "Laboratory"
    );
    assert_eq!(
        host.call("make-list-teams", json!({ "organizationId": id })).await["teams"][0]["name"],
        "My Team"
    );
    host.call("make-delete-org", json!({ "organizationId": id })).await;
    assert!(!names().await.contains(&json!("Laboratory")));
    assert_eq!(
        host.fail("make-get-org", json!({ "organizationId": id })).await["kind"],
        "not_found"
    );
}

async fn accept_and_hand_over(host: &Host) {
    let mine = host.call("make-list-my-invitations", json!({})).await;
    let invitations = mine["userOrganizationInvitations"].as_array().unwrap();
    let state = |state: &str| invitations.iter().find(|row| row["invitation"] == state).unwrap();
    let (pending, expired) = (state("pending"), state("expired"));
    let looked = host.call("make-get-invitation", json!({ "hash": pending["hash"] })).await;
    assert_eq!(looked["organization"]["id"], pending["organizationId"]);
    assert_eq!(
        host.fail("make-accept-invitation", json!({ "hash": expired["hash"] })).await["kind"],
        "invalid_arguments"
    );
    host.call("make-accept-invitation", json!({ "hash": pending["hash"] })).await;
    let roles = host.call("make-get-user", json!({ "includeMemberships": true })).await;
    let joined = roles["authUser"]["userOrganizationRoles"].as_array().unwrap();
    assert!(joined.iter().any(|row| row["organizationId"] == pending["organizationId"]));

    host.call("make-transfer-ownership", json!({ "userId": 2, "organizationId": 11 })).await;
    let role = host.call("make-get-user-role", json!({ "userId": 41, "organizationId": 11 })).await;
    assert_eq!(role["userOrganizationRole"]["usersRoleId"], 12, "the former owner is an admin");
    assert_eq!(
        host.fail(
            "make-transfer-ownership",
            json!({ "userId": 41,
        "organizationId": 11 })
        )
        .await["kind"],
        "refused_by_policy"
    );
}

async fn make_and_revoke_a_token(host: &Host) {
    let made = host
        .call("make-create-token", json!({ "label": "ci", "scope": ["organizations:read"] }))
        .await;
    let created = made["apiToken"]["created"].clone();
    let listed = async || {
        host.call("make-list-tokens", json!({ "limit": 500 }))
            .await
            .to_string()
            .contains(created.as_str().unwrap())
    };
    assert!(listed().await);
    host.call("make-revoke-token", json!({ "created": created })).await;
    assert!(!listed().await);
    assert_eq!(
        host.fail("make-revoke-token", json!({ "created": created })).await["kind"],
        "not_found"
    );
}

async fn refusals_say_what_is_missing(host: &Host) {
    for (tool, arguments, kind, words) in [
        ("make-audit-org", json!({ "organizationId": 12 }), "plan_required", "upgrade"),
        ("make-audit-org", json!({ "organizationId": 13 }), "forbidden", "ask an owner or admin"),
        ("make-get-org", json!({ "organizationId": 999 }), "not_found", "there are: 13"),
        (
            "make-remove-user",
            json!({ "userId": 41, "organizationId": 11 }),
            "refused_by_policy",
            "another owner or admin",
        ),
        (
            "make-create-org",
            json!({ "name": "<b>", "regionId": 1, "timezoneId": 1, "countryId": 1 }),
            "invalid_arguments",
            "`timezoneId` 1 is not a valid id",
        ),
    ] {
        let error = host.fail(tool, arguments).await;
        assert_eq!(error["kind"], kind, "{tool}: {error}");
        assert!(error["hint"].as_str().unwrap().contains(words), "{tool}: {error}");
    }
}

#[tokio::test]
async fn journeys_work_inside_and_over_http() {
    for over_http in [false, true] {
        // Each journey starts with the account as it was.
        let host = async || match over_http {
            false => (Host::sandbox(&[]).await, None),
            true => {
                let server = Mounted::start().await;
                (Host::of_account_at(&server).await, Some(server))
            }
        };
        onboard_change_and_remove(&host().await.0).await;
        found_rename_and_delete(&host().await.0).await;
        accept_and_hand_over(&host().await.0).await;
        make_and_revoke_a_token(&host().await.0).await;
        refusals_say_what_is_missing(&host().await.0).await;
    }
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let server = Mounted::start().await;
    // The token `reporting` of the built-in account has organizations:read and teams:read alone.
    let host = Host::with_token_at(&server, "2544847b-9c1e-4f3a-8d57-6e0b1f2a9c34").await;
    let error = host.fail("make-list-users", json!({ "organizationId": 11 })).await;
    assert_eq!((&error["kind"], &error["status"]), (&json!("missing_scope"), &json!(403)));
    assert!(error["hint"].as_str().unwrap().contains("`user:read`"), "{error}");
    assert!(error["hint"].as_str().unwrap().contains("organizations:read, teams:read"), "{error}");
}

#[tokio::test]
async fn a_token_stands_in_the_answer_only_if_a_person_wants_it() {
    let host = Host::sandbox(&["--secret-delivery", "reply", "--allow-scope-escalation"]).await;
    let made =
        host.call("make-create-token", json!({ "label": "x", "scope": ["admin:read"] })).await;
    assert_eq!(made["secret"], json!({ "delivery": "reply" }));
    assert!(!made["apiToken"]["token"].as_str().unwrap().contains('*'));
    assert!(!host.home.path().join("state/tokens").exists(), "nothing is written");
}
