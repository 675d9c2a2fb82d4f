//! A trail read from its oldest entry on, over a server that does everything that servers do.

use std::time::Duration;

use make_admin_mcp::make::{AuditLogFilter, BulkRead, Cursor, Error, Place, Response};
use proptest::{prelude::*, test_runner::TestRunner};
use tokio::time::Instant;

use crate::support::{
    archive::{ACME, Archive, Manners, calm, manners, on_a_paused_clock},
    script::status,
};

/// Reads the whole trail. An interrupted reading goes on, or begins anew at its mark.
async fn read(archive: &Archive, bulk: Option<BulkRead>) -> (Vec<String>, Option<String>) {
    let make = archive.make();
    let make = bulk.map_or(make.uncached(), |bulk| make.bulk(bulk));
    let filter = AuditLogFilter::default();
    let trail = Place::Organization(ACME);
    let mut reading = make.audit_logs().oldest_first(trail, &filter, Cursor::default());
    let mut uuids = Vec::new();
    let mut interruptions = 0;
    loop {
        match reading.next().await {
            Ok(Some(batch)) => uuids.extend(batch.into_iter().map(|entry| entry.uuid)),
            Ok(None) => return (uuids, reading.gap()),
            Err(Error::Lost { .. }) if interruptions < 1000 => {
                interruptions += 1;
                if interruptions % 2 == 0 {
                    reading = make.audit_logs().oldest_first(trail, &filter, reading.cursor());
                }
            }
            Err(error) => panic!("{error}"),
        }
    }
}

#[test]
fn no_schedule_of_ties_arrivals_refusals_and_resets_loses_or_repeats_an_entry() {
    let config =
        ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&manners(), |manners| {
            let archive = Archive::new(&manners);
            let (uuids, gap) = on_a_paused_clock(read(&archive, None));
            prop_assert_eq!(gap, None);
            archive.holds(&uuids);
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_trail_that_grows_with_every_request_ends_where_it_ended_at_the_start() {
    let archive = Archive::new(&Manners { arrivals: 100, ..calm(900, 50, 100_000) });
    on_a_paused_clock(async {
        let trail = Place::Organization(ACME);
        let make = archive.make();
        let filter = AuditLogFilter::default();
        let mut reading = make.audit_logs().oldest_first(trail, &filter, Cursor::default());
        let mut uuids = Vec::new();
        while let Some(batch) = reading.next().await.unwrap() {
            uuids.extend(batch.into_iter().map(|entry| entry.uuid));
        }
        archive.holds(&uuids);
        assert!(uuids.len() < 1_000, "{}", uuids.len());
        assert!(reading.later().is_some(), "and says that more came");
        assert_eq!(reading.gap(), None);
    });
}

#[test]
fn the_quota_is_used_up_to_a_tenth_and_never_passed() {
    for (quota, cap, pages) in
        [(10, 50, 21), (10, 20, 47), (30, 100, 100), (60, 20, 130), (60, 50, 409), (1000, 20, 1100)]
    {
        let entries = pages * cap;
        let archive = Archive::new(&calm(entries, cap, quota));
        let bulk = BulkRead { organization: ACME, per_minute: quota as u64 };
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
    let bulk = BulkRead { organization: ACME, per_minute: 20 };
    on_a_paused_clock(async {
        let make = archive.make();
        let person = make.uncached();
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
                person.audit_logs().list(Place::Organization(ACME), &filter, &page).await.unwrap();
                assert!(began.elapsed() < Duration::from_secs(1), "nobody waits for a reading");
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
        Ok(Response::json(
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
        let make = script.make().uncached();
        let mut reading = make.audit_logs().oldest_first(
            Place::Organization(ACME),
            &AuditLogFilter::default(),
            Cursor::default(),
        );
        let mut count = 0;
        while let Some(batch) = reading.next().await.unwrap() {
            count += batch.len();
        }
        assert_eq!(count, 2);
        assert_eq!(reading.gap().unwrap(), "the trail was cut: Make counted 5 entries and sent 2");
    });
}

#[test]
fn a_trail_in_another_order_is_refused_and_a_smaller_page_is_asked_where_a_large_one_is() {
    let wrong = serde_json::json!({ "auditLogs": [
        { "uuid": "b", "createdAt": "2026-05-02T00:00:00.000Z" },
        { "uuid": "a", "createdAt": "2026-05-01T00:00:00.000Z" },
    ] });
    let script =
        crate::support::script::Script::new([status(400), Ok(Response::json(200, &wrong))]);
    on_a_paused_clock(async {
        let make = script.make().uncached();
        let mut reading = make.audit_logs().oldest_first(
            Place::Organization(ACME),
            &AuditLogFilter::default(),
            Cursor::default(),
        );
        let error = reading.next().await.unwrap_err();
        assert!(error.to_string().contains("is not sorted by `createdAt`"), "{error}");
    });
    assert!(script.targets()[0].contains("limit%5D=500"));
    assert!(script.targets()[1].contains("limit%5D=100"));
}

/// Reads to the end; after the third batch something happens to the trail.
async fn disturbed(archive: &Archive, happens: impl Fn()) -> (Vec<String>, Option<String>) {
    let make = archive.make().uncached();
    let trail = Place::Organization(ACME);
    let mut reading =
        make.audit_logs().oldest_first(trail, &AuditLogFilter::default(), Cursor::default());
    let (mut uuids, mut batches) = (Vec::new(), 0);
    while let Some(batch) = reading.next().await.unwrap() {
        uuids.extend(batch.into_iter().map(|entry| entry.uuid));
        batches += 1;
        if batches == 3 {
            happens();
        }
    }
    (uuids, reading.gap())
}

#[test]
fn what_make_removes_is_not_missed_unless_it_was_not_read_yet() {
    on_a_paused_clock(async {
        let archive = Archive::new(&calm(1_000, 50, 1_000));
        let all = archive.uuids();
        let (uuids, gap) = disturbed(&archive, || archive.trim(100)).await;
        assert_eq!((uuids, gap), (all.clone(), None), "they had been read");

        let archive = Archive::new(&calm(1_000, 50, 1_000));
        let (uuids, gap) = disturbed(&archive, || archive.trim(700)).await;
        assert!(uuids.len() < 1_000 && uuids.ends_with(&all[700..]));
        assert_eq!(gap.unwrap(), "Make removed entries while the trail was read");
    });
}

#[test]
fn an_entry_that_appears_among_older_ones_is_said_and_nothing_comes_twice() {
    on_a_paused_clock(async {
        let archive = Archive::new(&calm(1_000, 50, 1_000));
        let all = archive.uuids();
        let (uuids, gap) = disturbed(&archive, || archive.insert_before(10)).await;
        assert_eq!(uuids, all);
        assert_eq!(gap.unwrap(), "1 entries appeared among older ones that had been read already");
    });
}

#[test]
fn that_entries_were_removed_is_still_known_after_an_interruption() {
    on_a_paused_clock(async {
        let archive = Archive::new(&calm(1_000, 50, 1_000));
        let make = archive.make().uncached();
        let trail = Place::Organization(ACME);
        let filter = AuditLogFilter::default();
        let mut reading = make.audit_logs().oldest_first(trail, &filter, Cursor::default());
        reading.next().await.unwrap();
        archive.trim(700);
        while !reading.cursor().trimmed {
            assert!(reading.next().await.unwrap().is_some(), "it is noticed");
        }
        let mut reading = make.audit_logs().oldest_first(trail, &filter, reading.cursor());
        while reading.next().await.unwrap().is_some() {}
        assert_eq!(reading.gap().unwrap(), "Make removed entries while the trail was read");
    });
}
