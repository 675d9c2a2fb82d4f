//! A setting that cannot be used.

use std::fmt;

use clap::{Args, Command};

use super::Flags;

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{setting} {problem}")]
pub struct ConfigError {
    /// Flag and variable.
    pub(super) setting: String,
    /// What is wrong and what is accepted, as the end of a sentence.
    pub(super) problem: String,
}

impl ConfigError {
    pub(super) fn new(setting: impl fmt::Display, problem: impl fmt::Display) -> Self {
        Self { setting: label(&setting.to_string()), problem: problem.to_string() }
    }
}

/// Flag and variable of a setting that the command line declares; any other text stays as it is.
pub(super) fn label(setting: &str) -> String {
    let command = Flags::augment_args(Command::new(""));
    let declared = command.get_arguments().find(|argument| argument.get_id() == setting);
    let named = declared.and_then(|argument| {
        Some(format!("--{} ({})", argument.get_long()?, argument.get_env()?.to_str()?))
    });
    named.unwrap_or_else(|| setting.to_owned())
}
