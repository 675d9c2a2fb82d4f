//! Organizations, their teams and private spaces, looked up for plans and reports.

use super::{MOST_PAGES, PAGE, require};
use crate::{
    make::{Error, Make, OrganizationId, Page, Pages, PrivateSpace, Record, Team, TeamId},
    tools::registry::{Context, ErrorKind, Scopes, ToolError},
};

/// The name of an organization.
pub(crate) async fn organization(cx: &Context, id: OrganizationId) -> Result<String, ToolError> {
    let found = cx.make.organizations().get(id, &[], false).await;
    let found = require(found, "the organization", Scopes::all(&["organizations:read"]))?;
    Ok(found.name.clone().unwrap_or_else(|| format!("organization {id}")))
}

/// One team.
pub(crate) async fn team(cx: &Context, id: TeamId) -> Result<Record<Team>, ToolError> {
    require(cx.make.teams().get(id, &[]).await, "the team", Scopes::all(&["teams:read"]))
}

/// A private space, by the list of its organization or, for its members, by itself.
pub(crate) async fn private_space(
    cx: &Context,
    organization: Option<OrganizationId>,
    id: u64,
) -> Result<Record<PrivateSpace>, ToolError> {
    let spaces = cx.make.spaces();
    let Some(organization) = organization else {
        let found = spaces.get(id, &[]).await;
        return require(found, "the private space", Scopes::all(&["private-spaces:read"])).map_err(
            |error| {
                error.with_hint(
                    "give `organizationId` too, or check the id with make-list-private-spaces",
                )
            },
        );
    };
    let mut offset = 0;
    for _ in 0..MOST_PAGES {
        let page = Page { offset: Some(offset), limit: Some(PAGE), ..Page::default() };
        let list = spaces.list(organization, None, &[], &page).await;
        let list = require(list, "the private space", Scopes::all(&["private-spaces:read"]))?;
        let more = list.may_go_on(PAGE);
        offset += list.items.len() as u64;
        if let Some(found) = list.items.into_iter().find(|space| space.id == Some(id)) {
            return Ok(found);
        }
        if !more {
            break;
        }
    }
    Err(ToolError::new(
        ErrorKind::NotFound,
        format!("the organization {organization} has no private space {id}"),
    )
    .with_hint("check the id with make-list-private-spaces"))
}

/// All teams of an organization, for a plan.
pub(crate) async fn teams(
    cx: &Context,
    organization: OrganizationId,
) -> Result<Vec<Record<Team>>, ToolError> {
    require(all_teams(&cx.make, organization).await, "the teams", Scopes::all(&["teams:read"]))
}

/// All teams of an organization.
pub(crate) async fn all_teams(
    make: &Make,
    organization: OrganizationId,
) -> Result<Vec<Record<Team>>, Error> {
    let make = make.clone();
    let fetch = move |page: Page| {
        let make = make.clone();
        async move { make.teams().list(organization, false, &[], &page).await }
    };
    Pages::new(0, fetch).all().await
}
