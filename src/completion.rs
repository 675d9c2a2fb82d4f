//! Values for the variables of resources and the arguments of prompts, looked up in the account.

use std::collections::HashMap;

use crate::{
    make::{
        AuditLogFilter, ListRoles, ListUsers, Make, Organization, OrganizationId, Page, Place,
        Record, Trail,
    },
    prompts::Completes,
    tools::registry::Context,
};

/// The protocol allows no more.
const MOST: usize = 100;

/// What was typed so far, and what was filled in before.
#[derive(Debug)]
pub struct CompletionInput<'a> {
    /// The beginning of the value.
    pub typed: &'a str,
    /// Values of other variables or arguments.
    pub given: &'a HashMap<String, String>,
}

impl CompletionInput<'_> {
    /// Whether a value, or the name it goes by, contains what was typed.
    fn fits(&self, value: &str, name: &str) -> bool {
        let typed = self.typed.to_lowercase();
        value.to_lowercase().starts_with(&typed) || name.to_lowercase().contains(&typed)
    }

    /// The organizations of the caller that were named before; all if none was.
    async fn organizations(&self, cx: &Context) -> Vec<Record<Organization>> {
        let cols = ["id", "name", "teams"].map(str::to_owned);
        let page = Page { limit: Some(500), ..Page::default() };
        let Ok(list) = cx.make.organizations().list(None, &cols, &page).await else {
            return Vec::new();
        };
        let named = self.given.get("organization").or(self.given.get("organizationId"));
        let is_it = |one: &Record<Organization>| {
            named.is_none_or(|named| {
                one.id.is_some_and(|id| id.to_string() == *named)
                    || one.name.as_deref() == Some(named)
            })
        };
        let allowed = |one: &Record<Organization>| cx.account.may_work_with(one.id);
        list.items.into_iter().filter(allowed).filter(is_it).collect()
    }
}

/// The tool that shows what a variable of a resource is completed from.
pub fn tool_of_variable(variable: &str) -> &'static str {
    match variable {
        "uuid" => "make-audit-org",
        _ => "make-list-orgs",
    }
}

/// The tool that shows what an argument of a prompt is completed from.
pub fn tool_of_argument(completes: Completes) -> &'static str {
    match completes {
        Completes::Role => "make-list-roles",
        Completes::Person => "make-list-users",
        Completes::Organization | Completes::Team | Completes::Nothing => "make-list-orgs",
    }
}

/// Ids for a variable of a resource: organizations and teams by name, audit entries of the named organization.
pub async fn of_variable(cx: &Context, variable: &str, asked: &CompletionInput<'_>) -> Vec<String> {
    let organizations = asked.organizations(cx).await;
    let fitting = |id: String, name: &str| asked.fits(&id, name).then_some(id);
    let values: Vec<String> = match variable {
        "organizationId" => organizations
            .iter()
            .filter_map(|one| fitting(one.id?.to_string(), one.name.as_deref().unwrap_or_default()))
            .collect(),
        "teamId" => organizations
            .iter()
            .flat_map(|one| one.teams.iter().flatten())
            .filter_map(|team| {
                fitting(team.id?.to_string(), team.name.as_deref().unwrap_or_default())
            })
            .collect(),
        "uuid" => match organizations.as_slice() {
            _ if !asked.given.contains_key("organizationId") => Vec::new(),
            [only] => match only.id {
                Some(id) => entries(&cx.make, id).await,
                None => Vec::new(),
            },
            _ => Vec::new(),
        }
        .into_iter()
        .filter(|uuid| asked.fits(uuid, ""))
        .collect(),
        _ => Vec::new(),
    };
    values.into_iter().take(MOST).collect()
}

/// Names for an argument of a prompt.
pub async fn of_argument(
    cx: &Context,
    completes: Completes,
    asked: &CompletionInput<'_>,
) -> Vec<String> {
    let organizations = asked.organizations(cx).await;
    let fits = |name: &String| asked.fits(name, name);
    let mut values: Vec<String> = match completes {
        Completes::Organization => {
            organizations.iter().filter_map(|one| one.name.clone()).filter(fits).collect()
        }
        Completes::Team => organizations
            .iter()
            .flat_map(|one| one.teams.iter().flatten())
            .filter_map(|team| team.name.clone())
            .filter(fits)
            .collect(),
        Completes::Role => roles(&cx.make, &organizations).await.into_iter().filter(fits).collect(),
        Completes::Person => {
            people(&cx.make, &organizations).await.into_iter().filter(fits).collect()
        }
        Completes::Nothing => Vec::new(),
    };
    values.sort();
    values.dedup();
    values.truncate(MOST);
    values
}

async fn entries(make: &Make, organization: OrganizationId) -> Vec<String> {
    let page = Page { limit: Some(MOST as u64), ..Page::default() };
    let trail: Trail = Place::Organization(organization);
    let list = make.audit_logs().list(trail, &AuditLogFilter::default(), &page).await;
    list.map(|list| list.items.iter().filter_map(|entry| entry.uuid.clone()).collect())
        .unwrap_or_default()
}

/// Organization roles, of one organization with its custom ones.
async fn roles(make: &Make, organizations: &[Record<Organization>]) -> Vec<String> {
    let organization = match organizations {
        [only] => only.id,
        _ => None,
    };
    let asked = ListRoles { organization_id: organization, ..ListRoles::default() };
    let list = make.roles().list(&asked).await.unwrap_or_default();
    let of_organizations =
        list.iter().filter(|role| role.category.as_deref() == Some("organization"));
    of_organizations.filter_map(|role| role.name.clone()).collect()
}

/// E-mails of the people of the first few organizations.
async fn people(make: &Make, organizations: &[Record<Organization>]) -> Vec<String> {
    let mut found = Vec::new();
    for id in organizations.iter().filter_map(|one| one.id).take(3) {
        let asked = ListUsers {
            page: Page { limit: Some(500), ..Page::default() },
            ..ListUsers::of(Place::Organization(id), &["id", "email"])
        };
        if let Ok(list) = make.users().list(&asked).await {
            found.extend(list.items.iter().filter_map(|user| user.email.clone()));
        }
    }
    found
}
