//! Tools that are made of several calls.

mod audit_export;
mod audit_summary;
mod findings;
mod rotate;
mod trail;

pub(super) use audit_export::audit_export;
pub(super) use audit_summary::audit_summary;
pub(super) use rotate::rotate_token;
