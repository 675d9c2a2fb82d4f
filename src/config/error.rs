//! A setting that cannot be used.

use std::fmt;

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
        Self { setting: setting.to_string(), problem: problem.to_string() }
    }
}
