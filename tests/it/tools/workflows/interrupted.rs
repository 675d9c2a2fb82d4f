//! make-audit-export by the built binary: killed, on a full disk, and gone on with.

use std::{fs, path::Path, process::Stdio};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    time::timeout,
};

use crate::support::process::{SOON, command, run, stderr, stdout};

const ENTRIES: &str = "--sandbox-size=audit=20000";

fn export<'a>(state: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let own = [
        "call", "make-audit-export", "--sandbox", ENTRIES, "--state-dir", state,
        "organizationId=11", "dateFrom=2025-06-01", "dateTo=2026-06-01",
    ];
    [&own, more].concat()
}

fn sha256(output: &std::process::Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", stderr(output));
    let answer: Value = serde_json::from_str(&stdout(output)).unwrap();
    assert_eq!(answer["export"]["count"], 20_000);
    answer["export"]["sha256"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_killed_export_is_gone_on_with_and_has_the_same_bytes() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state").to_str().unwrap().to_owned();
    let undisturbed = sha256(&run(&export(&state, &["path=a.csv", "format=csv"])).await);
    let mut child = command(&export(&state, &["path=b.csv", "format=csv"]))
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(child.stderr.take().unwrap()).lines();
    // In the middle of the trail.
    while let Some(line) = timeout(SOON, told.next_line()).await.unwrap().unwrap() {
        let read: u64 = line.split(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0);
        if read > 8_000 {
            break;
        }
    }
    child.start_kill().unwrap();
    assert!(!timeout(SOON, child.wait()).await.unwrap().unwrap().success());
    let exports = home.path().join("state/exports");
    assert!(exports.join("b.csv.part").exists() && !exports.join("b.csv").exists());
    let refused = run(&export(&state, &["path=b.csv", "format=csv"])).await;
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("resume: true"), "{}", stderr(&refused));
    assert_eq!(
        sha256(&run(&export(&state, &["path=b.csv", "format=csv", "resume=true"])).await),
        undisturbed
    );
    assert!(fs::read(exports.join("a.csv")).unwrap() == fs::read(exports.join("b.csv")).unwrap());
}

/// A file may have 2 MiB: what the system says then is what it says when a disk is full.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn on_a_full_disk_what_was_written_stays_and_the_error_says_how_to_go_on() {
    let home = tempfile::tempdir().unwrap();
    let state = home.path().join("state").to_str().unwrap().to_owned();
    let limited = export(&state, &["path=a.csv", "format=csv"]);
    let script = "trap '' XFSZ; ulimit -f 2048; exec \"$0\" \"$@\"";
    let shell = ["-c", script, env!("CARGO_BIN_EXE_make-admin-mcp")];
    let output =
        Command::new("bash").args(shell.iter().chain(&limited)).stdin(Stdio::null()).output();
    let output = timeout(SOON, output).await.unwrap().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let error: Value = serde_json::from_str(&stdout(&output)).unwrap();
    let hint = error["error"]["hint"].as_str().unwrap();
    assert!(
        hint.starts_with("make room; then call again") && hint.contains("resume: true"),
        "{error}"
    );
    let exports: &Path = &home.path().join("state/exports");
    assert!(fs::metadata(exports.join("a.csv.part")).unwrap().len() > 1_000_000);
    let checkpoint: Value =
        serde_json::from_slice(&fs::read(exports.join("a.csv.checkpoint.json")).unwrap()).unwrap();
    let kept = checkpoint["progress"]["count"].as_u64().unwrap();
    assert!(hint.contains(&format!("{kept} entries are kept")), "{hint}: {checkpoint}");
    assert!(kept > 1_000);

    let resumed = sha256(&run(&export(&state, &["path=a.csv", "format=csv", "resume=true"])).await);
    let undisturbed = sha256(&run(&export(&state, &["path=b.csv", "format=csv"])).await);
    assert_eq!(resumed, undisturbed);
}
