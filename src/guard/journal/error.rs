//! Why a line of the journal could not be written.

use std::io;

/// Why a line could not be written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The state folder or the journal cannot be used.
    #[error("the journal cannot be written: {0}")]
    Io(#[from] io::Error),
    /// Someone changed the journal: going on would hide it.
    #[error("the journal was changed by someone else: {0}")]
    Changed(String),
    /// The quota is used up.
    #[error(
        "the policy file allows {0} writes in an hour, and they are used up (rule \
         `writes_per_hour`)"
    )]
    Quota(u64),
}
