//! The way of a request to Make and back: the seam, HTTP, whose turn it is, what is asked again.

mod https;
mod request;
mod response;
pub(super) mod retry;
mod retry_budget;
pub(super) mod throttle;

use std::pin::Pin;

pub use https::{BaseUrl, BaseUrlError, Https, Limits};
pub(crate) use https::{http_client, is_loopback};
pub use request::{Method, Request, RequestName, Segment, SegmentError};
pub use response::{Cause, Failure, Obstacle, Response};
pub(super) use retry_budget::random_jitter;
pub use retry_budget::{Jitter, RetryBudget};
pub use throttle::BulkRead;

/// The future that a [`Transport`] answers with.
pub type ResponseFuture<'a> =
    Pin<Box<dyn Future<Output = std::result::Result<Response, Failure>> + Send + 'a>>;

/// Carries a call to Make and the answer back; the one seam of the client.
///
/// Retries, rate limits and caching are around it, not in it. Dropping the future drops the request.
pub trait Transport: Send + Sync + 'static {
    /// Sends `call` once.
    fn send<'a>(&'a self, call: &'a Request) -> ResponseFuture<'a>;
}
