//! Mail switches and preferences of the caller.

use serde_json::{Value, json};

use crate::{
    make::{OrganizationId, TeamId, UserId},
    sandbox::http::{
        body,
        body::Body,
        request::{SandboxRequest, id},
        response::{SandboxResult, denied, invalid, not_found, ok},
    },
};

/// Errors, warnings, deactivation.
const SWITCHES: [u64; 3] = [1, 2, 6];
const MAILS: [&str; 8] = [
    "use_cases", "product_updates", "app_updates", "events_and_webinars", "promotions",
    "channel_partner_updates", "academy", "blog",
];

/// A caller sees and changes only their own e-mail settings.
fn own(request: &SandboxRequest<'_>, user: &str) -> Result<UserId, crate::make::Response> {
    let user = UserId(id(user)?);
    if user == request.caller { Ok(user) } else { Err(denied()) }
}

fn row(request: &SandboxRequest<'_>, team: TeamId, number: u64) -> Value {
    let off = request.state.switches_off.contains(&(team, number));
    json!({ "userId": request.caller, "teamId": team, "notificationId": number, "enabled": !off })
}

pub(crate) fn switches(request: &SandboxRequest<'_>, user: &str, team: &str) -> SandboxResult {
    own(request, user)?;
    let team = request.team(TeamId(id(team)?))?.id;
    let rows: Vec<_> = SWITCHES.into_iter().map(|number| row(request, team, number)).collect();
    ok(&json!({ "userTeamNotifications": rows }))
}

pub(crate) fn switch(
    request: &mut SandboxRequest<'_>,
    user: &str,
    team: &str,
    number: &str,
) -> SandboxResult {
    own(request, user)?;
    let team = request.team(TeamId(id(team)?))?.id;
    let number = id(number)?;
    if !SWITCHES.contains(&number) {
        return Err(not_found());
    }
    let enabled = truth(request, "enabled")?;
    request.state.switches_off.retain(|off| *off != (team, number));
    if !enabled {
        request.state.switches_off.push((team, number));
    }
    ok(&json!({ "userTeamNotification": row(request, team, number) }))
}

fn truth(request: &SandboxRequest<'_>, name: &str) -> Result<bool, crate::make::Response> {
    let mut body = Body::of(request)?;
    let value = body.required(name, |value| value.as_bool().ok_or("expected a boolean"));
    body.checked()?;
    Ok(value)
}

fn mail(request: &SandboxRequest<'_>, name: &str) -> Value {
    let off = request.state.mail_off.iter().any(|off| off == name);
    json!({ "id": name, "enabled": !off, "label": name.replace('_', " "),
    "description": "News by mail." })
}

pub(crate) fn preferences(request: &SandboxRequest<'_>, user: &str) -> SandboxResult {
    own(request, user)?;
    let email = request.state.person(request.caller).map(|person| person.email.clone());
    let mails: Vec<_> = MAILS.iter().map(|name| mail(request, name)).collect();
    ok(&json!({ "preferences": {
        "id": request.caller, "uuid": "e39de7bc-95b0-443c-83e9-ac397ea8f004", "email": email,
        "is_email_verified": true,
        "global": { "isEmailVerified": true, "preferences": mails }, "zones": [],
    } }))
}

/// The preference that a body names, switched.
fn switched(
    request: &mut SandboxRequest<'_>,
    prefix: &str,
    known: &[&str],
) -> Result<Value, crate::make::Response> {
    let mut body = Body::of(request)?;
    let name = body.required("id", body::text).to_owned();
    body.checked()?;
    let enabled = truth(request, "enabled")?;
    if !known.contains(&name.as_str()) {
        return Err(invalid("Invalid value of parameter 'id'."));
    }
    let key = format!("{prefix}{name}");
    request.state.mail_off.retain(|off| *off != key);
    if !enabled {
        request.state.mail_off.push(key);
    }
    Ok(json!({ "id": name, "enabled": enabled }))
}

pub(crate) fn prefer(request: &mut SandboxRequest<'_>, user: &str) -> SandboxResult {
    own(request, user)?;
    let switched = switched(request, "", &MAILS)?;
    ok(&json!({ "preferences": { "global": { "preferences": switched } } }))
}

pub(crate) fn of_team(
    request: &SandboxRequest<'_>,
    user: &str,
    organization: &str,
    team: &str,
) -> SandboxResult {
    own(request, user)?;
    request.organization(OrganizationId(id(organization)?))?;
    let team = request.team(TeamId(id(team)?))?;
    let off = |name: &str| request.state.mail_off.iter().any(|off| off == name);
    let native = |number: u64| {
        json!({ "id": number, "subscribed": !off(&format!("{}:{number}",
    team.id)), "label": "Mail", "description": "A mail about scenarios." })
    };
    let tips = !off(&format!("{}:onboarding", team.id));
    ok(&json!({
        "id": request.caller, "uuid": "4c090605-19a1-46b9-a3f3-a2cb83e8adc1",
        "email": "dana@example.com",
        "is_email_verified": true,
        "team": { "teamId": team.id, "teamName": team.name, "preferences": {
            "native": SWITCHES.map(native),
            "marketing": [{ "id": "onboarding", "enabled": tips, "label": "Tips",
            "description": "Tips for success." }],
        } },
    }))
}

pub(crate) fn prefer_of_team(
    request: &mut SandboxRequest<'_>,
    user: &str,
    organization: &str,
    team: &str,
    native: bool,
) -> SandboxResult {
    own(request, user)?;
    request.organization(OrganizationId(id(organization)?))?;
    let team = request.team(TeamId(id(team)?))?.id;
    let known: &[&str] = if native { &["1", "2", "6"] } else { &["onboarding"] };
    let switched = switched(request, &format!("{team}:"), known)?;
    ok(&json!({ "team": { "preferences": switched } }))
}

pub(crate) fn unread() -> SandboxResult {
    ok(&json!({ "userUnreadNotifications": 2,
        "userZoneUnreadNotifications": [{ "zoneId": 1, "unreadNotifications": 2 }] }))
}
