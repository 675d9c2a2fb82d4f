//! Arguments that several tools take.

use schemars::JsonSchema;
use serde::Deserialize;

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
