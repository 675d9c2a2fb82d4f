//! Every setting, read once. Nothing else reads the environment.

use std::{fmt, path::PathBuf};

use clap::{ArgMatches, Args, FromArgMatches, parser::ValueSource};
use wildmatch::WildMatch;

use crate::{
    credential::{self, Source, not_filled_in, unquoted},
    guard::Delivery,
    make::BaseUrl,
    sandbox::Sandbox,
    tools::{Selection, Tool, Toolset, closest},
};

/// The variable that holds the token. It is no argument: arguments show in process lists.
const API_KEY: &str = "MAKE_API_KEY";

/// Settings as they are written: a flag, or the variable named after it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings")]
pub struct Flags {
    /// File with the token; read again when it changes
    #[arg(
        long,
        global = true,
        env = "MAKE_API_KEY_FILE",
        hide_env_values = true,
        value_name = "FILE"
    )]
    api_key_file: Option<String>,
    /// Host of the account, e.g. us1.make.com; a full base address is accepted too [default: eu1.make.com]
    #[arg(
        long,
        global = true,
        env = "MAKE_ZONE",
        hide_env_values = true,
        value_name = "HOST"
    )]
    zone: Option<String>,
    /// Base address, for proxies and tests; http only on loopback [default: from the zone]
    #[arg(
        long,
        global = true,
        env = "MAKE_BASE_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    base_url: Option<String>,
    /// Use the built-in account instead of Make; needs no token [default: off]
    #[arg(long, global = true, env = "MAKE_SANDBOX", hide_env_values = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "on")]
    sandbox: Option<String>,
    /// Offer only tools that change nothing [default: off]
    #[arg(long, global = true, env = "MAKE_READ_ONLY", hide_env_values = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "on")]
    read_only: Option<String>,
    /// Toolsets, comma-separated: default, all, or names [default: default]
    #[arg(
        long,
        global = true,
        env = "MAKE_TOOLSETS",
        hide_env_values = true,
        value_name = "NAMES"
    )]
    toolsets: Option<String>,
    /// Tools to add, comma-separated; `*` stands for anything
    #[arg(
        long,
        global = true,
        env = "MAKE_TOOLS",
        hide_env_values = true,
        value_name = "NAMES"
    )]
    tools: Option<String>,
    /// Tools to leave out, comma-separated; `*` stands for anything. Read-only beats this, this beats the rest
    #[arg(
        long,
        global = true,
        env = "MAKE_EXCLUDE_TOOLS",
        hide_env_values = true,
        value_name = "NAMES"
    )]
    exclude_tools: Option<String>,
    /// How guarded tools are confirmed: auto, operator, off. In this version they act in the sandbox and on loopback only, whatever is set here [default: auto]
    #[arg(
        long,
        global = true,
        env = "MAKE_CONFIRM",
        hide_env_values = true,
        value_name = "HOW"
    )]
    confirm: Option<String>,
    /// Let new tokens have scopes that the credential in use lacks [default: off]
    #[arg(long, global = true, env = "MAKE_ALLOW_SCOPE_ESCALATION", hide_env_values = true, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "on")]
    allow_scope_escalation: Option<String>,
    /// Policy file. This version cannot enforce one and refuses to start with it
    #[arg(
        long,
        global = true,
        env = "MAKE_POLICY",
        hide_env_values = true,
        value_name = "FILE"
    )]
    policy: Option<String>,
    /// Where the value of a new token goes: file or reply [default: file]
    #[arg(
        long,
        global = true,
        env = "MAKE_SECRET_DELIVERY",
        hide_env_values = true,
        value_name = "HOW"
    )]
    secret_delivery: Option<String>,
    /// Folder for new tokens [default: the platform's state folder]
    #[arg(
        long,
        global = true,
        env = "MAKE_STATE_DIR",
        hide_env_values = true,
        value_name = "FOLDER"
    )]
    state_dir: Option<String>,
    /// What is logged to stderr: error, warn, info, debug, trace, or a filter [default: warn]
    #[arg(
        long,
        global = true,
        env = "MAKE_LOG",
        hide_env_values = true,
        value_name = "FILTER"
    )]
    log: Option<String>,
}

/// How guarded tools are confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confirm {
    /// By the person at the host, or as the host can.
    Auto,
    /// By a person in a terminal.
    Operator,
    /// Not at all.
    Off,
}

impl Confirm {
    /// The name in settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Operator => "operator",
            Self::Off => "off",
        }
    }
}

/// Settings, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the credential comes from.
    pub source: Source,
    /// Where Make is.
    pub base: BaseUrl,
    /// Whether the built-in account stands for Make.
    pub sandbox: bool,
    /// Which tools are offered.
    pub selection: Selection,
    /// How guarded tools are confirmed.
    pub confirm: Confirm,
    /// Whether new tokens may have scopes that the credential lacks.
    pub scope_escalation: bool,
    /// Where new tokens go.
    pub delivery: Delivery,
    /// The state folder.
    pub state_dir: PathBuf,
    /// The tracing filter.
    pub log: String,
    /// What was corrected or deserves a look.
    pub warnings: Vec<String>,
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {problem}")]
pub struct Error {
    /// Flag and variable.
    setting: String,
    /// What is wrong and what is accepted, as the end of a sentence.
    problem: String,
}

impl Error {
    fn new(setting: impl fmt::Display, problem: impl fmt::Display) -> Self {
        Self {
            setting: setting.to_string(),
            problem: problem.to_string(),
        }
    }
}

type Result<T> = std::result::Result<T, Error>;

impl Settings {
    /// Checks what the command line and the environment say. `catalog` is what tool names are checked against.
    pub fn read(matches: &ArgMatches, catalog: &[Tool]) -> Result<Self> {
        let flags = Flags::from_arg_matches(matches)
            .map_err(|error| Error::new("the command line", error))?;
        let from_flag = matches.value_source("api_key_file") == Some(ValueSource::CommandLine);
        Self::check(flags, std::env::var(API_KEY).ok(), from_flag, catalog)
    }

    fn check(
        flags: Flags,
        api_key: Option<String>,
        file_from_flag: bool,
        catalog: &[Tool],
    ) -> Result<Self> {
        let mut warnings = Vec::new();
        if Text::of("--policy (MAKE_POLICY)", flags.policy)?.is_some() {
            return Err(Error::new(
                "--policy (MAKE_POLICY)",
                "is set, but this version cannot enforce a policy; leave it out",
            ));
        }
        let sandbox = boolean("--sandbox (MAKE_SANDBOX)", flags.sandbox)?;
        let file = Text::of("--api-key-file (MAKE_API_KEY_FILE)", flags.api_key_file)?;
        let source = if sandbox {
            Source::Given(Sandbox::credential())
        } else {
            source(api_key, file, file_from_flag, &mut warnings)?
        };
        let delivery = match Text::of(
            "--secret-delivery (MAKE_SECRET_DELIVERY)",
            flags.secret_delivery,
        )? {
            None => Delivery::File,
            Some(text) => text.one_of(&[("file", Delivery::File), ("reply", Delivery::Reply)])?,
        };
        let confirm = match Text::of("--confirm (MAKE_CONFIRM)", flags.confirm)? {
            None => Confirm::Auto,
            Some(text) => text.one_of(
                &[Confirm::Auto, Confirm::Operator, Confirm::Off].map(|how| (how.name(), how)),
            )?,
        };
        let log = Text::of("--log (MAKE_LOG)", flags.log)?
            .map_or_else(|| "warn".to_owned(), |text| text.value);
        Ok(Self {
            source,
            base: base(flags.base_url, flags.zone)?,
            sandbox,
            selection: Selection {
                toolsets: toolsets(flags.toolsets)?,
                tools: globs("--tools (MAKE_TOOLS)", flags.tools, catalog)?,
                exclude: globs(
                    "--exclude-tools (MAKE_EXCLUDE_TOOLS)",
                    flags.exclude_tools,
                    catalog,
                )?,
                read_only: boolean("--read-only (MAKE_READ_ONLY)", flags.read_only)?,
            },
            confirm,
            scope_escalation: boolean(
                "--allow-scope-escalation (MAKE_ALLOW_SCOPE_ESCALATION)",
                flags.allow_scope_escalation,
            )?,
            delivery,
            state_dir: state_dir(flags.state_dir)?,
            log,
            warnings,
        })
    }

    /// The name of the account's host.
    pub fn zone(&self) -> String {
        if self.sandbox {
            "sandbox".to_owned()
        } else {
            self.base.host()
        }
    }
}

/// A setting that has a value: cleaned, and filled in by the host.
struct Text {
    setting: &'static str,
    value: String,
}

impl Text {
    /// Hosts pass an empty text for what a person left out.
    fn of(setting: &'static str, value: Option<String>) -> Result<Option<Self>> {
        let Some(value) = value else { return Ok(None) };
        let (value, _) = unquoted(&value);
        match not_filled_in(value) {
            Some(wrong) => Err(Error::new(setting, wrong)),
            None => Ok((!value.is_empty()).then(|| Self {
                setting,
                value: value.to_owned(),
            })),
        }
    }

    fn one_of<T: Copy>(&self, accepted: &[(&str, T)]) -> Result<T> {
        let found = accepted.iter().find(|(name, _)| *name == self.value);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<_> = accepted.iter().map(|(name, _)| *name).collect();
            self.unknown(&self.value, &names, "")
        })
    }

    fn unknown(&self, wrong: &str, accepted: &[&str], further: &str) -> Error {
        let hint = closest(wrong, accepted.iter().copied())
            .map(|name| format!(", did you mean `{name}`?"));
        let list = accepted.join(", ");
        Error::new(
            self.setting,
            format!(
                "has the unknown value `{wrong}`{} (accepted: {list}{further})",
                hint.unwrap_or_default()
            ),
        )
    }

    fn parts(&self) -> impl Iterator<Item = &str> {
        self.value
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
    }
}

fn boolean(setting: &'static str, value: Option<String>) -> Result<bool> {
    const WORDS: [(&str, bool); 8] = [
        ("on", true),
        ("off", false),
        ("true", true),
        ("false", false),
        ("1", true),
        ("0", false),
        ("yes", true),
        ("no", false),
    ];
    let Some(mut text) = Text::of(setting, value)? else {
        return Ok(false);
    };
    text.value.make_ascii_lowercase();
    text.one_of(&WORDS)
}

fn source(
    api_key: Option<String>,
    file: Option<Text>,
    file_from_flag: bool,
    warnings: &mut Vec<String>,
) -> Result<Source> {
    let key = api_key
        .map(|text| credential::clean(&text))
        .transpose()
        .map_err(|wrong| Error::new(API_KEY, wrong))?
        .flatten();
    match (key, file) {
        (Some(_), Some(_)) if !file_from_flag => Err(Error::new(
            format!("{API_KEY} and MAKE_API_KEY_FILE"),
            "are both set; set one of them",
        )),
        (_, Some(file)) => {
            let source = Source::File(file.value.into());
            source
                .current()
                .map_err(|wrong| Error::new(file.setting, format!("cannot be used: {wrong}")))?;
            Ok(source)
        }
        (Some(key), None) => {
            warnings.extend(key.removed.map(|what| format!("{API_KEY}: {what} removed")));
            Ok(Source::Given(key.credential))
        }
        (None, None) => Ok(Source::Nowhere),
    }
}

fn base(base_url: Option<String>, zone: Option<String>) -> Result<BaseUrl> {
    let zone = Text::of("--zone (MAKE_ZONE)", zone)?;
    if let Some(url) = Text::of("--base-url (MAKE_BASE_URL)", base_url)? {
        let wrong = |wrong| {
            Error::new(
                url.setting,
                format!("{wrong} (accepted: e.g. http://127.0.0.1:8080/api/v2)"),
            )
        };
        return BaseUrl::parse(&url.value).map_err(wrong);
    }
    let Some(zone) = zone else {
        return BaseUrl::of_zone("eu1.make.com")
            .map_err(|wrong| Error::new("the default zone", wrong));
    };
    let read = if zone.value.contains("://") {
        BaseUrl::parse(&zone.value)
    } else {
        BaseUrl::of_zone(&zone.value)
    };
    let zones = "eu1.make.com, eu2.make.com, us1.make.com, us2.make.com, eu1.make.celonis.com, us1.make.celonis.com, or your own host";
    read.map_err(|wrong| {
        Error::new(
            zone.setting,
            format!("`{}` {wrong} (accepted: {zones})", zone.value),
        )
    })
}

fn toolsets(value: Option<String>) -> Result<Vec<Toolset>> {
    let Some(text) = Text::of("--toolsets (MAKE_TOOLSETS)", value)? else {
        return Ok(Selection::default().toolsets);
    };
    let mut chosen = Vec::new();
    for name in text.parts() {
        match (
            name,
            Toolset::ALL.iter().find(|toolset| toolset.name() == name),
        ) {
            ("all", _) => chosen.extend(Toolset::ALL),
            ("default", _) => chosen.extend(Selection::default().toolsets),
            (_, Some(toolset)) => chosen.push(*toolset),
            (_, None) => {
                let names: Vec<_> = ["default", "all"]
                    .into_iter()
                    .chain(Toolset::ALL.map(Toolset::name))
                    .collect();
                return Err(text.unknown(name, &names, ""));
            }
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

/// Names of tools. One that fits no tool is a mistake that would leave a tool on that was meant to be off.
fn globs(setting: &'static str, value: Option<String>, catalog: &[Tool]) -> Result<Vec<WildMatch>> {
    let Some(text) = Text::of(setting, value)? else {
        return Ok(Vec::new());
    };
    let names = || catalog.iter().map(|tool| tool.spec.name);
    let glob = |part: &str| {
        let glob = WildMatch::new(part);
        if names().any(|name| glob.matches(name)) {
            return Ok(glob);
        }
        let hint = closest(part, names())
            .map(|name| format!(", did you mean `{name}`?"))
            .unwrap_or_default();
        Err(Error::new(
            setting,
            format!("names no tool with `{part}`{hint} (`make-admin-mcp tools` lists them)"),
        ))
    };
    text.parts().map(glob).collect()
}

fn state_dir(value: Option<String>) -> Result<PathBuf> {
    const SETTING: &str = "--state-dir (MAKE_STATE_DIR)";
    if let Some(text) = Text::of(SETTING, value)? {
        return Ok(text.value.into());
    }
    let folder = dirs::state_dir()
        .or_else(dirs::data_local_dir)
        .map(|folder| folder.join("make-admin-mcp"));
    // Without a home folder nothing can be stored; the first attempt says so.
    Ok(folder.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use clap::{Command, FromArgMatches};

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
            (vec!["--secret-delivery", "mail"], vec!["file, reply"]),
            (
                vec!["--read-only=maybe"],
                vec!["MAKE_READ_ONLY", "true, false"],
            ),
            (vec!["--zone", "${MAKE_ZONE}"], vec!["place-holder"]),
            (vec!["--policy", "policy.toml"], vec!["cannot enforce"]),
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
    fn the_sandbox_takes_no_token() {
        let sandbox = settings(&["--sandbox"], Some("${MAKE_API_KEY}")).expect("no token is read");
        assert_eq!(sandbox.source.current(), Ok(Some(Sandbox::credential())));
    }
}
