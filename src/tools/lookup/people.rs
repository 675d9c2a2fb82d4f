//! People, looked up for plans and reports, so that a person reads names.

use serde_json::{Value, json};

use super::{MOST_PAGES, PAGE, require};
use crate::{
    make::{
        Error, ListUsers, Make, OrganizationId, Page, Pages, Place, Record, RoleId, User, UserId,
        UserOrganizationRole,
    },
    text::quoted,
    tools::registry::{Context, Scopes, ToolError},
};

/// The members of an organization with their two-factor state, without those whose invitation was never accepted.
pub(crate) async fn members_with_two_factor(
    cx: &Context,
    organization: OrganizationId,
) -> Result<Vec<Record<User>>, ToolError> {
    let cols = ["userId", "organizationId", "usersRoleId", "invitation"].map(str::to_owned);
    let roles = cx.make.organization_roles();
    let read = tokio::try_join!(
        everyone(&cx.make, everybody(organization, &["tfaStatus"])),
        roles.members(organization, &cols),
    );
    let (people, members) =
        require(read, "the people", Scopes::all(&["user:read", "organizations:read"]))?;
    let invited: Vec<_> = members
        .items
        .iter()
        .filter(|member| member.invitation.is_some())
        .filter_map(|member| member.user_id)
        .collect();
    let is_member = |user: &Record<User>| user.id.is_none_or(|id| !invited.contains(&id));
    Ok(people.into_iter().filter(is_member).collect())
}

/// All people that a list has.
pub(crate) async fn everyone(make: &Make, asked: ListUsers) -> Result<Vec<Record<User>>, Error> {
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

/// The membership of a person in an organization.
pub(crate) async fn membership(
    cx: &Context,
    user: UserId,
    organization: OrganizationId,
) -> Result<Record<UserOrganizationRole>, ToolError> {
    let cols = ["userId", "organizationId", "usersRoleId", "invitation", "joinedTeamsCount"]
        .map(str::to_owned);
    let found = cx.make.organization_roles().get(user, organization, &cols).await;
    require(found, "the person's present role", Scopes::all(&["user:read"]))
}

/// A person as others know them.
#[derive(Clone)]
pub(crate) struct PersonRef {
    pub(crate) id: Option<UserId>,
    pub(crate) name: Option<String>,
    pub(crate) email: Option<String>,
}

impl PersonRef {
    /// `"Tom Baker" (tom@example.com)`.
    pub(crate) fn quoted(&self) -> String {
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
    pub(crate) fn typed(&self) -> String {
        self.email
            .clone()
            .unwrap_or_else(|| self.id.map(|id| format!("user {id}")).unwrap_or_default())
    }

    /// As data.
    pub(crate) fn shown(&self) -> Value {
        json!({ "id": self.id, "name": self.name, "email": self.email })
    }
}

impl From<&User> for PersonRef {
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
pub(crate) async fn person(
    cx: &Context,
    id: UserId,
    organization: OrganizationId,
    role: Option<RoleId>,
) -> Result<PersonRef, ToolError> {
    for role in [role, None].iter().skip(usize::from(role.is_none())) {
        if let Some(found) =
            search(cx, organization, *role, None, |user| user.id == Some(id)).await?
        {
            return Ok(found);
        }
    }
    Ok(PersonRef { id: Some(id), name: None, email: None })
}

/// Finds a person of an organization by address.
pub(crate) async fn person_of(
    cx: &Context,
    email: &str,
    organization: OrganizationId,
) -> Result<Option<PersonRef>, ToolError> {
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
) -> Result<Option<PersonRef>, ToolError> {
    let mut asked = ListUsers {
        email: email.map(str::to_owned),
        organization_role: role,
        ..everybody(organization, &[])
    };
    let mut offset = 0;
    for _ in 0..MOST_PAGES {
        let list =
            require(cx.make.users().list(&asked).await, "the person", Scopes::all(&["user:read"]))?;
        if let Some(found) = list.items.iter().find(|user| fits(user)) {
            return Ok(Some(PersonRef::from(&**found)));
        }
        offset += list.items.len() as u64;
        if list.items.is_empty() || !list.may_go_on(PAGE) {
            break;
        }
        asked.page.offset = Some(offset);
    }
    Ok(None)
}
