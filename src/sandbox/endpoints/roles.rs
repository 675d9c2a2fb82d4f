//! The role catalogue.

use serde_json::{Value, json};

use crate::{
    make::{OrganizationId, Response, RoleId, TeamId, UserId},
    sandbox::{
        account::state::SandboxRole,
        http::{
            body,
            body::Body,
            query::Columns,
            request::{SandboxRequest, id, wrong},
            response::{SandboxResult, denied, invalid, not_found, ok},
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

/// A role with every column.
fn whole(role: &SandboxRole) -> Value {
    let mut row = json!(role);
    let custom = role.organization_id.is_some();
    row["subsidiary"] = true.into();
    row["managementType"] = if custom { "custom_managed" } else { "system_locked" }.into();
    row
}

/// Custom roles are listed only with their organization, which a team may stand for.
pub(crate) fn list(request: &SandboxRequest<'_>) -> SandboxResult {
    let picked = COLUMNS.asked(request)?;
    let category = match request.query("category") {
        None => None,
        Some(category @ ("organization" | "team")) => Some(category),
        Some(_) => return Err(wrong("category")),
    };
    let organization = match (request.number("organizationId")?, request.number("teamId")?) {
        (Some(id), _) => Some(request.organization(OrganizationId(id))?.0.id),
        (None, Some(id)) => Some(request.team(TeamId(id))?.organization_id),
        (None, None) => None,
    };
    let only = request.number("roleId")?;
    let without = request.values("excludeRole");
    let fits = |role: &&SandboxRole| {
        category.is_none_or(|category| role.category == category)
            && (role.organization_id.is_none() || role.organization_id == organization)
            && only.is_none_or(|id| role.id.0 == id)
            && !without.contains(&role.id.to_string().as_str())
    };
    let row = |role: &SandboxRole| picked.of(whole(role));
    let roles: Vec<_> = request.state.roles.iter().filter(fits).map(row).collect();
    ok(&json!({ "usersRoles": roles }))
}

pub(crate) fn one(request: &SandboxRequest<'_>, role: &str) -> SandboxResult {
    let role = request.state.role(RoleId(id(role)?)).ok_or_else(not_found)?;
    if let Some(organization) = role.organization_id {
        request.organization(organization)?;
    }
    ok(&json!({ "usersRole": whole(role) }))
}

/// Every permission that a built-in role has, numbered by category and name.
fn catalogue(request: &SandboxRequest<'_>) -> Vec<(u64, String, String)> {
    let built_in = request.state.roles.iter().filter(|role| role.organization_id.is_none());
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

pub(crate) fn permissions(request: &SandboxRequest<'_>) -> SandboxResult {
    let asked = match request.query("roleCategory") {
        None => None,
        Some(category @ ("organization" | "team")) => Some(category),
        Some(_) => return Err(wrong("roleCategory")),
    };
    let rows: Vec<_> = catalogue(request)
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
pub(crate) fn holders(request: &SandboxRequest<'_>) -> SandboxResult {
    let picked = HOLDERS.asked(request)?;
    let permission = request.query("permission").ok_or_else(|| wrong("permission"))?;
    let people: Vec<(UserId, RoleId)> = match request.query("type") {
        Some("organization") => {
            let organization =
                request.number("organizationId")?.ok_or_else(|| wrong("organizationId"))?;
            let (organization, _) = request.organization(OrganizationId(organization))?;
            organization
                .members
                .iter()
                .map(|member| (member.user_id, member.users_role_id))
                .collect()
        }
        Some("company") => {
            let team = request.number("teamId")?.ok_or_else(|| wrong("teamId"))?;
            let team = request.team(TeamId(team))?;
            team.members.iter().map(|member| (member.user_id, member.users_role_id)).collect()
        }
        _ => return Err(wrong("type")),
    };
    if !catalogue(request).iter().any(|(_, _, name)| name == permission) {
        return Err(wrong("permission"));
    }
    let holding = people.into_iter().filter(|(_, role)| request.has(*role, permission));
    let row = |(user, _): (UserId, RoleId)| {
        let person = request.state.person(user)?;
        Some(picked.of(json!(person)))
    };
    ok(&json!({ "users": holding.filter_map(row).collect::<Vec<_>>() }))
}

/// The names of permissions, by their numbers.
fn named(
    request: &SandboxRequest<'_>,
    ids: &[u64],
    category: &str,
) -> Result<Vec<String>, Response> {
    let known = catalogue(request);
    let name = |id: &u64| {
        let found = known.iter().find(|(number, of, _)| number == id && of == category);
        found.map(|(_, _, name)| name.clone()).ok_or_else(|| wrong("permissions"))
    };
    ids.iter().map(name).collect()
}

/// Refuses callers who may not make roles there, and plans without custom roles.
fn editable(request: &SandboxRequest<'_>, organization: OrganizationId) -> Result<(), Response> {
    let organization = request.allowed(organization, "organization edit")?;
    match request.state.plan(organization).license.get("customRoles") {
        Some(Value::Bool(true)) => Ok(()),
        _ => Err(denied()),
    }
}

fn custom(request: &SandboxRequest<'_>, role: &SandboxRole) -> Value {
    let known = catalogue(request);
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

pub(crate) fn create(request: &mut SandboxRequest<'_>) -> SandboxResult {
    let mut body = Body::of(request)?;
    let name = body.required("name", body::name).to_owned();
    let category =
        body.optional("category", body::text).or(body.optional("permissionType", body::text));
    let organization = OrganizationId(body.required("organizationId", body::number));
    let description = body.optional("description", body::text).map(str::to_owned);
    let permissions = body.optional("permissions", body::numbers).unwrap_or_default();
    body.checked()?;
    editable(request, organization)?;
    let category = category
        .filter(|category| matches!(*category, "organization" | "team"))
        .ok_or_else(|| wrong("category"))?;
    let permissions = named(request, &permissions, category)?;
    let role = SandboxRole {
        id: request.state.next_role(),
        name,
        category: category.to_owned(),
        identifier: None,
        organization_id: Some(organization),
        description,
        permissions,
    };
    let answer = custom(request, &role);
    request.state.roles.push(role);
    ok(&answer)
}

/// The place in the list of a custom role of the organization that the body names.
fn changeable(request: &SandboxRequest<'_>, role: &str) -> Result<usize, Response> {
    let role = RoleId(id(role)?);
    let mut body = Body::of(request)?;
    let organization = OrganizationId(body.required("organizationId", body::number));
    body.checked()?;
    editable(request, organization)?;
    let is_it =
        |known: &SandboxRole| known.id == role && known.organization_id == Some(organization);
    request.state.roles.iter().position(is_it).ok_or_else(not_found)
}

pub(crate) fn update(request: &mut SandboxRequest<'_>, role: &str) -> SandboxResult {
    let found = changeable(request, role)?;
    let mut body = Body::of(request)?;
    let name = body.optional("name", body::name).map(str::to_owned);
    let description = body.optional("description", body::text).map(str::to_owned);
    let permissions = body.optional("permissions", body::numbers);
    body.checked()?;
    let category = request.state.roles[found].category.clone();
    let permissions = permissions.map(|ids| named(request, &ids, &category)).transpose()?;
    let role = &mut request.state.roles[found];
    role.name = name.unwrap_or_else(|| role.name.clone());
    role.description = description.or(role.description.take());
    role.permissions = permissions.unwrap_or_else(|| role.permissions.clone());
    let role = request.state.roles[found].clone();
    ok(&custom(request, &role))
}

/// Not while anybody has it.
pub(crate) fn delete(request: &mut SandboxRequest<'_>, role: &str) -> SandboxResult {
    let found = changeable(request, role)?;
    let role = request.state.roles[found].id;
    let in_organizations = request.state.organizations.iter().flat_map(|known| &known.members);
    let in_teams = request.state.teams.iter().flat_map(|team| &team.members);
    let used = in_organizations
        .map(|member| member.users_role_id)
        .chain(in_teams.map(|member| member.users_role_id));
    if used.into_iter().any(|used| used == role) {
        return Err(invalid("The role is assigned to somebody."));
    }
    request.state.roles.remove(found);
    ok(&json!({ "roleId": role }))
}
