//! The client: what all calls of one account share.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    BulkRead, Credential, Jitter, Renewal, RetryBudget, Transport,
    cache::Cache,
    transport::{random_jitter, throttle::Throttles},
};

/// The client. Cheap to clone; clones share the cache, the rate-limit gates and the transport.
///
/// Only 429, 502 to 504 and connection errors are repeated, and a write only where it certainly did not reach Make; and
/// once a call that was refused (401) for an access token that had ended.
#[derive(Clone)]
pub struct Make {
    pub(super) inner: Arc<ClientShared>,
    pub(super) credential: Option<Credential>,
    pub(super) renewal: Option<Renewal>,
    pub(super) budget: RetryBudget,
    pub(super) bulk: Option<BulkRead>,
    pub(super) uncached: bool,
}

pub(super) struct ClientShared {
    pub(super) transport: Box<dyn Transport>,
    pub(super) gates: Throttles,
    pub(super) cache: Cache,
    pub(super) jitter: Jitter,
}

impl Make {
    /// A client that calls through `transport`. Without a credential every call fails with [`Error::NoCredential`].
    pub fn new(transport: impl Transport, credential: Option<Credential>) -> Self {
        Self::with_jitter(transport, credential, random_jitter)
    }

    /// The same with another jitter of waiting times; tests take none.
    pub fn with_jitter(
        transport: impl Transport,
        credential: Option<Credential>,
        jitter: Jitter,
    ) -> Self {
        let inner = ClientShared {
            transport: Box::new(transport),
            gates: Throttles::default(),
            cache: Cache::default(),
            jitter,
        };
        Self {
            inner: Arc::new(inner),
            credential,
            renewal: None,
            budget: RetryBudget::default(),
            bulk: None,
            uncached: false,
        }
    }

    /// The same client with another credential, which is not renewed.
    pub fn with_credential(&self, credential: Option<Credential>) -> Self {
        Self { credential, renewal: None, ..self.clone() }
    }

    /// The same client, whose credential is renewed while it works.
    pub fn renewed_by(&self, renewal: Option<Renewal>) -> Self {
        Self { renewal, ..self.clone() }
    }

    /// The same client, whose calls wait for the rate limit only as long as `patience` allows.
    pub fn with_retry_budget(&self, budget: RetryBudget) -> Self {
        Self { budget, ..self.clone() }
    }

    /// The same client, whose reads go past the cache and share no request.
    pub fn uncached(&self) -> Self {
        Self { uncached: true, ..self.clone() }
    }

    /// The same client, whose calls wait for the rate limit from now on for that long at most.
    pub fn retrying_for(&self, time: Duration) -> Self {
        let until = Some(tokio::time::Instant::now() + time);
        self.with_retry_budget(RetryBudget { until, ..self.budget.clone() })
    }

    /// The same client, each of whose calls waits for the rate limit for a quarter of an hour.
    pub fn retrying_long(&self) -> Self {
        const LONG: Duration = Duration::from_secs(15 * 60);
        self.with_retry_budget(RetryBudget { until: None, each: Some(LONG), ..self.budget.clone() })
    }

    /// The same client for reading a long list: its calls keep below the quota, and what they read is fresh.
    pub fn bulk(&self, bulk: BulkRead) -> Self {
        Self { bulk: Some(bulk), ..self.uncached() }
    }

    /// The credential that calls are made with.
    pub fn credential(&self) -> Option<&Credential> {
        self.credential.as_ref()
    }
}

impl fmt::Debug for Make {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Make")
            .field("credential", &self.credential)
            .field("fresh", &self.uncached)
            .finish_non_exhaustive()
    }
}
