//! Every setting, read once. Nothing else reads the environment.

mod accounts;
mod error;
mod flags;
mod profile;
mod proxy;
mod settings;
mod source;
#[cfg(test)]
mod tests;
mod text;

pub use accounts::{Accounts, described, profiles};
pub use error::ConfigError;
pub use flags::Flags;
pub use profile::{NotEdited, Profile, Profiles};
pub use proxy::Proxy;
pub use settings::Settings;
pub(crate) use settings::ZONES;
