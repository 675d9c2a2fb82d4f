use serde_json::json;

use crate::support::wire::{Wire, fixture};

#[tokio::test]
async fn roles_are_listed_with_permissions_on_request() {
    let wire = Wire::new(&[("GET", "/users/roles", "roles/list_roles_all_columns")]).await;
    let arguments = json!({ "category": "team", "teamId": 22, "includePermissions": true });
    assert_eq!(
        wire.host.call("make-list-roles", arguments).await,
        fixture("roles/list_roles_all_columns")
    );
    assert_eq!(
        wire.requests().await,
        [
            "GET /users/roles?category=team&cols%5B%5D=id&cols%5B%5D=name&cols%5B%5D=identifier&cols%5B%5D=subsidiary\
          &cols%5B%5D=category&cols%5B%5D=description&cols%5B%5D=permissions&teamId=22"
        ]
    );
}

#[tokio::test]
async fn roles_are_listed_without_permissions_and_kept_for_the_next_call() {
    let wire = Wire::new(&[("GET", "/users/roles", "roles/list_roles")]).await;
    for _ in 0..2 {
        assert_eq!(
            wire.host.call("make-list-roles", json!({})).await,
            fixture("roles/list_roles")
        );
    }
    assert_eq!(
        wire.requests().await,
        [
            "GET /users/roles?cols%5B%5D=id&cols%5B%5D=name&cols%5B%5D=identifier&cols%5B%5D=subsidiary\
          &cols%5B%5D=category&cols%5B%5D=description"
        ]
    );
}
