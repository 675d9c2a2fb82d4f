//! The integration tests, one binary; the files mirror `src`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod accounts;
mod architecture;
mod catalog;
mod cli;
mod coverage;
mod credential;
mod documents;
mod effects;
mod files;
mod guard;
mod journeys;
mod make;
mod network;
mod offers;
mod protocol;
mod stdio;
mod support;
mod text;
mod tools;
