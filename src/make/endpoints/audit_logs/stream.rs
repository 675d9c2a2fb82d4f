//! A trail from its oldest entry on. Every entry comes once, also if entries arrive or vanish between two pages.
//!
//! Pages are asked by `createdAt`, ascending, so new entries only append. Each begins with the last row of the one
//! before. Where that row is another one, or where entries of one moment lie on both sides of the seam (their order
//! may differ from answer to answer), the seam is read again from the row before that moment, in one answer. A moment
//! with more entries than a page is read until as many different ones are known as there are places for them.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{AuditLogEntry, AuditLogFilter, AuditLogs, Trail};
use crate::make::{Error, List, Method, Page, Pages, Record, RequestName, Result, SortDir};

/// How often in a row a seam is read again before a trail counts as unreadable.
const MOST_DOUBTS: u32 = 20;
/// Two clocks may differ so much.
const MOST_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// How often the entries of one long moment are collected.
const MOST_ROUNDS: u32 = 50;

/// An entry with what it is sorted by.
#[derive(Clone, Debug)]
pub struct StreamedEntry {
    /// The entry.
    pub uuid: String,
    /// When it was stored.
    pub created: Timestamp,
    /// The entry as Make sent it.
    pub record: Record<AuditLogEntry>,
}

/// How far a trail was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Cursor {
    /// Rows before the first one that was not returned.
    pub offset: u64,
    /// All entries stored up to this moment were returned.
    pub through: Option<Timestamp>,
    /// How many entries were returned.
    pub handed_out: u64,
    /// Whether Make removed rows that were not read yet.
    #[serde(default)]
    pub trimmed: bool,
}

/// A trail from its oldest entry on.
#[derive(Debug)]
pub struct AuditStream {
    pages: Pages<Record<AuditLogEntry>>,
    cursor: Cursor,
    /// The rows from the mark on: entries of the newest moment so far, of which more may follow.
    open: Vec<StreamedEntry>,
    /// Whether the next page must show the row before the cursor, since the seam between two pages is unclear.
    careful: bool,
    /// Resyncs since entries were last returned.
    resyncs: u32,
    ended: bool,
    /// Where Make does not count the entries: those stored after this moment are new.
    started: Timestamp,
    /// Whether entries were met that came after the start.
    later: bool,
}

impl AuditLogs<'_> {
    /// Reads a trail from its oldest entry on, or from where `mark` says, up to the one that was the newest at the start:
    /// a trail that grows while it is read has an end all the same.
    ///
    /// The same calls as [`AuditLogs::list`], ahead of the reader as far as the rate limit allows.
    pub fn oldest_first(
        &self,
        trail: Trail,
        filter: &AuditLogFilter,
        cursor: Cursor,
    ) -> AuditStream {
        let (make, filter) = (self.make.clone(), filter.clone());
        let fetch = move |page: Page| {
            let (make, filter) = (make.clone(), filter.clone());
            async move {
                let sorted = Page {
                    sort_by: Some("createdAt".to_owned()),
                    sort_dir: Some(SortDir::Asc),
                    ..page
                };
                make.audit_logs().list(trail, &filter, &sorted).await
            }
        };
        let mut pages = Pages::new(1, fetch);
        pages.go_to(cursor.offset.saturating_sub(1));
        AuditStream {
            pages,
            cursor,
            open: Vec::new(),
            careful: true,
            resyncs: 0,
            ended: false,
            started: Timestamp::now(),
            later: false,
        }
    }
}

impl AuditStream {
    /// How far it was read: the place to go on from.
    pub fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// How many entries the trail had at the first page, if Make counted them.
    pub fn total(&self) -> Option<u64> {
        self.pages.total()
    }

    /// The moment up to which the trail was read, where later entries came meanwhile.
    pub fn later(&self) -> Option<Timestamp> {
        self.cursor.through.filter(|_| self.later)
    }

    /// Why entries are missing from a trail that was read to its end; None if all were returned.
    pub fn gap(&self) -> Option<String> {
        let Cursor { offset, handed_out, trimmed, .. } = self.cursor;
        if trimmed {
            return Some("Make removed entries while the trail was read".to_owned());
        }
        let late = offset.saturating_sub(handed_out);
        if late > 0 {
            return Some(format!(
                "{late} entries appeared among older ones that had been read already"
            ));
        }
        if self.later {
            // Make's count may have later entries in it.
            return None;
        }
        // Less than the offset says where Make removed old ones after they had been read.
        let total = self.total().filter(|total| *total > handed_out)?;
        Some(format!("the trail was cut: Make counted {total} entries and sent {handed_out}"))
    }

    /// The next entries: complete moments, oldest first, those of one moment by uuid. None at the end.
    ///
    /// After an error the next call goes on at the same place.
    pub async fn next(&mut self) -> Result<Option<Vec<StreamedEntry>>> {
        while !self.ended {
            let (offset, list) = self.pages.next().await?;
            let rows = entries(list)?;
            let rows = self.known_at_start(offset, rows);
            let batch = if self.careful {
                self.after_doubt(offset, rows).await?
            } else {
                self.joined(offset, rows)
            };
            if !batch.is_empty() {
                self.resyncs = 0;
                return Ok(Some(batch));
            }
            if self.resyncs > MOST_DOUBTS {
                return Err(unreadable("changes faster than it can be read"));
            }
        }
        Ok(None)
    }

    /// The rows of a page that were in the trail when the reading began.
    fn known_at_start(&mut self, offset: u64, mut rows: Vec<StreamedEntry>) -> Vec<StreamedEntry> {
        let Cursor { offset: read, handed_out, .. } = self.cursor;
        let count = match self.total() {
            // Rows that appeared or vanished among those that were read have moved the others.
            Some(total) => (total + read).saturating_sub(handed_out + offset),
            None => {
                let end = self.started.saturating_add(MOST_SKEW).unwrap_or(Timestamp::MAX);
                rows.iter().take_while(|row| row.created <= end).count() as u64
            }
        };
        let mut count = usize::try_from(count).unwrap_or(usize::MAX);
        // Entries of one moment come in any order.
        while count > 0 && count < rows.len() && rows[count].created == rows[count - 1].created {
            count += 1;
        }
        self.later = count < rows.len();
        rows.truncate(count.max(1));
        rows
    }

    /// Takes a page that should begin with the last open row.
    fn joined(&mut self, offset: u64, rows: Vec<StreamedEntry>) -> Vec<StreamedEntry> {
        let moment = self.open[0].created;
        let same = rows.iter().take_while(|row| row.created == moment).count();
        // Either answer alone must show the whole moment.
        let whole_before = same == 1 && self.open.iter().any(|open| open.uuid == rows[0].uuid);
        let whole_here =
            self.open.len() == 1 && rows[..same].iter().any(|row| row.uuid == self.open[0].uuid);
        if !(whole_before || whole_here) {
            self.resync(self.cursor.offset.saturating_sub(1));
            return Vec::new();
        }
        self.ended = rows.len() == 1 || self.later;
        self.seek_end(offset, rows.len());
        let cached = if whole_before { self.open.len() } else { 0 };
        self.open.truncate(cached);
        self.open.extend(rows.into_iter().skip(usize::from(whole_before)));
        self.hand_out()
    }

    /// Takes a page that should begin before the mark: its first row was returned before, or it is the first of all.
    async fn after_doubt(
        &mut self,
        offset: u64,
        rows: Vec<StreamedEntry>,
    ) -> Result<Vec<StreamedEntry>> {
        let through = self.cursor.through;
        let known = rows.iter().take_while(|row| Some(row.created) <= through).count();
        if offset > 0 && known == 0 {
            // Rows before it are gone: look further back, in growing steps.
            self.resync(offset.saturating_sub(1 << self.resyncs.min(40)));
            return Ok(Vec::new());
        }
        self.cursor.trimmed |= known == 0 && through.is_some();
        self.cursor.offset = offset + known as u64;
        let count = rows.len();
        let mut uncached = rows;
        uncached.drain(..known);
        let (Some(first), Some(last)) = (uncached.first(), uncached.last()) else {
            // Rows that had been returned, moved back by others; or nothing new.
            self.ended = count <= 1 || self.later;
            self.resync(self.cursor.offset.saturating_sub(1));
            return Ok(Vec::new());
        };
        if first.created == last.created && self.pages.is_full(count) {
            let moment = first.created;
            return self.long_moment(moment).await;
        }
        self.careful = false;
        self.ended = self.later;
        self.seek_end(offset, count);
        self.open = uncached;
        Ok(self.hand_out())
    }

    /// Collects the entries of a moment that fills more than a page.
    async fn long_moment(&mut self, moment: Timestamp) -> Result<Vec<StreamedEntry>> {
        let start = self.cursor.offset;
        let mut found = BTreeMap::new();
        for _ in 0..MOST_ROUNDS {
            let mut end = start;
            loop {
                let list = self.pages.at(end).await?;
                let rows = entries(list)?;
                let count = rows.len();
                let of_it: Vec<_> = rows.into_iter().filter(|row| row.created == moment).collect();
                end += of_it.len() as u64;
                let is_whole = of_it.len() < count || count == 0;
                found.extend(of_it.into_iter().map(|row| (row.uuid.clone(), row)));
                if is_whole {
                    break;
                }
            }
            if found.len() as u64 == end - start {
                self.cursor.offset = end;
                self.resync(end.saturating_sub(1));
                return Ok(self.handed(found.into_values().collect()));
            }
        }
        Err(unreadable("shows the entries of one moment in another order each time"))
    }

    /// Hands out the open rows but those of the last moment, which stay open unless the trail has ended.
    fn hand_out(&mut self) -> Vec<StreamedEntry> {
        let newest = self.open.last().map(|row| row.created);
        let complete = if self.ended {
            self.open.len()
        } else {
            self.open.iter().take_while(|row| Some(row.created) != newest).count()
        };
        let mut batch: Vec<_> = self.open.drain(..complete).collect();
        self.cursor.offset += complete as u64;
        // Make does not say in which order entries of one moment come.
        batch.sort_by(|a, b| (a.created, &a.uuid).cmp(&(b.created, &b.uuid)));
        self.handed(batch)
    }

    fn handed(&mut self, mut batch: Vec<StreamedEntry>) -> Vec<StreamedEntry> {
        if let Some(last) = batch.last() {
            self.cursor.through = Some(last.created);
        }
        self.cursor.handed_out += batch.len() as u64;
        // One row in two places is one entry.
        batch.dedup_by(|a, b| a.uuid == b.uuid);
        batch
    }

    /// A page that is not full is the last one, or Make sends fewer rows than before: the next request shows which.
    fn seek_end(&mut self, offset: u64, count: usize) {
        if !self.pages.is_full(count) {
            self.pages.go_to(offset + (count as u64).saturating_sub(1));
        }
    }

    /// Reads on at `offset`, sure of nothing behind the cursor.
    fn resync(&mut self, offset: u64) {
        self.careful = true;
        self.resyncs += 1;
        self.open.clear();
        self.pages.go_to(offset);
    }
}

/// The rows of a page, which must be sorted as asked.
fn entries(list: List<Record<AuditLogEntry>>) -> Result<Vec<StreamedEntry>> {
    let mut rows = Vec::with_capacity(list.items.len());
    for record in list.items {
        let created = record.created_at.as_deref().and_then(|text| text.parse().ok());
        let (Some(created), Some(uuid)) = (created, record.uuid.clone()) else {
            return Err(unreadable("has an entry without `uuid` or `createdAt`"));
        };
        rows.push(StreamedEntry { uuid, created, record });
    }
    if !rows.is_sorted_by_key(|row| row.created) {
        return Err(unreadable("is not sorted by `createdAt` as asked"));
    }
    Ok(rows)
}

fn unreadable(problem: &str) -> Error {
    Error::Unexpected {
        call: RequestName { method: Method::Get, path: "/audit-logs".into() },
        status: Some(200),
        problem: problem.to_owned(),
    }
}
