//! `serve`: the server on stdin and stdout, until the host goes or a signal comes.

use std::io::{self, IsTerminal};

use rmcp::{ServiceExt, service::ServerInitializeError, transport::stdio_pipes};

use super::say;
use crate::{
    config::Accounts,
    server::{Server, StdioTransport},
};

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
    let transport = StdioTransport::new(read, write);
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
