//! The state folder: private to its owner, or not used.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// The state folder. It is made when it is first needed.
#[derive(Clone, Debug)]
pub struct StateFolder(PathBuf);

impl StateFolder {
    /// The folder at `path`.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether it is there, without making it. The error says why it cannot be used.
    pub fn exists(&self) -> io::Result<bool> {
        match trusted(&self.0) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The folder itself, made and checked.
    pub fn ready(&self) -> io::Result<&Path> {
        private(&self.0)?;
        Ok(&self.0)
    }

    /// A folder inside it, made and checked.
    pub fn inner(&self, name: &str) -> io::Result<PathBuf> {
        let inner = self.ready()?.join(name);
        private(&inner)?;
        Ok(inner)
    }
}

/// Makes a folder for its owner alone. A link in its place is not followed, one that others can read is refused.
fn private(folder: &Path) -> io::Result<()> {
    if !folder.is_absolute() {
        return Err(io::Error::other(
            "there is no home folder, so name folders with --state-dir and --config-dir",
        ));
    }
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let shown = folder.display();
    builder.create(folder).map_err(|error| about(error, &format!("{shown} cannot be made")))?;
    trusted(folder)
}

/// Whether a folder is one, and its owner's alone.
fn trusted(folder: &Path) -> io::Result<()> {
    let shown = folder.display();
    let found = fs::symlink_metadata(folder)?;
    if !found.is_dir() {
        let what = if found.is_symlink() { "link" } else { "file" };
        return Err(io::Error::other(format!("{shown} is a {what}, not a folder")));
    }
    // Elsewhere a folder below the user's profile inherits rights that keep others out.
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o077 != 0 {
        return Err(io::Error::other(format!(
            "{shown} can be read by others; make it private (chmod 700)"
        )));
    }
    Ok(())
}

/// Options for files that only their owner reads. An existing link is not followed.
pub(crate) fn private_file() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Writes a new file of mode 0600 and waits until it is on disk. An existing file or link is refused.
pub(crate) fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut file = private_file().write(true).create_new(true).open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // A partial file is useless.
        let _ = fs::remove_file(path);
    }
    written
}

/// Puts a text in the place of a file, mode 0600, at once or not at all, and waits until it is on disk.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(path);
    let mut next = tempfile::Builder::new().prefix(".next-").tempfile_in(folder)?;
    next.write_all(text.as_bytes())?;
    next.as_file().sync_all()?;
    next.persist(path).map_err(|error| error.error)?;
    sync_names(folder)
}

/// Waits until the names in a folder are on disk, where the system can.
pub(crate) fn sync_names(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Adds to an error what was being done.
pub(crate) fn about(error: io::Error, what: &str) -> io::Error {
    io::Error::new(error.kind(), format!("{what}: {error}"))
}

/// How many files or entries of one name there may be.
pub(crate) const MOST_TRIES: u32 = 100;

/// `name`, `name-2`, `name-3`, …
pub(crate) fn numbered(name: &str, number: u32) -> String {
    if number == 1 { name.to_owned() } else { format!("{name}-{number}") }
}
