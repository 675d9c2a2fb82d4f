//! Make's lists of values.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::{
    make::Method,
    sandbox::http::{
        request::SandboxRequest,
        response::{SandboxResult, ok},
    },
};

static LISTS: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    let text = include_str!("../../../fixtures/sandbox/enums.json");
    serde_json::from_str(text).expect("the embedded lists are valid, a test reads them")
});

/// The name below `/enums`, and the key of the envelope.
const NAMES: [(&str, &str); 13] = [
    ("imt-regions", "imtRegions"),
    ("imt-zones", "imtZones"),
    ("timezones", "timezones"),
    ("countries", "countries"),
    ("locales", "locales"),
    ("languages", "languages"),
    ("user-api-token-scopes", "userApiTokenScopes"),
    ("user-features", "userFeatures"),
    ("organization-features", "organizationFeatures"),
    ("user-email-notifications", "userEmailNotifications"),
    ("variable-types", "variableTypes"),
    ("llm-models", "llmModels"),
    ("llm-builtin-tiers", "llmBuiltinTiers"),
];

pub(crate) fn answer(request: &mut SandboxRequest<'_>) -> Option<SandboxResult> {
    let (Method::Get, ["enums", name]) = request.asked() else {
        return None;
    };
    let (_, envelope) = NAMES.iter().find(|(known, _)| known == name)?;
    Some(ok(&json!({ *envelope: LISTS[*envelope] })))
}
