use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_partial_json, method, path},
};

use crate::support::{
    host::Host,
    wire::{Exact, Wire, fixture},
};

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

/// A fake whose custom roles know their older form alone.
async fn older_form(host_flags: &[&str]) -> (MockServer, Host) {
    let server = MockServer::start().await;
    let role = json!({ "role": { "id": 14, "name": "Billing viewer" } });
    let answers = [
        ("PATCH", "/users/custom-roles", role.clone()),
        ("DELETE", "/users/custom-roles", json!({ "roleId": 14 })),
        ("GET", "/users/roles", fixture("roles/list_roles")),
        ("GET", "/organizations/11", json!({ "organization": { "id": 11, "name": "Acme" } })),
        ("GET", "/users/me", json!({ "authUser": { "id": 41 } })),
    ];
    for (verb, at, body) in answers {
        Mock::given(method(verb))
            .and(path(format!("/api/v2{at}")))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .mount(&server)
            .await;
    }
    let missing = json!({ "message": "Missing value of required parameter 'permissionType'." });
    Mock::given(method("POST"))
        .and(path("/api/v2/users/custom-roles"))
        .and(body_partial_json(json!({ "category": "team" })))
        .respond_with(ResponseTemplate::new(400).set_body_json(missing))
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(body_partial_json(json!({ "permissionType": "team" })))
        .respond_with(ResponseTemplate::new(200).set_body_json(role))
        .mount(&server)
        .await;
    let host = Host::at(&server, host_flags).await;
    (server, host)
}

#[tokio::test]
async fn custom_roles_fall_back_to_their_older_form_after_a_refusal() {
    let (server, host) = older_form(&[]).await;
    for (tool, arguments) in [
        (
            "make-create-role",
            json!({ "organizationId": 11, "name": "Billing viewer", "category": "team" }),
        ),
        ("make-update-role", json!({ "organizationId": 11, "roleId": 14, "name": "B" })),
        ("make-delete-role", json!({ "organizationId": 11, "roleId": 14 })),
    ] {
        host.call(tool, arguments).await;
    }
    let all = server.received_requests().await.unwrap();
    let writes: Vec<_> = all
        .iter()
        .filter(|request| request.method.as_str() != "GET")
        .map(|request| {
            let body: Value = serde_json::from_slice(&request.body).unwrap();
            format!("{} {} {body}", request.method, request.url.path())
        })
        .collect();
    assert_eq!(
        writes,
        [
            r#"POST /api/v2/users/custom-roles {"organizationId":11,"name":"Billing viewer","category":"team"}"#,
            r#"POST /api/v2/users/custom-roles {"organizationId":11,"name":"Billing viewer","permissionType":"team"}"#,
            r#"PATCH /api/v2/users/custom-roles/14 {"organizationId":11,"name":"B"}"#,
            r#"PATCH /api/v2/users/custom-roles {"id":14,"organizationId":11,"name":"B"}"#,
            r#"DELETE /api/v2/users/custom-roles/14 {"organizationId":11}"#,
            r#"DELETE /api/v2/users/custom-roles {"id":14,"organizationId":11}"#,
        ]
    );
}

#[tokio::test]
async fn a_delete_that_says_nothing_was_carried_out() {
    for answer in [ResponseTemplate::new(204), ResponseTemplate::new(200).set_body_string("null")] {
        let (server, host) = older_form(&[]).await;
        Mock::given(method("DELETE")).respond_with(answer).with_priority(1).mount(&server).await;
        let deleted =
            host.call("make-delete-role", json!({ "organizationId": 11, "roleId": 14 })).await;
        assert_eq!(deleted, json!({ "outcome": "applied", "roleId": 14 }));
    }
}

#[tokio::test]
async fn what_a_custom_role_adds_is_said_wherever_it_is_given() {
    let host = Host::sandbox(&["--confirm", "auto"]).await;
    for (tool, arguments, part, raised) in [
        (
            "make-create-role",
            json!({ "organizationId": 11, "name": "Member", "category": "organization",
                "permissions": [102] }),
            "Beyond the built-in role",
            None,
        ),
        (
            "make-invite-user",
            json!({ "organizationId": 11, "email": "x@example.com", "name": "X",
                "usersRoleId": 43 }),
            "organization user add and edit",
            Some(true),
        ),
        (
            "make-update-user-role",
            json!({ "organizationId": 11, "userId": 3, "usersRoleId": 42 }),
            "payments get",
            Some(false),
        ),
    ] {
        let plan = host.call(tool, arguments).await["plan"].clone();
        let told = plan["sideEffects"].to_string();
        assert!(told.contains("Beyond the built-in role") && told.contains(part), "{tool}: {told}");
        if let Some(raised) = raised {
            let how = plan["how"].as_str().unwrap();
            assert_eq!(how.contains("make-admin-mcp approve"), raised, "{tool}: {how}");
        }
    }
}
