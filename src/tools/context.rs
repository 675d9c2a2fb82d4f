//! What a running tool can reach.

use std::sync::Arc;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    guard::{Secrets, Setting},
    make::Make,
};

/// What a running tool can reach. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Context {
    /// The client, with the credential of this moment and the patience of this call.
    pub make: Make,
    /// What does not change while the server runs.
    pub surface: Arc<Surface>,
    /// The day on which the call runs, UTC.
    pub today: Date,
}

/// The server as a tool may know it.
#[derive(Debug)]
pub struct Surface {
    /// The host of the account.
    pub zone: String,
    /// Whether only reading tools are there.
    pub read_only: bool,
    /// Whether Make is the built-in account.
    pub sandbox: bool,
    /// How guarded tools are confirmed, by its name.
    pub confirm: &'static str,
    /// Where guarded tools may act.
    pub guard: Setting,
    /// Where new tokens go.
    pub secrets: Secrets,
    /// Whether new tokens may have scopes that the credential lacks.
    pub scope_escalation: bool,
    /// Names of the toolsets that are on.
    pub toolsets: Vec<&'static str>,
    /// Tools that are switched off.
    pub hidden: Vec<Hidden>,
}

/// A tool that is switched off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Hidden {
    /// The tool.
    pub name: &'static str,
    /// Why, and how to switch it on.
    pub reason: String,
}
