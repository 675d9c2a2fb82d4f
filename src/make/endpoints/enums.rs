//! Make's lists of values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::make::{Make, Result, cache::CacheTtl};

/// Make's lists of values.
#[derive(Debug)]
pub struct Enums<'a> {
    pub(super) make: &'a Make,
}

/// A list of values that Make publishes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum EnumList {
    /// Regions for new organizations.
    Regions,
    /// Zones (hosts).
    Zones,
    /// Time zones.
    Timezones,
    /// Countries.
    Countries,
    /// Formats of dates and numbers.
    Locales,
    /// Languages of the interface.
    Languages,
    /// Scopes of API tokens.
    TokenScopes,
    /// Feature flags of people.
    UserFeatures,
    /// Feature flags of organizations.
    OrganizationFeatures,
    /// Kinds of notification mail.
    EmailNotifications,
    /// Types of variables.
    VariableTypes,
    /// Language models.
    LlmModels,
    /// Built-in tiers of language models.
    LlmTiers,
}

impl EnumList {
    /// The name below `/enums`, and the key of the envelope.
    fn wire(self) -> (&'static str, &'static str) {
        match self {
            Self::Regions => ("imt-regions", "imtRegions"),
            Self::Zones => ("imt-zones", "imtZones"),
            Self::Timezones => ("timezones", "timezones"),
            Self::Countries => ("countries", "countries"),
            Self::Locales => ("locales", "locales"),
            Self::Languages => ("languages", "languages"),
            Self::TokenScopes => ("user-api-token-scopes", "userApiTokenScopes"),
            Self::UserFeatures => ("user-features", "userFeatures"),
            Self::OrganizationFeatures => ("organization-features", "organizationFeatures"),
            Self::EmailNotifications => ("user-email-notifications", "userEmailNotifications"),
            Self::VariableTypes => ("variable-types", "variableTypes"),
            Self::LlmModels => ("llm-models", "llmModels"),
            Self::LlmTiers => ("llm-builtin-tiers", "llmBuiltinTiers"),
        }
    }
}

impl Enums<'_> {
    /// Fetches a whole list; its rows differ in form, so they stay as Make sends them.
    ///
    /// `GET /enums/…`. No scope needed. Not paged.
    pub async fn list(&self, list: EnumList) -> Result<Vec<Map<String, Value>>> {
        let (name, envelope) = list.wire();
        self.make
            .get(&[&"enums", &name])
            .cached(CacheTtl::Enums)
            .list(envelope)
            .await
            .map(|list| list.items)
    }
}
