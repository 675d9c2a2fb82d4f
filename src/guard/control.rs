//! What controls the changes of one account.

use super::{AccountId, Confirm, Journal, PendingPlans, Policy};
use crate::make::{Make, Result};

/// What controls the changes of one account: rules, waiting plans, the record.
#[derive(Debug)]
pub struct ChangeControl {
    /// The profile of the account; None if it has none.
    pub profile: Option<String>,
    /// The host of the account.
    pub zone: String,
    /// How guarded tools are confirmed.
    pub confirm: Confirm,
    /// What may be changed at all.
    pub policy: Policy,
    /// Plans that wait for a confirmation.
    pub pending_plans: PendingPlans,
    /// Where every attempted write is recorded.
    pub journal: Journal,
}

impl ChangeControl {
    /// Reads whose account `make` changes.
    pub(super) async fn account(&self, make: &Make) -> Result<AccountId> {
        Ok(AccountId { user_id: make.me().id().await?, zone: self.zone.clone() })
    }
}
