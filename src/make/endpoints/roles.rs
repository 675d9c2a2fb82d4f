//! The role catalogue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize, Serializer};

use serde_json::{Map, Value, json};

use crate::make::{
    Error, Make, OrganizationId, Place, Record, Result, RoleId, TeamId, User, WritePermit,
    cache::CacheTtl,
};

/// The role catalogue.
#[derive(Debug)]
pub struct Roles<'a> {
    pub(super) make: &'a Make,
}

/// The level of a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum RoleCategory {
    /// For members of an organization.
    Organization,
    /// For members of a team.
    Team,
}

impl RoleCategory {
    fn as_str(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Team => "team",
        }
    }
}

/// A role. Ids differ between accounts; names of built-in roles do not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Role {
    /// The role.
    pub id: Option<RoleId>,
    /// Its name.
    pub name: Option<String>,
    /// Stable name of a built-in role; absent on custom roles.
    pub identifier: Option<String>,
    /// `organization` or `team`.
    pub category: Option<String>,
    /// `system_locked`, `admin_managed` or `custom_managed`.
    pub management_type: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Whether it may be given by people who are not administrators of the platform.
    pub subsidiary: Option<bool>,
    /// The organization of a custom role.
    pub organization_id: Option<OrganizationId>,
    /// What it allows, by name.
    pub permissions: Option<Vec<String>>,
}

/// A permission that roles can have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Permission {
    /// The permission; what custom roles are made of.
    pub id: Option<u64>,
    /// Its name.
    pub name: Option<String>,
    /// What it is about.
    pub category: Option<String>,
    /// `organization` or `team`.
    pub role_category: Option<String>,
    /// Names of permissions that it needs beside it.
    pub requires: Option<Vec<String>>,
}

/// A permission of a custom role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct PermissionRef {
    /// The permission.
    pub id: Option<u64>,
    /// Its name.
    pub name: Option<String>,
}

/// A custom role as the calls that change it answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CustomRole {
    /// The role.
    pub id: Option<RoleId>,
    /// Its name.
    pub name: Option<String>,
    /// `organization` or `team`.
    pub category: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// What it allows.
    pub permissions: Option<Vec<PermissionRef>>,
}

/// A new custom role.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CreateRole {
    /// The organization.
    #[schemars(example = 11)]
    pub organization_id: OrganizationId,
    /// Its name.
    #[schemars(length(min = 1, max = 50), example = &"Invoice reader")]
    pub name: String,
    /// For members of organizations or of teams.
    #[schemars(example = &"organization")]
    pub category: RoleCategory,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Ids of what it allows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(description = "Ids of what it allows, from make-list-permissions.")]
    pub permissions: Vec<u64>,
}

/// What to change in a custom role; absent fields stay.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UpdateRole {
    /// Its organization.
    #[schemars(example = 11)]
    pub organization_id: OrganizationId,
    /// New name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 50))]
    pub name: Option<String>,
    /// New description; empty removes it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "null_if_empty")]
    pub description: Option<String>,
    /// Ids of all that it allows from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        description = "Ids of all that it allows from then on, from make-list-permissions."
    )]
    pub permissions: Option<Vec<u64>>,
}

/// Make clears a description by null.
fn null_if_empty<S: Serializer>(
    text: &Option<String>,
    to: S,
) -> std::result::Result<S::Ok, S::Error> {
    text.as_ref().filter(|text| !text.is_empty()).serialize(to)
}

/// Which roles to list.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListRoles {
    /// Only organization roles or only team roles.
    pub category: Option<RoleCategory>,
    /// Also the custom roles of this organization.
    pub organization_id: Option<OrganizationId>,
    /// Also the custom roles of this team's organization.
    pub team_id: Option<TeamId>,
    /// Also what each role allows; long.
    #[serde(default)]
    pub include_permissions: bool,
}

impl Roles<'_> {
    /// Lists the roles that can be given.
    ///
    /// `GET /users/roles`. Not paged. Without columns Make sends id and name alone.
    pub async fn list(&self, asked: &ListRoles) -> Result<Vec<Record<Role>>> {
        const COLS: [&str; 7] =
            ["id", "name", "identifier", "subsidiary", "category", "description", "permissions"];
        let request = self.make.get(&[&"users", &"roles"]).cached(CacheTtl::Roles);
        let request = match asked.organization_id {
            Some(id) => request.quota_of(id),
            None => request,
        };
        let cols = &COLS[..if asked.include_permissions { COLS.len() } else { COLS.len() - 1 }];
        request
            .query_some("category", asked.category.map(RoleCategory::as_str))
            .cols(cols)
            .query_some("organizationId", asked.organization_id)
            .query_some("teamId", asked.team_id)
            .list("usersRoles")
            .await
            .map(|list| list.items)
    }

    /// Fetches one role with what it allows. 403 where the account has no custom roles.
    ///
    /// `GET /users/roles/{roleId}`.
    pub async fn get(&self, role: RoleId) -> Result<Record<Role>> {
        let request = self.make.get(&[&"users", &"roles", &role]);
        request.cached(CacheTtl::Roles).field("usersRole").await
    }

    /// Lists the permissions that roles can have.
    ///
    /// `GET /users/roles/permissions`. Not paged.
    pub async fn permissions(
        &self,
        category: Option<RoleCategory>,
    ) -> Result<Vec<Record<Permission>>> {
        let request = self.make.get(&[&"users", &"roles", &"permissions"]);
        request
            .cached(CacheTtl::Roles)
            .query_some("roleCategory", category.map(RoleCategory::as_str))
            .list("usersRolesPermissions")
            .await
            .map(|list| list.items)
    }

    /// Lists the people who hold a permission in an organization or a team.
    ///
    /// `GET /users/by-permission`. Not paged.
    pub async fn holders(
        &self,
        place: Place,
        permission: &str,
        cols: &[String],
    ) -> Result<Vec<Record<User>>> {
        let request = self.make.get(&[&"users", &"by-permission"]);
        // Make calls teams companies here.
        let request = match place {
            Place::Organization(id) => request
                .quota_of(id)
                .query("type", "organization")
                .query("permission", permission)
                .query("organizationId", id),
            Place::Team(id) => {
                request.query("type", "company").query("permission", permission).query("teamId", id)
            }
        };
        request.cols(cols).list("users").await.map(|list| list.items)
    }

    /// Creates a custom role. No member has it yet.
    ///
    /// `POST /users/custom-roles`. 403 without the license feature `customRoles`. Where Make asks for it, the category goes
    /// out under its older name, `permissionType`.
    pub async fn create(
        &self,
        permit: &WritePermit,
        new: &CreateRole,
    ) -> Result<Record<CustomRole>> {
        let send = |body: Value| {
            let request = self.make.post(permit, &[&"users", &"custom-roles"]);
            request.quota_of(new.organization_id).body(body).field("role")
        };
        let body = json!(new);
        match send(body.clone()).await {
            Err(error) if is_refused_for(&error, "permissionType") => {
                let Value::Object(mut fields) = body else { return Err(error) };
                let category = fields.remove("category");
                fields.insert("permissionType".to_owned(), category.into());
                send(fields.into()).await
            }
            answer => answer,
        }
    }

    /// Changes a custom role, for everybody who has it.
    ///
    /// `PATCH /users/custom-roles/{roleId}`; where Make does not know that, `PATCH /users/custom-roles`, its older form.
    pub async fn update(
        &self,
        permit: &WritePermit,
        role: RoleId,
        change: &UpdateRole,
    ) -> Result<Record<CustomRole>> {
        let quota = change.organization_id;
        let request = self.make.patch(permit, &[&"users", &"custom-roles", &role]);
        match request.quota_of(quota).body(json!(change)).field("role").await {
            Err(error) if is_form_unknown(&error) => {
                let request = self.make.patch(permit, &[&"users", &"custom-roles"]);
                let older = request.quota_of(quota).body(with_id(role, json!(change)));
                older.field("role").await.or(Err(error))
            }
            answer => answer,
        }
    }

    /// Deletes a custom role. Make refuses while anybody has it.
    ///
    /// `DELETE /users/custom-roles/{roleId}`, with a body; where Make does not know that, `DELETE /users/custom-roles`, its
    /// older form.
    pub async fn delete(
        &self,
        permit: &WritePermit,
        role: RoleId,
        organization: OrganizationId,
    ) -> Result<RoleId> {
        let body = json!({ "organizationId": organization });
        let request = self.make.delete(permit, &[&"users", &"custom-roles", &role]);
        match request.quota_of(organization).body(body.clone()).deleted("roleId", role).await {
            Err(error) if is_form_unknown(&error) => {
                let request = self.make.delete(permit, &[&"users", &"custom-roles"]);
                let older = request.quota_of(organization).body(with_id(role, body));
                older.deleted("roleId", role).await.or(Err(error))
            }
            answer => answer,
        }
    }
}

/// Whether Make refused a call for lack of that field.
fn is_refused_for(error: &Error, field: &str) -> bool {
    let Error::Refused(refusal) = error else { return false };
    refusal.status == 400 && refusal.to_string().contains(field)
}

/// Whether Make does not know the form with the role's id in the path. That is a refusal, so the other form may be tried.
fn is_form_unknown(error: &Error) -> bool {
    matches!(error, Error::Refused(refusal) if matches!(refusal.status, 404 | 405))
        || is_refused_for(error, "'id'")
}

fn with_id(role: RoleId, body: Value) -> Value {
    let mut fields = Map::from_iter([("id".to_owned(), json!(role))]);
    if let Value::Object(others) = body {
        fields.extend(others);
    }
    fields.into()
}
