//! Tools that change organization memberships: role, removal, ownership.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::MembershipArguments;
use crate::{
    guard::{Guard, Plan, Refused},
    make::{OrganizationId, Record, RoleId, UserId, UserOrganizationRole, WritePermit},
    text::quoted,
    tools::{
        lookup::{
            organizations, people, people::PersonRef, roles, roles::RoleCatalog,
            team_admins::left_without_admin,
        },
        registry::{Context, Scopes, Tool, ToolError, ToolSpec, Toolset, Write},
    },
};

/// A member as a plan sees it.
struct MemberUnderChange {
    caller: UserId,
    organization: String,
    roles: RoleCatalog,
    membership: Record<UserOrganizationRole>,
    person: PersonRef,
}

impl MemberUnderChange {
    async fn of(
        cx: &Context,
        user: UserId,
        organization: OrganizationId,
    ) -> Result<Self, ToolError> {
        let (caller, name, roles, membership) = tokio::try_join!(
            async { Ok(cx.make.me().id().await?) },
            organizations::organization(cx, organization),
            RoleCatalog::of(cx, Some(organization)),
            people::membership(cx, user, organization),
        )?;
        let person = people::person(cx, user, organization, membership.users_role_id).await?;
        Ok(Self { caller, organization: name, roles, membership, person })
    }

    /// Refuses to remove or demote the owner or the caller.
    fn may_be(&self, user: UserId, changed: &str) -> Result<(), ToolError> {
        if user == self.caller {
            return Err(Refused::new(
                format!("the caller is never {changed} by this server: it could lock itself out"),
                "another owner or admin can do it, or the person on Make's own pages",
            )
            .into());
        }
        if self.roles.is_owner(self.membership.users_role_id) {
            return Err(Refused::new(
                format!("the owner of an organization is never {changed}"),
                "transfer the ownership first, with make-transfer-ownership",
            )
            .into());
        }
        // Whose role is in no list might be the owner.
        if self.membership.users_role_id.is_some()
            && self.roles.get(self.membership.users_role_id).is_none()
        {
            return Err(Refused::new(
                "the person's present role is in no list that the caller can see, so they might be \
                 the owner",
                "use a token with the scope `user:read`, of an owner or admin of the organization",
            )
            .into());
        }
        Ok(())
    }

    fn before(&self) -> Value {
        json!({
            "organization": self.organization,
            "person": self.person.shown(),
            "role": self.roles.shown(self.membership.users_role_id),
            "invitation": self.membership.invitation,
        })
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct UpdateUserRole {
    /// The person.
    #[schemars(example = 41)]
    user_id: UserId,
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// The new organization role, from make-list-roles.
    #[schemars(example = 13)]
    users_role_id: RoleId,
}

pub(crate) fn update_user_role() -> Tool {
    ToolSpec {
        name: "make-update-user-role",
        title: "Change a person's role in an organization",
        description: "Gives a member of an organization another organization role at once; for a \
            team use make-update-user-team-role. Ownership moves with make-transfer-ownership, \
            removal is make-remove-user.",
        toolset: Toolset::Users,
        scopes: Scopes::all(&["user:write"]),
        example: json!({ "userId": 2, "organizationId": 11, "usersRoleId": 14 }),
    }
    .guarded(
        Write::Update,
        Guard::G1,
        async |cx: Context, args: UpdateUserRole| {
            let member = MemberUnderChange::of(&cx, args.user_id, args.organization_id).await?;
            plan_role(&cx, &args, &member)
        },
        async |cx: Context, args: UpdateUserRole, permit: WritePermit| {
            let roles = cx.make.organization_roles();
            let user_organization_role =
                roles.set(&permit, args.user_id, args.organization_id, args.users_role_id).await?;
            Ok(MembershipArguments { user_organization_role })
        },
    )
    .with_aliases(&[("newRoleId", "usersRoleId")])
}

fn plan_role(
    cx: &Context,
    args: &UpdateUserRole,
    member: &MemberUnderChange,
) -> Result<Plan, ToolError> {
    let roles = &member.roles;
    if roles.is_owner(Some(args.users_role_id)) {
        return Err(Refused::new(
            "the Owner role cannot be given: an organization has exactly one owner",
            "transfer the ownership with make-transfer-ownership",
        )
        .into());
    }
    member.may_be(args.user_id, "given another role")?;
    let role = roles.organization_role(args.users_role_id)?;
    cx.account.control.policy.role(role, args.organization_id, roles.iter())?;
    let present = roles.get(member.membership.users_role_id);
    let summary = format!(
        "Change the role of {} in the organization {} from {} to {}.",
        member.person.quoted(),
        quoted(&member.organization),
        roles.name(member.membership.users_role_id),
        roles.name(Some(args.users_role_id)),
    );
    Ok(Plan::new(&member.person.typed(), summary)
        .changes(member.before(), json!({ "role": roles.shown(Some(args.users_role_id)) }))
        .raised_if(roles::is_powerful(role))
        .with_side_effects(roles::consequences(roles, present, role)))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct RemoveUser {
    /// The person.
    #[schemars(example = 2)]
    user_id: UserId,
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Also delete the connections that the person owns there; scenarios that use them stop working.
    #[serde(default)]
    delete_connections: bool,
}

pub(crate) fn remove_user() -> Tool {
    ToolSpec {
        name: "make-remove-user",
        title: "Remove a person from an organization",
        description: "Removes a member, or withdraws an invitation, from an organization and all \
            its teams at once. The person can only come back by a new invitation.",
        toolset: Toolset::Users,
        scopes: Scopes::all(&["user:write"]),
        example: json!({ "userId": 2, "organizationId": 11 }),
    }
    .guarded(
        Write::Delete,
        Guard::G2,
        async |cx: Context, args: RemoveUser| {
            let member = MemberUnderChange::of(&cx, args.user_id, args.organization_id).await?;
            member.may_be(args.user_id, "removed")?;
            let left = left_without_admin(&cx, args.user_id, args.organization_id, &member.roles);
            Ok(plan_removal(&args, &member).with_side_effects(left.await?))
        },
        async |cx: Context, args: RemoveUser, permit: WritePermit| {
            let roles = cx.make.organization_roles();
            let user_organization_role = roles
                .remove(&permit, args.user_id, args.organization_id, args.delete_connections)
                .await?;
            Ok(MembershipArguments { user_organization_role })
        },
    )
}

fn plan_removal(args: &RemoveUser, member: &MemberUnderChange) -> Plan {
    let (who, organization) = (member.person.quoted(), quoted(&member.organization));
    let role = member.roles.name(member.membership.users_role_id);
    let summary = match member.membership.invitation.as_deref() {
        Some(state) => format!(
            "Withdraw the {} invitation of {who} to the organization {organization} as {role}.",
            quoted(state)
        ),
        None => format!("Remove {who}, who is {role}, from the organization {organization}."),
    };
    let mut before = member.before();
    before["teams"] = json!(member.membership.joined_teams_count);
    let teams = match member.membership.joined_teams_count {
        Some(0) => String::new(),
        Some(1) => " and 1 team".to_owned(),
        Some(count) => format!(" and {count} teams"),
        None => " and all its teams".to_owned(),
    };
    let plan = Plan::new(&member.person.typed(), summary)
        .changes(before, json!({ "role": null }))
        .with_side_effect(format!(
            "The person loses access to the organization{teams} at once, and can only come back by \
             a new invitation."
        ));
    if args.delete_connections {
        plan.with_side_effect(
            "Connections that the person owns there are deleted; scenarios that use them stop \
             working.",
        )
    } else {
        plan
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct TransferOwnership {
    /// The member who becomes the owner.
    #[schemars(example = 2)]
    user_id: UserId,
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Transferred {
    /// The new owner's membership, then the former owner's.
    user_organization_roles: Vec<Record<UserOrganizationRole>>,
}

pub(crate) fn transfer_ownership() -> Tool {
    ToolSpec {
        name: "make-transfer-ownership",
        title: "Transfer the ownership of an organization",
        description: "Makes another member the owner of an organization. The caller, who must be \
            the owner, becomes an admin and cannot undo this.",
        toolset: Toolset::Users,
        scopes: Scopes::all(&["user:write"]),
        example: json!({ "userId": 2, "organizationId": 11 }),
    }
    .guarded(
        Write::Update,
        Guard::G2,
        async |cx: Context, args: TransferOwnership| {
            let member = MemberUnderChange::of(&cx, args.user_id, args.organization_id).await?;
            let own = people::membership(&cx, member.caller, args.organization_id).await?;
            plan_transfer(&cx, args.organization_id, &member, own.users_role_id)
        },
        async |cx: Context, args: TransferOwnership, permit: WritePermit| {
            let roles = cx.make.organization_roles();
            let user_organization_roles =
                roles.transfer(&permit, args.user_id, args.organization_id).await?;
            Ok(Transferred { user_organization_roles })
        },
    )
}

fn plan_transfer(
    cx: &Context,
    organization: OrganizationId,
    member: &MemberUnderChange,
    own: Option<RoleId>,
) -> Result<Plan, ToolError> {
    let roles = &member.roles;
    if !roles.is_owner(own) {
        return Err(Refused::new(
            format!(
                "only the owner of {} can transfer it, and the caller is {}",
                quoted(&member.organization),
                roles.name(own)
            ),
            "the owner must do it, with a token of their own",
        )
        .into());
    }
    if member.person.id == Some(member.caller) {
        return Err(ToolError::arguments("`userId` is the caller, who is the owner already"));
    }
    if let Some(state) = &member.membership.invitation {
        return Err(Refused::new(
            format!(
                "{} is no active member yet: the invitation is {}",
                member.person.quoted(),
                quoted(state)
            ),
            "wait until the invitation is accepted",
        )
        .into());
    }
    if let Some(owner) = roles.get(own) {
        cx.account.control.policy.role(owner, organization, roles.iter())?;
    }
    let summary = format!(
        "Make {}, who is {}, the owner of the organization {}.",
        member.person.quoted(),
        roles.name(member.membership.users_role_id),
        quoted(&member.organization)
    );
    let mut before = member.before();
    before["callersRole"] = roles.shown(own);
    Ok(Plan::new(&member.person.typed(), summary)
        .changes(before, json!({ "role": roles.shown(own), "callersRole": { "name": "Admin" } }))
        .with_side_effect(
            "The caller becomes an admin and cannot undo this; only the new owner can transfer it \
             back.",
        ))
}
