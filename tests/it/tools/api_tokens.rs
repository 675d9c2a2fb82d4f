use serde_json::{Value, json};
use wiremock::{
    Mock, ResponseTemplate,
    matchers::{method, path},
};

use crate::support::{
    host::TOKEN,
    wire::{Wire, fixture},
};

const TOKENS: &str = "/users/me/api-tokens";
const AUTHORIZATION: &str = "/users/me/current-authorization";
/// The value of the documented new token.
const VALUE: &str = "7615989d-d213-48dc-b625-27133ae3f1a8";

fn authorization(scope: &[&str]) -> Value {
    json!({ "authorization": { "authUsed": "token", "scope": scope } })
}

#[tokio::test]
async fn tokens_are_listed_with_age_and_use() {
    let own = json!({ "token": format!("{}-****-****-****-************", &TOKEN[..8]), "scope": [],
    "created": "not a date", "label": "own" });
    let mut body = fixture("api_tokens/list_api_tokens");
    body["apiTokens"].as_array_mut().unwrap().push(own);
    let wire = Wire::answering(&[("GET", TOKENS, body)]).await;
    let answer = wire.host.call("make-list-tokens", json!({})).await;
    assert_eq!(
        wire.requests().await,
        ["GET /users/me/api-tokens"],
        "nothing of paging goes on the wire"
    );
    let tokens = answer["apiTokens"].as_array().unwrap();
    assert_eq!(tokens[0]["token"], "2544847b-****-****-****-************");
    assert!(tokens[0]["ageDays"].as_i64().unwrap() > 140, "{}", tokens[0]["ageDays"]);
    assert_eq!(
        (&tokens[0]["inUse"], &tokens[1]["inUse"], &tokens[1]["ageDays"]),
        (&json!(false), &json!(true), &Value::Null)
    );
    assert_eq!(answer["page"]["total"], 2);
}

#[tokio::test]
async fn a_new_token_goes_to_a_private_file_and_not_into_the_answer() {
    let wire = Wire::answering(&[
        ("GET", AUTHORIZATION, authorization(&["organizations:read", "teams:read"])),
        ("POST", TOKENS, fixture("api_tokens/create_api_token")),
    ])
    .await;
    let arguments = json!({ "label": "reporting", "scope": ["organizations:read", "teams:read"] });
    let answer = wire.host.call("make-create-token", arguments).await;
    assert_eq!(
        wire.writes().await,
        [
            r#"POST /users/me/api-tokens {"label":"reporting","scope":["organizations:read","teams:read"]}"#
        ]
    );
    assert_eq!(answer["outcome"], "applied");
    assert_eq!(
        answer["apiToken"],
        json!({
            "label": "reporting", "scope": ["organizations:read", "teams:read"],
            "created": "2026-01-06T14:37:51.493Z", "token": "7615989d-****-****-****-************",
        })
    );
    assert!(!answer.to_string().contains(&VALUE[9..]));
    assert_eq!(answer["secret"]["delivery"], "file");
    // printf %s 7615989d-d213-48dc-b625-27133ae3f1a8 | sha256sum
    assert_eq!(answer["secret"]["sha256"], SHA256);
    let file = answer["secret"]["path"].as_str().unwrap();
    assert!(
        file.starts_with(wire.host.home.path().join("state/tokens").to_str().unwrap()),
        "{file}"
    );
    assert_eq!(std::fs::read_to_string(file).unwrap(), VALUE);
}

const SHA256: &str = "bfab96a7f0e4cea3a5e2294dbf969ef4fbbce02472bfe40494689cc0274923d9";

#[tokio::test]
async fn more_scopes_than_the_own_ones_are_refused_and_nothing_is_created() {
    let wire = Wire::answering(&[("GET", AUTHORIZATION, authorization(&["user:write"]))]).await;
    let error = wire
        .host
        .fail("make-create-token", json!({ "label": "x", "scope": ["user:write", "admin:write"] }))
        .await;
    assert_eq!(error["kind"], "refused_by_policy");
    assert!(error["message"].as_str().unwrap().contains("`admin:write`"), "{error}");
    assert_eq!(wire.writes().await, [""; 0]);
}

#[tokio::test]
async fn a_token_whose_value_cannot_be_stored_is_revoked_again() {
    let wire = Wire::answering(&[
        ("GET", AUTHORIZATION, authorization(&["teams:read"])),
        (
            "POST",
            TOKENS,
            json!({ "apiToken": { "created": "2026-01-06T14:37:51.493Z", "label": "x",
        "scope": ["teams:read"] } }),
        ),
        (
            "DELETE",
            "/users/me/api-tokens/2026-01-06T14%3A37%3A51.493Z",
            fixture("api_tokens/delete_api_token"),
        ),
    ])
    .await;
    let error =
        wire.host.fail("make-create-token", json!({ "label": "x", "scope": ["teams:read"] })).await;
    assert!(error["message"].as_str().unwrap().contains("it was revoked again"), "{error}");
    assert_eq!(wire.writes().await[1], "DELETE /users/me/api-tokens/2026-01-06T14%3A37%3A51.493Z");
}

#[cfg(unix)]
#[tokio::test]
async fn without_a_private_place_for_the_value_no_token_is_created() {
    use std::os::unix::fs::PermissionsExt;

    let wire = Wire::answering(&[]).await;
    let folder = wire.host.home.path().join("state/tokens");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    let error =
        wire.host.fail("make-create-token", json!({ "label": "x", "scope": ["teams:read"] })).await;
    assert_eq!(error["kind"], "refused_by_policy");
    assert_eq!(wire.writes().await, [""; 0]);
}

#[tokio::test]
async fn a_token_is_revoked_by_the_moment_of_its_creation() {
    let wire = Wire::new(&[
        ("GET", TOKENS, "api_tokens/list_api_tokens"),
        (
            "DELETE",
            "/users/me/api-tokens/2026-01-05T09%3A22%3A31.249Z",
            "api_tokens/delete_api_token",
        ),
    ])
    .await;
    let answer = wire
        .host
        .call("make-revoke-token", json!({ "timestamp": "2026-01-05T09:22:31.249Z" }))
        .await;
    assert_eq!(answer, json!({ "outcome": "applied", "apiToken": "2026-01-05T09:22:31.249Z" }));
    assert_eq!(wire.writes().await, ["DELETE /users/me/api-tokens/2026-01-05T09%3A22%3A31.249Z"]);
}

#[tokio::test]
async fn an_unknown_token_and_the_one_in_use_are_not_revoked() {
    let own = json!({ "token": format!("{}-****-****-****-************", &TOKEN[..8]),
    "created": "2026-01-01T00:00:00.000Z" });
    let wire = Wire::answering(&[("GET", TOKENS, json!({ "apiTokens": [own] }))]).await;
    for (created, kind) in
        [("2026-01-01T00:00:00.000Z", "refused_by_policy"), ("../me", "not_found")]
    {
        assert_eq!(
            wire.host.fail("make-revoke-token", json!({ "created": created })).await["kind"],
            kind
        );
    }
    assert_eq!(wire.writes().await, [""; 0]);
}

/// A fake whose answer to the creation is lost, and whose list afterwards has these tokens more.
async fn losing(more: Value) -> Wire {
    let wire = Wire::answering(&[("GET", AUTHORIZATION, authorization(&["teams:read"]))]).await;
    let at = |verb: &str| Mock::given(method(verb)).and(path(format!("/api/v2{TOKENS}")));
    let before = fixture("api_tokens/list_api_tokens");
    let mut after = before.clone();
    after["apiTokens"].as_array_mut().unwrap().extend(more.as_array().unwrap().clone());
    at("GET")
        .respond_with(ResponseTemplate::new(200).set_body_json(before))
        .up_to_n_times(1)
        .mount(&wire.server)
        .await;
    at("GET")
        .respond_with(ResponseTemplate::new(200).set_body_json(after))
        .mount(&wire.server)
        .await;
    let down = ResponseTemplate::new(503).set_body_string("<html>down</html>");
    at("POST").respond_with(down).expect(1).mount(&wire.server).await;
    Mock::given(method("DELETE"))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(fixture("api_tokens/delete_api_token")),
        )
        .mount(&wire.server)
        .await;
    wire
}

#[tokio::test]
async fn after_a_lost_answer_to_a_creation_the_one_new_token_is_revoked() {
    let new = |created: &str, label: &str, scope: &str| {
        json!({ "created": created, "label": label,
    "scope": [scope] })
    };
    let ours = new("2026-06-01T09:00:00.000Z", "x", "teams:read");
    let others = [
        new("2026-06-01T09:00:01.000Z", "y", "teams:read"),
        new("2026-06-01T09:00:02.000Z", "x", "user:read"),
    ];
    let second = new("2026-06-01T09:00:03.000Z", "x", "teams:read");
    let create = json!({ "label": "x", "scope": ["teams:read"] });
    for (more, revoked, message) in [
        (json!([others[0], others[1]]), None, "no such token is in the list now"),
        (
            json!([others[0], ours]),
            Some("2026-06-01T09%3A00%3A00.000Z"),
            "was revoked, since its value is lost",
        ),
        (json!([ours, second]), None, "made at 2026-06-01T09:00:00.000Z, 2026-06-01T09:00:03.000Z"),
    ] {
        let wire = losing(more).await;
        let error = wire.host.fail("make-create-token", create.clone()).await;
        assert_eq!((&error["kind"], &error["status"]), (&json!("server"), &json!(503)));
        let said = error["message"].as_str().unwrap();
        assert!(
            said.contains("may or may not have been carried out") && said.contains(message),
            "{said}"
        );
        let mut expected =
            vec![r#"POST /users/me/api-tokens {"label":"x","scope":["teams:read"]}"#.to_owned()];
        expected.extend(revoked.map(|created| format!("DELETE /users/me/api-tokens/{created}")));
        assert_eq!(wire.writes().await, expected, "never created twice");
    }
}
