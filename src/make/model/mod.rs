//! What all endpoints share: ids, records that keep unknown fields, pages.

mod ids;
mod page;
mod record;
mod shared;

pub use ids::{OrganizationId, RoleId, TeamId, UserId};
pub(crate) use page::Echo;
pub use page::{List, Page, SortDir};
pub use record::{Counter, Record};
pub use shared::{TeamRef, UsageDay};
