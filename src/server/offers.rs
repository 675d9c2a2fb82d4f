//! Resources, prompts and completion, as the protocol words them.

use std::collections::{BTreeMap, HashMap};

use rmcp::{
    ErrorData,
    model::{
        CompleteRequestParams, CompleteResult, CompletionInfo, GetPromptRequestParams,
        GetPromptResult, Prompt, PromptArgument, PromptMessage, ReadResourceResult, Reference,
        Resource, ResourceContents, ResourceTemplate, Role,
    },
};
use serde_json::{Value, json};

use super::{PATIENCE, Server};
use crate::{
    completion::{self, Asked},
    guard::{Host, visible},
    make::{Make, Patience},
    prompts,
    resources::{self, RESOURCES},
    tools::{Called, Kind, ToolError},
};

const JSON: &str = "application/json";

pub(super) fn list_resources() -> Vec<Resource> {
    let plain = RESOURCES.iter().filter(|resource| !resource.is_template());
    plain
        .map(|resource| {
            Resource::new(resource.uri, resource.name)
                .with_title(resource.title)
                .with_description(resource.description)
                .with_mime_type(JSON)
        })
        .collect()
}

pub(super) fn list_templates() -> Vec<ResourceTemplate> {
    let templates = RESOURCES.iter().filter(|resource| resource.is_template());
    templates
        .map(|resource| {
            ResourceTemplate::new(resource.uri, resource.name)
                .with_title(resource.title)
                .with_description(resource.description)
                .with_mime_type(JSON)
        })
        .collect()
}

/// The answer of the resource's tool.
pub(super) async fn read(server: &Server, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let unknown =
        |why: String| ErrorData::resource_not_found(why, Some(json!({ "uri": visible(uri) })));
    let (resource, arguments) =
        resources::find(uri).ok_or_else(|| unknown("there is no such resource".to_owned()))?;
    let tool = server.find(resource.tool)?;
    let answer = match server.may_read(tool) {
        Ok(()) => {
            let cx = server
                .context(Patience::default())
                .map_err(|error| failed(&error))?;
            let cx = cx.with_make(|make: &Make| make.patient_for(PATIENCE));
            tool.call(cx, arguments, Host::CannotAsk).await
        }
        Err(refused) => Err(refused),
    };
    match answer {
        Ok(Called::Answered(answer)) => {
            let contents = ResourceContents::text(answer.to_string(), uri).with_mime_type(JSON);
            Ok(ReadResourceResult::new(vec![contents]))
        }
        Ok(Called::Asks { .. }) => Err(ErrorData::internal_error(
            "a resource changes nothing",
            None,
        )),
        Err(error) if error.kind == Kind::NotFound => Err(unknown(error.to_string())),
        Err(error) => Err(failed(&error)),
    }
}

fn failed(error: &ToolError) -> ErrorData {
    let data = Some(json!({ "error": error }));
    match error.kind {
        Kind::InvalidArguments => ErrorData::invalid_params(error.to_string(), data),
        _ => ErrorData::internal_error(error.to_string(), data),
    }
}

pub(super) fn list_prompts() -> Vec<Prompt> {
    let argument = |argument: &prompts::Argument| {
        PromptArgument::new(argument.name)
            .with_description(argument.description)
            .with_required(argument.required)
    };
    prompts::PROMPTS
        .iter()
        .map(|prompt| {
            let arguments = prompt.arguments.iter().map(argument).collect();
            Prompt::new(prompt.name, Some(prompt.description), Some(arguments))
                .with_title(prompt.title)
        })
        .collect()
}

pub(super) fn get_prompt(request: &GetPromptRequestParams) -> Result<GetPromptResult, ErrorData> {
    let prompt = prompts::find(&request.name)
        .ok_or_else(|| ErrorData::invalid_params("there is no such prompt", None))?;
    let given: BTreeMap<_, _> = request
        .arguments
        .iter()
        .flatten()
        .map(|(name, value)| match value {
            Value::String(text) => (name.clone(), text.clone()),
            other => (name.clone(), other.to_string()),
        })
        .collect();
    let text = prompt
        .text(&given)
        .map_err(|wrong| ErrorData::invalid_params(wrong, None))?;
    let messages = vec![PromptMessage::new_text(Role::User, text)];
    Ok(GetPromptResult::new(messages).with_description(prompt.description))
}

/// What cannot be looked up completes to nothing.
pub(super) async fn complete(
    server: &Server,
    request: &CompleteRequestParams,
) -> Result<CompleteResult, ErrorData> {
    let nothing = HashMap::new();
    let given = request
        .context
        .as_ref()
        .and_then(|context| context.arguments.as_ref());
    let asked = Asked {
        typed: &request.argument.value,
        given: given.unwrap_or(&nothing),
    };
    let name = request.argument.name.as_str();
    let make = server.context(Patience::default()).ok();
    let make = make.map(|cx| cx.make.patient_for(super::DECISION));
    let values = match (&request.r#ref, make) {
        (Reference::Resource(resource), Some(make)) => {
            let variable = format!("{{{name}}}");
            let known = RESOURCES
                .iter()
                .any(|known| known.uri == resource.uri && known.uri.contains(&variable));
            if !known {
                return Err(ErrorData::invalid_params("there is no such variable", None));
            }
            completion::of_variable(&make, name, &asked).await
        }
        (Reference::Prompt(prompt), Some(make)) => {
            let prompt = prompts::find(&prompt.name);
            let argument = prompt.and_then(|prompt| {
                prompt
                    .arguments
                    .iter()
                    .find(|argument| argument.name == name)
            });
            let argument = argument
                .ok_or_else(|| ErrorData::invalid_params("there is no such argument", None))?;
            completion::of_argument(&make, argument.completes, &asked).await
        }
        _ => Vec::new(),
    };
    let values = values
        .iter()
        .map(|value| visible(value).into_owned())
        .collect();
    CompletionInfo::with_all_values(values)
        .map(CompleteResult::new)
        .map_err(|error| ErrorData::internal_error(error, None))
}
