//! The binary: arguments, logging to stderr, then one command.

use std::{process::ExitCode, time::Duration};

use clap::{CommandFactory, FromArgMatches};
use make_admin_mcp::{
    catalog::catalog,
    cli::{self, Arguments, Command, log},
    config::Accounts,
    credential::{SUPERVISE, supervise, supervise_with},
};
use tracing_subscriber::EnvFilter;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_some_and(|first| first == SUPERVISE) {
        return supervise(arguments);
    }
    without_empty_variables();
    if let Ok(own) = std::env::current_exe() {
        supervise_with(own);
    }
    run().into()
}

/// Hosts pass an empty text for what the user left out, and the TLS library would look for certificates in a file without
/// a name. Only a new process can have other variables.
fn without_empty_variables() {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;

        let is_empty = |name: &&str| std::env::var_os(name).is_some_and(|value| value.is_empty());
        let empty: Vec<_> =
            ["SSL_CERT_FILE", "SSL_CERT_DIR"].into_iter().filter(is_empty).collect();
        if let Ok(program) = std::env::current_exe()
            && !empty.is_empty()
        {
            let mut again = std::process::Command::new(program);
            again.args(std::env::args_os().skip(1));
            for name in empty {
                again.env_remove(name);
            }
            // It comes back only if it failed; then the variables stay as they are.
            let _ = again.exec();
        }
    }
}

fn run() -> u8 {
    let matches = Arguments::command().get_matches();
    let arguments = match Arguments::from_arg_matches(&matches) {
        Ok(arguments) => arguments,
        Err(error) => error.exit(),
    };
    let command = match arguments.command {
        // Profiles that cannot be used now can be looked at and changed all the same.
        Some(Command::Profiles(what)) => {
            return block_on(cli::profiles::run(&matches, what));
        }
        command => command,
    };
    let accounts = match Accounts::read(&matches, &catalog()) {
        Ok(accounts) => accounts,
        Err(error) => return refused(&error),
    };
    let Some(first) = accounts.all().first() else {
        return cli::USAGE;
    };
    // The protocol crate logs whole messages; it must be named to be heard below errors.
    let filter = match format!("rmcp=error,{}", first.log).parse::<EnvFilter>() {
        Ok(filter) => filter,
        Err(error) => {
            return refused(&format!(
                "--log (MAKE_LOG) is not a valid filter: {error} (accepted: e.g. warn, debug)"
            ));
        }
    };
    tracing_subscriber::fmt()
        .with_writer(|| log::BestEffort)
        .with_ansi(false)
        .with_env_filter(filter)
        .init();
    for warning in accounts.all().iter().flat_map(|settings| &settings.warnings) {
        tracing::warn!("{warning}");
    }
    let code = block_on(cli::run(command, accounts));
    log::flush(Duration::from_millis(200));
    code
}

/// One works while the other answers; what blocks gets a thread of its own.
const THREADS: usize = 2;

fn block_on(command: impl Future<Output = u8>) -> u8 {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(command);
            // A read of stdin cannot be cancelled everywhere, so nothing waits for it.
            runtime.shutdown_background();
            code
        }
        Err(error) => refused(&format!("the runtime cannot start: {error}")),
    }
}

fn refused(problem: &dyn std::fmt::Display) -> u8 {
    cli::say(&format!("error: {problem}"));
    cli::USAGE
}
