//! Resources, as the protocol words them.

use super::{Server, profiles, profiles::address};
use crate::{
    guard::Host,
    make::{Make, RetryBudget},
    resources,
    resources::RESOURCES,
    text::visible,
    tools::{
        call::CallResult,
        registry::{ErrorKind, RETRY_BUDGET, ToolError},
    },
};
use rmcp::{
    ErrorData,
    model::{ReadResourceResult, Resource, ResourceContents, ResourceTemplate},
};
use serde_json::json;

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
pub(super) fn template(server: &Server, uri: &str) -> String {
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
