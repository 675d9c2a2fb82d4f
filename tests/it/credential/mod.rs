//! Where the credential comes from: programs, sign-ins, renewal.

mod command;
mod renewal;
mod server;
mod sign_in;
