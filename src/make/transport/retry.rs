//! What is asked again.

use tokio::time::Instant;

use super::{
    Failure, Request, Response, Transport,
    retry_budget::{Jitter, RetryBudget, backoff, moment_after},
    throttle::{BulkRead, Throttles},
};
use crate::make::{Error, Result, error::Refusal};

/// How often a read is repeated after 502, 503, 504 or a connection error.
const REPEATS: u32 = 2;

/// Sends `call`, waiting out rate limits and repeating what may be repeated.
///
/// A 429 is a refusal, so any call is asked again after it. A read is repeated, twice at most, on 502, 503, 504 and
/// on connection errors. A write is repeated only if the connection could not be opened at all.
pub(crate) async fn send(
    transport: &dyn Transport,
    gates: &Throttles,
    call: &Request,
    budget: &RetryBudget,
    bulk: Option<BulkRead>,
    jitter: Jitter,
) -> Result<Response> {
    let gate = gates.of(call);
    let mut repeats = 0;
    loop {
        gate.pass(budget, bulk).await?;
        let sent = Instant::now();
        let answer = transport.send(call).await;
        if let Ok(Response { status: 429, retry_after, .. }) = answer {
            tracing::info!(call = %call.name(), ?retry_after, "rate limited");
            gate.close(sent, retry_after, jitter);
            continue;
        }
        let asked_to_wait = match &answer {
            Ok(reply) if call.method.is_read() && matches!(reply.status, 502..=504) => {
                reply.retry_after
            }
            Err(Failure::Connect(_)) => None,
            Err(Failure::Lost(_)) if call.method.is_read() => None,
            _ => {
                if answer.is_ok() {
                    gate.open(sent);
                }
                return finished(call, answer);
            }
        };
        repeats += 1;
        let again = moment_after(asked_to_wait.unwrap_or_else(|| backoff(repeats, jitter)));
        if repeats > REPEATS || !budget.wait_until(again).await {
            return finished(call, answer);
        }
    }
}

fn finished(call: &Request, answer: std::result::Result<Response, Failure>) -> Result<Response> {
    let call = call.name();
    let unexpected =
        |status, problem: String| Err(Error::Unexpected { call: call.clone(), status, problem });
    match answer {
        Ok(reply) => match reply.status {
            200..=299 => Ok(reply),
            300..=399 => unexpected(
                Some(reply.status),
                format!("is a redirect ({}), which is not followed", reply.status),
            ),
            400..=599 => Err(Error::Refused(Box::new(Refusal::of(call, &reply)))),
            other => unexpected(Some(other), format!("has the status {other}")),
        },
        Err(Failure::Connect(source)) => Err(Error::Connect { call, source }),
        Err(Failure::Lost(source)) => Err(Error::Lost { call, source }),
        Err(Failure::Timeout(after)) => Err(Error::Timeout { call, after }),
        Err(Failure::Truncated(_)) => unexpected(None, "ends in the middle".to_owned()),
        Err(Failure::TooLarge(limit)) => {
            unexpected(None, format!("is longer than {} bytes", limit))
        }
    }
}
