//! Where reports may be written and read: `exports` in the state folder, and folders that the person allowed.

use std::{
    fs,
    path::{Component, Path, PathBuf},
};

use crate::{store::StateFolder, text::visible};

/// A path that is not used, and what to do instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Wrong {
    /// What is wrong, in one line.
    pub message: String,
    /// The next step.
    pub hint: String,
}

impl Wrong {
    fn new(message: String, hint: &str) -> Self {
        Self { message, hint: hint.to_owned() }
    }
}

/// Where reports may be written.
#[derive(Clone, Debug)]
pub struct AllowedDirs {
    state: StateFolder,
    /// Absolute, as the person wrote them.
    allowed: Vec<PathBuf>,
}

impl AllowedDirs {
    /// `exports` in `state`, and `allowed` beside it: absolute paths, which may go through links themselves.
    pub fn new(state: StateFolder, allowed: Vec<PathBuf>) -> Self {
        Self { state, allowed }
    }

    /// The folder for what has no path of its own.
    pub fn own(&self) -> Result<PathBuf, Wrong> {
        self.state.inner("exports").map_err(|error| {
            Wrong::new(
                format!("the folder for exports cannot be used: {error}"),
                "a person makes the state folder private and writable, or chooses another with \
                 --state-dir",
            )
        })
    }

    /// The place of a file that is not there yet.
    pub fn new_file(&self, path: &str) -> Result<PathBuf, Wrong> {
        let place = self.place(path)?;
        match fs::symlink_metadata(&place) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(place),
            Err(error) => Err(Wrong::new(
                format!("`{}` cannot be used: {error}", visible(path)),
                "choose another path",
            )),
            Ok(found) if found.is_symlink() => Err(a_link(path)),
            Ok(_) => Err(Wrong::new(
                format!("`{}` exists already, and nothing is overwritten", visible(path)),
                "choose another path",
            )),
        }
    }

    /// The place of a file that is there.
    pub fn existing(&self, path: &str) -> Result<PathBuf, Wrong> {
        let place = self.place(path)?;
        match fs::symlink_metadata(&place) {
            Ok(found) if found.is_file() => Ok(place),
            Ok(found) if found.is_symlink() => Err(a_link(path)),
            Ok(_) => Err(Wrong::new(
                format!("`{}` is not a file", visible(path)),
                "give the path of a file",
            )),
            Err(error) => Err(Wrong::new(
                format!("`{}` cannot be read: {error}", visible(path)),
                "give the path that an earlier answer named",
            )),
        }
    }

    /// The place that a path means, inside an allowed folder and behind no link.
    fn place(&self, path: &str) -> Result<PathBuf, Wrong> {
        let asked = Path::new(path);
        let (root, below) = self.root_of(asked)?;
        let mut place = root;
        let parts: Vec<_> = below.components().collect();
        for (number, part) in parts.iter().enumerate() {
            let Component::Normal(name) = part else {
                return Err(outside(path));
            };
            if name.to_str().is_none_or(|name| name.contains([':', '\\']) || name != visible(name))
            {
                return Err(Wrong::new(
                    format!("`{}` has characters that file names should not have", visible(path)),
                    "use letters, digits, dots, dashes and underscores",
                ));
            }
            place.push(name);
            if number + 1 < parts.len() {
                match fs::symlink_metadata(&place) {
                    Ok(found) if found.is_symlink() => return Err(a_link(path)),
                    Ok(found) if found.is_dir() => {}
                    _ => {
                        return Err(Wrong::new(
                            format!("the folder of `{}` is not there", visible(path)),
                            "use a file name alone, or a folder that exists",
                        ));
                    }
                }
            }
        }
        if parts.is_empty() {
            return Err(Wrong::new("the path names no file".to_owned(), "give a file name"));
        }
        Ok(place)
    }

    fn root_of<'a>(&self, asked: &'a Path) -> Result<(PathBuf, &'a Path), Wrong> {
        if asked.is_relative() && !asked.has_root() {
            return Ok((self.own()?, asked));
        }
        let own = self.own().ok();
        self.allowed
            .iter()
            .chain(&own)
            .find_map(|root| {
                // People and systems have more than one name for a folder (`/tmp` and `/private/tmp`).
                let real = fs::canonicalize(root).ok()?;
                let below = asked.strip_prefix(root).or_else(|_| asked.strip_prefix(&real));
                Some((real.clone(), below.ok()?))
            })
            .ok_or_else(|| outside(&asked.to_string_lossy()))
    }
}

fn outside(path: &str) -> Wrong {
    Wrong::new(
        format!("`{}` is outside of the folders that may be used", visible(path)),
        "give a file name alone, which goes to the folder for exports, or let the person who \
         starts the server allow a folder with --export-dir",
    )
}

fn a_link(path: &str) -> Wrong {
    Wrong::new(
        format!("`{}` is or goes through a link, which is not followed", visible(path)),
        "choose another path",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_allowed_folders_are_reached_and_no_link_is_followed() {
        let home = tempfile::tempdir().expect("a folder");
        let home = home.path().canonicalize().expect("there");
        let allowed = home.join("allowed");
        fs::create_dir_all(allowed.join("sub")).expect("made");
        fs::create_dir_all(home.join("other")).expect("made");
        fs::write(allowed.join("there.csv"), "x").expect("written");
        let folders = AllowedDirs::new(StateFolder::new(home.join("state")), vec![allowed.clone()]);
        let absolute = |name: &str| allowed.join(name).to_string_lossy().into_owned();
        let own = folders.own().expect("made");

        assert_eq!(folders.new_file("a.csv"), Ok(own.join("a.csv")));
        assert_eq!(folders.new_file(&absolute("a.csv")), Ok(allowed.join("a.csv")));
        assert_eq!(folders.new_file(&absolute("sub/a.csv")), Ok(allowed.join("sub/a.csv")));
        assert_eq!(folders.existing(&absolute("there.csv")), Ok(allowed.join("there.csv")));

        let other = home.join("other/a.csv").to_string_lossy().into_owned();
        let up = absolute("../other/a.csv");
        for wrong in [
            other.as_str(),
            up.as_str(),
            "../a.csv",
            "/etc/passwd",
            "",
            ".",
            "sub/../../a",
            "missing/a.csv",
            "a\u{202e}.csv",
            "c:a",
            "\\\\server\\a",
        ] {
            assert!(folders.new_file(wrong).is_err(), "{wrong}");
        }
        assert!(folders.new_file(&absolute("there.csv")).is_err(), "it exists");
        assert!(folders.existing(&absolute("gone.csv")).is_err());
        #[cfg(unix)]
        {
            let link = |to: &Path, from: &str| {
                std::os::unix::fs::symlink(to, allowed.join(from)).expect("linked")
            };
            link(&home.join("other"), "folder");
            link(&home.join("other/new"), "dangling");
            link(&allowed.join("there.csv"), "file");
            // The person may allow a folder by another name.
            std::os::unix::fs::symlink(&allowed, home.join("named")).expect("linked");
            let folders =
                AllowedDirs::new(StateFolder::new(home.join("state")), vec![home.join("named")]);
            let named = home.join("named/a.csv").to_string_lossy().into_owned();
            assert_eq!(folders.new_file(&named), Ok(allowed.join("a.csv")));
            assert_eq!(folders.new_file(&absolute("a.csv")), Ok(allowed.join("a.csv")));
            for name in ["folder/a.csv", "dangling", "file"] {
                assert_eq!(folders.new_file(&absolute(name)), Err(a_link(&absolute(name))));
            }
            assert!(folders.existing(&absolute("file")).is_err());
        }
    }
}
