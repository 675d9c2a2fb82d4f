//! Hears what the browser brings back from a sign-in: one request on a loopback address (RFC 8252 section 7.3).
//!
//! Other requests are answered and ignored, so that only a request with the right state can end a sign-in.

use std::{
    collections::HashMap,
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::Bytes,
    header::{self, HeaderMap, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use openidconnect::url::form_urlencoded;
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::JoinSet,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{error::SignInError, http::shown};
use crate::sync::lock;

/// Where the browser comes back to.
const PATH: &str = "/callback";

/// How long a person may take at the authorization server.
const PATIENCE: Duration = Duration::from_secs(300);

/// How long the last answer may take to reach the browser.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Where connections cannot be taken, for want of files say, it is tried again after this.
const BREATH: Duration = Duration::from_millis(50);

/// A browser sends its request at once.
const HEADERS: Duration = Duration::from_secs(5);

/// What a callback must bring.
#[derive(Clone)]
pub(super) struct Expected {
    pub(super) state: String,
    pub(super) issuer: String,
    /// Whether the server promises to say who it is (RFC 9207).
    pub(super) issuer_is_sent: bool,
}

/// A listener that waits for the browser. Dropping it closes it.
pub struct Callback {
    listener: TcpListener,
    address: SocketAddr,
}

impl Callback {
    /// Listens on 127.0.0.1, on a free port or on this one.
    pub async fn listen(port: Option<u16>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// The address that the authorization server sends the browser back to.
    pub fn redirect(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Waits for the code. The error says why there will be none.
    pub(super) async fn code(self, expected: Expected) -> Result<String, SignInError> {
        let (heard, hears) = oneshot::channel();
        let door = Arc::new(Door {
            host: self.address.to_string(),
            expected,
            heard: Mutex::new(Some(heard)),
        });
        let mut connections = JoinSet::new();
        let end = Instant::now() + PATIENCE;
        let accepting = async {
            loop {
                let Ok((stream, _)) = self.listener.accept().await else {
                    // A browser that gives up before it is heard ends nothing.
                    sleep(BREATH).await;
                    continue;
                };
                let door = door.clone();
                connections.spawn(async move {
                    let answer = service_fn(move |request| {
                        let answer = door.answer(&request);
                        async move { Ok::<_, Infallible>(answer) }
                    });
                    let _ = http1::Builder::new()
                        .timer(TokioTimer::new())
                        .header_read_timeout(HEADERS)
                        .keep_alive(false)
                        .serve_connection(TokioIo::new(stream), answer)
                        .await;
                });
            }
        };
        let heard = tokio::select! {
            heard = timeout_at(end, hears) => heard,
            () = accepting => return Err(SignInError("nothing can be heard any more".to_owned())),
        };
        drop(self.listener);
        let _ =
            timeout(LAST_WORDS, async { while connections.join_next().await.is_some() {} }).await;
        match heard {
            Ok(Ok(result)) => result.map_err(SignInError),
            Ok(Err(_)) => Err(SignInError("nothing can be heard any more".to_owned())),
            Err(_) => Err(SignInError("the browser did not return within five minutes".to_owned())),
        }
    }
}

/// Answers requests and lets the first good one in.
struct Door {
    host: String,
    expected: Expected,
    heard: Mutex<Option<oneshot::Sender<Result<String, String>>>>,
}

impl Door {
    fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        if request.uri().path() != PATH {
            return page(StatusCode::NOT_FOUND, "There is nothing here.");
        }
        if request.method() != Method::GET {
            return page(StatusCode::METHOD_NOT_ALLOWED, "This is not a sign-in.");
        }
        if !self.is_navigation(request.headers()) {
            return page(
                StatusCode::FORBIDDEN,
                "Only a browser that comes from the sign-in is let in.",
            );
        }
        let Some(fields) = fields(request.uri().query().unwrap_or_default()) else {
            return page(
                StatusCode::BAD_REQUEST,
                "This answer is not to be trusted: it says something twice.",
            );
        };
        if !fields.get("state").is_some_and(|state| same(state, &self.expected.state)) {
            return page(
                StatusCode::BAD_REQUEST,
                "This is not the answer to the sign-in that waits. Start again from the address in \
                 the terminal.",
            );
        }
        let heard = lock(&self.heard).take();
        let Some(heard) = heard else {
            return page(StatusCode::CONFLICT, "This sign-in was answered already.");
        };
        let result = self.code(&fields);
        let answer = match &result {
            Ok(_) => page(
                StatusCode::OK,
                "Thank you. The terminal says how the sign-in ended; this page can be closed.",
            ),
            Err(_) => page(
                StatusCode::BAD_REQUEST,
                "The sign-in failed. The terminal says why; this page can be closed.",
            ),
        };
        // The sign-in has timed out.
        let _ = heard.send(result);
        answer
    }

    /// The code of an answer whose state is right.
    fn code(&self, fields: &HashMap<String, String>) -> Result<String, String> {
        let own = &self.expected.issuer;
        match fields.get("iss") {
            Some(issuer) if issuer != own => {
                return Err(format!(
                    "the answer comes from {} and not from {own}, so it is not trusted",
                    shown(issuer)
                ));
            }
            None if self.expected.issuer_is_sent => {
                return Err(format!(
                    "the answer does not say that it comes from {own}, so it is not trusted"
                ));
            }
            _ => {}
        }
        if let Some(error) = fields.get("error") {
            let why = fields.get("error_description").map(|text| format!(" ({})", shown(text)));
            return Err(format!(
                "the sign-in was refused: {}{}",
                shown(error),
                why.unwrap_or_default()
            ));
        }
        fields
            .get("code")
            .filter(|code| !code.is_empty())
            .cloned()
            .ok_or_else(|| "the answer has no code".to_owned())
    }

    /// Whether a browser was sent here as a whole page, to this host and port, and no script or image of another page
    /// asks. The headers are those of Fetch Metadata; browsers without them send none.
    fn is_navigation(&self, headers: &HeaderMap) -> bool {
        let is = |name: &str, expected: &str| {
            headers.get(name).is_none_or(|value| value.as_bytes() == expected.as_bytes())
        };
        headers.get(header::HOST).is_some_and(|host| host.as_bytes() == self.host.as_bytes())
            && !headers.contains_key(header::ORIGIN)
            && is("sec-fetch-mode", "navigate")
            && is("sec-fetch-dest", "document")
    }
}

/// The fields of a query, unless one stands there twice.
fn fields(query: &str) -> Option<HashMap<String, String>> {
    let mut fields = HashMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if fields.insert(name.into_owned(), value.into_owned()).is_some() {
            return None;
        }
    }
    Some(fields)
}

/// Compares in a time that does not tell how much is right.
fn same(given: &str, expected: &str) -> bool {
    let pairs = given.bytes().zip(expected.bytes());
    given.len() == expected.len() && pairs.fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

fn page(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut page = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *page.status_mut() = status;
    for (name, value) in [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ] {
        page.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    page
}
