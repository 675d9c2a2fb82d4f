use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::make::Method;

/// Calls as the caller of the sandbox.
fn call(sandbox: &Sandbox, method: Method, target: &str, body: Value) -> (u16, Value) {
    call_as(sandbox, Sandbox::credential(), method, target, body)
}

fn call_as(
    sandbox: &Sandbox,
    credential: Credential,
    method: Method,
    target: &str,
    body: Value,
) -> (u16, Value) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let call = Request {
        method,
        path: path.split('/').map(str::to_owned).collect(),
        query: pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
        body: (!body.is_null()).then_some(body),
        credential: Some(credential),
        organization: None,
    };
    let reply = sandbox.answer(&call);
    (reply.status, serde_json::from_slice(&reply.body).expect("JSON"))
}

fn get(sandbox: &Sandbox, target: &str) -> Value {
    let (status, body) = call(sandbox, Method::Get, target, Value::Null);
    assert_eq!(status, 200, "{target}: {body}");
    body
}

fn count(list: &Value) -> usize {
    list.as_array().expect("a list").len()
}

const ROLE_OF_2: &str = "users/2/user-organization-roles/11";

#[test]
fn the_account_is_as_large_as_it_should_be() {
    let state = account();
    assert!((35..=50).contains(&state.people.len()), "{}", state.people.len());
    let own = state
        .organizations
        .iter()
        .filter(|organization| organization.active(crate::make::UserId(41)).is_some());
    assert_eq!(own.map(|organization| state.teams_of(organization.id).count()).sum::<usize>(), 8);
    let sandbox = Sandbox::default();
    assert_eq!(count(&get(&sandbox, "organizations")["organizations"]), 3);
    assert_eq!(get(&sandbox, "users/me")["authUser"]["id"], 41);
    for organization in &state.organizations {
        let owners = organization
            .members
            .iter()
            .filter(|member| member.users_role_id == account::state::OWNER);
        assert_eq!(owners.count(), 1, "{} has one owner", organization.name);
        for member in &organization.members {
            assert!(
                state.person(member.user_id).is_some()
                    && state.role(member.users_role_id).is_some()
            );
            assert_eq!(member.invitation.is_some(), member.hash.is_some());
        }
    }
    for member in state.teams.iter().flat_map(|team| &team.members) {
        assert!(
            state.person(member.user_id).is_some() && state.role(member.users_role_id).is_some()
        );
    }
}

#[test]
fn a_role_change_without_a_role_removes_the_member_and_the_team_roles() {
    let sandbox = Sandbox::default();
    let (status, answer) = call(&sandbox, Method::Post, ROLE_OF_2, json!({}));
    assert_eq!((status, &answer["userOrganizationRole"]["usersRoleId"]), (200, &Value::Null));
    assert_eq!(call(&sandbox, Method::Get, ROLE_OF_2, Value::Null).0, 404);
    let people = get(&sandbox, "users?teamId=22");
    assert!(people["users"].as_array().expect("people").iter().all(|person| person["id"] != 2));
    let trail = get(&sandbox, "audit-logs/organization/11?event=team_member_removed");
    assert_eq!(trail["auditLogs"][0]["actor"]["id"], 41, "the trail shows it");
}

#[test]
fn connections_are_deleted_only_when_confirmed() {
    let sandbox = Sandbox::default();
    let (status, answer) =
        call(&sandbox, Method::Post, &format!("{ROLE_OF_2}?deleteConnections=true"), json!({}));
    assert_eq!((status, &answer["code"]), (406, &json!("IM004")));
    let confirmed = format!("{ROLE_OF_2}?deleteConnections=true&confirmed=true");
    assert_eq!(call(&sandbox, Method::Post, &confirmed, json!({})).0, 200);
}

#[test]
fn the_owner_is_neither_demoted_nor_removed_nor_made_by_a_role_change() {
    let sandbox = Sandbox::default();
    let owner = "users/41/user-organization-roles/11";
    for (target, body) in [
        (owner, json!({})),
        (owner, json!({ "usersRoleId": 13 })),
        (ROLE_OF_2, json!({ "usersRoleId": 11 })),
    ] {
        assert_eq!(call(&sandbox, Method::Post, target, body.clone()).0, 403, "{target} {body}");
    }
}

#[test]
fn a_transfer_makes_the_former_owner_an_admin() {
    let sandbox = Sandbox::default();
    let (status, answer) =
        call(&sandbox, Method::Post, &format!("{ROLE_OF_2}/transfer"), json!({}));
    assert_eq!(status, 200);
    let role = |place: usize, key: &str| answer["userOrganizationRoles"][place][key].clone();
    assert_eq!((role(0, "userId"), role(0, "usersRoleId")), (json!(2), json!(11)));
    assert_eq!((role(1, "userId"), role(1, "usersRoleId")), (json!(41), json!(12)));
    assert_eq!(
        call(&sandbox, Method::Post, &format!("{ROLE_OF_2}/transfer"), json!({})).0,
        403,
        "only the owner can"
    );
}

#[test]
fn a_token_works_from_its_creation_to_its_revocation_and_within_its_scopes() {
    let sandbox = Sandbox::default();
    let new = json!({ "label": "ci", "scope": ["organizations:read"] });
    let (_, answer) = call(&sandbox, Method::Post, "users/me/api-tokens", new);
    let token = Credential::new(answer["apiToken"]["token"].as_str().expect("a value"));
    let created = answer["apiToken"]["created"].as_str().expect("a moment");
    let status =
        |target: &str| call_as(&sandbox, token.clone(), Method::Get, target, Value::Null).0;
    assert_eq!(
        (status("organizations"), status("users/me"), status("users/me/api-tokens")),
        (200, 200, 403)
    );
    assert_eq!(
        call(&sandbox, Method::Delete, &format!("users/me/api-tokens/{created}"), Value::Null).0,
        200
    );
    assert_eq!(status("organizations"), 401);
    assert_eq!(
        call(&sandbox, Method::Delete, &format!("users/me/api-tokens/{created}"), Value::Null).0,
        404
    );
    let listed = get(&sandbox, "users/me/api-tokens");
    assert!(listed["apiTokens"].as_array().expect("tokens").iter().all(|token| {
        token["token"].as_str().is_some_and(|value| value.ends_with("-****-****-****-************"))
    }));
}

#[test]
fn an_invited_person_is_pending_until_the_invitation_is_accepted() {
    let sandbox = Sandbox::default();
    let invited =
        json!({ "email": "tom@example.com", "name": "Tom", "usersRoleId": 13, "teamsId": [22] });
    let (status, answer) = call(&sandbox, Method::Post, "organizations/11/invite", invited.clone());
    assert_eq!((status, &answer["userOrganizationRole"]["invitation"]), (200, &json!("pending")));
    assert_eq!(answer["userOrganizationRole"]["joinedTeamsCount"], 1);
    let wrong = json!({ "email": "tom", "name": " Tom", "usersRoleId": 999 });
    let (status, answer) = call(&sandbox, Method::Post, "organizations/11/invite", wrong);
    assert_eq!((status, count(&answer["suberrors"])), (400, 2));

    let mine = get(&sandbox, "users/me/organization-invitations");
    let pending = &mine["userOrganizationInvitations"][0];
    assert_eq!(pending["invitation"], "pending");
    let accepted = json!({ "hash": pending["hash"] });
    let (status, answer) =
        call(&sandbox, Method::Post, "organizations/accept-invitation", accepted.clone());
    assert_eq!((status, &answer["userOrganizationRole"]["invitation"]), (200, &Value::Null));
    assert_eq!(
        call(&sandbox, Method::Post, "organizations/accept-invitation", accepted).0,
        404,
        "once"
    );
    assert_eq!(count(&get(&sandbox, "organizations")["organizations"]), 4);
}

#[test]
fn only_asked_columns_come_back() {
    let sandbox = Sandbox::default();
    let keys = |target: &str| -> Vec<String> {
        get(&sandbox, target)["organizations"][0]
            .as_object()
            .expect("a row")
            .keys()
            .cloned()
            .collect()
    };
    assert_eq!(keys("organizations"), ["id", "name", "timezoneId", "zone"]);
    assert_eq!(keys("organizations?cols[]=name"), ["name"]);
    assert!(keys("organizations?cols[]=*").len() > 10);
    assert_eq!(call(&sandbox, Method::Get, "organizations?cols[]=nothing", Value::Null).0, 400);
}

#[test]
fn every_entry_of_the_trail_is_on_exactly_one_page() {
    for sort in ["triggeredAt", "createdAt", "actor"] {
        let sandbox = Sandbox::default();
        let mut uuids = BTreeSet::new();
        let mut ties = 0;
        let mut last = Value::Null;
        for offset in (0..5000).step_by(500) {
            let target = format!(
                "audit-logs/organization/11?pg[offset]={offset}&pg[limit]=500&pg[sortBy]={sort}"
            );
            for entry in get(&sandbox, &target)["auditLogs"].as_array().expect("entries") {
                assert!(uuids.insert(entry["uuid"].to_string()), "{entry} is there twice");
                ties += usize::from(entry["triggeredAt"] == last);
                last = entry["triggeredAt"].clone();
            }
        }
        assert_eq!(uuids.len(), 5000);
        assert!(sort != "triggeredAt" || ties > 500, "{ties} ties");
    }
}

#[test]
fn the_trail_is_filtered_by_event_author_team_and_day() {
    let sandbox = Sandbox::default();
    let total = |filter: &str| {
        let target =
            format!("audit-logs/organization/11?pg[limit]=1&pg[returnTotalCount]=true&{filter}");
        get(&sandbox, &target)["pg"]["totalCount"].as_u64().expect("a number")
    };
    assert_eq!(total("x=y"), 5000);
    assert_eq!(total("author=41"), total("author[0]=Dana Rivers"));
    assert_eq!(total("team[]=22&team[]=23"), total("team=22") + total("team=23"));
    assert_eq!(
        total("event[0]=key_created&event[1]=key_deleted"),
        total("event=key_created") + total("event=key_deleted")
    );
    let (may, before) = (total("dateFrom=2026-05-01"), total("dateTo=2026-04-30"));
    assert_eq!(may + before, 5000, "a day ends where the next begins");
    assert!(may > 300 && total("team=22") > 100);
    let team = get(&sandbox, "audit-logs/team/22?pg[returnTotalCount]=true");
    assert_eq!(team["pg"]["totalCount"], total("team=22"));
}

#[test]
fn audit_logs_need_the_plan_and_the_role() {
    let sandbox = Sandbox::default();
    let status = |target: &str| call(&sandbox, Method::Get, target, Value::Null).0;
    assert_eq!(status("audit-logs/organization/12"), 402);
    assert_eq!(status("audit-logs/organization/13"), 403);
    assert_eq!(status("audit-logs/organization/10"), 404);
    assert_eq!(status("audit-logs/11/00000000-0000-4000-8000-000000000000"), 404);
}

#[test]
fn two_sandboxes_answer_alike() {
    let (one, other) = (Sandbox::default(), Sandbox::default());
    for (method, target, body) in [
        (Method::Post, "users/me/api-tokens", json!({ "label": "x", "scope": [] })),
        (
            Method::Post,
            "organizations",
            json!({ "name": "New", "regionId": 1, "timezoneId": 113, "countryId": 202 }),
        ),
        (Method::Get, "organizations", Value::Null),
        (Method::Get, "audit-logs/organization/11", Value::Null),
        (Method::Get, "organizations/11/usage", Value::Null),
    ] {
        assert_eq!(
            call(&one, method, target, body.clone()),
            call(&other, method, target, body),
            "{target}"
        );
    }
}
