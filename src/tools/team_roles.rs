//! Tools about who is what in a team.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    lookup::{roles, roles::RoleCatalog},
    registry::{
        Context, ErrorKind, Scopes, Tool, ToolError, ToolSpec, Toolset, Write,
        paging::{PageInfo, Paging},
    },
};
use crate::{
    guard::{Guard, Plan, Refused},
    make::{OrganizationId, Record, RoleId, SortDir, TeamId, UserId, UserTeamRole, WritePermit},
    text::quoted,
    tools::lookup::{
        organizations, people, people::PersonRef, require, team_admins::without_admin,
    },
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListTeamMembers {
    /// The team.
    #[schemars(example = 22)]
    team_id: TeamId,
    /// Columns; `*` for all.
    #[serde(default)]
    cols: Vec<String>,
    #[serde(flatten)]
    paging: Paging,
    /// Column to sort by.
    sort_by: Option<String>,
    /// Direction.
    sort_dir: Option<SortDir>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TeamRoleList {
    /// Who has which role; `changeable` is false where it follows from an organization role.
    user_team_roles: Vec<Record<UserTeamRole>>,
    page: PageInfo,
}

pub(crate) fn list_team_members() -> Tool {
    ToolSpec {
        name: "make-list-team-members",
        title: "List the members of a team",
        description: "Lists who has which role in a team, as ids. Names and e-mails are in \
            make-list-users with teamId; for an organization use make-list-members.",
        toolset: Toolset::Teams,
        scopes: Scopes::all(&["teams:read"]),
        example: json!({ "teamId": 22 }),
    }
    .reads(async |cx: Context, args: ListTeamMembers| {
        let page = args.paging.page(args.sort_by, args.sort_dir);
        let list = cx.make.team_roles().members(args.team_id, &args.cols, &page).await?;
        let (user_team_roles, page) = args.paging.paged(list);
        Ok(TeamRoleList { user_team_roles, page })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListUserTeamRoles {
    /// The person; the caller if left out.
    user_id: Option<UserId>,
    #[serde(flatten)]
    paging: Paging,
}

pub(crate) fn list_user_team_roles() -> Tool {
    ToolSpec {
        name: "make-list-user-team-roles",
        title: "List a person's teams",
        description: "Lists the teams of one person and the role in each, as ids. For one team use \
            make-get-user-team-role, for organizations make-list-user-roles.",
        toolset: Toolset::Teams,
        scopes: Scopes::all(&["user:read"]),
        example: json!({ "userId": 41 }),
    }
    .reads(async |cx: Context, args: ListUserTeamRoles| {
        let user = match args.user_id {
            Some(id) => id,
            None => cx.make.me().id().await?,
        };
        let (user_team_roles, page) = args.paging.cut(cx.make.team_roles().of_user(user).await?);
        Ok(TeamRoleList { user_team_roles, page })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GetUserTeamRole {
    /// The person.
    #[schemars(example = 41)]
    user_id: UserId,
    /// The team.
    #[schemars(example = 22)]
    team_id: TeamId,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TeamRole {
    /// The role in the team.
    user_team_role: Record<UserTeamRole>,
}

pub(crate) fn get_user_team_role() -> Tool {
    ToolSpec {
        name: "make-get-user-team-role",
        title: "Get a person's role in a team",
        description: "Gets the role of one person in one team. For all teams of the person use \
            make-list-user-team-roles.",
        toolset: Toolset::Teams,
        scopes: Scopes::all(&["user:read"]),
        example: json!({ "userId": 41, "teamId": 22 }),
    }
    .reads(async |cx: Context, args: GetUserTeamRole| {
        Ok(TeamRole { user_team_role: cx.make.team_roles().get(args.user_id, args.team_id).await? })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UpdateUserTeamRole {
    /// The person.
    #[schemars(example = 2)]
    user_id: UserId,
    /// The team.
    #[schemars(example = 22)]
    team_id: TeamId,
    /// The new team role, from make-list-roles.
    #[schemars(example = 4)]
    users_role_id: RoleId,
}

pub(crate) fn update_user_team_role() -> Tool {
    ToolSpec {
        name: "make-update-user-team-role",
        title: "Change a person's role in a team",
        description: "Gives a member of the organization a role in a team, which also adds them to \
            the team. For the organization role use make-update-user-role.",
        toolset: Toolset::Teams,
        scopes: Scopes::all(&["user:write"]),
        example: json!({ "userId": 2, "teamId": 22, "usersRoleId": 4 }),
    }
    .guarded(
        Write::Update,
        Guard::G1,
        async |cx: Context, args: UpdateUserTeamRole| plan_role(&cx, &args).await,
        async |cx: Context, args: UpdateUserTeamRole, permit: WritePermit| {
            let roles = cx.make.team_roles();
            Ok(TeamRole {
                user_team_role: roles
                    .set(&permit, args.user_id, args.team_id, args.users_role_id)
                    .await?,
            })
        },
    )
}

/// A member of a team as a plan sees them.
struct TeamMemberUnderChange {
    organization: OrganizationId,
    organization_name: String,
    team: String,
    roles: RoleCatalog,
    /// The present membership in the team; None outside of it.
    present: Option<Option<RoleId>>,
    person: PersonRef,
}

impl TeamMemberUnderChange {
    /// Looks them up, and refuses the caller and the owner.
    async fn of(cx: &Context, args: &UpdateUserTeamRole) -> Result<Self, ToolError> {
        if cx.make.me().id().await? == args.user_id {
            return Err(Refused::new(
                "the caller is never given another role by this server: it could lock itself out",
                "another team admin can do it, or the person on Make's own pages",
            )
            .into());
        }
        let team = organizations::team(cx, args.team_id).await?;
        let unknown = "Make did not say which organization the team belongs to";
        let organization = team
            .organization_id
            .ok_or_else(|| ToolError::new(ErrorKind::UnexpectedResponse, unknown))?;
        let own_roles = cx.make.team_roles();
        let (roles, organization_name, membership, present) = tokio::try_join!(
            RoleCatalog::of(cx, Some(organization)),
            organizations::organization(cx, organization),
            people::membership(cx, args.user_id, organization),
            async {
                match own_roles.get(args.user_id, args.team_id).await {
                    Err(error) if error.status() == Some(404) => Ok(None),
                    found => {
                        let scopes = Scopes::all(&["user:read"]);
                        require(found, "the person's present role", scopes).map(Some)
                    }
                }
            },
        )?;
        if roles.is_owner(membership.users_role_id) {
            return Err(Refused::new(
                "the owner of an organization is never given another role in a team: owners reach \
                 every team",
                "transfer the ownership first, with make-transfer-ownership",
            )
            .into());
        }
        Ok(Self {
            organization,
            organization_name,
            team: team.name.clone().unwrap_or_else(|| format!("team {}", args.team_id)),
            roles,
            present: present.and_then(|present| {
                (present.changeable != Some(false)).then_some(present.users_role_id).or(Some(None))
            }),
            person: people::person(cx, args.user_id, organization, None).await?,
        })
    }

    fn summary(&self, role: RoleId) -> String {
        let place = format!(
            "the team {} of the organization {}",
            quoted(&self.team),
            quoted(&self.organization_name)
        );
        let (person, new) = (self.person.quoted(), self.roles.name(Some(role)));
        match self.present {
            None => format!("Add {person} to {place} as {new}."),
            Some(old) => format!(
                "Change the role of {person} in {place} from {} to {new}.",
                self.roles.name(old)
            ),
        }
    }
}

async fn plan_role(cx: &Context, args: &UpdateUserTeamRole) -> Result<Plan, ToolError> {
    let member = TeamMemberUnderChange::of(cx, args).await?;
    let roles = &member.roles;
    let role = roles.team_role(args.users_role_id)?;
    cx.account.control.policy.team_role(role, member.organization, roles.iter())?;
    let before = json!({
        "organization": member.organization_name, "team": member.team,
        "person": member.person.shown(),
        "role": member.present.map_or(Value::Null, |role| roles.shown(role)),
    });
    let present = roles.get(member.present.flatten());
    let plan = Plan::new(&member.person.typed(), member.summary(args.users_role_id))
        .changes(before, json!({ "role": roles.shown(Some(args.users_role_id)) }))
        .raised_if(roles::is_powerful(role))
        .with_side_effects(roles::consequences(roles, present, role));
    if present.is_some_and(roles::manages_people) && !roles::manages_people(role) {
        let left = without_admin(cx, args.user_id, (args.team_id, &member.team), roles).await?;
        return Ok(plan.with_side_effects(left));
    }
    Ok(plan)
}
