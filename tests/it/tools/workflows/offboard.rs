//! make-offboard-plan: it finds everything, and what it plans can be done in that order.

use serde_json::{Value, json};

use crate::support::host::Host;

async fn plan(host: &Host, who: Value) -> Value {
    host.call("make-offboard-plan", who).await["plan"].clone()
}

#[tokio::test]
async fn the_planned_calls_take_everything_away() {
    let host = Host::sandbox(&[]).await;
    let by_id = plan(&host, json!({ "userId": 2 })).await;
    let email = by_id["person"]["email"].as_str().unwrap();
    let by_email = plan(&host, json!({ "email": email.to_uppercase() })).await;
    assert_eq!(by_id["steps"], by_email["steps"]);
    assert!(!by_id["teams"].as_array().unwrap().is_empty());
    assert!(by_id["recentAudit"][0]["count"].as_u64().unwrap() > 0, "{by_id:#}");
    let mut done = Vec::new();
    for step in by_id["steps"].as_array().unwrap() {
        let tool = step["tool"].as_str().unwrap();
        let arguments = step["arguments"].clone();
        match tool {
            "make-remove-user" => drop(host.call("make-remove-user", arguments).await),
            "make-get-user-role" => {
                assert_eq!(host.fail("make-get-user-role", arguments).await["kind"], "not_found")
            }
            "make-offboard-plan" => {
                assert_eq!(host.fail("make-offboard-plan", arguments).await["kind"], "not_found")
            }
            other => panic!("{other} was not expected"),
        }
        done.push(tool.to_owned());
    }
    assert_eq!(done.last().unwrap(), "make-offboard-plan");
    assert!(done.contains(&"make-remove-user".to_owned()));
}

#[tokio::test]
async fn an_owner_hands_over_first_and_nobody_plans_to_remove_themselves() {
    let host = Host::sandbox(&[]).await;
    // 29 owns Birch, where the caller is an admin.
    let found = plan(&host, json!({ "userId": 29 })).await;
    let tools: Vec<_> = found["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step["tool"].as_str().unwrap())
        .collect();
    assert_eq!(tools[..2], ["make-transfer-ownership", "make-remove-user"], "{found:#}");
    assert_ne!(found["steps"][0]["arguments"]["userId"], 29);
    let own = plan(&host, json!({ "userId": 41 })).await;
    assert_eq!(own["steps"], json!([]));
    assert!(own["notes"].to_string().contains("who cannot remove their own access"));
}

#[tokio::test]
async fn an_invitation_is_found_and_strangers_are_not() {
    let host = Host::sandbox(&[]).await;
    let found = plan(&host, json!({ "userId": 24 })).await;
    assert_eq!(found["organizations"][0]["invitation"], "pending");
    assert!(found["steps"][0]["why"].as_str().unwrap().starts_with("Withdraws the invitation"));
    for wrong in [json!({ "email": "nobody@example.com" }), json!({ "userId": 9999 })] {
        assert_eq!(host.fail("make-offboard-plan", wrong).await["kind"], "not_found");
    }
    for wrong in [json!({}), json!({ "email": "a@b.c", "userId": 1 })] {
        assert_eq!(host.fail("make-offboard-plan", wrong).await["kind"], "invalid_arguments");
    }
}

#[tokio::test]
async fn a_team_that_nobody_could_manage_any_more_is_named_in_every_plan() {
    // Tomás is the only admin of the team Support.
    let support = "The team \"Support\" has no admin any more";
    let host = Host::sandbox(&["--confirm", "auto"]).await;
    let plan = host.call("make-offboard-plan", json!({ "userId": 2 })).await["plan"].clone();
    assert!(plan["notes"].to_string().replace("\\\"", "\"").contains(support), "{plan}");
    for (tool, arguments) in [
        ("make-remove-user", json!({ "userId": 2, "organizationId": 11 })),
        ("make-update-user-team-role", json!({ "userId": 2, "teamId": 25, "usersRoleId": 3 })),
    ] {
        let plan = host.call(tool, arguments).await["plan"].clone();
        let told = plan["sideEffects"].to_string().replace("\\\"", "\"");
        assert!(told.contains(support), "{tool}: {told}");
    }
    let host = Host::sandbox(&[]).await;
    host.call("make-remove-user", json!({ "userId": 2, "organizationId": 11 })).await;
    let review = host.call("make-access-review", json!({ "organizationId": 11 })).await;
    let flags = review["review"]["flags"].as_array().unwrap();
    let alone: Vec<_> = flags.iter().filter(|flag| flag["kind"] == "no_admin").collect();
    assert_eq!(alone.len(), 1, "{flags:?}");
    assert_eq!(alone[0]["text"], "The team \"Support\" (25) has no admin.");
}
