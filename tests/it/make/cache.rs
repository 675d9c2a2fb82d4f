//! What is kept, for how long, and who shares a request.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, future::join_all};
use make_admin_mcp::make::{
    Credential, EnumList, ListRoles, Make, Page, Request, Response, ResponseFuture, Transport,
};
use serde_json::json;
use tokio::{sync::Notify, time::advance};

use crate::support::{
    host::TOKEN,
    permit::permit,
    script::{Script, fine, status},
};

/// Answers when it is let; counts what was asked and what ended.
#[derive(Clone, Default)]
struct Held(Arc<Counts>);

#[derive(Default)]
struct Counts {
    asked: AtomicUsize,
    dropped: AtomicUsize,
    go: Notify,
}

struct UnderWay(Arc<Counts>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

impl Held {
    fn make(&self) -> Make {
        Make::with_jitter(self.clone(), Some(Credential::new(TOKEN)), || 1.0)
    }

    fn asked(&self) -> usize {
        self.0.asked.load(Ordering::SeqCst)
    }

    fn dropped(&self) -> usize {
        self.0.dropped.load(Ordering::SeqCst)
    }
}

impl Transport for Held {
    fn send<'a>(&'a self, _: &'a Request) -> ResponseFuture<'a> {
        self.0.asked.fetch_add(1, Ordering::SeqCst);
        let request = UnderWay(self.0.clone());
        Box::pin(async move {
            request.0.go.notified().await;
            Ok(Response::json(200, &json!({ "organizations": [{ "id": 11 }], "apiToken": {} })))
        })
    }
}

async fn organizations(make: &Make) -> usize {
    make.organizations().list(None, &[], &Page::default()).await.unwrap().items.len()
}

#[tokio::test]
async fn equal_reads_at_once_share_one_request() {
    let held = Held::default();
    let make = held.make();
    let reads = join_all((0..8).map(|_| organizations(&make)));
    let (found, ()) = tokio::join!(reads, async {
        tokio::task::yield_now().await;
        held.0.go.notify_one();
    });
    assert_eq!(found, [1; 8]);
    assert_eq!(held.asked(), 1);
}

#[tokio::test]
async fn a_shared_request_ends_with_its_last_waiter() {
    let held = Held::default();
    let make = held.make();
    let mut first = Box::pin(organizations(&make));
    let mut second = Box::pin(organizations(&make));
    assert!(first.as_mut().now_or_never().is_none() && second.as_mut().now_or_never().is_none());
    drop(first);
    assert_eq!((held.asked(), held.dropped()), (1, 0), "the second still waits");
    held.0.go.notify_one();
    assert_eq!(second.await, 1);

    let uncached = make.uncached();
    let mut alone = Box::pin(organizations(&uncached));
    assert!(alone.as_mut().now_or_never().is_none());
    drop(alone);
    assert_eq!((held.asked(), held.dropped()), (2, 2));
}

#[tokio::test(start_paused = true)]
async fn answers_are_kept_as_long_as_they_are_good() {
    for (seconds, read) in [
        (60, (|make| organizations_boxed(make)) as fn(Make) -> Reading),
        (60, |make| Box::pin(async move { drop(make.me().authorization().await.unwrap()) })),
        (600, |make| {
            Box::pin(async move { drop(make.roles().list(&ListRoles::default()).await.unwrap()) })
        }),
        (24 * 3600, |make| {
            Box::pin(async move { drop(make.enums().list(EnumList::Countries).await.unwrap()) })
        }),
    ] {
        let answer = json!({ "organizations": [], "usersRoles": [], "countries": [],
        "authorization": { "scope": [] } });
        let script = Script::new((0..2).map(|_| Ok(Response::json(200, &answer))));
        let make = script.make();
        read(make.clone()).await;
        advance(Duration::from_secs(seconds - 1)).await;
        read(make.clone()).await;
        assert_eq!(script.asked(), 1, "kept for {seconds} s");
        advance(Duration::from_secs(1)).await;
        read(make).await;
        assert_eq!(script.asked(), 2, "not longer than {seconds} s");
    }
}

type Reading = std::pin::Pin<Box<dyn Future<Output = ()>>>;

fn organizations_boxed(make: Make) -> Reading {
    Box::pin(async move {
        organizations(&make).await;
    })
}

#[tokio::test]
async fn one_credential_does_not_see_what_another_was_answered() {
    let script = Script::new([fine(), fine()]);
    let make = script.make();
    organizations(&make).await;
    organizations(&make.with_credential(Some(Credential::new("another")))).await;
    assert_eq!(script.asked(), 2);
}

#[tokio::test]
async fn a_write_clears_everything_but_enums_even_if_it_fails_or_is_dropped() {
    let lists = json!({ "organizations": [], "countries": [] });
    for failing in [false, true] {
        let list = || Ok(Response::json(200, &lists));
        let write = if failing { status(400) } else { fine() };
        let script = Script::new([list(), list(), write, list()]);
        let make = script.make();
        organizations(&make).await;
        make.enums().list(EnumList::Countries).await.unwrap();
        assert_eq!(make.api_tokens().create(&*permit().await, "x", &[]).await.is_err(), failing);
        organizations(&make).await;
        make.enums().list(EnumList::Countries).await.unwrap();
        assert_eq!(script.left(), 0);
    }
    let held = Held::default();
    let make = held.make();
    held.0.go.notify_one();
    organizations(&make).await;
    let tokens = make.api_tokens();
    let permit = permit().await;
    let mut write = Box::pin(tokens.create(&permit, "x", &[]));
    assert!(write.as_mut().now_or_never().is_none());
    drop(write);
    held.0.go.notify_one();
    organizations(&make).await;
    assert_eq!(held.asked(), 3);
}

/// A read under way while a write begins and is dropped.
async fn read_across_a_write(held: &Held, make: &Make) -> Reading {
    let mut before: Reading = organizations_boxed(make.clone());
    assert!(before.as_mut().now_or_never().is_none());
    let tokens = make.api_tokens();
    let permit = permit().await;
    let mut write = Box::pin(tokens.create(&permit, "x", &[]));
    assert!(write.as_mut().now_or_never().is_none());
    assert_eq!(held.asked(), 2);
    before
}

#[tokio::test]
async fn a_read_that_began_before_a_write_is_not_kept() {
    let held = Held::default();
    let make = held.make();
    let before = read_across_a_write(&held, &make).await;
    held.0.go.notify_one();
    before.await;
    held.0.go.notify_one();
    organizations(&make).await;
    assert_eq!(held.asked(), 3);
}

#[tokio::test]
async fn a_read_after_a_write_does_not_share_one_from_before() {
    let held = Held::default();
    let make = held.make();
    let before = read_across_a_write(&held, &make).await;
    let mut after = organizations_boxed(make.clone());
    assert!(after.as_mut().now_or_never().is_none());
    assert_eq!(held.asked(), 3, "it is a request of its own");
    held.0.go.notify_waiters();
    before.await;
    after.await;
    organizations(&make).await;
    assert_eq!(held.asked(), 3, "and its answer is kept");
}

#[tokio::test]
async fn fresh_reads_go_past_all_that() {
    let script = Script::new([fine(), fine(), fine()]);
    let make = script.make();
    organizations(&make).await;
    join_all((0..2).map(|_| async { organizations(&make.uncached()).await })).await;
    assert_eq!(script.left(), 0);
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let script = Script::new([status(404), fine()]);
    let make = script.make();
    assert!(make.organizations().list(None, &[], &Page::default()).await.is_err());
    organizations(&make).await;
}

/// Answers every organization with so many bytes.
struct Long(usize);

impl Transport for Long {
    fn send<'a>(&'a self, call: &'a Request) -> ResponseFuture<'a> {
        let name = "x".repeat(self.0);
        let body = json!({ "organization": { "id": 1, "name": name }, "organizations": [] });
        let _ = call;
        Box::pin(async move { Ok(Response::json(200, &body)) })
    }
}

#[tokio::test]
async fn what_is_kept_is_bounded_by_bytes_and_by_number() {
    use make_admin_mcp::make::OrganizationId;
    for (bytes, most) in [(100_000, 83), (10, 1000)] {
        let make = Make::with_jitter(Long(bytes), Some(Credential::new(TOKEN)), || 1.0);
        for id in 1..=1_500 {
            make.organizations().get(OrganizationId(id), &[], false).await.unwrap();
        }
        let kept = make.kept();
        let count: u64 = kept.split(' ').next().unwrap().parse().unwrap();
        assert!(count > most / 2 && count <= most, "{kept}");
        let gates: u64 = kept.rsplit(' ').nth(2).unwrap().parse().unwrap();
        assert!(gates <= 1_500, "{kept}");
    }
}

#[tokio::test(start_paused = true)]
async fn rate_limiters_that_have_no_use_any_more_go() {
    use make_admin_mcp::make::OrganizationId;
    let make = Make::with_jitter(Long(10), Some(Credential::new(TOKEN)), || 1.0);
    let read = async |ids: std::ops::Range<u64>| {
        for id in ids {
            make.organizations().get(OrganizationId(id), &[], false).await.unwrap();
        }
    };
    read(1..1_500).await;
    advance(Duration::from_secs(70)).await;
    read(5_000..6_000).await;
    let kept = make.kept();
    let gates: u64 = kept.rsplit(' ').nth(2).unwrap().parse().unwrap();
    assert!((900..1_100).contains(&gates), "{kept}");
}
