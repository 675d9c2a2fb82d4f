//! A transport that answers from a list, and keeps what it was asked.

use std::{
    collections::VecDeque,
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use make_admin_mcp::make::{
    Credential, Failure, Make, Request, Response, ResponseFuture, Transport,
};
use serde_json::json;
use tokio::time::Instant;

use super::host::TOKEN;

/// One scripted answer.
pub(crate) type Step = Result<Response, Failure>;

/// Answers the steps in order; a call beyond them is a mistake.
#[derive(Clone, Default)]
pub(crate) struct Script(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    steps: VecDeque<Step>,
    asked: Vec<(Instant, String)>,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self(Arc::new(Mutex::new(State { steps: steps.into_iter().collect(), asked: Vec::new() })))
    }

    /// A client without jitter.
    pub(crate) fn make(&self) -> Make {
        Make::with_jitter(self.clone(), Some(Credential::new(TOKEN)), || 1.0)
    }

    /// How many calls arrived.
    pub(crate) fn asked(&self) -> usize {
        self.0.lock().unwrap().asked.len()
    }

    /// When each call arrived, in seconds after the first one.
    pub(crate) fn seconds(&self) -> Vec<f64> {
        let asked = &self.0.lock().unwrap().asked;
        asked.iter().map(|(moment, _)| (*moment - asked[0].0).as_secs_f64()).collect()
    }

    /// What was asked, in order.
    pub(crate) fn targets(&self) -> Vec<String> {
        let asked = &self.0.lock().unwrap().asked;
        asked.iter().map(|(_, target)| target.clone()).collect()
    }

    pub(crate) fn left(&self) -> usize {
        self.0.lock().unwrap().steps.len()
    }
}

impl Transport for Script {
    fn send<'a>(&'a self, call: &'a Request) -> ResponseFuture<'a> {
        Box::pin(async move {
            // Others get their turn, as they do while a real request is under way.
            tokio::task::yield_now().await;
            let mut state = self.0.lock().unwrap();
            state
                .asked
                .push((Instant::now(), format!("{} {}", call.method.as_str(), call.target())));
            state.steps.pop_front().unwrap_or_else(|| panic!("nobody expected {}", call.name()))
        })
    }
}

/// An empty list of organizations.
pub(crate) fn fine() -> Step {
    Ok(Response::json(
        200,
        &json!({ "organizations": [], "organization": { "id": 11 }, "teams": [], "apiToken": {} }),
    ))
}

pub(crate) fn status(status: u16) -> Step {
    Ok(Response::text(status, ""))
}

/// 429 that says when to come back.
pub(crate) fn wait(seconds: u64) -> Step {
    Ok(Response {
        retry_after: Some(Duration::from_secs(seconds)),
        ..Response::text(429, "Requests limit")
    })
}

pub(crate) fn lost() -> Step {
    Err(Failure::Lost(Arc::new(io::Error::other("reset"))))
}

pub(crate) fn unreachable() -> Step {
    Err(Failure::Connect(Arc::new(io::Error::other("refused"))))
}

pub(crate) fn silent() -> Step {
    Err(Failure::Timeout(Duration::from_secs(30)))
}
