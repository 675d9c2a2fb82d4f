//! The permit that every writing method of the client takes.

use std::{fmt, pin::Pin, sync::Arc};

use super::{Error, RequestName, Result};

/// Permits the writes of one change at Make.
///
/// The guard issues it once a change may be carried out, and nothing else can make one. Before the first write is sent
/// the permit puts the line `sent` into the journal; if the line cannot be written, nothing is sent. Clones are one
/// permit, for a change that goes on in a task of its own.
///
/// A writing method takes the permit:
///
/// ```
/// # use make_admin_mcp::make::{Make, Result, WritePermit};
/// async fn revoke(make: &Make, permit: &WritePermit, created: &str) -> Result<()> {
///     make.api_tokens().delete(permit, created).await.map(drop)
/// }
/// ```
///
/// Without one it does not compile:
///
/// ```compile_fail,E0061
/// # use make_admin_mcp::make::{Make, Result};
/// async fn revoke(make: &Make, created: &str) -> Result<()> {
///     make.api_tokens().delete(created).await.map(drop)
/// }
/// ```
///
/// Nor does making one outside the guard:
///
/// ```compile_fail,E0624
/// # use make_admin_mcp::make::WritePermit;
/// let issue = WritePermit::issue::<std::convert::Infallible>;
/// ```
#[derive(Clone)]
pub struct WritePermit(Arc<dyn WriteRecord>);

/// The future that [`WriteRecord::sending`] answers with: why the write must not be sent, in one line.
pub(crate) type Sending<'a> =
    Pin<Box<dyn Future<Output = std::result::Result<(), String>> + Send + 'a>>;

/// Records the writes of one change.
pub(crate) trait WriteRecord: Send + Sync {
    /// Records that a write is about to be sent. An error keeps it from being sent.
    fn sending(&self) -> Sending<'_>;

    /// Records the HTTP status with which Make answered a write.
    fn answered(&self, status: u16);
}

impl WritePermit {
    /// Issues a permit. Called in `guard/pipeline.rs` and nowhere else.
    pub(crate) fn issue(record: impl WriteRecord + 'static) -> Self {
        Self(Arc::new(record))
    }

    /// Records that `request` is about to be sent.
    pub(super) async fn sending(&self, request: &RequestName) -> Result<()> {
        let recorded = self.0.sending().await;
        recorded.map_err(|reason| Error::Withheld { call: request.clone(), reason })
    }

    /// Records the status of an answer.
    pub(super) fn answered(&self, status: u16) {
        self.0.answered(status);
    }
}

impl fmt::Debug for WritePermit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WritePermit").finish_non_exhaustive()
    }
}
