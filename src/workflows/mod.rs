//! Tools that are made of several calls.

mod access_diff;
mod access_review;
mod audit_export;
mod audit_summary;
mod files;
mod findings;
mod offboard;
mod rotate;
mod trail;

pub(crate) use access_diff::access_diff;
pub(crate) use access_review::access_review;
pub(crate) use audit_export::audit_export;
pub(crate) use audit_summary::audit_summary;
pub(crate) use offboard::offboard_plan;
pub(crate) use rotate::rotate_token;
