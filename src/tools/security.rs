//! Tools about the security of an organization: sign-in, switches, installed apps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::registry::{
    Context, ErrorKind, Scopes, Tool, ToolError, ToolSpec, Toolset, Write, arguments::place,
};
use crate::{
    guard::{Guard, Plan},
    make::{
        FeatureControl, FeatureControls, InstalledApp, OrganizationId, Place, Record,
        SsoCertificate, TeamId, TwoFactor, WritePermit,
    },
    text::quoted,
    tools::lookup::{organizations, people, require},
};

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListSsoCertificates {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// The kind of certificate.
    #[serde(default = "saml")]
    r#type: String,
}

fn saml() -> String {
    "saml".to_owned()
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Certificates {
    /// The certificates, with the moments between which they are valid.
    sso_certificates: Vec<Record<SsoCertificate>>,
}

pub(crate) fn list_sso_certificates() -> Tool {
    ToolSpec {
        name: "make-list-sso-certificates",
        title: "List single sign-on certificates",
        description: "Lists the certificates for single sign-on of an organization and when they \
            end.",
        toolset: Toolset::Security,
        scopes: Scopes::all(&["organizations:read"]),
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: ListSsoCertificates| {
        let sso_certificates =
            cx.make.security().sso_certificates(args.organization_id, &args.r#type).await?;
        Ok(Certificates { sso_certificates })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SetTfaEnforcement {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Whether every member must use two factors.
    #[schemars(example = true)]
    enable: bool,
}

#[derive(Serialize, JsonSchema)]
struct Enforced {
    /// `tfaEnforced` after the change.
    organization: Map<String, Value>,
}

pub(crate) fn set_tfa_enforcement() -> Tool {
    ToolSpec {
        name: "make-set-tfa-enforcement",
        title: "Require two-factor authentication",
        description: "Requires two-factor authentication of all members of an organization, or \
            stops requiring it. Requiring it logs out every member who has none; make-list-users \
            shows tfaStatus.",
        toolset: Toolset::Security,
        scopes: Scopes::all(&["organizations:write"]),
        example: json!({ "organizationId": 11, "enable": true }),
    }
    .guarded(
        Write::Update,
        Guard::G2,
        async |cx: Context, args: SetTfaEnforcement| plan_enforcement(&cx, &args).await,
        async |cx: Context, args: SetTfaEnforcement, permit: WritePermit| {
            let security = cx.make.security();
            Ok(Enforced {
                organization: security
                    .set_tfa_enforcement(&permit, args.organization_id, args.enable)
                    .await?,
            })
        },
    )
}

async fn plan_enforcement(cx: &Context, args: &SetTfaEnforcement) -> Result<Plan, ToolError> {
    let organization = cx.make.organizations().get(args.organization_id, &[], false).await;
    let organization =
        require(organization, "the organization", Scopes::all(&["organizations:read"]))?;
    let name = organization.name.clone().unwrap_or_default();
    let before = json!({ "organization": name, "tfaEnforced": organization.tfa_enforced });
    let after = json!({ "tfaEnforced": args.enable });
    let shown = quoted(&name);
    if !args.enable {
        let summary = format!(
            "Let members of the organization {shown} sign in without two-factor authentication."
        );
        return Ok(Plan::new(&name, summary)
            .changes(before, after)
            .with_side_effect("Anyone who knows a member's password can then sign in."));
    }
    let (people, caller) =
        tokio::try_join!(people::members_with_two_factor(cx, args.organization_id), async {
            Ok(cx.make.me().id().await?)
        },)?;
    let count = |wanted: TwoFactor| {
        people.iter().filter(|user| TwoFactor::of(user.tfa_status) == wanted).count()
    };
    let (none, unknown) = (count(TwoFactor::None), count(TwoFactor::Unknown));
    let summary =
        format!("Require two-factor authentication of every member of the organization {shown}.");
    let mut plan = Plan::new(&name, summary).changes(before, after).with_side_effect(format!(
        "{none} of {} members have none now: they are logged out at once and must set it up to \
         come back. {} use an app, {} another service, of {unknown} it is unknown.",
        people.len(),
        count(TwoFactor::App),
        count(TwoFactor::External),
    ));
    let own = people.iter().find(|user| user.id == Some(caller));
    match own.map(|user| TwoFactor::of(user.tfa_status)) {
        Some(TwoFactor::None) => {
            plan = plan.with_side_effect("The caller is among those who are logged out.");
        }
        Some(TwoFactor::Unknown) | None => {
            plan = plan.with_side_effect("The caller may be among those who are logged out.");
        }
        _ => {}
    }
    Ok(plan)
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ListFeatureControls {
    /// Of this organization. Give this or teamId.
    #[schemars(example = 11)]
    organization_id: Option<OrganizationId>,
    /// Of this team's organization. Give this or organizationId.
    team_id: Option<TeamId>,
}

pub(crate) fn list_feature_controls() -> Tool {
    ToolSpec {
        name: "make-list-feature-controls",
        title: "List feature switches",
        description: "Lists which features an organization has switched on or off.",
        toolset: Toolset::Security,
        scopes: Scopes::NONE,
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: ListFeatureControls| -> Result<FeatureControls, _> {
        Ok(cx.make.security().feature_controls(place(args.organization_id, args.team_id)?).await?)
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SetFeatureControl {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// The switch, from make-list-feature-controls.
    #[schemars(example = 2)]
    id: u64,
    /// Whether it is on.
    #[schemars(example = false)]
    enabled: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Control {
    /// The switch.
    feature_control: Record<FeatureControl>,
}

pub(crate) fn set_feature_control() -> Tool {
    ToolSpec {
        name: "make-set-feature-control",
        title: "Switch a feature",
        description: "Turns a feature on or off for everybody in an organization.",
        toolset: Toolset::Security,
        scopes: Scopes::NONE,
        example: json!({ "organizationId": 11, "id": 2, "enabled": false }),
    }
    .guarded(
        Write::Update,
        Guard::G1,
        async |cx: Context, args: SetFeatureControl| plan_switch(&cx, &args).await,
        async |cx: Context, args: SetFeatureControl, permit: WritePermit| {
            let security = cx.make.security();
            let feature_control = security
                .set_feature_control(&permit, args.organization_id, args.id, args.enabled)
                .await?;
            Ok(Control { feature_control })
        },
    )
}

async fn plan_switch(cx: &Context, args: &SetFeatureControl) -> Result<Plan, ToolError> {
    let id = args.organization_id;
    let security = cx.make.security();
    let (organization, controls) = tokio::try_join!(organizations::organization(cx, id), async {
        Ok(security.feature_controls(Place::Organization(id)).await?)
    },)?;
    let found = controls.feature_controls.iter().find(|control| control.id == Some(args.id));
    let control = found.ok_or_else(|| {
        let valid = controls.feature_controls.iter().take(20);
        let valid: Vec<_> = valid
            .filter_map(|control| {
                Some(format!("{} {}", control.id?, quoted(control.name.as_deref()?)))
            })
            .collect();
        ToolError::new(
            ErrorKind::InvalidArguments,
            format!("`id` {} is not a feature there; there are: {}", args.id, valid.join(", ")),
        )
        .with_hint("correct the arguments and call again; nothing was sent")
    })?;
    let name = control.name.clone().unwrap_or_else(|| format!("feature {}", args.id));
    let turn = if args.enabled { "on" } else { "off" };
    let summary = format!(
        "Turn the feature {} {turn} for everybody in the organization {}.",
        quoted(&name),
        quoted(&organization)
    );
    let before =
        json!({ "organization": organization, "feature": name, "enabled": control.enabled });
    Ok(Plan::new(&name, summary).changes(before, json!({ "enabled": args.enabled })))
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct SecurityOfOrganization {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Apps {
    /// The apps, with who installed them when.
    installed_apps: Vec<Record<InstalledApp>>,
}

pub(crate) fn list_org_apps() -> Tool {
    ToolSpec {
        name: "make-list-org-apps",
        title: "List installed custom apps",
        description: "Lists the custom apps that are installed in an organization, by whom and \
            when.",
        toolset: Toolset::Security,
        scopes: Scopes::all(&["organizations:read"]),
        example: json!({ "organizationId": 11 }),
    }
    .reads(async |cx: Context, args: SecurityOfOrganization| {
        Ok(Apps { installed_apps: cx.make.security().apps(args.organization_id).await? })
    })
}

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct CheckTeamPermission {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// The permission, from make-list-permissions, e.g. scenario add.
    #[schemars(length(min = 1), example = &"scenario add")]
    team_permission: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Checked {
    /// Whether the caller has it in any team there.
    has_permission: bool,
}

pub(crate) fn check_team_permission() -> Tool {
    ToolSpec {
        name: "make-check-team-permission",
        title: "Check my team permission",
        description: "Says whether the caller has a team permission in any team of an \
            organization. For other people use make-list-users-by-permission.",
        toolset: Toolset::Security,
        scopes: Scopes::NONE,
        example: json!({ "organizationId": 11, "teamPermission": "scenario add" }),
    }
    .reads(async |cx: Context, args: CheckTeamPermission| {
        let security = cx.make.security();
        let has_permission =
            security.has_team_permission(args.organization_id, &args.team_permission).await?;
        Ok(Checked { has_permission })
    })
}
