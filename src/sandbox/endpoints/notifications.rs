//! Mail switches and preferences of the caller.

use serde_json::{Value, json};

use crate::{
    make::{Method, OrganizationId, TeamId, UserId},
    sandbox::http::{
        body,
        body::Body,
        request::{Visit, id},
        response::{Answer, denied, invalid, not_found, ok},
    },
};

/// Errors, warnings, deactivation.
const SWITCHES: [u64; 3] = [1, 2, 6];
const MAILS: [&str; 8] = [
    "use_cases", "product_updates", "app_updates", "events_and_webinars", "promotions",
    "channel_partner_updates", "academy", "blog",
];

pub(crate) fn answer(visit: &mut Visit<'_>) -> Option<Answer> {
    Some(match visit.asked() {
        (Method::Get, ["users", "unread-notifications"]) => visit.with("user:read", |_| {
            ok(&json!({ "userUnreadNotifications": 2,
            "userZoneUnreadNotifications": [{ "zoneId": 1, "unreadNotifications": 2 }] }))
        }),
        (Method::Get, ["users", user, "user-team-notifications", team]) => {
            visit.with("user:read", |visit| switches(visit, user, team))
        }
        (Method::Put, ["users", user, "user-team-notifications", team, number]) => {
            visit.with("user:write", |visit| switch(visit, user, team, number))
        }
        (Method::Get, ["mailhub", "users", user, "preferences"]) => preferences(visit, user),
        (Method::Patch, ["mailhub", "users", user, "preferences"]) => prefer(visit, user),
        (
            Method::Get,
            ["mailhub", "users", user, "organizations", organization, "teams", team, "preferences"],
        ) => of_team(visit, user, organization, team),
        (
            Method::Patch,
            ["mailhub", "users", user, "organizations", organization, "teams", team, last],
        ) => prefer_of_team(visit, user, organization, team, *last == "native-preferences"),
        _ => return None,
    })
}

/// Nobody sees or changes the mails of others.
fn own(visit: &Visit<'_>, user: &str) -> Result<UserId, crate::make::Reply> {
    let user = UserId(id(user)?);
    if user == visit.caller { Ok(user) } else { Err(denied()) }
}

fn row(visit: &Visit<'_>, team: TeamId, number: u64) -> Value {
    let off = visit.state.switches_off.contains(&(team, number));
    json!({ "userId": visit.caller, "teamId": team, "notificationId": number, "enabled": !off })
}

fn switches(visit: &Visit<'_>, user: &str, team: &str) -> Answer {
    own(visit, user)?;
    let team = visit.team(TeamId(id(team)?))?.id;
    let rows: Vec<_> = SWITCHES.into_iter().map(|number| row(visit, team, number)).collect();
    ok(&json!({ "userTeamNotifications": rows }))
}

fn switch(visit: &mut Visit<'_>, user: &str, team: &str, number: &str) -> Answer {
    own(visit, user)?;
    let team = visit.team(TeamId(id(team)?))?.id;
    let number = id(number)?;
    if !SWITCHES.contains(&number) {
        return Err(not_found());
    }
    let enabled = truth(visit, "enabled")?;
    visit.state.switches_off.retain(|off| *off != (team, number));
    if !enabled {
        visit.state.switches_off.push((team, number));
    }
    ok(&json!({ "userTeamNotification": row(visit, team, number) }))
}

fn truth(visit: &Visit<'_>, name: &str) -> Result<bool, crate::make::Reply> {
    let mut body = Body::of(visit)?;
    let value = body.required(name, |value| value.as_bool().ok_or("expected a boolean"));
    body.checked()?;
    Ok(value)
}

fn mail(visit: &Visit<'_>, name: &str) -> Value {
    let off = visit.state.mail_off.iter().any(|off| off == name);
    json!({ "id": name, "enabled": !off, "label": name.replace('_', " "),
    "description": "News by mail." })
}

fn preferences(visit: &Visit<'_>, user: &str) -> Answer {
    own(visit, user)?;
    let email = visit.state.person(visit.caller).map(|person| person.email.clone());
    let mails: Vec<_> = MAILS.iter().map(|name| mail(visit, name)).collect();
    ok(&json!({ "preferences": {
        "id": visit.caller, "uuid": "e39de7bc-95b0-443c-83e9-ac397ea8f004", "email": email,
        "is_email_verified": true,
        "global": { "isEmailVerified": true, "preferences": mails }, "zones": [],
    } }))
}

/// The preference that a body names, switched.
fn switched(
    visit: &mut Visit<'_>,
    prefix: &str,
    known: &[&str],
) -> Result<Value, crate::make::Reply> {
    let mut body = Body::of(visit)?;
    let name = body.required("id", body::text).to_owned();
    body.checked()?;
    let enabled = truth(visit, "enabled")?;
    if !known.contains(&name.as_str()) {
        return Err(invalid("Invalid value of parameter 'id'."));
    }
    let key = format!("{prefix}{name}");
    visit.state.mail_off.retain(|off| *off != key);
    if !enabled {
        visit.state.mail_off.push(key);
    }
    Ok(json!({ "id": name, "enabled": enabled }))
}

fn prefer(visit: &mut Visit<'_>, user: &str) -> Answer {
    own(visit, user)?;
    let switched = switched(visit, "", &MAILS)?;
    ok(&json!({ "preferences": { "global": { "preferences": switched } } }))
}

fn of_team(visit: &Visit<'_>, user: &str, organization: &str, team: &str) -> Answer {
    own(visit, user)?;
    visit.organization(OrganizationId(id(organization)?))?;
    let team = visit.team(TeamId(id(team)?))?;
    let off = |name: &str| visit.state.mail_off.iter().any(|off| off == name);
    let native = |number: u64| {
        json!({ "id": number, "subscribed": !off(&format!("{}:{number}",
    team.id)), "label": "Mail", "description": "A mail about scenarios." })
    };
    let tips = !off(&format!("{}:onboarding", team.id));
    ok(&json!({
        "id": visit.caller, "uuid": "4c090605-19a1-46b9-a3f3-a2cb83e8adc1",
        "email": "dana@example.com",
        "is_email_verified": true,
        "team": { "teamId": team.id, "teamName": team.name, "preferences": {
            "native": SWITCHES.map(native),
            "marketing": [{ "id": "onboarding", "enabled": tips, "label": "Tips",
            "description": "Tips for success." }],
        } },
    }))
}

fn prefer_of_team(
    visit: &mut Visit<'_>,
    user: &str,
    organization: &str,
    team: &str,
    native: bool,
) -> Answer {
    own(visit, user)?;
    visit.organization(OrganizationId(id(organization)?))?;
    let team = visit.team(TeamId(id(team)?))?.id;
    let known: &[&str] = if native { &["1", "2", "6"] } else { &["onboarding"] };
    let switched = switched(visit, &format!("{team}:"), known)?;
    ok(&json!({ "team": { "preferences": switched } }))
}
