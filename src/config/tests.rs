use clap::{Args, Command, FromArgMatches};

use super::{source::Ranks, *};
use crate::{
    catalog::catalog,
    credential::{DEFAULT, Logins, Source},
    guard::{Confirm, DeliveryMethod},
    make::BaseUrl,
    sandbox::Sandbox,
};

/// Settings as a command line gives them, with the environment of the test left out, and no login of whoever runs it.
fn settings(arguments: &[&str], api_key: Option<&str>) -> Result<Settings, ConfigError> {
    let command = Flags::augment_args(Command::new("test").no_binary_name(true))
        .mut_args(|argument| argument.env(None));
    let nowhere: &[&str] =
        if arguments.contains(&"--config-dir") { &[] } else { &["--config-dir", "/nowhere"] };
    let matches = command.try_get_matches_from([nowhere, arguments].concat()).expect("known flags");
    let flags = Flags::from_arg_matches(&matches).expect("flags");
    let api_key = api_key.map(str::to_owned);
    Settings::check(flags, api_key, Ranks::of(&matches), DEFAULT, &catalog())
}

fn error(arguments: &[&str], api_key: Option<&str>) -> String {
    settings(arguments, api_key).expect_err("refused").to_string()
}

#[test]
fn defaults_are_safe() {
    let defaults = settings(&[], None).expect("defaults");
    assert_eq!(defaults.base.to_string(), "https://eu1.make.com/api/v2");
    assert!(!defaults.sandbox && !defaults.selection.read_only && !defaults.scope_escalation);
    assert_eq!((defaults.delivery, defaults.confirm), (DeliveryMethod::File, Confirm::Auto));
    assert!(matches!(defaults.source, Source::Login(_)));
}

#[test]
fn an_empty_text_is_no_setting() {
    assert!(settings(&["--zone=", "--sandbox=", "--toolsets= ", "--log=\"\""], Some("")).is_ok());
}

#[test]
fn a_wrong_value_is_named_with_what_is_accepted() {
    for (arguments, parts) in [
        (vec!["--zone", "make.com/eu1"], vec!["--zone (MAKE_ZONE)", "eu1.make.com"]),
        (vec!["--base-url", "http://eu1.make.com"], vec!["--base-url (MAKE_BASE_URL)", "https"]),
        (vec!["--toolsets", "user"], vec!["MAKE_TOOLSETS", "did you mean `users`?", "audit"]),
        (
            vec!["--exclude-tools", "make-delete-organization"],
            vec!["did you mean `make-delete-org`?"],
        ),
        (vec!["--confirm", "never"], vec!["auto, operator, off"]),
        (vec!["--secret-delivery", "mail"], vec!["file, keyring, reply"]),
        (vec!["--read-only=maybe"], vec!["MAKE_READ_ONLY", "true, false"]),
        (vec!["--zone", "${MAKE_ZONE}"], vec!["place-holder"]),
        (
            vec!["--policy", "/nowhere/policy.toml"],
            vec!["--policy (MAKE_POLICY)", "/nowhere/policy.toml", "cannot be read"],
        ),
        (vec!["--api-key-file", "/nowhere/token"], vec!["/nowhere/token", "cannot be opened"]),
    ] {
        let error = error(&arguments, None);
        for part in parts {
            assert!(error.contains(part), "{arguments:?}: {error}");
        }
    }
}

#[test]
fn a_path_is_expanded_or_refused() {
    let home = dirs::home_dir().expect("a home folder");
    let given = settings(&["--state-dir", "~/.make"], None).expect("expanded");
    assert_eq!(given.state_dir, home.join(".make"));
    let file = settings(&["--api-key-file", "~/no/such/token"], None).expect_err("no file");
    assert!(file.to_string().contains(&home.join("no/such/token").display().to_string()), "{file}");
    let folders = ["--state-dir", "--config-dir", "--export-dir", "--policy", "--api-key-file"];
    for flag in folders {
        for wrong in
            ["$HOME/.make", "$env:USERPROFILE\\make", "%APPDATA%\\make", "a/${X}/b", "~ann/make"]
        {
            let error = error(&[flag, wrong], None);
            assert!(error.starts_with(flag) && error.contains("write the path out"), "{error}");
        }
    }
    for flag in ["--state-dir", "--config-dir"] {
        let error = error(&[flag, "state"], None);
        assert!(error.contains("must be an absolute path"), "{error}");
    }
}

#[test]
fn a_zone_is_cleaned_where_it_is_clear_and_refused_where_it_is_not() {
    for clear in ["eu1.make.com/", "https://eu1.make.com/", " eu1.make.com ", "eu1.make.com"] {
        let given = settings(&["--zone", clear], None).expect(clear);
        assert_eq!(given.base.to_string(), "https://eu1.make.com/api/v2", "{clear}");
        assert!(given.base_is_given);
    }
    assert!(!settings(&[], None).expect("the default").base_is_given);
    for (wrong, part) in [
        ("make.com", "is not a zone"),
        ("undefined", "a value that is missing"),
        ("us9", "is not a whole host name"),
        ("eu1", "did you mean eu1.make.com?"),
        ("eu1.make.com/api", "is not a host name"),
    ] {
        for beside in [&[][..], &["--base-url", "http://127.0.0.1:1"]] {
            let error = error(&[&["--zone", wrong], beside].concat(), None);
            assert!(error.contains(part) && error.contains("us2.make.com"), "{error}");
        }
    }
}

#[test]
fn a_log_filter_has_levels() {
    for good in ["debug", "DEBUG", "warn,make_admin_mcp=trace", "rmcp=off"] {
        assert!(settings(&["--log", good], None).is_ok(), "{good}");
    }
    for wrong in ["verbose", "make_admin_mcp", "warn,x=loud"] {
        assert!(error(&["--log", wrong], None).contains("error, warn, info"), "{wrong}");
    }
}

#[test]
fn a_rule_of_the_policy_that_names_no_tool_names_the_setting() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("policy.toml");
    crate::store::replace(&path, "never = [\"make-delete-everything\"]").expect("written");
    let error = error(&["--policy", path.to_str().expect("text")], None);
    assert!(error.starts_with("--policy (MAKE_POLICY), rule `never`, names no tool"), "{error}");
}

#[test]
fn a_token_is_never_in_an_error() {
    let error = error(&[], Some("${MAKE_API_KEY} 7615989d-d213-48dc-b625-27133ae3f1a8"));
    assert!(error.starts_with("MAKE_API_KEY is a place-holder"), "{error}");
    assert!(!error.contains("7615989d"));
}

/// What a command line makes of variables, given as `NAME=value`.
fn source(arguments: &[&str], variables: &[&str]) -> Result<String, String> {
    let of = |name: &str| {
        let mut all = variables.iter().filter_map(|variable| variable.split_once('='));
        all.find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
    };
    let flag = |name: &str| {
        let place = arguments.iter().position(|argument| *argument == name)?;
        Some(arguments[place + 1].to_owned())
    };
    let (file, command) = (flag("--api-key-file"), flag("--api-key-command"));
    let ranks = Ranks { file: file.is_some(), command: command.is_some() };
    let given = source::Given::read(
        of("MAKE_API_KEY"),
        file.or(of("MAKE_API_KEY_FILE")),
        command.or(of("MAKE_API_KEY_COMMAND")),
        ranks,
    );
    let login = || {
        let base = BaseUrl::of_zone("eu1.make.com").expect("a zone");
        source::login(Logins::new("/nowhere".as_ref()), DEFAULT, &base)
    };
    given
        .and_then(|given| given.source(&mut Vec::new(), login))
        .map(|source| source.name())
        .map_err(|error| error.to_string())
}

#[test]
fn a_flag_beats_a_variable_which_beats_a_login_and_two_of_one_rank_are_refused() {
    let home = tempfile::tempdir().expect("a folder");
    let path = home.path().join("token");
    std::fs::write(&path, "eyJhbGci.x.y").expect("written");
    let path = path.to_str().expect("a path");
    let (in_file, by_command) = (format!("the file {path}"), "the command op".to_owned());
    let file_variable = format!("MAKE_API_KEY_FILE={path}");
    let (key, command) = ("MAKE_API_KEY=eyJhbGci.x.other", "MAKE_API_KEY_COMMAND=op read");

    assert_eq!(source(&[], &[]), Ok("none".to_owned()), "a login, once there is one");
    assert_eq!(source(&[], &[key]), Ok("MAKE_API_KEY".to_owned()));
    assert_eq!(source(&["--api-key-file", path], &[key, command]), Ok(in_file.clone()));
    assert_eq!(
        source(&["--api-key-command", "op"], &[key, &file_variable]),
        Ok(by_command.clone())
    );
    assert_eq!(source(&[], &[command]), Ok(by_command));
    assert_eq!(
        source(&[], &["MAKE_API_KEY=", "MAKE_API_KEY_COMMAND= ", &file_variable]),
        Ok(in_file)
    );
    for (arguments, variables, both) in [
        (vec![], vec![key, &file_variable], "MAKE_API_KEY and MAKE_API_KEY_FILE are both set"),
        (vec![], vec![key, command], "MAKE_API_KEY and MAKE_API_KEY_COMMAND are both set"),
        (
            vec!["--api-key-file", path, "--api-key-command", "op"],
            vec![],
            "--api-key-file and --api-key-command are both set",
        ),
    ] {
        let error = source(&arguments, &variables).expect_err(both);
        assert!(error.contains(both), "{error}");
    }
}

#[tokio::test]
async fn the_sandbox_takes_no_token() {
    let sandbox = settings(&["--sandbox"], Some("${MAKE_API_KEY}")).expect("no token is read");
    assert_eq!(sandbox.source.current().await, Ok(Some(Sandbox::credential())));
}
