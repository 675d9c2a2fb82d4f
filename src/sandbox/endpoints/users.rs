//! People: lists and profiles.

use serde_json::{Value, json};

use crate::{
    make::{OrganizationId, RoleId, TeamId, UserId},
    sandbox::{
        account::state::AccountState,
        http::{
            body,
            body::Body,
            query::{Columns, Sorting},
            request::{SandboxRequest, id},
            response::{SandboxResult, denied, invalid, not_found, ok},
        },
    },
};

const COLUMNS: Columns = Columns {
    all: &[
        "id", "name", "email", "language", "timezoneId", "localeId", "countryId", "features",
        "avatar", "lastLogin", "tfaStatus", "userTeamIds",
    ],
    default: &[
        "id", "name", "email", "language", "timezoneId", "localeId", "countryId", "features",
        "avatar", "lastLogin", "tfaStatus",
    ],
};
const SORTING: Sorting =
    Sorting { limit: 10_000, by: "id", descending: true, columns: &["id", "name", "email"] };

/// A person as Make shows it, with every column but those that depend on the list.
pub(crate) fn row(state: &AccountState, user: UserId) -> Value {
    let mut row = state.person(user).map_or_else(|| json!({}), |person| json!(person));
    row["features"] = json!({});
    row["avatar"] = format!("https://secure.gravatar.com/avatar/{:032x}.jpg?d=mm", user.0).into();
    row
}

pub(crate) fn list(request: &SandboxRequest<'_>) -> SandboxResult {
    let picked = COLUMNS.asked(request)?;
    let paging = SORTING.asked(request)?;
    let (organization, team) = (request.number("organizationId")?, request.number("teamId")?);
    let people: Vec<(UserId, RoleId)> = match (organization, team) {
        (Some(id), None) => {
            let (organization, _) = request.organization(OrganizationId(id))?;
            organization
                .members
                .iter()
                .map(|member| (member.user_id, member.users_role_id))
                .collect()
        }
        (None, Some(id)) => request
            .team(TeamId(id))?
            .members
            .iter()
            .map(|member| (member.user_id, member.users_role_id))
            .collect(),
        _ => {
            return Err(invalid("Exactly one of 'organizationId' and 'teamId' is required."));
        }
    };
    let role = match (
        organization,
        request.number("organizationRoleId")?,
        request.number("teamRoleId")?,
    ) {
        (Some(_), role, None) | (None, None, role) => role.map(RoleId),
        _ => return Err(invalid("A role filter needs the list of its own level.")),
    };
    let in_team = request.number("filterByTeamId")?;
    let state = &*request.state;
    let teams_of = |user| teams_of(state, organization, user);
    let (name, email) = (request.query("name"), request.query("email"));
    let fits = |(user, has): &(UserId, RoleId)| {
        let Some(person) = state.person(*user) else {
            return false;
        };
        role.is_none_or(|role| role == *has)
            && name.is_none_or(|name| person.name.to_lowercase().contains(&name.to_lowercase()))
            && email.is_none_or(|email| person.email.eq_ignore_ascii_case(email))
            && in_team.is_none_or(|team| match team {
                0 => teams_of(*user).is_empty(),
                team => teams_of(*user).contains(&team),
            })
    };
    let whole = |(user, _): (UserId, RoleId)| {
        let mut row = row(state, user);
        if organization.is_some() {
            row["userTeamIds"] = teams_of(user).into();
        }
        row
    };
    let rows = people.into_iter().filter(fits).map(whole).collect();
    ok(&json!({ "users": paging.cut(rows, &picked), "pg": paging.echo() }))
}

/// The teams of the organization that the person is in.
fn teams_of(state: &AccountState, organization: Option<u64>, user: UserId) -> Vec<u64> {
    let organization = OrganizationId(organization.unwrap_or_default());
    state
        .teams_of(organization)
        .filter(|team| team.member(user).is_some())
        .map(|team| team.id.0)
        .collect()
}

pub(crate) fn update(request: &mut SandboxRequest<'_>, user: &str) -> SandboxResult {
    let user = UserId(id(user)?);
    request.state.person(user).ok_or_else(not_found)?;
    if user != request.caller {
        return Err(denied());
    }
    let mut body = Body::of(request)?;
    let name = body.optional("name", body::name);
    let language = body.optional("language", body::text);
    let numbers =
        ["timezoneId", "localeId", "countryId"].map(|field| body.optional(field, body::number));
    body.checked()?;
    let person = request.state.person_mut(user).ok_or_else(not_found)?;
    if let Some(name) = name {
        name.clone_into(&mut person.name);
    }
    if let Some(language) = language {
        language.clone_into(&mut person.language);
    }
    let fields = [&mut person.timezone_id, &mut person.locale_id, &mut person.country_id];
    for (field, number) in fields.into_iter().zip(numbers) {
        *field = number.unwrap_or(*field);
    }
    ok(&json!({ "user": row(request.state, user) }))
}
