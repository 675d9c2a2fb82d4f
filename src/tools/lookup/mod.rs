//! What several tools look up before a change or for a report.

pub(crate) mod organizations;
pub(crate) mod people;
pub(crate) mod roles;
pub(crate) mod team_admins;

use crate::{guard::Refused, make::Error, text::visible};

use super::registry::{Scopes, ToolError};

/// Make may send fewer; the search goes on page by page.
const PAGE: u64 = 500;
/// A search for a person ends after this many pages.
const MOST_PAGES: u64 = 100;

/// What was found, or a refusal that says which scope would let it be looked up.
pub(crate) fn require<T>(
    found: Result<T, Error>,
    what: &str,
    scopes: Scopes,
) -> Result<T, ToolError> {
    found.map_err(|error| match error.status() {
        Some(401 | 403) => Refused::new(
            format!(
                "{what} cannot be looked up, so nothing was changed: {}",
                visible(&error.to_string())
            ),
            format!(
                "use a token with the scope {}, of a person who may see it",
                scopes.text().unwrap_or_default()
            ),
        )
        .into(),
        _ => error.into(),
    })
}
