//! Files for people and evidence: where they may be written, and in which forms.
//!
//! [`Folders`] decides where; [`Draft`] is a long file that can be gone on with after any interruption; the other
//! files are the forms: CSV, the snapshot of an access review, HTML.

mod csv;
mod draft;
mod entries;
mod folders;

pub use csv::{Table, neutral};
pub(crate) use draft::beside;
pub use draft::{Draft, Progress, Resumed};
pub use entries::{COLUMNS, Format};
pub use folders::{Folders, Wrong};
