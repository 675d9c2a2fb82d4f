//! Commands as a person types them.

use serde_json::{Value, json};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use crate::support::process::{run, stderr, stdout};

#[tokio::test]
async fn a_tool_shows_its_arguments_with_help() {
    for flag in ["--help", "-h"] {
        let help = run(&["call", "make-invite-user", flag]).await;
        let text = stdout(&help);
        assert_eq!(help.status.code(), Some(0));
        for part in ["email (string, required)", "E.g. tom@example.com", "teamIds (list)"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(!text.contains("confirmation"), "{text}");
    }
    let whole = stdout(&run(&["call", "--help"]).await);
    assert!(whole.contains("name=value pairs"), "{whole}");
    let unknown = run(&["call", "make-invte-user", "--help"]).await;
    assert_eq!(unknown.status.code(), Some(2));
    assert!(stderr(&unknown).contains("did you mean `make-invite-user`?"));
}

#[tokio::test]
async fn a_plan_that_ends_with_the_command_does_not_say_to_call_again() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state");
    let state = state.to_str().unwrap();
    let call = ["call", "make-remove-user", "userId=2", "organizationId=11", "--sandbox"];
    let waiting = run(&[&call[..], &["--state-dir", state]].concat()).await;
    assert_eq!(waiting.status.code(), Some(1));
    let answer: Value = serde_json::from_slice(&waiting.stdout).unwrap();
    assert_eq!(answer["outcome"], "confirmation_required", "{answer}");
    assert!(answer["plan"]["summary"].as_str().unwrap().contains("Remove"));
    for gone in ["how", "id", "expiresAt"] {
        assert_eq!(answer["plan"].get(gone), None, "{gone}");
    }
    assert!(stderr(&waiting).contains("the plan ends with this command"));
}

#[tokio::test]
async fn doctor_is_content_with_the_scopes_that_the_readme_recommends() {
    let make = MockServer::start().await;
    let granted = json!(["user:read", "organizations:read", "teams:read"]);
    let organization = json!({ "id": 11, "name": "Acme" });
    for (at, answer) in [
        ("ping", json!({ "ok": 1 })),
        ("users/me", json!({ "authUser": { "id": 41, "name": "Dana" } })),
        ("users/me/current-authorization", json!({ "authorization": { "scope": granted } })),
        ("users/roles", json!({ "usersRoles": [] })),
        ("organizations", json!({ "organizations": [organization] })),
    ] {
        Mock::given(path(format!("/api/v2/{at}")))
            .respond_with(ResponseTemplate::new(200).set_body_json(answer))
            .mount(&make)
            .await;
    }
    let home = tempfile::tempdir().unwrap();
    let token = home.path().join("token");
    std::fs::write(&token, crate::support::host::TOKEN).unwrap();
    let (url, token) = (make.uri(), token.to_str().unwrap());
    let own = ["doctor", "--base-url", &url, "--api-key-file", token];
    for (flags, part) in [
        (&["--read-only"][..], "3 granted, all that the tools that are on need"),
        (&[], "tools that change things are off for lack of"),
    ] {
        let checked = run(&[&own[..], flags].concat()).await;
        let text = stdout(&checked);
        assert!(text.contains(part), "{text}");
        assert_eq!(checked.status.code(), Some(0), "{text}");
    }
}

#[tokio::test]
async fn doctor_asks_for_the_scopes_of_the_tools_that_are_on_alone() {
    let text = stdout(&run(&["doctor", "--sandbox", "--read-only"]).await);
    assert!(text.contains("all that the tools that are on need"), "{text}");
}
