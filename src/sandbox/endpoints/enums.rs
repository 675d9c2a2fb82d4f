//! Make's lists of values.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::sandbox::http::response::{SandboxResult, not_found, ok};

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

/// The list that a path names; its envelope has another name.
pub(crate) fn list(name: &str) -> SandboxResult {
    let known = NAMES.iter().find(|(known, _)| *known == name);
    let (_, envelope) = known.ok_or_else(not_found)?;
    ok(&json!({ *envelope: LISTS[*envelope] }))
}
