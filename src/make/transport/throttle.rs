//! Rate limits: whose turn it is.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::time::Instant;

use super::{
    Request,
    retry_budget::{Jitter, RetryBudget, backoff, moment_after},
};
use crate::{
    make::{Credential, Error, OrganizationId, Result},
    sync::lock,
};

/// Make counts requests by the minute.
const WINDOW: Duration = Duration::from_secs(60);
/// Two requests may take that much different times to arrive, so that Make sees them closer together.
const MARGIN: Duration = Duration::from_secs(2);
/// Reading a long list: never past the quota of its organization, of which a tenth is left for other calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BulkRead {
    /// Whose quota the calls use.
    pub organization: OrganizationId,
    /// `license.apiLimit`: the requests that Make takes in a minute.
    pub per_minute: u64,
}

impl BulkRead {
    /// How many requests may have been sent in any minute when one more is sent.
    fn most(self) -> usize {
        usize::try_from(self.per_minute.saturating_mul(9).div_ceil(10)).unwrap_or(usize::MAX).max(1)
    }
}

/// More rate limiters are looked through for those that have no use any more.
const MOST_GATES: usize = 1000;

/// Whose quota a call uses.
type QuotaKey = (Option<Credential>, Option<OrganizationId>);

/// The rate limiters: requests with the same credential and organization share one.
#[derive(Default)]
pub(crate) struct Throttles(Mutex<ThrottleMap>);

#[derive(Default)]
struct ThrottleMap {
    throttles: HashMap<QuotaKey, Arc<Throttle>>,
    /// With so many they are looked through again.
    sweep_at: usize,
}

impl Throttles {
    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        lock(&self.0).throttles.len()
    }

    pub(super) fn of(&self, call: &Request) -> Arc<Throttle> {
        let mut map = lock(&self.0);
        if map.throttles.len() >= map.sweep_at.max(MOST_GATES) {
            // One that nobody holds and that was quiet for longer than Make counts says nothing any more.
            map.throttles.retain(|_, gate| Arc::strong_count(gate) > 1 || !gate.is_quiet());
            map.sweep_at = 2 * map.throttles.len();
        }
        map.throttles.entry((call.credential.clone(), call.organization)).or_default().clone()
    }
}

#[derive(Default)]
pub(super) struct Throttle {
    state: Mutex<ThrottleState>,
    /// When the calls of the last minute were sent, oldest first.
    sent: Mutex<VecDeque<Instant>>,
}

#[derive(Clone, Copy, Default)]
struct ThrottleState {
    /// The last refusal that closed it.
    closed_at: Option<Instant>,
    /// When calls may go on.
    opens_at: Option<Instant>,
    /// The first refusal since the last success.
    first_refusal: Option<Instant>,
    /// How often in a row it was closed.
    refusals: u32,
    /// Whether Make itself said when to come back.
    told: bool,
}

impl Throttle {
    /// Whether it is open and was not used within the minute that Make counts.
    fn is_quiet(&self) -> bool {
        let now = Instant::now();
        let latest = lock(&self.sent).back().copied();
        self.state().opens_at.is_none_or(|opens_at| opens_at <= now)
            && latest.is_none_or(|latest| latest + WINDOW + MARGIN <= now)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, ThrottleState> {
        lock(&self.state)
    }

    /// Waits until requests may go on and the quota has room, or says when that will be.
    pub(super) async fn pass(&self, budget: &RetryBudget, bulk: Option<BulkRead>) -> Result<()> {
        loop {
            let state = *self.state();
            let closed = state.opens_at.filter(|moment| *moment > Instant::now());
            let Some(opens_at) = closed.or_else(|| self.count(bulk)) else {
                return Ok(());
            };
            if !budget.wait_until(opens_at).await {
                return Err(Error::RateLimited { retry_after: state.retry_after() });
            }
        }
    }

    /// Counts a call that is about to be sent. One that reads in bulk is not counted while the minute is full; then
    /// the answer is when it will have room.
    fn count(&self, bulk: Option<BulkRead>) -> Option<Instant> {
        let mut sent = lock(&self.sent);
        let now = Instant::now();
        while sent.front().is_some_and(|first| *first + WINDOW + MARGIN <= now) {
            sent.pop_front();
        }
        if let Some(full) = bulk.and_then(|bulk| sent.len().checked_sub(bulk.most())) {
            return sent.get(full).map(|oldest| *oldest + WINDOW + MARGIN);
        }
        sent.push_back(now);
        None
    }

    /// Records that Make refused a request that was sent at `sent`.
    pub(super) fn close(&self, sent: Instant, retry_after: Option<Duration>, jitter: Jitter) {
        let mut state = self.state();
        let now = Instant::now();
        // Calls that were under way together are refused together: that is one refusal, not many.
        if state.closed_at.is_some_and(|closed_at| sent <= closed_at) && retry_after.is_none() {
            return;
        }
        state.refusals += 1;
        state.closed_at = Some(now);
        state.first_refusal.get_or_insert(now);
        state.told = retry_after.is_some();
        let opens_at = moment_after(retry_after.unwrap_or_else(|| backoff(state.refusals, jitter)));
        state.opens_at = state.opens_at.max(Some(opens_at));
    }

    /// Records that Make accepted a request that was sent at `sent`.
    pub(super) fn open(&self, sent: Instant) {
        let mut state = self.state();
        if state.closed_at.is_some_and(|closed_at| sent > closed_at) {
            *state = ThrottleState::default();
        }
    }
}

impl ThrottleState {
    /// What Make said, else what is left of a minute since the first refusal.
    fn retry_after(&self) -> Duration {
        let now = Instant::now();
        let left = |moment: Option<Instant>| moment.unwrap_or(now).saturating_duration_since(now);
        let opens = left(self.opens_at);
        if self.told {
            opens
        } else {
            opens.max(left(self.first_refusal.map(|first| first + WINDOW)))
        }
    }
}
