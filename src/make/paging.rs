//! A paged list, read ahead of its caller.

use std::{collections::VecDeque, fmt};

use futures_util::{
    FutureExt,
    future::BoxFuture,
    stream::{FuturesOrdered, StreamExt},
};

use super::{List, Page, Result};

/// The most rows that are asked for at once. Make publishes no maximum.
const MOST: u64 = 500;
/// What is asked for if Make refuses that: the limit of its own examples.
const CAUTIOUS: u64 = 100;
/// Pages under way at once: the rate limit is spent without waiting for each answer.
const AHEAD: usize = 8;
/// Pages under way while the length of the list is unknown, so that few requests go past its end.
const AHEAD_UNSURE: usize = 2;
/// [`Pages::all`] fails after this many pages, because a list that never ends must not be read for ever.
const MOST_PAGES: usize = 1000;

/// A paged list, read ahead. The rate limit decides how fast.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> make_admin_mcp::make::Result<()> {
/// use make_admin_mcp::{make::{Make, OrganizationId, Page, Pages}, sandbox::Sandbox};
///
/// let make = Make::new(Sandbox::default(), Some(Sandbox::credential()));
/// let fetch = move |page: Page| {
///     let make = make.clone();
///     async move { make.teams().list(OrganizationId(11), false, &[], &page).await }
/// };
/// let teams = Pages::new(0, fetch).all().await?;
/// assert_eq!(teams.len(), 5);
/// # Ok(())
/// # }
/// ```
pub struct Pages<T> {
    fetch: Box<dyn Fn(Page) -> BoxFuture<'static, Result<List<T>>> + Send + Sync>,
    /// Rows that a page shares with the one before it.
    overlap: u64,
    asked: u64,
    /// From one page to the next; known from the first page on.
    stride: Option<u64>,
    total: Option<u64>,
    /// Where the next request begins.
    next: u64,
    offsets: VecDeque<u64>,
    under_way: FuturesOrdered<BoxFuture<'static, Result<List<T>>>>,
}

impl<T: Send + 'static> Pages<T> {
    /// A list whose pages `fetch` gets, each page beginning with the last `overlap` rows of the one before.
    pub fn new<F>(overlap: u64, fetch: impl Fn(Page) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<List<T>>> + Send + 'static,
    {
        Self {
            fetch: Box::new(move |page| fetch(page).boxed()),
            overlap,
            asked: MOST,
            stride: None,
            total: None,
            next: 0,
            offsets: VecDeque::new(),
            under_way: FuturesOrdered::new(),
        }
    }

    /// The rows of the whole list at the time of the first page, if Make counted them.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Forgets what is under way and goes on at `offset`.
    pub fn go_to(&mut self, offset: u64) {
        self.under_way = FuturesOrdered::new();
        self.offsets.clear();
        self.next = offset;
    }

    /// The next page and the offset of its first row. The caller knows when the list has ended.
    pub async fn next(&mut self) -> Result<(u64, List<T>)> {
        // Where answers come at once, as from memory, everybody else would wait for the end of the list.
        tokio::task::yield_now().await;
        loop {
            self.read_ahead();
            let (Some(offset), Some(answer)) =
                (self.offsets.pop_front(), self.under_way.next().await)
            else {
                continue;
            };
            match answer {
                Err(refused) if self.is_too_much(refused.status()) => {
                    self.asked = CAUTIOUS;
                    self.go_to(offset);
                }
                Err(error) => {
                    self.go_to(offset);
                    return Err(error);
                }
                Ok(list) => {
                    self.learn(offset, &list);
                    return Ok((offset, list));
                }
            }
        }
    }

    /// The page at `offset`, out of turn.
    pub async fn at(&mut self, offset: u64) -> Result<List<T>> {
        self.go_to(offset);
        let page = Page { offset: Some(offset), limit: Some(self.asked), ..Page::default() };
        (self.fetch)(page).await
    }

    /// Whether a page has as many rows as the first one had.
    pub fn is_full(&self, rows: usize) -> bool {
        self.stride.is_none_or(|stride| rows as u64 >= stride + self.overlap)
    }

    /// All rows, to the first page that is not full.
    pub async fn all(mut self) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        for _ in 0..MOST_PAGES {
            let (_, list) = self.next().await?;
            let more = list.may_go_on(self.asked);
            rows.extend(list.items);
            if !more {
                break;
            }
        }
        Ok(rows)
    }

    /// Whether a first page was refused, perhaps for its size.
    fn is_too_much(&self, status: Option<u16>) -> bool {
        status == Some(400) && self.stride.is_none() && self.asked > CAUTIOUS
    }

    fn learn(&mut self, offset: u64, list: &List<T>) {
        self.total = self.total.or(list.total);
        if self.stride.is_none() {
            // Counts the rows that came, not the limit that was asked or that Make says it applied.
            let new = (list.items.len() as u64).saturating_sub(self.overlap);
            self.stride = Some(new.max(1));
            self.next = offset + new;
        }
    }

    fn read_ahead(&mut self) {
        let most = match (self.stride, self.total) {
            (None, _) => 1,
            (Some(_), Some(_)) => AHEAD,
            (Some(_), None) => AHEAD_UNSURE,
        };
        while self.under_way.len() < most {
            let past_the_end = self.total.is_some_and(|total| self.next >= total);
            if past_the_end && !self.under_way.is_empty() {
                break;
            }
            let page = Page {
                offset: Some(self.next),
                limit: Some(self.asked),
                // Counting costs Make something, so it is asked once.
                count: self.overlap > 0 && self.stride.is_none(),
                ..Page::default()
            };
            self.under_way.push_back((self.fetch)(page));
            self.offsets.push_back(self.next);
            self.next += self.stride.unwrap_or(self.asked);
        }
    }
}

impl<T> fmt::Debug for Pages<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages")
            .field("next", &self.next)
            .field("total", &self.total)
            .finish_non_exhaustive()
    }
}
