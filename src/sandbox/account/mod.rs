//! The account that the sandbox holds in memory.

pub(super) mod generated;
pub(super) mod history;
pub(super) mod scaled;
pub(super) mod state;
mod trail;
