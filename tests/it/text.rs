//! Text of others cannot hide, reorder or command anything, wherever it comes out.

use make_admin_mcp::make::Response;
use serde_json::json;

use crate::support::{host::Host, script::Script};

const HOSTILE: &str = "Dana\u{1b}[2J\u{202e}\u{200b}\u{e0041} Rivers";
const SHOWN: &str = "Dana\\u{1b}[2J\\u{202e}\\u{200b}\\u{e0041} Rivers";

#[tokio::test]
async fn hostile_names_are_shown_for_what_they_are() {
    let users = json!({ "users": [{ "id": 1, "name": HOSTILE, HOSTILE: [HOSTILE] }] });
    let host = Host::through(Script::new([Ok(Response::json(200, &users))])).await;
    let answer = host.call("make-list-users", json!({ "organizationId": 11 })).await;
    assert_eq!(answer["users"], json!([{ "id": 1, "name": SHOWN, SHOWN: [SHOWN] }]));
}

#[tokio::test]
async fn hostile_errors_are_shown_for_what_they_are_and_cut() {
    let long = "x".repeat(10_000);
    let body = json!({
        "detail": HOSTILE, "code": HOSTILE,
        "suberrors": vec![json!({ "message": format!("{HOSTILE}{long}"), "name": HOSTILE }); 500],
    });
    let host = Host::through(Script::new([
        Ok(Response::json(400, &body)),
        Ok(Response::text(400, &format!("{HOSTILE} {long}"))),
    ]))
    .await;
    let error = host.fail("make-list-users", json!({ "organizationId": 11 })).await;
    assert!(error["message"].as_str().unwrap().contains(SHOWN), "{error}");
    assert_eq!((&error["code"], &error["suberrors"][0]["name"]), (&json!(SHOWN), &json!(SHOWN)));
    assert!(error["suberrors"][0]["message"].as_str().unwrap().starts_with(SHOWN));
    assert!(error.to_string().len() < 30_000, "{}", error.to_string().len());

    let error = host.fail("make-list-users", json!({ "organizationId": 11 })).await;
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("\\u{1b}") && message.len() < 1000, "{message}");
}

#[tokio::test]
async fn hostile_arguments_are_shown_for_what_they_are() {
    let host = Host::sandbox(&[]).await;
    let error =
        host.fail("make-list-users", json!({ "organizationId": HOSTILE, HOSTILE: 1 })).await;
    let message = error["message"].as_str().unwrap();
    assert!(!message.contains(['\u{1b}', '\u{202e}', '\u{200b}', '\u{e0041}']), "{message}");
}
