//! Tools about people.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::registry::{
    Context, Scopes, Tool, ToolError, ToolSpec, Toolset, Write,
    arguments::{place, some_change},
    paging::{PageInfo, Paging},
};
use crate::make::{
    ListUsers, OrganizationId, Record, RoleId, SortDir, TeamId, UpdateUser, User, WritePermit,
};

#[derive(Serialize, JsonSchema)]
struct UpdatedUser {
    /// The whole profile after the change.
    user: Record<User>,
}

pub(crate) fn update_user() -> Tool {
    ToolSpec {
        name: "make-update-user",
        title: "Update my profile",
        description: "Changes the caller's own profile: name, language, time zone, locale, \
            country. Other people's profiles cannot be changed.",
        toolset: Toolset::Account,
        scopes: Scopes::all(&["user:write"]),
        example: json!({ "timezoneId": 113 }),
    }
    .writes(Write::Update, async |cx: Context, args: UpdateUser, permit: WritePermit| {
        some_change(&[
            ("name", args.name.is_some()),
            ("language", args.language.is_some()),
            ("timezoneId", args.timezone_id.is_some()),
            ("localeId", args.locale_id.is_some()),
            ("countryId", args.country_id.is_some()),
        ])?;
        let id = cx.make.me().id().await?;
        Ok(UpdatedUser { user: cx.make.users().update(&permit, id, &args).await? })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListUsersArguments {
    /// People of this organization. Give this or teamId.
    #[schemars(example = 11)]
    organization_id: Option<OrganizationId>,
    /// People of this team.
    #[schemars(example = 22)]
    team_id: Option<TeamId>,
    /// Only with this name.
    name: Option<String>,
    /// Only with this address.
    email: Option<String>,
    /// Only with this role; needs organizationId.
    organization_role_id: Option<RoleId>,
    /// Only with this role; needs teamId.
    team_role_id: Option<RoleId>,
    /// Columns, e.g. name, lastLogin, tfaStatus; `*` for all.
    #[serde(default)]
    cols: Vec<String>,
    #[serde(flatten)]
    paging: Paging,
    /// Column to sort by.
    sort_by: Option<UserColumn>,
    /// Direction.
    sort_dir: Option<SortDir>,
}

#[derive(Clone, Copy, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
enum UserColumn {
    Name,
    Id,
    Email,
}

impl UserColumn {
    fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Id => "id",
            Self::Email => "email",
        }
    }
}

#[derive(Serialize, JsonSchema)]
struct UserList {
    /// The people.
    users: Vec<Record<User>>,
    page: PageInfo,
}

pub(crate) fn list_users() -> Tool {
    ToolSpec {
        name: "make-list-users",
        title: "List people",
        description: "Lists the people of an organization or a team with name, e-mail, last login \
            and two-factor state; the caller is make-get-user. It has no roles: use \
            make-list-members. For one permission use make-list-users-by-permission.",
        toolset: Toolset::Users,
        scopes: Scopes::all(&["user:read"]),
        example: json!({ "organizationId": 11, "limit": 5 }),
    }
    .reads(async |cx: Context, args: ListUsersArguments| {
        let place = place(args.organization_id, args.team_id)?;
        if args.organization_role_id.is_some() && args.organization_id.is_none() {
            return Err(ToolError::arguments("`organizationRoleId` needs `organizationId`"));
        }
        if args.team_role_id.is_some() && args.team_id.is_none() {
            return Err(ToolError::arguments("`teamRoleId` needs `teamId`"));
        }
        let asked = ListUsers {
            place,
            name: args.name,
            email: args.email,
            organization_role: args.organization_role_id,
            team_role: args.team_role_id,
            cols: args.cols,
            page: args
                .paging
                .page(args.sort_by.map(|column| column.as_str().to_owned()), args.sort_dir),
        };
        let (users, page) = args.paging.paged(cx.make.users().list(&asked).await?);
        Ok(UserList { users, page })
    })
}
