//! Arguments that several tools take.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::ToolError;
use crate::{
    make::{OrganizationId, Place, TeamId},
    text::{quoted, visible},
};

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

/// Checks that a text is one e-mail address and nothing beside it.
pub(crate) fn email(argument: &str, text: &str) -> Result<(), ToolError> {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"".contains(c);
    let is_one = text.len() <= 254
        && text.chars().all(is_plain)
        && text.split_once('@').is_some_and(|(local, domain)| {
            let mut labels = domain.split('.');
            !local.is_empty()
                && domain.contains('.')
                && !domain.contains('@')
                && labels.all(|label| !label.is_empty() && !label.starts_with('-'))
        });
    if is_one {
        return Ok(());
    }
    Err(ToolError::arguments(format!(
        "`{argument}` {} is not one e-mail address; give the address alone, e.g. tom@example.com",
        quoted(text)
    )))
}

/// What is to be said of an address with characters that look like others.
pub(crate) fn email_warning(email: &str) -> Option<String> {
    let odd: Vec<_> = email
        .chars()
        .filter(|c| !c.is_ascii())
        .map(|c| format!("{} (U+{:04X})", visible(&c.to_string()), u32::from(c)))
        .collect();
    (!odd.is_empty()).then(|| {
        format!("The address has characters that may look like others: {}.", odd.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_one_and_nothing_else() {
        for good in ["tom@example.com", "o'hara+x@sub.example.co.uk", "zoë@exämple.com"] {
            assert!(email("email", good).is_ok(), "{good}");
        }
        for bad in [
            "Tom <tom@example.com>", "a@b.c,d@e.f", "a@b.c; d@e.f", "a@b@c.d", "tom", "@b.c",
            "tom@example", "tom@.com", "tom@example..com", "tom @example.com", "tom@-x.com",
            "tom@example.com\n", "\"a b\"@c.d", "",
        ] {
            assert!(email("email", bad).is_err(), "{bad}");
        }
        assert_eq!(email_warning("tom@example.com"), None);
        let warning = email_warning("tom@ex\u{430}mple.com").expect("odd");
        assert!(warning.contains("U+0430"), "{warning}");
    }
}
