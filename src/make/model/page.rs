//! Which part of a list is asked, and what came back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which rows of a list to fetch; the default leaves everything to Make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// `pg[offset]`: rows to skip.
    pub offset: Option<u64>,
    /// `pg[limit]`: the most rows to return.
    pub limit: Option<u64>,
    /// `pg[sortBy]`: the column to sort by.
    pub sort_by: Option<String>,
    /// `pg[sortDir]`: the direction.
    pub sort_dir: Option<SortDir>,
    /// `pg[returnTotalCount]`: whether to count all rows, where Make can.
    pub count: bool,
}

/// The direction of a sorted list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum SortDir {
    /// Smallest, oldest or A first.
    Asc,
    /// Largest, newest or Z first.
    Desc,
}

impl SortDir {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Asc => "asc",
            Self::Desc => "desc",
        }
    }
}

/// Some rows of a list, and what Make said of the whole.
#[derive(Clone, Debug, PartialEq)]
pub struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// The limit that Make says it applied; it may be smaller than the one asked.
    pub limit: Option<u64>,
    /// The number of all rows, if Make counted them.
    pub total: Option<u64>,
}

impl<T> List<T> {
    /// Whether more rows may follow: as many came back as the smaller of the asked and the applied limit.
    ///
    /// Make may cap a limit silently, so fewer rows than asked are not yet the end.
    pub fn may_go_on(&self, asked: u64) -> bool {
        let applied = self.limit.filter(|limit| *limit > 0).unwrap_or(asked).min(asked);
        !self.items.is_empty() && self.items.len() as u64 >= applied
    }
}

/// Make's `pg` object, as far as the client reads it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Echo {
    #[serde(default)]
    pub(crate) limit: Option<u64>,
    #[serde(default)]
    pub(crate) total_count: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_silently_capped_page_is_not_the_end() {
        let list = |rows: usize, limit| List { items: vec![(); rows], limit, total: None };
        assert!(list(50, None).may_go_on(50));
        assert!(list(50, Some(10_000)).may_go_on(50));
        assert!(list(20, Some(20)).may_go_on(50), "capped at 20");
        assert!(!list(19, Some(20)).may_go_on(50));
        assert!(!list(49, None).may_go_on(50));
        assert!(!list(0, Some(0)).may_go_on(50));
    }
}
