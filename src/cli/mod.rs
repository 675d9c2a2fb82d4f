//! The command line: one command a file.

mod approve;
mod call;
mod doctor;
mod journal;
pub mod log;
mod login;
mod logout;
pub mod profiles;
mod serve;
mod tools;

use std::{
    io::{self, Write},
    time::Duration,
};

use clap::{Parser, Subcommand};
use serde_json::Value;

use crate::config::{Accounts, Flags, Settings};

/// An MCP server over stdio for the administration of a Make.com account.
///
/// Without a command it serves: a host such as Claude Desktop starts it. `login` stores a token or signs in, so that none
/// stands in a file of the host; --sandbox needs none.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct Arguments {
    /// Settings.
    #[command(flatten)]
    pub settings: Flags,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do; serving if left out.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve MCP on stdin and stdout (what hosts start)
    Serve,
    /// Run one tool and print its answer; `call TOOL --help` shows its arguments
    #[command(disable_help_flag = true)]
    Call {
        /// The tool, e.g. make-list-orgs
        #[arg(required_unless_present = "help")]
        tool: Option<String>,
        /// name=value pairs, or one JSON object
        arguments: Vec<String>,
        /// Show what the tool does and takes
        #[arg(long, short)]
        help: bool,
    },
    /// List the tools that are on, and why others are off
    Tools {
        /// Print them as hosts see them
        #[arg(long)]
        json: bool,
    },
    /// Store an API token in the system's keyring, or sign in with OAuth
    Login(login::LoginCommand),
    /// Revoke and delete a login
    Logout,
    /// The accounts of profiles.toml
    #[command(subcommand)]
    Profiles(profiles::ProfilesCommand),
    /// Check settings, connection, credential and state folder
    Doctor,
    /// Approve a plan, as its answer says: reads it and asks for the name of what it affects
    Approve {
        /// The plan's id
        code: String,
    },
    /// The record of every attempted change
    #[command(subcommand)]
    Journal(journal::JournalCommand),
}

/// How long what is said may take to be written: a reader may not read at all.
const A_MOMENT: Duration = Duration::from_millis(500);

/// Exit code for wrong usage.
pub const USAGE: u8 = 2;

/// Runs one command and says with which code to exit. What is about profiles is [`profiles::run`].
pub async fn run(command: Option<Command>, accounts: Accounts) -> u8 {
    let command = command.unwrap_or(Command::Serve);
    match command {
        Command::Serve => return serve::run(&accounts).await,
        Command::Call { tool, help: true, .. } => return call::help(tool.as_deref()),
        Command::Call { tool, arguments, .. } => {
            return call::run(&accounts, tool.unwrap_or_default(), &arguments).await;
        }
        Command::Tools { json } => return tools::run(&accounts, json).await,
        Command::Doctor => return doctor::run(&accounts).await,
        _ => {}
    }
    let settings = match &accounts {
        Accounts::One(settings) => settings,
        Accounts::Many(_) => {
            say("error: this command is about one account; name it with --profile");
            return USAGE;
        }
    };
    of_one(command, settings).await
}

/// A command that is about one account.
async fn of_one(command: Command, settings: &Settings) -> u8 {
    match command {
        Command::Login(login) => login::run(settings, login).await,
        Command::Logout => logout::run(settings).await,
        Command::Approve { code } => approve::run(settings, &code),
        Command::Journal(what) => journal::run(settings, &what),
        _ => USAGE,
    }
}

/// Prints the result of a command. A reader that went away needs no more of it.
fn print(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Says something to the person, beside the result, and gives them a moment to read it.
pub fn say(text: &str) {
    let _ = log::BestEffort.write_all(format!("{text}\n").as_bytes());
    log::flush(A_MOMENT);
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}
