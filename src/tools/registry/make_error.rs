//! What a failure of the client means to a model: its kind, its message and the next step.

use super::{ErrorKind, HOW_TO_SIGN_IN, ToolError};
use crate::{
    make::{Error, Obstacle, Refusal, RefusalBody, SubError},
    text::visible,
};

impl From<Error> for ToolError {
    fn from(error: Error) -> Self {
        let mut answer = Self::new(kind(&error), visible(&message(&error)));
        answer.status = error.status();
        answer.in_doubt = error.in_doubt().is_some();
        answer.hint = hint(&error, answer.kind);
        match error {
            Error::Refused(refusal) => {
                answer.refused_by_make = refusal.body == RefusalBody::OfMake;
                answer.code = refusal.code.as_deref().map(|code| visible(code).into_owned());
                answer.suberrors = refusal.suberrors.iter().map(shown).collect();
            }
            Error::RateLimited { retry_after } => {
                answer.retry_after_seconds = Some(retry_after.as_secs_f64().ceil().max(1.0) as u64);
            }
            _ => {}
        }
        answer
    }
}

fn shown(error: &SubError) -> SubError {
    let name = error.name.as_deref().map(|name| visible(name).into_owned());
    SubError { message: visible(&error.message).into_owned(), name }
}

fn kind(error: &Error) -> ErrorKind {
    match error {
        Error::Credential(error) if error.passes => ErrorKind::Network,
        Error::NoCredential | Error::Credential(_) => ErrorKind::Unauthorized,
        Error::Withheld { .. } => ErrorKind::RefusedByPolicy,
        Error::Segment(_) => ErrorKind::InvalidArguments,
        Error::RateLimited { .. } => ErrorKind::RateLimited,
        Error::Timeout { .. } => ErrorKind::Timeout,
        Error::Connect { .. } | Error::Lost { .. } => ErrorKind::Network,
        Error::Refused(refusal) if refusal.body == RefusalBody::WebPage => match refusal.status {
            500..=599 => ErrorKind::Server,
            404 => ErrorKind::UnexpectedResponse,
            _ => ErrorKind::Network,
        },
        Error::Refused(refusal) if forbids_tokens(refusal) => ErrorKind::PlanRequired,
        Error::Refused(refusal) => match (refusal.status, refusal.code.as_deref()) {
            (406, _) | (_, Some("IM004")) => ErrorKind::ConfirmationRequiredByMake,
            (400 | 413, _) => ErrorKind::InvalidArguments,
            (401, _) => ErrorKind::Unauthorized,
            (402, _) => ErrorKind::PlanRequired,
            (403, _) => ErrorKind::Forbidden,
            (404, _) => ErrorKind::NotFound,
            (409 | 412 | 423 | 424, _) => ErrorKind::Conflict,
            (500..=599, _) => ErrorKind::Server,
            _ => ErrorKind::UnexpectedResponse,
        },
        _ => ErrorKind::UnexpectedResponse,
    }
}

/// Whether Make lets no API token at all into the organization: its plan has no API access.
fn forbids_tokens(refusal: &Refusal) -> bool {
    refusal.status == 403 && refusal.message.to_lowercase().contains("token authorization")
}

/// The whole chain in one line: a model sees no `source()`.
fn message(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    match error.in_doubt() {
        Some(call) => format!("{text}; the change ({call}) may or may not have been carried out"),
        None => text,
    }
}

fn hint(error: &Error, kind: ErrorKind) -> Option<String> {
    if error.in_doubt().is_some() {
        return Some(
            "do not call again at once: read the present state first, with the list or get tool of \
             what was changed"
                .to_owned(),
        );
    }
    if let Error::RateLimited { retry_after } = error {
        return Some(format!(
            "wait {:.0} s, then call again",
            retry_after.as_secs_f64().ceil().max(1.0)
        ));
    }
    match error {
        Error::NoCredential => return Some(HOW_TO_SIGN_IN.to_owned()),
        Error::Credential(error) => return Some(error.hint.clone()),
        Error::UnknownCaller => return None,
        Error::Connect { source, .. } => {
            if let Some(obstacle) = Obstacle::of(source) {
                return Some(way_around(obstacle).to_owned());
            }
        }
        Error::Refused(refusal) if refusal.body == RefusalBody::WebPage => {
            return Some(PROXY_ANSWERED.to_owned());
        }
        Error::Refused(refusal) if forbids_tokens(refusal) => {
            return Some(
                "Make takes no API token in this organization; the plan decides about API access"
                    .to_owned(),
            );
        }
        Error::Refused(refusal)
            if refusal.body == RefusalBody::Text && matches!(refusal.status, 403 | 407) =>
        {
            return Some(format!("Make answers in JSON, and this is not: {PROXY_ANSWERED}"));
        }
        Error::Withheld { .. } => {
            return Some(
                "a person must put right what the message names; then call again".to_owned(),
            );
        }
        _ => {}
    }
    hint_of_kind(kind).map(str::to_owned)
}

/// The next step where a proxy, a firewall or a gateway answered.
const PROXY_ANSWERED: &str = "ask whoever runs the proxy or firewall between this machine and Make \
    to let requests to the zone's host through; HTTPS_PROXY and NO_PROXY choose the way, and \
    docs/network.md explains them";

fn way_around(obstacle: Obstacle) -> &'static str {
    match obstacle {
        Obstacle::ProxyPassword => {
            "the proxy wants a name and password: set HTTPS_PROXY to http://name:password@host:port"
        }
        Obstacle::Proxy => {
            "the proxy named by HTTPS_PROXY or ALL_PROXY did not open the way: correct the \
             variable, list the zone's host in NO_PROXY, or ask whoever runs the proxy to let it \
             through"
        }
        Obstacle::Certificate => {
            "something on the way shows a certificate that this machine does not trust, as \
             inspecting proxies do: add its root certificate to the system's store, or name the \
             file in SSL_CERT_FILE"
        }
        Obstacle::RootCertificates => {
            "this machine has no root certificates: install the package ca-certificates, or \
             correct SSL_CERT_FILE and SSL_CERT_DIR"
        }
        Obstacle::Name => {
            "the host's name is not known here: check the zone, the network, and HTTPS_PROXY if \
             the machine reaches the internet through a proxy only"
        }
    }
}

fn hint_of_kind(kind: ErrorKind) -> Option<&'static str> {
    let hint = match kind {
        ErrorKind::InvalidArguments => {
            "correct the arguments as the message says; `make-lookup` shows valid ids"
        }
        ErrorKind::Unauthorized => {
            "a token works in its own zone only, until it is revoked; `make-admin-mcp doctor` \
             checks both"
        }
        ErrorKind::PlanRequired => {
            "the organization's plan does not include this: choose another organization or upgrade \
             the plan"
        }
        ErrorKind::Forbidden => {
            "the caller's role or token may not do this: ask an owner or admin; \
             `make-auth-status` shows the scopes"
        }
        ErrorKind::NotFound => {
            "check the id with the matching list tool; an organization of another zone is not \
             found here either"
        }
        ErrorKind::ConfirmationRequiredByMake => "Make wants this confirmed on its own pages",
        ErrorKind::Conflict => "read the present state, then decide again",
        ErrorKind::Server => "Make has a problem: try again in a minute",
        ErrorKind::UnexpectedResponse => {
            "check the zone and base address; `make-admin-mcp doctor` shows them"
        }
        ErrorKind::Timeout => "try again, asking for less",
        ErrorKind::Network => {
            "check the network, the zone and the proxy; `make-admin-mcp doctor` shows what is set"
        }
        ErrorKind::MissingScope
        | ErrorKind::RateLimited
        | ErrorKind::RefusedByPolicy
        | ErrorKind::Cancelled => {
            return None;
        }
    };
    Some(hint)
}
