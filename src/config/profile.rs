//! `profiles.toml` in the config folder: accounts by name.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toml_edit::{Array, DocumentMut, Item, Table, value};

use super::{ConfigError, text::Text};
use crate::{
    credential::DEFAULT,
    store::replace,
    text::{closest, quoted},
};

/// The longest name of a profile.
const LONGEST_NAME: usize = 32;

/// Names that stand for something else in the state folder, or for devices on Windows.
const RESERVED: [&str; 8] = [DEFAULT, "exports", "plans", "tokens", "con", "prn", "aux", "nul"];

/// An account: where it is, what its credential is, and what may be done there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Profile {
    /// Host of the account, or a full base address.
    pub zone: Option<String>,
    /// Whether the built-in account stands for Make.
    #[serde(default)]
    pub sandbox: bool,
    /// File with the token.
    pub api_key_file: Option<String>,
    /// Program that prints the token, with its arguments.
    pub api_key_command: Option<Vec<String>>,
    /// Toolsets that are on.
    pub toolsets: Option<Vec<String>>,
    /// Whether only tools that change nothing are on.
    #[serde(default)]
    pub read_only: bool,
    /// Policy file.
    pub policy: Option<String>,
    /// The only organizations that may be worked with.
    pub organizations: Option<Vec<u64>>,
}

impl Profile {
    /// How its credential is given, for people.
    pub fn credential(&self) -> &'static str {
        match self {
            Self { sandbox: true, .. } => "sandbox",
            Self { api_key_file: Some(_), .. } => "api-key-file",
            Self { api_key_command: Some(_), .. } => "api-key-command",
            _ => "login",
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ProfilesFile {
    #[serde(default)]
    profiles: BTreeMap<String, Profile>,
}

/// The profiles of a config folder.
#[derive(Clone, Debug)]
pub struct Profiles {
    path: PathBuf,
    known: BTreeMap<String, Profile>,
}

/// Why `profiles.toml` was not changed, in one line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotEdited(String);

impl Profiles {
    /// Reads the profiles of a config folder; none if it has no `profiles.toml`.
    pub fn read(config_dir: &Path) -> Result<Self, ConfigError> {
        let path = config_dir.join("profiles.toml");
        let wrong = |problem: String| ConfigError::new(path.display(), problem);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(wrong(format!("cannot be read: {error}"))),
        };
        // It names programs that are run and hosts that tokens are sent to.
        #[cfg(unix)]
        if let Ok(found) = fs::metadata(&path)
            && std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o022 != 0
        {
            return Err(wrong("can be written by others; make it private (chmod 600)".to_owned()));
        }
        let file: ProfilesFile = toml::from_str(&text).map_err(|error| {
            let place = error.span().map_or(0, |span| text[..span.start].matches('\n').count() + 1);
            wrong(format!("is wrong in line {place}: {}", error.message()))
        })?;
        for (name, profile) in &file.profiles {
            checked(name, profile).map_err(|problem| wrong(format!("is wrong: {problem}")))?;
        }
        Ok(Self { path, known: file.profiles })
    }

    /// All of them, by name.
    pub fn all(&self) -> &BTreeMap<String, Profile> {
        &self.known
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The profile of exactly that name.
    pub(super) fn get(&self, setting: &'static str, name: &str) -> Result<&Profile, ConfigError> {
        self.known.get(name).ok_or_else(|| {
            let names: Vec<_> = self.known.keys().map(String::as_str).collect();
            if names.is_empty() {
                let problem = format!(
                    "names {}, and {} has no profile (add one: make-admin-mcp profiles add NAME \
                     --zone HOST)",
                    quoted(name),
                    self.path.display()
                );
                return ConfigError::new(setting, problem);
            }
            let text = Text { setting, value: name.to_owned() };
            text.unknown(&closest_shown(name), &names, "")
        })
    }

    /// Adds a profile to the file, whose comments stay.
    pub fn add(&self, name: &str, profile: &Profile) -> Result<(), NotEdited> {
        checked(name, profile).map_err(NotEdited)?;
        if self.known.contains_key(name) {
            return Err(NotEdited(format!("there is a profile {} already", quoted(name))));
        }
        self.edit(|profiles| {
            profiles.insert(name, Item::Table(as_table(profile)));
        })
    }

    /// Removes a profile from the file.
    pub fn remove(&self, name: &str) -> Result<(), NotEdited> {
        if !self.known.contains_key(name) {
            let near = closest(name, self.known.keys().map(String::as_str));
            let hint = near.map(|near| format!(", did you mean `{near}`?")).unwrap_or_default();
            return Err(NotEdited(format!("there is no profile {}{hint}", quoted(name))));
        }
        self.edit(|profiles| {
            profiles.remove(name);
        })
    }

    fn edit(&self, change: impl FnOnce(&mut Table)) -> Result<(), NotEdited> {
        let failed = |problem: &dyn std::fmt::Display| {
            NotEdited(format!("{} cannot be changed: {problem}", self.path.display()))
        };
        let text = match fs::read_to_string(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(&error)),
            text => text.unwrap_or_default(),
        };
        let mut file: DocumentMut = text.parse().map_err(|error| failed(&error))?;
        let profiles = file.entry("profiles").or_insert_with(|| {
            let mut table = Table::new();
            table.set_implicit(true);
            Item::Table(table)
        });
        change(profiles.as_table_mut().ok_or_else(|| failed(&"`profiles` is not a table"))?);
        let folder = self.path.parent().unwrap_or(&self.path);
        fs::create_dir_all(folder)
            .and_then(|()| replace(&self.path, &file.to_string()))
            .map_err(|error| failed(&error))
    }
}

/// A misspelt name is shown as it is, unless it is not a valid name.
fn closest_shown(name: &str) -> String {
    name.chars().take(2 * LONGEST_NAME).collect()
}

/// Whether name and settings fit together; the error says what does not.
fn checked(name: &str, profile: &Profile) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if name.is_empty()
        || name.len() > LONGEST_NAME
        || !name.chars().all(plain)
        || name.starts_with('-')
    {
        return Err(format!(
            "{} is not a valid name (accepted: up to {LONGEST_NAME} of a-z, 0-9, - and _)",
            quoted(name)
        ));
    }
    let is_port = |name: &str| {
        let number = name.strip_prefix("com").or(name.strip_prefix("lpt"));
        number.is_some_and(|number| number.len() == 1 && number != "0")
    };
    if RESERVED.contains(&name) || is_port(name) {
        return Err(format!("{} is reserved; choose another name", quoted(name)));
    }
    let sources =
        [profile.sandbox, profile.api_key_file.is_some(), profile.api_key_command.is_some()];
    if sources.into_iter().filter(|given| *given).count() > 1 {
        return Err(format!(
            "the profile {} has two credentials (of sandbox, api-key-file, api-key-command take \
             one)",
            quoted(name)
        ));
    }
    if profile.zone.is_none() && !profile.sandbox {
        return Err(format!(
            "the profile {} has no zone (e.g. zone = \"eu1.make.com\")",
            quoted(name)
        ));
    }
    Ok(())
}

fn as_table(profile: &Profile) -> Table {
    let Profile {
        zone,
        sandbox,
        api_key_file,
        api_key_command,
        toolsets,
        read_only,
        policy,
        organizations,
    } = profile;
    let mut table = Table::new();
    let mut text = |key: &str, given: &Option<String>| {
        if let Some(given) = given {
            table.insert(key, value(given));
        }
    };
    text("zone", zone);
    text("api-key-file", api_key_file);
    text("policy", policy);
    let mut list = |key: &str, given: Option<Array>| {
        if let Some(given) = given {
            table.insert(key, value(given));
        }
    };
    list("api-key-command", api_key_command.as_ref().map(|words| words.iter().collect()));
    list("toolsets", toolsets.as_ref().map(|names| names.iter().collect()));
    let ids = |ids: &Vec<u64>| ids.iter().filter_map(|id| i64::try_from(*id).ok()).collect();
    list("organizations", organizations.as_ref().map(ids));
    for (key, given) in [("sandbox", *sandbox), ("read-only", *read_only)] {
        if given {
            table.insert(key, value(true));
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> (tempfile::TempDir, Result<Profiles, ConfigError>) {
        let home = tempfile::tempdir().expect("a folder");
        replace(&home.path().join("profiles.toml"), text).expect("written");
        let read = Profiles::read(home.path());
        (home, read)
    }

    #[test]
    fn a_wrong_file_says_where() {
        for (text, parts) in [
            (
                "[profiles.acme]\nzone = \"eu1.make.com\"\nreadonly = true",
                vec!["line 3", "readonly", "read-only"],
            ),
            ("[profiles.Acme]\nzone = \"eu1.make.com\"", vec!["\"Acme\" is not a valid name"]),
            ("[profiles.default]\nsandbox = true", vec!["\"default\" is reserved"]),
            ("[profiles.com1]\nsandbox = true", vec!["reserved"]),
            ("[profiles.\"../x\"]\nsandbox = true", vec!["is not a valid name"]),
            ("[profiles.acme]", vec!["has no zone"]),
            ("[profiles.acme]\nsandbox = true\napi-key-file = \"x\"", vec!["two credentials"]),
            ("[profiles.acme]\nzone = eu1", vec!["line 2"]),
        ] {
            let error = written(text).1.expect_err(text).to_string();
            for part in parts {
                assert!(error.contains(part), "{text}: {error}");
            }
        }
    }

    #[test]
    fn what_is_added_is_read_again_and_comments_stay() {
        let (home, read) =
            written("# Ann's\n[profiles.acme] # the first\nzone = \"us1.make.com\"\n");
        let beta = Profile {
            zone: Some("eu2.make.com".to_owned()),
            api_key_command: Some(vec!["op".to_owned(), "read \"x\"".to_owned()]),
            toolsets: Some(vec!["audit".to_owned()]),
            read_only: true,
            organizations: Some(vec![11, 12]),
            ..Profile::default()
        };
        read.expect("fine").add("beta", &beta).expect("added");
        let profiles = Profiles::read(home.path()).expect("still fine");
        assert_eq!(profiles.all().get("beta"), Some(&beta));
        assert!(profiles.add("beta", &beta).is_err(), "never over another");
        profiles.remove("beta").expect("removed");
        let text = fs::read_to_string(home.path().join("profiles.toml")).expect("there");
        assert_eq!(text, "# Ann's\n[profiles.acme] # the first\nzone = \"us1.make.com\"\n");
        let near = profiles.remove("acne").expect_err("no such").to_string();
        assert!(near.contains("did you mean `acme`"), "{near}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_others_can_write_is_refused() {
        use std::os::unix::fs::PermissionsExt;

        let (home, _) = written("[profiles.acme]\nsandbox = true\n");
        let path = home.path().join("profiles.toml");
        for (mode, well) in [(0o644, true), (0o600, true), (0o664, false), (0o666, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("chmod");
            assert_eq!(Profiles::read(home.path()).is_ok(), well, "{mode:o}");
        }
    }
}
