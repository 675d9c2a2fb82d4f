//! Tools that are made of several calls.

mod rotate;

pub(super) use rotate::rotate_token;
