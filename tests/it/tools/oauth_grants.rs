use serde_json::json;

use crate::support::{
    host::Host,
    wire::{Exact, Wire},
};

#[tokio::test]
async fn grants_are_listed_and_withdrawn() {
    let list = ("GET", "/users/me/oauth-connections", "oauth_grants/list_my_o_auth_connections");
    Exact::new("make-list-oauth-grants", json!({}), list, "GET /users/me/oauth-connections")
        .check()
        .await;
    Exact::new(
        "make-revoke-oauth-grant",
        json!({ "clientId": 7 }),
        ("DELETE", "/users/me/oauth-connections/7", "oauth_grants/delete_my_o_auth_connection"),
        "DELETE /users/me/oauth-connections/7",
    )
    .with(&[("GET", "/users/me/oauth-connections", "oauth_grants/list_my_o_auth_connections")])
    .check()
    .await;
}

#[tokio::test]
async fn under_an_access_token_no_grant_is_withdrawn() {
    let wire = Wire::new(&[]).await;
    let host = Host::with_token_at(&wire.server, "an-oauth-access-token").await;
    let error = host.fail("make-revoke-oauth-grant", json!({ "clientId": 7 })).await;
    assert_eq!(error["kind"], "refused_by_policy");
    assert!(error["message"].as_str().unwrap().contains("which grant"), "{error}");
    let requests = wire.server.received_requests().await.unwrap();
    assert!(requests.iter().all(|request| request.method.as_str() == "GET"));
}
