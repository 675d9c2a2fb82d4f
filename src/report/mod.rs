//! Files for people and evidence: where they may be written, and in which forms.
//!
//! [`Folders`] decides where; [`Draft`] is a long file that can be gone on with after any interruption; the other
//! files are the forms: CSV, the [`Snapshot`] of an access review, HTML.

mod allowed_dirs;
mod atomic;
mod audit_formats;
mod csv;
mod diff;
mod flags;
mod html;
mod resumable;
mod snapshot;

pub use allowed_dirs::{AllowedDirs, Wrong};
pub use atomic::write_whole;
pub use audit_formats::{COLUMNS, Format};
pub use csv::{Table, neutral};
pub use diff::{AccessChange, Diff};
pub use flags::{Flag, FlagKind};
pub use html::{diff as diff_page, review as review_page};
pub(crate) use resumable::beside;
pub use resumable::{ReadProgress, ResumableFile, Resumed};
pub use snapshot::{
    ReviewCounts, ReviewedPerson, RoleRow, Snapshot, SnapshotRef, TeamMembership, TeamRow, Terms,
};
