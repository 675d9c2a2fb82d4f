//! A long file that can be resumed after an interruption, however it was interrupted.
//!
//! Beside the final path `x` stand `x.part`, what was written so far, and `x.checkpoint.json`, which says how much of
//! that is good and where the source goes on. The part becomes the file only when it is complete, then the manifest
//! `x.manifest.json` follows and the checkpoint goes. A checkpoint is replaced as a whole, after the bytes that it
//! counts are on disk, so it is true after a crash at any moment.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::{
    allowed_dirs::Wrong,
    atomic::{open_new, rename_new, write_whole},
    checkpoint::{
        Checkpoint, ReadProgress, beside, digest, exists, hashed, lock, replace, unwritable, wrong,
    },
};
use crate::{store::sync_names, sync::blocking};

/// How much work a killed process loses at most.
const SAVE_EVERY: Duration = Duration::from_secs(5);

/// How an interrupted export goes on.
#[derive(Debug)]
pub enum Resumed {
    /// It can be gone on with.
    GoesOn(Box<ResumableFile>),
    /// It is complete, with this manifest.
    Finished(Value),
}

/// A file that is being written.
pub struct ResumableFile {
    path: PathBuf,
    file: BufWriter<File>,
    hash: Sha256,
    /// The state after the last complete batch.
    good: Checkpoint,
    saved: Instant,
    is_saved: bool,
}

impl ResumableFile {
    /// Begins a file at `path`, which is not there.
    pub fn begin(path: &Path, job: Value) -> Result<Self, Wrong> {
        let (part, checkpoint) = (beside(path, "part"), beside(path, "checkpoint.json"));
        let taken = || {
            wrong(
                format!(
                    "{} is left of an interrupted export, or another one is writing it",
                    part.display()
                ),
                "add resume: true to go on with it, or choose another path",
            )
        };
        let manifest = beside(path, "manifest.json");
        if exists(&part) || exists(&checkpoint) {
            return Err(taken());
        }
        if exists(&manifest) {
            return Err(wrong(
                format!("{} exists already, and nothing is overwritten", manifest.display()),
                "choose another path",
            ));
        }
        let good = Checkpoint {
            job,
            progress: ReadProgress::default(),
            bytes: 0,
            sha256: digest(&Sha256::new()),
            manifest: None,
        };
        // Before the part: one without a checkpoint could not be gone on with.
        replace(&checkpoint, &good).map_err(|error| unwritable(&checkpoint, &error))?;
        let file = open_new(&part).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => taken(),
            _ => unwritable(&part, &error),
        })?;
        lock(&file, &part)?;
        Ok(Self::of(path, file, good, Sha256::new()))
    }

    /// Goes on with what an earlier call left. A call that was interrupted in its last steps is finished here, and
    /// repeating one that was finished changes nothing.
    pub fn resume(path: &Path, job: &Value) -> Result<Resumed, Wrong> {
        let (part, checkpoint) = (beside(path, "part"), beside(path, "checkpoint.json"));
        let again = "leave `resume` out and choose another path";
        for own in [&checkpoint, &part] {
            if fs::symlink_metadata(own).is_ok_and(|found| !found.is_file()) {
                return Err(wrong(format!("{} is not a file of an export", own.display()), again));
            }
        }
        let text = match fs::read_to_string(checkpoint) {
            Ok(text) => text,
            Err(error) => {
                return finished(path, job).map(Resumed::Finished).ok_or_else(|| {
                    wrong(
                        format!("there is nothing to go on with at {}: {error}", path.display()),
                        "leave `resume` out to begin",
                    )
                });
            }
        };
        let good: Checkpoint = serde_json::from_str(&text).map_err(|_| {
            wrong(format!("the checkpoint beside {} cannot be read", path.display()), again)
        })?;
        if good.job != *job {
            return Err(wrong(
                format!("{} was begun with other arguments or for another account", part.display()),
                "repeat the arguments of the interrupted call, or leave `resume` out and choose \
                 another path",
            ));
        }
        if let Some(manifest) = good.manifest {
            complete(path, &manifest).map_err(|error| unwritable(path, &error))?;
            return Ok(Resumed::Finished(manifest));
        }
        let changed =
            || wrong(format!("{} was changed since it was written", part.display()), again);
        let opened = if good.bytes == 0 && !part.exists() {
            open_new(&part)
        } else {
            File::options().read(true).write(true).open(&part)
        };
        let mut file = opened.map_err(|error| {
            wrong(format!("{} cannot be opened: {error}", part.display()), again)
        })?;
        lock(&file, &part)?;
        let hash = blocking(|| hashed(&mut file, good.bytes)).map_err(|_| changed())?;
        if digest(&hash) != good.sha256 {
            return Err(changed());
        }
        // Reading has left the place to write on at the new end.
        file.set_len(good.bytes).map_err(|error| {
            wrong(format!("{} cannot be written: {error}", part.display()), again)
        })?;
        Ok(Resumed::GoesOn(Box::new(Self::of(path, file, good, hash))))
    }

    fn of(path: &Path, file: File, good: Checkpoint, hash: Sha256) -> Self {
        Self {
            path: path.to_owned(),
            file: BufWriter::new(file),
            hash,
            good,
            saved: Instant::now(),
            is_saved: true,
        }
    }

    /// Whether nothing stands in the way of a file at `path`.
    pub fn is_free(path: &Path) -> bool {
        let own = ["part", "checkpoint.json", "manifest.json"].map(|ending| beside(path, ending));
        !exists(path) && !own.iter().any(|own| exists(own))
    }

    /// How far it was written.
    pub fn progress(&self) -> &ReadProgress {
        &self.good.progress
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.good.bytes == 0
    }

    /// SHA-256 of what was written, hex.
    pub fn sha256(&self) -> String {
        self.good.sha256.clone()
    }

    /// Appends a batch, after which the source goes on as `progress` says.
    pub fn append(&mut self, rows: &[u8], progress: ReadProgress) -> io::Result<()> {
        self.file.write_all(rows)?;
        self.hash.update(rows);
        self.good.progress = progress;
        self.good.bytes += rows.len() as u64;
        self.good.sha256 = digest(&self.hash);
        self.is_saved = false;
        if self.saved.elapsed() >= SAVE_EVERY {
            self.save()?;
        }
        Ok(())
    }

    /// Writes the checkpoint, after what it counts.
    fn save(&mut self) -> io::Result<()> {
        blocking(|| self.save_now())
    }

    fn save_now(&mut self) -> io::Result<()> {
        self.file.flush()?;
        self.file.get_ref().sync_data()?;
        replace(&beside(&self.path, "checkpoint.json"), &self.good)?;
        self.saved = Instant::now();
        self.is_saved = true;
        Ok(())
    }

    /// Makes it the file, with its manifest beside it. Nothing that is there is overwritten.
    pub fn finish(mut self, manifest: &Value) -> io::Result<()> {
        self.good.manifest = Some(manifest.clone());
        self.save()?;
        let path = self.path.clone();
        // Not every system renames what is open.
        drop(self);
        blocking(|| complete(&path, manifest))
    }
}

/// The last steps. Each may have been taken before.
fn complete(path: &Path, manifest: &Value) -> io::Result<()> {
    let (part, own) = (beside(path, "part"), beside(path, "manifest.json"));
    if part.exists() {
        rename_new(&part, path)?;
    }
    let text = serde_json::to_vec_pretty(manifest)?;
    if !fs::read(&own).is_ok_and(|there| there == text) {
        write_whole(&own, &text)?;
    }
    sync_names(path.parent().unwrap_or(path))?;
    fs::remove_file(beside(path, "checkpoint.json"))
}

/// The manifest of a file that is finished, unless file or manifest were changed or are about something else.
fn finished(path: &Path, job: &Value) -> Option<Value> {
    let text = fs::read(beside(path, "manifest.json")).ok()?;
    let manifest: Value = serde_json::from_slice(&text).ok()?;
    let is_same = job.as_object()?.iter().all(|(name, value)| manifest[name] == *value);
    let mut file = File::open(path).ok()?;
    let bytes = file.metadata().ok()?.len();
    let hash = blocking(|| hashed(&mut file, bytes)).ok()?;
    (is_same && manifest["sha256"] == digest(&hash)).then_some(manifest)
}

/// Saves the checkpoint, so that a later call can resume.
impl Drop for ResumableFile {
    fn drop(&mut self) {
        if !self.is_saved
            && let Err(error) = self.save()
        {
            tracing::warn!(path = %self.path.display(), "the last checkpoint could not be written: \
                {error}");
        }
    }
}

impl std::fmt::Debug for ResumableFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResumableFile").field("path", &self.path).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_counts_nothing_that_is_not_in_the_file_yet() {
        let home = tempfile::tempdir().expect("a folder");
        let path = home.path().join("x.jsonl");
        let mut draft = ResumableFile::begin(&path, "job".into()).expect("begun");
        let progress = ReadProgress { count: 1, ..ReadProgress::default() };
        draft.append(b"row\n", progress).expect("appended");
        draft.save().expect("saved");
        // What a process that is killed now leaves.
        let part = fs::read(beside(&path, "part")).expect("there");
        let text = fs::read(beside(&path, "checkpoint.json")).expect("there");
        let checkpoint: Checkpoint = serde_json::from_slice(&text).expect("a checkpoint");
        assert_eq!(part, b"row\n");
        assert_eq!((checkpoint.bytes, checkpoint.progress.count), (4, 1));
    }
}
