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
type Read = Pin<Box<dyn Future<Output = Result<Arc<Value>>> + Send>>;

/// Answers by credential and target. Cheap to clone; clones are one cache.
#[derive(Clone, Default)]
pub(super) struct Cache(Arc<Mutex<CacheState>>);

#[derive(Default)]
struct CacheState {
    /// Counts the writes: an answer from before one is not kept after it.
    epoch: u64,
    kept: HashMap<CacheKey, CacheEntry>,
    under_way: HashMap<CacheKey, WeakShared<Read>>,
}

struct CacheEntry {
    kind: CacheTtl,
    value: Arc<Value>,
    good_until: Instant,
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
        F: Future<Output = Result<Arc<Value>>> + Send + 'static,
    {
        loop {
            let (answer, own) = match self.find_or_start(&key, kind, &read) {
                CacheLookup::Cached(value) => return Ok(value),
                CacheLookup::UnderWay(shared) => (shared.await, false),
                CacheLookup::Started(shared) => (shared.await, true),
            };
            // The caller that started the request may have had a smaller retry budget.
            if own || !matches!(answer, Err(Error::RateLimited { .. })) {
                return answer;
            }
        }
    }

    fn find_or_start<F>(&self, key: &CacheKey, kind: CacheTtl, read: impl Fn() -> F) -> CacheLookup
    where
        F: Future<Output = Result<Arc<Value>>> + Send + 'static,
    {
        let mut state = self.state();
        let now = Instant::now();
        state.kept.retain(|_, entry| entry.good_until > now);
        if let Some(entry) = state.kept.get(key) {
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

    fn finished(&self, key: &CacheKey, kind: CacheTtl, epoch: u64, answer: &Result<Arc<Value>>) {
        let mut state = self.state();
        if state.epoch != epoch {
            return;
        }
        state.under_way.remove(key);
        if let (Ok(value), Some(time)) = (answer, kind.time()) {
            let entry =
                CacheEntry { kind, value: value.clone(), good_until: Instant::now() + time };
            state.kept.insert(key.clone(), entry);
        }
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
