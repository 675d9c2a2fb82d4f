//! The settings of one account, checked.

use std::path::PathBuf;

use wildmatch::WildMatch;

use super::{
    ConfigError, Flags, Proxy,
    error::label,
    source,
    source::Ranks,
    text::{Text, boolean},
};
use crate::{
    credential::{Logins, Source},
    guard::{Confirm, DeliveryMethod, Policy},
    make::BaseUrl,
    sandbox::{Sandbox, Size},
    text::closest,
    tools::registry::{Selection, Tool, Toolset},
};

/// Settings, checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The profile that these are of.
    pub profile: Option<String>,
    /// Where the credential comes from.
    pub source: Source,
    /// Where Make is.
    pub base: BaseUrl,
    /// Whether a setting or a login said where Make is.
    pub base_is_given: bool,
    /// The proxy that requests to Make go through, where variables name one.
    pub proxy: Option<Proxy>,
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
    pub delivery: DeliveryMethod,
    /// The state folder.
    pub state_dir: PathBuf,
    /// The folder of profiles and logins.
    pub config_dir: PathBuf,
    /// The only organizations that may be worked with; None if all may.
    pub organizations: Option<Vec<u64>>,
    /// Further folders that exports and reports may be written to.
    pub export_dirs: Vec<PathBuf>,
    /// The tracing filter.
    pub log: String,
    /// What was corrected or deserves a look.
    pub warnings: Vec<String>,
}

impl Settings {
    /// `login` is the name of the login that counts if nothing else is given.
    pub(super) fn check(
        flags: Flags,
        api_key: Option<String>,
        ranks: Ranks,
        login: &str,
        catalog: &[Tool],
    ) -> Result<Self, ConfigError> {
        let mut warnings = Vec::new();
        let policy = policy(flags.policy, catalog)?;
        let sandbox = boolean("sandbox", flags.sandbox)?;
        let config_dir = config_dir(flags.config_dir)?;
        let logins = Logins::new(&config_dir);
        let (base, base_is_given) = base(flags.base_url, flags.zone, logins.base_of(login))?;
        let source = if sandbox {
            Source::Given(Sandbox::credential())
        } else {
            let given =
                source::Given::read(api_key, flags.api_key_file, flags.api_key_command, ranks)?;
            given.source(&mut warnings, || source::login(logins, login, &base))?
        };
        let log = log(flags.log)?;
        Ok(Self {
            profile: None,
            source,
            proxy: None,
            base,
            base_is_given,
            sandbox,
            sandbox_size: sandbox_size(flags.sandbox_size, sandbox)?,
            selection: Selection {
                toolsets: toolsets(flags.toolsets)?,
                tools: globs("tools", flags.tools, catalog)?,
                exclude: globs("exclude_tools", flags.exclude_tools, catalog)?,
                read_only: boolean("read_only", flags.read_only)?,
                never: policy.never().iter().map(|glob| WildMatch::new(glob)).collect(),
            },
            policy,
            confirm: confirm(flags.confirm)?,
            scope_escalation: boolean("allow_scope_escalation", flags.allow_scope_escalation)?,
            delivery: delivery(flags.secret_delivery)?,
            state_dir: state_dir(flags.state_dir)?,
            config_dir,
            organizations: None,
            export_dirs: export_dirs(flags.export_dir)?,
            log,
            warnings,
        })
    }

    /// The name of the account's host.
    pub fn zone(&self) -> String {
        if self.sandbox { "sandbox".to_owned() } else { self.base.host() }
    }
}

/// A level, or a filter of levels by module: a single other word would be the name of a module, and log nothing.
fn log(given: Option<String>) -> Result<String, ConfigError> {
    const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
    let Some(text) = Text::of("log", given)? else {
        return Ok("warn".to_owned());
    };
    for part in text.parts() {
        let level = part.rsplit_once('=').map_or(part, |(_, level)| level);
        if !LEVELS.contains(&level.to_ascii_lowercase().as_str()) {
            return Err(text.unknown(part, &LEVELS, ", or a filter such as make_admin_mcp=debug"));
        }
    }
    Ok(text.value)
}

fn delivery(given: Option<String>) -> Result<DeliveryMethod, ConfigError> {
    match Text::of("secret_delivery", given)? {
        None => Ok(DeliveryMethod::File),
        Some(text) => text.one_of(&[
            ("file", DeliveryMethod::File),
            ("keyring", DeliveryMethod::Keyring),
            ("reply", DeliveryMethod::Reply),
        ]),
    }
}

fn confirm(given: Option<String>) -> Result<Confirm, ConfigError> {
    let all = [Confirm::Auto, Confirm::Operator, Confirm::Off];
    match Text::of("confirm", given)? {
        None => Ok(Confirm::Auto),
        Some(text) => text.one_of(&all.map(|how| (how.name(), how))),
    }
}

fn policy(path: Option<String>, catalog: &[Tool]) -> Result<Policy, ConfigError> {
    let Some(path) = Text::of("policy", path)? else {
        return Ok(Policy::default());
    };
    let policy = Policy::read(&path.path()?)
        .map_err(|wrong| ConfigError::new(path.setting, format!("cannot be used: {wrong}")))?;
    for glob in policy.never() {
        matching(&format!("{}, rule `never`,", label(path.setting)), glob, catalog)?;
    }
    Ok(policy)
}

/// Make's public zones.
pub(crate) const ZONES: [&str; 6] = [
    "eu1.make.com", "eu2.make.com", "us1.make.com", "us2.make.com", "eu1.make.celonis.com",
    "us1.make.celonis.com",
];

/// Where Make is, and whether somebody said so.
fn base(
    base_url: Option<String>,
    zone: Option<String>,
    of_login: Option<String>,
) -> Result<(BaseUrl, bool), ConfigError> {
    let zone = Text::of("zone", zone)?.map(|zone| of_zone(&zone)).transpose()?;
    if let Some(url) = Text::of("base_url", base_url)? {
        let wrong = |wrong| {
            ConfigError::new(
                url.setting,
                format!("{wrong} (accepted: e.g. http://127.0.0.1:8080/api/v2)"),
            )
        };
        return Ok((BaseUrl::parse(&url.value).map_err(wrong)?, true));
    }
    // A login knows its account.
    let of_login = of_login.and_then(|base| BaseUrl::parse(&base).ok());
    if let Some(base) = zone.or(of_login) {
        return Ok((base, true));
    }
    let base =
        BaseUrl::of_zone(ZONES[0]).map_err(|wrong| ConfigError::new("the default zone", wrong))?;
    Ok((base, false))
}

fn of_zone(zone: &Text) -> Result<BaseUrl, ConfigError> {
    let wrong = |problem: &str| {
        let near = closest(&zone.value, ZONES.into_iter())
            .map(|near| format!(", did you mean {near}?"))
            .unwrap_or_default();
        let accepted = format!("accepted: {}, or your own host", ZONES.join(", "));
        ConfigError::new(zone.setting, format!("`{}` {problem}{near} ({accepted})", zone.value))
    };
    let host = zone.value.trim_end_matches('/');
    match host.to_ascii_lowercase().as_str() {
        "undefined" | "null" | "none" | "nil" => {
            return Err(wrong("is what a host passes for a value that is missing"));
        }
        "make.com" | "www.make.com" | "make.celonis.com" | "integromat.com" => {
            return Err(wrong("is not a zone; the address of Make in your browser begins with it"));
        }
        _ => {}
    }
    let read = if host.contains("://") { BaseUrl::parse(host) } else { BaseUrl::of_zone(host) };
    let base = read.map_err(|error| wrong(&error.to_string()))?;
    let is_whole = host.contains("://") || host.contains(['.', ':']) || base.is_loopback();
    if is_whole { Ok(base) } else { Err(wrong("is not a whole host name")) }
}

fn toolsets(value: Option<String>) -> Result<Vec<Toolset>, ConfigError> {
    let Some(text) = Text::of("toolsets", value)? else {
        return Ok(Selection::default().toolsets);
    };
    let mut chosen = Vec::new();
    for name in text.parts() {
        match (name, Toolset::ALL.iter().find(|toolset| toolset.name() == name)) {
            ("all", _) => chosen.extend(Toolset::ALL),
            ("default", _) => chosen.extend(Selection::default().toolsets),
            (_, Some(toolset)) => chosen.push(*toolset),
            (_, None) => {
                let names: Vec<_> =
                    ["default", "all"].into_iter().chain(Toolset::ALL.map(Toolset::name)).collect();
                return Err(text.unknown(name, &names, ""));
            }
        }
    }
    chosen.sort_unstable();
    chosen.dedup();
    Ok(chosen)
}

/// Names of tools. One that fits no tool is a mistake that would leave a tool on that was meant to be off.
fn globs(
    setting: &'static str,
    value: Option<String>,
    catalog: &[Tool],
) -> Result<Vec<WildMatch>, ConfigError> {
    let Some(text) = Text::of(setting, value)? else {
        return Ok(Vec::new());
    };
    text.parts().map(|part| matching(setting, part, catalog)).collect()
}

fn matching(setting: &str, part: &str, catalog: &[Tool]) -> Result<WildMatch, ConfigError> {
    let names = || catalog.iter().map(|tool| tool.spec.name);
    let glob = WildMatch::new(part);
    if names().any(|name| glob.matches(name)) {
        return Ok(glob);
    }
    let hint =
        closest(part, names()).map(|name| format!(", did you mean `{name}`?")).unwrap_or_default();
    Err(ConfigError::new(
        setting,
        format!("names no tool with `{part}`{hint} (`make-admin-mcp tools` lists them)"),
    ))
}

fn sandbox_size(value: Option<String>, sandbox: bool) -> Result<Size, ConfigError> {
    let Some(text) = Text::of("sandbox_size", value)? else {
        return Ok(Size::default());
    };
    if !sandbox {
        return Err(ConfigError::new(
            text.setting,
            "is about the built-in account, which needs --sandbox",
        ));
    }
    text.value.parse().map_err(|wrong| ConfigError::new(text.setting, wrong))
}

/// Each must be there: one that is misspelt would show only when something is to be written.
fn export_dirs(values: Vec<String>) -> Result<Vec<PathBuf>, ConfigError> {
    const SETTING: &str = "export_dir";
    let mut folders = Vec::new();
    for value in values {
        let Some(text) = Text::of(SETTING, Some(value))? else {
            continue;
        };
        let folder = std::path::absolute(text.path()?)
            .ok()
            .filter(|folder| folder.is_dir())
            .ok_or_else(|| {
                ConfigError::new(
                    SETTING,
                    format!("`{}` is not a folder; create it first", text.value),
                )
            })?;
        folders.push(folder);
    }
    Ok(folders)
}

fn state_dir(value: Option<String>) -> Result<PathBuf, ConfigError> {
    let default = dirs::state_dir().or_else(dirs::data_local_dir);
    folder("state_dir", value, default)
}

pub(super) fn config_dir(value: Option<String>) -> Result<PathBuf, ConfigError> {
    folder("config_dir", value, dirs::config_dir())
}

fn folder(
    setting: &'static str,
    value: Option<String>,
    default: Option<PathBuf>,
) -> Result<PathBuf, ConfigError> {
    if let Some(text) = Text::of(setting, value)? {
        let path = text.path()?;
        return if path.is_absolute() {
            Ok(path)
        } else {
            Err(ConfigError::new(
                setting,
                format!(
                    "`{}` must be an absolute path: hosts start servers in folders of their choice",
                    text.value
                ),
            ))
        };
    }
    // Without a home folder nothing can be stored; the first attempt says so.
    Ok(default.map(|folder| folder.join("make-admin-mcp")).unwrap_or_default())
}
