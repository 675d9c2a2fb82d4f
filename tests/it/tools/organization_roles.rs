use serde_json::{Value, json};

use crate::support::wire::{Wire, fixture};

const ROLE_OF_41: &str = "/users/41/user-organization-roles/11";
const ROLE_OF_2: &str = "/users/2/user-organization-roles/11";

fn applied(envelope: &Value) -> Value {
    let mut answer = json!({ "outcome": "applied" });
    answer.as_object_mut().unwrap().extend(envelope.as_object().unwrap().clone());
    answer
}

#[tokio::test]
async fn a_person_s_organizations_are_listed_and_cut_here() {
    let wire = Wire::new(&[(
        "GET",
        "/users/41/user-organization-roles",
        "organization_roles/list_user_organization_roles",
    )])
    .await;
    let arguments = json!({ "userId": 41, "cols": ["usersRoleId"], "offset": 1, "limit": 1 });
    let answer = wire.call("make-list-user-roles", arguments).await;
    assert_eq!(
        wire.requests().await,
        ["GET /users/41/user-organization-roles?cols%5B%5D=usersRoleId"]
    );
    let all = fixture("organization_roles/list_user_organization_roles");
    assert_eq!(answer["userOrganizationRoles"], json!([all["userOrganizationRoles"][1]]));
    assert_eq!(
        answer["page"],
        json!({ "offset": 1, "limit": 1, "returned": 1, "nextOffset": null, "total": 2 })
    );
}

#[tokio::test]
async fn the_caller_s_organizations_are_listed_without_a_number() {
    let wire = Wire::new(&[
        ("GET", "/users/me", "me/get_current_user"),
        (
            "GET",
            "/users/41/user-organization-roles",
            "organization_roles/list_user_organization_roles",
        ),
    ])
    .await;
    wire.call("make-list-user-roles", json!({})).await;
    assert_eq!(wire.requests().await, ["GET /users/me", "GET /users/41/user-organization-roles"]);
}

#[tokio::test]
async fn one_membership_is_fetched() {
    let wire =
        Wire::new(&[("GET", ROLE_OF_41, "organization_roles/get_user_organization_role")]).await;
    let answer = wire
        .call("make-get-user-role", json!({ "userId": 41, "organizationId": 11, "cols": ["*"] }))
        .await;
    assert_eq!(answer, fixture("organization_roles/get_user_organization_role"));
    assert_eq!(wire.requests().await, ["GET /users/41/user-organization-roles/11?cols%5B%5D=%2A"]);
}

#[tokio::test]
async fn a_role_is_changed_with_the_role_in_the_body() {
    let wire =
        Wire::new(&[("POST", ROLE_OF_2, "organization_roles/set_user_organization_role")]).await;
    let arguments = json!({ "userId": 2, "organizationId": 11, "newRoleId": 12 });
    let answer = wire.call("make-update-user-role", arguments).await;
    assert_eq!(answer, applied(&fixture("organization_roles/set_user_organization_role")));
    assert_eq!(
        wire.writes().await,
        [r#"POST /users/2/user-organization-roles/11 {"usersRoleId":12}"#]
    );
}

#[tokio::test]
async fn the_owner_s_role_is_not_given_away_like_another() {
    let wire = Wire::new(&[]).await;
    let error = wire
        .host
        .fail(
            "make-update-user-role",
            json!({ "userId": 2, "organizationId": 11, "usersRoleId": 11 }),
        )
        .await;
    assert_eq!(error["kind"], "refused_by_policy");
    assert!(error["hint"].as_str().unwrap().contains("make-transfer-ownership"), "{error}");
    assert_eq!(wire.writes().await, [""; 0]);
}

#[tokio::test]
async fn a_person_is_removed_by_an_empty_object() {
    let wire =
        Wire::new(&[("POST", ROLE_OF_2, "organization_roles/set_user_organization_role_removed")])
            .await;
    let answer = wire.call("make-remove-user", json!({ "userId": 2, "organizationId": 11 })).await;
    assert_eq!(answer, applied(&fixture("organization_roles/set_user_organization_role_removed")));
    assert_eq!(answer["userOrganizationRole"]["usersRoleId"], Value::Null);
    wire.call(
        "make-remove-user",
        json!({ "userId": 2, "organizationId": 11, "deleteConnections": true }),
    )
    .await;
    assert_eq!(
        wire.writes().await,
        [
            "POST /users/2/user-organization-roles/11 {}",
            "POST /users/2/user-organization-roles/11?deleteConnections=true&confirmed=true {}"
        ]
    );
}

#[tokio::test]
async fn ownership_is_handed_over() {
    let at = "/users/2/user-organization-roles/11/transfer";
    let name = "organization_roles/transfer_organization_ownership_to_user";
    let wire = Wire::new(&[("POST", at, name)]).await;
    let answer =
        wire.call("make-transfer-ownership", json!({ "userId": 2, "organizationId": 11 })).await;
    assert_eq!(answer, applied(&fixture(name)));
    assert_eq!(wire.writes().await, ["POST /users/2/user-organization-roles/11/transfer {}"]);
}

#[tokio::test]
async fn members_are_listed() {
    let name = "organization_roles/list_organization_members";
    let wire = Wire::new(&[("GET", "/organizations/11/user-organization-roles", name)]).await;
    let answer =
        wire.call("make-list-members", json!({ "organizationId": "11", "limit": 1 })).await;
    assert_eq!(wire.requests().await, ["GET /organizations/11/user-organization-roles"]);
    assert_eq!(answer["userOrganizationRoles"][0], fixture(name)["userOrganizationRoles"][0]);
    assert_eq!(
        answer["page"],
        json!({ "offset": 0, "limit": 1, "returned": 1, "nextOffset": 1, "total": 2 })
    );
}

#[tokio::test]
async fn a_list_that_make_caps_after_all_has_no_total() {
    let body = json!({ "userOrganizationRoles": [{ "userId": 1 }, { "userId": 2 }],
    "pg": { "limit": 2, "offset": 0 } });
    let wire = Wire::answering(&[("GET", "/organizations/11/user-organization-roles", body)]).await;
    let page =
        wire.call("make-list-members", json!({ "organizationId": 11 })).await["page"].clone();
    assert_eq!(page["total"], Value::Null);
    assert!(page["note"].as_str().unwrap().contains("only the first 2 rows"), "{page}");
}
