//! A state folder that cannot be trusted or written: changes are refused in a clear sentence, reads go on.
//!
//! Root ignores permission bits, so a full disk and a read-only one are made with mounts, in a namespace of their own.

use crate::support::process::{run, stderr, stdout};

/// Whether a change is refused with these words while a read works.
async fn only_reads(state: &str, words: &str) {
    let flags = ["--sandbox", "--confirm", "off", "--state-dir", state, "call"];
    let change =
        run(&[&flags[..], &["make-update-org", "organizationId=11", "name=X"]].concat()).await;
    let said = stderr(&change);
    assert_eq!(change.status.code(), Some(1), "{said}");
    assert!(stdout(&change).contains("refused_by_policy") && said.contains(words), "{said}");
    assert!(said.contains("nothing was sent") || said.contains("was not sent"), "{said}");
    let read = run(&[&flags[..], &["make-list-orgs"]].concat()).await;
    assert_eq!(read.status.code(), Some(0), "{}", stderr(&read));
}

#[cfg(unix)]
#[tokio::test]
async fn a_folder_that_others_read_is_refused() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    let home = tempfile::tempdir().unwrap();
    let open = home.path().join("open");
    std::fs::create_dir(&open).unwrap();
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o750)).unwrap();
    only_reads(open.to_str().unwrap(), "can be read by others; make it private (chmod 700)").await;

    let link = home.path().join("link");
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o700)).unwrap();
    symlink(&open, &link).unwrap();
    only_reads(link.to_str().unwrap(), "is a link, not a folder").await;

    // A link in the place of the journal itself leads nowhere either.
    symlink("/dev/null", open.join("journal.jsonl")).unwrap();
    only_reads(open.to_str().unwrap(), "is not a plain file").await;
    assert_eq!(
        std::fs::read_dir(&open)
            .unwrap()
            .filter(|file| file.as_ref().unwrap().file_name() == "journal.head")
            .count(),
        0
    );

    let file = home.path().join("file");
    std::fs::write(&file, "").unwrap();
    only_reads(file.to_str().unwrap(), "cannot be made").await;
}

/// Runs a script as root of a mount namespace of its own, however this system allows it.
#[cfg(target_os = "linux")]
fn in_own_mounts(script: &str) -> String {
    use std::process::Command;

    let home = tempfile::tempdir().unwrap();
    let ways: [&[&str]; 3] = [
        &["unshare", "--mount"],
        &["unshare", "--map-root-user", "--mount"],
        &["sudo", "-n", "unshare", "--mount"],
    ];
    let run = |way: &[&str], script: &str| {
        let shell = [
            "sh",
            "-euc",
            script,
            env!("CARGO_BIN_EXE_make-admin-mcp"),
            home.path().to_str().unwrap(),
        ];
        let mut command = Command::new(way[0]);
        command.args(&way[1..]).args(shell).stdin(std::process::Stdio::null()).output()
    };
    let able = ways.iter().find(|way| {
        run(way, "mount -t tmpfs -o size=64k tmpfs \"$1\"")
            .is_ok_and(|output| output.status.success())
    });
    let way = able.expect(
        "no way to mount a small file system (as root, in a user namespace, by sudo), so a full \
         disk and a read-only one cannot be proven here",
    );
    let output = run(way, script).unwrap();
    let text = format!("{}{}", stdout(&output), stderr(&output));
    assert!(output.status.success(), "{text}");
    text
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_folder_is_refused() {
    let text = in_own_mounts(
        r#"
        mkdir -m 700 "$1/state"; mount -t tmpfs -o size=64k,mode=0700 tmpfs "$1/state"
        change="$0 --sandbox --confirm off --state-dir $1/state call make-update-org organizationId=11 name=X"
        $change >/dev/null
        mount -o remount,ro "$1/state"
        $change && exit 9
        $0 --sandbox --state-dir "$1/state" call make-list-orgs >/dev/null && echo "reads go on"
        mkdir -m 700 "$1/new"; mount -t tmpfs -o ro tmpfs "$1/new"
        $0 --sandbox --confirm off --state-dir "$1/new/state" call make-update-org organizationId=11 name=X && exit 9
        $0 --state-dir "$1/state" journal verify
        "#,
    );
    assert!(
        text.matches("Read-only file system").count() >= 2 && text.contains("refused_by_policy"),
        "{text}"
    );
    assert!(text.contains("reads go on") && text.contains("ok    2 lines"), "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_refused_and_leaves_a_whole_journal() {
    let text = in_own_mounts(
        r#"
        mkdir -m 700 "$1/state"; mount -t tmpfs -o size=64k,mode=0700 tmpfs "$1/state"
        change="$0 --sandbox --confirm off --state-dir $1/state call make-update-org organizationId=11 name=X"
        $change >/dev/null
        # Full to the last byte, then with room for half a line only.
        dd if=/dev/zero of="$1/state/fill" bs=1k 2>/dev/null || true
        $change && exit 9
        $0 --sandbox --confirm off --state-dir "$1/state" call make-create-token '{"label":"x","scope":["user:read"]}' && exit 9
        $0 --sandbox --state-dir "$1/state" call make-list-orgs >/dev/null && echo "reads go on"
        $0 --state-dir "$1/state" journal verify
        for count in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
            $change >/dev/null 2>&1 || true
            truncate -s -512 "$1/state/fill"
            $0 --state-dir "$1/state" journal verify >/dev/null
        done
        rm "$1/state/fill"
        $change >/dev/null && echo "writes go on"
        $0 --state-dir "$1/state" journal verify
        "#,
    );
    assert!(
        text.contains("No space left on device") && text.contains("refused_by_policy"),
        "{text}"
    );
    assert!(text.contains("reads go on") && text.contains("writes go on"), "{text}");
    assert!(
        text.contains("ok    2 lines") && text.matches("in order and unchanged").count() == 2,
        "{text}"
    );
}
