//! Hosts that cannot ask: the plan comes back with the second call, after a person's approval where it needs one.

use std::{fs, time::Duration};

use make_admin_mcp::{
    guard::{JournalOutcome, approve},
    store::StateFolder,
};
use rmcp::model::CallToolResult;
use serde_json::{Value, json};

use super::cases::{Case, cases};
use crate::support::{
    host::eras,
    stage::{Client, Person, Stage, call, end, said, with_confirmation},
};

fn untouched(stage: &Stage, what: &str) {
    assert_eq!(stage.account.writes(), [""; 0], "{what}");
    assert!(!stage.outcomes().contains(&JournalOutcome::Sent), "{what}: {:?}", stage.outcomes());
}

async fn planned(client: &Client, case: &Case) -> Value {
    let result = call(client, case.tool, &case.arguments).await;
    assert_eq!(end(&result), "confirmation_required", "{}: {}", case.tool, said(&result));
    result.structured_content.unwrap()["plan"].clone()
}

fn id(plan: &Value) -> &str {
    plan["id"].as_str().unwrap()
}

/// What a person at a terminal types.
fn approved(stage: &Stage, plan: &Value, typed: &str) -> bool {
    let approval = approve(&StateFolder::new(stage.state()), id(plan)).unwrap().unwrap();
    approval.confirm(typed).unwrap()
}

async fn repeated(client: &Client, case: &Case, plan: &Value) -> CallToolResult {
    call(client, case.tool, &with_confirmation(&case.arguments, id(plan))).await
}

#[tokio::test]
async fn a_plan_is_carried_out_by_the_same_call_with_its_id_once() {
    for era in eras() {
        for case in cases() {
            let stage = Stage::new(&[]);
            let client = stage.host(era.clone(), Person::default()).await;
            let plan = planned(&client, &case).await;
            untouched(&stage, case.tool);
            if let Some(name) = case.typed {
                // G2: a person first.
                assert!(plan["how"].as_str().unwrap().contains("make-admin-mcp approve"), "{plan}");
                let early = repeated(&client, &case, &plan).await;
                assert!(said(&early).contains("not approved yet"), "{}", said(&early));
                assert!(!approved(&stage, &plan, &name.to_uppercase()), "another name");
                assert_eq!(end(&repeated(&client, &case, &plan).await), "refused_by_policy");
                untouched(&stage, case.tool);
                assert!(approved(&stage, &plan, &format!("{name}\n")));
            } else {
                assert!(
                    plan["how"].as_str().unwrap().contains("its own permission prompt"),
                    "{plan}"
                );
            }
            let done = repeated(&client, &case, &plan).await;
            assert_eq!(end(&done), "applied", "{}: {}", case.tool, said(&done));
            assert_eq!(stage.account.writes(), case.writes);
            let again = repeated(&client, &case, &plan).await;
            assert_eq!(end(&again), "refused_by_policy", "replayed");
            assert_eq!(stage.account.writes(), case.writes);
            let left = fs::read_dir(stage.state().join("plans")).map_or(0, Iterator::count);
            assert_eq!(left, 0, "plan and approval are gone");
        }
    }
}

#[tokio::test]
async fn a_plan_is_bound_to_tool_arguments_process_and_state() {
    let [era, _] = eras();
    let cases = cases();
    for (place, case) in cases.iter().enumerate() {
        let other = &cases[(place + 5) % cases.len()];
        for what in ["altered", "other tool", "restarted", "made up", "drifted"] {
            let stage = Stage::new(&[]);
            let client = stage.host(era.clone(), Person::default()).await;
            let plan = planned(&client, case).await;
            if let Some(name) = case.typed {
                assert!(approved(&stage, &plan, name));
            }
            let result = match what {
                "altered" => {
                    call(&client, case.tool, &with_confirmation(&case.altered, id(&plan))).await
                }
                "other tool" => {
                    call(&client, other.tool, &with_confirmation(&other.arguments, id(&plan))).await
                }
                "restarted" => {
                    let restarted = stage.host(era.clone(), Person::default()).await;
                    repeated(&restarted, case, &plan).await
                }
                "made up" => {
                    call(&client, case.tool, &with_confirmation(&case.arguments, "00000-00000"))
                        .await
                }
                _ => {
                    let Some(drift) = case.drift else { continue };
                    drift(&stage.account);
                    repeated(&client, case, &plan).await
                }
            };
            assert_eq!(result.is_error, Some(true), "{} {what}", case.tool);
            if what != "drifted" {
                assert_eq!(end(&result), "refused_by_policy", "{} {what}", case.tool);
            }
            untouched(&stage, what);
        }
    }
}

/// Both tools take the same arguments, so only the tool tells their plans apart.
#[tokio::test]
async fn a_plan_to_remove_does_not_hand_over() {
    let [era, _] = eras();
    let cases = cases();
    let of = |tool: &str| cases.iter().find(|case| case.tool == tool).unwrap();
    let (remove, transfer) = (of("make-remove-user"), of("make-transfer-ownership"));
    assert_eq!(remove.arguments, transfer.arguments);
    for (one, other) in [(remove, transfer), (transfer, remove)] {
        let stage = Stage::new(&[]);
        let client = stage.host(era.clone(), Person::default()).await;
        let plan = planned(&client, one).await;
        assert!(approved(&stage, &plan, one.typed.unwrap()));
        let result = repeated(&client, other, &plan).await;
        assert!(
            said(&result).contains(&format!("the plan was made for {}", one.tool)),
            "{}",
            said(&result)
        );
        untouched(&stage, other.tool);
    }
}

#[tokio::test(start_paused = true)]
async fn a_plan_ends_after_ten_minutes() {
    let [era, _] = eras();
    for case in cases() {
        let stage = Stage::new(&[]);
        let client = stage.host(era.clone(), Person::default()).await;
        let plan = planned(&client, &case).await;
        if let Some(name) = case.typed {
            assert!(approved(&stage, &plan, name));
        }
        tokio::time::advance(Duration::from_secs(599)).await;
        let early =
            call(&client, case.tool, &with_confirmation(&case.arguments, "00000-00000")).await;
        assert_eq!(end(&early), "refused_by_policy", "another id does not end it");
        tokio::time::advance(Duration::from_secs(1)).await;
        let late = repeated(&client, &case, &plan).await;
        assert!(said(&late).contains("ten minutes"), "{}", said(&late));
        untouched(&stage, case.tool);
    }
}

#[tokio::test]
async fn an_approval_of_another_plan_or_by_another_hand_does_not_count() {
    let [era, _] = eras();
    let case = &cases()[6];
    let name = case.typed.unwrap();
    let stage = Stage::new(&[]);
    let client = stage.host(era, Person::default()).await;
    let file = |plan: &Value, kind: &str| stage.state().join(format!("plans/{}.{kind}", id(plan)));

    // Made up.
    let plan = planned(&client, case).await;
    fs::write(file(&plan, "approved"), "00".repeat(32)).unwrap();
    assert!(said(&repeated(&client, case, &plan).await).contains("does not belong to this plan"));
    // Of another plan.
    let (one, two) = (planned(&client, case).await, planned(&client, case).await);
    assert!(approved(&stage, &one, name));
    fs::rename(file(&one, "approved"), file(&two, "approved")).unwrap();
    assert!(said(&repeated(&client, case, &two).await).contains("does not belong to this plan"));
    // Of a plan that reads differently on the terminal.
    let plan = planned(&client, case).await;
    let text = fs::read_to_string(file(&plan, "json")).unwrap();
    fs::write(file(&plan, "json"), text.replace("Remove", "Praise")).unwrap();
    assert!(approved(&stage, &plan, name));
    assert!(said(&repeated(&client, case, &plan).await).contains("does not belong to this plan"));
    untouched(&stage, "forged approvals");
}

#[cfg(unix)]
#[tokio::test]
async fn plans_are_files_of_their_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let [era, _] = eras();
    let stage = Stage::new(&[]);
    let client = stage.host(era, Person::default()).await;
    let plan = planned(&client, &cases()[6]).await;
    let mode =
        |path: &str| fs::metadata(stage.state().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(
        (mode(""), mode("plans"), mode(&format!("plans/{}.json", id(&plan)))),
        (0o700, 0o700, 0o600)
    );
    assert!(approved(&stage, &plan, cases()[6].typed.unwrap()));
    assert_eq!(mode(&format!("plans/{}.approved", id(&plan))), 0o600);
    assert_eq!((mode("journal.jsonl"), mode("journal.head")), (0o600, 0o600));
}

#[tokio::test]
async fn an_operator_approves_everything_whatever_the_host_can() {
    for era in eras() {
        for case in cases() {
            let stage = Stage::new(&["--confirm", "operator"]);
            let client =
                stage.host(era.clone(), Person::who(|_| panic!("the host is not asked"))).await;
            let plan = planned(&client, &case).await;
            assert_eq!(
                end(&repeated(&client, &case, &plan).await),
                "refused_by_policy",
                "{}",
                case.tool
            );
            untouched(&stage, case.tool);
            let folder = StateFolder::new(stage.state());
            let name = approve(&folder, id(&plan)).unwrap().unwrap().name().to_owned();
            assert!(approved(&stage, &plan, name.as_str()));
            assert_eq!(end(&repeated(&client, &case, &plan).await), "applied");
            assert_eq!(stage.account.writes(), case.writes);
        }
    }
}

#[tokio::test]
async fn without_confirmation_a_change_is_still_planned_and_noted() {
    let [era, _] = eras();
    for case in cases() {
        let stage = Stage::new(&["--confirm", "off"]);
        let client = stage.host(era.clone(), Person::default()).await;
        assert_eq!(
            end(&call(&client, case.tool, &case.arguments).await),
            "applied",
            "{}",
            case.tool
        );
        assert_eq!(stage.account.writes(), case.writes);
        assert_eq!(stage.outcomes(), [JournalOutcome::Sent, JournalOutcome::Applied]);
    }
}

#[tokio::test]
async fn a_plan_names_people_roles_and_organizations() {
    let [era, _] = eras();
    let stage = Stage::new(&[]);
    let client = stage.host(era, Person::default()).await;
    for (case, summary) in cases().iter().zip([
        r#"Create the API token "ci" for the caller."#,
        r#"Revoke the API token "reporting", made at 2026-01-05T09:22:31.249Z."#,
        r#"Replace the API token "reporting", made at 2026-01-05T09:22:31.249Z, by a new one."#,
        r#"Change the role of "Tomás Herrera" (tomas.herrera@example.com) in the organization "Acme" from "Member" to "App Developer"."#,
        r#"Change the role of "Tomás Herrera" (tomas.herrera@example.com) in the organization "Acme" from "Member" to "Admin"."#,
        r#"Change the role of "Tomás Herrera" (tomas.herrera@example.com) in the organization "Acme" from "Member" to "People manager"."#,
        r#"Remove "Tomás Herrera" (tomas.herrera@example.com), who is "Member", from the organization "Acme"."#,
        r#"Make "Tomás Herrera" (tomas.herrera@example.com), who is "Member", the owner of the organization "Acme"."#,
        r#"Delete the organization "Acme" for everybody."#,
        r#"Invite "Tom" (tom@example.com) to the organization "Acme" as "Member"."#,
        r#"Invite "Tom" (tom@example.com) to the organization "Acme" as "Admin"."#,
        r#"Join the organization "Brightwater Foods" as "Admin"."#,
    ]) {
        let plan = planned(&client, case).await;
        assert_eq!(plan["summary"], summary);
        for key in ["id", "before", "after", "sideEffects", "expiresAt", "how"] {
            assert!(plan.get(key).is_some(), "{key}: {plan}");
        }
    }
    let change = planned(&client, &cases()[4]).await;
    assert_eq!(change["before"]["role"], json!({ "id": 13, "name": "Member" }));
    assert_eq!(change["after"]["role"], json!({ "id": 12, "name": "Admin" }));
    assert!(
        change["sideEffects"][0]
            .as_str()
            .unwrap()
            .contains("invite, remove and change other members"),
        "{change}"
    );
}
