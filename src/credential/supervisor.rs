//! A program that is started for its output and must not outlive this process, however that ends: this program starts
//! itself once more between the two, and ends the other when its stdin ends.

use std::{
    ffi::OsString,
    io::{self, Read},
    path::PathBuf,
    process::{Command, ExitCode, Stdio},
    sync::OnceLock,
    thread,
    time::Duration,
};

use tokio::process;

/// The first argument of the process in between.
pub const SUPERVISE: &str = "__supervise";

/// How often it looks whether the program has ended.
const LOOK: Duration = Duration::from_millis(5);

static OWN_PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// Names this program, so that it can start itself. Without it programs are started directly.
pub fn supervise_with(own_program: PathBuf) {
    let _ = OWN_PROGRAM.set(own_program);
}

/// A command for a program with its arguments, which ends with this process.
pub(super) fn command(program: &str, arguments: &[String]) -> process::Command {
    match OWN_PROGRAM.get() {
        Some(own) => {
            let mut command = process::Command::new(own);
            // Killed, it could not end the program any more; it ends by itself once its stdin does.
            command.arg(SUPERVISE).arg(program).args(arguments);
            command
        }
        None => {
            let mut command = process::Command::new(program);
            command.args(arguments).kill_on_drop(true);
            command
        }
    }
}

/// Whether the program is started by the process in between, which needs an open stdin.
pub(super) fn is_supervised() -> bool {
    OWN_PROGRAM.get().is_some()
}

/// Exit code of the process in between if the program cannot be started.
pub(super) const NOT_STARTED: i32 = 127;

/// The process in between: runs the program until it ends, or until stdin does.
pub fn supervise(mut words: impl Iterator<Item = OsString>) -> ExitCode {
    let Some(program) = words.next() else { return ExitCode::from(2) };
    let child = Command::new(program).args(words).stdin(Stdio::null()).spawn();
    let Ok(mut child) = child else { return ExitCode::from(NOT_STARTED as u8) };
    let parent = thread::spawn(|| {
        let mut nothing = [0; 64];
        // The other end closes when the process that wants the output ends, killed or not.
        while io::stdin().lock().read(&mut nothing).is_ok_and(|count| count > 0) {}
    });
    loop {
        match child.try_wait() {
            Ok(None) if parent.is_finished() => {
                let _ = child.kill();
                let _ = child.wait();
                return ExitCode::FAILURE;
            }
            Ok(None) => thread::sleep(LOOK),
            Ok(Some(status)) => return ExitCode::from(status.code().unwrap_or(1) as u8),
            Err(_) => return ExitCode::FAILURE,
        }
    }
}
