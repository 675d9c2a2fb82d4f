//! The role catalogue.

use serde_json::{Value, json};

use crate::{
    make::{Method, OrganizationId, Reply, RoleId, TeamId, UserId},
    sandbox::{
        account::state::Role,
        http::{
            body,
            body::Body,
            query::Columns,
            request::{Visit, id, wrong},
            response::{Answer, denied, invalid, not_found, ok},
        },
    },
};

const COLUMNS: Columns = Columns {
    all: &[
        "id", "name", "identifier", "subsidiary", "category", "managementType", "description",
        "permissions",
    ],
    default: &["id", "name"],
};

pub(crate) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    let (read, write) = ("user:read", "user:write");
    Some(match visit.asked() {
        (Method::Get, ["users", "roles"]) => visit.with(read, |visit| list(visit)),
        (Method::Get, ["users", "roles", "permissions"]) => {
            visit.with(read, |visit| permissions(visit))
        }
        (Method::Get, ["users", "roles", role]) => visit.with(read, |visit| one(visit, role)),
        (Method::Get, ["users", "by-permission"]) => visit.with(read, |visit| holders(visit)),
        (Method::Post, ["users", "custom-roles"]) => visit.with(write, create),
        (Method::Patch, ["users", "custom-roles", role]) => {
            visit.with(write, |visit| update(visit, role))
        }
        (Method::Delete, ["users", "custom-roles", role]) => {
            visit.with(write, |visit| delete(visit, role))
        }
        _ => return None,
    })
}

/// A role with every column.
fn whole(role: &Role) -> Value {
    let mut row = json!(role);
    let custom = role.organization_id.is_some();
    row["subsidiary"] = true.into();
    row["managementType"] = if custom { "custom_managed" } else { "system_locked" }.into();
    row
}

/// Custom roles are listed only with their organization, which a team may stand for.
fn list(visit: &Visit<'_>) -> Answer {
    let picked = COLUMNS.asked(visit)?;
    let category = match visit.query("category") {
        None => None,
        Some(category @ ("organization" | "team")) => Some(category),
        Some(_) => return Err(wrong("category")),
    };
    let organization = match (visit.number("organizationId")?, visit.number("teamId")?) {
        (Some(id), _) => Some(visit.organization(OrganizationId(id))?.0.id),
        (None, Some(id)) => Some(visit.team(TeamId(id))?.organization_id),
        (None, None) => None,
    };
    let only = visit.number("roleId")?;
    let without = visit.values("excludeRole");
    let fits = |role: &&Role| {
        category.is_none_or(|category| role.category == category)
            && (role.organization_id.is_none() || role.organization_id == organization)
            && only.is_none_or(|id| role.id.0 == id)
            && !without.contains(&role.id.to_string().as_str())
    };
    let row = |role: &Role| picked.of(whole(role));
    let roles: Vec<_> = visit.state.roles.iter().filter(fits).map(row).collect();
    ok(&json!({ "usersRoles": roles }))
}

fn one(visit: &Visit<'_>, role: &str) -> Answer {
    let role = visit.state.role(RoleId(id(role)?)).ok_or_else(not_found)?;
    if let Some(organization) = role.organization_id {
        visit.organization(organization)?;
    }
    ok(&json!({ "usersRole": whole(role) }))
}

/// Every permission that a built-in role has, numbered by category and name.
fn catalogue(visit: &Visit<'_>) -> Vec<(u64, String, String)> {
    let built_in = visit.state.roles.iter().filter(|role| role.organization_id.is_none());
    let names: std::collections::BTreeSet<(String, String)> = built_in
        .flat_map(|role| role.permissions.iter().map(|name| (role.category.clone(), name.clone())))
        .collect();
    let first = |category: &str| if category == "organization" { 101 } else { 201 };
    let mut counts = std::collections::BTreeMap::new();
    names
        .into_iter()
        .map(|(category, name)| {
            let count = counts.entry(category.clone()).or_insert(first(&category));
            *count += 1;
            (*count - 1, category, name)
        })
        .collect()
}

fn permissions(visit: &Visit<'_>) -> Answer {
    let asked = match visit.query("roleCategory") {
        None => None,
        Some(category @ ("organization" | "team")) => Some(category),
        Some(_) => return Err(wrong("roleCategory")),
    };
    let rows: Vec<_> = catalogue(visit)
        .into_iter()
        .filter(|(_, category, _)| asked.is_none_or(|asked| asked == category))
        .map(|(id, category, name)| {
            let about = name.split(' ').next().unwrap_or_default().to_owned();
            json!({ "id": id, "name": name, "note": "", "category": about,
            "roleCategory": category, "label": "" })
        })
        .collect();
    ok(&json!({ "usersRolesPermissions": rows }))
}

const HOLDERS: Columns = Columns {
    all: &[
        "id", "name", "email", "personalSpaceId", "language", "timezoneId", "localeId",
        "countryId", "avatar", "lastLogin", "invitationStatus",
    ],
    default: &["id", "name", "email"],
};

/// Make calls teams companies here.
fn holders(visit: &Visit<'_>) -> Answer {
    let picked = HOLDERS.asked(visit)?;
    let permission = visit.query("permission").ok_or_else(|| wrong("permission"))?;
    let people: Vec<(UserId, RoleId)> = match visit.query("type") {
        Some("organization") => {
            let organization =
                visit.number("organizationId")?.ok_or_else(|| wrong("organizationId"))?;
            let (organization, _) = visit.organization(OrganizationId(organization))?;
            organization
                .members
                .iter()
                .map(|member| (member.user_id, member.users_role_id))
                .collect()
        }
        Some("company") => {
            let team = visit.number("teamId")?.ok_or_else(|| wrong("teamId"))?;
            let team = visit.team(TeamId(team))?;
            team.members.iter().map(|member| (member.user_id, member.users_role_id)).collect()
        }
        _ => return Err(wrong("type")),
    };
    if !catalogue(visit).iter().any(|(_, _, name)| name == permission) {
        return Err(wrong("permission"));
    }
    let holding = people.into_iter().filter(|(_, role)| visit.has(*role, permission));
    let row = |(user, _): (UserId, RoleId)| {
        let person = visit.state.person(user)?;
        Some(picked.of(json!(person)))
    };
    ok(&json!({ "users": holding.filter_map(row).collect::<Vec<_>>() }))
}

/// The names of permissions, by their numbers.
fn named(visit: &Visit<'_>, ids: &[u64], category: &str) -> Result<Vec<String>, Reply> {
    let known = catalogue(visit);
    let name = |id: &u64| {
        let found = known.iter().find(|(number, of, _)| number == id && of == category);
        found.map(|(_, _, name)| name.clone()).ok_or_else(|| wrong("permissions"))
    };
    ids.iter().map(name).collect()
}

/// Refuses whoever may not make roles there, and plans that have none.
fn editable(visit: &Visit<'_>, organization: OrganizationId) -> Result<(), Reply> {
    let organization = visit.allowed(organization, "organization edit")?;
    match visit.state.plan(organization).license.get("customRoles") {
        Some(Value::Bool(true)) => Ok(()),
        _ => Err(denied()),
    }
}

fn custom(visit: &Visit<'_>, role: &Role) -> Value {
    let known = catalogue(visit);
    let permission = |name: &String| {
        let id = known
            .iter()
            .find(|(_, of, known)| known == name && *of == role.category)
            .map(|(id, _, _)| *id);
        json!({ "id": id.unwrap_or(999), "name": name })
    };
    let permissions: Vec<_> = role.permissions.iter().map(permission).collect();
    json!({ "role": {
        "id": role.id, "name": role.name, "category": role.category,
        "managementType": "custom_managed",
        "description": role.description, "permissions": permissions,
    } })
}

fn create(visit: &mut Visit<'_>) -> Answer {
    let mut body = Body::of(visit)?;
    let name = body.required("name", body::name).to_owned();
    let category =
        body.optional("category", body::text).or(body.optional("permissionType", body::text));
    let organization = OrganizationId(body.required("organizationId", body::number));
    let description = body.optional("description", body::text).map(str::to_owned);
    let permissions = body.optional("permissions", body::numbers).unwrap_or_default();
    body.checked()?;
    editable(visit, organization)?;
    let category = category
        .filter(|category| matches!(*category, "organization" | "team"))
        .ok_or_else(|| wrong("category"))?;
    let permissions = named(visit, &permissions, category)?;
    let role = Role {
        id: visit.state.next_role(),
        name,
        category: category.to_owned(),
        identifier: None,
        organization_id: Some(organization),
        description,
        permissions,
    };
    let answer = custom(visit, &role);
    visit.state.roles.push(role);
    ok(&answer)
}

/// The place in the list of a custom role of the organization that the body names.
fn changeable(visit: &Visit<'_>, role: &str) -> Result<usize, Reply> {
    let role = RoleId(id(role)?);
    let mut body = Body::of(visit)?;
    let organization = OrganizationId(body.required("organizationId", body::number));
    body.checked()?;
    editable(visit, organization)?;
    let is_it = |known: &Role| known.id == role && known.organization_id == Some(organization);
    visit.state.roles.iter().position(is_it).ok_or_else(not_found)
}

fn update(visit: &mut Visit<'_>, role: &str) -> Answer {
    let found = changeable(visit, role)?;
    let mut body = Body::of(visit)?;
    let name = body.optional("name", body::name).map(str::to_owned);
    let description = body.optional("description", body::text).map(str::to_owned);
    let permissions = body.optional("permissions", body::numbers);
    body.checked()?;
    let category = visit.state.roles[found].category.clone();
    let permissions = permissions.map(|ids| named(visit, &ids, &category)).transpose()?;
    let role = &mut visit.state.roles[found];
    role.name = name.unwrap_or_else(|| role.name.clone());
    role.description = description.or(role.description.take());
    role.permissions = permissions.unwrap_or_else(|| role.permissions.clone());
    let role = visit.state.roles[found].clone();
    ok(&custom(visit, &role))
}

/// Not while anybody has it.
fn delete(visit: &mut Visit<'_>, role: &str) -> Answer {
    let found = changeable(visit, role)?;
    let role = visit.state.roles[found].id;
    let in_organizations = visit.state.organizations.iter().flat_map(|known| &known.members);
    let in_teams = visit.state.teams.iter().flat_map(|team| &team.members);
    let used = in_organizations
        .map(|member| member.users_role_id)
        .chain(in_teams.map(|member| member.users_role_id));
    if used.into_iter().any(|used| used == role) {
        return Err(invalid("The role is assigned to somebody."));
    }
    visit.state.roles.remove(found);
    ok(&json!({ "roleId": role }))
}
