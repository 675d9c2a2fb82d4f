//! The way of a call to Make and back: the seam, HTTP, whose turn it is and what is asked again.

mod https;
mod request;
pub(super) mod throttle;

pub use https::{BaseUrl, Https, Limits};
pub(crate) use https::{http_client, is_loopback};
pub use request::{
    Cause, Failure, Method, Request, RequestName, Response, ResponseFuture, Segment, Transport,
};
pub use throttle::{BulkRead, Jitter, RetryBudget};
