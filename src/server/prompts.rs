//! Prompts, as the protocol words them.

use super::{Server, profiles::PROFILE};
use crate::prompts;
use rmcp::{
    ErrorData,
    model::{GetPromptRequestParams, GetPromptResult, Prompt, PromptArgument, PromptMessage, Role},
};
use serde_json::Value;
use std::collections::BTreeMap;

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
