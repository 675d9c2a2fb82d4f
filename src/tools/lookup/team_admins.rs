//! Teams whose only admin a person is, so that a plan can say which teams nobody could manage any more.

use futures_util::{StreamExt, TryStreamExt, stream};

use super::{
    organizations,
    roles::{RoleCatalog, manages_people},
};
use crate::{
    make::{Make, OrganizationId, Page, Pages, Record, TeamId, UserId, UserTeamRole},
    text::quoted,
    tools::registry::{Context, ToolError},
};

/// Teams read at once.
const AHEAD: usize = 8;

/// The members of a team with their roles; None where the caller may not see them.
pub(crate) async fn team_members(
    make: &Make,
    team: TeamId,
) -> Result<Option<Vec<Record<UserTeamRole>>>, ToolError> {
    let own = make.clone();
    let fetch = move |page: Page| {
        let make = own.clone();
        async move { make.team_roles().members(team, &[], &page).await }
    };
    match Pages::new(0, fetch).all().await {
        Ok(members) => Ok(Some(members)),
        Err(error) if matches!(error.status(), Some(403 | 404)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Teams of an organization that a person leaves without an admin when they go, in sentences. A team of which that
/// cannot be told is named too.
pub(crate) async fn left_without_admin(
    cx: &Context,
    user: UserId,
    organization: OrganizationId,
    roles: &RoleCatalog,
) -> Result<Vec<String>, ToolError> {
    let own = match cx.make.team_roles().of_user(user).await {
        Ok(list) => list.items,
        Err(error) if error.status().is_some() => {
            return Ok(vec![
                "Whether the person is the only admin of a team could not be read.".to_owned(),
            ]);
        }
        Err(error) => return Err(error.into()),
    };
    let is_admin = |row: &UserTeamRole| roles.get(row.users_role_id).is_some_and(manages_people);
    let managed: Vec<_> =
        own.iter().filter(|row| is_admin(row)).filter_map(|row| row.team_id).collect();
    if managed.is_empty() {
        return Ok(Vec::new());
    }
    let teams = organizations::teams(cx, organization).await?;
    let teams: Vec<_> = teams
        .iter()
        .filter_map(|team| Some((team.id?, team.name.clone().unwrap_or_default())))
        .filter(|(id, _)| managed.contains(id))
        .collect();
    let sentences: Vec<_> = stream::iter(teams)
        .map(|(id, name)| async move { without_admin(cx, user, (id, &name), roles).await })
        .buffered(AHEAD)
        .try_collect()
        .await?;
    Ok(sentences.into_iter().flatten().collect())
}

/// Whether a team has no admin but this person, as a sentence.
pub(crate) async fn without_admin(
    cx: &Context,
    user: UserId,
    (team, name): (TeamId, &str),
    roles: &RoleCatalog,
) -> Result<Option<String>, ToolError> {
    let name = quoted(name);
    let Some(members) = team_members(&cx.make, team).await? else {
        return Ok(Some(format!("Whether the team {name} has another admin could not be read.")));
    };
    let mut others = members.iter().filter(|row| row.user_id != Some(user)).peekable();
    let alone = others.peek().is_none();
    let has_other = others.any(|row| roles.get(row.users_role_id).is_some_and(manages_people));
    Ok((!alone && !has_other).then(|| {
        format!("The team {name} has no admin any more: give one of its members that role first.")
    }))
}
