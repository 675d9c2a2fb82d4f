//! HTTP to authorization servers, with the same client as for Make.

use std::time::Duration;

use openidconnect::{
    HttpRequest, HttpResponse,
    http::{Response, StatusCode, Uri, header::CONTENT_TYPE},
    url::form_urlencoded,
};

use super::error::SignInError;
use crate::{
    make::{Limits, http_client, is_loopback, without_tokens},
    text::visible,
};

/// The longest text of a server that is shown, in characters.
const LONGEST_TEXT: usize = 200;

/// Answers of authorization servers are small, and others wait for them.
const LIMITS: Limits =
    Limits { connect: Duration::from_secs(5), request: Duration::from_secs(20), body: 1 << 20 };

/// Why no answer came back.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct WebError(String);

impl From<reqwest::Error> for WebError {
    fn from(error: reqwest::Error) -> Self {
        let error = error.without_url();
        // The cause says what the outermost text leaves out.
        let cause =
            std::iter::successors(std::error::Error::source(&error), |error| error.source());
        let texts: Vec<_> =
            std::iter::once(error.to_string()).chain(cause.map(ToString::to_string)).collect();
        Self(texts.join(": "))
    }
}

/// Sends a request once. Redirects are not followed; http is for this machine alone.
pub(super) async fn send(request: HttpRequest) -> Result<HttpResponse, WebError> {
    let mut response = client_for(request.uri())?.execute(request.try_into()?).await?;
    let mut answer = Response::builder().status(response.status());
    if let Some(headers) = answer.headers_mut() {
        headers.extend(response.headers().clone());
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LIMITS.body {
            return Err(WebError(format!("the answer is longer than {} bytes", LIMITS.body)));
        }
    }
    answer.body(body).map_err(|error| WebError(error.to_string()))
}

/// Posts a form and answers with the status. Id and secret stand in the header where they belong there (RFC 6749 section
/// 2.3.1).
pub(super) async fn post_form(
    address: &str,
    fields: &[(&str, &str)],
    basic: Option<(&String, &String)>,
) -> Result<StatusCode, WebError> {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let uri: Uri = address.parse().map_err(|_| WebError("it is not a valid address".to_owned()))?;
    let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut request = client_for(&uri)?
        .post(address)
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(form);
    if let Some((id, secret)) = basic {
        request = request.basic_auth(encoded(id), Some(encoded(secret)));
    }
    Ok(request.send().await?.status())
}

fn client_for(address: &Uri) -> Result<reqwest::Client, WebError> {
    let local = may_be_asked(address).map_err(|error| WebError(error.to_string()))?;
    http_client(local, LIMITS).map_err(|error| WebError(format!("TLS cannot be set up: {error}")))
}

/// Whether an address is on this machine; the error says why it is not asked at all.
pub(super) fn may_be_asked(address: &Uri) -> Result<bool, SignInError> {
    let host = address.host().unwrap_or_default();
    let local = is_loopback(host);
    match address.scheme_str() {
        Some("https") => Ok(local),
        Some("http") if local => Ok(true),
        _ => Err(SignInError("it is not https, so secrets are not sent there".to_owned())),
    }
}

/// A text of an authorization server, short, visible, without tokens.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(LONGEST_TEXT).collect();
    visible(&without_tokens(&short)).replace(['\n', '\r', '\t'], " ")
}
