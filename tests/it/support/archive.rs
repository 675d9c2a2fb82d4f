//! A server that does everything that servers do to somebody who reads a long trail.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use make_admin_mcp::make::{
    Credential, Failure, Make, Method, OrganizationId, Request, Response, ResponseFuture, Transport,
};
use proptest::prelude::*;
use serde_json::json;
use tokio::{sync::Notify, time::Instant};

use super::{
    host::TOKEN,
    script::{lost, status},
};

/// The organization of the trail.
pub(crate) const ACME: OrganizationId = OrganizationId(11);

/// How a server behaves.
#[derive(Clone, Debug)]
pub(crate) struct Manners {
    pub(crate) seed: u64,
    pub(crate) entries: usize,
    /// The most entries of one moment.
    pub(crate) ties: u64,
    /// The most rows of a page, whatever is asked.
    pub(crate) cap: usize,
    /// Whether it says so.
    pub(crate) echoes: bool,
    /// Whether it counts all rows if asked.
    pub(crate) counts: bool,
    /// Of 100 requests, so many bring new entries, …
    pub(crate) arrivals: u64,
    /// … are refused with 429, …
    pub(crate) refusals: u64,
    /// … lose their connection.
    pub(crate) resets: u64,
    /// The requests it takes in a minute.
    pub(crate) quota: Option<usize>,
}

/// A trail in memory. Entries of one moment come in another order each time.
#[derive(Clone)]
pub(crate) struct Archive(Arc<Mutex<State>>);

struct State {
    manners: Manners,
    random: fastrand::Rng,
    /// Milliseconds and number, sorted.
    rows: Vec<(i64, u64)>,
    asked: Vec<Instant>,
    refused: usize,
    /// Somebody waits for that many requests.
    alarm: Option<(usize, Arc<Notify>)>,
}

impl Archive {
    pub(crate) fn new(manners: &Manners) -> Self {
        let mut state = State {
            random: fastrand::Rng::with_seed(manners.seed),
            manners: manners.clone(),
            rows: Vec::new(),
            asked: Vec::new(),
            refused: 0,
            alarm: None,
        };
        state.append(manners.entries);
        Self(Arc::new(Mutex::new(state)))
    }

    pub(crate) fn make(&self) -> Make {
        Make::with_jitter(self.clone(), Some(Credential::new(TOKEN)), || 1.0)
    }

    /// What a complete export holds.
    pub(crate) fn uuids(&self) -> Vec<String> {
        let mut rows = self.0.lock().unwrap().rows.clone();
        rows.sort_by_key(|(at, number)| (*at, uuid(*number)));
        rows.into_iter().map(|(_, number)| uuid(number)).collect()
    }

    /// Waits until so many more requests have been made.
    pub(crate) async fn after(&self, requests: usize) {
        let rung = Arc::new(Notify::new());
        {
            let mut state = self.0.lock().unwrap();
            let at = state.asked.len() + requests;
            state.alarm = Some((at, rung.clone()));
        }
        rung.notified().await;
    }

    /// From now on it makes no trouble.
    pub(crate) fn calm_down(&self) {
        let manners = &mut self.0.lock().unwrap().manners;
        (manners.arrivals, manners.refusals, manners.resets) = (0, 0, 0);
    }

    /// Removes the oldest entries, as Make does with those that are too old.
    pub(crate) fn trim(&self, count: usize) {
        self.0.lock().unwrap().rows.drain(..count);
    }

    /// Stores an entry with a moment before that of the one at `place`.
    pub(crate) fn insert_before(&self, place: usize) {
        let mut state = self.0.lock().unwrap();
        let at = state.rows[place].0 - 1;
        state.rows.insert(place, (at, 1 << 40));
    }

    /// A number below `end`.
    pub(crate) fn draw(&self, end: usize) -> usize {
        self.0.lock().unwrap().random.usize(0..end)
    }

    /// Whether these are all entries, in order. What came after the last page was answered may be missing.
    pub(crate) fn holds(&self, uuids: &[String]) {
        let all = self.uuids();
        let begun_with = self.0.lock().unwrap().manners.entries;
        assert!(uuids.len() >= begun_with, "{} of {begun_with}", uuids.len());
        assert!(uuids == &all[..uuids.len()], "in order, each once");
    }

    /// How many requests it refused.
    pub(crate) fn refused(&self) -> usize {
        self.0.lock().unwrap().refused
    }

    /// The most requests of any minute.
    pub(crate) fn busiest_minute(&self) -> usize {
        let asked = &self.0.lock().unwrap().asked;
        let minute = |from: &Instant| {
            let in_it =
                |then: &&Instant| **then >= *from && **then - *from < Duration::from_secs(60);
            asked.iter().filter(in_it).count()
        };
        asked.iter().map(minute).max().unwrap_or_default()
    }
}

impl State {
    fn append(&mut self, count: usize) {
        let mut at = self.rows.last().map_or(1_750_000_000_000, |last| last.0 + 1);
        let end = self.rows.len() + count;
        while self.rows.len() < end {
            let together = self.random.u64(1..=self.manners.ties);
            for _ in 0..together.min((end - self.rows.len()) as u64) {
                self.rows.push((at, self.rows.len() as u64));
            }
            at += self.random.i64(1..5_000);
        }
    }

    fn is(&mut self, percent: u64) -> bool {
        self.random.u64(0..100) < percent
    }

    fn answer(&mut self, call: &Request) -> Result<Response, Failure> {
        let now = Instant::now();
        let minute =
            self.asked.iter().rev().take_while(|then| now - **then < Duration::from_secs(60));
        let full = self.manners.quota.is_some_and(|quota| minute.count() >= quota);
        self.asked.push(now);
        if let Some((at, rung)) = &self.alarm
            && self.asked.len() >= *at
        {
            rung.notify_one();
        }
        if full || self.is(self.manners.refusals) {
            self.refused += 1;
            return status(429);
        }
        if self.is(self.manners.resets) {
            return lost();
        }
        // Where the entries are not counted, only the clock tells which are new, and these are old.
        let may_grow = self.manners.counts || self.rows.len() < self.manners.entries + 200;
        if may_grow && self.is(self.manners.arrivals) {
            let count = self.random.usize(1..30);
            self.append(count);
        }
        let asked = |name: &str| {
            let found = call.query.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        assert_eq!((asked("pg[sortBy]"), asked("pg[sortDir]")), ("createdAt", "asc"));
        let limit = asked("pg[limit]").parse::<usize>().unwrap().min(self.manners.cap);
        let offset = asked("pg[offset]").parse::<usize>().unwrap().min(self.rows.len());
        Ok(Response {
            status: 200,
            body: self.page(offset, limit, asked("pg[returnTotalCount]") == "true").into(),
            ..Response::default()
        })
    }

    fn page(&mut self, offset: usize, limit: usize, count: bool) -> String {
        // The moments on the page, each shuffled as a whole.
        let until = (offset + limit).min(self.rows.len());
        let moment = |place: usize| self.rows[place].0;
        let first = (0..=offset)
            .rev()
            .take_while(|place| {
                *place < self.rows.len()
                    && moment(*place) == moment(offset.min(self.rows.len() - 1))
            })
            .last()
            .unwrap_or(offset);
        let last = (until..self.rows.len())
            .take_while(|place| moment(*place) == moment(until - 1))
            .last()
            .map_or(until, |place| place + 1);
        let mut rows = self.rows[first..last].to_vec();
        let random = &mut self.random;
        rows.chunk_by_mut(|a, b| a.0 == b.0).for_each(|tied| random.shuffle(tied));
        let rows: Vec<_> = rows[offset - first..until - first].iter().map(|(at, number)| {
            let at = Timestamp::from_millisecond(*at).unwrap();
            format!(r#"{{"uuid":"{}","createdAt":"{at:.3}","triggeredAt":"{at:.0}","organizationId":11,"organization":{{"id":11,"name":"Acme"}},"eventName":"webhook_created","team":{{"id":22,"name":"My Team"}},"actor":{{"id":41,"name":"Dana Rivers","email":"dana@example.com"}},"targetId":"3000","version":null}}"#, uuid(*number))
        }).collect();
        let limit =
            if self.manners.echoes { format!(r#","limit":{limit}"#) } else { String::new() };
        let total = if count && self.manners.counts {
            format!(r#","totalCount":{}"#, self.rows.len())
        } else {
            String::new()
        };
        format!(r#"{{"auditLogs":[{}],"pg":{{"offset":{offset}{limit}{total}}}}}"#, rows.join(","))
    }
}

impl Transport for Archive {
    fn send<'a>(&'a self, call: &'a Request) -> ResponseFuture<'a> {
        Box::pin(async move {
            let delay = self.0.lock().unwrap().random.u64(1..300);
            tokio::time::sleep(Duration::from_millis(delay)).await;
            let about: Vec<_> = call.path.iter().map(String::as_str).collect();
            match about[..] {
                ["audit-logs", _, _] => self.0.lock().unwrap().answer(call),
                ["users", "me"] => Ok(Response::json(200, &json!({ "authUser": { "id": 41 } }))),
                ["organizations", "11"] => Ok(Response::json(
                    200,
                    &json!({ "organization": { "id": 11, "license": { "apiLimit": 1000,
                    "auditLogsDays": 3650 } } }),
                )),
                _ => {
                    assert_eq!(call.method, Method::Get, "a reading tool reads");
                    status(404)
                }
            }
        })
    }
}

/// Numbers in no order, as UUIDs are.
fn uuid(number: u64) -> String {
    format!("{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// All kinds of servers.
pub(crate) fn manners() -> impl Strategy<Value = Manners> {
    let size = prop_oneof![0..30_usize, 30..3_000_usize];
    let ties = prop_oneof![Just(1), 1..4_u64, Just(400)];
    let cap = prop_oneof![Just(100_000), 2..40_usize, Just(500), Just(100)];
    let troubles = (0..20_u64, 0..15_u64, 0..20_u64);
    (any::<u64>(), size, ties, cap, any::<(bool, bool)>(), troubles).prop_map(
        |(seed, entries, ties, cap, (echoes, counts), (arrivals, refusals, resets))| Manners {
            seed,
            // Long lists of tiny pages only take time.
            entries: entries.min(cap * 60),
            ties: ties.min(cap as u64 * 3),
            cap,
            echoes,
            counts,
            arrivals,
            refusals,
            resets,
            quota: None,
        },
    )
}

/// Time passes only where everybody waits.
pub(crate) fn on_a_paused_clock<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

/// A well-behaved server.
pub(crate) fn calm(entries: usize, cap: usize, quota: usize) -> Manners {
    Manners {
        seed: 7,
        entries,
        ties: 1,
        cap,
        echoes: true,
        counts: true,
        arrivals: 0,
        refusals: 0,
        resets: 0,
        quota: Some(quota),
    }
}
