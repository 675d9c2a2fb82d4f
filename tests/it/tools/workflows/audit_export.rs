//! make-audit-export: complete, never twice, the same bytes whatever comes between, and never where it may not write.

use std::{fs, path::Path};

use proptest::{prelude::*, test_runner::TestRunner};
use rmcp::service::ClientLifecycleMode;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::{
    archive::{Archive, Manners, calm, manners, on_a_paused_clock},
    host::{Host, TOKEN, private_folder},
    wire::{Wire, fixture},
};

/// A window that has every entry of an archive.
fn all(path: &str) -> Value {
    json!({ "organizationId": 11, "dateFrom": "2020-01-01", "dateTo": "2030-12-31", "path": path })
}

fn with(mut arguments: Value, more: Value) -> Value {
    let more = more.as_object().unwrap().clone();
    arguments.as_object_mut().unwrap().extend(more);
    arguments
}

async fn host(archive: &Archive, home: TempDir) -> Host {
    let flags = ["--base-url", "http://127.0.0.1:1"];
    let make = Some(archive.make());
    Host::in_home(home, TOKEN, &flags, make, ClientLifecycleMode::Initialize).await
}

fn exports(home: &Path) -> std::path::PathBuf {
    home.join("state/exports")
}

/// What a killed process leaves: the files as they are at this moment.
fn left_behind(home: &TempDir) -> TempDir {
    let new = tempfile::tempdir().unwrap();
    let (from, to) = (exports(home.path()), exports(new.path()));
    if from.exists() {
        private_folder(&to);
        for file in fs::read_dir(from).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    new
}

fn uuids(file: &[u8]) -> Vec<String> {
    let lines = std::str::from_utf8(file).unwrap().lines();
    lines
        .map(|line| {
            serde_json::from_str::<Value>(line).unwrap()["uuid"].as_str().unwrap().to_owned()
        })
        .collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Exports with interruptions until it is done. The file, and what the tool said of it.
async fn stubbornly(archive: &Archive, interruptions: usize) -> (Vec<u8>, Value, TempDir) {
    let mut home = tempfile::tempdir().unwrap();
    for attempt in 0..interruptions + 10 {
        let host = host(archive, home).await;
        let begun = ["", ".checkpoint.json"]
            .iter()
            .any(|ending| exports(host.home.path()).join(format!("a.jsonl{ending}")).exists());
        let arguments = with(all("a.jsonl"), json!({ "resume": begun }));
        let cut = archive.draw(12) + 1;
        let done = tokio::select! {
            result = host.try_call("make-audit-export", arguments) => result.ok(),
            () = archive.after(cut), if attempt < interruptions => None,
        };
        if let Some(result) = done.filter(|result| result.is_error == Some(false)) {
            let export = result.structured_content.unwrap()["export"].clone();
            let file = fs::read(export["path"].as_str().unwrap()).unwrap();
            return (file, export, host.home);
        }
        // Killed, or ended as a host ends it.
        home = if archive.draw(2) == 0 {
            left_behind(&host.home)
        } else {
            let Host { client, home } = host;
            client.cancel().await.unwrap();
            home
        };
        if attempt >= interruptions {
            archive.calm_down();
        }
    }
    panic!("it never ends")
}

/// Runs one schedule. The trail and the bytes of its export.
async fn survives(manners: &Manners, interruptions: usize) -> (Archive, Vec<u8>) {
    let archive = Archive::new(manners);
    let (file, export, home) = stubbornly(&archive, interruptions).await;
    archive.holds(&uuids(&file));
    assert_eq!(export["complete"], true, "{export}");
    assert_eq!(export["sha256"], sha256(&file));
    let mut names: Vec<_> = fs::read_dir(exports(home.path()))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["a.jsonl", "a.jsonl.manifest.json"], "nothing else is left");
    (archive, file)
}

#[test]
fn no_schedule_of_kills_loses_or_repeats_an_entry() {
    let config =
        ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new(config)
        .run(&(manners(), 0..6_usize), |(manners, interruptions)| {
            on_a_paused_clock(async {
                let (archive, file) = survives(&manners, interruptions).await;
                archive.calm_down();
                let (undisturbed, ..) = stubbornly(&archive, 0).await;
                // What came after its start is in a later export alone.
                assert!(undisturbed.starts_with(&file), "byte for byte");
            });
            Ok(())
        })
        .unwrap();
}

#[test]
fn two_hundred_thousand_entries_survive_everything_at_once() {
    let manners = Manners {
        ties: 5,
        arrivals: 5,
        refusals: 5,
        resets: 5,
        quota: None,
        ..calm(200_000, 500, 0)
    };
    let _ = on_a_paused_clock(survives(&manners, 12));
}

#[tokio::test]
async fn the_window_is_cut_here_and_make_gets_a_day_more_on_both_sides() {
    let at = "/audit-logs/organization/11";
    let mut body = fixture("audit_logs/list_organization_audit_logs");
    let entry = |uuid: &str, triggered: Value, created: &str| {
        let mut entry = body["auditLogs"][0].clone();
        (entry["uuid"], entry["triggeredAt"], entry["createdAt"]) =
            (uuid.into(), triggered, created.into());
        entry
    };
    let rows = [
        entry("before", "2026-05-09T23:59:59.999Z".into(), "2026-05-10T00:00:01.000Z"),
        entry("first", "2026-05-10T00:00:00.000Z".into(), "2026-05-10T00:00:01.000Z"),
        // Make documents a number too.
        entry("number", 1_778_500_000_000_i64.into(), "2026-05-11T12:00:00.000Z"),
        entry("silent", Value::Null, "2026-05-11T13:00:00.000Z"),
        entry("last", "2026-05-12T23:59:59.999Z".into(), "2026-05-13T00:00:02.000Z"),
        entry("after", "2026-05-13T00:00:00Z".into(), "2026-05-13T00:00:03.000Z"),
    ];
    body["auditLogs"] = json!(rows);
    body["pg"]["totalCount"] = 6.into();
    let end = json!({ "auditLogs": [rows[5]], "pg": { "limit": 100 } });
    let wire = Wire::answering(&[("GET", at, body)]).await;
    let last = wiremock::Mock::given(wiremock::matchers::query_param("pg[offset]", "5"))
        .respond_with(wiremock::ResponseTemplate::new(200).set_body_json(end))
        .with_priority(1);
    last.mount(&wire.server).await;
    let filters = fixture("audit_logs/get_organization_audit_log_filters");
    wiremock::Mock::given(wiremock::matchers::path(format!("/api/v2{at}/filters")))
        .respond_with(wiremock::ResponseTemplate::new(200).set_body_json(filters))
        .mount(&wire.server)
        .await;
    let arguments = json!({
        "organizationId": 11, "dateFrom": "2026-05-10", "dateTo": "2026-05-12",
        "event": ["webhook_created"],
        "author": ["DANA rivers"], "team": ["my team"], "format": "csv", "path": "a.csv",
    });
    let result = wire.host.try_call("make-audit-export", arguments).await.unwrap();
    let answer = result.structured_content.unwrap();
    let file = fs::read_to_string(answer["export"]["path"].as_str().unwrap()).unwrap();
    let uuids: Vec<_> = file.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(uuids, ["uuid", "first", "number", "silent", "last"]);
    let requests = wire.requests().await;
    let query = "team%5B0%5D=22&dateFrom=2026-05-09&dateTo=2026-05-13&event%5B0%5D=webhook_created&author%5B0%5D=41";
    assert!(
        requests.contains(&format!(
            "GET {at}?{query}&pg%5Boffset%5D=0&pg%5Blimit%5D=500&pg%5BsortBy%5D=createdAt&pg%5BsortDir%5D=asc&pg%5BreturnTotalCount%5D=true"
        )),
        "{requests:#?}"
    );
    assert!(requests.contains(&"GET /organizations/11".to_owned()), "{requests:#?}");

    let manifest: Value = serde_json::from_slice(
        &fs::read(answer["export"]["manifestPath"].as_str().unwrap()).unwrap(),
    )
    .unwrap();
    assert_eq!(
        (
            &manifest["count"], &manifest["first"]["uuid"], &manifest["last"]["uuid"],
            &manifest["account"]["userId"]
        ),
        (&json!(4), &json!("first"), &json!("last"), &json!(41))
    );
    assert_eq!(manifest["sha256"], sha256(file.as_bytes()));
    let window = &manifest["window"];
    assert_eq!(
        (&window["event"], &window["author"], &window["team"]),
        (&json!(["webhook_created"]), &json!(["41"]), &json!(["22"])),
        "in Make's form"
    );
    let links: Vec<_> = result.content[1..]
        .iter()
        .map(|block| serde_json::to_value(block).unwrap()["name"].clone())
        .collect();
    assert_eq!(links, ["a.csv", "a.csv.manifest.json"]);
}

#[tokio::test]
async fn details_are_added_and_missing_ones_counted() {
    let entry = fixture("audit_logs/list_organization_audit_logs")["auditLogs"][0].clone();
    let mut gone = entry.clone();
    (gone["uuid"], gone["createdAt"]) = ("gone".into(), "2026-05-25T00:00:00.000Z".into());
    let first = json!({ "auditLogs": [entry, gone], "pg": { "limit": 500, "totalCount": 2 } });
    let detail = fixture("audit_logs/get_audit_log_detail");
    let uuid = entry["uuid"].as_str().unwrap();
    let wire = Wire::answering(&[
        ("GET", "/audit-logs/organization/11", first),
        ("GET", &format!("/audit-logs/11/{uuid}"), detail.clone()),
    ])
    .await;
    let end = wiremock::Mock::given(wiremock::matchers::query_param("pg[offset]", "1"))
        .respond_with(
            wiremock::ResponseTemplate::new(200).set_body_json(json!({ "auditLogs": [gone] })),
        )
        .with_priority(1);
    end.mount(&wire.server).await;
    let export = wire
        .host
        .call("make-audit-export", with(all("d.jsonl"), json!({ "withDetails": true })))
        .await;
    let file = fs::read_to_string(export["export"]["path"].as_str().unwrap()).unwrap();
    assert_eq!(file, format!("{detail}\n{gone}\n"));
    assert_eq!(export["export"]["notes"], json!(["Make has no details of 1 entries."]));
}

#[tokio::test]
async fn a_path_that_is_not_free_is_refused_and_nothing_is_written() {
    let outside = tempfile::tempdir().unwrap();
    let allowed = tempfile::tempdir().unwrap();
    let flags = ["--export-dir", allowed.path().to_str().unwrap()];
    let host = Host::sandbox(&flags).await;
    let inside = |name: &str| allowed.path().join(name).to_str().unwrap().to_owned();
    std::os::unix::fs::symlink(outside.path(), allowed.path().join("link")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("new"), allowed.path().join("dangling"))
        .unwrap();
    fs::write(allowed.path().join("there"), "precious").unwrap();
    let absolute = outside.path().join("a.jsonl");
    let wrong = [
        absolute.to_str().unwrap().to_owned(),
        "../a.jsonl".to_owned(),
        inside("../a.jsonl"),
        inside("link/a.jsonl"),
        inside("dangling"),
        inside("there"),
        "/dev/null".to_owned(),
    ];
    let before = |folder: &Path| fs::read_dir(folder).unwrap().count();
    for tool in ["make-audit-export"] {
        for path in &wrong {
            for resume in [false, true] {
                let arguments = with(all(path), json!({ "resume": resume }));
                let error = host.fail(tool, arguments).await;
                assert_eq!(error["kind"], "invalid_arguments", "{path}: {error}");
                assert!(error["hint"].is_string());
            }
        }
    }
    assert_eq!((before(outside.path()), before(allowed.path())), (0, 3));
    assert_eq!(before(&exports(host.home.path())), 0);
    assert_eq!(fs::read_to_string(allowed.path().join("there")).unwrap(), "precious");

    // The same folder takes what is new, and what was taken is not taken twice.
    host.call("make-audit-export", all(&inside("a.jsonl"))).await;
    host.fail("make-audit-export", all(&inside("a.jsonl"))).await;
}

#[tokio::test]
async fn what_cannot_be_gone_on_with_is_said() {
    let host = Host::sandbox(&[]).await;
    let resumed = |path: &str| with(all(path), json!({ "resume": true }));
    let error = host.fail("make-audit-export", resumed("a.jsonl")).await;
    assert!(
        error["message"].as_str().unwrap().starts_with("there is nothing to go on with"),
        "{error}"
    );

    // As an interrupted export left it, then changed by somebody.
    let exported = host.call("make-audit-export", all("a.jsonl")).await;
    let path = exported["export"]["path"].as_str().unwrap();
    let manifest: Value =
        serde_json::from_slice(&fs::read(format!("{path}.manifest.json")).unwrap()).unwrap();
    let checkpoint = |bytes: u64, sha256: &str| {
        let job = json!({
            "account": manifest["account"], "window": manifest["window"], "format": "jsonl",
            "withDetails": false,
        });
        let progress = json!({ "mark": { "offset": 0, "through": null, "handedOut": 0 },
        "count": 0, "first": null, "last": null, "incomplete": 0 });
        json!({ "job": job, "progress": progress, "bytes": bytes, "sha256": sha256,
        "manifest": null })
        .to_string()
    };
    let place = exports(host.home.path());
    fs::write(place.join("b.jsonl.part"), "tampered").unwrap();
    fs::write(place.join("b.jsonl.checkpoint.json"), checkpoint(4, &sha256(b"good"))).unwrap();
    let error = host.fail("make-audit-export", resumed("b.jsonl")).await;
    assert!(
        error["message"].as_str().unwrap().contains("was changed since it was written"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(place.join("b.jsonl.part")).unwrap(), "tampered");

    let other = with(resumed("b.jsonl"), json!({ "author": [41] }));
    let error = host.fail("make-audit-export", other).await;
    assert!(error["message"].as_str().unwrap().contains("other arguments"), "{error}");

    // Without `resume` it is not touched either.
    let error = host.fail("make-audit-export", all("b.jsonl")).await;
    assert!(error["hint"].as_str().unwrap().contains("resume: true"), "{error}");

    // What was torn after the checkpoint is dropped.
    fs::write(place.join("b.jsonl.part"), "torn li").unwrap();
    fs::write(place.join("b.jsonl.checkpoint.json"), checkpoint(0, &sha256(b""))).unwrap();
    let again = host.call("make-audit-export", resumed("b.jsonl")).await;
    assert_eq!(again["export"]["sha256"], exported["export"]["sha256"]);
}

#[tokio::test]
async fn a_window_beyond_the_plan_and_a_missing_name_are_said() {
    let host = Host::sandbox(&[]).await;
    let arguments =
        json!({ "organizationId": 11, "dateFrom": "2024-01-01", "dateTo": "2026-05-31" });
    let first = host.call("make-audit-export", arguments.clone()).await;
    assert_eq!(first["export"]["complete"], false);
    assert_eq!(
        first["export"]["notes"],
        json!([
            "The plan keeps audit logs for 365 days: entries before 2025-06-01 are not in the \
             trail any more."
        ])
    );
    // A second one gets a name of its own.
    let second = host.call("make-audit-export", arguments.clone()).await;
    assert_eq!(first["export"]["sha256"], second["export"]["sha256"]);
    assert!(second["export"]["path"].as_str().unwrap().ends_with("-2.jsonl"));
    // So does one whose file was taken away and whose manifest was left.
    fs::remove_file(first["export"]["path"].as_str().unwrap()).unwrap();
    let third = host.call("make-audit-export", arguments).await;
    assert!(third["export"]["path"].as_str().unwrap().ends_with("-3.jsonl"));
    for (wrong, why) in [
        (
            json!({ "organizationId": 11, "dateFrom": "2026-06-01", "dateTo": "2026-05-31" }),
            "later",
        ),
        (
            json!({ "teamId": 22, "dateFrom": "2026-05-01", "dateTo": "2026-05-31",
            "team": ["x"] }),
            "`team` filters",
        ),
        (json!({ "dateFrom": "2026-05-01", "dateTo": "2026-05-31" }), "is missing"),
    ] {
        let error = host.fail("make-audit-export", wrong).await;
        assert!(error["message"].as_str().unwrap().contains(why), "{error}");
    }
    let error = host
        .fail(
            "make-audit-export",
            json!({ "organizationId": 12, "dateFrom": "2026-05-01", "dateTo": "2026-05-31" }),
        )
        .await;
    assert_eq!(error["kind"], "plan_required");
}

#[tokio::test]
async fn two_at_once_do_not_mix() {
    let archive = Archive::new(&calm(2_000, 50, 1000));
    let make = || Some(archive.make());
    let flags = ["--base-url", "http://127.0.0.1:1"];
    let home = tempfile::tempdir().unwrap();
    let one = Host::in_home(home, TOKEN, &flags, make(), ClientLifecycleMode::Initialize).await;
    let (first, second) = tokio::join!(
        one.try_call("make-audit-export", all("a.jsonl")),
        one.try_call("make-audit-export", all("a.jsonl"))
    );
    let failed: Vec<_> = [first.unwrap(), second.unwrap()]
        .iter()
        .map(|result| result.is_error == Some(true))
        .collect();
    assert!(failed == [true, false] || failed == [false, true], "{failed:?}");
    let file = fs::read(exports(one.home.path()).join("a.jsonl")).unwrap();
    assert_eq!(uuids(&file), archive.uuids());
}

#[tokio::test]
async fn progress_is_told_with_counts() {
    let archive = Archive::new(&calm(300, 50, 1000));
    let host = host(&archive, tempfile::tempdir().unwrap()).await;
    host.call("make-audit-export", all("a.jsonl")).await;
    let told = host.client.service().0.lock().unwrap().clone();
    assert!(told.iter().any(|message| message == "49 entries written"), "{told:?}");
    assert!(told.iter().any(|message| message == "300 entries written"), "{told:?}");
}
