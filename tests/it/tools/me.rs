use serde_json::json;

use crate::support::wire::{Wire, fixture};

#[tokio::test]
async fn the_status_shows_caller_scopes_and_server() {
    let wire = Wire::new(&[
        ("GET", "/users/me", "me/get_current_user"),
        ("GET", "/users/me/current-authorization", "me/get_current_authorization"),
    ])
    .await;
    let status = wire.call("make-auth-status", json!({})).await;
    let mut requests = wire.requests().await;
    requests.sort();
    assert_eq!(requests, ["GET /users/me", "GET /users/me/current-authorization"]);
    assert_eq!(status["authenticated"], true);
    assert_eq!(
        status["user"],
        json!({ "id": 41, "name": "Dana Rivers", "email": "dana@example.com" })
    );
    assert_eq!(
        status["authorization"],
        json!({ "authUsed": "token", "scope": ["user:read", "organizations:read"] })
    );
    assert_eq!(status["zone"], json!(wire.server.address().to_string()));
    assert_eq!(
        status["toolsets"],
        json!(
            make_admin_mcp::tools::registry::Toolset::ALL
                .map(make_admin_mcp::tools::registry::Toolset::name)
        )
    );
    assert_eq!(
        (&status["readOnly"], &status["sandbox"], &status["confirm"]),
        (&json!(false), &json!(false), &json!("off"))
    );
}

#[tokio::test]
async fn a_refused_credential_is_a_status_and_no_error() {
    let wire = Wire::answering(&[]).await;
    wire.server.reset().await;
    let refusal = json!({ "message": "User is not logged in.", "code": "IM015" });
    let answer = wiremock::ResponseTemplate::new(401).set_body_json(refusal);
    wiremock::Mock::given(wiremock::matchers::any()).respond_with(answer).mount(&wire.server).await;
    let status = wire.call("make-auth-status", json!({})).await;
    assert_eq!(status["authenticated"], false);
    assert!(status["reason"].as_str().unwrap().contains("User is not logged in"), "{status}");
    assert_eq!(status.get("user"), None);
}

#[tokio::test]
async fn the_profile_comes_with_memberships_on_request() {
    let wire = Wire::new(&[("GET", "/users/me", "me/get_current_user_with_roles")]).await;
    let answer = wire.call("make-get-user", json!({ "includeMemberships": true })).await;
    assert_eq!(answer, fixture("me/get_current_user_with_roles"));
    let cols = "id name email language timezoneId localeId countryId avatar timezone locale \
        tfaStatus userOrganizationRoles userTeamRoles";
    let query: Vec<_> = cols.split_whitespace().map(|col| format!("cols%5B%5D={col}")).collect();
    assert_eq!(wire.requests().await, [format!("GET /users/me?{}", query.join("&"))]);
}

#[tokio::test]
async fn the_profile_is_answered_as_make_sends_it() {
    let wire = Wire::new(&[("GET", "/users/me", "me/get_current_user")]).await;
    assert_eq!(wire.call("make-get-user", json!({})).await, fixture("me/get_current_user"));
    assert_eq!(wire.requests().await, ["GET /users/me"]);
}
