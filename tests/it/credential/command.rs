#![cfg(unix)]

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc, time::Duration};

use make_admin_mcp::{
    credential::{CredentialCommand, Source},
    make::{BaseUrl, CredentialError, Https, Make},
};
use serde_json::json;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, path},
};

use crate::support::process::{run, stderr, stdout};

const TOKENS: [&str; 2] =
    ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];

/// A program in a folder of its own; it runs there.
fn program(home: &Path, text: &str) -> String {
    let path = home.join("a program");
    fs::write(&path, format!("#!/bin/sh\ncd '{}'\necho run >> runs\n{text}\n", home.display()))
        .unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    format!("'{}'", path.display())
}

fn runs(home: &Path) -> usize {
    fs::read_to_string(home.join("runs")).unwrap_or_default().lines().count()
}

fn source(command: &str) -> Source {
    Source::Command(Arc::new(CredentialCommand::parse(command).unwrap()))
}

#[tokio::test]
async fn a_program_runs_once_without_a_shell() {
    let home = tempfile::tempdir().unwrap();
    let command = program(home.path(), "printf '%s' \"$1\" > first; cat token");
    fs::write(home.path().join("token"), format!("{}\n", TOKENS[0])).unwrap();
    let source = source(&format!("{command} '$(touch made); `id` > x'"));
    assert_eq!(runs(home.path()), 0, "not before it is needed");
    let all = futures_util::future::join_all((0..10).map(|_| source.current())).await;
    for found in all {
        assert_eq!(found.unwrap().unwrap().public_prefix(), Some("11111111"));
    }
    assert_eq!(runs(home.path()), 1);
    assert_eq!(fs::read_to_string(home.path().join("first")).unwrap(), "$(touch made); `id` > x");
    assert!(!home.path().join("made").exists());
    assert!(!format!("{source:?}").contains(TOKENS[0]));
}

#[tokio::test]
async fn what_a_failing_program_says_is_nobody_elses_business() {
    let home = tempfile::tempdir().unwrap();
    for (text, part) in [
        (format!("echo {}; echo {} >&2; exit 3", TOKENS[0], TOKENS[1]), "exit status: 3"),
        ("true".to_owned(), "printed nothing"),
        (format!("echo not a token {}", TOKENS[0]), "printed what has blanks"),
        ("printf '\\377\\376'".to_owned(), "not text"),
    ] {
        let command = program(home.path(), &text);
        let CredentialError { message, hint, passes } =
            source(&command).current().await.unwrap_err();
        assert!(message.contains(part) && !passes, "{message}");
        assert!(hint.contains("--api-key-command"), "{hint}");
        assert!(!TOKENS.iter().any(|token| message.contains(token)), "{message}");
    }
    let missing = source("/nowhere/op read").current().await.unwrap_err();
    assert!(missing.message.contains("cannot be started"), "{missing:?}");
}

#[tokio::test]
async fn the_program_and_the_log_do_not_share_their_words() {
    let home = tempfile::tempdir().unwrap();
    let talking = program(home.path(), &format!("echo {} >&2; exit 3", TOKENS[1]));
    let state = home.path().to_str().unwrap();
    let output = run(&[
        "call", "make-list-orgs", "--state-dir", state, "--log", "trace", "--api-key-command",
        &talking,
    ])
    .await;
    assert!(stdout(&output).contains("exit status: 3"), "{}", stdout(&output));
    assert!(!stderr(&output).contains(TOKENS[1]), "{}", stderr(&output));
}

#[tokio::test]
async fn it_runs_again_when_make_refuses_what_it_printed() {
    let home = tempfile::tempdir().unwrap();
    let token = home.path().join("token");
    fs::write(&token, TOKENS[0]).unwrap();
    let server = MockServer::start().await;
    Mock::given(path("/api/v2/users/me"))
        .and(header("authorization", format!("Token {}", TOKENS[1])))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({ "authUser": { "id": 41 } })))
        .mount(&server)
        .await;
    Mock::given(path("/api/v2/users/me"))
        .respond_with(ResponseTemplate::new(401))
        .with_priority(9)
        .mount(&server)
        .await;
    let source = source(&program(home.path(), "cat token"));
    let base = BaseUrl::parse(&server.uri()).unwrap();
    let make = Make::new(Https::new(base), source.current().await.unwrap())
        .renewed_by(source.renewal())
        .uncached();

    assert!(make.me().get().await.is_err());
    assert_eq!(runs(home.path()), 1, "what was printed just now is not asked for again");
    fs::write(&token, TOKENS[1]).unwrap();
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    assert!(make.me().get().await.is_ok());
    assert_eq!(runs(home.path()), 2);
    assert!(make.me().get().await.is_ok());
    assert_eq!(runs(home.path()), 2);
}
