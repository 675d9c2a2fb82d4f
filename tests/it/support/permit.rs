//! A write permit for tests of the client, issued by the guard as for every change.

use std::sync::{Arc, Mutex};

use make_admin_mcp::{
    guard::{Change, ChangeControl, Confirm, Host, Journal, PendingPlans, Policy},
    make::{Make, WritePermit},
    sandbox::Sandbox,
    store::StateFolder,
    tools::registry::ToolError,
};
use serde_json::{Map, Value};

/// A permit whose journal is in a folder of its own.
pub(crate) async fn permit() -> WritePermit {
    let state = StateFolder::new(tempfile::tempdir().unwrap().keep().join("state"));
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
    issued.into_inner().unwrap().unwrap()
}
