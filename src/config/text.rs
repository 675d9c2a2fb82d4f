//! Values as people and hosts write them.

use std::path::PathBuf;

use super::ConfigError;
use crate::{
    credential::{not_filled_in, unquoted},
    text::closest,
};

/// A setting that has a value: cleaned, and filled in by the host.
pub(super) struct Text {
    pub(super) setting: &'static str,
    pub(super) value: String,
}

impl Text {
    /// Hosts pass an empty text for what a person left out.
    pub(super) fn of(
        setting: &'static str,
        value: Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let Some(value) = value else { return Ok(None) };
        let (value, _) = unquoted(&value);
        match not_filled_in(value) {
            Some(wrong) => Err(ConfigError::new(setting, wrong)),
            None => Ok((!value.is_empty()).then(|| Self { setting, value: value.to_owned() })),
        }
    }

    /// Reads a text that may begin and end with quotes of its own.
    pub(super) fn whole(
        setting: &'static str,
        value: Option<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let value = value.map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let Some(value) = value else { return Ok(None) };
        match not_filled_in(&value) {
            Some(wrong) => Err(ConfigError::new(setting, wrong)),
            None => Ok(Some(Self { setting, value })),
        }
    }

    pub(super) fn one_of<T: Copy>(&self, accepted: &[(&str, T)]) -> Result<T, ConfigError> {
        let found = accepted.iter().find(|(name, _)| *name == self.value);
        found.map(|(_, value)| *value).ok_or_else(|| {
            let names: Vec<_> = accepted.iter().map(|(name, _)| *name).collect();
            self.unknown(&self.value, &names, "")
        })
    }

    pub(super) fn unknown(&self, wrong: &str, accepted: &[&str], further: &str) -> ConfigError {
        let hint = closest(wrong, accepted.iter().copied())
            .map(|name| format!(", did you mean `{name}`?"));
        let list = accepted.join(", ");
        ConfigError::new(
            self.setting,
            format!(
                "has the unknown value `{wrong}`{} (accepted: {list}{further})",
                hint.unwrap_or_default()
            ),
        )
    }

    /// The value as a path, with a leading `~/` expanded. A variable that no shell has expanded is refused.
    pub(super) fn path(&self) -> Result<PathBuf, ConfigError> {
        let wrong = |problem: &str| Err(ConfigError::new(self.setting, problem));
        let is_variable = |part: &str| {
            part.starts_with('$')
                || (part.len() > 2 && part.starts_with('%') && part.ends_with('%'))
        };
        if self.value.split(['/', '\\']).any(is_variable) {
            return wrong("has a variable that was not expanded; write the path out");
        }
        match self.value.strip_prefix('~') {
            None => Ok(PathBuf::from(&self.value)),
            Some(rest) if rest.is_empty() || rest.starts_with(['/', '\\']) => {
                let Some(home) = dirs::home_dir() else {
                    return wrong("begins with ~, and there is no home folder; write the path out");
                };
                Ok(home.join(rest.trim_start_matches(['/', '\\'])))
            }
            Some(_) => wrong("begins with the home folder of another user; write the path out"),
        }
    }

    pub(super) fn parts(&self) -> impl Iterator<Item = &str> {
        self.value.split(',').map(str::trim).filter(|part| !part.is_empty())
    }
}

/// A switch.
pub(super) fn boolean(setting: &'static str, value: Option<String>) -> Result<bool, ConfigError> {
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
