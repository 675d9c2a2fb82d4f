//! What a plan must know before it is made: who, where, which role. Looked up, so that people read names.

use serde_json::{Value, json};

use super::{Context, Kind, Scope, ToolError};
use crate::{
    guard::{Refused, quoted, visible},
    make::{
        Error, ListUsers, Make, OrganizationId, Page, Pages, Place, PrivateSpace, Record, RoleId,
        Team, TeamId, User, UserId, UserOrganizationRole,
    },
};

/// Make may send fewer; the search goes on page by page.
const PAGE: u64 = 500;
/// Nobody is searched for further than this.
const MOST_PAGES: u64 = 100;

/// What was found, or a refusal that says which scope would let it be looked up.
pub(super) fn known<T>(found: Result<T, Error>, what: &str, scope: Scope) -> Result<T, ToolError> {
    found.map_err(|error| match error.status() {
        Some(401 | 403) => Refused::new(
            format!(
                "{what} cannot be looked up, so nothing was changed: {}",
                visible(&error.to_string())
            ),
            format!(
                "use a token with the scope {}, of a person who may see it",
                scope.name().unwrap_or_default()
            ),
        )
        .into(),
        _ => error.into(),
    })
}

/// The caller.
pub(super) async fn caller(cx: &Context) -> Result<UserId, ToolError> {
    let me = cx.make.me().get().await?;
    me.id.ok_or_else(|| {
        ToolError::new(Kind::UnexpectedResponse, "Make did not say who the caller is")
    })
}

/// The name of an organization.
pub(super) async fn organization(cx: &Context, id: OrganizationId) -> Result<String, ToolError> {
    let cols = ["id", "name"].map(str::to_owned);
    let found = cx.make.organizations().get(id, &cols, false).await;
    let found = known(found, "the organization", Scope::OrganizationsRead)?;
    Ok(found.name.clone().unwrap_or_else(|| format!("organization {id}")))
}

/// One team.
pub(super) async fn team(cx: &Context, id: TeamId) -> Result<Record<Team>, ToolError> {
    known(cx.make.teams().get(id, &[]).await, "the team", Scope::TeamsRead)
}

/// A private space, by the list of its organization or, for its members, by itself.
pub(super) async fn private_space(
    cx: &Context,
    organization: Option<OrganizationId>,
    id: u64,
) -> Result<Record<PrivateSpace>, ToolError> {
    let spaces = cx.make.spaces();
    let Some(organization) = organization else {
        let found = spaces.get(id, &[]).await;
        return known(found, "the private space", Scope::PrivateSpacesRead).map_err(|error| {
            error.with_hint(
                "give `organizationId` too, or check the id with make-list-private-spaces",
            )
        });
    };
    let mut offset = 0;
    for _ in 0..MOST_PAGES {
        let page = Page { offset: Some(offset), limit: Some(PAGE), ..Page::default() };
        let list = spaces.list(organization, None, &[], &page).await;
        let list = known(list, "the private space", Scope::PrivateSpacesRead)?;
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
        Kind::NotFound,
        format!("the organization {organization} has no private space {id}"),
    )
    .with_hint("check the id with make-list-private-spaces"))
}

/// All people of an organization with their two-factor state.
pub(super) async fn people(
    cx: &Context,
    organization: OrganizationId,
) -> Result<Vec<Record<User>>, ToolError> {
    let asked = everybody(organization, &["tfaStatus"]);
    known(everyone(&cx.make, asked).await, "the people", Scope::UserRead)
}

/// All people that a list has.
pub(super) async fn everyone(make: &Make, asked: ListUsers) -> Result<Vec<Record<User>>, Error> {
    let make = make.clone();
    let fetch = move |page| {
        let (make, asked) = (make.clone(), ListUsers { page, ..asked.clone() });
        async move { make.users().list(&asked).await }
    };
    Pages::new(0, fetch).all().await
}

fn everybody(organization: OrganizationId, more: &[&str]) -> ListUsers {
    let page = Page { offset: Some(0), limit: Some(PAGE), ..Page::default() };
    let cols = [&["id", "name", "email"], more].concat();
    ListUsers { page, ..ListUsers::of(Place::Organization(organization), &cols) }
}

/// All teams of an organization, for a plan.
pub(super) async fn teams(
    cx: &Context,
    organization: OrganizationId,
) -> Result<Vec<Record<Team>>, ToolError> {
    known(all_teams(&cx.make, organization).await, "the teams", Scope::TeamsRead)
}

/// All teams of an organization.
pub(super) async fn all_teams(
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

/// The membership of a person in an organization.
pub(super) async fn membership(
    cx: &Context,
    user: UserId,
    organization: OrganizationId,
) -> Result<Record<UserOrganizationRole>, ToolError> {
    let cols = ["userId", "organizationId", "usersRoleId", "invitation", "joinedTeamsCount"]
        .map(str::to_owned);
    let found = cx.make.organization_roles().get(user, organization, &cols).await;
    known(found, "the person's present role", Scope::UserRead)
}

/// A person as others know them.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) id: Option<UserId>,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
}

impl Person {
    /// `"Tom Baker" (tom@example.com)`.
    pub(super) fn quoted(&self) -> String {
        let name = self.name.as_deref().map(quoted);
        let email = self.email.as_deref().map(address);
        match (name, email) {
            (Some(name), Some(email)) => format!("{name} ({email})"),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => {
                format!("the person {}", self.id.map(|id| id.to_string()).unwrap_or_default())
            }
        }
    }

    /// What is typed to confirm a change of this person: the e-mail. Someone whom no list shows has only an id.
    pub(super) fn typed(&self) -> String {
        self.email
            .clone()
            .unwrap_or_else(|| self.id.map(|id| format!("user {id}")).unwrap_or_default())
    }

    /// As data.
    pub(super) fn shown(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "email": self.email })
    }
}

impl From<&User> for Person {
    fn from(user: &User) -> Self {
        Self { id: user.id, name: user.name.clone(), email: user.email.clone() }
    }
}

/// An address as it is, unless it holds what addresses do not.
fn address(email: &str) -> String {
    let plain = email.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".@_+-'".contains(&byte));
    if plain { email.to_owned() } else { quoted(email) }
}

/// Finds a person among those of an organization. Make has no call for one person, so the list is read, at once for
/// those of one role.
pub(super) async fn person(
    cx: &Context,
    id: UserId,
    organization: OrganizationId,
    role: Option<RoleId>,
) -> Result<Person, ToolError> {
    for role in [role, None].iter().skip(usize::from(role.is_none())) {
        if let Some(found) =
            search(cx, organization, *role, None, |user| user.id == Some(id)).await?
        {
            return Ok(found);
        }
    }
    Ok(Person { id: Some(id), name: None, email: None })
}

/// Finds a person of an organization by address.
pub(super) async fn person_of(
    cx: &Context,
    email: &str,
    organization: OrganizationId,
) -> Result<Option<Person>, ToolError> {
    let same =
        |user: &User| user.email.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(email));
    search(cx, organization, None, Some(email), same).await
}

async fn search(
    cx: &Context,
    organization: OrganizationId,
    role: Option<RoleId>,
    email: Option<&str>,
    fits: impl Fn(&User) -> bool,
) -> Result<Option<Person>, ToolError> {
    let mut asked = ListUsers {
        email: email.map(str::to_owned),
        organization_role: role,
        ..everybody(organization, &[])
    };
    let mut offset = 0;
    for _ in 0..MOST_PAGES {
        let list = known(cx.make.users().list(&asked).await, "the person", Scope::UserRead)?;
        if let Some(found) = list.items.iter().find(|user| fits(user)) {
            return Ok(Some(Person::from(&**found)));
        }
        offset += list.items.len() as u64;
        if list.items.is_empty() || !list.may_go_on(PAGE) {
            break;
        }
        asked.page.offset = Some(offset);
    }
    Ok(None)
}
