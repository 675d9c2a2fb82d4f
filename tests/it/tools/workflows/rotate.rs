//! make-rotate-token: whatever fails, one token works, and the answer says which.

use std::fs;

use serde_json::{Value, json};
use wiremock::{
    Match, Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

use crate::support::{
    host::{Host, TOKEN, eras},
    wire::fixture,
};

const OLD: &str = "2026-01-05T09:22:31.249Z";
/// The value and the moment of the documented new token.
const VALUE: &str = "7615989d-d213-48dc-b625-27133ae3f1a8";
const NEW: &str = "2026-01-06T14:37:51.493Z";

/// Requests made with that token.
struct With(&'static str);

impl Match for With {
    fn matches(&self, request: &Request) -> bool {
        request
            .headers
            .get("authorization")
            .is_some_and(|value| *value == *format!("Token {}", self.0))
    }
}

/// A fake with two tokens, of which the server runs with `own`.
async fn fake() -> MockServer {
    let server = MockServer::start().await;
    let mut tokens = fixture("api_tokens/list_api_tokens");
    let own = json!({ "token": format!("{}-****-****-****-************", &TOKEN[..8]),
    "scope": ["teams:read"], "created": "2026-01-01T00:00:00.000Z", "label": "own" });
    tokens["apiTokens"].as_array_mut().unwrap().push(own);
    let authorization = json!({ "authorization": { "authUsed": "token",
    "scope": ["organizations:read", "teams:read"] } });
    for (verb, at, body) in [
        ("GET", "/users/me", fixture("me/get_current_user")),
        ("GET", "/users/me/current-authorization", authorization),
        ("GET", "/users/me/api-tokens", tokens),
        ("POST", "/users/me/api-tokens", fixture("api_tokens/create_api_token")),
    ] {
        let answer = ResponseTemplate::new(200).set_body_json(body);
        Mock::given(method(verb))
            .and(path(format!("/api/v2{at}")))
            .respond_with(answer)
            .with_priority(10)
            .mount(&server)
            .await;
    }
    let deleted = ResponseTemplate::new(200).set_body_json(fixture("api_tokens/delete_api_token"));
    Mock::given(method("DELETE")).respond_with(deleted).with_priority(10).mount(&server).await;
    server
}

/// What happens instead, for requests with that token.
async fn instead(server: &MockServer, verb: &str, token: &'static str, status: u16) {
    let answer = ResponseTemplate::new(status)
        .insert_header("retry-after", "60")
        .set_body_json(json!({ "message": "no", "code": "X" }));
    let mock = Mock::given(method(verb)).and(With(token)).respond_with(answer).with_priority(1);
    mock.mount(server).await;
}

/// Every write, with the first group of the token that it was made with.
async fn writes(server: &MockServer) -> Vec<String> {
    let requests = server.received_requests().await.unwrap();
    let shown = |request: &Request| {
        let by = request.headers["authorization"].to_str().unwrap()[6..14].to_owned();
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let target =
            request.url.path().trim_start_matches("/api/v2/users/me/api-tokens").to_owned();
        format!("{by} {} {target}{body}", request.method)
    };
    requests.iter().filter(|request| request.method.as_str() != "GET").map(shown).collect()
}

fn creation(label: &str, scope: &str) -> String {
    format!(r#"5c1f6a20 POST {{"label":"{label}","scope":["{scope}"]}}"#)
}

const OLD_GOES: &str = "5c1f6a20 DELETE /2026-01-05T09%3A22%3A31.249Z";
const NEW_GOES: &str = "5c1f6a20 DELETE /2026-01-06T14%3A37%3A51.493Z";

#[tokio::test]
async fn a_token_is_replaced_tried_and_only_then_revoked() {
    let server = fake().await;
    let host = Host::at(&server, &[]).await;
    let answer = host.call("make-rotate-token", json!({ "created": OLD })).await;
    assert_eq!(answer["previous"], json!({ "created": OLD, "revoked": true }));
    assert_eq!(answer["apiToken"]["created"], NEW);
    let file = answer["secret"]["path"].as_str().unwrap();
    assert_eq!(fs::read_to_string(file).unwrap(), VALUE);
    assert_eq!(
        writes(&server).await,
        [creation("reporting", "organizations:read").as_str(), OLD_GOES]
    );
    let requests = server.received_requests().await.unwrap();
    let tried = requests.iter().position(|request| With(VALUE).matches(request)).unwrap();
    let revoked = requests.iter().position(|request| request.method.as_str() == "DELETE").unwrap();
    assert!(tried < revoked, "tried with the new value first");
}

#[tokio::test]
async fn label_and_scopes_can_be_others_within_the_own_ones() {
    let server = fake().await;
    let host = Host::at(&server, &[]).await;
    host.call(
        "make-rotate-token",
        json!({ "created": OLD, "label": "new", "scope": ["teams:read"] }),
    )
    .await;
    assert_eq!(writes(&server).await[0], creation("new", "teams:read"));
}

#[tokio::test]
async fn a_new_token_that_make_refuses_goes_and_the_old_one_stays() {
    for status in [401, 403] {
        let server = fake().await;
        instead(&server, "GET", VALUE, status).await;
        let host = Host::at(&server, &[]).await;
        let error = host.fail("make-rotate-token", json!({ "created": OLD })).await;
        let said = error["message"].as_str().unwrap();
        assert!(said.contains("it was revoked again; the old one still works"), "{said}");
        assert_eq!(
            writes(&server).await,
            [creation("reporting", "organizations:read").as_str(), NEW_GOES]
        );
        let left = fs::read_dir(host.home.path().join("state/tokens")).unwrap().count();
        assert_eq!(left, 0, "a dead value is not kept");
    }
}

#[tokio::test]
async fn a_new_token_that_cannot_be_tried_stays_beside_the_old_one() {
    for status in [429, 500] {
        let server = fake().await;
        instead(&server, "GET", VALUE, status).await;
        let host = Host::at(&server, &[]).await;
        let answer = host.call("make-rotate-token", json!({ "created": OLD })).await;
        assert_eq!(answer["previous"]["revoked"], false);
        assert!(answer["previous"]["note"].as_str().unwrap().contains("both stay"), "{answer}");
        assert_eq!(fs::read_to_string(answer["secret"]["path"].as_str().unwrap()).unwrap(), VALUE);
        assert_eq!(writes(&server).await, [creation("reporting", "organizations:read")]);
    }
}

#[tokio::test]
async fn an_old_token_that_cannot_be_revoked_is_named() {
    for (status, words) in [(403, "both work"), (500, "is unknown")] {
        let server = fake().await;
        instead(&server, "DELETE", TOKEN, status).await;
        let host = Host::at(&server, &[]).await;
        let answer = host.call("make-rotate-token", json!({ "created": OLD })).await;
        assert_eq!(answer["previous"]["revoked"], false);
        assert!(answer["previous"]["note"].as_str().unwrap().contains(words), "{answer}");
        assert_eq!(fs::read_to_string(answer["secret"]["path"].as_str().unwrap()).unwrap(), VALUE);
    }
}

#[tokio::test]
async fn the_server_s_own_token_is_replaced_in_its_file_and_used_at_once() {
    let server = fake().await;
    let host = Host::at(&server, &[]).await;
    let file = host.home.path().join("token");
    let answer =
        host.call("make-rotate-token", json!({ "created": "2026-01-01T00:00:00.000Z" })).await;
    assert_eq!(answer["secret"]["path"], file.canonicalize().unwrap().to_str().unwrap());
    assert_eq!(answer["apiToken"]["token"], "7615989d-****-****-****-************");
    assert_eq!(fs::read_to_string(&file).unwrap().trim(), VALUE);
    assert!(!host.home.path().join("state/tokens").exists(), "one copy is enough");
    assert_eq!(
        writes(&server).await,
        [creation("own", "teams:read").as_str(), "7615989d DELETE /2026-01-01T00%3A00%3A00.000Z"],
        "the old one is revoked with the new one"
    );
    host.call("make-get-user", json!({})).await;
    let last = server.received_requests().await.unwrap().pop().unwrap();
    assert!(With(VALUE).matches(&last), "the server goes on with the new value");
}

#[tokio::test]
async fn the_server_s_own_token_stays_if_the_new_one_does_not_work() {
    let server = fake().await;
    instead(&server, "GET", VALUE, 401).await;
    let host = Host::at(&server, &[]).await;
    host.fail("make-rotate-token", json!({ "created": "2026-01-01T00:00:00.000Z" })).await;
    assert_eq!(fs::read_to_string(host.home.path().join("token")).unwrap().trim(), TOKEN);
    assert!(!host.home.path().join("token.new").exists());
    assert_eq!(writes(&server).await, [creation("own", "teams:read").as_str(), NEW_GOES]);

    // One that cannot be tried waits beside the file, and a second rotation does not go over it.
    let server = fake().await;
    instead(&server, "GET", VALUE, 500).await;
    let host = Host::at(&server, &[]).await;
    let answer =
        host.call("make-rotate-token", json!({ "created": "2026-01-01T00:00:00.000Z" })).await;
    assert_eq!(answer["previous"]["revoked"], false);
    let waiting = answer["secret"]["path"].as_str().unwrap();
    assert!(waiting.ends_with("token.new"), "{waiting}");
    assert_eq!(fs::read_to_string(waiting).unwrap().trim(), VALUE);
    assert_eq!(fs::read_to_string(host.home.path().join("token")).unwrap().trim(), TOKEN);
    let error =
        host.fail("make-rotate-token", json!({ "created": "2026-01-01T00:00:00.000Z" })).await;
    assert!(error["message"].as_str().unwrap().contains("is there already"), "{error}");
}

#[tokio::test]
async fn the_server_s_own_token_is_not_replaced_where_it_has_no_file() {
    // The built-in account's token comes from no file.
    let [era, _] = eras();
    let host = Host::start(&["--sandbox"], None, era).await;
    let tokens = host.call("make-list-tokens", json!({})).await;
    let own = tokens["apiTokens"]
        .as_array()
        .unwrap()
        .iter()
        .find(|token| token["inUse"] == true)
        .unwrap()
        .clone();
    let error = host.fail("make-rotate-token", json!({ "created": own["created"] })).await;
    assert_eq!(error["kind"], "refused_by_policy");
    assert!(error["hint"].as_str().unwrap().contains("--api-key-file"), "{error}");
    let after: Value = host.call("make-list-tokens", json!({})).await;
    assert_eq!(after["apiTokens"], tokens["apiTokens"]);
}
