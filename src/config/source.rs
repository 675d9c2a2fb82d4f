//! Which of the credentials that were given counts: a flag beats the environment, which beats a login.

use std::{path::PathBuf, sync::Arc};

use clap::{ArgMatches, parser::ValueSource};

use super::{ConfigError, text::Text};
use crate::{
    credential,
    credential::{CredentialCommand, Login, Logins, Source},
    make::BaseUrl,
};

/// The variable that holds the token. It is no argument: arguments show in process lists.
pub(super) const API_KEY: &str = "MAKE_API_KEY";

/// Which of the settings that name a credential are flags and no variables.
#[derive(Clone, Copy, Default)]
pub(super) struct Ranks {
    pub(super) file: bool,
    pub(super) command: bool,
}

impl Ranks {
    pub(super) fn of(matches: &ArgMatches) -> Self {
        let is_flag = |id| matches.value_source(id) == Some(ValueSource::CommandLine);
        Self { file: is_flag("api_key_file"), command: is_flag("api_key_command") }
    }
}

/// A credential that was given.
struct Candidate {
    from_flag: bool,
    /// How it is called where it was set.
    name: &'static str,
    kind: SourceKind,
}

enum SourceKind {
    Key(credential::Normalized),
    File(PathBuf),
    Command(CredentialCommand),
}

/// The credentials that were given.
pub(super) struct Given(Vec<Candidate>);

impl Given {
    pub(super) fn read(
        api_key: Option<String>,
        file: Option<String>,
        command: Option<String>,
        ranks: Ranks,
    ) -> Result<Self, ConfigError> {
        let named = |from_flag, flag, variable| if from_flag { flag } else { variable };
        let key = api_key
            .map(|text| credential::normalize(&text))
            .transpose()
            .map_err(|wrong| ConfigError::new(API_KEY, wrong))?
            .flatten();
        let mut given: Vec<_> = key
            .map(|key| Candidate { from_flag: false, name: API_KEY, kind: SourceKind::Key(key) })
            .into_iter()
            .collect();
        if let Some(file) = Text::of("api_key_file", file)? {
            given.push(Candidate {
                from_flag: ranks.file,
                name: named(ranks.file, "--api-key-file", "MAKE_API_KEY_FILE"),
                kind: SourceKind::File(file.path()?),
            });
        }
        if let Some(text) = Text::whole("api_key_command", command)? {
            let command = CredentialCommand::parse(&text.value)
                .map_err(|wrong| ConfigError::new(text.setting, wrong))?;
            given.push(Candidate {
                from_flag: ranks.command,
                name: named(ranks.command, "--api-key-command", "MAKE_API_KEY_COMMAND"),
                kind: SourceKind::Command(command),
            });
        }
        Ok(Self(given))
    }

    /// Refuses any given credential, since `beside` has one of its own.
    pub(super) fn none_beside(&self, beside: &str) -> Result<(), ConfigError> {
        match self.0.first() {
            None => Ok(()),
            Some(first) => Err(ConfigError::new(
                first.name,
                format!("is set beside {beside}, whose own credential counts; remove one of them"),
            )),
        }
    }

    /// The one that counts; `otherwise` if none was given.
    pub(super) fn source(
        self,
        warnings: &mut Vec<String>,
        otherwise: impl FnOnce() -> Source,
    ) -> Result<Source, ConfigError> {
        let by_flag = self.0.iter().any(|candidate| candidate.from_flag);
        let mut best = self.0.into_iter().filter(|candidate| candidate.from_flag == by_flag);
        let Some(first) = best.next() else {
            return Ok(otherwise());
        };
        if let Some(second) = best.next() {
            return Err(ConfigError::new(
                format!("{} and {}", first.name, second.name),
                "are both set; set one of them",
            ));
        }
        match first.kind {
            SourceKind::Key(key) => {
                warnings.extend(key.removed.map(|what| format!("{API_KEY}: {what} removed")));
                Ok(Source::Given(key.credential))
            }
            SourceKind::File(path) => {
                credential::in_file(&path).map_err(|wrong| {
                    ConfigError::new(first.name, format!("cannot be used: {wrong}"))
                })?;
                Ok(Source::File(path))
            }
            SourceKind::Command(command) => Ok(Source::Command(Arc::new(command))),
        }
    }
}

/// What `login` stored, or will store, under that name.
pub(super) fn login(logins: Logins, name: &str, base: &BaseUrl) -> Source {
    Source::Login(Arc::new(Login::new(logins, name, base)))
}
