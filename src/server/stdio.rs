//! JSON-RPC lines on stdin and stdout. Every message that needs an answer gets one, also one that cannot be read; a host
//! that does not read its answers gets no more work done for it.

mod line;
mod outbox;

use std::{collections::HashSet, io, time::Duration};

use rmcp::{
    RoleServer,
    model::{ClientNotification, JsonRpcMessage, RequestId},
    service::{RxJsonRpcMessage, TxJsonRpcMessage},
    transport::Transport,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, BufReader},
    time::timeout,
};

use line::Incoming;
use outbox::Outbox;

/// The longest message of a host, in bytes.
const LONGEST: usize = 16 << 20;
/// What is kept of a longer one, to find its id.
const HEAD: usize = 4 << 10;
/// The most calls under way; more are refused at once.
const MOST_CALLS: usize = 512;
/// How often a request gets its turn before the next one is read.
const MOST_TURNS: usize = 4;
/// How long a host may take to read what was answered before the end.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// The transport of a host that started this process.
pub struct StdioTransport<R> {
    input: BufReader<R>,
    /// What was read of the present line.
    line: Vec<u8>,
    /// Whether the rest of the line is dropped, since it is too long.
    too_long: bool,
    outbox: Outbox,
    /// Requests that were handed on and not answered yet.
    open: HashSet<RequestId>,
    /// Whether a session has begun. Until then only requests count: the service takes all else for a broken host.
    begun: bool,
}

impl<R: AsyncRead + Unpin + Send> StdioTransport<R> {
    /// Reads `input` and writes `output`, in a task of its own.
    pub fn new(input: R, output: impl AsyncWrite + Unpin + Send + 'static) -> Self {
        Self {
            input: BufReader::new(input),
            line: Vec::new(),
            too_long: false,
            outbox: Outbox::new(output),
            open: HashSet::new(),
            begun: false,
        }
    }

    /// The next line, without its end; None at the end of the input. A call that is dropped loses nothing.
    async fn read_line(&mut self) -> Option<Vec<u8>> {
        loop {
            let available = self.input.fill_buf().await.ok()?;
            if available.is_empty() {
                let rest = std::mem::take(&mut self.line);
                return (!rest.is_empty() && !self.too_long).then_some(rest);
            }
            let end = available.iter().position(|byte| *byte == b'\n');
            let part = &available[..end.unwrap_or(available.len())];
            if self.line.len() + part.len() > LONGEST {
                self.too_long = true;
                self.line.truncate(HEAD);
            }
            if !self.too_long {
                self.line.extend_from_slice(part);
            }
            let consumed = part.len() + usize::from(end.is_some());
            self.input.consume(consumed);
            if end.is_some() {
                return Some(std::mem::take(&mut self.line));
            }
        }
    }

    /// What a line means, after refusing what cannot be handed on.
    fn accepted(&mut self, line: &[u8]) -> Option<RxJsonRpcMessage<RoleServer>> {
        let too_long = std::mem::take(&mut self.too_long);
        let message = match if too_long { line::too_long(line, LONGEST) } else { line::read(line) }
        {
            Incoming::Message(message) => *message,
            Incoming::Refused(answer) => {
                self.outbox.push(answer);
                return None;
            }
            Incoming::Nothing => return None,
        };
        match &message {
            JsonRpcMessage::Request(request) => {
                if self.open.len() >= MOST_CALLS {
                    self.outbox.push(line::too_many(&request.id, MOST_CALLS));
                    return None;
                }
                self.open.insert(request.id.clone());
                self.begun = true;
            }
            // One that is cancelled is not answered.
            JsonRpcMessage::Notification(note) => {
                if let ClientNotification::CancelledNotification(cancelled) = &note.notification
                    && let Some(id) = &cancelled.params.request_id
                {
                    self.open.remove(id);
                }
            }
            _ => {}
        }
        self.begun.then_some(message)
    }
}

impl<R: AsyncRead + Unpin + Send + 'static> Transport<RoleServer> for StdioTransport<R> {
    type Error = io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        match &message {
            JsonRpcMessage::Response(response) => drop(self.open.remove(&response.id)),
            JsonRpcMessage::Error(error) => {
                if let Some(id) = &error.id {
                    self.open.remove(id);
                }
            }
            _ => {}
        }
        let sent = serde_json::to_vec(&message).map_err(io::Error::from).and_then(|line| {
            if self.outbox.push(line) { Ok(()) } else { Err(io::ErrorKind::BrokenPipe.into()) }
        });
        async { sent }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            // What was handed on gets its turn first: its answers decide whether more is read.
            for _ in 0..self.open.len().min(MOST_TURNS) {
                tokio::task::yield_now().await;
            }
            let outbox = self.outbox.clone();
            if !outbox.has_room().await {
                return None;
            }
            let line = tokio::select! {
                line = self.read_line() => line?,
                // Whatever stdin does: nobody hears the answers any more.
                () = outbox.closed() => return None,
            };
            if let Some(message) = self.accepted(&line) {
                return Some(message);
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        // What the host does not read cannot be written, and must not keep the process alive.
        let _ = timeout(LAST_WORDS, self.outbox.drained()).await;
        Ok(())
    }
}
