use serde_json::json;

use crate::support::wire::Exact;

#[tokio::test]
async fn each_tool_sends_its_exact_request() {
    Exact::new(
        "make-unread-notifications",
        json!({}),
        ("GET", "/users/unread-notifications", "notifications/count_unread_notifications"),
        "GET /users/unread-notifications",
    )
    .check()
    .await;
    Exact::new(
        "make-list-team-notifications",
        json!({ "teamId": 22 }),
        (
            "GET",
            "/users/41/user-team-notifications/22",
            "notifications/list_user_team_notifications",
        ),
        "GET /users/41/user-team-notifications/22",
    )
    .check()
    .await;
    Exact::new(
        "make-set-team-notification",
        json!({ "teamId": 22, "notificationId": 6, "enabled": true }),
        (
            "PUT",
            "/users/41/user-team-notifications/22/6",
            "notifications/set_user_team_notification",
        ),
        r#"PUT /users/41/user-team-notifications/22/6 {"enabled":true}"#,
    )
    .check()
    .await;
    Exact::new(
        "make-get-mail-preferences",
        json!({}),
        ("GET", "/mailhub/users/41/preferences", "notifications/get_mail_preferences"),
        "GET /mailhub/users/41/preferences",
    )
    .check()
    .await;
    Exact::new(
        "make-set-mail-preference",
        json!({ "id": "use_cases", "enabled": true }),
        ("PATCH", "/mailhub/users/41/preferences", "notifications/set_mail_preference"),
        r#"PATCH /mailhub/users/41/preferences {"id":"use_cases","enabled":true}"#,
    )
    .check()
    .await;
}

#[tokio::test]
async fn preferences_for_one_team_have_their_own_address() {
    let place = json!({ "organizationId": 11, "teamId": 22 });
    let at = "/mailhub/users/41/organizations/11/teams/22/preferences";
    Exact::new(
        "make-get-mail-preferences",
        place,
        ("GET", at, "notifications/get_team_mail_preferences"),
        "GET /mailhub/users/41/organizations/11/teams/22/preferences",
    )
    .under("preferences")
    .check()
    .await;
    Exact::new(
        "make-set-mail-preference",
        json!({ "organizationId": 11, "teamId": 22, "id": "onboarding", "enabled": true }),
        ("PATCH", at, "notifications/set_team_mail_preference"),
        r#"PATCH /mailhub/users/41/organizations/11/teams/22/preferences {"id":"onboarding","enabled":true}"#,
    )
    .under("preferences")
    .check()
    .await;
    Exact::new(
        "make-set-mail-preference",
        json!({ "organizationId": 11, "teamId": 22, "id": 1, "enabled": true, "native": true }),
        ("PATCH", "/mailhub/users/41/organizations/11/teams/22/native-preferences",
        "notifications/set_team_native_mail_preference"),
        r#"PATCH /mailhub/users/41/organizations/11/teams/22/native-preferences {"id":"1","enabled":true}"#,
    )
    .under("preferences")
    .check()
    .await;
}
