use serde_json::json;

use crate::support::wire::{Wire, fixture};

#[tokio::test]
async fn people_are_listed_with_filters_columns_and_paging() {
    let wire = Wire::new(&[("GET", "/users", "users/list_users")]).await;
    let arguments = json!({
        "organizationId": 11, "name": "Dana & Co", "email": "dana+x@example.com",
        "organizationRoleId": 12,
        "cols": ["id", "lastLogin"], "offset": 10, "limit": 25, "sortBy": "email",
        "sortDir": "desc",
    });
    let answer = wire.host.call("make-list-users", arguments).await;
    assert_eq!(
        wire.requests().await,
        [
            "GET /users?organizationId=11&name=Dana%20%26%20Co&email=dana%2Bx%40example.com&organizationRoleId=12\
          &cols%5B%5D=id&cols%5B%5D=lastLogin\
          &pg%5Boffset%5D=10&pg%5Blimit%5D=25&pg%5BsortBy%5D=email&pg%5BsortDir%5D=desc"
        ]
    );
    assert_eq!(answer["users"], fixture("users/list_users")["users"]);
    assert_eq!(
        answer["page"],
        json!({ "offset": 10, "limit": 25, "returned": 1, "nextOffset": null, "total": null })
    );
    assert_eq!(answer.get("pg"), None);
}

#[tokio::test]
async fn people_of_a_team_are_listed() {
    let wire = Wire::new(&[("GET", "/users", "users/list_users")]).await;
    wire.host.call("make-list-users", json!({ "teamId": 22, "teamRoleId": 3 })).await;
    assert_eq!(
        wire.requests().await,
        ["GET /users?teamId=22&teamRoleId=3&pg%5Boffset%5D=0&pg%5Blimit%5D=50"]
    );
}

#[tokio::test]
async fn a_page_that_make_caps_silently_goes_on() {
    let rows: Vec<_> = (1..=20).map(|id| json!({ "id": id })).collect();
    let body = json!({ "users": rows, "pg": { "limit": 20, "offset": 0 } });
    let wire = Wire::answering(&[("GET", "/users", body)]).await;
    let answer = wire.host.call("make-list-users", json!({ "teamId": 22, "limit": 500 })).await;
    assert_eq!(answer["page"]["nextOffset"], 20);
}

#[tokio::test]
async fn the_own_profile_is_changed_by_its_number() {
    let wire = Wire::new(&[
        ("GET", "/users/me", "me/get_current_user"),
        ("PATCH", "/users/41", "users/update_user"),
    ])
    .await;
    let answer = wire
        .host
        .call("make-update-user", json!({ "name": "Dana Rivers", "timezoneId": "113" }))
        .await;
    assert_eq!(answer, fixture("users/update_user"));
    assert_eq!(
        wire.requests().await,
        ["GET /users/me", r#"PATCH /users/41 {"name":"Dana Rivers","timezoneId":113}"#]
    );
}
