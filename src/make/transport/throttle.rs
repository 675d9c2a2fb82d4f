//! Rate limits and repetition: what is asked again, when, and for how long a call may wait.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::{Instant, sleep_until};

use crate::make::{
    Credential, Error, Failure, OrganizationId, Request, Response, Result, Transport,
    error::Refusal,
};

/// Make counts requests by the minute.
const WINDOW: Duration = Duration::from_secs(60);
/// Two requests may take that much different times to arrive, so that Make sees them closer together.
const MARGIN: Duration = Duration::from_secs(2);
/// How often a read is repeated after 502, 503, 504 or a connection error.
const REPEATS: u32 = 2;

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
    /// The same for a request that begins now.
    pub(crate) fn begun(&self) -> Self {
        let own = self.each.map(|most| Instant::now() + most);
        Self { until: self.until.into_iter().chain(own).min(), ..self.clone() }
    }

    /// Waits until `moment`, if that is allowed.
    async fn wait_until(&self, moment: Instant) -> bool {
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
        f.debug_struct("Patience").field("until", &self.until).finish_non_exhaustive()
    }
}

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

/// A factor around 1 that keeps waiting clients from coming back together.
pub type Jitter = fn() -> f64;

/// ±20 %.
pub(crate) fn random_jitter() -> f64 {
    fastrand::f64().mul_add(0.4, 0.8)
}

/// 1, 2, 4, 8 … s, at most the minute.
fn backoff(attempt: u32, jitter: Jitter) -> Duration {
    let seconds = 2_u32.saturating_pow(attempt.saturating_sub(1));
    Duration::from_secs(u64::from(seconds)).min(WINDOW).mul_f64(jitter())
}

/// Whose quota a call uses.
type QuotaKey = (Option<Credential>, Option<OrganizationId>);

/// All calls that share a quota wait at one gate: one for each credential and organization.
#[derive(Default)]
pub(crate) struct Throttles(Mutex<HashMap<QuotaKey, Arc<Throttle>>>);

impl Throttles {
    fn of(&self, call: &Request) -> Arc<Throttle> {
        let mut gates = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gates.entry((call.credential.clone(), call.organization)).or_default().clone()
    }
}

#[derive(Default)]
struct Throttle {
    state: Mutex<ThrottleState>,
    /// When the calls of the last minute were sent, oldest first.
    sent: Mutex<VecDeque<Instant>>,
}

#[derive(Clone, Copy, Default)]
struct ThrottleState {
    /// The last refusal that closed the gate.
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
    fn state(&self) -> std::sync::MutexGuard<'_, ThrottleState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the gate is open and the quota has room, or says when that will be.
    async fn pass(&self, budget: &RetryBudget, bulk: Option<BulkRead>) -> Result<()> {
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
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
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

    /// Make refused a call that was sent at `sent`.
    fn close(&self, sent: Instant, retry_after: Option<Duration>, jitter: Jitter) {
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
        let opens_at = now + retry_after.unwrap_or_else(|| backoff(state.refusals, jitter));
        state.opens_at = state.opens_at.max(Some(opens_at));
    }

    /// Make took a call that was sent at `sent`.
    fn open(&self, sent: Instant) {
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

/// Sends `call`, waiting out rate limits and repeating what may be repeated.
///
/// A 429 is a refusal, so any call is asked again after it. A read is repeated, twice at most, on 502, 503, 504 and
/// on connection errors. A write is repeated only if the connection could not be opened at all.
pub(crate) async fn send(
    transport: &dyn Transport,
    gates: &Throttles,
    call: &Request,
    budget: &RetryBudget,
    bulk: Option<BulkRead>,
    jitter: Jitter,
) -> Result<Response> {
    let gate = gates.of(call);
    let mut repeats = 0;
    loop {
        gate.pass(budget, bulk).await?;
        let sent = Instant::now();
        let answer = transport.send(call).await;
        if let Ok(Response { status: 429, retry_after, .. }) = answer {
            tracing::info!(call = %call.name(), ?retry_after, "rate limited");
            gate.close(sent, retry_after, jitter);
            continue;
        }
        let asked_to_wait = match &answer {
            Ok(reply) if call.method.is_read() && matches!(reply.status, 502..=504) => {
                reply.retry_after
            }
            Err(Failure::Connect(_)) => None,
            Err(Failure::Lost(_)) if call.method.is_read() => None,
            _ => {
                if answer.is_ok() {
                    gate.open(sent);
                }
                return finished(call, answer);
            }
        };
        repeats += 1;
        let again = Instant::now() + asked_to_wait.unwrap_or_else(|| backoff(repeats, jitter));
        if repeats > REPEATS || !budget.wait_until(again).await {
            return finished(call, answer);
        }
    }
}

fn finished(call: &Request, answer: std::result::Result<Response, Failure>) -> Result<Response> {
    let call = call.name();
    let unexpected =
        |status, problem: String| Err(Error::Unexpected { call: call.clone(), status, problem });
    match answer {
        Ok(reply) => match reply.status {
            200..=299 => Ok(reply),
            300..=399 => unexpected(
                Some(reply.status),
                format!("is a redirect ({}), which is not followed", reply.status),
            ),
            400..=599 => Err(Error::Refused(Box::new(Refusal::of(call, &reply)))),
            other => unexpected(Some(other), format!("has the status {other}")),
        },
        Err(Failure::Connect(source)) => Err(Error::Connect { call, source }),
        Err(Failure::Lost(source)) => Err(Error::Lost { call, source }),
        Err(Failure::Timeout(after)) => Err(Error::Timeout { call, after }),
        Err(Failure::Truncated(_)) => unexpected(None, "ends in the middle".to_owned()),
        Err(Failure::TooLarge(limit)) => {
            unexpected(None, format!("is longer than {} bytes", limit))
        }
    }
}
