use std::process::Output;

use super::*;
use crate::support::process::{SOON, command, stderr, stdout};

async fn run(home: &Path, flags: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = command(flags);
    command.env("MAKE_CONFIG_DIR", home).env("MAKE_STATE_DIR", home.join("state"));
    for (name, value) in variables {
        command.env(name, value);
    }
    let output = command.stdin(std::process::Stdio::null()).output();
    tokio::time::timeout(SOON, output).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_profile_has_its_own_account_and_nothing_else_counts() {
    let home =
        home(&[("acme", "zone = \"us1.make.com\"\ntoolsets = [\"audit\"]\nread-only = true")]);
    let refused = async |flags: &[&str], variables: &[(&str, &str)], part: &str| {
        let output = run(home.path(), flags, variables).await;
        assert_eq!(output.status.code(), Some(2), "{flags:?}");
        assert!(stderr(&output).contains(part), "{}", stderr(&output));
    };
    let key = ("MAKE_API_KEY", "5c1f6a20-9b1e-4b7e-8d53-0e6b6f1f7a11");
    refused(&["--profile", "acme"], &[key], "MAKE_API_KEY is set beside the profile `acme`").await;
    refused(&["--profiles", "acme"], &[key], "MAKE_API_KEY is set beside the profile `acme`").await;
    refused(
        &["--profile", "acme", "--api-key-command", "op"],
        &[],
        "--api-key-command is set beside",
    )
    .await;
    refused(
        &["--profile", "acme", "--zone", "eu1.make.com"],
        &[],
        "--zone (MAKE_ZONE) is set beside",
    )
    .await;
    refused(
        &[],
        &[("MAKE_PROFILE", "acme"), ("MAKE_BASE_URL", "http://127.0.0.1:1")],
        "--base-url (MAKE_BASE_URL) is set beside",
    )
    .await;
    refused(&["--profile", "acne"], &[], "did you mean `acme`?").await;
    refused(&["--profile", "ACME"], &[], "unknown value `ACME`").await;
    refused(&["--profiles", "acme,acme"], &[], "twice").await;
    refused(&[], &[("MAKE_PROFILE", "acme"), ("MAKE_PROFILES", "acme")], "are both set").await;
    refused(&["journal", "show", "--profiles", "acme"], &[], "name it with --profile").await;

    let Accounts::One(one) = read(home.path(), &["--profile", "acme"]).unwrap() else {
        panic!("one account");
    };
    assert_eq!(one.zone(), "us1.make.com");
    assert_eq!(one.state_dir, home.path().join("state/acme"));
    assert!(one.selection.read_only);
    assert_eq!(one.selection.toolsets.len(), 1);
    let read_only_stays =
        read(home.path(), &["--profile", "acme", "--read-only=off", "--toolsets", "users,audit"])
            .unwrap();
    assert!(read_only_stays.all()[0].selection.read_only);
    assert_eq!(read_only_stays.all()[0].selection.toolsets.len(), 2, "a flag beats the profile");
}

#[tokio::test]
async fn profiles_are_added_listed_tested_and_removed() {
    let home = tempfile::tempdir().unwrap();
    let server = make("Acme", "127.0.0.1").await;
    let zone = format!("{}/api/v2", server.uri());
    let token = home.path().join("token");
    fs::write(&token, "11111111-1111-4111-8111-111111111111").unwrap();
    let at = async |flags: &[&str]| {
        let output = run(home.path(), &[&["profiles"], flags].concat(), &[]).await;
        (output.status.code().unwrap(), stdout(&output) + &stderr(&output))
    };
    let file = token.to_str().unwrap();
    let (code, said) = at(&[
        "add", "acme", "--zone", &zone, "--api-key-file", file, "--read-only", "--organization",
        "11",
    ])
    .await;
    assert_eq!(code, 0, "{said}");
    let (code, said) = at(&["add", "beta", "--zone", "eu2.make.com"]).await;
    assert!(code == 0 && said.contains("make-admin-mcp login --profile beta"), "{said}");
    for (flags, part) in [
        (&["add", "acme", "--zone", "eu1.make.com"][..], "already"),
        (&["add", "Gamma", "--zone", "eu1.make.com"], "is not a valid name"),
        (&["add", "gamma"], "has no zone"),
        (&["add", "gamma", "--zone", "eu1.make.com/x"], "is not a host name"),
        (
            &["add", "gamma", "--zone", "eu1.make.com", "--toolsets", "user"],
            "did you mean `users`?",
        ),
        (
            &["add", "gamma", "--zone", "eu1.make.com", "--api-key-file", "/nowhere"],
            "cannot be opened",
        ),
        (&["remove", "gamma"], "no profile"),
    ] {
        let (code, said) = at(flags).await;
        assert!(code == 2 && said.contains(part), "{flags:?}: {said}");
    }
    let (_, list) = at(&["list"]).await;
    assert!(
        list.contains("api-key-file, read-only") && list.contains("login --profile beta"),
        "{list}"
    );
    let (code, tested) = at(&["test"]).await;
    assert!(tested.contains("ok    acme") && tested.contains("belongs to \"Acme\""), "{tested}");
    assert!(
        code == 1 && tested.contains("FAIL  beta") && tested.contains("make-admin-mcp login"),
        "{tested}"
    );
    assert_eq!(at(&["test", "acme"]).await.0, 0);
    assert_eq!(at(&["remove", "beta"]).await.0, 0);
    assert_eq!(at(&["test"]).await.0, 0);

    let output = run(home.path(), &["call", "make-list-orgs", "--profile", "acme"], &[]).await;
    assert!(stdout(&output).contains("\"Acme\""), "{}", stderr(&output));
    let output =
        run(home.path(), &["call", "make-list-orgs", "profile=*", "--profiles", "acme"], &[]).await;
    assert!(stdout(&output).contains("\"profiles\""), "{}", stderr(&output));
    let output = run(home.path(), &["doctor", "--profiles", "acme"], &[]).await;
    assert!(stdout(&output).starts_with("Profile acme:"), "{}", stdout(&output));
    let output = run(home.path(), &["tools", "--profiles", "acme"], &[]).await;
    assert!(
        stdout(&output).contains("Profile acme (127.0.0.1:")
            && stdout(&output).contains("make-list-orgs"),
        "{}",
        stdout(&output)
    );
}
