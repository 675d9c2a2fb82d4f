//! Scopes that Make documents, so that a rule about one that does not exist ends the start instead of forbidding nothing.

use super::refusal::PolicyError;
use crate::text::{closest, quoted};

/// Every scope that is documented or was seen on a token.
const KNOWN: [&str; 60] = [
    "admin:read", "admin:write", "agents:read", "agents:write", "ai-agents:read",
    "ai-agents:write", "analytics:read", "apps:read", "apps:write", "connections:read",
    "connections:write", "credential-requests:read", "credential-requests:write",
    "custom-property-structures:read", "custom-property-structures:write", "datastores:read",
    "datastores:write", "devices:read", "devices:write", "dlqs:read", "dlqs:write",
    "functions:read", "functions:write", "hooks:read", "hooks:write", "imt-forms:read",
    "instances:read", "instances:write", "keys:read", "keys:write", "managed-organizations:read",
    "managed-organizations:write", "notifications:read", "notifications:write", "openid",
    "organization-variables:read", "organization-variables:write", "organizations:read",
    "organizations:write", "private-spaces:read", "private-spaces:write", "scenarios-shared:read",
    "scenarios-shared:write", "scenarios:read", "scenarios:run", "scenarios:write",
    "sdk-apps:read", "sdk-apps:write", "system:read", "system:write", "team-variables:read",
    "team-variables:write", "teams:read", "teams:write", "templates:read", "templates:write",
    "udts:read", "udts:write", "user:read", "user:write",
];

/// A scope as Make writes it, or what is wrong with it.
pub(super) fn normalized(scope: &str) -> Result<String, PolicyError> {
    let wanted = scope.trim().to_ascii_lowercase();
    if KNOWN.contains(&wanted.as_str()) {
        return Ok(wanted);
    }
    let near = closest(&wanted, KNOWN.into_iter())
        .map(|near| format!(", did you mean `{near}`?"))
        .unwrap_or_default();
    let problem = format!("{}, which is not a scope of Make{near} (no wildcards)", quoted(scope));
    Err(PolicyError(problem))
}
