//! A trail read from its oldest entry on, over a server that does everything that servers do.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::Timestamp;
use make_admin_mcp::make::{
    AuditLogFilter, Bulk, Call, Credential, Error, Make, Mark, OrganizationId, Place, Reply,
    Sending, Transport,
};
use proptest::{prelude::*, test_runner::TestRunner};
use tokio::time::Instant;

use crate::support::{
    host::TOKEN,
    script::{lost, status},
};

const ACME: OrganizationId = OrganizationId(11);

/// How a server behaves.
#[derive(Clone, Debug)]
struct Manners {
    seed: u64,
    entries: usize,
    /// The most entries of one moment.
    ties: u64,
    /// The most rows of a page, whatever is asked.
    cap: usize,
    /// Whether it says so.
    echoes: bool,
    /// Whether it counts all rows if asked.
    counts: bool,
    /// Of 100 requests, so many bring new entries, …
    arrivals: u64,
    /// … are refused with 429, …
    refusals: u64,
    /// … lose their connection.
    resets: u64,
    /// The requests it takes in a minute.
    quota: Option<usize>,
}

/// A trail in memory. Entries of one moment come in another order each time.
#[derive(Clone)]
struct Archive(Arc<Mutex<State>>);

struct State {
    manners: Manners,
    random: fastrand::Rng,
    /// Milliseconds and number, sorted.
    rows: Vec<(i64, u64)>,
    asked: Vec<Instant>,
    refused: usize,
}

impl Archive {
    fn new(manners: &Manners) -> Self {
        let mut state = State {
            random: fastrand::Rng::with_seed(manners.seed),
            manners: manners.clone(),
            rows: Vec::new(),
            asked: Vec::new(),
            refused: 0,
        };
        state.append(manners.entries);
        Self(Arc::new(Mutex::new(state)))
    }

    fn make(&self) -> Make {
        Make::with_jitter(self.clone(), Some(Credential::new(TOKEN)), || 1.0)
    }

    /// What a complete export holds.
    fn uuids(&self) -> Vec<String> {
        let mut rows = self.0.lock().unwrap().rows.clone();
        rows.sort_by_key(|(at, number)| (*at, uuid(*number)));
        rows.into_iter().map(|(_, number)| uuid(number)).collect()
    }

    /// How many requests it refused.
    fn refused(&self) -> usize {
        self.0.lock().unwrap().refused
    }

    /// The most requests of any minute.
    fn busiest_minute(&self) -> usize {
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
        let mut at = self
            .rows
            .last()
            .map_or(1_750_000_000_000, |last| last.0 + 1);
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

    fn answer(&mut self, call: &Call) -> Result<Reply, make_admin_mcp::make::Failure> {
        let now = Instant::now();
        let minute = self
            .asked
            .iter()
            .rev()
            .take_while(|then| now - **then < Duration::from_secs(60));
        let full = self
            .manners
            .quota
            .is_some_and(|quota| minute.count() >= quota);
        self.asked.push(now);
        if full || self.is(self.manners.refusals) {
            self.refused += 1;
            return status(429);
        }
        if self.is(self.manners.resets) {
            return lost();
        }
        // A trail that grows faster than it is read has no end.
        if self.rows.len() < self.manners.entries + 200 && self.is(self.manners.arrivals) {
            let count = self.random.usize(1..30);
            self.append(count);
        }
        let asked = |name: &str| {
            let found = call.query.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.as_str()).unwrap_or_default()
        };
        assert_eq!(
            (asked("pg[sortBy]"), asked("pg[sortDir]")),
            ("createdAt", "asc")
        );
        let limit = asked("pg[limit]")
            .parse::<usize>()
            .unwrap()
            .min(self.manners.cap);
        let offset = asked("pg[offset]")
            .parse::<usize>()
            .unwrap()
            .min(self.rows.len());
        Ok(Reply {
            status: 200,
            body: self
                .page(offset, limit, asked("pg[returnTotalCount]") == "true")
                .into(),
            ..Reply::default()
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
        rows.chunk_by_mut(|a, b| a.0 == b.0)
            .for_each(|tied| random.shuffle(tied));
        let rows: Vec<_> = rows[offset - first..until - first].iter().map(|(at, number)| {
            let at = Timestamp::from_millisecond(*at).unwrap();
            format!(r#"{{"uuid":"{}","createdAt":"{at:.3}","triggeredAt":"{at:.0}","organizationId":11,"organization":{{"id":11,"name":"Acme"}},"eventName":"webhook_created","team":{{"id":22,"name":"My Team"}},"actor":{{"id":41,"name":"Dana Rivers","email":"dana@example.com"}},"targetId":"3000","version":null}}"#, uuid(*number))
        }).collect();
        let limit = if self.manners.echoes {
            format!(r#","limit":{limit}"#)
        } else {
            String::new()
        };
        let total = if count && self.manners.counts {
            format!(r#","totalCount":{}"#, self.rows.len())
        } else {
            String::new()
        };
        format!(
            r#"{{"auditLogs":[{}],"pg":{{"offset":{offset}{limit}{total}}}}}"#,
            rows.join(",")
        )
    }
}

impl Transport for Archive {
    fn send<'a>(&'a self, call: &'a Call) -> Sending<'a> {
        Box::pin(async move {
            let delay = self.0.lock().unwrap().random.u64(1..300);
            tokio::time::sleep(Duration::from_millis(delay)).await;
            self.0.lock().unwrap().answer(call)
        })
    }
}

/// Numbers in no order, as UUIDs are.
fn uuid(number: u64) -> String {
    format!("{:016x}", number.wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Reads the whole trail. An interrupted reading goes on, or begins anew at its mark.
async fn read(archive: &Archive, bulk: Option<Bulk>) -> (Vec<String>, Option<String>) {
    let make = archive.make();
    let make = bulk.map_or(make.fresh(), |bulk| make.in_bulk(bulk));
    let filter = AuditLogFilter::default();
    let trail = Place::Organization(ACME);
    let mut reading = make
        .audit_logs()
        .oldest_first(trail, &filter, Mark::default());
    let mut uuids = Vec::new();
    let mut interruptions = 0;
    loop {
        match reading.next().await {
            Ok(Some(batch)) => uuids.extend(batch.into_iter().map(|entry| entry.uuid)),
            Ok(None) => return (uuids, reading.gap()),
            Err(Error::Lost { .. }) if interruptions < 1000 => {
                interruptions += 1;
                if interruptions % 2 == 0 {
                    reading = make
                        .audit_logs()
                        .oldest_first(trail, &filter, reading.mark());
                }
            }
            Err(error) => panic!("{error}"),
        }
    }
}

fn manners() -> impl Strategy<Value = Manners> {
    let size = prop_oneof![0..30_usize, 30..3_000_usize];
    let ties = prop_oneof![Just(1), 1..4_u64, Just(400)];
    let cap = prop_oneof![Just(100_000), 2..40_usize, Just(500), Just(100)];
    let troubles = (0..20_u64, 0..15_u64, 0..20_u64);
    (
        any::<u64>(),
        size,
        ties,
        cap,
        any::<(bool, bool)>(),
        troubles,
    )
        .prop_map(
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

fn on_a_paused_clock<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
        .block_on(future)
}

#[test]
fn no_schedule_of_ties_arrivals_refusals_and_resets_loses_or_repeats_an_entry() {
    let config = ProptestConfig {
        cases: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    TestRunner::new(config)
        .run(&manners(), |manners| {
            let archive = Archive::new(&manners);
            let (uuids, gap) = on_a_paused_clock(read(&archive, None));
            prop_assert_eq!(gap, None);
            prop_assert_eq!(uuids.len(), uuids.iter().collect::<BTreeSet<_>>().len());
            prop_assert_eq!(uuids, archive.uuids());
            Ok(())
        })
        .unwrap();
}

/// A well-behaved server.
fn calm(entries: usize, cap: usize, quota: usize) -> Manners {
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

#[test]
fn the_quota_is_used_up_to_a_tenth_and_never_passed() {
    for (quota, cap, pages) in [
        (10, 50, 21),
        (10, 20, 47),
        (30, 100, 100),
        (60, 20, 130),
        (60, 50, 409),
        (1000, 20, 1100),
    ] {
        let entries = pages * cap;
        let archive = Archive::new(&calm(entries, cap, quota));
        let bulk = Bulk {
            organization: ACME,
            per_minute: quota as u64,
        };
        let (took, uuids) = on_a_paused_clock(async {
            let began = Instant::now();
            let (uuids, _) = read(&archive, Some(bulk)).await;
            (began.elapsed(), uuids)
        });
        assert_eq!(uuids.len(), entries);
        assert_eq!(archive.refused(), 0, "{quota} requests a minute");
        assert!(
            archive.busiest_minute() <= quota * 9 / 10,
            "{quota}: {}",
            archive.busiest_minute()
        );
        let minutes = took.as_secs_f64() / 60.0;
        let allowed = 1.25 * entries as f64 / (cap * quota) as f64;
        assert!(
            minutes <= allowed,
            "{quota} requests a minute: {minutes} minutes, {allowed} allowed"
        );
    }
}

#[test]
fn calls_of_a_person_go_through_while_a_trail_is_read() {
    let archive = Archive::new(&calm(1000, 20, 20));
    let bulk = Bulk {
        organization: ACME,
        per_minute: 20,
    };
    on_a_paused_clock(async {
        let make = archive.make();
        let person = make.fresh();
        let filter = AuditLogFilter::default();
        let page = make_admin_mcp::make::Page {
            offset: Some(0),
            limit: Some(1),
            sort_by: Some("createdAt".to_owned()),
            sort_dir: Some(make_admin_mcp::make::SortDir::Asc),
            ..Default::default()
        };
        let asking = async {
            for _ in 0..5 {
                tokio::time::sleep(Duration::from_secs(40)).await;
                let began = Instant::now();
                person
                    .audit_logs()
                    .list(Place::Organization(ACME), &filter, &page)
                    .await
                    .unwrap();
                assert!(
                    began.elapsed() < Duration::from_secs(1),
                    "nobody waits for a reading"
                );
            }
        };
        tokio::join!(read(&archive, Some(bulk)), asking);
    });
    assert_eq!(archive.refused(), 0);
}

#[test]
fn what_is_missing_at_the_end_is_said() {
    let page = |rows: &[(&str, &str)]| {
        let rows = rows.iter().map(|(uuid, day)| {
            serde_json::json!({ "uuid": uuid, "createdAt": format!("2026-05-{day}T00:00:00.000Z") })
        });
        let rows: Vec<_> = rows.collect();
        Ok(Reply::json(
            200,
            &serde_json::json!({ "auditLogs": rows, "pg": { "limit": 500, "totalCount": 5 } }),
        ))
    };
    // It counts more than it sends.
    let ahead = (0..4).map(|_| page(&[("b", "02")]));
    let script = crate::support::script::Script::new(
        std::iter::once(page(&[("a", "01"), ("b", "02")])).chain(ahead),
    );
    on_a_paused_clock(async {
        let make = script.make().fresh();
        let mut reading = make.audit_logs().oldest_first(
            Place::Organization(ACME),
            &AuditLogFilter::default(),
            Mark::default(),
        );
        let mut count = 0;
        while let Some(batch) = reading.next().await.unwrap() {
            count += batch.len();
        }
        assert_eq!(count, 2);
        assert_eq!(
            reading.gap().unwrap(),
            "the trail was cut: Make counted 5 entries and sent 2"
        );
    });
}

#[test]
fn a_trail_in_another_order_is_refused_and_a_smaller_page_is_asked_where_a_large_one_is() {
    let wrong = serde_json::json!({ "auditLogs": [
        { "uuid": "b", "createdAt": "2026-05-02T00:00:00.000Z" },
        { "uuid": "a", "createdAt": "2026-05-01T00:00:00.000Z" },
    ] });
    let script = crate::support::script::Script::new([status(400), Ok(Reply::json(200, &wrong))]);
    on_a_paused_clock(async {
        let make = script.make().fresh();
        let mut reading = make.audit_logs().oldest_first(
            Place::Organization(ACME),
            &AuditLogFilter::default(),
            Mark::default(),
        );
        let error = reading.next().await.unwrap_err();
        assert!(
            error.to_string().contains("is not sorted by `createdAt`"),
            "{error}"
        );
    });
    assert!(script.targets()[0].contains("limit%5D=500"));
    assert!(script.targets()[1].contains("limit%5D=100"));
}
