//! What is to be written to the host, in order, by one task.

use std::sync::{Arc, Mutex};

use tokio::{
    io::{AsyncWrite, AsyncWriteExt},
    sync::{Notify, mpsc},
};

use crate::sync::lock;

/// Nothing more is read from the host while so many bytes wait for it.
const MOST_BYTES: usize = 4 << 20;

/// What is to be written to the host. Cheap to clone.
#[derive(Clone)]
pub(super) struct Outbox {
    lines: mpsc::UnboundedSender<Vec<u8>>,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Default)]
struct State {
    bytes: usize,
    closed: bool,
}

impl Outbox {
    pub(super) fn new(mut output: impl AsyncWrite + Unpin + Send + 'static) -> Self {
        let (lines, mut waiting) = mpsc::unbounded_channel::<Vec<u8>>();
        let shared = Arc::new(Shared::default());
        let own = shared.clone();
        tokio::spawn(async move {
            while let Some(line) = waiting.recv().await {
                let written = async {
                    output.write_all(&line).await?;
                    // Lines that wait already go out together.
                    if waiting.is_empty() { output.flush().await } else { Ok(()) }
                };
                let failed = written.await.is_err();
                let mut state = lock(&own.state);
                state.bytes -= line.len();
                state.closed |= failed;
                drop(state);
                own.changed.notify_waiters();
                if failed {
                    return;
                }
            }
        });
        Self { lines, shared }
    }

    /// Adds a message; false if the host is gone.
    pub(super) fn push(&self, mut line: Vec<u8>) -> bool {
        line.push(b'\n');
        let mut state = lock(&self.shared.state);
        if state.closed {
            return false;
        }
        state.bytes += line.len();
        drop(state);
        self.lines.send(line).is_ok()
    }

    /// Waits until the host has read enough; false if it is gone.
    pub(super) async fn has_room(&self) -> bool {
        self.until(|state| state.closed || state.bytes < MOST_BYTES).await;
        !lock(&self.shared.state).closed
    }

    /// Waits until the host is gone.
    pub(super) async fn closed(&self) {
        self.until(|state| state.closed).await;
    }

    /// Waits until all is written, or cannot be.
    pub(super) async fn drained(&self) {
        self.until(|state| state.closed || state.bytes == 0).await;
    }

    async fn until(&self, holds: impl Fn(&State) -> bool) {
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            // Registered before looking: a change in between is not missed.
            changed.as_mut().enable();
            if holds(&lock(&self.shared.state)) {
                return;
            }
            changed.await;
        }
    }
}
