//! Make.com administration as MCP tools, and a typed client of Make's API.
//!
//! # Map
//!
//! A host starts the binary; [`cli`] reads which command is meant, [`config`] every setting. The main command builds a
//! [`server::Server`], which lists the tools of [`catalog::catalog`] and hands calls to them. A tool calls
//! [`make::Make`]; what changes something passes [`guard`] first: policy, plan, confirmation, permit, journal.
//!
//! Each room uses only rooms below it:
//!
//! ```text
//! src/
//!   cli/          one file a command: serve, call, tools, login, logout, profiles, doctor, approve, journal
//!   server/       the MCP surface of one account or of several: lists and dispatches
//!   server.rs     the server itself
//!   completion.rs values of arguments, as a user types them
//!   resources.rs  what hosts read beside tools
//!   prompts.rs    what users start from a menu
//!   config/       every setting and profile, read once
//!   catalog.rs    the ordered list of all tools
//!   workflows/    tools made of several calls
//!   tools/        one file a resource
//!     call/       what happens to a call, in order: input, target, labels, output, diagnosis
//!     lookup/     what several tools look up: people, organizations, roles
//!     registry/   what a tool is: spec, effect, scopes, toolset, schemas, errors
//!   report/       files for people and evidence: where they may be written, CSV, HTML, snapshots
//!   credential/   where the credential comes from: programs, files, logins; OAuth and its renewal
//!   guard/        policy, plans, confirmations, permits, the record; where new tokens go
//!     journal/    the chained lines of every attempted write
//!   sandbox/      a Make in memory, for tests and first trials
//!     endpoints/  one file a resource
//!     account/    the account that it holds
//!     http/       a request as it is read, and its response
//!   make/         the client of Make's API; knows nothing of MCP
//!     endpoints/  one file a resource
//!     transport/  the way of a request to Make and back: HTTP, rate limits, retries
//!     model/      ids, records, pages
//!   store/        private folders, the system's keyring, random bytes
//!   sync.rs       locks that outlive a panic
//!   text.rs       text of others made visible, quoted; the nearest known name; sorted JSON
//! ```
//!
//! One resource has one file name in `make/endpoints`, `tools`, `sandbox/endpoints` and `tests/it/tools`:
//! `make-list-users` is in `src/tools/users.rs`.
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
//! - How a tool is bound decides its [`tools::registry::Effect`], the hints for hosts, the read-only filter and the
//!   confirmation that it needs; a plan can only raise the confirmation.
//! - A write takes a [`make::WritePermit`], which only the guard issues. It is sent only after its line is in the
//!   journal, on disk. A plan gets no permit.
//! - One function sends the body that removes a member, and one tool calls it.
//! - One file, `tools/call/target.rs`, reads ids out of untyped arguments.
//! - Files are written in the state folder and in folders that the user allowed, through no link, over no other file.
//! - Writes are never repeated after a failure that might have reached Make; a 429 is a refusal, so it may be, and so is
//!   a 401 under an access token that could be renewed.
//! - Bulk reading keeps a tenth of the quota free; an export is complete, or says what is missing.
//! - The sandbox has no clock and no randomness: the same calls give the same answers. Its caller is user 41, its first
//!   organization is 11, that one's first team is 22.
//!
//! `tests/it/architecture` tests those that show in the sources and reads this map, `tests/it/make` and
//! `tests/it/stdio.rs` test the others.

#[doc(hidden)]
pub mod catalog;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod completion;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod credential;
#[doc(hidden)]
pub mod guard;
pub mod make;
#[doc(hidden)]
pub mod prompts;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod resources;
pub mod sandbox;
#[doc(hidden)]
pub mod server;
#[doc(hidden)]
pub mod store;
mod sync;
#[doc(hidden)]
pub mod text;
#[doc(hidden)]
pub mod tools;
#[doc(hidden)]
pub mod workflows;
