//! Adds names beside the ids of an answer, so that a model need not look them up.

use serde_json::Value;

use super::target::Target;
use crate::{
    make::{EnumList, ListRoles, OrganizationId},
    tools::registry::Context,
};

/// More organizations in one answer keep their bare ids.
const MOST_ORGANIZATIONS: usize = 5;

/// Adds `usersRoleName` beside `usersRoleId`, and in an organization `timezoneName` and `countryName`.
///
/// What cannot be looked up stays a number: an answer must not fail for its decoration.
pub(super) async fn with_names(cx: &Context, target: &Target, mut answer: Value) -> Value {
    if has_role(&answer) {
        for asked in role_lists(target, &answer) {
            if let Ok(roles) = cx.make.roles().list(&asked).await {
                let name = |id: u64| {
                    let found = roles.iter().find(|role| role.id.is_some_and(|own| own.0 == id))?;
                    found.name.clone()
                };
                name_roles(&mut answer, &name);
            }
        }
    }
    if let Some(Value::Object(organization)) = answer.get_mut("organization") {
        for (id, name, list) in [
            ("timezoneId", "timezoneName", EnumList::Timezones),
            ("countryId", "countryName", EnumList::Countries),
        ] {
            let Some(wanted) = organization.get(id).and_then(Value::as_u64) else {
                continue;
            };
            let rows = cx.make.enums().list(list).await.unwrap_or_default();
            if let Some(row) =
                rows.iter().find(|row| row.get("id").and_then(Value::as_u64) == Some(wanted))
            {
                organization.insert(name.to_owned(), row.get("name").cloned().unwrap_or_default());
            }
        }
    }
    answer
}

fn has_role(answer: &Value) -> bool {
    match answer {
        Value::Object(fields) => {
            fields.get("usersRoleId").is_some_and(Value::is_u64) || fields.values().any(has_role)
        }
        Value::Array(items) => items.iter().any(has_role),
        _ => false,
    }
}

/// Whose roles to read: those of the organization or team of the call, else of those that the rows name.
fn role_lists(target: &Target, answer: &Value) -> Vec<ListRoles> {
    let of_organization = |id| ListRoles { organization_id: Some(id), ..ListRoles::default() };
    if let Some(id) = target.organization {
        return vec![of_organization(id)];
    }
    if let Some(id) = target.team {
        return vec![ListRoles { team_id: Some(id), ..ListRoles::default() }];
    }
    let mut ids = Vec::new();
    organizations(answer, &mut ids);
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return vec![ListRoles::default()];
    }
    ids.into_iter().take(MOST_ORGANIZATIONS).map(|id| of_organization(OrganizationId(id))).collect()
}

fn organizations(answer: &Value, ids: &mut Vec<u64>) {
    match answer {
        Value::Object(fields) => {
            if fields.contains_key("usersRoleId") {
                ids.extend(fields.get("organizationId").and_then(Value::as_u64));
            }
            fields.values().for_each(|inner| organizations(inner, ids));
        }
        Value::Array(items) => items.iter().for_each(|inner| organizations(inner, ids)),
        _ => {}
    }
}

fn name_roles(answer: &mut Value, name: &impl Fn(u64) -> Option<String>) {
    match answer {
        Value::Object(fields) => {
            if let Some(found) = fields.get("usersRoleId").and_then(Value::as_u64).and_then(name) {
                fields.insert("usersRoleName".to_owned(), found.into());
            }
            fields.values_mut().for_each(|inner| name_roles(inner, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|inner| name_roles(inner, name)),
        _ => {}
    }
}
