use serde_json::json;

use crate::support::wire::{Exact, Wire, fixture};

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
        assert_eq!(wire.host.call("make-list-roles", json!({})).await, fixture("roles/list_roles"));
    }
    assert_eq!(
        wire.requests().await,
        [
            "GET /users/roles?cols%5B%5D=id&cols%5B%5D=name&cols%5B%5D=identifier&cols%5B%5D=subsidiary\
          &cols%5B%5D=category&cols%5B%5D=description"
        ]
    );
}

#[tokio::test]
async fn roles_permissions_and_their_holders_are_read() {
    Exact::new(
        "make-get-role",
        json!({ "roleId": 42 }),
        ("GET", "/users/roles/42", "roles/get_role"),
        "GET /users/roles/42",
    )
    .check()
    .await;
    Exact::new(
        "make-list-permissions",
        json!({ "category": "team" }),
        ("GET", "/users/roles/permissions", "roles/list_role_permissions"),
        "GET /users/roles/permissions?roleCategory=team",
    )
    .check()
    .await;
    let holders = ("GET", "/users/by-permission", "roles/list_users_by_permission");
    for (place, request) in [
        (
            json!({ "organizationId": 11 }),
            "GET /users/by-permission?type=organization&permission=organization%20edit&organizationId=11&cols%5B%5D=id",
        ),
        (
            json!({ "teamId": 22 }),
            "GET /users/by-permission?type=company&permission=organization%20edit&teamId=22&cols%5B%5D=id",
        ),
    ] {
        let mut arguments = place;
        arguments["permission"] = json!("organization edit");
        arguments["cols"] = json!(["id"]);
        Exact::new("make-list-users-by-permission", arguments, holders, request).check().await;
    }
}

#[tokio::test]
async fn custom_roles_are_made_changed_and_deleted() {
    Exact::new(
        "make-create-role",
        json!({ "organizationId": 11, "name": "Billing reader", "category": "organization",
        "permissions": ["1"] }),
        ("POST", "/users/custom-roles", "roles/create_custom_role"),
        r#"POST /users/custom-roles {"organizationId":11,"name":"Billing reader","category":"organization","permissions":[1]}"#,
    )
    .with(&[("GET", "/users/roles/permissions", "roles/list_role_permissions")])
    .check()
    .await;
    // A role without an identifier is a custom one.
    const ROLES: &[(&str, &str, &str)] = &[("GET", "/users/roles", "roles/list_roles")];
    Exact::new(
        "make-update-role",
        json!({ "roleId": 14, "organizationId": 11, "name": "Billing viewer" }),
        ("PATCH", "/users/custom-roles/14", "roles/update_custom_role"),
        r#"PATCH /users/custom-roles/14 {"organizationId":11,"name":"Billing viewer"}"#,
    )
    .with(ROLES)
    .check()
    .await;
    Exact::new(
        "make-delete-role",
        json!({ "roleId": 14, "organizationId": 11 }),
        ("DELETE", "/users/custom-roles/14", "roles/delete_custom_role"),
        r#"DELETE /users/custom-roles/14 {"organizationId":11}"#,
    )
    .with(ROLES)
    .check()
    .await;
}
