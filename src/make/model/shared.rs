//! What the answers of several endpoints have in common.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Counter, TeamId};

/// One day of usage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UsageDay {
    /// The day, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Operations used.
    pub operations: Option<Counter>,
    /// Bytes transferred.
    pub data_transfer: Option<Counter>,
    /// Hundredths of credits used.
    pub centicredits: Option<Counter>,
}

/// A team by id and name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct TeamRef {
    /// The team.
    pub id: Option<TeamId>,
    /// Its name.
    pub name: Option<String>,
}
