use serde_json::json;

use crate::support::wire::{Wire, fixture};

#[tokio::test]
async fn received_invitations_are_listed() {
    let wire = Wire::new(&[(
        "GET", "/users/me/organization-invitations", "invitations/list_my_invitations",
    )])
    .await;
    assert_eq!(
        wire.call("make-list-my-invitations", json!({})).await,
        fixture("invitations/list_my_invitations")
    );
    assert_eq!(wire.requests().await, ["GET /users/me/organization-invitations"]);
}

#[tokio::test]
async fn a_person_is_invited_under_make_s_own_field_names() {
    let wire = Wire::new(&[("POST", "/organizations/11/invite", "invitations/invite_user")]).await;
    let arguments = json!({
        "organizationId": 11, "email": "tom@example.com", "name": "Tom", "userRoleId": 13,
        "teamsId": [22], "note": "Welcome aboard.",
    });
    let answer = wire.call("make-invite-user", arguments).await;
    assert_eq!(
        wire.writes().await,
        [
            r#"POST /organizations/11/invite {"usersRoleId":13,"email":"tom@example.com","name":"Tom","note":"Welcome aboard.","teamsId":[22]}"#
        ]
    );
    let expected = fixture("invitations/invite_user");
    assert_eq!(answer["outcome"], "applied");
    assert_eq!(
        (&answer["user"], &answer["userOrganizationRole"]),
        (&expected["user"], &expected["userOrganizationRole"])
    );
}

#[tokio::test]
async fn what_is_not_said_in_an_invitation_is_not_sent() {
    let wire = Wire::new(&[("POST", "/organizations/11/invite", "invitations/invite_user")]).await;
    let arguments = json!({ "organizationId": 11, "email": "tom@example.com", "name": "Tom",
    "usersRoleId": 13 });
    wire.call("make-invite-user", arguments).await;
    let body = r#"{"usersRoleId":13,"email":"tom@example.com","name":"Tom"}"#;
    assert_eq!(wire.writes().await, [format!("POST /organizations/11/invite {body}")]);
}

#[tokio::test]
async fn an_invitation_is_looked_at_by_its_hash() {
    let wire =
        Wire::new(&[("GET", "/organizations/invitation", "invitations/get_invitation")]).await;
    let answer = wire.call("make-get-invitation", json!({ "hash": "bf1e&x=1" })).await;
    assert_eq!(answer, fixture("invitations/get_invitation"));
    assert_eq!(wire.requests().await, ["GET /organizations/invitation?hash=bf1e%26x%3D1"]);
}

#[tokio::test]
async fn an_invitation_is_accepted() {
    let wire =
        Wire::new(&[("POST", "/organizations/accept-invitation", "invitations/accept_invitation")])
            .await;
    let hash = "bf1effe1-bc9d-4ab3-9414-9c3b66175305";
    let answer = wire.call("make-accept-invitation", json!({ "hash": hash })).await;
    assert_eq!(
        answer["userOrganizationRole"],
        fixture("invitations/accept_invitation")["userOrganizationRole"]
    );
    assert_eq!(
        wire.writes().await,
        [format!(r#"POST /organizations/accept-invitation {{"hash":"{hash}"}}"#)]
    );
}
