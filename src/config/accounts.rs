//! Which accounts a start works with: one, or several profiles at once.

use clap::{ArgMatches, FromArgMatches, parser::ValueSource};

use super::{
    ConfigError, Flags, Profile, Profiles, Proxy, Settings,
    settings::config_dir,
    source::{API_KEY, Given, Ranks},
    text::Text,
};
use crate::{credential::DEFAULT, tools::registry::Tool};

const PROFILE: &str = "profile";
const PROFILES: &str = "profiles";

/// The accounts that a start works with.
#[derive(Clone, Debug)]
pub enum Accounts {
    /// One, with a profile or without.
    One(Box<Settings>),
    /// Several profiles at once, in the order in which they were named.
    Many(Vec<Settings>),
}

impl Settings {
    /// Checks what the command line and the environment say about one account. `catalog` is what tool names are checked
    /// against.
    pub fn read(matches: &ArgMatches, catalog: &[Tool]) -> Result<Self, ConfigError> {
        match Accounts::read(matches, catalog)? {
            Accounts::One(settings) => Ok(*settings),
            Accounts::Many(_) => {
                Err(ConfigError::new("profiles", "names several accounts; name one with --profile"))
            }
        }
    }
}

impl Accounts {
    /// Checks what command line, environment and profiles say. `catalog` is what tool names are checked against.
    pub fn read(matches: &ArgMatches, catalog: &[Tool]) -> Result<Self, ConfigError> {
        let given = Start::of(matches)?;
        let (one, many) = given.names()?;
        let mut accounts = match (one, many) {
            (Some(one), None) => Ok(Self::One(Box::new(given.of_profile(PROFILE, &one, catalog)?))),
            (None, Some(many)) => {
                let all = many.iter().map(|name| given.of_profile(PROFILES, name, catalog));
                Ok(Self::Many(all.collect::<Result<_, ConfigError>>()?))
            }
            (Some(_), Some(_)) => Err(ConfigError::new(
                format!("{PROFILE} and {PROFILES}"),
                "are both set; set one of them",
            )),
            (None, None) => {
                let Start { flags, api_key, ranks, .. } = given;
                let settings = Settings::check(flags, api_key, ranks, DEFAULT, catalog)?;
                Ok(Self::One(Box::new(settings)))
            }
        }?;
        let proxied = |one: &&mut Settings| !one.sandbox && !one.base.is_loopback();
        for settings in accounts.all_mut().iter_mut().filter(proxied) {
            settings.proxy = Proxy::read(|name| std::env::var(name).ok())?;
        }
        Ok(accounts)
    }

    /// The accounts of these profiles; `--profile` and `--profiles` are ignored.
    pub fn named(
        matches: &ArgMatches,
        names: &[String],
        catalog: &[Tool],
    ) -> Result<Vec<Settings>, ConfigError> {
        let given = Start::of(matches)?;
        let all = names.iter().map(|name| given.of_profile("profiles test", name, catalog));
        all.collect()
    }

    fn all_mut(&mut self) -> &mut [Settings] {
        match self {
            Self::One(settings) => std::slice::from_mut(settings),
            Self::Many(all) => all,
        }
    }

    /// All of them.
    pub fn all(&self) -> &[Settings] {
        match self {
            Self::One(settings) => std::slice::from_ref(settings),
            Self::Many(all) => all,
        }
    }
}

/// The profiles of the config folder that is meant.
pub fn profiles(matches: &ArgMatches) -> Result<Profiles, ConfigError> {
    Start::of(matches)?.profiles
}

/// The profile that flags describe. They are checked as they would be for a start.
pub fn described(matches: &ArgMatches, catalog: &[Tool]) -> Result<Profile, ConfigError> {
    let Start { flags, ranks, .. } = Start::of(matches)?;
    Settings::check(flags.clone(), None, ranks, DEFAULT, catalog)?;
    let flag = |id: &str, value: Option<String>| value.filter(|_| is_flag(matches, id));
    let is_on = |id, name, value| super::text::boolean(name, flag(id, value));
    let command =
        match Text::whole("--api-key-command", flag("api_key_command", flags.api_key_command))? {
            Some(text) => Some(
                crate::credential::CredentialCommand::parse(&text.value)
                    .map_err(|wrong| ConfigError::new(text.setting, wrong))?
                    .words(),
            ),
            None => None,
        };
    let names = |text: String| text.split(',').map(|name| name.trim().to_owned()).collect();
    // The file stands in another folder than this command.
    let absolute = |setting: &'static str, path: Option<String>| {
        let Some(text) = Text::of(setting, path)? else { return Ok(None) };
        let absolute = std::path::absolute(text.path()?);
        let absolute = absolute.map_err(|error| ConfigError::new(setting, error))?;
        Ok::<_, ConfigError>(Some(absolute.display().to_string()))
    };
    let profile = Profile {
        zone: flag("zone", flags.zone).or(flag("base_url", flags.base_url)),
        sandbox: is_on("sandbox", "--sandbox", flags.sandbox)?,
        api_key_file: absolute("api_key_file", flag("api_key_file", flags.api_key_file))?,
        api_key_command: command,
        toolsets: flag("toolsets", flags.toolsets).map(names),
        read_only: is_on("read_only", "--read-only", flags.read_only)?,
        policy: absolute("policy", flag("policy", flags.policy))?,
        organizations: None,
    };
    Ok(profile)
}

fn is_flag(matches: &ArgMatches, id: &str) -> bool {
    matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// What a start was given.
struct Start<'a> {
    matches: &'a ArgMatches,
    flags: Flags,
    api_key: Option<String>,
    ranks: Ranks,
    /// The profiles, read eagerly; an error counts only when one is used.
    profiles: Result<Profiles, ConfigError>,
}

impl<'a> Start<'a> {
    fn of(matches: &'a ArgMatches) -> Result<Self, ConfigError> {
        let flags = Flags::from_arg_matches(matches)
            .map_err(|error| ConfigError::new("the command line", error))?;
        let profiles = Profiles::read(&config_dir(flags.config_dir.clone())?);
        Ok(Self {
            matches,
            flags,
            api_key: std::env::var(API_KEY).ok(),
            ranks: Ranks::of(matches),
            profiles,
        })
    }

    /// The profile or the profiles that are meant. A flag beats a variable.
    fn names(&self) -> Result<(Option<String>, Option<Vec<String>>), ConfigError> {
        let one = Text::of(PROFILE, self.flags.profile.clone())?.map(|text| text.value);
        let many = match Text::of(PROFILES, self.flags.profiles.clone())? {
            None => None,
            Some(text) => {
                let names: Vec<_> = text.parts().map(str::to_owned).collect();
                let twice =
                    names.iter().enumerate().find(|(place, name)| names[..*place].contains(name));
                if let Some((_, name)) = twice {
                    return Err(ConfigError::new(PROFILES, format!("names `{name}` twice")));
                }
                Some(names).filter(|names| !names.is_empty())
            }
        };
        let by_flag = (is_flag(self.matches, "profile"), is_flag(self.matches, "profiles"));
        Ok(match by_flag {
            (true, false) => (one, None),
            (false, true) => (None, many),
            _ => (one, many),
        })
    }

    /// The settings of a profile: its own, and those flags and variables that it may be combined with. Credential and
    /// account are its own alone.
    fn of_profile(
        &self,
        setting: &'static str,
        name: &str,
        catalog: &[Tool],
    ) -> Result<Settings, ConfigError> {
        let profiles = self.profiles.as_ref().map_err(Clone::clone)?;
        let profile = profiles.get(setting, name)?.clone();
        let flags = self.flags.clone();
        let beside = format!("the profile `{name}`");
        Given::read(
            self.api_key.clone(),
            flags.api_key_file.clone(),
            flags.api_key_command.clone(),
            self.ranks,
        )?
        .none_beside(&beside)?;
        none_of_account(&flags, &beside)?;
        let in_config = |path: String| {
            let folder = profiles.path().parent();
            // A leading ~ stands for an absolute path.
            let folder = folder.filter(|_| !path.starts_with('~'));
            folder.map(|folder| folder.join(&path).display().to_string()).unwrap_or(path)
        };
        let policy = one_policy(profile.policy.map(in_config), flags.policy, &beside)?;
        let switched_on =
            |on: bool, given: Option<String>| if on { Some("on".to_owned()) } else { given };
        let toolsets = profile
            .toolsets
            .map(|names| names.join(","))
            .filter(|_| !is_flag(self.matches, "toolsets"));
        let command =
            profile.api_key_command.map(|words| serde_json::Value::from(words).to_string());
        let own = Flags {
            zone: profile.zone,
            api_key_file: profile.api_key_file.map(in_config),
            api_key_command: command,
            sandbox: switched_on(profile.sandbox, flags.sandbox),
            read_only: switched_on(profile.read_only, flags.read_only),
            policy,
            toolsets: toolsets.or(flags.toolsets),
            ..self.flags.clone()
        };
        let of_profile = |error: ConfigError| {
            ConfigError::new(format!("the profile `{name}`: {}", error.setting), error.problem)
        };
        let ranks = Ranks { file: true, command: true };
        let mut settings = Settings::check(own, None, ranks, name, catalog).map_err(of_profile)?;
        settings.profile = Some(name.to_owned());
        settings.state_dir = settings.state_dir.join(name);
        settings.policy = settings.policy.limited_to(profile.organizations.as_deref());
        settings.organizations = profile.organizations;
        Ok(settings)
    }
}

/// Refuses an account that is given beside a profile, which has its own.
fn none_of_account(flags: &Flags, beside: &str) -> Result<(), ConfigError> {
    for (setting, value) in [("zone", &flags.zone), ("base_url", &flags.base_url)] {
        if Text::of(setting, value.clone())?.is_some() {
            let problem = format!(
                "is set beside {beside}, which has an account of its own; remove one of them"
            );
            return Err(ConfigError::new(setting, problem));
        }
    }
    Ok(())
}

/// The policy of a profile or the one that is given beside it; both are refused.
fn one_policy(
    own: Option<String>,
    given: Option<String>,
    beside: &str,
) -> Result<Option<String>, ConfigError> {
    match (own, Text::of("policy", given)?) {
        (Some(_), Some(given)) => Err(ConfigError::new(
            given.setting,
            format!("is set beside {beside}, which has a policy of its own; remove one of them"),
        )),
        (Some(own), None) => Ok(Some(own)),
        (None, given) => Ok(given.map(|text| text.value)),
    }
}
