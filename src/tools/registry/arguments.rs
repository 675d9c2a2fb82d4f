//! Arguments that several tools take.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::ToolError;
use crate::make::{OrganizationId, Place, TeamId};

/// No arguments.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Nothing {}

/// Exactly one of an organization and a team.
pub(crate) fn place(
    organization: Option<OrganizationId>,
    team: Option<TeamId>,
) -> Result<Place, ToolError> {
    match (organization, team) {
        (Some(id), None) => Ok(Place::Organization(id)),
        (None, Some(id)) => Ok(Place::Team(id)),
        (None, None) => {
            Err(ToolError::arguments("one of `organizationId` and `teamId` is missing"))
        }
        (Some(_), Some(_)) => {
            Err(ToolError::arguments("give `organizationId` or `teamId`, not both"))
        }
    }
}

/// At least one of the fields that a change can have.
pub(crate) fn some_change(fields: &[(&str, bool)]) -> Result<(), ToolError> {
    if fields.iter().any(|(_, given)| *given) {
        return Ok(());
    }
    let names: Vec<_> = fields.iter().map(|(name, _)| format!("`{name}`")).collect();
    Err(ToolError::arguments(format!(
        "nothing to change: give at least one of {}",
        names.join(", ")
    )))
}

/// Scopes as Make writes them, before anything compares them.
pub(crate) fn scopes<'de, D: Deserializer<'de>>(given: D) -> Result<Vec<String>, D::Error> {
    let mut scopes = Vec::new();
    for scope in Vec::<String>::deserialize(given)? {
        let scope = scope.trim().to_ascii_lowercase();
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok(scopes)
}

/// The same, where they may be left out.
pub(crate) fn some_scopes<'de, D: Deserializer<'de>>(
    given: D,
) -> Result<Option<Vec<String>>, D::Error> {
    scopes(given).map(Some)
}
