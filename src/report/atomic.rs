//! Files that appear whole or not at all, and never in place of another.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use tempfile::TempPath;

use crate::store::private_file;

/// Writes a file that is not there yet, as a whole.
pub fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = written_beside(path, bytes)?;
    rename_new(&new, path).inspect_err(|_| {
        // It can be made again.
        let _ = fs::remove_file(&new);
    })
}

/// Writes what is to become the file at `path`, on disk.
pub(super) fn written_beside(path: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let mut new = path.as_os_str().to_owned();
    new.push(".new");
    let new = PathBuf::from(new);
    // A file that a crash left, or a link.
    let _ = fs::remove_file(&new);
    let mut file = open_new(&new)?;
    match file.write_all(bytes).and_then(|()| file.sync_all()) {
        Ok(()) => Ok(new),
        Err(error) => {
            let _ = fs::remove_file(&new);
            Err(error)
        }
    }
}

/// A file of mode 0600 where nothing was.
pub(super) fn open_new(path: &Path) -> io::Result<File> {
    private_file().read(true).write(true).create_new(true).open(path)
}

/// Gives a file a name that nothing has.
pub(super) fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    TempPath::try_from_path(from)?.persist_noclobber(to).map_err(|failed| {
        // What was written must not go with this error.
        let _ = failed.path.keep();
        failed.error
    })
}
