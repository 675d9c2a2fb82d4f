//! The organizations that a profile may work with: calls about another, or about a team of another, are refused.

use serde_json::{Map, Value};

use crate::{
    guard::Refused,
    make::{OrganizationId, TeamId},
    tools::{
        lookup::organizations,
        registry::{AccountEnv, Context, ToolError},
    },
};

impl AccountEnv {
    /// Whether an organization may be worked with.
    pub(crate) fn may_work_with(&self, id: Option<OrganizationId>) -> bool {
        match &self.organizations {
            None => true,
            Some(allowed) => id.is_some_and(|id| allowed.contains(&id.0)),
        }
    }
}

/// Refuses arguments that name an organization or team beyond the fence.
pub(crate) async fn within(cx: &Context, arguments: &Map<String, Value>) -> Result<(), ToolError> {
    if cx.account.organizations.is_none() {
        return Ok(());
    }
    let id = |name: &str| arguments.get(name).and_then(Value::as_u64);
    for name in ["organizationId", "childOrganizationId"] {
        if let Some(id) = id(name).map(OrganizationId)
            && !cx.account.may_work_with(Some(id))
        {
            return Err(beyond(&format!("organization {id}")).into());
        }
    }
    if let Some(id) = id("teamId").map(TeamId) {
        let team = organizations::team(cx, id).await?;
        if !cx.account.may_work_with(team.organization_id) {
            return Err(beyond(&format!("team {id}, which is in another organization")).into());
        }
    }
    Ok(())
}

fn beyond(what: &str) -> Refused {
    Refused::new(
        format!("this profile may not work with {what} (`organizations` in profiles.toml)"),
        "make-list-orgs shows those it may work with; only the person who starts the server can \
         add one",
    )
}
