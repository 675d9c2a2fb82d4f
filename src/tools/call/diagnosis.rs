//! Why Make refused a call, found out by comparing the refusal with what is known: scopes, role, plan, zone.

use serde_json::Value;

use super::target::Target;
use crate::{
    make::{ListRoles, Organization, Page, Record, TeamId},
    text::{quoted, visible},
    tools::registry::{Context, ErrorKind, Scopes, ToolError},
};

/// A call that Make refused.
pub(super) struct Diagnosis<'a> {
    pub(super) cx: &'a Context,
    pub(super) scopes: Scopes,
    pub(super) target: &'a Target,
}

impl Diagnosis<'_> {
    /// Adds to an error what is known about its cause. What cannot be read quickly is left out.
    pub(super) async fn explain(&self, error: ToolError) -> ToolError {
        if !error.refused_by_make {
            return error;
        }
        match error.status {
            Some(400) => self.values(error).await,
            Some(401 | 403) => self.scope_or_role(error).await,
            Some(402) => self.plan(error).await,
            Some(404) => self.zone_or_id(error).await,
            _ => error,
        }
    }

    /// The organization of the call, among those that the caller is in.
    async fn organization(&self) -> Option<Record<Organization>> {
        let id = self.target.organization?;
        let known = organizations(self.cx).await?;
        known.into_iter().find(|one| one.id == Some(id))
    }

    /// The valid values nearest to those that are none.
    async fn values(&self, error: ToolError) -> ToolError {
        let mut wrong = Vec::new();
        for (name, list, given) in self.target.listed.iter().copied() {
            let Ok(rows) = self.cx.make.enums().list(list).await else {
                continue;
            };
            let known = rows.iter().map(|row| {
                (row.get("id").and_then(Value::as_u64), row.get("name").and_then(Value::as_str))
            });
            if let Some(near) = nearest(given, known) {
                wrong.push(format!("`{name}` {given} is not a valid id; the nearest are {near}"));
            }
        }
        if wrong.is_empty() {
            error
        } else {
            error.with_hint(format!("{}; make-lookup has them all", wrong.join("; ")))
        }
    }

    async fn scope_or_role(&self, error: ToolError) -> ToolError {
        if let Some(zone) = self.elsewhere(organizations(self.cx).await.as_deref()) {
            return error.with_hint(zone);
        }
        if error.kind == ErrorKind::PlanRequired {
            return error;
        }
        let (Some(needed), Ok(authorization)) =
            (self.scopes.text(), self.cx.make.me().authorization().await)
        else {
            return error;
        };
        let granted = &authorization.scope;
        if !self.scopes.is_within(granted) {
            let message = format!("the credential lacks the scope {needed} ({})", error.message);
            let hint = format!(
                "use a token that has the scope {needed}; the one in use has: {}",
                visible(&granted.join(", "))
            );
            return ToolError { kind: ErrorKind::MissingScope, message, hint: Some(hint), ..error };
        }
        if error.kind != ErrorKind::Forbidden {
            return error;
        }
        let role = match self.organization().await {
            Some(organization) => self.own_role(&organization).await,
            None => None,
        };
        let role = role.unwrap_or_else(|| "the caller's role is too low".to_owned());
        error.with_hint(format!(
            "the credential has the scope {needed}, so {role}: ask an owner or admin"
        ))
    }

    /// What the caller is in an organization, as the middle of a sentence.
    async fn own_role(&self, organization: &Organization) -> Option<String> {
        let make = &self.cx.make;
        let id = organization.id?;
        let me = make.me().with_memberships().await.ok()?;
        let memberships = me.user_organization_roles.as_ref()?;
        let own = memberships.iter().find(|role| role.organization_id == Some(id))?.users_role_id;
        let asked = ListRoles { organization_id: Some(id), ..ListRoles::default() };
        let roles = make.roles().list(&asked).await.ok()?;
        let name = roles.iter().find(|role| role.id == own)?.name.clone()?;
        let organization = organization.name.as_deref().unwrap_or_default();
        Some(format!(
            "the caller, who is {} in {}, may not do this",
            quoted(&name),
            quoted(organization)
        ))
    }

    /// What the plan of the organization has, where it lacks something.
    async fn plan(&self, error: ToolError) -> ToolError {
        let Some(id) = self.target.organization else {
            return error;
        };
        let Ok(organization) = self.cx.make.organizations().get(id, &[], false).await else {
            return error;
        };
        let name = quoted(organization.name.as_deref().unwrap_or_default());
        let plan = organization.product_name.as_deref().map(quoted);
        let days =
            organization.license.as_ref().and_then(|license| license.audit_logs_days.as_ref());
        let days = days.map(|days| visible(&days.to_string()).into_owned());
        // Only what Make said is repeated.
        let known = match (plan, days) {
            (Some(plan), Some(days)) => format!(
                "{name} has the plan {plan}, which keeps audit logs for {days} days and lacks"
            ),
            (Some(plan), None) => format!("{name} has the plan {plan}, which lacks"),
            (None, Some(days)) => {
                format!("the plan of {name} keeps audit logs for {days} days and lacks")
            }
            (None, None) => return error,
        };
        error.with_hint(format!(
            "{known} what was asked: choose another organization or upgrade the plan"
        ))
    }

    async fn zone_or_id(&self, error: ToolError) -> ToolError {
        let Some(known) = organizations(self.cx).await else {
            return error;
        };
        if let Some(zone) = self.elsewhere(Some(&known)) {
            return error.with_hint(zone);
        }
        if let Some(id) = self.target.organization {
            let own = known.iter().map(|one| (one.id.map(|id| id.0), one.name.as_deref()));
            return match nearest(id.0, own) {
                Some(near) => error
                    .with_hint(format!("the caller is in no organization {id}; there are: {near}")),
                None => error,
            };
        }
        let Some(TeamId(team)) = self.target.team else {
            return error;
        };
        let teams = known.iter().flat_map(|one| one.teams.iter().flatten());
        let teams = teams.map(|team| (team.id.map(|id| id.0), team.name.as_deref()));
        match nearest(team, teams) {
            Some(near) => {
                error.with_hint(format!("the caller sees no team {team}; there are: {near}"))
            }
            None => error,
        }
    }

    /// In which zone the organization is, if that is another one, and how to reach it.
    fn elsewhere(&self, known: Option<&[Record<Organization>]>) -> Option<String> {
        let (id, known) = (self.target.organization?, known?);
        let here = &self.cx.account.zone;
        // Behind a proxy the address says nothing about zones.
        let is_zone = here.ends_with(".make.com")
            || here.ends_with(".make.celonis.com")
            || known.iter().any(|one| one.zone.as_deref() == Some(here));
        let organization = known.iter().find(|one| one.id == Some(id))?;
        let zone = organization.zone.as_deref()?;
        if zone.is_empty() || zone == here || !is_zone {
            return None;
        }
        Some(format!(
            "{} lives in the zone {}, and this server calls {here}: start another one with --zone \
             {} and a token of that zone",
            quoted(organization.name.as_deref().unwrap_or_default()),
            quoted(zone),
            visible(zone)
        ))
    }
}

/// The organizations that the caller is in and may work with, of every zone; None where that cannot be told.
async fn organizations(cx: &Context) -> Option<Vec<Record<Organization>>> {
    let cols = ["id", "name", "zone", "teams"].map(str::to_owned);
    let page = Page { limit: Some(500), ..Page::default() };
    let list = cx.make.organizations().list(None, &cols, &page).await.ok()?;
    let mut known = list.items;
    known.retain(|one| cx.account.may_work_with(one.id));
    Some(known)
}

/// Up to five ids with names, the nearest first; None if the wanted one is among them or there are none.
fn nearest<'a>(
    wanted: u64,
    known: impl Iterator<Item = (Option<u64>, Option<&'a str>)>,
) -> Option<String> {
    let mut known: Vec<_> = known.filter_map(|(id, name)| Some((id?, name?))).collect();
    if known.is_empty() || known.iter().any(|(id, _)| *id == wanted) {
        return None;
    }
    known.sort_by_key(|(id, _)| id.abs_diff(wanted));
    let shown: Vec<_> =
        known.iter().take(5).map(|(id, name)| format!("{id} {}", quoted(name))).collect();
    Some(shown.join(", "))
}
