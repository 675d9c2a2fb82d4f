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

use super::{
    Server,
    account::DECISION,
    profiles,
    profiles::{PROFILE, address},
};
use crate::{
    completion,
    completion::CompletionInput,
    guard::Host,
    make::{Make, RetryBudget},
    prompts, resources,
    resources::RESOURCES,
    text::visible,
    tools::{
        call::CallResult,
        registry::{ErrorKind, RETRY_BUDGET, ToolError},
    },
};

const JSON: &str = "application/json";

pub(super) fn list_resources(server: &Server) -> Vec<Resource> {
    let plain = RESOURCES.iter().filter(|resource| !resource.is_template());
    let described = |resource: &resources::Resource, uri: &str, name: &str, title: &str| {
        Resource::new(uri, name)
            .with_title(title)
            .with_description(resource.description)
            .with_mime_type(JSON)
    };
    let Some(profiles) = server.profiles() else {
        let own =
            |known: &resources::Resource| described(known, known.uri, known.name, known.title);
        return plain.map(own).collect();
    };
    plain
        .flat_map(|known| {
            profiles.iter().map(move |profile| {
                let uri = address(profile, known.uri);
                let name = format!("{profile}-{}", known.name);
                described(known, &uri, &name, &format!("{profile}: {}", known.title))
            })
        })
        .collect()
}

pub(super) fn list_templates(server: &Server) -> Vec<ResourceTemplate> {
    let templates = RESOURCES.iter().filter(|resource| resource.is_template());
    templates
        .map(|resource| {
            ResourceTemplate::new(template(server, resource.uri), resource.name)
                .with_title(resource.title)
                .with_description(resource.description)
                .with_mime_type(JSON)
        })
        .collect()
}

/// The address of a family of resources, with a variable for the profile where there are several.
fn template(server: &Server, uri: &str) -> String {
    match server.profiles() {
        Some(_) => address("{profile}", uri),
        None => uri.to_owned(),
    }
}

/// The answer of the resource's tool.
pub(super) async fn read(server: &Server, uri: &str) -> Result<ReadResourceResult, ErrorData> {
    let unknown =
        |why: String| ErrorData::resource_not_found(why, Some(json!({ "uri": visible(uri) })));
    let no_such = || unknown("there is no such resource".to_owned());
    let (account, own) = match server.profiles() {
        None => (server.account(None), uri.to_owned()),
        Some(_) => {
            let (profile, own) = profiles::resource(uri).ok_or_else(no_such)?;
            (server.account(Some(profile)), own)
        }
    };
    let account = account.ok_or_else(no_such)?;
    let (resource, arguments) = resources::find(&own).ok_or_else(no_such)?;
    let tool = server.find(resource.tool)?;
    let answer = match account.may_read(tool) {
        Ok(()) => {
            let cx =
                account.context(RetryBudget::default()).await.map_err(|error| failed(&error))?;
            let cx = cx.with_make(|make: &Make| make.retrying_for(RETRY_BUDGET));
            tool.call(cx, arguments, Host::CannotAsk).await
        }
        Err(refused) => Err(refused),
    };
    match answer {
        Ok(CallResult::Answered(answer)) => {
            let contents = ResourceContents::text(answer.to_string(), uri).with_mime_type(JSON);
            Ok(ReadResourceResult::new(vec![contents]))
        }
        Ok(CallResult::Asks { .. }) => {
            Err(ErrorData::internal_error("a resource changes nothing", None))
        }
        Err(error) if error.kind == ErrorKind::NotFound => Err(unknown(error.to_string())),
        Err(error) => Err(failed(&error)),
    }
}

fn failed(error: &ToolError) -> ErrorData {
    let data = Some(json!({ "error": error }));
    match error.kind {
        ErrorKind::InvalidArguments => ErrorData::invalid_params(error.to_string(), data),
        _ => ErrorData::internal_error(error.to_string(), data),
    }
}

pub(super) fn list_prompts(server: &Server) -> Vec<Prompt> {
    let argument = |argument: &prompts::Argument| {
        PromptArgument::new(argument.name)
            .with_description(argument.description)
            .with_required(argument.required)
    };
    let profile = server.profiles().map(|profiles| {
        PromptArgument::new(PROFILE)
            .with_description(format!("The account: {}", profiles.join(", ")))
            .with_required(true)
    });
    prompts::PROMPTS
        .iter()
        .map(|prompt| {
            let own = prompt.arguments.iter().map(argument);
            let arguments = profile.iter().cloned().chain(own).collect();
            Prompt::new(prompt.name, Some(prompt.description), Some(arguments))
                .with_title(prompt.title)
        })
        .collect()
}

pub(super) fn get_prompt(
    server: &Server,
    request: &GetPromptRequestParams,
) -> Result<GetPromptResult, ErrorData> {
    let prompt = prompts::find(&request.name)
        .ok_or_else(|| ErrorData::invalid_params("there is no such prompt", None))?;
    let wrong = |wrong: String| ErrorData::invalid_params(wrong, None);
    let mut given: BTreeMap<_, _> = request
        .arguments
        .iter()
        .flatten()
        .map(|(name, value)| match value {
            Value::String(text) => (name.clone(), text.clone()),
            other => (name.clone(), other.to_string()),
        })
        .collect();
    let account = match server.profiles() {
        None => String::new(),
        Some(profiles) => {
            let profile = given.remove(PROFILE).filter(|name| profiles.contains(&name.as_str()));
            let profile = profile.ok_or_else(|| {
                wrong(format!("`profile` must be one of {}", profiles.join(", ")))
            })?;
            format!("Work in the profile {profile}: give profile \"{profile}\" to every tool.\n")
        }
    };
    let text = prompt.text(&given).map_err(|error| wrong(error.to_string()))?;
    let text = format!("{account}{text}");
    let messages = vec![PromptMessage::new_text(Role::User, text)];
    Ok(GetPromptResult::new(messages).with_description(prompt.description))
}

/// What cannot be looked up completes to nothing.
pub(super) async fn complete(
    server: &Server,
    request: &CompleteRequestParams,
) -> Result<CompleteResult, ErrorData> {
    let nothing = HashMap::new();
    let given = request.context.as_ref().and_then(|context| context.arguments.as_ref());
    let asked =
        CompletionInput { typed: &request.argument.value, given: given.unwrap_or(&nothing) };
    let name = request.argument.name.as_str();
    if let Some(profiles) = server.profiles()
        && name == PROFILE
    {
        let fitting = profiles.iter().filter(|profile| profile.starts_with(asked.typed));
        return completed(fitting.map(ToString::to_string).collect());
    }
    let profile = asked.given.get(PROFILE).map(String::as_str);
    let make = match server.account(profile) {
        Some(account) => account.context(RetryBudget::default()).await.ok(),
        None => None,
    };
    let make = make.map(|cx| cx.make.retrying_for(DECISION));
    let values = match (&request.r#ref, make) {
        (Reference::Resource(resource), Some(make)) => {
            let variable = format!("{{{name}}}");
            let known = RESOURCES.iter().any(|known| {
                template(server, known.uri) == resource.uri && known.uri.contains(&variable)
            });
            if !known {
                return Err(ErrorData::invalid_params("there is no such variable", None));
            }
            completion::of_variable(&make, name, &asked).await
        }
        (Reference::Prompt(prompt), Some(make)) => {
            let prompt = prompts::find(&prompt.name);
            let argument = prompt
                .and_then(|prompt| prompt.arguments.iter().find(|argument| argument.name == name));
            let argument = argument
                .ok_or_else(|| ErrorData::invalid_params("there is no such argument", None))?;
            completion::of_argument(&make, argument.completes, &asked).await
        }
        _ => Vec::new(),
    };
    completed(values.iter().map(|value| visible(value).into_owned()).collect())
}

fn completed(values: Vec<String>) -> Result<CompleteResult, ErrorData> {
    CompletionInfo::with_all_values(values)
        .map(CompleteResult::new)
        .map_err(|error| ErrorData::internal_error(error, None))
}
