//! Keeps answers that seldom change, and lets equal reads share one request.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures_util::future::{FutureExt, Shared, WeakShared};
use serde_json::Value;
use tokio::time::Instant;

use super::{Credential, Error, Result};
use crate::sync::lock;

/// How long an answer stays good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CacheTtl {
    /// Not at all.
    Never,
    /// Enums change with Make's releases: 24 h. They outlive every write.
    Enums,
    /// Roles: 10 min.
    Roles,
    /// Organizations, the user, the authorization: 60 s.
    Account,
}

impl CacheTtl {
    fn time(self) -> Option<Duration> {
        match self {
            Self::Never => None,
            Self::Enums => Some(Duration::from_secs(24 * 60 * 60)),
            Self::Roles => Some(Duration::from_secs(10 * 60)),
            Self::Account => Some(Duration::from_secs(60)),
        }
    }
}

/// Who asked, and the target of the read.
pub(super) type CacheKey = (Option<Credential>, String);
type Read = Pin<Box<dyn Future<Output = Result<Weighed>> + Send>>;

/// Answers by credential and target. Cheap to clone; clones are one cache.
#[derive(Clone, Default)]
pub(super) struct Cache(Arc<Mutex<CacheState>>);

#[derive(Default)]
struct CacheState {
    /// Counts the writes: an answer from before one is not kept after it.
    epoch: u64,
    kept: HashMap<CacheKey, CacheEntry>,
    under_way: HashMap<CacheKey, WeakShared<Read>>,
    /// Counts the look-ups.
    uses: u64,
}

impl CacheState {
    fn bytes(&self) -> usize {
        self.kept.values().map(|entry| entry.bytes).sum()
    }

    /// Drops what was not used for longest until the rest is within the bounds.
    fn make_room(&mut self) {
        let mut bytes = self.bytes();
        while self.kept.len() > MOST_ANSWERS || bytes > MOST_BYTES {
            let oldest = self.kept.iter().min_by_key(|(_, entry)| entry.used);
            let Some(key) = oldest.map(|(key, _)| key.clone()) else { return };
            bytes -= self.kept.remove(&key).map_or(0, |entry| entry.bytes);
        }
    }
}

struct CacheEntry {
    kind: CacheTtl,
    value: Arc<Value>,
    good_until: Instant,
    /// About the bytes that it takes.
    bytes: usize,
    /// The number of the latest use.
    used: u64,
}

/// The most bytes of all answers.
pub(super) const MOST_BYTES: usize = 8 << 20;
/// The most answers.
pub(super) const MOST_ANSWERS: usize = 1000;

/// An answer and about the bytes that it takes in memory.
#[derive(Clone, Debug)]
pub(super) struct Weighed {
    pub(super) value: Arc<Value>,
    pub(super) bytes: usize,
}

impl Cache {
    fn state(&self) -> MutexGuard<'_, CacheState> {
        lock(&self.0)
    }

    /// Answers from memory, from a request under way, or by `read`, whose answer it keeps for `kind`.
    ///
    /// A shared request ends with the last one who waits for it.
    pub(super) async fn get<F>(
        &self,
        key: CacheKey,
        kind: CacheTtl,
        read: impl Fn() -> F,
    ) -> Result<Arc<Value>>
    where
        F: Future<Output = Result<Weighed>> + Send + 'static,
    {
        loop {
            let (answer, own) = match self.find_or_start(&key, kind, &read) {
                CacheLookup::Cached(value) => return Ok(value),
                CacheLookup::UnderWay(shared) => (shared.await, false),
                CacheLookup::Started(shared) => (shared.await, true),
            };
            // The caller that started the request may have had a smaller retry budget.
            if own || !matches!(answer, Err(Error::RateLimited { .. })) {
                return answer.map(|answer| answer.value);
            }
        }
    }

    fn find_or_start<F>(&self, key: &CacheKey, kind: CacheTtl, read: impl Fn() -> F) -> CacheLookup
    where
        F: Future<Output = Result<Weighed>> + Send + 'static,
    {
        let mut state = self.state();
        let now = Instant::now();
        state.kept.retain(|_, entry| entry.good_until > now);
        state.uses += 1;
        let uses = state.uses;
        if let Some(entry) = state.kept.get_mut(key) {
            entry.used = uses;
            return CacheLookup::Cached(entry.value.clone());
        }
        if let Some(shared) = state.under_way.get(key).and_then(WeakShared::upgrade) {
            return CacheLookup::UnderWay(shared);
        }
        let (cache, epoch, read, own_key) = (self.clone(), state.epoch, read(), key.clone());
        let whole: Read = Box::pin(async move {
            let answer = read.await;
            cache.finished(&own_key, kind, epoch, &answer);
            answer
        });
        let shared = whole.shared();
        state.under_way.retain(|_, read| read.upgrade().is_some());
        if let Some(weak) = shared.downgrade() {
            state.under_way.insert(key.clone(), weak);
        }
        CacheLookup::Started(shared)
    }

    fn finished(&self, key: &CacheKey, kind: CacheTtl, epoch: u64, answer: &Result<Weighed>) {
        let mut state = self.state();
        if state.epoch != epoch {
            return;
        }
        state.under_way.remove(key);
        if let (Ok(Weighed { value, bytes }), Some(time)) = (answer, kind.time()) {
            let entry = CacheEntry {
                kind,
                value: value.clone(),
                good_until: Instant::now() + time,
                bytes: *bytes,
                used: state.uses,
            };
            state.kept.insert(key.clone(), entry);
            state.make_room();
        }
    }

    /// How many answers are kept, and about the bytes that they take.
    pub(super) fn size(&self) -> (usize, usize) {
        let state = self.state();
        (state.kept.len(), state.bytes())
    }

    /// Forgets what a write may change, now and when the returned guard is dropped.
    pub(super) fn writing(&self) -> Writing {
        self.forget();
        Writing(self.clone())
    }

    fn forget(&self) {
        let mut state = self.state();
        state.epoch += 1;
        state.kept.retain(|_, entry| entry.kind == CacheTtl::Enums);
        state.under_way.clear();
    }
}

enum CacheLookup {
    Cached(Arc<Value>),
    UnderWay(Shared<Read>),
    Started(Shared<Read>),
}

/// A write under way; even one that is dropped in the middle may have changed something.
pub(super) struct Writing(Cache);

impl Drop for Writing {
    fn drop(&mut self) {
        self.0.forget();
    }
}
