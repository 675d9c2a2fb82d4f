use serde_json::json;

use crate::support::wire::Exact;

#[tokio::test]
async fn each_tool_sends_its_exact_request() {
    Exact::new(
        "make-list-team-members",
        json!({ "teamId": 22, "cols": ["*"], "limit": 2, "sortBy": "userId", "sortDir": "asc" }),
        ("GET", "/teams/22/user-team-roles", "team_roles/list_team_members"),
        "GET /teams/22/user-team-roles?cols%5B%5D=%2A&pg%5Boffset%5D=0&pg%5Blimit%5D=2&pg%5BsortBy%5D=userId&pg%5BsortDir%5D=asc",
    )
    .check()
    .await;
    Exact::new(
        "make-list-user-team-roles",
        json!({}),
        ("GET", "/users/41/user-team-roles", "team_roles/list_user_team_roles"),
        "GET /users/41/user-team-roles",
    )
    .check()
    .await;
    Exact::new(
        "make-get-user-team-role",
        json!({ "userId": 41, "teamId": 22 }),
        ("GET", "/users/41/user-team-roles/22", "team_roles/get_user_team_role"),
        "GET /users/41/user-team-roles/22",
    )
    .check()
    .await;
    Exact::new(
        "make-update-user-team-role",
        json!({ "userId": 2, "teamId": 22, "usersRoleId": 3 }),
        ("POST", "/users/2/user-team-roles/22", "team_roles/set_user_team_role"),
        r#"POST /users/2/user-team-roles/22 {"usersRoleId":3}"#,
    )
    .with(&[
        ("GET", "/users/2/user-team-roles/22", "team_roles/get_user_team_role"),
        ("GET", "/teams/22", "teams/get_team"),
    ])
    .check()
    .await;
}
