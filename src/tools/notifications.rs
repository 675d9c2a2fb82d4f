//! Tools about what Make tells the caller by mail.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::registry::{
    Context, Scopes, Tool, ToolError, ToolSpec, Toolset, Write, arguments::Nothing,
};
use crate::make::{
    MailPlace, OrganizationId, Record, TeamId, TeamNotification, Unread, UserId, WritePermit,
};

pub(crate) fn unread_notifications() -> Tool {
    ToolSpec {
        name: "make-unread-notifications",
        title: "Count unread notifications",
        description: "Counts the caller's unread notifications.",
        toolset: Toolset::Notifications,
        scopes: Scopes::all(&["user:read"]),
        example: json!({}),
    }
    .reads(async |cx: Context, _: Nothing| -> Result<Record<Unread>, _> {
        Ok(cx.make.notifications().unread().await?)
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListTeamNotifications {
    /// The team.
    #[schemars(example = 22)]
    team_id: TeamId,
    /// The person; the caller if left out.
    user_id: Option<UserId>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Switches {
    /// The switches: 1 errors, 2 warnings, 6 deactivation.
    user_team_notifications: Vec<Record<TeamNotification>>,
}

pub(crate) fn list_team_notifications() -> Tool {
    ToolSpec {
        name: "make-list-team-notifications",
        title: "List mail switches of a team",
        description: "Lists which mails about a team's scenarios a person gets.",
        toolset: Toolset::Notifications,
        scopes: Scopes::all(&["user:read"]),
        example: json!({ "teamId": 22 }),
    }
    .reads(async |cx: Context, args: ListTeamNotifications| {
        let user = match args.user_id {
            Some(id) => id,
            None => cx.make.me().id().await?,
        };
        let user_team_notifications = cx.make.notifications().of_team(user, args.team_id).await?;
        Ok(Switches { user_team_notifications })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SetTeamNotification {
    /// The team.
    #[schemars(example = 22)]
    team_id: TeamId,
    /// 1 errors, 2 warnings, 6 deactivation.
    #[schemars(example = 2)]
    notification_id: u64,
    /// Whether mails are sent.
    #[schemars(example = true)]
    enabled: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Switch {
    /// The switch.
    user_team_notification: Record<TeamNotification>,
}

pub(crate) fn set_team_notification() -> Tool {
    ToolSpec {
        name: "make-set-team-notification",
        title: "Switch a mail about a team",
        description: "Turns a mail about a team's scenarios on or off, for the caller alone.",
        toolset: Toolset::Notifications,
        scopes: Scopes::all(&["user:write"]),
        example: json!({ "teamId": 22, "notificationId": 2, "enabled": true }),
    }
    .writes(
        Write::Update,
        async |cx: Context, args: SetTeamNotification, permit: WritePermit| {
            let user = cx.make.me().id().await?;
            let notifications = cx.make.notifications();
            let set = notifications
                .set_of_team(&permit, user, args.team_id, args.notification_id, args.enabled)
                .await?;
            Ok(Switch { user_team_notification: set })
        },
    )
}

/// The person's preferences, or those for one team: Make wants both ids or none.
fn mail_place(
    organization: Option<OrganizationId>,
    team: Option<TeamId>,
) -> Result<MailPlace, ToolError> {
    match (organization, team) {
        (Some(organization), Some(team)) => Ok(Some((organization, team))),
        (None, None) => Ok(None),
        _ => Err(ToolError::arguments("give `organizationId` and `teamId` together, or neither")),
    }
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct GetMailPreferences {
    /// With teamId: the preferences for that team.
    organization_id: Option<OrganizationId>,
    /// With organizationId: the preferences for that team.
    team_id: Option<TeamId>,
}

#[derive(Serialize, JsonSchema)]
struct Preferences {
    /// The preferences.
    preferences: Map<String, Value>,
}

pub(crate) fn get_mail_preferences() -> Tool {
    ToolSpec {
        name: "make-get-mail-preferences",
        title: "Get my mail preferences",
        description: "Gets which e-mails of news and tips the caller receives, in general or for \
            one team.",
        toolset: Toolset::Notifications,
        scopes: Scopes::NONE,
        example: json!({}),
    }
    .reads(async |cx: Context, args: GetMailPreferences| {
        let place = mail_place(args.organization_id, args.team_id)?;
        let user = cx.make.me().id().await?;
        Ok(Preferences {
            preferences: cx.make.notifications().mail_preferences(user, place).await?,
        })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SetMailPreference {
    /// The preference, from make-get-mail-preferences, e.g. product_updates.
    #[schemars(length(min = 1), example = &"product_updates")]
    id: String,
    /// Whether mails are sent.
    #[schemars(example = false)]
    enabled: bool,
    /// With teamId: for that team.
    organization_id: Option<OrganizationId>,
    /// With organizationId: for that team.
    team_id: Option<TeamId>,
    /// One of the team's `native` preferences, known by number.
    #[serde(default)]
    native: bool,
}

pub(crate) fn set_mail_preference() -> Tool {
    ToolSpec {
        name: "make-set-mail-preference",
        title: "Switch a mail preference",
        description: "Turns news and tips by mail on or off for the caller, altogether or for one \
            team.",
        toolset: Toolset::Notifications,
        scopes: Scopes::NONE,
        example: json!({ "id": "product_updates", "enabled": false }),
    }
    .writes(
        Write::Update,
        async |cx: Context, args: SetMailPreference, permit: WritePermit| {
            let place = mail_place(args.organization_id, args.team_id)?;
            if args.native && place.is_none() {
                return Err(ToolError::arguments("`native` needs `organizationId` and `teamId`"));
            }
            let user = cx.make.me().id().await?;
            let notifications = cx.make.notifications();
            let preferences = notifications
                .set_mail_preference(&permit, user, place, args.native, &args.id, args.enabled)
                .await?;
            Ok(Preferences { preferences })
        },
    )
}
