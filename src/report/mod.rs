//! Files for people and evidence: where they may be written, and in which forms.
//!
//! [`AllowedDirs`] decides where; [`ResumableFile`] is a long file that can be resumed after an interruption; the other
//! files are the forms: CSV, the [`Snapshot`] of an access review, HTML.

mod allowed_dirs;
mod atomic;
mod audit_formats;
mod checkpoint;
mod csv;
mod diff;
mod html;
mod provenance;
mod resumable;
mod review;
mod snapshot;

pub use allowed_dirs::{AllowedDirs, Wrong};
pub use atomic::write_whole;
pub use audit_formats::{COLUMNS, Format};
pub use checkpoint::ReadProgress;
pub(crate) use checkpoint::beside;
pub use csv::{Table, neutral};
pub use diff::{AccessChange, Diff, people};
pub use html::{diff as diff_page, review as review_page};
pub use provenance::Provenance;
pub use resumable::{ResumableFile, Resumed};
pub use review::review;
pub use snapshot::{
    Flag, FlagKind, ReviewCounts, ReviewedPerson, RoleRow, Snapshot, SnapshotError, SnapshotRef,
    TeamMembership, TeamRow, Terms,
};
