//! What a host hears while a call runs.

use std::time::Duration;

use rmcp::{
    RoleServer,
    model::{ProgressNotificationParam, ProgressToken},
    service::RequestContext,
};

use crate::tools::registry::ProgressStep;

/// Something happened in a call.
pub(super) enum ProgressEvent {
    /// It waits for Make's rate limit.
    Wait(Duration),
    /// It is further than before.
    Step(ProgressStep),
}

/// Tells a host that asked for it.
pub(super) struct ProgressReporter<'a> {
    host: &'a RequestContext<RoleServer>,
    token: Option<ProgressToken>,
    /// What was told last: it must grow with each notification.
    told: f64,
    total: Option<f64>,
    /// The last wait, in seconds.
    wait: f64,
}

/// Less than one unit, so that a wait counts as progress without looking like a step.
const EPSILON: f64 = 1.0 / 1024.0;

/// Waits up to this many seconds are not reported while a long call makes progress.
const A_WHILE: f64 = 3.0;

impl<'a> ProgressReporter<'a> {
    pub(super) fn new(host: &'a RequestContext<RoleServer>) -> Self {
        Self { host, token: host.meta.get_progress_token(), told: 0.0, total: None, wait: 0.0 }
    }

    pub(super) async fn tell(&mut self, events: ProgressEvent) {
        let Some(token) = self.token.clone() else {
            return;
        };
        let (done, message) = match events {
            ProgressEvent::Wait(wait) => {
                let seconds = wait.as_secs_f64().ceil();
                (0.0, format!("waiting {seconds:.0} s before asking Make again"))
            }
            ProgressEvent::Step(step) => {
                self.total = step.total.map(exact);
                self.wait = A_WHILE;
                (exact(step.done), step.message)
            }
        };
        self.told = done.max(self.told + EPSILON);
        let mut progress = ProgressNotificationParam::new(token, self.told).with_message(message);
        if let Some(total) = self.total {
            progress = progress.with_total(total);
        }
        // A host that is gone needs no news.
        let _ = self.host.peer.notify_progress(progress).await;
    }
}

/// Counts stay far below 2^53.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn exact(count: u64) -> f64 {
    count as f64
}
