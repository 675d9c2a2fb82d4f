//! `profiles`: the accounts of `profiles.toml`.

use std::fmt::Display;

use clap::{ArgMatches, Subcommand};

use super::{USAGE, doctor, print, say};
use crate::{
    catalog::catalog,
    config::{Accounts, Profile, Profiles, described, profiles},
    credential::Logins,
    make::RetryBudget,
    server::Server,
};

/// What to do with profiles.
#[derive(Clone, Debug, Subcommand)]
pub enum ProfilesCommand {
    /// List them
    List,
    /// Add one, with the settings that are given: --zone, --read-only, --toolsets, --policy, --api-key-file,
    /// --api-key-command (without these two: a login), --sandbox
    Add {
        /// Its name: a-z, 0-9, - and _
        name: String,
        /// An organization that may be worked with; may be given several times [default: all]
        #[arg(long, value_name = "ID")]
        organization: Vec<u64>,
    },
    /// Remove one
    Remove {
        /// Its name
        name: String,
    },
    /// Check that Make accepts their credentials (exit 0 if so, else 1)
    Test {
        /// Their names [default: all]
        names: Vec<String>,
    },
}

/// Runs a command about profiles and says with which code to exit.
pub async fn run(matches: &ArgMatches, what: ProfilesCommand) -> u8 {
    let profiles = match profiles(matches) {
        Ok(found) => found,
        Err(error) => return refused(&error),
    };
    let config_dir = profiles.path().parent().unwrap_or(profiles.path());
    let logins = Logins::new(config_dir);
    match what {
        ProfilesCommand::List => list(&profiles, &logins),
        ProfilesCommand::Add { name, organization } => {
            let described = match described(matches, &catalog()) {
                Ok(described) => described,
                Err(error) => return refused(&error),
            };
            let organizations = Some(organization).filter(|ids| !ids.is_empty());
            add(&profiles, &name, &Profile { organizations, ..described })
        }
        ProfilesCommand::Remove { name } => remove(&profiles, &logins, &name),
        ProfilesCommand::Test { names } => {
            let names =
                if names.is_empty() { profiles.all().keys().cloned().collect() } else { names };
            tested(matches, &names).await
        }
    }
}

fn list(profiles: &Profiles, logins: &Logins) -> u8 {
    for (name, profile) in profiles.all() {
        let zone = profile.zone.as_deref().unwrap_or("-");
        let login = match profile.credential() {
            "login" => match logins.record(name) {
                Ok(Some(record)) => record.to_string(),
                Ok(None) => format!("no login yet: make-admin-mcp login --profile {name}"),
                Err(error) => error.to_string(),
            },
            other => other.to_owned(),
        };
        let read_only = if profile.read_only { ", read-only" } else { "" };
        print(&format!("{name:<16} {zone:<20} {login}{read_only}"));
    }
    if profiles.all().is_empty() {
        say(&format!("There is no profile in {}.", profiles.path().display()));
    }
    0
}

fn add(profiles: &Profiles, name: &str, profile: &Profile) -> u8 {
    if let Err(error) = profiles.add(name, profile) {
        return refused(&error);
    }
    print(&format!("{name} is added to {}.", profiles.path().display()));
    if profile.credential() == "login" {
        print(&format!("Next: make-admin-mcp login --profile {name}"));
    }
    0
}

fn remove(profiles: &Profiles, logins: &Logins, name: &str) -> u8 {
    if logins.record(name).is_ok_and(|record| record.is_some()) && profiles.all().contains_key(name)
    {
        return refused(&format!(
            "the profile has a login; end it first: make-admin-mcp logout --profile {name}"
        ));
    }
    match profiles.remove(name) {
        Ok(()) => {
            print(&format!("{name} is removed. Its journal and files stay in the state folder."));
            0
        }
        Err(error) => refused(&error),
    }
}

async fn tested(matches: &ArgMatches, names: &[String]) -> u8 {
    let mut well = true;
    for name in names {
        // One that cannot be read must not hide the others.
        let found = match Accounts::named(matches, std::slice::from_ref(name), &catalog()) {
            Ok(all) => match &all[..] {
                [settings] => match Server::new(settings).context(RetryBudget::default()).await {
                    Ok(cx) => doctor::credential(&cx.make)
                        .await
                        .map(|who| format!("{} {who}", settings.zone())),
                    Err(error) => doctor::failed(error),
                },
                _ => Ok(String::new()),
            },
            Err(error) => Err((error.to_string(), String::new())),
        };
        match found {
            Ok(text) => print(&format!("ok    {name:<16} {text}")),
            Err((problem, next)) => {
                well = false;
                print(&format!("FAIL  {name:<16} {problem}\n{:23}{next}", ""));
            }
        }
    }
    u8::from(!well)
}

fn refused(problem: &dyn Display) -> u8 {
    say(&format!("error: {problem}"));
    USAGE
}
