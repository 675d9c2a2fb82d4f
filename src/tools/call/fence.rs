//! Keeps an answer within the organizations of a profile: what cannot be attributed to one of them is left out and
//! counted.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::target::Target;
use crate::{
    guard::Refused,
    make::Page,
    tools::registry::{Context, ToolError},
};

/// Tools whose rows belong to the caller or to everybody, and to no organization.
const OF_NO_ORGANIZATION: [&str; 9] = [
    "make-auth-status", "make-list-tokens", "make-list-oauth-grants", "make-lookup",
    "make-list-permissions", "make-list-roles", "make-list-products", "make-get-mail-preferences",
    "make-access-diff",
];

/// Lists whose rows are organizations.
const ORGANIZATIONS: [&str; 2] = ["organizations", "managedOrganizations"];

/// The answer without what belongs to other organizations. One that is about another organization as a whole is
/// refused.
pub(super) async fn within(
    cx: &Context,
    tool: &str,
    target: &Target,
    mut answer: Value,
) -> Result<Value, ToolError> {
    let Some(allowed) = &cx.account.organizations else {
        return Ok(answer);
    };
    let teams = if names_teams(&answer) { teams(cx, allowed).await } else { BTreeSet::new() };
    let fence = Fence { allowed, teams };
    // What a call asked of an allowed organization belongs to it, unless it says otherwise.
    let attributed = target.names_organization() || OF_NO_ORGANIZATION.contains(&tool);
    let mut left_out = 0;
    if let Value::Object(fields) = &mut answer {
        for (name, value) in fields.iter_mut() {
            if fence.is_foreign(name, value) {
                return Err(Refused::new(
                    "this profile may not work with the organization that this is about \
                     (`organizations` in profiles.toml)",
                    "make-list-orgs shows those it may work with; only the person who starts the \
                     server can add one",
                )
                .into());
            }
            left_out += fence.keep(name, value, attributed);
        }
        if left_out > 0 {
            let why = "of organizations that this profile may not work with, or of none";
            fields.insert("leftOut".to_owned(), json!({ "rows": left_out, "why": why }));
            let kept = fields.values().find_map(Value::as_array).map(Vec::len);
            if let (Some(kept), Some(Value::Object(page))) = (kept, fields.get_mut("page")) {
                page.insert("returned".to_owned(), kept.into());
                page.insert("total".to_owned(), Value::Null);
            }
        }
    }
    Ok(answer)
}

struct Fence<'a> {
    allowed: &'a [u64],
    /// The teams of the allowed organizations.
    teams: BTreeSet<u64>,
}

impl Fence<'_> {
    /// Whether an object belongs to an allowed organization; None if it does not say.
    fn belongs(&self, list: &str, object: &Map<String, Value>) -> Option<bool> {
        let id_in = |value: &Value| value.as_u64().or_else(|| value.get("id")?.as_u64());
        let organization = if ORGANIZATIONS.contains(&list) {
            object.get("id").or_else(|| object.get("organizationId")).and_then(Value::as_u64)
        } else {
            ["organizationId", "organization"].iter().find_map(|key| id_in(object.get(*key)?))
        };
        if let Some(id) = organization {
            return Some(self.allowed.contains(&id));
        }
        let team = ["teamId", "team"].iter().find_map(|key| id_in(object.get(*key)?))?;
        Some(self.teams.contains(&team))
    }

    fn is_foreign(&self, name: &str, value: &Value) -> bool {
        let name = if name == "organization" { ORGANIZATIONS[0] } else { name };
        value.as_object().is_some_and(|object| self.belongs(name, object) == Some(false))
    }

    /// Takes out what is not within; how many rows and parts that were.
    fn keep(&self, name: &str, value: &mut Value, attributed: bool) -> u64 {
        match value {
            Value::Array(rows) => {
                let before = rows.len();
                rows.retain(|row| match row {
                    Value::Object(object) => self.belongs(name, object).unwrap_or(attributed),
                    _ => true,
                });
                let inner = rows.iter_mut().map(|row| self.keep(name, row, true)).sum::<u64>();
                (before - rows.len()) as u64 + inner
            }
            Value::Object(fields) => {
                let attributed = attributed || self.belongs(name, fields) == Some(true);
                let mut left_out = 0;
                for (name, inner) in fields.iter_mut() {
                    if self.is_foreign(name, inner) {
                        *inner = Value::Null;
                        left_out += 1;
                    } else {
                        left_out += self.keep(name, inner, attributed);
                    }
                }
                left_out
            }
            _ => 0,
        }
    }
}

/// Whether rows say their team and not their organization.
fn names_teams(answer: &Value) -> bool {
    match answer {
        Value::Object(fields) => {
            fields.contains_key("teamId")
                || fields.contains_key("team")
                || fields.values().any(names_teams)
        }
        Value::Array(rows) => rows.iter().any(names_teams),
        _ => false,
    }
}

/// The teams of the allowed organizations; none where they cannot be read, so that nothing passes unseen.
async fn teams(cx: &Context, allowed: &[u64]) -> BTreeSet<u64> {
    let cols = ["id", "teams"].map(str::to_owned);
    let page = Page { limit: Some(500), ..Page::default() };
    let list = cx.make.organizations().list(None, &cols, &page).await;
    let organizations = list.map(|list| list.items).unwrap_or_default();
    let own = organizations.iter().filter(|one| one.id.is_some_and(|id| allowed.contains(&id.0)));
    own.flat_map(|one| one.teams.iter().flatten()).filter_map(|team| Some(team.id?.0)).collect()
}
