//! Make.com administration as MCP tools, and a typed client of Make's API.
//!
//! # Map
//!
//! A host starts the binary; [`cli`] reads which command is meant, [`config`] every setting. The main command builds a
//! [`server::Server`], which lists the tools of [`tools::catalog`] and hands calls to them. A tool calls
//! [`make::Make`]; what changes something passes `tools/change.rs` first: policy, plan, confirmation, journal, each of
//! which is a file of [`guard`].
//!
//! | Where | What |
//! |---|---|
//! | [`make`] | the client of Make's API: endpoints, retry, rate limits, cache; knows nothing of MCP |
//! | [`tools`] | the catalog: every tool as one value; knows nothing of HTTP |
//! | [`guard`] | plans, confirmations, approvals, policy, journal, and where new secrets go |
//! | [`report`] | files for people and evidence: where they may be written, CSV, HTML, snapshots |
//! | [`resources`], [`prompts`], [`completion`] | what hosts offer beside tools; know nothing of MCP |
//! | [`server`] | the MCP surface of one account or of several: lists and dispatches |
//! | [`credential`] | where the credential comes from: programs, files, logins; OAuth and its renewal |
//! | [`config`] | every setting and profile, read once |
//! | [`cli`] | one file a command: serve, call, tools, login, logout, profiles, doctor, approve, journal |
//! | [`sandbox`] | a Make in memory, for tests and first trials |
//!
//! One resource has one file name in `make`, `tools`, `sandbox`, `tests/it/make` and `tests/it/tools`. Whoever knows the
//! resource knows the file: `make-list-users` is in `src/tools/users.rs`.
//!
//! Dependencies point one way: `main → cli → server → tools → report → guard → make`, `credential → guard`, and
//! `sandbox → make`.
//!
//! # Invariants
//!
//! - A path is a list of segments, percent-encoded in one place. No argument can change which endpoint is called.
//! - A credential is readable where the `Authorization` header is written, and where a login is stored. It never appears
//!   in stdout, stderr, a log at any level, a panic message or an error.
//! - An account shares nothing with another, and its credential goes to its own host alone.
//! - A refresh token is used once, by one process, and the next one is stored before anything else is done with it.
//! - Nothing prints to stdout but the MCP transport and the result of a command.
//! - Environment and arguments are read in `main.rs` and `config` only.
//! - Hints for hosts and the read-only filter come from a tool's [`tools::Effect`], the confirmation it needs from its
//!   [`guard::Guard`], nowhere else; a plan can only raise it.
//! - A plan cannot write. A write is sent only after its line is in the journal, on disk.
//! - One function sends the body that removes a member, and one tool calls it.
//! - Files are written in the state folder and in folders that the person allowed, through no link, over no other file.
//! - Writes are never repeated after a failure that might have reached Make; a 429 is a refusal, so it may be, and so is
//!   a 401 under an access token that could be renewed.
//! - BulkRead reading keeps a tenth of the quota free; an export is complete, or says what is missing.
//! - The sandbox has no clock and no randomness: the same calls give the same answers. Its caller is user 41, its first
//!   organization is 11, that one's first team is 22.
//!
//! `tests/it/architecture.rs` holds those that show in the sources, `tests/it/make` and `tests/it/stdio.rs` the others.

pub mod catalog;
pub mod cli;
pub mod completion;
pub mod config;
pub mod credential;
pub mod guard;
pub mod make;
pub mod prompts;
pub mod report;
pub mod resources;
pub mod sandbox;
pub mod server;
pub mod store;
pub mod text;
pub mod tools;
pub mod workflows;
