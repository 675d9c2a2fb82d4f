//! Lines on stderr, which nothing waits for: a reader that is gone or does not read costs lines and nothing else.

use std::{
    io::{self, Write},
    sync::{
        OnceLock,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Duration,
};

/// Lines that may wait; more are dropped and counted.
const MOST_LINES: usize = 1024;

static DROPPED: AtomicU64 = AtomicU64::new(0);

enum Job {
    Line(Vec<u8>),
    /// Tells when all lines before it are written.
    Flush(SyncSender<()>),
}

/// The thread that writes; it is not waited for at the end.
fn jobs() -> &'static SyncSender<Job> {
    static JOBS: OnceLock<SyncSender<Job>> = OnceLock::new();
    JOBS.get_or_init(|| {
        let (jobs, waiting) = sync_channel(MOST_LINES);
        let _ = std::thread::Builder::new().name("stderr".to_owned()).spawn(|| write_all(waiting));
        jobs
    })
}

fn write_all(jobs: Receiver<Job>) {
    for job in jobs {
        let mut stderr = io::stderr();
        match job {
            Job::Line(line) => {
                let dropped = DROPPED.swap(0, Ordering::Relaxed);
                if dropped > 0 {
                    let _ = writeln!(stderr, "{dropped} lines were dropped: nobody read stderr");
                }
                let _ = stderr.write_all(&line);
            }
            Job::Flush(done) => drop(done.send(())),
        }
    }
}

/// Writes lines to stderr without waiting for a reader.
#[derive(Clone, Copy, Debug)]
pub struct BestEffort;

impl Write for BestEffort {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if jobs().try_send(Job::Line(line.to_vec())).is_err() {
            DROPPED.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until what was logged is written, for `most` at the longest.
pub fn flush(most: Duration) {
    let (done, written) = sync_channel(1);
    if jobs().try_send(Job::Flush(done)).is_ok() {
        let _ = written.recv_timeout(most);
    }
}
