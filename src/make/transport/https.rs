//! The transport that reaches Make: reqwest over TLS.

use std::{net::IpAddr, sync::OnceLock, time::Duration};

use jiff::{Timestamp, fmt::rfc2822};
use reqwest::{Client, Url, header, redirect};
use tokio::sync::Semaphore;

use super::{ResponseFuture, response::Cause};
use crate::make::{Credential, Failure, Method, Request, Response, Transport};

/// What every request calls itself; Make's edge refuses some stock names.
const USER_AGENT: &str = concat!("make-admin-mcp/", env!("CARGO_PKG_VERSION"));

/// Where Make's API is: https, or http on this machine alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl(Url);

/// Why a text is not the address of an API, as the end of a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BaseUrlError(pub(crate) String);

impl BaseUrl {
    /// Reads an address such as `https://eu1.make.com/api/v2`; without a path, `/api/v2` is meant.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        let wrong = |problem: &str| Err(BaseUrlError(problem.to_owned()));
        let mut url = Url::parse(text)
            .map_err(|error| BaseUrlError(format!("is not an address ({error})")))?;
        let loopback = url.host_str().is_some_and(is_loopback);
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            "http" => {
                return wrong("uses http, which would send the token in the clear; use https");
            }
            other => return wrong(&format!("has the scheme `{other}`; use https")),
        }
        if url.host_str().is_none_or(str::is_empty) {
            return wrong("has no host");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return wrong("has a user name or password in it");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return wrong("has a query or fragment");
        }
        if matches!(url.path(), "" | "/") {
            url.set_path("/api/v2");
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }

    /// The address of a zone such as `eu1.make.com`.
    pub fn of_zone(zone: &str) -> Result<Self, BaseUrlError> {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':');
        if zone.is_empty() || !zone.chars().all(plain) {
            return Err(BaseUrlError("is not a host name".to_owned()));
        }
        Self::parse(&format!("https://{zone}/api/v2"))
    }

    /// Host and port, as they name the zone.
    pub fn host(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// Whether it is this machine.
    pub fn is_loopback(&self) -> bool {
        self.0.host_str().is_some_and(is_loopback)
    }
}

impl std::fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a host is this machine.
pub(crate) fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// How long and how much a request may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// To open a connection.
    pub connect: Duration,
    /// For the whole request.
    pub request: Duration,
    /// The longest body, in bytes.
    pub body: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), request: Duration::from_secs(30), body: 64 << 20 }
    }
}

/// Sends calls to Make over HTTPS.
///
/// Nothing is set up before the first call: reading the system's root certificates takes longer than everything else
/// that a start does.
#[derive(Debug)]
pub struct Https {
    base: BaseUrl,
    limits: Limits,
    client: OnceLock<Result<Client, Cause>>,
    /// Requests under way at once; the others wait in order.
    turns: Semaphore,
}

/// The most connections to the host.
const MOST_CONNECTIONS: usize = 16;

impl Https {
    /// A transport to `base`.
    pub fn new(base: BaseUrl) -> Self {
        Self {
            base,
            limits: Limits::default(),
            client: OnceLock::new(),
            turns: Semaphore::new(MOST_CONNECTIONS),
        }
    }

    /// Sets other limits.
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, client: OnceLock::new(), ..self }
    }

    fn client(&self) -> Result<&Client, Failure> {
        let client = self.client.get_or_init(|| {
            http_client(self.base.is_loopback(), self.limits).map_err(|error| error as Cause)
        });
        client.as_ref().map_err(|error| Failure::Connect(error.clone()))
    }

    fn request(&self, client: &Client, call: &Request) -> Result<reqwest::Request, Failure> {
        let method = match call.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut request = client.request(method, format!("{}{}", self.base, call.target()));
        if let Some(credential) = &call.credential {
            request = request.header(header::AUTHORIZATION, authorization(credential)?);
        }
        if let Some(body) = &call.body {
            request =
                request.header(header::CONTENT_TYPE, "application/json").body(body.to_string());
        }
        request.build().map_err(|error| Failure::Connect(std::sync::Arc::new(error.without_url())))
    }

    fn failure(&self, error: reqwest::Error) -> Failure {
        let timeout = error.is_timeout();
        let connect = error.is_connect();
        let cause: Cause = std::sync::Arc::new(error.without_url());
        match (connect, timeout) {
            (true, _) => Failure::Connect(cause),
            (false, true) => Failure::Timeout(self.limits.request),
            (false, false) => Failure::Lost(cause),
        }
    }

    /// Reads the body up to the limit; the length that the header claims is not believed.
    async fn reply(&self, mut response: reqwest::Response) -> Result<Response, Failure> {
        let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok());
        let date = text(header::DATE).and_then(http_date);
        let retry_after = text(header::RETRY_AFTER).and_then(|value| retry_after(value, date));
        let mut reply =
            Response { status: response.status().as_u16(), body: Vec::new(), retry_after, date };
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if reply.body.len() + chunk.len() > self.limits.body => {
                    return Err(Failure::TooLarge(self.limits.body));
                }
                Ok(Some(chunk)) => reply.body.extend_from_slice(&chunk),
                Ok(None) => return Ok(reply),
                Err(error) if error.is_timeout() => {
                    return Err(Failure::Timeout(self.limits.request));
                }
                Err(error) => {
                    return Err(Failure::Truncated(std::sync::Arc::new(error.without_url())));
                }
            }
        }
    }
}

/// The one place where a credential becomes readable.
fn authorization(credential: &Credential) -> Result<header::HeaderValue, Failure> {
    let mut value = header::HeaderValue::try_from(credential.authorization())
        // The error of the conversion is dropped: nothing of the value may travel on.
        .map_err(|_| {
            Failure::Connect(std::sync::Arc::new(std::io::Error::other(
                "the token has characters that no token has",
            )))
        })?;
    value.set_sensitive(true);
    Ok(value)
}

/// A client that follows no redirect; `local` is for this machine, where http is allowed and no proxy asked.
pub(crate) fn http_client(
    local: bool,
    limits: Limits,
) -> Result<Client, std::sync::Arc<reqwest::Error>> {
    // An installed provider stays; a program that embeds the library may have chosen one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut accept = header::HeaderMap::new();
    accept.insert(header::ACCEPT, header::HeaderValue::from_static("application/json"));
    let mut client = Client::builder()
        .user_agent(USER_AGENT)
        .default_headers(accept)
        .redirect(redirect::Policy::none())
        .connect_timeout(limits.connect)
        .timeout(limits.request)
        .pool_max_idle_per_host(MOST_CONNECTIONS)
        .https_only(!local);
    if local {
        client = client.no_proxy();
    }
    client.build().map_err(std::sync::Arc::new)
}

impl Transport for Https {
    fn send<'a>(&'a self, call: &'a Request) -> ResponseFuture<'a> {
        Box::pin(async move {
            let client = self.client()?;
            // Never closed, so it is always had in the end.
            let _turn = self.turns.acquire().await;
            let request = self.request(client, call)?;
            let response = client.execute(request).await.map_err(|error| self.failure(error))?;
            let mut reply = self.reply(response).await?;
            if let Some(credential) = &call.credential {
                reply.body = credential.taken_out_of(reply.body);
            }
            Ok(reply)
        })
    }
}

/// RFC 9110 section 10.2.3: seconds or a date.
fn retry_after(value: &str, now: Option<Timestamp>) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let wait = http_date(value)?.duration_since(now.unwrap_or_else(Timestamp::now));
    Some(Duration::try_from(wait).unwrap_or_default())
}

/// RFC 9110 section 5.6.7, the preferred form.
fn http_date(value: &str) -> Option<Timestamp> {
    rfc2822::DateTimeParser::new().parse_timestamp(value.trim()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_leaves_this_machine() {
        for good in [
            "https://eu1.make.com/api/v2", "http://127.0.0.1:8080/api/v2/", "http://[::1]:1",
            "http://localhost",
        ] {
            let base = BaseUrl::parse(good).expect(good);
            assert!(base.to_string().ends_with("/api/v2"), "{base}");
        }
        for bad in [
            "http://eu1.make.com/api/v2", "http://127.0.0.1.evil.example/api/v2",
            "ftp://eu1.make.com", "https://me:pw@eu1.make.com", "https://eu1.make.com/?x=1",
            "eu1.make.com", "",
        ] {
            assert!(BaseUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_zone_is_a_bare_host() {
        assert_eq!(
            BaseUrl::of_zone("us2.make.com").expect("a host").to_string(),
            "https://us2.make.com/api/v2"
        );
        for bad in ["", "eu1.make.com/api", "user@host", "a b", "http://x"] {
            assert!(BaseUrl::of_zone(bad).is_err(), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_panics(text in ".{0,60}", seconds in proptest::prelude::any::<u64>()) {
            let now = http_date("Wed, 21 Oct 2026 07:28:00 GMT");
            retry_after(&text, now);
            retry_after(&seconds.to_string(), None);
            http_date(&text);
        }
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after("7", None), Some(Duration::from_secs(7)));
        let now = http_date("Wed, 21 Oct 2026 07:28:00 GMT");
        assert!(now.is_some());
        assert_eq!(
            retry_after("Wed, 21 Oct 2026 07:28:30 GMT", now),
            Some(Duration::from_secs(30))
        );
        assert_eq!(retry_after("Wed, 21 Oct 2026 07:27:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(retry_after("soon", None), None);
    }
}
