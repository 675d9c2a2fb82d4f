//! The caller.

use serde_json::{Value, json};

use super::{organization_roles::membership, users};
use crate::{
    make::UserId,
    sandbox::{
        account::state::{AccountState, SandboxTeam},
        http::{
            query::Columns,
            request::SandboxRequest,
            response::{SandboxResult, ok},
        },
    },
};

/// Memberships come back only when they are named.
const COLUMNS: Columns = Columns {
    all: &[
        "id", "name", "email", "language", "timezoneId", "localeId", "countryId", "features",
        "avatar", "lastLogin", "timezone", "locale", "emailNotifications", "usersAdminsRoleId",
        "userOrganizationRoles", "userTeamRoles", "forceSetPassword", "hasPassword", "tfaEnabled",
        "tfaStatus", "isAffiliatePartner", "hasAddedApp", "supportEligible",
    ],
    default: &[
        "id", "name", "email", "language", "timezoneId", "localeId", "countryId", "features",
        "avatar", "lastLogin", "tfaStatus", "timezone", "locale", "hasAddedApp",
    ],
};

pub(crate) fn profile(request: &SandboxRequest<'_>) -> SandboxResult {
    let picked = COLUMNS.asked(request)?;
    let invited_too = request.flag("includeInvitedOrg")?;
    let state = &*request.state;
    let mut whole = users::row(state, request.caller);
    let organizations = state.organizations.iter().filter_map(|organization| {
        let member = organization.member(request.caller)?;
        (member.invitation.is_none() || invited_too).then(|| membership(organization, member))
    });
    whole["userOrganizationRoles"] = organizations.collect();
    whole["userTeamRoles"] =
        state.teams.iter().filter_map(|team| team_role(state, team, request.caller)).collect();
    whole["timezone"] = "Europe/Prague".into();
    whole["locale"] = "en".into();
    for (name, value) in [
        ("emailNotifications", json!({})),
        ("usersAdminsRoleId", Value::Null),
        ("forceSetPassword", json!(false)),
        ("hasPassword", json!(true)),
        ("tfaEnabled", json!(false)),
        ("isAffiliatePartner", json!(false)),
        ("hasAddedApp", json!(false)),
        ("supportEligible", json!(true)),
    ] {
        whole[name] = value;
    }
    ok(&json!({ "authUser": picked.of(whole) }))
}

/// A person's role in a team; what follows from an organization role cannot be changed.
pub(crate) fn team_role(state: &AccountState, team: &SandboxTeam, user: UserId) -> Option<Value> {
    let member = team.member(user)?;
    let organization = state.organization(team.organization_id);
    let changeable = organization.is_none_or(|organization| organization.owner() != Some(user));
    Some(json!({
        "usersRoleId": member.users_role_id, "userId": user, "teamId": team.id,
        "changeable": changeable,
    }))
}

pub(crate) fn authorization(request: &SandboxRequest<'_>) -> SandboxResult {
    ok(&json!({ "authorization": { "authUsed": "token", "scope": request.scope } }))
}
