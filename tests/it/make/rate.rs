//! Rate limits and repetition, on a paused clock.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use make_admin_mcp::make::{Credential, Error, Make, OrganizationId, Page, Response, RetryBudget};
use tokio::time::Instant;

use crate::support::{
    permit::permit,
    script::{Script, Step, fine, lost, silent, status, unreachable, wait},
};

const ACME: OrganizationId = OrganizationId(11);
const OTHER: OrganizationId = OrganizationId(12);

/// As a tool call waits: 25 s from now.
fn retrying_long(make: &Make) -> Make {
    make.with_retry_budget(RetryBudget {
        until: Some(Instant::now() + Duration::from_secs(25)),
        ..RetryBudget::default()
    })
}

async fn read(make: &Make) -> Result<(), Error> {
    make.organizations().list(None, &[], &Page::default()).await.map(|_| ())
}

async fn write(make: &Make) -> Result<(), Error> {
    make.api_tokens().create(&*permit().await, "x", &[]).await.map(|_| ())
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_is_waited_out_and_asked_again() {
    let script = Script::new([status(429), status(429), status(429), status(429), fine()]);
    read(&script.make()).await.unwrap();
    assert_eq!(script.seconds(), [0.0, 1.0, 3.0, 7.0, 15.0]);
}

#[tokio::test(start_paused = true)]
async fn what_make_says_about_waiting_counts() {
    let script = Script::new([wait(7), status(429), fine()]);
    read(&script.make()).await.unwrap();
    assert_eq!(script.seconds(), [0.0, 7.0, 9.0]);
}

#[tokio::test(start_paused = true)]
async fn without_an_end_of_patience_waits_grow_to_the_minute() {
    let script = Script::new((0..8).map(|_| status(429)).chain([fine()]));
    read(&script.make()).await.unwrap();
    assert_eq!(script.seconds(), [0.0, 1.0, 3.0, 7.0, 15.0, 31.0, 63.0, 123.0, 183.0]);
}

#[tokio::test(start_paused = true)]
async fn past_its_patience_a_call_says_what_is_left_of_the_minute() {
    let script = Script::new((0..5).map(|_| status(429)));
    let Err(Error::RateLimited { retry_after }) = read(&retrying_long(&script.make())).await else {
        panic!("it gave up")
    };
    assert_eq!(
        script.seconds(),
        [0.0, 1.0, 3.0, 7.0, 15.0],
        "the next wait of 16 s would end after 31 s"
    );
    assert_eq!(retry_after, Duration::from_secs(60 - 15));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_does_not_fit_is_not_begun() {
    let script = Script::new([wait(40)]);
    let make = script.make();
    let started = Instant::now();
    let Err(Error::RateLimited { retry_after }) = read(&retrying_long(&make)).await else {
        panic!("it gave up")
    };
    assert_eq!((retry_after, started.elapsed()), (Duration::from_secs(40), Duration::ZERO));
    let Err(Error::RateLimited { .. }) = read(&retrying_long(&make)).await else {
        panic!("the gate is closed")
    };
    assert_eq!(script.asked(), 1, "nothing is sent through a closed gate");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_no_clock_can_count_is_an_error() {
    for seconds in [u64::MAX, u64::MAX / 2, 1 << 40] {
        let script = Script::new([wait(seconds)]);
        let Err(Error::RateLimited { retry_after }) = read(&retrying_long(&script.make())).await
        else {
            panic!("{seconds}")
        };
        assert!(retry_after >= Duration::from_secs(365 * 24 * 60 * 60), "{retry_after:?}");
    }
    let unavailable = Response { retry_after: Some(Duration::MAX), ..Response::text(503, "") };
    let script = Script::new([Ok(unavailable)]);
    let Err(Error::Refused(refusal)) = read(&retrying_long(&script.make())).await else {
        panic!("it waited")
    };
    assert_eq!((refusal.status, script.asked()), (503, 1));
}

#[tokio::test(start_paused = true)]
async fn one_gate_is_for_one_organization_and_one_credential() {
    let script = Script::new([wait(10), fine(), fine(), fine()]);
    let make = script.make();
    let organizations = make.organizations();
    let (first, rest) = tokio::join!(organizations.get(ACME, &[], false), async {
        while script.asked() == 0 {
            tokio::task::yield_now().await;
        }
        let started = Instant::now();
        make.organizations().get(OTHER, &[], false).await.unwrap();
        let other = make.with_credential(Some(Credential::new("another")));
        other.organizations().get(ACME, &[], false).await.unwrap();
        started.elapsed()
    });
    first.unwrap();
    assert_eq!(rest, Duration::ZERO, "others do not wait");
    assert_eq!(script.seconds(), [0.0, 0.0, 0.0, 10.0]);
}

#[tokio::test(start_paused = true)]
async fn calls_that_are_refused_together_are_one_refusal() {
    let steps = (0..8).map(|_| status(429)).chain((0..8).map(|_| fine()));
    let script = Script::new(steps);
    let make = script.make().uncached();
    let calls = (0..8).map(|_| async { make.organizations().get(ACME, &[], false).await.unwrap() });
    futures_util::future::join_all(calls).await;
    assert_eq!(script.seconds().last(), Some(&1.0), "1 s, not 1 + 2 + 4 …");
    assert_eq!(script.left(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_success_ends_the_row_of_refusals() {
    let script = Script::new([status(429), status(429), fine(), status(429), fine()]);
    let make = script.make().uncached();
    read(&make).await.unwrap();
    read(&make).await.unwrap();
    assert_eq!(script.seconds(), [0.0, 1.0, 3.0, 3.0, 4.0], "the last wait is 1 s again");
}

#[tokio::test(start_paused = true)]
async fn every_wait_is_told_before_it_begins() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let on_wait = {
        let told = told.clone();
        Arc::new(move |wait: Duration| told.lock().unwrap().push(wait.as_secs()))
    };
    let script = Script::new([status(429), wait(5), fine()]);
    let make = script.make().with_retry_budget(RetryBudget {
        until: None,
        on_wait: Some(on_wait),
        ..RetryBudget::default()
    });
    read(&make).await.unwrap();
    assert_eq!(*told.lock().unwrap(), [1, 5]);
}

#[tokio::test(start_paused = true)]
async fn what_may_be_repeated_is_repeated_and_nothing_else() {
    type Steps = Vec<fn() -> Step>;
    let down: fn() -> Step = || status(503);
    for (what, steps, reads, writes) in [
        ("429", vec![(|| status(429)) as fn() -> Step], 2, 2),
        ("502", vec![|| status(502)], 2, 1),
        ("503", vec![down], 2, 1),
        ("504", vec![|| status(504)], 2, 1),
        ("500", vec![|| status(500)], 1, 1),
        ("501", vec![|| status(501)], 1, 1),
        ("lost", vec![lost], 2, 1),
        ("unreachable", vec![unreachable], 2, 2),
        ("silent", vec![silent], 1, 1),
        ("always down", vec![down; 9], 3, 1),
        ("never reachable", vec![unreachable; 9], 3, 3),
    ] as [(&str, Steps, usize, usize); 11]
    {
        for (writing, expected) in [(false, reads), (true, writes)] {
            let script = Script::new(steps.iter().map(|step| step()).chain((0..1).map(|_| fine())));
            let make = script.make();
            let _ = if writing { write(&make).await } else { read(&make).await };
            assert_eq!(
                script.asked(),
                expected,
                "{what}, {}",
                if writing { "write" } else { "read" }
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_repetition_waits_as_long_as_make_asks_and_only_within_patience() {
    let down = |seconds| {
        wait(seconds).map(|mut reply| {
            reply.status = 503;
            reply
        })
    };
    let script = Script::new([down(9), down(60)]);
    let error = read(&retrying_long(&script.make())).await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    assert_eq!(script.seconds(), [0.0, 9.0]);
}
