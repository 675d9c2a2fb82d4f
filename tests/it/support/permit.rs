//! A write permit for tests of the client, issued by the guard as for every change.

use std::{
    ops::Deref,
    sync::{Arc, Mutex},
};

use make_admin_mcp::{
    guard::{Change, ChangeControl, Confirm, Host, Journal, PendingPlans, Policy},
    make::{Make, WritePermit},
    sandbox::Sandbox,
    store::StateFolder,
    tools::registry::ToolError,
};
use serde_json::{Map, Value};
use tempfile::TempDir;

/// A permit, and the folder of its journal.
pub(crate) struct Issued(WritePermit, #[expect(dead_code, reason = "removes the folder")] TempDir);

impl Deref for Issued {
    type Target = WritePermit;

    fn deref(&self) -> &WritePermit {
        &self.0
    }
}

/// A permit whose journal is in a folder of its own.
pub(crate) async fn permit() -> Issued {
    let home = tempfile::tempdir().unwrap();
    let state = StateFolder::new(home.path().join("state"));
    let control = Arc::new(ChangeControl {
        profile: None,
        zone: "test".to_owned(),
        confirm: Confirm::Auto,
        policy: Policy::default(),
        pending_plans: PendingPlans::new(state.clone()),
        journal: Journal::new(state),
    });
    // Whose account it is, is asked of this client and not of the one under test.
    let make = Make::new(Sandbox::default(), Some(Sandbox::credential()));
    let change: Change<'_, ToolError> = Change {
        tool: "test",
        arguments: Map::new(),
        confirmation: None,
        organizations: Vec::new(),
        make: &make,
        guarded: None,
    };
    let issued = Mutex::new(None);
    let result = control.conduct(change, Host::CannotAsk, |permit, _| {
        *issued.lock().unwrap() = Some(permit);
        std::future::ready(Ok(Value::Null))
    });
    result.await.unwrap();
    Issued(issued.into_inner().unwrap().unwrap(), home)
}
