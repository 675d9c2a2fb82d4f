//! Lists: which rows are asked for, and which an answer holds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::make::{List, Page, SortDir};

/// Which rows of a list to answer with.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Paging {
    /// Rows to skip.
    #[serde(default)]
    pub(crate) offset: u64,
    /// Most rows.
    #[serde(default = "fifty")]
    #[schemars(range(min = 1, max = 500))]
    pub(crate) limit: u64,
}

fn fifty() -> u64 {
    50
}

impl Paging {
    /// As it goes to Make.
    pub(crate) fn page(&self, sort_by: Option<String>, sort_dir: Option<SortDir>) -> Page {
        Page { offset: Some(self.offset), limit: Some(self.limit), sort_by, sort_dir, count: false }
    }
}

/// Which rows of the list these are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) struct PageInfo {
    /// Rows skipped.
    offset: u64,
    /// Most rows asked for.
    limit: u64,
    /// Rows in this answer.
    returned: u64,
    /// The `offset` of the next call; null at the end.
    next_offset: Option<u64>,
    /// Rows in the whole list; null if unknown.
    total: Option<u64>,
    /// Why rows are missing, if any are.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl PageInfo {
    /// Says that so many of the rows are not shown.
    pub(crate) fn leave_out(&mut self, rows: usize, why: &str) {
        if rows > 0 {
            self.returned -= rows as u64;
            self.total = None;
            self.note = Some(format!("{rows} rows {why} are left out."));
        }
    }
}

impl Paging {
    /// The rows of a list that Make paged.
    pub(crate) fn paged<T>(&self, list: List<T>) -> (Vec<T>, PageInfo) {
        let more = list.may_go_on(self.limit);
        let mut items = list.items;
        // Were the limit ignored, the answer would still keep its promise.
        items.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        let returned = items.len() as u64;
        let next_offset = more.then_some(self.offset + returned);
        let page = PageInfo {
            offset: self.offset,
            limit: self.limit,
            returned,
            next_offset,
            total: list.total,
            note: None,
        };
        (items, page)
    }

    /// The asked rows of a list that Make sends whole.
    pub(crate) fn cut<T>(&self, list: impl Into<Whole<T>>) -> (Vec<T>, PageInfo) {
        let Whole { items, capped_at } = list.into();
        let count = items.len() as u64;
        let skip = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let take = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let items: Vec<T> = items.into_iter().skip(skip).take(take).collect();
        let returned = items.len() as u64;
        let end = self.offset.saturating_add(returned);
        let page = PageInfo {
            offset: self.offset,
            limit: self.limit,
            returned,
            next_offset: (returned > 0 && end < count).then_some(end),
            total: capped_at.is_none().then_some(count),
            note: capped_at
                .map(|limit| format!("Make sent only the first {limit} rows; there may be more.")),
        };
        (items, page)
    }
}

/// A list that Make is documented to send whole.
pub(crate) struct Whole<T> {
    items: Vec<T>,
    /// The limit that Make applied all the same, where the list fills it.
    capped_at: Option<u64>,
}

impl<T> From<Vec<T>> for Whole<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, capped_at: None }
    }
}

impl<T> From<List<T>> for Whole<T> {
    fn from(list: List<T>) -> Self {
        let capped_at = list.limit.filter(|limit| *limit > 0 && list.items.len() as u64 >= *limit);
        Self { items: list.items, capped_at }
    }
}
