//! How long a request may wait for Make's rate limit.

use std::{fmt, sync::Arc, time::Duration};

use tokio::time::{Instant, sleep_until};

/// No wait between two attempts is longer.
const LONGEST_BACKOFF: Duration = Duration::from_secs(60);

/// A wait that no clock can count stands for this.
const FOR_EVER: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The moment after a wait that a server may have chosen.
pub(super) fn moment_after(wait: Duration) -> Instant {
    let now = Instant::now();
    now.checked_add(wait).unwrap_or_else(|| now + FOR_EVER)
}

/// How long a call may wait for Make's rate limit, and who is told meanwhile.
#[derive(Clone, Default)]
pub struct RetryBudget {
    /// Waiting past this moment is an error instead; None waits as long as it takes.
    pub until: Option<Instant>,
    /// Waiting longer than this for one request is an error too.
    pub each: Option<Duration>,
    /// Called with each wait before it begins.
    pub on_wait: Option<Arc<dyn Fn(Duration) + Send + Sync>>,
}

impl RetryBudget {
    /// The budget of a request that begins now.
    pub(crate) fn begun(&self) -> Self {
        let own = self.each.map(|most| Instant::now() + most);
        Self { until: self.until.into_iter().chain(own).min(), ..self.clone() }
    }

    /// Waits until `moment`, if that is allowed.
    pub(super) async fn wait_until(&self, moment: Instant) -> bool {
        if self.until.is_some_and(|end| moment > end) {
            return false;
        }
        if let Some(tell) = &self.on_wait {
            tell(moment.saturating_duration_since(Instant::now()));
        }
        sleep_until(moment).await;
        true
    }
}

impl fmt::Debug for RetryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryBudget").field("until", &self.until).finish_non_exhaustive()
    }
}

/// A factor around 1 that keeps waiting clients from coming back together.
pub type Jitter = fn() -> f64;

/// ±20 %.
pub(crate) fn random_jitter() -> f64 {
    fastrand::f64().mul_add(0.4, 0.8)
}

/// 1, 2, 4, 8 … s, at most the minute.
pub(super) fn backoff(attempt: u32, jitter: Jitter) -> Duration {
    let seconds = 2_u32.saturating_pow(attempt.saturating_sub(1));
    Duration::from_secs(u64::from(seconds)).min(LONGEST_BACKOFF).mul_f64(jitter())
}
