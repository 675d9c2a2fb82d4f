use clap::{Args, Command, FromArgMatches};

use super::*;
use crate::tools::catalog;

/// Settings as a command line gives them, with the environment of the test left out.
fn settings(arguments: &[&str], api_key: Option<&str>) -> Result<Settings> {
    let command = Flags::augment_args(Command::new("test").no_binary_name(true))
        .mut_args(|argument| argument.env(None));
    let matches = command
        .try_get_matches_from(arguments)
        .expect("known flags");
    let flags = Flags::from_arg_matches(&matches).expect("flags");
    Settings::check(flags, api_key.map(str::to_owned), true, &catalog())
}

fn error(arguments: &[&str], api_key: Option<&str>) -> String {
    settings(arguments, api_key)
        .expect_err("refused")
        .to_string()
}

#[test]
fn defaults_are_safe() {
    let defaults = settings(&[], None).expect("defaults");
    assert_eq!(defaults.base.to_string(), "https://eu1.make.com/api/v2");
    assert!(!defaults.sandbox && !defaults.selection.read_only && !defaults.scope_escalation);
    assert_eq!(
        (defaults.delivery, defaults.confirm),
        (Delivery::File, Confirm::Auto)
    );
    assert!(matches!(defaults.source, Source::Nowhere));
}

#[test]
fn an_empty_text_is_no_setting() {
    assert!(
        settings(
            &["--zone=", "--sandbox=", "--toolsets= ", "--log=\"\""],
            Some("")
        )
        .is_ok()
    );
}

#[test]
fn a_wrong_value_is_named_with_what_is_accepted() {
    for (arguments, parts) in [
        (
            vec!["--zone", "make.com/eu1"],
            vec!["--zone (MAKE_ZONE)", "eu1.make.com"],
        ),
        (
            vec!["--base-url", "http://eu1.make.com"],
            vec!["--base-url (MAKE_BASE_URL)", "https"],
        ),
        (
            vec!["--toolsets", "user"],
            vec!["MAKE_TOOLSETS", "did you mean `users`?", "audit"],
        ),
        (
            vec!["--exclude-tools", "make-delete-organization"],
            vec!["did you mean `make-delete-org`?"],
        ),
        (vec!["--confirm", "never"], vec!["auto, operator, off"]),
        (
            vec!["--secret-delivery", "mail"],
            vec!["file, keyring, reply"],
        ),
        (
            vec!["--read-only=maybe"],
            vec!["MAKE_READ_ONLY", "true, false"],
        ),
        (vec!["--zone", "${MAKE_ZONE}"], vec!["place-holder"]),
        (
            vec!["--policy", "/nowhere/policy.toml"],
            vec![
                "--policy (MAKE_POLICY)",
                "/nowhere/policy.toml",
                "cannot be read",
            ],
        ),
        (
            vec!["--api-key-file", "/nowhere/token"],
            vec!["/nowhere/token", "cannot be opened"],
        ),
    ] {
        let error = error(&arguments, None);
        for part in parts {
            assert!(error.contains(part), "{arguments:?}: {error}");
        }
    }
}

#[test]
fn a_token_is_never_in_an_error() {
    let error = error(
        &[],
        Some("${MAKE_API_KEY} 7615989d-d213-48dc-b625-27133ae3f1a8"),
    );
    assert!(
        error.starts_with("MAKE_API_KEY is a place-holder"),
        "{error}"
    );
    assert!(!error.contains("7615989d"));
}

#[test]
fn two_sources_of_the_token_of_one_rank_are_refused() {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("token");
    std::fs::write(&path, "eyJhbGci.x.y").expect("written");
    let given = |from_flag| {
        let file = Text::of("MAKE_API_KEY_FILE", path.to_str().map(str::to_owned)).expect("a path");
        source(Some("other".to_owned()), file, from_flag, &mut Vec::new())
    };
    assert!(
        given(false)
            .expect_err("both are variables")
            .to_string()
            .contains("are both set")
    );
    assert!(
        matches!(given(true), Ok(Source::File(_))),
        "a flag beats a variable"
    );
}

#[test]
fn the_sandbox_takes_no_token() {
    let sandbox = settings(&["--sandbox"], Some("${MAKE_API_KEY}")).expect("no token is read");
    assert_eq!(sandbox.source.current(), Ok(Some(Sandbox::credential())));
}
