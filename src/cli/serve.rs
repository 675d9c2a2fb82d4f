//! `serve`: the server on stdin and stdout, until the host goes or a signal comes.

use std::{
    io::{self, IsTerminal},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rmcp::{
    RoleServer, ServiceExt,
    model::JsonRpcMessage,
    service::{RxJsonRpcMessage, ServerInitializeError, TxJsonRpcMessage},
    transport::{Transport, async_rw::AsyncRwTransport, stdio_pipes},
};

use tokio::time::timeout;

use super::say;
use crate::{config::Accounts, server::Server};

/// How long a host may take to read what was answered before the end.
const LAST_WORDS: Duration = Duration::from_secs(1);

pub(super) async fn run(accounts: &Accounts) -> u8 {
    if io::stdin().is_terminal() {
        say("make-admin-mcp is an MCP server: a host starts it and talks to it on stdin. Two \
            commands to try:\n  make-admin-mcp tools --sandbox\n  make-admin-mcp call \
            make-list-orgs --sandbox");
    }
    // Registered before serving: an early signal must not kill a half-written message.
    let signal = match shutdown() {
        Ok(signal) => signal,
        Err(error) => {
            say(&format!("error: signals cannot be received: {error}"));
            return 1;
        }
    };
    tokio::pin!(signal);
    let (read, write) = stdio_pipes();
    let begun = Arc::new(AtomicBool::new(false));
    let transport =
        FromFirstRequest { inner: AsyncRwTransport::new_server(read, write), begun: begun.clone() };
    let own = Server::of(accounts);
    let (prefetching, ending) = (own.clone(), own.clone());
    let serving = own.serve(transport);
    let server = tokio::select! {
        server = serving => match server {
            Ok(server) => server,
            // The host went before it said anything.
            Err(ServerInitializeError::ConnectionClosed(_)) => return 0,
            // The error holds what the host sent, which may be private.
            Err(_) => {
                say("error: the host did not begin with an MCP request");
                return 1;
            }
        },
        () = &mut signal => return 0,
    };
    begun.store(true, Ordering::Relaxed);
    // After the first answer: setting up TLS must not keep the host waiting for it.
    tokio::spawn(async move { prefetching.prefetch().await });
    let cancel = server.cancellation_token();
    let ended = server.waiting();
    tokio::pin!(ended);
    tokio::select! {
        _ = &mut ended => {}
        () = &mut signal => {
            cancel.cancel();
            let _ = ended.await;
        }
    }
    ending.closed().await;
    0
}

/// Drops what needs no answer until a session has begun: the service takes it for a broken host and ends.
struct FromFirstRequest<T> {
    inner: T,
    begun: Arc<AtomicBool>,
}

impl<T: Transport<RoleServer>> Transport<RoleServer> for FromFirstRequest<T> {
    type Error = T::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = Result<(), Self::Error>> + Send + 'static {
        self.inner.send(message)
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            let message = self.inner.receive().await?;
            if matches!(message, JsonRpcMessage::Request(_)) || self.begun.load(Ordering::Relaxed) {
                return Some(message);
            }
        }
    }

    async fn close(&mut self) -> Result<(), Self::Error> {
        // What the host does not read cannot be written, and must not keep the process alive.
        timeout(LAST_WORDS, self.inner.close()).await.unwrap_or(Ok(()))
    }
}

#[cfg(unix)]
fn shutdown() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn shutdown() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
