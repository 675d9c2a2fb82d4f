//! A request as the sandbox reads it, and its response.

pub(super) mod body;
pub(super) mod query;
pub(super) mod request;
pub(super) mod response;
