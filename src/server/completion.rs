//! Completion of arguments, as the protocol words it.

use super::{Server, account::DECISION, profiles::PROFILE, resources::template};
use crate::{
    completion, completion::CompletionInput, make::RetryBudget, prompts, resources::RESOURCES,
    text::visible,
};
use rmcp::{
    ErrorData,
    model::{CompleteRequestParams, CompleteResult, CompletionInfo, Reference},
};
use std::collections::HashMap;

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
    let Some(account) = server.account(profile) else {
        return completed(Vec::new());
    };
    // What a person may not list is not offered either.
    let may_see = |tool: &str| server.find(tool).is_ok_and(|tool| account.may_read(tool).is_ok());
    let Ok(cx) = account.context(RetryBudget::default()).await else {
        return completed(Vec::new());
    };
    let cx = cx.with_make(|make| make.retrying_for(DECISION));
    let values = match &request.r#ref {
        Reference::Resource(resource) => {
            let variable = format!("{{{name}}}");
            let known = RESOURCES.iter().any(|known| {
                template(server, known.uri) == resource.uri && known.uri.contains(&variable)
            });
            if !known {
                return Err(ErrorData::invalid_params("there is no such variable", None));
            }
            if may_see(completion::tool_of_variable(name)) {
                completion::of_variable(&cx, name, &asked).await
            } else {
                Vec::new()
            }
        }
        Reference::Prompt(prompt) => {
            let prompt = prompts::find(&prompt.name);
            let argument = prompt
                .and_then(|prompt| prompt.arguments.iter().find(|argument| argument.name == name));
            let argument = argument
                .ok_or_else(|| ErrorData::invalid_params("there is no such argument", None))?;
            if may_see(completion::tool_of_argument(argument.completes)) {
                completion::of_argument(&cx, argument.completes, &asked).await
            } else {
                Vec::new()
            }
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
