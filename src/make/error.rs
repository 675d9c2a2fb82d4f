//! Why a call to Make failed, as data.

use std::{fmt, time::Duration};

use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::Value;

use super::{
    CredentialError, RequestName, Response, SegmentError, transport::Cause, without_tokens,
};

/// The longest text of Make's that becomes a message, in characters.
const LONGEST_TEXT: usize = 300;
/// More suberrors than this are dropped.
const MOST_SUBERRORS: usize = 20;

/// The result of a call to Make.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call to Make failed.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is no credential to call with. Nothing was sent.
    #[error("there is no Make credential")]
    NoCredential,
    /// The credential cannot be had at the moment. Nothing was sent.
    #[error("{}", .0.message)]
    Credential(CredentialError),
    /// The write was kept back here. Nothing was sent.
    #[error("{call} was not sent: {reason}")]
    Withheld {
        /// The call.
        call: RequestName,
        /// Why, in one line.
        reason: String,
    },
    /// A part of the path would have named another endpoint. Nothing was sent.
    #[error(transparent)]
    Segment(#[from] SegmentError),
    /// Make answered with an error status.
    #[error("{0}")]
    Refused(Box<Refusal>),
    /// 429, and waiting longer does not fit the retry budget. A refusal: nothing was carried out.
    #[error("Make's request limit is exceeded")]
    RateLimited {
        /// When asking again makes sense.
        retry_after: Duration,
    },
    /// No answer in time. A write may have been carried out.
    #[error("Make did not answer {call} within {} s", after.as_secs_f32())]
    Timeout {
        /// The call.
        call: RequestName,
        /// The time given.
        after: Duration,
    },
    /// The connection could not be opened: nothing was sent.
    #[error("could not connect to Make for {call}")]
    Connect {
        /// The call.
        call: RequestName,
        /// What the network said.
        #[source]
        source: Cause,
    },
    /// The connection ended before the answer. A write may have been carried out.
    #[error("the connection to Make was lost during {call}")]
    Lost {
        /// The call.
        call: RequestName,
        /// What the network said.
        #[source]
        source: Cause,
    },
    /// `GET /users/me` answered without the caller's id.
    #[error("Make did not say who the caller is")]
    UnknownCaller,
    /// An answer that is not the documented one. A write may have been carried out.
    #[error("Make's answer to {call} {problem}")]
    Unexpected {
        /// The call.
        call: RequestName,
        /// The HTTP status, where one arrived.
        status: Option<u16>,
        /// What is wrong with it, as the end of a sentence.
        problem: String,
    },
}

impl From<CredentialError> for Error {
    fn from(error: CredentialError) -> Self {
        Self::Credential(error)
    }
}

impl Error {
    /// The HTTP status that Make answered with, if that is what failed the call.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::RateLimited { .. } => Some(429),
            Self::Unexpected { status, .. } => *status,
            _ => None,
        }
    }

    /// The write that may have been carried out although the call failed; None if it certainly was not.
    pub fn in_doubt(&self) -> Option<&RequestName> {
        let call = match self {
            Self::Timeout { call, .. }
            | Self::Lost { call, .. }
            | Self::Unexpected { call, .. } => call,
            Self::Refused(refusal) if refusal.status >= 500 => &refusal.call,
            _ => return None,
        };
        (!call.method.is_read()).then_some(call)
    }
}

/// An error answer of Make, decoded as far as it could be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The refused call.
    pub call: RequestName,
    /// The HTTP status.
    pub status: u16,
    /// What kind of body came.
    pub body: RefusalBody,
    /// The most specific text that the body has, else the name of the status.
    pub message: String,
    /// `SC<status>` for generic errors, `IM<nnn>` for those of the domain.
    pub code: Option<String>,
    /// What was wrong one by one, mostly of arguments.
    pub suberrors: Vec<SubError>,
}

/// What kind of body an error answer has. Make answers in JSON or with nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalBody {
    /// JSON, or nothing.
    OfMake,
    /// Plain text: Make's in rare cases, else that of something between.
    Text,
    /// A web page, so something between this server and Make answered: a proxy, a firewall, a gateway.
    WebPage,
}

impl RefusalBody {
    fn of(body: &[u8]) -> Self {
        let text = body.trim_ascii_start();
        if text.starts_with(b"<") {
            Self::WebPage
        } else if text.is_empty() || serde_json::from_slice::<IgnoredAny>(body).is_ok() {
            Self::OfMake
        } else {
            Self::Text
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, status, .. } = self;
        if self.body == RefusalBody::WebPage {
            return write!(
                f,
                "something between this server and Make answered {status} to {call} with a web \
                 page: {}",
                self.message
            );
        }
        let messages = self.suberrors.iter().map(|error| &error.message);
        let parts: Vec<_> = std::iter::once(&self.message)
            .chain(messages)
            .map(|text| text.trim_end_matches('.'))
            .collect();
        write!(f, "Make answered {status} to {call}: {}", parts.join("; "))
    }
}

/// One entry of an error answer's `suberrors`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct SubError {
    /// What is wrong.
    #[serde(default)]
    pub message: String,
    /// The class of the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Refusal {
    /// Decodes every known form of an error body: JSON with any key missing, plain text, HTML, nothing.
    pub(super) fn of(call: RequestName, reply: &Response) -> Self {
        let body: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        // A server that rejects a token may repeat it in the message.
        let short = |text: &str| {
            let text: String = text.chars().take(LONGEST_TEXT).collect();
            without_tokens(&text)
        };
        let text =
            |key: &str| body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let message = text("detail")
            .or_else(|| text("message"))
            .map(short)
            .or_else(|| plain_text(&reply.body).map(|text| short(&text)))
            .or_else(|| title(&reply.body).map(|text| short(&text)))
            .unwrap_or_else(|| status_name(reply.status).to_owned());
        let suberrors = body.get("suberrors").and_then(Value::as_array).into_iter().flatten();
        Self {
            call,
            status: reply.status,
            body: RefusalBody::of(&reply.body),
            message,
            code: text("code").map(short),
            suberrors: suberrors
                .filter_map(|error| match error {
                    Value::String(message) => {
                        Some(SubError { message: message.clone(), name: None })
                    }
                    _ => SubError::deserialize(error).ok(),
                })
                .take(MOST_SUBERRORS)
                .map(|error| SubError {
                    message: short(&error.message),
                    name: error.name.as_deref().map(short),
                })
                .collect(),
        }
    }
}

/// The body as one line, unless it is empty, JSON or HTML.
fn plain_text(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let unreadable = line.is_empty() || line.starts_with(['<', '{', '[', '"']) || line == "null";
    (!unreadable).then(|| line.chars().take(LONGEST_TEXT).collect())
}

/// The title of a web page.
fn title(body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let start = text.to_ascii_lowercase().find("<title>")? + "<title>".len();
    let title = text.get(start..)?.split('<').next()?;
    let line = title.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then_some(line)
}

/// What a status means where Make says nothing itself.
fn status_name(status: u16) -> &'static str {
    match status {
        400 => "bad request",
        401 => "not authenticated",
        402 => "the plan does not include this",
        403 => "access denied",
        404 => "not found",
        406 => "confirmation required",
        409 => "conflict",
        413 => "the request is too large",
        429 => "too many requests",
        500 => "internal error",
        502 => "bad gateway",
        503 => "service unavailable",
        504 => "gateway time-out",
        _ => "no explanation",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::make::{Method, Request};

    fn refusal(status: u16, body: &str) -> Refusal {
        let call = Request::new(Method::Get, &[&"users"]).expect("valid").name();
        Refusal::of(call, &Response::text(status, body))
    }

    #[test]
    fn every_known_form_of_an_error_body_is_read() {
        let full = r#"{"detail":"Validation failed for 1 parameter(s).","message":"Bad Request",
            "code":"SC400",
            "suberrors":[
                {"message":"Missing value of required parameter 'number'.","name":"Error"}]}"#;
        let read = refusal(400, full);
        assert_eq!(read.message, "Validation failed for 1 parameter(s).");
        assert_eq!(read.code.as_deref(), Some("SC400"));
        assert_eq!(
            read.to_string(),
            "Make answered 400 to GET /users: Validation failed for 1 parameter(s); Missing value \
             of required parameter 'number'"
        );
        for (status, body, message) in [
            (
                401,
                r#"{"message":"User is not logged in.","code":"IM015"}"#,
                "User is not logged in.",
            ),
            (400, r#"{"detail":"request entity too large"}"#, "request entity too large"),
            (
                429,
                "Requests limit for organization exceeded,\n please try again later.",
                "Requests limit for organization exceeded, please try again later.",
            ),
            (503, "<html><body>down</body></html>", "service unavailable"),
            (403, "<!doctype html><Title>Access\n blocked</Title>", "Access blocked"),
            (404, "", "not found"),
            (404, "{}", "not found"),
            (404, "null", "not found"),
            (403, r#"["x"]"#, "access denied"),
            (500, r#"{"detail":null,"message":"","suberrors":null}"#, "internal error"),
            (418, r#"{"detail":7}"#, "no explanation"),
        ] {
            assert_eq!(refusal(status, body).message, message, "{status} {body}");
        }
    }

    #[test]
    fn only_a_write_is_ever_in_doubt() {
        let error = |method, status| {
            let call = Request::new(method, &[&"users"]).expect("valid").name();
            Error::Refused(Box::new(Refusal::of(call, &Response::text(status, ""))))
        };
        assert!(error(Method::Post, 500).in_doubt().is_some());
        assert!(error(Method::Get, 500).in_doubt().is_none());
        assert!(error(Method::Post, 403).in_doubt().is_none());
    }
}
