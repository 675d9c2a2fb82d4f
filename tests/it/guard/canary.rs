//! Secrets are planted wherever they could come from, every tool is driven on every path, and none of them shows.

use std::{fs, path::Path, process::Stdio};

use make_admin_mcp::catalog::catalog;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    time::timeout,
};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate, matchers::any};

use super::cases::cases;
use crate::support::{
    host::as_request,
    process::{SOON, command, run, stderr, stdout},
};
use make_admin_mcp::sandbox::Sandbox;

/// The server's own token.
const OWN: &str = "c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f";
/// The value of every new token.
const NEW: &str = "decade11-2b3c-4d5e-9f6a-7b8c9d0e1f2a";
/// Another person's token, which Make should never send and sends all the same.
const OTHER: &str = "facade22-3c4d-4e5f-8a7b-8c9d0e1f2a3b";
/// What a model writes by mistake into an argument. It may hear its own words again, nobody else may.
const TYPED: &str = "baddad33-4d5e-4f6a-9b8c-0d1e2f3a4b5c";
/// An access token.
const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MSJ9.c2lnbmF0dXJlLWNhbmFyeQ";

/// How the fake answers.
#[derive(Clone, Copy, Debug)]
enum Mode {
    /// As the built-in account does.
    Well,
    /// Every write fails with this status.
    Refusing(u16),
    /// Everything fails with this status.
    Failing(u16),
    /// Everything is nonsense.
    Nonsense,
    /// Every write is nonsense.
    NonsenseToWrites,
}

/// The built-in account behind HTTP, with secrets in it.
struct Leaky {
    sandbox: Sandbox,
    mode: Mode,
}

impl Respond for Leaky {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let write = request.method.as_str() != "GET";
        let leak = format!("Token {OWN} or {OTHER} is wrong, Bearer {JWT}");
        let error = |status: u16| {
            let body = json!({
                "message": leak, "detail": leak, "code": format!("SC{status} {OTHER}"),
                "suberrors": [{ "message": leak, "name": leak }, leak], "token": OTHER,
            });
            ResponseTemplate::new(status).set_body_json(body)
        };
        let answer = match self.mode {
            Mode::Failing(status) => error(status),
            Mode::Refusing(status) if write => error(status),
            Mode::Nonsense => ResponseTemplate::new(200).set_body_string(leak),
            Mode::NonsenseToWrites if write => {
                ResponseTemplate::new(200).set_body_json(json!([leak, { "token": NEW }]))
            }
            _ => self.well(request),
        };
        ["set-cookie", "x-api-token", "authorization", "www-authenticate", "location"]
            .into_iter()
            .fold(answer, |answer, name| {
                answer.insert_header(name, format!("Token {OWN}; {OTHER}; {JWT}").as_str())
            })
    }
}

impl Leaky {
    fn well(&self, request: &Request) -> ResponseTemplate {
        let mut call = as_request(request);
        call.credential = Some(Sandbox::credential());
        let reply = self.sandbox.answer(&call);
        let mut body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        if let Some(tokens) = body.get_mut("apiTokens").and_then(Value::as_array_mut) {
            tokens.iter_mut().for_each(|token| token["token"] = OTHER.into());
        } else if request.method.as_str() == "POST" && !body["apiToken"]["token"].is_null() {
            body["apiToken"]["token"] = NEW.into();
        } else if body.is_object() {
            // Some answers repeat the token that they were asked with.
            body["askedWith"] = json!(format!("Token {OWN}"));
        }
        ResponseTemplate::new(reply.status).set_body_json(body)
    }
}

fn secrets() -> Vec<(&'static str, &'static str)> {
    // The first group is public: Make shows it itself.
    vec![
        ("own", &OWN[9..]),
        ("new", &NEW[9..]),
        ("other", &OTHER[9..]),
        ("typed", &TYPED[9..]),
        ("jwt", "c2lnbmF0dXJl"),
        ("environment", "canary-in-the-environment"),
    ]
}

fn normalize(text: &str, what: &str) {
    for (name, secret) in secrets() {
        let at = text.find(secret);
        assert!(at.is_none(), "{what} shows {name}: …{}…", around(text, at.unwrap_or(0)));
    }
}

fn around(text: &str, at: usize) -> String {
    String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(120)..(at + 60).min(text.len())])
        .into_owned()
}

/// Every file of the state folder but those that deliver a token.
fn files(folder: &Path, text: &mut String) {
    for file in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        let path = file.path();
        if path.is_dir() {
            files(&path, text);
        } else if path.extension().is_none_or(|extension| extension != "token") {
            text.push_str(&format!("\n{}\n", path.display()));
            text.push_str(&String::from_utf8_lossy(&fs::read(&path).unwrap()));
        }
    }
}

/// Every tool on its example, with wrong arguments, and every guarded case, as lines of a host.
fn calls() -> Vec<(String, Value)> {
    let mut calls = Vec::new();
    for tool in catalog() {
        calls.push((tool.spec.name.to_owned(), tool.spec.example.clone()));
        calls.push((tool.spec.name.to_owned(), json!({ "wrong": TYPED })));
        let mut wrong = tool.spec.example.clone();
        for (_, value) in wrong.as_object_mut().unwrap() {
            *value = json!(format!("{TYPED} x"));
        }
        calls.push((tool.spec.name.to_owned(), wrong));
    }
    for case in cases() {
        calls.push((case.tool.to_owned(), case.arguments));
    }
    calls
}

async fn driven(mode: Mode, confirm: &str) {
    let server = MockServer::start().await;
    let fake = Leaky { sandbox: Sandbox::default(), mode };
    Mock::given(any()).respond_with(fake).mount(&server).await;
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state");
    let url = server.uri();
    let flags = [
        "--log",
        "trace",
        "--confirm",
        confirm,
        "--base-url",
        &url,
        "--state-dir",
        state.to_str().unwrap(),
    ];
    let mut child = command(&flags)
        .env("MAKE_API_KEY", OWN)
        .env("SOME_PASSWORD", "canary-in-the-environment")
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut errors = BufReader::new(child.stderr.take().unwrap());
    let said = tokio::spawn(async move {
        let mut text = Vec::new();
        tokio::io::AsyncReadExt::read_to_end(&mut errors, &mut text).await.unwrap();
        String::from_utf8_lossy(&text).into_owned()
    });
    let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {},
    "clientInfo": { "name": "t", "version": "1" } });
    let mut shown = String::new();
    let mut requests = vec![("initialize".to_owned(), hello)];
    let call = |(name, arguments)| {
        ("tools/call".to_owned(), json!({ "name": name, "arguments": arguments }))
    };
    requests.extend(calls().into_iter().map(call));
    for (id, (method, params)) in requests.into_iter().enumerate() {
        let line = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        stdin.write_all(format!("{line}\n").as_bytes()).await.unwrap();
        let answer = timeout(SOON, lines.next_line()).await.unwrap().unwrap().expect("it lives on");
        shown.push_str(&answer);
        shown.push('\n');
    }
    drop(stdin);
    timeout(SOON, child.wait()).await.unwrap().unwrap();
    let said = said.await.unwrap();
    assert!(said.contains("TRACE"), "the log is loud");
    assert!(!said.contains("panicked"), "{said}");
    normalize(&said, &format!("{mode:?} {confirm}: stderr"));
    normalize(&shown.replace(TYPED, ""), &format!("{mode:?} {confirm}: stdout"));
    let mut state_files = String::new();
    files(&state, &mut state_files);
    normalize(&state_files, &format!("{mode:?} {confirm}: the state folder"));
    let journal =
        run(&["--state-dir", state.to_str().unwrap(), "journal", "show", "--last", "1000"]).await;
    normalize(&(stdout(&journal) + &stderr(&journal)), "journal show");
    if matches!(mode, Mode::Well) && confirm == "off" {
        let delivered = fs::read_dir(state.join("tokens"))
            .unwrap()
            .map(|file| fs::read_to_string(file.unwrap().path()).unwrap());
        assert!(
            delivered.into_iter().all(|value| value == NEW),
            "the delivery files hold the value"
        );
        assert!(shown.contains("decade11-****"), "and the answers the mask");
    }
}

#[tokio::test]
async fn no_planted_secret_shows_when_all_goes_well() {
    driven(Mode::Well, "off").await;
    driven(Mode::Well, "auto").await;
}

#[tokio::test]
async fn no_planted_secret_shows_when_make_refuses() {
    for status in [400, 401, 403, 404, 409, 500] {
        driven(Mode::Refusing(status), "off").await;
    }
    for status in [401, 403, 500] {
        driven(Mode::Failing(status), "off").await;
    }
}

#[tokio::test]
async fn no_planted_secret_shows_in_nonsense() {
    driven(Mode::Nonsense, "off").await;
    driven(Mode::NonsenseToWrites, "off").await;
}

#[tokio::test]
async fn no_planted_secret_shows_when_nothing_can_be_stored() {
    // A file stands where the folder for tokens should be.
    let server = MockServer::start().await;
    let fake = Leaky { sandbox: Sandbox::default(), mode: Mode::Well };
    Mock::given(any()).respond_with(fake).mount(&server).await;
    let home = tempfile::tempdir().unwrap();
    let url = server.uri();
    let state = home.path().join("state");
    let flags = [
        "--log",
        "trace",
        "--confirm",
        "off",
        "--base-url",
        &url,
        "--state-dir",
        state.to_str().unwrap(),
    ];
    fs::create_dir(&state).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&state, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    fs::write(state.join("tokens"), "").unwrap();
    for call in
        [&["call", "make-create-token", r#"{"label":"x","scope":["user:read"]}"#][..], &["doctor"]]
    {
        let mut command = command(&[&flags[..], call].concat());
        let output = timeout(SOON, command.env("MAKE_API_KEY", OWN).stdin(Stdio::null()).output())
            .await
            .unwrap()
            .unwrap();
        normalize(&(stdout(&output) + &stderr(&output)), "a refused creation");
    }
}
