//! Files for people and evidence: where they may be written, and in which forms.
//!
//! [`Folders`] decides where; [`Draft`] is a long file that can be gone on with after any interruption; the other
//! files are the forms: CSV, the [`Snapshot`] of an access review, HTML.

mod csv;
mod diff;
mod draft;
mod entries;
mod files;
mod flags;
mod folders;
mod html;
mod snapshot;

pub use csv::{Table, neutral};
pub use diff::{Change, Diff};
pub(crate) use draft::beside;
pub use draft::{Draft, Progress, Resumed};
pub use entries::{COLUMNS, Format};
pub use files::write_whole;
pub use flags::{Flag, FlagKind};
pub use folders::{Folders, Wrong};
pub use html::{diff as diff_page, review as review_page};
pub use snapshot::{Counts, Membership, Named, Person, RoleRow, Snapshot, TeamRow, Terms};
