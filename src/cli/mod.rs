//! The command line: one command a file.

mod approve;
mod call;
mod doctor;
mod journal;
mod serve;
mod tools;

use std::io::{self, Write};

use clap::{Parser, Subcommand};
use serde_json::Value;

use crate::config::{Flags, Settings};

/// An MCP server over stdio for the administration of a Make.com account.
///
/// Without a command it serves: a host such as Claude Desktop starts it. The token comes from the variable
/// MAKE_API_KEY or from --api-key-file; --sandbox needs none.
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
    /// Run one tool and print its answer
    Call {
        /// The tool, e.g. make-list-orgs
        tool: String,
        /// name=value pairs, or one JSON object
        arguments: Vec<String>,
    },
    /// List the tools that are on, and why others are off
    Tools {
        /// Print them as hosts see them
        #[arg(long)]
        json: bool,
    },
    /// Check settings, connection, credential and state folder
    Doctor,
    /// Approve a plan, as its answer says: reads it and asks for the name of what it affects
    Approve {
        /// The plan's id
        code: String,
    },
    /// The record of every attempted change
    #[command(subcommand)]
    Journal(journal::Journal),
}

/// Exit code for wrong usage.
pub const USAGE: u8 = 2;

/// Runs one command and says with which code to exit.
pub async fn run(command: Option<Command>, settings: Settings) -> u8 {
    match command.unwrap_or(Command::Serve) {
        Command::Serve => serve::run(&settings).await,
        Command::Call { tool, arguments } => call::run(&settings, tool, &arguments).await,
        Command::Tools { json } => tools::run(&settings, json).await,
        Command::Doctor => doctor::run(&settings).await,
        Command::Approve { code } => approve::run(&settings, &code),
        Command::Journal(what) => journal::run(&settings, &what),
    }
}

/// Prints the result of a command. A reader that went away needs no more of it.
fn print(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Says something to the person, beside the result.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}
