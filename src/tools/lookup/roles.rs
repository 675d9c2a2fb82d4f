//! Roles as a plan needs them: by name, with what they allow, and whether they give power over people.

use serde_json::{Value, json};

use super::require;
use crate::{
    make::{Error, ListRoles, Make, OrganizationId, Record, Role, RoleId},
    text::{quoted, visible},
    tools::registry::{Context, Scopes, ToolError},
};

/// Permissions that give power over people.
const MANAGING: [&str; 2] = ["organization user add and edit", "team user add and edit"];
/// Built-in roles that have it.
const MANAGERS: [&str; 3] = ["Owner", "Admin", "Team Admin"];

/// The roles that can be given in an organization, with what they allow.
pub(crate) struct RoleCatalog(Vec<Record<Role>>);

impl RoleCatalog {
    /// Those of an organization, with its custom roles; without one, those that every account has. For a plan.
    pub(crate) async fn of(
        cx: &Context,
        organization: Option<OrganizationId>,
    ) -> Result<Self, ToolError> {
        require(Self::read(&cx.make, organization).await, "the roles", Scopes::all(&["user:read"]))
    }

    /// Reads the roles for a tool that only reads.
    pub(crate) async fn read(
        make: &Make,
        organization: Option<OrganizationId>,
    ) -> Result<Self, Error> {
        let asked = ListRoles {
            organization_id: organization,
            include_permissions: true,
            ..ListRoles::default()
        };
        make.roles().list(&asked).await.map(Self)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Role> {
        self.0.iter().map(|role| &**role)
    }

    /// The role, if it is one of them.
    pub(crate) fn get(&self, id: Option<RoleId>) -> Option<&Role> {
        self.iter().find(|role| id.is_some() && role.id == id)
    }

    /// The name of a role, quoted.
    pub(crate) fn name(&self, id: Option<RoleId>) -> String {
        let name = self.get(id).and_then(|role| role.name.as_deref());
        match (name, id) {
            (Some(name), _) => quoted(name),
            (None, Some(id)) => format!("{id}, which is in no list"),
            (None, None) => "none".to_owned(),
        }
    }

    /// Id and name of a role, as data.
    pub(crate) fn shown(&self, id: Option<RoleId>) -> Value {
        json!({ "id": id, "name": self.get(id).and_then(|role| role.name.clone()) })
    }

    /// The organization role of that id, or an error that lists those there are.
    pub(crate) fn organization_role(&self, id: RoleId) -> Result<&Role, ToolError> {
        self.of_category(id, "organization")
    }

    /// The team role of that id, or an error that lists those there are.
    pub(crate) fn team_role(&self, id: RoleId) -> Result<&Role, ToolError> {
        self.of_category(id, "team")
    }

    fn of_category(&self, id: RoleId, wanted: &str) -> Result<&Role, ToolError> {
        let fits =
            |role: &&Role| role.category.as_deref().is_none_or(|category| category == wanted);
        if let Some(role) = self.get(Some(id)).filter(fits) {
            return Ok(role);
        }
        let valid: Vec<_> = self
            .iter()
            .filter(fits)
            .filter_map(|role| Some(format!("{} {}", role.id?, quoted(role.name.as_deref()?))))
            .collect();
        Err(ToolError::arguments(format!(
            "`usersRoleId` {id} is not a valid {wanted} role here; there are: {}",
            valid.join(", ")
        )))
    }

    /// Whether it is the role of the one owner. Ids differ between accounts, so it is known by name.
    pub(crate) fn is_owner(&self, id: Option<RoleId>) -> bool {
        self.get(id).is_some_and(|role| {
            role.name.as_deref() == Some("Owner")
                && role.management_type.as_deref() != Some("custom_managed")
                && role.organization_id.is_none()
        })
    }
}

/// Whether a role can manage people. What a role of unknown permissions can do is taken for the worst.
pub(crate) fn manages_people(role: &Role) -> bool {
    let named = role.name.as_deref().is_some_and(|name| MANAGERS.contains(&name));
    match &role.permissions {
        Some(permissions) => {
            named || permissions.iter().any(|one| MANAGING.contains(&one.as_str()))
        }
        None => named || role.identifier.is_none(),
    }
}

/// One sentence about what a change of roles gives and takes; none where Make does not say.
pub(crate) fn difference(before: Option<&Role>, after: &Role) -> Vec<String> {
    let (Some(was), Some(is)) =
        (before.and_then(|role| role.permissions.as_ref()), &after.permissions)
    else {
        return Vec::new();
    };
    let beyond = |some: &[String], others: &[String]| -> Vec<String> {
        some.iter()
            .filter(|one| !others.contains(one))
            .map(|one| visible(one).into_owned())
            .collect()
    };
    [("May from then on", beyond(is, was)), ("May no longer", beyond(was, is))]
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(what, list)| format!("{what}: {}.", list.join(", ")))
        .collect()
}
