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

pub(super) use access_diff::access_diff;
pub(super) use access_review::access_review;
pub(super) use audit_export::audit_export;
pub(super) use audit_summary::audit_summary;
pub(super) use offboard::offboard_plan;
pub(super) use rotate::rotate_token;
