//! A request to Make before it becomes HTTP.

use std::{fmt, sync::Arc};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::make::{Credential, OrganizationId};

/// Everything but the unreserved characters of RFC 3986 section 2.3 is encoded, colons and brackets included.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The HTTP methods of Make's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or acts.
    Post,
    /// Replaces.
    Put,
    /// Changes some fields.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a call of this method changes nothing at Make.
    pub fn is_read(self) -> bool {
        self == Self::Get
    }
}

/// A part of a path: a word of Make's, an id, or an argument.
pub type Segment<'a> = &'a (dyn fmt::Display + Sync);

/// A path segment that would name another endpoint: an empty one, `.` or `..`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` cannot stand in a Make address")]
pub struct SegmentError(pub String);

/// One call to Make: what is asked, and with which credential.
#[derive(Clone, Debug)]
pub struct Request {
    /// The HTTP method.
    pub method: Method,
    /// The path below the base address, one entry a segment, not encoded.
    pub path: Vec<String>,
    /// The query in order, not encoded.
    pub query: Vec<(String, String)>,
    /// The JSON body.
    pub body: Option<Value>,
    /// Who asks. Only [`Https`](super::Https) can read it.
    pub credential: Option<Credential>,
    /// The organization whose request quota the call uses, where it names one.
    pub organization: Option<OrganizationId>,
}

impl Request {
    /// A call with nothing but method and path.
    ///
    /// An empty segment, `.` or `..` is refused: it would name another endpoint.
    pub fn new(method: Method, path: &[Segment<'_>]) -> Result<Self, SegmentError> {
        let path: Vec<String> = path.iter().map(ToString::to_string).collect();
        if let Some(segment) =
            path.iter().find(|segment| matches!(segment.as_str(), "" | "." | ".."))
        {
            return Err(SegmentError(segment.clone()));
        }
        let body = matches!(method, Method::Post | Method::Put | Method::Patch)
            .then(|| Value::Object(serde_json::Map::new()));
        Ok(Self { method, path, query: Vec::new(), body, credential: None, organization: None })
    }

    /// Path and query, encoded, as they follow the base address.
    pub fn target(&self) -> String {
        let mut target = String::new();
        for segment in &self.path {
            target.push('/');
            target.extend(encoded(segment));
        }
        for (place, (name, value)) in self.query.iter().enumerate() {
            target.push(if place == 0 { '?' } else { '&' });
            target.extend(encoded(name));
            target.push('=');
            target.extend(encoded(value));
        }
        target
    }

    /// Method and path without the query, for messages.
    pub fn name(&self) -> RequestName {
        let path: String = self
            .path
            .iter()
            .flat_map(|segment| ["/".into(), encoded(segment).to_string()])
            .collect();
        RequestName { method: self.method, path: path.into() }
    }
}

fn encoded(text: &str) -> percent_encoding::PercentEncode<'_> {
    utf8_percent_encode(text, RESERVED)
}

/// Names a call in a message: `GET /organizations/11`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestName {
    /// The HTTP method.
    pub method: Method,
    /// The encoded path.
    pub path: Arc<str>,
}

impl fmt::Display for RequestName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method.as_str(), self.path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_colons_and_slashes_are_encoded() {
        let mut call =
            Request::new(Method::Delete, &[&"users", &"2026-01-05T09:22:31.249Z", &"../1"])
                .expect("valid");
        call.query.push(("pg[limit]".into(), "a&b=c d".into()));
        assert_eq!(
            call.target(),
            "/users/2026-01-05T09%3A22%3A31.249Z/..%2F1?pg%5Blimit%5D=a%26b%3Dc%20d"
        );
        assert_eq!(call.name().to_string(), "DELETE /users/2026-01-05T09%3A22%3A31.249Z/..%2F1");
    }

    #[test]
    fn a_segment_that_would_name_another_endpoint_is_refused() {
        for segment in ["", ".", ".."] {
            assert!(
                matches!(Request::new(Method::Get, &[&"users", &segment]), Err(SegmentError(_))),
                "{segment:?}"
            );
        }
    }
}
