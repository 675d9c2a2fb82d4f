//! The built binary.

use std::{
    process::{Output, Stdio},
    time::Duration,
};

use tokio::{process::Command, time::timeout};

/// Long enough for the slowest machine; a test that reaches it has failed.
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// The binary with these arguments and none of its variables.
pub(crate) fn command(flags: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_make-admin-mcp"));
    for name in [
        "MAKE_API_KEY", "MAKE_API_KEY_FILE", "MAKE_API_KEY_COMMAND", "MAKE_PROFILE",
        "MAKE_PROFILES", "MAKE_ZONE", "MAKE_BASE_URL", "MAKE_TOOLSETS", "MAKE_READ_ONLY",
    ] {
        command.env_remove(name);
    }
    // No login of whoever runs the tests.
    command
        .env("MAKE_CONFIG_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/no-config"))
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Runs a command of the binary to its end.
pub(crate) async fn run(flags: &[&str]) -> Output {
    let output = command(flags).stdin(Stdio::null()).output();
    timeout(SOON, output).await.unwrap().unwrap()
}

/// What it printed.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it said beside.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
