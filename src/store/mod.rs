//! Where the process keeps things: private folders, the system's keyring, random bytes.

pub(crate) mod keyring;
mod private_dir;
mod random;

pub use keyring::KeyringError;
pub use private_dir::StateFolder;
pub(crate) use private_dir::{
    MOST_TRIES, about, numbered, private_file, replace, sync_names, write_new,
};
pub(crate) use random::{hex, random, unhex};
