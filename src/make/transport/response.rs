//! What comes back from Make: a response, or the failure in its place.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use serde_json::Value;

/// A response, of any status.
#[derive(Clone, Debug, Default)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body, at most as long as the transport allows.
    pub body: Vec<u8>,
    /// How long Make asks to wait, from `Retry-After`.
    pub retry_after: Option<Duration>,
    /// Make's clock, from `Date`.
    pub date: Option<Timestamp>,
}

impl Response {
    /// An answer with a JSON body.
    pub fn json(status: u16, body: &Value) -> Self {
        Self { status, body: body.to_string().into_bytes(), ..Self::default() }
    }

    /// An answer with a body of plain text.
    pub fn text(status: u16, body: &str) -> Self {
        Self { status, body: body.as_bytes().to_vec(), ..Self::default() }
    }
}

/// Why no answer, or no whole answer, came back.
#[derive(Clone, Debug)]
pub enum Failure {
    /// The connection could not be opened: nothing was sent.
    Connect(Cause),
    /// The connection ended before an answer began: Make may have acted.
    Lost(Cause),
    /// No answer within this time: Make may have acted.
    Timeout(Duration),
    /// The answer ended in the middle of its body.
    Truncated(Cause),
    /// The body is longer than this many bytes.
    TooLarge(usize),
}

/// The error behind a failure, for its `source()`.
pub type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// What kept a connection from being opened, where the network's words tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The proxy wants a name and password.
    ProxyPassword,
    /// The proxy did not open the way, or was not reached.
    Proxy,
    /// The certificate is not one that this machine trusts.
    Certificate,
    /// No root certificates could be read.
    RootCertificates,
    /// The host's name is not known.
    Name,
}

impl Obstacle {
    /// Reads the chain of causes.
    pub fn of(cause: &Cause) -> Option<Self> {
        let chain =
            std::iter::successors(Some(&**cause as &dyn std::error::Error), |error| error.source());
        let mut found = None;
        for error in chain {
            if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
                return Some(Self::Certificate);
            }
            let text = error.to_string();
            let of_text = match text.as_str() {
                text if text.contains("proxy authorization required") => Some(Self::ProxyPassword),
                text if text.contains("tunnel error") => Some(Self::Proxy),
                text if text.contains("invalid peer certificate") => Some(Self::Certificate),
                text if text.contains("root certificates") => Some(Self::RootCertificates),
                text if text.contains("dns error") => Some(Self::Name),
                _ => None,
            };
            // The outermost that says something: behind a proxy the name is the proxy's.
            found = found.or(of_text);
        }
        found
    }
}
