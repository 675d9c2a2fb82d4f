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
