//! Real HTTP on this machine: limits, redirects, broken connections, and every form of error.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use make_admin_mcp::{
    make::{BaseUrl, Credential, Error, Https, Limits, Make, Page},
    tools::registry::{ErrorKind, ToolError},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::any};

use crate::support::{host::TOKEN, permit::permit};

/// A client with small limits, so that they are reached at once.
fn make_at(url: &str) -> Make {
    let limits =
        Limits { connect: Duration::from_secs(2), request: Duration::from_millis(300), body: 1024 };
    let https = Https::new(BaseUrl::parse(url).unwrap()).with_limits(limits);
    Make::with_jitter(https, Some(Credential::new(TOKEN)), || 0.0)
}

/// What a broken server does after it has read a request.
#[derive(Clone, Copy)]
enum Fault {
    /// Sends these bytes and closes.
    Bytes(&'static str),
    /// Claims 100 MiB and sends them, as far as somebody reads.
    Huge,
    /// The same without saying how much.
    HugeChunked,
    /// Resets the connection.
    Reset,
    /// Says nothing.
    Silence,
    /// Begins an answer and says nothing more.
    Stall,
}

/// A broken server, and how many requests reached it.
async fn broken(fault: Fault) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = requests.clone();
    tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            tokio::spawn(serve(connection, fault, counted.clone()));
        }
    });
    (url, requests)
}

async fn serve(mut connection: TcpStream, fault: Fault, requests: Arc<AtomicUsize>) {
    let mut request = vec![0; 4096];
    if connection.read(&mut request).await.unwrap_or(0) == 0 {
        return;
    }
    requests.fetch_add(1, Ordering::SeqCst);
    match fault {
        Fault::Bytes(bytes) => drop(connection.write_all(bytes.as_bytes()).await),
        Fault::Huge => {
            let _ =
                connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 104857600\r\n\r\n").await;
            while connection.write_all(&[b'x'; 65536]).await.is_ok() {}
        }
        Fault::HugeChunked => {
            let _ = connection
                .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
                .await;
            let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
            while connection.write_all(chunk.as_bytes()).await.is_ok() {}
        }
        Fault::Reset => drop(connection.set_zero_linger()),
        Fault::Silence => drop(connection.read(&mut request).await),
        Fault::Stall => {
            let _ = connection.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{").await;
            let _ = connection.read(&mut request).await;
        }
    }
}

async fn read(make: &Make) -> Error {
    make.organizations().list(None, &[], &Page::default()).await.unwrap_err()
}

async fn write(make: &Make) -> Error {
    make.api_tokens().create(&*permit().await, "x", &[]).await.unwrap_err()
}

/// Nothing that a person or a log can see holds the token.
fn check_silent(error: &Error) {
    let shown = format!(
        "{error} {error:?} {:?} {}",
        ToolError::from(error.clone()),
        ToolError::from(error.clone())
    );
    assert!(!shown.contains(&TOKEN[9..]), "{shown}");
}

#[tokio::test]
async fn every_broken_answer_has_its_kind_and_no_write_is_sent_twice() {
    let broken_off = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"organizations\":[";
    let malformed = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{not JSON";
    for (what, fault, kind, reads) in [
        ("truncated", Fault::Bytes(broken_off), ErrorKind::UnexpectedResponse, 1),
        ("malformed", Fault::Bytes(malformed), ErrorKind::UnexpectedResponse, 1),
        (
            "empty",
            Fault::Bytes("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
            ErrorKind::UnexpectedResponse,
            1,
        ),
        (
            "wrong shape",
            Fault::Bytes("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n[]"),
            ErrorKind::UnexpectedResponse,
            1,
        ),
        ("huge", Fault::Huge, ErrorKind::UnexpectedResponse, 1),
        ("huge, chunked", Fault::HugeChunked, ErrorKind::UnexpectedResponse, 1),
        ("closed", Fault::Bytes(""), ErrorKind::Network, 3),
        ("reset", Fault::Reset, ErrorKind::Network, 3),
        ("no HTTP", Fault::Bytes("SSH-2.0-OpenSSH\r\n\r\n"), ErrorKind::Network, 3),
        ("silent", Fault::Silence, ErrorKind::Timeout, 1),
        ("stalled", Fault::Stall, ErrorKind::Timeout, 1),
    ] {
        let (url, requests) = broken(fault).await;
        let error = read(&make_at(&url)).await;
        check_silent(&error);
        assert_eq!(ToolError::from(error).kind, kind, "{what}");
        assert_eq!(requests.swap(0, Ordering::SeqCst), reads, "{what}: reads");

        let error = write(&make_at(&url)).await;
        check_silent(&error);
        assert!(error.in_doubt().is_some(), "{what}: {error}");
        let error = ToolError::from(error);
        assert_eq!(error.kind, kind, "{what}");
        assert!(
            error.message.contains("may or may not have been carried out"),
            "{what}: {}",
            error.message
        );
        assert_eq!(requests.load(Ordering::SeqCst), 1, "{what}: a write is sent once");
    }
}

#[tokio::test]
async fn a_malformed_body_is_not_quoted() {
    let secret = "HTTP/1.1 200 OK\r\ncontent-length: 27\r\n\r\n{\"apiToken\": s3cr3t-value }";
    let (url, _) = broken(Fault::Bytes(secret)).await;
    let error = write(&make_at(&url)).await;
    assert!(!format!("{error} {error:?}").contains("s3cr3t"), "{error:?}");
}

#[tokio::test]
async fn a_refused_connection_is_known_not_to_have_reached_make() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = write(&make_at(&url)).await;
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert!(error.in_doubt().is_none());
    assert_eq!(ToolError::from(error).kind, ErrorKind::Network);
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_the_token_stays_here() {
    let (elsewhere, here) = (MockServer::start().await, MockServer::start().await);
    for status in [301, 302, 303, 307, 308] {
        here.reset().await;
        let redirect = ResponseTemplate::new(status).insert_header("location", elsewhere.uri());
        Mock::given(any()).respond_with(redirect).expect(2).mount(&here).await;
        for error in [read(&make_at(&here.uri())).await, write(&make_at(&here.uri())).await] {
            assert!(matches!(error, Error::Unexpected { .. }), "{error:?}");
            assert!(error.to_string().contains("redirect"), "{error}");
        }
        here.verify().await;
    }
    assert_eq!(elsewhere.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn every_status_has_its_kind_whatever_the_body() {
    let json = json!({ "detail": "What happened.", "message": "Class", "code": "IM002",
    "suberrors": [{ "message": "First", "name": "Error" }] });
    for (status, kind) in [
        (400, ErrorKind::InvalidArguments),
        (401, ErrorKind::Unauthorized),
        (402, ErrorKind::PlanRequired),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::NotFound),
        (406, ErrorKind::ConfirmationRequiredByMake),
        (409, ErrorKind::Conflict),
        (412, ErrorKind::Conflict),
        (413, ErrorKind::InvalidArguments),
        (418, ErrorKind::UnexpectedResponse),
        (423, ErrorKind::Conflict),
        (424, ErrorKind::Conflict),
        (500, ErrorKind::Server),
        (503, ErrorKind::Server),
    ] {
        let server = MockServer::start().await;
        for (body, message, code) in [
            (json.to_string(), "What happened; First", Some("IM002")),
            (r#"{"message":"Class"}"#.to_owned(), "Class", None),
            ("Plain words".to_owned(), "Plain words", None),
            ("<!doctype html><title>x</title>".to_owned(), "", None),
            (String::new(), "", None),
        ] {
            server.reset().await;
            let answer = ResponseTemplate::new(status).set_body_string(&body);
            Mock::given(any()).respond_with(answer).mount(&server).await;
            let error = ToolError::from(write(&make_at(&server.uri())).await);
            // A web page is not Make's: its status says nothing about rights.
            let kind = match (body.starts_with('<'), status) {
                (false, _) | (true, 500..) => kind,
                (true, 404) => ErrorKind::UnexpectedResponse,
                (true, _) => ErrorKind::Network,
            };
            assert_eq!((error.kind, error.status), (kind, Some(status)), "{status} {body}");
            assert!(
                error.message.contains(message) && !error.message.contains("doctype"),
                "{}",
                error.message
            );
            assert_eq!(error.code.as_deref(), code, "{status} {body}");
            assert_eq!(error.suberrors.len(), usize::from(code.is_some()));
            assert!(error.hint.is_some_and(|hint| hint.len() > 20), "{status}");
            assert_eq!(
                server.received_requests().await.unwrap().len(),
                1,
                "{status}: a write is sent once"
            );
        }
    }
    let closed = json!({ "message": "Forbidden to use token authorization for this organization" });
    let closed = ToolError::from(refused(403, closed).await);
    assert_eq!(closed.kind, ErrorKind::PlanRequired, "a plan without API access");
    assert!(!closed.hint.unwrap().contains("owner"));
    let confirm = ToolError::from(refused(400, json!({ "code": "IM004" })).await);
    assert_eq!(confirm.kind, ErrorKind::ConfirmationRequiredByMake, "the code says it too");
}

async fn refused(status: u16, body: serde_json::Value) -> Error {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(&server)
        .await;
    write(&make_at(&server.uri())).await
}

#[tokio::test]
async fn a_plain_text_429_with_a_date_is_waited_out() {
    let server = MockServer::start().await;
    let limit = ResponseTemplate::new(429)
        .set_body_string("Requests limit for organization exceeded, please try again later.")
        .insert_header("date", "Wed, 21 Oct 2026 07:28:00 GMT")
        .insert_header("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT");
    Mock::given(any()).respond_with(limit).up_to_n_times(1).mount(&server).await;
    let fine = ResponseTemplate::new(200).set_body_json(json!({ "organizations": [] }));
    Mock::given(any()).respond_with(fine).mount(&server).await;
    make_at(&server.uri()).organizations().list(None, &[], &Page::default()).await.unwrap();
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

#[tokio::test]
async fn an_oauth_token_goes_out_as_bearer() {
    let server = MockServer::start().await;
    let fine = ResponseTemplate::new(200).set_body_json(json!({ "organizations": [] }));
    Mock::given(wiremock::matchers::header("authorization", "Bearer eyJhbGci.x.y"))
        .respond_with(fine)
        .expect(1)
        .mount(&server)
        .await;
    let make = make_at(&server.uri()).with_credential(Some(Credential::new("eyJhbGci.x.y")));
    make.organizations().list(None, &[], &Page::default()).await.unwrap();
}

#[tokio::test]
async fn a_token_that_cannot_be_a_header_is_an_error_without_the_token() {
    let make =
        make_at("http://127.0.0.1:1").with_credential(Some(Credential::new("line\nbreak-s3cr3t")));
    let error = read(&make).await;
    assert!(!format!("{error} {error:?} {}", ToolError::from(error.clone())).contains("s3cr3t"));
}

#[tokio::test]
async fn a_body_of_many_small_values_is_refused_before_it_takes_many_times_its_size() {
    let server = MockServer::start().await;
    let body = format!("{{\"organizations\":[{}{{}}]}}", "{},".repeat(1 << 20));
    let answer = ResponseTemplate::new(200).set_body_raw(body, "application/json");
    Mock::given(any()).respond_with(answer).mount(&server).await;
    let base = BaseUrl::parse(&server.uri()).unwrap();
    let make = Make::new(Https::new(base), Some(Credential::new(TOKEN)));
    let error = ToolError::from(read(&make).await);
    assert_eq!(error.kind, ErrorKind::UnexpectedResponse);
    assert!(error.message.contains("too many to be read at once"), "{}", error.message);
}
