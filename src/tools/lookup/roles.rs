//! Roles as a plan needs them: by name, with what they allow, and whether they give power over people.

use serde_json::{Value, json};

use super::require;
use crate::{
    make::{Error, ListRoles, Make, OrganizationId, Record, Role, RoleId},
    text::{quoted, visible},
    tools::registry::{Context, Scopes, ToolError},
};

/// A permission that raises the confirmation of a change that gives it.
struct Power {
    permission: &'static str,
    /// What one can then do, as the end of a sentence.
    allows: &'static str,
    /// Whether it is power over people; the others are over money, all teams, or the organization itself.
    over_people: bool,
}

const fn power(permission: &'static str, allows: &'static str, over_people: bool) -> Power {
    Power { permission, allows, over_people }
}

/// The permissions of which misuse harms others, each with the reason.
const POWERS: [Power; 8] = [
    power("organization user add and edit", "invite, remove and change other members", true),
    power("team user add and edit", "add and change other members of the team", true),
    power(
        "organization custom roles edit",
        "change what custom roles allow to all who have them",
        true,
    ),
    power("access all teams", "reach every team and all that is in it", false),
    power("organization delete", "delete the organization with all that is in it", false),
    power("organization edit", "change the organization and its security settings", false),
    power("payment edit", "change what is paid and how", false),
    power("team delete", "delete teams with all that is in them", false),
];

/// Built-in roles that have power over people.
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

    /// The built-in role of a plain member of organizations or of teams.
    pub(crate) fn plain_member(&self, category: Option<&str>) -> Option<&Role> {
        let name = if category == Some("team") { "Team Member" } else { "Member" };
        self.iter().find(|role| role.name.as_deref() == Some(name) && role.identifier.is_some())
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
    has_power(role, |power| power.over_people)
}

/// Whether giving a role needs the stronger confirmation.
pub(crate) fn is_powerful(role: &Role) -> bool {
    has_power(role, |_| true)
}

fn has_power(role: &Role, counts: impl Fn(&Power) -> bool) -> bool {
    let named = role.name.as_deref().is_some_and(|name| MANAGERS.contains(&name));
    match &role.permissions {
        Some(permissions) => {
            let mut powers = POWERS.iter().filter(|power| counts(power));
            named || powers.any(|power| permissions.iter().any(|one| one == power.permission))
        }
        None => named || role.identifier.is_none(),
    }
}

/// What a person can do with a role and could not do before, in sentences: each power by itself, what a custom role adds
/// to the plain member of its level, and what else is different. Where Make does not say what a role allows, that is
/// said.
pub(crate) fn consequences(
    catalog: &RoleCatalog,
    before: Option<&Role>,
    role: &Role,
) -> Vec<String> {
    let Some(permissions) = &role.permissions else {
        let sentence = match is_powerful(role) {
            true => "What the role allows cannot be seen; it may be anything.",
            false => return Vec::new(),
        };
        return vec![sentence.to_owned()];
    };
    let had = |permission: &str| {
        let own = before.and_then(|role| role.permissions.as_ref());
        own.is_some_and(|own| own.iter().any(|one| one == permission))
    };
    let gained = POWERS.iter().filter(|power| {
        permissions.iter().any(|one| one == power.permission) && !had(power.permission)
    });
    let mut sentences: Vec<_> =
        gained.map(|power| format!("The person can then {}.", power.allows)).collect();
    sentences.extend(added_by_custom(catalog, role));
    sentences.extend(difference(before, role));
    sentences
}

/// What a custom role allows beyond the plain member of its level.
pub(crate) fn added_by_custom(catalog: &RoleCatalog, role: &Role) -> Option<String> {
    let permissions = role.permissions.as_ref().filter(|_| role.identifier.is_none())?;
    let base = catalog.plain_member(role.category.as_deref())?;
    let added: Vec<_> = permissions
        .iter()
        .filter(|one| !base.permissions.iter().flatten().any(|plain| plain == *one))
        .map(|one| visible(one).into_owned())
        .collect();
    let added = if added.is_empty() { "nothing".to_owned() } else { added.join(", ") };
    Some(format!(
        "Beyond the built-in role {} it allows: {added}.",
        quoted(base.name.as_deref().unwrap_or_default())
    ))
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
