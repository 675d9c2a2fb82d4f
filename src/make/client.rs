//! The client: what all calls of one account share.

use std::{fmt, sync::Arc, time::Duration};

use super::{
    BulkRead, Credential, Jitter, Renewal, RetryBudget, Transport,
    cache::{Cache, MOST_ANSWERS, MOST_BYTES},
    transport::{random_jitter, throttle::Throttles},
};

/// The client. Cheap to clone; clones share the cache, the rate limiters and the transport.
///
/// It retries after 429, 502 to 504 and connection errors, a write only where it certainly did not reach Make, and once
/// after a 401 for an expired access token.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> make_admin_mcp::make::Result<()> {
/// use make_admin_mcp::{make::{Make, OrganizationId}, sandbox::Sandbox};
///
/// let make = Make::new(Sandbox::default(), Some(Sandbox::credential()));
/// let acme = make.organizations().get(OrganizationId(11), &[], false).await?;
/// assert_eq!(acme.name.as_deref(), Some("Acme"));
/// # Ok(())
/// # }
/// ```
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
    /// A client that calls through `transport`.
    ///
    /// Without a credential every call fails with [`Error::NoCredential`](super::Error::NoCredential).
    pub fn new(transport: impl Transport, credential: Option<Credential>) -> Self {
        Self::with_jitter(transport, credential, random_jitter)
    }

    /// Creates a client with its own jitter of waiting times. Tests use none, so that waits are exact.
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

    /// Returns a client with another credential, which is not renewed.
    pub fn with_credential(&self, credential: Option<Credential>) -> Self {
        Self { credential, renewal: None, ..self.clone() }
    }

    /// Returns a client whose credential is renewed while it works.
    pub fn renewed_by(&self, renewal: Option<Renewal>) -> Self {
        Self { renewal, ..self.clone() }
    }

    /// Returns a client whose calls wait for the rate limit only as long as `budget` allows.
    pub fn with_retry_budget(&self, budget: RetryBudget) -> Self {
        Self { budget, ..self.clone() }
    }

    /// Returns a client whose reads bypass the cache and share no request.
    pub fn uncached(&self) -> Self {
        Self { uncached: true, ..self.clone() }
    }

    /// Returns a client whose calls wait for the rate limit until `time` from now at most.
    pub fn retrying_for(&self, time: Duration) -> Self {
        let until = Some(tokio::time::Instant::now() + time);
        self.with_retry_budget(RetryBudget { until, ..self.budget.clone() })
    }

    /// Returns a client each of whose calls waits for the rate limit for up to 15 minutes.
    pub fn retrying_long(&self) -> Self {
        const LONG: Duration = Duration::from_secs(15 * 60);
        self.with_retry_budget(RetryBudget { until: None, each: Some(LONG), ..self.budget.clone() })
    }

    /// Returns a client for a long list: its calls stay below the quota and bypass the cache.
    pub fn bulk(&self, bulk: BulkRead) -> Self {
        Self { bulk: Some(bulk), ..self.uncached() }
    }

    /// What it keeps in memory, for people: answers and rate limiters, with their bounds.
    pub fn kept(&self) -> String {
        let (answers, bytes) = self.inner.cache.size();
        let gates = self.inner.gates.count();
        format!(
            "{answers} of {MOST_ANSWERS} answers, {} KiB of {} MiB; {gates} rate limiters",
            bytes >> 10,
            MOST_BYTES >> 20
        )
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
