use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use make_admin_mcp::{
    credential::{DEFAULT, Login, Logins, Source},
    make::{BaseUrl, Credential, CredentialError, Error, Https, Make, Page, Renewal},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path},
};

use super::server::{AuthorizationServer, Fields, granted};
#[cfg(target_os = "linux")]
use crate::support::{permit::permit, process::SOON};

const LONG_AGO: &str = "2020-01-01T00:00:00Z";

/// A login that was made at a server, and the folder that keeps it.
struct Kept {
    server: AuthorizationServer,
    home: TempDir,
    base: BaseUrl,
}

impl Kept {
    async fn at(server: AuthorizationServer) -> Self {
        Self::of(server, "http://127.0.0.1:1").await
    }

    async fn of(server: AuthorizationServer, base: &str) -> Self {
        let kept = Self {
            server,
            home: tempfile::tempdir().unwrap(),
            base: BaseUrl::parse(base).unwrap(),
        };
        kept.sign_in().await;
        kept
    }

    async fn sign_in(&self) {
        let stored = self.server.sign_in(&["user:read"], &self.base).await.unwrap();
        stored.save(&self.logins(), DEFAULT).await.unwrap();
    }

    fn logins(&self) -> Logins {
        Logins::new(self.home.path())
    }

    /// As a new process sees it.
    fn source(&self) -> Source {
        Source::Login(Arc::new(Login::new(self.logins(), DEFAULT, &self.base)))
    }

    fn file(&self) -> PathBuf {
        let folder = fs::read_dir(self.home.path().join("logins")).unwrap();
        let mut files = folder.map(|entry| entry.unwrap().path());
        files.find(|path| path.extension().is_some_and(|ending| ending == "secret")).unwrap()
    }

    fn grant(&self) -> Value {
        let secret: Value =
            serde_json::from_str(&fs::read_to_string(self.file()).unwrap()).unwrap();
        secret["grant"].clone()
    }

    /// Changes what is kept, as time would.
    fn change(&self, name: &str, value: &str) {
        let mut secret: Value =
            serde_json::from_str(&fs::read_to_string(self.file()).unwrap()).unwrap();
        secret["grant"][name] = json!(value);
        fs::write(self.file(), secret.to_string()).unwrap();
    }

    fn expire(&self) {
        self.change("expiresAt", LONG_AGO);
    }

    /// The refresh tokens that were used, oldest first.
    async fn used(&self) -> Vec<String> {
        let asked = self.server.asked().await;
        asked.iter().filter_map(|fields| fields.get("refresh_token").cloned()).collect()
    }
}

/// Answers sign-ins with `access-1`, and renewals with these, one after the other, then as usual.
async fn renewing(answers: Vec<ResponseTemplate>) -> AuthorizationServer {
    let (mut answers, mut number) = (answers.into_iter(), 0);
    AuthorizationServer::answering(move |fields: &Fields| {
        number += 1;
        if fields["grant_type"] == "refresh_token" {
            answers.next().unwrap_or_else(|| granted(number))
        } else {
            granted(number)
        }
    })
    .await
}

#[tokio::test]
async fn calls_side_by_side_renew_once_and_the_newest_token_is_kept_first() {
    let kept = Kept::at(AuthorizationServer::start().await).await;
    kept.expire();
    let source = kept.source();
    let all = futures_util::future::join_all((0..50).map(|_| source.current())).await;
    assert!(all.iter().all(|one| one.as_ref().unwrap().is_some()));
    assert_eq!(kept.used().await, ["refresh-1"]);
    let exchange = kept.server.asked().await.pop().unwrap();
    let expected: Fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", "refresh-1"),
        ("client_id", "client"),
        ("client_secret", "s3cret & more"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    assert_eq!(exchange, expected);
    assert_eq!(
        (&kept.grant()["accessToken"], &kept.grant()["refreshToken"]),
        (&json!("access-2"), &json!("refresh-2"))
    );

    // Another process finds it renewed, and its account is the same to caches and rate limits.
    let other = kept.source().current().await.unwrap();
    assert_eq!(other, source.current().await.unwrap());
    assert_eq!(kept.used().await.len(), 1);
}

#[tokio::test]
async fn answers_that_are_almost_as_documented_lose_no_token() {
    for (answer, refresh_token) in [
        (
            ResponseTemplate::new(200).set_body_json(json!({ "access_token": "access-9",
        "token_type": "Bearer", "expires_in": "300", "refresh_token": "refresh-9" })),
            "refresh-9",
        ),
        (
            ResponseTemplate::new(200).set_body_json(json!({ "access_token": "access-9",
        "expires_in": 299.5, "refresh_token": "refresh-9", "id_token": null,
        "scope": "user:read,teams:read" })),
            "refresh-9",
        ),
        (
            ResponseTemplate::new(201)
                .set_body_string(r#"{"access_token":"access-9","refresh_token":"refresh-9"}"#),
            "refresh-9",
        ),
        (
            ResponseTemplate::new(200).set_body_json(json!({ "access_token": "access-9",
        "token_type": "bearer", "expires_in": 300 })),
            "refresh-1",
        ),
    ] {
        let kept = Kept::at(renewing(vec![answer]).await).await;
        kept.expire();
        assert!(kept.source().current().await.unwrap().is_some());
        let grant = kept.grant();
        assert_eq!(
            (&grant["accessToken"], &grant["refreshToken"]),
            (&json!("access-9"), &json!(refresh_token)),
            "{grant}"
        );
    }
}

#[tokio::test]
async fn a_failure_that_passes_is_tried_again_with_the_same_token() {
    let failures = [
        ResponseTemplate::new(503).set_body_string("<html>busy</html>"),
        ResponseTemplate::new(500),
        ResponseTemplate::new(429).set_body_json(json!({ "error": "slow_down" })),
        ResponseTemplate::new(200).set_body_string("{"),
        ResponseTemplate::new(200).set_body_json(json!({ "detail": "?" })),
        ResponseTemplate::new(400).set_body_json(json!({ "error": "temporarily_unavailable" })),
    ];
    let count = failures.len();
    let kept = Kept::at(renewing(failures.to_vec()).await).await;
    kept.expire();
    let source = kept.source();
    for _ in 0..count {
        let error = source.current().await.unwrap_err();
        assert!(error.passes, "{error:?}");
        assert_eq!(kept.grant()["refreshToken"], "refresh-1");
    }
    assert!(source.current().await.unwrap().is_some());
    assert_eq!(kept.used().await, vec!["refresh-1"; count + 1]);
}

#[tokio::test]
async fn calls_side_by_side_share_a_failure() {
    let kept = Kept::at(renewing(vec![ResponseTemplate::new(503); 50]).await).await;
    kept.expire();
    let source = kept.source();
    let all = futures_util::future::join_all((0..20).map(|_| source.current())).await;
    assert!(all.iter().all(Result::is_err));
    assert_eq!(kept.used().await.len(), 1);
}

#[tokio::test]
async fn a_token_that_still_works_is_used_while_it_cannot_be_renewed() {
    let kept = Kept::at(renewing(vec![ResponseTemplate::new(503); 9]).await).await;
    // Its last fifth has begun.
    let now = jiff::Timestamp::now();
    kept.change("issuedAt", &(now - jiff::SignedDuration::from_secs(295)).to_string());
    kept.change("expiresAt", &(now + jiff::SignedDuration::from_secs(5)).to_string());
    let source = kept.source();
    for _ in 0..10 {
        assert!(source.current().await.unwrap().is_some());
    }
    assert_eq!(kept.used().await.len(), 1, "not with every call");
}

#[tokio::test]
async fn a_failure_for_good_is_not_tried_again_and_says_to_log_in() {
    for (error, stored) in
        [("invalid_grant", true), ("invalid_client", false), ("unauthorized_client", false)]
    {
        let failure = ResponseTemplate::new(400).set_body_json(json!({ "error": error }));
        let kept = Kept::at(renewing(vec![failure; 9]).await).await;
        kept.expire();
        let source = kept.source();
        for _ in 0..5 {
            let wrong = source.current().await.unwrap_err();
            assert!(!wrong.passes && wrong.message.contains(error), "{wrong:?}");
            assert!(wrong.hint.contains("make-admin-mcp login"), "{wrong:?}");
        }
        assert_eq!(kept.used().await.len(), 1, "{error}");
        // What the grant is no good for is known to other processes too.
        assert!(kept.source().current().await.is_err());
        assert_eq!(kept.used().await.len(), if stored { 1 } else { 2 }, "{error}");
        kept.sign_in().await;
        assert!(source.current().await.unwrap().is_some(), "a new login counts at once");
    }
}

#[tokio::test]
async fn tokens_that_cannot_be_stored_are_kept_and_not_used_before_they_are() {
    let place: Arc<Mutex<Option<PathBuf>>> = Arc::default();
    let own = place.clone();
    let mut number = 0;
    let server = AuthorizationServer::answering(move |_| {
        number += 1;
        // The disk fails while the answer is on its way: a folder stands where the file was.
        if let Some(path) = own.lock().unwrap().take() {
            fs::remove_file(&path).unwrap();
            fs::create_dir(&path).unwrap();
        }
        granted(number)
    })
    .await;
    let kept = Kept::at(server).await;
    kept.expire();
    let file = kept.file();
    *place.lock().unwrap() = Some(file.clone());
    let source = kept.source();
    for _ in 0..3 {
        let error = source.current().await.unwrap_err();
        assert!(error.message.contains("kept in memory only"), "{error:?}");
    }
    fs::remove_dir(&file).unwrap();
    assert!(source.current().await.unwrap().is_some());
    assert_eq!(kept.used().await, ["refresh-1"], "the new one was not lost");
    assert_eq!(kept.grant()["refreshToken"], "refresh-2");
}

/// No file may have a byte: what the system says then is what it says when a disk is full.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_found_out_while_the_old_token_is_good() {
    let server = make().await;
    let kept = Kept::of(AuthorizationServer::start().await, &server.uri()).await;
    kept.expire();
    let home = kept.home.path().to_str().unwrap();
    let run = async |limit: &str| {
        let script = format!(
            "trap '' XFSZ; {limit} exec \"$0\" call make-list-orgs --config-dir \"$1\" --state-dir \
             \"$1\""
        );
        let output = tokio::process::Command::new("bash")
            .args(["-c", &script, env!("CARGO_BIN_EXE_make-admin-mcp"), home])
            .env_remove("MAKE_API_KEY")
            .stdin(std::process::Stdio::null())
            .output();
        String::from_utf8(tokio::time::timeout(SOON, output).await.unwrap().unwrap().stdout)
            .unwrap()
    };
    let answer = run("ulimit -f 0;").await;
    assert!(answer.contains("not renewed, since it could not be stored"), "{answer}");
    assert!(kept.used().await.is_empty(), "the server was not asked");
    let answer = run("").await;
    assert!(answer.contains("organizations"), "{answer}");
    assert_eq!(kept.used().await, ["refresh-1"]);
    let files = fs::read_dir(kept.home.path().join("logins")).unwrap().count();
    assert_eq!(files, 3, "ticket, secret, lock, and nothing half written");
}

#[tokio::test]
async fn a_call_that_is_cancelled_loses_no_token() {
    let slow = granted(2).set_delay(Duration::from_millis(300));
    let kept = Kept::at(renewing(vec![slow]).await).await;
    kept.expire();
    let source = kept.source();
    let cancelled = tokio::time::timeout(Duration::from_millis(50), source.current()).await;
    assert!(cancelled.is_err());
    source.closed().await;
    assert_eq!(kept.grant()["refreshToken"], "refresh-2");
    assert_eq!(kept.used().await.len(), 1);
}

#[tokio::test]
async fn a_login_is_for_its_account_alone() {
    let kept = Kept::at(AuthorizationServer::start().await).await;
    let elsewhere = BaseUrl::parse("http://127.0.0.1:2").unwrap();
    let source = Source::Login(Arc::new(Login::new(kept.logins(), DEFAULT, &elsewhere)));
    let error = source.current().await.unwrap_err();
    assert!(error.message.contains("is for http://127.0.0.1:1/api/v2"), "{error:?}");

    // Who changes the ticket has not changed the secret.
    let ticket = kept.home.path().join("logins/default.json");
    let text = fs::read_to_string(&ticket).unwrap().replace("127.0.0.1:1/", "127.0.0.1:2/");
    fs::write(&ticket, text).unwrap();
    let error = source.current().await.unwrap_err();
    assert!(error.message.contains("for another account than its ticket"), "{error:?}");

    fs::remove_file(ticket).unwrap();
    assert_eq!(source.current().await, Ok(None), "logged out");
    assert!(
        Source::Login(Arc::new(Login::new(kept.logins(), "acme", &kept.base)))
            .current()
            .await
            .unwrap()
            .is_none()
    );
}

/// A Make that takes the access token `access-2` alone.
async fn make() -> MockServer {
    let server = MockServer::start().await;
    for verb in ["GET", "POST"] {
        Mock::given(method(verb))
            .and(path("/api/v2/organizations"))
            .and(header("authorization", "Bearer access-2"))
            .respond_with(
                ResponseTemplate::new(200)
                    .set_body_json(json!({ "organizations": [], "organization": { "id": 1 } })),
            )
            .mount(&server)
            .await;
    }
    Mock::given(path("/api/v2/organizations"))
        .respond_with(
            ResponseTemplate::new(401).set_body_json(json!({ "detail": "Access denied." })),
        )
        .with_priority(9)
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn a_call_that_make_refuses_for_an_old_token_is_made_once_more_with_a_new_one() {
    let server = make().await;
    let kept = Kept::of(AuthorizationServer::start().await, &server.uri()).await;
    let source = kept.source();
    let client = async |source: &Source| {
        Make::new(Https::new(kept.base.clone()), source.current().await.unwrap())
            .renewed_by(source.renewal())
    };
    let new = make_admin_mcp::make::CreateOrganization {
        name: "x".to_owned(),
        region_id: 1,
        timezone_id: 1,
        country_id: 1,
    };

    let permit = permit().await;
    let refused = client(&source).await.organizations().create(&permit, &new).await.unwrap_err();
    assert_eq!(refused.status(), Some(401), "a token that is fresh is not why");
    assert!(kept.used().await.is_empty());

    kept.change("issuedAt", LONG_AGO);
    let with_refresh_token = fs::read_to_string(kept.file()).unwrap();
    fs::write(kept.file(), with_refresh_token.replace("refreshToken", "other")).unwrap();
    let source = kept.source();
    let refused = client(&source).await.organizations().create(&permit, &new).await.unwrap_err();
    assert_eq!(refused.status(), Some(401), "nor is one that cannot be renewed");

    fs::write(kept.file(), with_refresh_token).unwrap();
    let source = kept.source();
    client(&source).await.organizations().create(&permit, &new).await.unwrap();
    let sent: Vec<_> = server
        .received_requests()
        .await
        .unwrap()
        .iter()
        .map(|request| request.headers["authorization"].to_str().unwrap().to_owned())
        .collect();
    assert_eq!(sent, ["Bearer access-1", "Bearer access-1", "Bearer access-1", "Bearer access-2"]);
    assert_eq!(kept.used().await, ["refresh-1"]);
}

#[tokio::test]
async fn every_request_carries_the_token_of_its_moment() {
    let server = make().await;
    let base = BaseUrl::parse(&server.uri()).unwrap();
    let renewal: Renewal = Arc::new(|refused| {
        assert!(refused.is_none(), "nothing was refused");
        Box::pin(async { Ok(Some(Credential::access_token("access-2", "x"))) })
    });
    let old = Some(Credential::access_token("access-1", "x"));
    let make = Make::new(Https::new(base), old).renewed_by(Some(renewal));
    let page = Page::default();
    make.organizations().list(None, &[], &page).await.unwrap();

    let gone: Renewal =
        Arc::new(|_| Box::pin(async { Err(CredentialError::lasting("it is gone", "sign in")) }));
    let sent = server.received_requests().await.unwrap().len();
    let error = make
        .renewed_by(Some(gone))
        .uncached()
        .organizations()
        .list(None, &[], &page)
        .await
        .unwrap_err();
    assert!(matches!(&error, Error::Credential(why) if why.message == "it is gone"), "{error:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), sent, "nothing was sent");
}
