//! The journal: its form, its chain, and what a change of it or a crash looks like.

use std::{fs, path::Path};

use make_admin_mcp::{
    guard::{Journal, JournalOutcome, show, verify},
    store::StateFolder,
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::support::{
    host::eras,
    stage::{Person, Stage, call, end, said},
};

fn entry(number: u64) -> make_admin_mcp::guard::JournalEntry {
    let arguments = Map::from_iter([("number".to_owned(), json!(number))]);
    make_admin_mcp::guard::JournalEntry::new("make-update-org", &arguments)
}

/// A journal of some writes, all of them at their end.
fn written(home: &Path, writes: u64) -> StateFolder {
    let folder = StateFolder::new(home.join("state"));
    let journal = Journal::new(folder.clone());
    for number in 0..writes {
        journal.append(&entry(number), JournalOutcome::Sent, None, None).unwrap();
        journal.append(&entry(number), JournalOutcome::Applied, Some(200), None).unwrap();
    }
    folder
}

fn edit(folder: &StateFolder, change: impl Fn(&mut Vec<String>)) {
    let path = folder.path().join("journal.jsonl");
    let mut lines: Vec<String> =
        fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    change(&mut lines);
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(path, text).unwrap();
}

#[tokio::test]
async fn a_line_has_the_documented_keys_and_hash() {
    let stage = Stage::new(&["--confirm", "off"]);
    let [era, _] = eras();
    let client = stage.host(era, Person::default()).await;
    let arguments = json!({ "organizationId": 11, "email": "t@example.com", "name": "T",
    "usersRoleId": 13, "note": "a\u{202e}b" });
    call(&client, "make-invite-user", &arguments).await;
    let text = fs::read_to_string(stage.state().join("journal.jsonl")).unwrap();
    let mut prev = "0".repeat(64);
    for (number, text) in text.lines().enumerate() {
        let line: Map<String, Value> = serde_json::from_str(text).unwrap();
        let keys: Vec<_> = line.keys().map(String::as_str).collect();
        assert_eq!(
            keys,
            [
                "seq", "time", "pid", "account", "tool", "arguments", "plan", "outcome", "status",
                "prev", "hash"
            ]
        );
        assert_eq!(line["seq"], number + 1);
        assert_eq!(line["pid"], std::process::id());
        assert_eq!(line["account"], json!({ "userId": 41, "zone": "127.0.0.1:1" }));
        let noted = json!({ "organizationId": 11, "email": "t@example.com", "name": "T",
        "usersRoleId": 13, "note": "a\\u{202e}b" });
        assert_eq!(line["arguments"], noted);
        let time = line["time"].as_str().unwrap();
        assert!(
            time.len() == 24 && time.ends_with('Z') && time.parse::<jiff::Timestamp>().is_ok(),
            "{time}"
        );
        assert_eq!(line["prev"], prev);
        // The documented hash, worked out by hand: sorted keys, no blanks, without `hash`.
        let sorted: std::collections::BTreeMap<_, _> =
            line.iter().filter(|(key, _)| *key != "hash").collect();
        let arguments = r#"{"email":"t@example.com","name":"T","note":"a\\u{202e}b","organizationId":11,"usersRoleId":13}"#;
        let canonical = serde_json::to_string(&sorted).unwrap();
        let canonical = canonical.replace(&noted.to_string(), arguments);
        assert!(canonical.contains(arguments), "{canonical}");
        assert!(canonical.starts_with(r#"{"account":{"userId":41,"zone":"127.0.0.1:1"},"#));
        let digest: String =
            Sha256::digest(canonical).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(line["hash"], digest);
        prev = digest;
    }
    assert_eq!(stage.outcomes(), [JournalOutcome::Sent, JournalOutcome::Applied]);
    assert_eq!(stage.journal()[1].status, Some(200));
    let head: Value =
        serde_json::from_str(&fs::read_to_string(stage.state().join("journal.head")).unwrap())
            .unwrap();
    assert_eq!(head, json!({ "seq": 2, "hash": prev }));
}

#[test]
fn every_change_by_someone_else_is_found() {
    type Change = fn(&mut Vec<String>);
    let changes: [(&str, Change); 8] = [
        ("edited", |lines| lines[2] = lines[2].replace("\"number\":1", "\"number\":7")),
        ("deleted", |lines| drop(lines.remove(3))),
        ("reordered", |lines| lines.swap(2, 3)),
        ("cut", |lines| lines.truncate(4)),
        ("emptied", Vec::clear),
        ("begun later", |lines| drop(lines.drain(..2))),
        ("doubled", |lines| lines.insert(3, lines[2].clone())),
        ("with a name twice", |lines| {
            lines[1] = lines[1].replacen('{', "{\"outcome\":\"refused\",", 1)
        }),
    ];
    for (what, change) in changes {
        let home = tempfile::tempdir().unwrap();
        let folder = written(home.path(), 3);
        assert_eq!(verify(&folder).unwrap().problems, [""; 0]);
        edit(&folder, change);
        assert_ne!(verify(&folder).unwrap().problems, [""; 0], "{what}");
    }
    for file in ["journal.head", "journal.jsonl"] {
        let home = tempfile::tempdir().unwrap();
        let folder = written(home.path(), 3);
        fs::remove_file(folder.path().join(file)).unwrap();
        assert_ne!(verify(&folder).unwrap().problems, [""; 0], "{file} deleted");
    }
}

#[tokio::test]
async fn after_a_change_at_the_end_writes_are_refused_and_reads_go_on() {
    let [era, _] = eras();
    for change in
        [|lines: &mut Vec<String>| lines.truncate(1), |lines: &mut Vec<String>| lines.clear()]
    {
        let stage = Stage::new(&["--confirm", "off"]);
        let client = stage.host(era.clone(), Person::default()).await;
        let rename = json!({ "organizationId": 11, "name": "X" });
        call(&client, "make-update-org", &rename).await;
        edit(&StateFolder::new(stage.state()), change);
        let result = call(&client, "make-update-org", &rename).await;
        assert_eq!(end(&result), "refused_by_policy");
        assert!(said(&result).contains("changed by someone else"), "{}", said(&result));
        assert_eq!(stage.account.writes().len(), 1, "only the first");
        assert_eq!(end(&call(&client, "make-list-orgs", &json!({})).await), "answered");
    }
}

#[test]
fn what_a_crash_leaves_is_noted_and_repaired_by_the_next_line() {
    let home = tempfile::tempdir().unwrap();
    let folder = written(home.path(), 2);
    let path = |name: &str| folder.path().join(name);
    let journal = Journal::new(folder.clone());
    // Between the line and the head.
    let head = fs::read(path("journal.head")).unwrap();
    journal.append(&entry(9), JournalOutcome::Sent, None, None).unwrap();
    fs::write(path("journal.head"), head).unwrap();
    let report = verify(&folder).unwrap();
    assert_eq!((report.problems.len(), report.notes.len(), report.lines), (0, 1, 5), "{report:?}");
    journal.append(&entry(9), JournalOutcome::Applied, None, None).unwrap();
    assert_eq!(verify(&folder).unwrap().notes, [""; 0]);
    // In the middle of a line.
    let mut text = fs::read(path("journal.jsonl")).unwrap();
    text.extend(br#"{"seq":7,"time":"2026-"#);
    fs::write(path("journal.jsonl"), text).unwrap();
    let report = verify(&folder).unwrap();
    assert_eq!((report.problems.len(), report.notes.len(), report.lines), (0, 1, 6), "{report:?}");
    assert_eq!(show(&folder, 50).unwrap().unreadable, 1);
    journal.append(&entry(10), JournalOutcome::Refused, None, None).unwrap();
    let report = verify(&folder).unwrap();
    assert_eq!((report.problems.len(), report.notes.len(), report.lines), (0, 0, 7), "{report:?}");
}

#[test]
fn a_sent_write_without_an_end_is_shown_as_open() {
    let home = tempfile::tempdir().unwrap();
    let folder = written(home.path(), 2);
    let journal = Journal::new(folder.clone());
    journal.append(&entry(7), JournalOutcome::Planned, None, None).unwrap();
    journal.append(&entry(8), JournalOutcome::Sent, None, None).unwrap();
    let shown = show(&folder, 3).unwrap();
    assert_eq!(shown.lines.len(), 3);
    assert_eq!(shown.open.len(), 1, "{shown:?}");
    assert!(
        shown.open[0].contains(r#"line 6: make-update-org {"number":8} was sent"#),
        "{}",
        shown.open[0]
    );
    assert!(shown.open[0].contains("may or may not have been carried out"));
}

#[test]
fn several_writers_lose_no_line() {
    let home = tempfile::tempdir().unwrap();
    let folder = StateFolder::new(home.path().join("state"));
    std::thread::scope(|scope| {
        for writer in 0..4 {
            // Locks are of the file, so a journal of its own stands for a process of its own.
            let journal = Journal::new(folder.clone());
            scope.spawn(move || {
                for number in 0..25 {
                    journal
                        .append(&entry(writer * 100 + number), JournalOutcome::Refused, None, None)
                        .unwrap();
                }
            });
        }
    });
    let report = verify(&folder).unwrap();
    assert_eq!(
        (report.lines, report.problems.len(), report.notes.len()),
        (100, 0, 0),
        "{report:?}"
    );
}

#[tokio::test]
async fn how_a_write_ended_stands_in_the_journal() {
    use crate::support::wire::Wire;
    use wiremock::{Mock, ResponseTemplate, matchers::method};

    for (status, outcome) in [
        (200, "Applied"),
        (403, "Failed"),
        (429, "Failed"),
        (409, "Failed"),
        (500, "Unknown"),
        (502, "Unknown"),
        (302, "Unknown"),
    ] {
        let wire = Wire::new(&[]).await;
        let body = crate::support::wire::fixture("organizations/update_organization");
        let answer =
            ResponseTemplate::new(status).insert_header("retry-after", "60").set_body_json(body);
        Mock::given(method("PATCH")).respond_with(answer).mount(&wire.server).await;
        let rename = json!({ "organizationId": 11, "name": "X" });
        wire.host.try_call("make-update-org", rename).await.unwrap();
        let shown = show(&StateFolder::new(wire.host.home.path().join("state")), 50).unwrap();
        let last = shown.lines.last().unwrap();
        let text = fs::read_to_string(wire.host.home.path().join("state/journal.jsonl")).unwrap();
        let line: make_admin_mcp::guard::Line =
            serde_json::from_str(text.lines().last().unwrap()).unwrap();
        assert_eq!(
            (format!("{:?}", line.outcome).as_str(), line.status),
            (outcome, Some(status)),
            "{last}"
        );
        assert_eq!(shown.open, [""; 0]);
    }
}

#[tokio::test]
async fn nothing_that_a_host_sends_makes_the_journal_unreadable() {
    let stage = Stage::new(&["--confirm", "off"]);
    let client = stage.host(eras()[0].clone(), Person::default()).await;
    let huge = "x".repeat(200_000);
    for hostile in [
        json!({ huge.clone(): 1 }),
        json!({ "organizationId": 11, "name": huge.clone() }),
        json!({ "organizationId": huge.clone(), "name": [huge.clone(), { huge.clone(): huge }] }),
        json!({ "name": "\u{202e}\u{0}\n".repeat(50_000) }),
    ] {
        call(&client, "make-update-org", &hostile).await;
    }
    let well = json!({ "organizationId": 11, "name": "Acme" });
    assert_eq!(end(&call(&client, "make-update-org", &well).await), "answered", "writes go on");
    let folder = StateFolder::new(stage.state());
    assert_eq!(verify(&folder).unwrap().problems, [""; 0]);
    for line in fs::read_to_string(stage.state().join("journal.jsonl")).unwrap().lines() {
        assert!(line.len() < 64 << 10, "{} bytes", line.len());
    }
}

#[test]
fn damage_is_told_from_a_change() {
    let home = tempfile::tempdir().unwrap();
    let folder = written(home.path(), 2);
    edit(&folder, |lines| lines[1] = lines[1].replace("\"number\":0", "\"number\":7"));
    assert!(verify(&folder).unwrap().problems[0].contains("line 2 was edited"));
    edit(&folder, |lines| lines[1] = "\u{0}\u{0}\u{0}".to_owned());
    assert!(verify(&folder).unwrap().problems[0].contains("line 2 is damaged"));
    edit(&folder, |lines| lines[3] = "{}".to_owned());
    let error = Journal::new(folder).append(&entry(9), JournalOutcome::Sent, None, None);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("its last line is damaged"), "{error}");
}
