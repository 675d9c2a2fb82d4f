//! How a plan reaches the person at the host, in either era of the protocol, and how the reply comes back.

use std::{sync::Arc, time::Duration};

use rmcp::{
    RoleServer,
    model::{
        CallToolRequestParams, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
        ElicitationSchema, InputRequest, InputRequests, InputRequiredResult, ProtocolVersion,
        RequestStateCodec, SealOptions,
    },
    service::{RequestContext, ServiceError},
};
use serde_json::{Value, json};

use crate::{
    guard::{FormReply, Host, Question},
    tools::registry::{ErrorKind, ToolError},
};

/// How long a form waits: as long as its plan lives.
const FORM_TIMEOUT: Duration = Duration::from_secs(600);

/// What stands before the name in the form.
pub(crate) const TYPE_EXACTLY: &str = "Type exactly: ";

/// The key of the one question in an input-required result.
const QUESTION: &str = "confirm";

/// Seals what a host must bring back. No other process has the key.
#[derive(Debug)]
pub(super) struct StateSealer(RequestStateCodec);

impl StateSealer {
    /// With a key of the operating system's random numbers.
    pub(super) fn new() -> Self {
        let mut key = [0; 32];
        // Without random numbers no plan is made, so nothing is ever sealed with this key.
        let _ = getrandom::fill(&mut key);
        Self(RequestStateCodec::new_unchecked(key))
    }

    /// How the host of a call can ask its user, or what it asked.
    pub(super) fn host(
        &self,
        request: &mut CallToolRequestParams,
        host: &RequestContext<RoleServer>,
    ) -> Result<Host, ToolError> {
        let declared = host.client_capabilities().and_then(|client| client.elicitation);
        let can_ask = declared
            .is_some_and(|elicitation| elicitation.form.is_some() || elicitation.url.is_none());
        let modern =
            host.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
        let (state, responses) = (request.request_state.take(), request.input_responses.take());
        if !can_ask {
            return Ok(Host::CannotAsk);
        }
        if !modern {
            let peer = host.peer.clone();
            return Ok(Host::Asks(Arc::new(move |question| {
                let peer = peer.clone();
                Box::pin(async move {
                    let Some(form) = form(&question) else {
                        return FormReply::Failed;
                    };
                    match peer.create_elicitation_with_timeout(form, Some(FORM_TIMEOUT)).await {
                        Ok(result) => reply(result),
                        Err(ServiceError::Timeout { .. }) => FormReply::Late,
                        Err(_) => FormReply::Failed,
                    }
                })
            })));
        }
        let Some(state) = state else {
            return Ok(Host::CallsAgain(None));
        };
        let id = self.0.open_with(&state, request.name.as_bytes()).ok();
        let id = id.and_then(|id| String::from_utf8(id).ok()).ok_or_else(|| {
            ToolError::new(
                ErrorKind::RefusedByPolicy,
                "the confirmation is not one of this server's for this tool, or it has expired; \
                 nothing was changed",
            )
            .with_hint("call again without it to make a new plan")
        })?;
        let answer = responses.and_then(|mut responses| responses.remove(QUESTION));
        let answer = answer.and_then(|answer| serde_json::from_value::<ElicitResult>(answer).ok());
        Ok(Host::CallsAgain(Some((id, answer.map_or(FormReply::Failed, reply)))))
    }

    /// The question, as a host brings it back with the reply.
    pub(super) fn asking(
        &self,
        tool: &str,
        id: &str,
        question: &Question,
    ) -> Option<InputRequiredResult> {
        let options = SealOptions::new().associated_data(tool.as_bytes()).ttl(FORM_TIMEOUT);
        let state = self.0.seal_with(id.as_bytes(), &options);
        let form = InputRequest::Elicitation(ElicitRequest::new(form(question)?));
        Some(InputRequiredResult::new(
            Some(InputRequests::from([(QUESTION.to_owned(), form)])),
            Some(state),
        ))
    }
}

/// The form of a question: a name to type, or yes and no.
fn form(question: &Question) -> Option<ElicitRequestParams> {
    let (field, schema) = match &question.typed {
        Some(name) => (
            "name",
            json!({ "type": "string", "title": "Name",
                "description": format!("{TYPE_EXACTLY}{name}") }),
        ),
        None => (
            "confirm",
            json!({ "type": "boolean", "title": "Do it", "description": "Yes carries the plan \
                out.", "default": false }),
        ),
    };
    let schema = json!({ "type": "object", "properties": { field: schema }, "required": [field] });
    let requested_schema: ElicitationSchema = serde_json::from_value(schema).ok()?;
    Some(ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: question.text.clone(),
        requested_schema,
    })
}

fn reply(result: ElicitResult) -> FormReply {
    let content = result.content.unwrap_or_default();
    match result.action {
        ElicitationAction::Accept => FormReply::Accepted {
            confirm: content.get("confirm").and_then(Value::as_bool),
            name: content.get("name").and_then(Value::as_str).map(str::to_owned),
        },
        ElicitationAction::Decline => FormReply::Declined,
        _ => FormReply::Cancelled,
    }
}
