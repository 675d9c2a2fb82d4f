//! Every setting, read once. Nothing else reads the environment.

mod flags;
#[cfg(test)]
mod tests;
mod text;

use std::{fmt, path::PathBuf};

use clap::{ArgMatches, FromArgMatches, parser::ValueSource};
use wildmatch::WildMatch;

use crate::{
    credential::{self, Source},
    guard::{Confirm, Delivery, Policy},
    make::BaseUrl,
    sandbox::{Sandbox, Size},
    tools::{Selection, Tool, Toolset, closest},
};

pub use flags::Flags;
use text::{Text, boolean};

/// The variable that holds the token. It is no argument: arguments show in process lists.
const API_KEY: &str = "MAKE_API_KEY";

/// Settings, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the credential comes from.
    pub source: Source,
    /// Where Make is.
    pub base: BaseUrl,
    /// Whether the built-in account stands for Make.
    pub sandbox: bool,
    /// How large that account is.
    pub sandbox_size: Size,
    /// Which tools are offered.
    pub selection: Selection,
    /// How guarded tools are confirmed.
    pub confirm: Confirm,
    /// What may be changed at all.
    pub policy: Policy,
    /// Whether new tokens may have scopes that the credential lacks.
    pub scope_escalation: bool,
    /// Where new tokens go.
    pub delivery: Delivery,
    /// The state folder.
    pub state_dir: PathBuf,
    /// Further folders that exports and reports may be written to.
    pub export_dirs: Vec<PathBuf>,
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
        let policy = policy(flags.policy, catalog)?;
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
            Some(text) => text.one_of(&[
                ("file", Delivery::File),
                ("keyring", Delivery::Keyring),
                ("reply", Delivery::Reply),
            ])?,
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
            sandbox_size: sandbox_size(flags.sandbox_size, sandbox)?,
            selection: Selection {
                toolsets: toolsets(flags.toolsets)?,
                tools: globs("--tools (MAKE_TOOLS)", flags.tools, catalog)?,
                exclude: globs(
                    "--exclude-tools (MAKE_EXCLUDE_TOOLS)",
                    flags.exclude_tools,
                    catalog,
                )?,
                read_only: boolean("--read-only (MAKE_READ_ONLY)", flags.read_only)?,
                never: policy
                    .never()
                    .iter()
                    .map(|glob| WildMatch::new(glob))
                    .collect(),
            },
            policy,
            confirm,
            scope_escalation: boolean(
                "--allow-scope-escalation (MAKE_ALLOW_SCOPE_ESCALATION)",
                flags.allow_scope_escalation,
            )?,
            delivery,
            state_dir: state_dir(flags.state_dir)?,
            export_dirs: export_dirs(flags.export_dir)?,
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

fn policy(path: Option<String>, catalog: &[Tool]) -> Result<Policy> {
    let Some(path) = Text::of("--policy (MAKE_POLICY)", path)? else {
        return Ok(Policy::default());
    };
    let policy = Policy::read(path.value.as_ref())
        .map_err(|wrong| Error::new(path.setting, format!("cannot be used: {wrong}")))?;
    for glob in policy.never() {
        matching(&format!("{}, rule `never`,", path.setting), glob, catalog)?;
    }
    Ok(policy)
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
    text.parts()
        .map(|part| matching(setting, part, catalog))
        .collect()
}

fn matching(setting: &str, part: &str, catalog: &[Tool]) -> Result<WildMatch> {
    let names = || catalog.iter().map(|tool| tool.spec.name);
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
}

fn sandbox_size(value: Option<String>, sandbox: bool) -> Result<Size> {
    let Some(text) = Text::of("--sandbox-size (MAKE_SANDBOX_SIZE)", value)? else {
        return Ok(Size::default());
    };
    if !sandbox {
        return Err(Error::new(
            text.setting,
            "is about the built-in account, which needs --sandbox",
        ));
    }
    text.value
        .parse()
        .map_err(|wrong| Error::new(text.setting, wrong))
}

/// Each must be there: one that is misspelt would show only when something is to be written.
fn export_dirs(values: Vec<String>) -> Result<Vec<PathBuf>> {
    const SETTING: &str = "--export-dir (MAKE_EXPORT_DIR)";
    let mut folders = Vec::new();
    for value in values {
        let Some(text) = Text::of(SETTING, Some(value))? else {
            continue;
        };
        let folder = std::path::absolute(&text.value)
            .ok()
            .filter(|folder| folder.is_dir())
            .ok_or_else(|| {
                Error::new(
                    SETTING,
                    format!("`{}` is no folder; make it first", text.value),
                )
            })?;
        folders.push(folder);
    }
    Ok(folders)
}

fn state_dir(value: Option<String>) -> Result<PathBuf> {
    const SETTING: &str = "--state-dir (MAKE_STATE_DIR)";
    if let Some(text) = Text::of(SETTING, value)? {
        // Hosts start servers in folders of their own choice.
        return std::path::absolute(&text.value).map_err(|error| Error::new(SETTING, error));
    }
    let folder = dirs::state_dir()
        .or_else(dirs::data_local_dir)
        .map(|folder| folder.join("make-admin-mcp"));
    // Without a home folder nothing can be stored; the first attempt says so.
    Ok(folder.unwrap_or_default())
}
