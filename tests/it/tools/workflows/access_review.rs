//! make-access-review and make-access-diff: the same access gives the same bytes, and what changed is found.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use make_admin_mcp::{
    make::{Make, Request, Response, ResponseFuture, Transport},
    sandbox::Sandbox,
};
use rmcp::service::ClientLifecycleMode;
use serde_json::{Value, json};

use crate::support::{host::Host, snapshot, wire::Wire};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reports").join(name)
}

fn read(answer: &Value, key: &str) -> String {
    fs::read_to_string(answer[key].as_str().unwrap()).unwrap()
}

/// The built-in account, whose lists come in another order each time.
#[derive(Clone)]
struct Shuffled(Arc<Sandbox>, u64);

impl Transport for Shuffled {
    fn send<'a>(&'a self, call: &'a Request) -> ResponseFuture<'a> {
        Box::pin(async move {
            let reply = self.0.answer(call);
            let mut body: Value = serde_json::from_slice(&reply.body).unwrap();
            let mut random = fastrand::Rng::with_seed(self.1);
            for list in body.as_object_mut().unwrap().values_mut() {
                if let Value::Array(rows) = list {
                    random.shuffle(rows);
                }
            }
            Ok(Response::json(reply.status, &body))
        })
    }
}

#[tokio::test]
async fn a_review_is_what_was_reviewed() {
    let host = Host::sandbox(&[]).await;
    let answer =
        host.call("make-access-review", json!({ "organizationId": 11, "path": "one" })).await;
    let review = &answer["review"];
    for (key, ending) in [("jsonPath", "json"), ("csvPath", "csv"), ("htmlPath", "html")] {
        snapshot(&fixture(&format!("access-review.{ending}")), &read(review, key));
    }
    assert_eq!(review["counts"]["people"], 28);
    assert_eq!(review["counts"]["pending"], 2);
    let kinds: Vec<_> = review["counts"]["flags"].as_object().unwrap().keys().cloned().collect();
    for kind in [
        "no_tfa", "stale_login", "external_domain", "pending_invitation", "expired_invitation",
        "custom_role",
    ] {
        assert!(kinds.contains(&kind.to_owned()), "{kind}: {kinds:?}");
    }

    // Somebody goes, somebody gets another role, somebody joins a team.
    host.call("make-remove-user", json!({ "organizationId": 11, "userId": 17 })).await;
    host.call(
        "make-update-user-role",
        json!({ "organizationId": 11, "userId": 2, "usersRoleId": 12 }),
    )
    .await;
    host.call("make-update-user-team-role", json!({ "userId": 3, "teamId": 23, "usersRoleId": 1 }))
        .await;
    let answer =
        host.call("make-access-review", json!({ "organizationId": 11, "path": "two.json" })).await;
    snapshot(&fixture("access-review-after.json"), &read(&answer["review"], "jsonPath"));
    let answer =
        host.call("make-access-diff", json!({ "before": "one.json", "after": "two.json" })).await;
    let diff = &answer["diff"];
    snapshot(&fixture("access-diff.html"), &read(diff, "htmlPath"));
    assert_eq!(diff["added"], json!([]));
    assert_eq!(diff["removed"][0]["userId"], 17);
    let changed: Vec<_> = diff["changed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| {
            (
                change["userId"].as_u64().unwrap(),
                change["where"].as_str().unwrap(),
                change["after"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(changed.len(), 2, "{changed:?}");
    assert_eq!(changed[0], (2, "organization", "Admin"));
    assert!(
        changed[1].0 == 3 && changed[1].1.starts_with("team ") && changed[1].2 == "Team Admin",
        "{changed:?}"
    );

    // The other way round it is the opposite.
    let answer =
        host.call("make-access-diff", json!({ "before": "two.json", "after": "one.json" })).await;
    assert_eq!(answer["diff"]["added"][0]["userId"], 17);
    assert_eq!(answer["diff"]["newFlags"], diff["clearedFlags"]);
}

#[tokio::test]
async fn the_order_of_answers_does_not_matter() {
    let mut seen = Vec::new();
    for seed in 0..4 {
        let make = Make::new(Shuffled(Arc::default(), seed), None);
        let host = Host::of_account(make, ClientLifecycleMode::Initialize).await;
        let arguments = json!({ "organizationId": 11, "asOf": "2026-06-01" });
        let answer = host.call("make-access-review", arguments).await;
        let review = &answer["review"];
        // The page says when it was made.
        let page = |text: String| match text.split_once("<dt>Moment</dt>") {
            Some((before, rest)) => format!("{before}{}", rest.split_once("</dd>").unwrap().1),
            None => text,
        };
        let files = ["jsonPath", "csvPath", "htmlPath"].map(|key| page(read(review, key)));
        assert_eq!(files[0], fs::read_to_string(fixture("access-review.json")).unwrap());
        seen.push(files);
    }
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]));
}

#[tokio::test]
async fn what_the_caller_may_not_see_is_said() {
    // In Birch the caller is an admin, who reaches only the own teams.
    let host = Host::sandbox(&[]).await;
    let answer = host.call("make-access-review", json!({ "organizationId": 12 })).await;
    let notes = answer["review"]["notes"].as_array().unwrap();
    assert!(!notes.is_empty(), "{answer}");
    assert!(notes[0].as_str().unwrap().contains("could not be read"), "{notes:?}");
    let people: Value = serde_json::from_str(&read(&answer["review"], "jsonPath")).unwrap();
    let unknown = people["people"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|person| person["teams"].as_array().unwrap());
    assert!(
        unknown.filter(|team| team["roleId"].is_null()).count() > 0,
        "who is in the team is known all the same"
    );
    // Cedar knows the caller as a member.
    let error = host.fail("make-access-review", json!({ "organizationId": 999 })).await;
    assert_eq!(error["kind"], "not_found", "{error}");
}

#[tokio::test]
async fn hostile_names_stay_text() {
    let organization = "/organizations/11";
    let wire = Wire::answering(&[
        ("GET", organization, json!({ "organization": { "id": 11, "name": "<b>Acme</b>" } })),
        (
            "GET",
            "/organizations/11/user-organization-roles",
            json!({ "userOrganizationRoles": [
            { "userId": 1, "organizationId": 11, "usersRoleId": 11, "invitation": null } ] }),
        ),
        (
            "GET",
            "/users",
            json!({ "users": [
            { "id": 1, "name": "<script>alert(1)</script>",
            "email": "=HYPERLINK(\"x\")@evil\u{202e}.example", "lastLogin": null, "tfaStatus": 0,
            "userTeamIds": [22] } ] }),
        ),
        ("GET", "/teams", json!({ "teams": [{ "id": 22, "name": "\" onload=\"x" }] })),
        (
            "GET",
            "/teams/22/user-team-roles",
            json!({ "userTeamRoles": [{ "userId": 1, "teamId": 22,
        "usersRoleId": 1 }] }),
        ),
    ])
    .await;
    let answer = wire
        .host
        .call("make-access-review", json!({ "organizationId": 11, "asOf": "2026-06-01" }))
        .await;
    let html = read(&answer["review"], "htmlPath");
    assert!(!html.contains("<script") && !html.contains("<b>Acme"), "{html}");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(html.contains("\\u{202e}"), "what reorders text is shown");
    let csv = read(&answer["review"], "csvPath");
    assert!(csv.contains(",\"'=HYPERLINK"), "{csv}");
}

#[tokio::test]
async fn two_files_of_one_name_and_wrong_snapshots_are_refused() {
    let host = Host::sandbox(&[]).await.with_reviews();
    let review = json!({ "organizationId": 11, "path": "r" });
    host.call("make-access-review", review.clone()).await;
    let error = host.fail("make-access-review", review).await;
    assert!(error["message"].as_str().unwrap().contains("exists already"), "{error}");
    // Without a path each gets a name of its own.
    let first = host.call("make-access-review", json!({ "organizationId": 11 })).await;
    let second = host.call("make-access-review", json!({ "organizationId": 11 })).await;
    assert_ne!(first["review"]["jsonPath"], second["review"]["jsonPath"]);
    assert_eq!(first["review"]["sha256"], second["review"]["sha256"]);

    let exports = host.home.path().join("state/exports");
    fs::write(exports.join("no.json"), "{}").unwrap();
    let birch =
        host.call("make-access-review", json!({ "organizationId": 12, "path": "birch" })).await;
    assert!(birch["review"]["jsonPath"].is_string());
    for (before, why) in [
        ("no.json", "is not an access review"),
        ("gone.json", "cannot be read"),
        ("birch.json", "two organizations"),
        ("../x", "outside"),
    ] {
        let error =
            host.fail("make-access-diff", json!({ "before": before, "after": "after.json" })).await;
        assert!(error["message"].as_str().unwrap().contains(why), "{before}: {error}");
    }
    let result = host
        .try_call("make-access-diff", json!({ "before": "before.json", "after": "after.json" }))
        .await
        .unwrap();
    assert_eq!(result.content.len(), 3, "the page and its data are linked");
}

/// The built-in account, which refuses one path.
struct Refusing(Sandbox, &'static str, u16);

impl Transport for Refusing {
    fn send<'a>(&'a self, call: &'a Request) -> ResponseFuture<'a> {
        Box::pin(async move {
            if call.path.join("/") == self.1 {
                let refused = Response::json(self.2, &json!({ "message": "refused" }));
                let retry_after = Some(std::time::Duration::from_secs(3600));
                return Ok(Response { retry_after, ..refused });
            }
            Ok(self.0.answer(call))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn what_one_call_refuses_ends_it_or_is_noted() {
    for (tool, paths) in [
        (
            "make-access-review",
            &[
                "organizations/11",
                "organizations/11/user-organization-roles",
                "users",
                "teams",
                "users/roles",
                "teams/22/user-team-roles",
            ][..],
        ),
        (
            "make-offboard-plan",
            &[
                "users/me",
                "organizations",
                "organizations/11/user-organization-roles",
                "users",
                "teams",
                "users/roles",
                "users/2/user-team-roles",
                "audit-logs/organization/11",
            ],
        ),
    ] {
        for path in paths {
            for status in [400, 401, 402, 403, 404, 429, 500, 503] {
                let make =
                    Make::with_jitter(Refusing(Sandbox::default(), path, status), None, || 1.0);
                let host = Host::of_account(make, ClientLifecycleMode::Initialize).await;
                let arguments = match tool {
                    "make-access-review" => json!({ "organizationId": 11 }),
                    _ => json!({ "userId": 2 }),
                };
                let result = host.try_call(tool, arguments).await.unwrap();
                let answer = result.structured_content.unwrap();
                if result.is_error == Some(true) {
                    assert!(
                        answer["error"]["hint"].is_string(),
                        "{tool} {path} {status}: {answer}"
                    );
                    let files = host.home.path().join("state/exports");
                    let left = fs::read_dir(files).map_or(0, Iterator::count);
                    assert_eq!(left, 0, "{tool} {path} {status} wrote something");
                } else {
                    let notes = answer
                        .pointer("/review/notes")
                        .or(answer.pointer("/plan/notes"))
                        .unwrap()
                        .to_string();
                    assert!(
                        notes.contains("could not be read")
                            || notes.contains("No audit log")
                            || notes.contains("Not looked into"),
                        "{tool} {path} {status}: {notes}"
                    );
                }
            }
        }
    }
}
