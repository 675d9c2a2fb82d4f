//! Hosts that can ask their person, in both eras of the protocol.

use std::{sync::Arc, time::Duration};

use make_admin_mcp::{
    guard::{JournalOutcome, approve},
    store::StateFolder,
};
use rmcp::model::{
    CallToolResponse, CallToolResult, ElicitResult, ElicitationAction, InputRequiredResult,
    InputResponses,
};
use serde_json::{Value, json};

use super::cases::{Case, cases};
use crate::support::{
    host::eras,
    stage::{Client, Person, Stage, accepts, call, end, host, params, said, with_confirmation},
};

const SENT_OFF: [JournalOutcome; 4] = [
    JournalOutcome::Planned,
    JournalOutcome::Confirmed,
    JournalOutcome::Sent,
    JournalOutcome::Applied,
];

/// Nothing reached Make, and the journal says so.
fn untouched(stage: &Stage, what: &str) {
    assert_eq!(stage.account.writes(), [""; 0], "{what}");
    assert!(!stage.outcomes().contains(&JournalOutcome::Sent), "{what}: {:?}", stage.outcomes());
}

#[tokio::test]
async fn what_a_person_confirms_is_done_once_in_either_era() {
    for era in eras() {
        for case in cases() {
            let stage = Stage::new(&[]);
            let yes = case.yes();
            let person = Person::who(move |_| accepts(yes.clone()));
            let asked = person.asked.clone();
            let client = stage.host(era.clone(), person).await;
            let result = call(&client, case.tool, &case.arguments).await;
            assert_eq!(end(&result), "applied", "{} {:?}", case.tool, result.structured_content);
            assert_eq!(stage.account.writes(), case.writes, "{}", case.tool);
            assert_eq!(asked.lock().unwrap().len(), 1, "asked once");
            assert_eq!(stage.outcomes(), SENT_OFF, "{}", case.tool);
            let typed = asked.lock().unwrap()[0].contains("To confirm, type");
            assert_eq!(
                typed,
                case.typed.is_some(),
                "{}: the level is the one of the plan",
                case.tool
            );
        }
    }
}

#[tokio::test]
async fn what_a_person_does_not_confirm_is_not_done() {
    for era in eras() {
        for case in cases() {
            let replies = case.no().into_iter().map(accepts).chain([
                ElicitResult::new(ElicitationAction::Decline),
                // Fields beside a no are no yes.
                ElicitResult::new(ElicitationAction::Decline).with_content(case.yes()),
            ]);
            for reply in replies {
                let stage = Stage::new(&[]);
                let given = reply.clone();
                let client = stage.host(era.clone(), Person::who(move |_| given.clone())).await;
                let result = call(&client, case.tool, &case.arguments).await;
                assert_eq!(end(&result), "cancelled", "{} {reply:?}", case.tool);
                untouched(&stage, case.tool);
                assert_eq!(stage.outcomes(), [JournalOutcome::Planned, JournalOutcome::Refused]);
            }
        }
    }
}

#[tokio::test]
async fn a_form_without_an_answer_is_no_no_and_offers_the_next_way() {
    for era in eras() {
        for case in cases() {
            let replies = case
                .malformed()
                .into_iter()
                .map(accepts)
                .chain([ElicitResult::new(ElicitationAction::Cancel)]);
            for reply in replies {
                let stage = Stage::new(&[]);
                let given = reply.clone();
                let client = stage.host(era.clone(), Person::who(move |_| given.clone())).await;
                let result = call(&client, case.tool, &case.arguments).await;
                assert_eq!(end(&result), "confirmation_required", "{} {reply:?}", case.tool);
                untouched(&stage, case.tool);
                let plan = result.structured_content.unwrap()["plan"].clone();
                let how = plan["how"].as_str().unwrap();
                let cancelled = reply.action == ElicitationAction::Cancel;
                let why =
                    if cancelled { "before anybody can have read it" } else { "without its field" };
                assert!(how.contains(why), "{how}");
                assert_eq!(how.contains("make-admin-mcp approve"), case.typed.is_some(), "{how}");
                // The plan is still good, in that way.
                let id = plan["id"].as_str().unwrap();
                if let Some(name) = case.typed {
                    let folder = StateFolder::new(stage.state());
                    let approval = approve(&folder, id).unwrap().expect("it waits");
                    assert!(approval.confirm(name).unwrap(), "{}", case.tool);
                }
                let repeated =
                    call(&client, case.tool, &with_confirmation(&case.arguments, id)).await;
                assert_eq!(end(&repeated), "applied", "{}: {}", case.tool, said(&repeated));
                assert_eq!(stage.account.writes(), case.writes, "{}", case.tool);
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_form_that_the_user_closes_is_left_to_the_terminal() {
    let [_, modern] = eras();
    let case = &cases()[0];
    let stage = Stage::new(&[]);
    let client = stage.host(modern, Person::who(|_| panic!())).await;
    let state = question(&client, case).await.request_state.unwrap();
    tokio::time::advance(Duration::from_secs(5)).await;
    let closed = Some(json!({ "action": "cancel" }));
    let result = answered(&client, case.tool, &case.arguments, Some(state), closed).await.unwrap();
    assert_eq!(end(&result), "confirmation_required");
    let plan = result.structured_content.unwrap()["plan"].clone();
    let how = plan["how"].as_str().unwrap();
    assert!(how.contains("closed the form") && how.contains("make-admin-mcp approve"), "{how}");
    let id = plan["id"].as_str().unwrap();
    let early = call(&client, case.tool, &with_confirmation(&case.arguments, id)).await;
    assert_eq!(end(&early), "refused_by_policy", "the model cannot confirm it alone");
    untouched(&stage, case.tool);
}

#[tokio::test]
async fn a_used_plan_says_what_became_of_it() {
    let case = &cases()[0];
    let stage = Stage::new(&[]);
    let client = stage.host(eras()[0].clone(), Person::default()).await;
    let plan = call(&client, case.tool, &case.arguments).await.structured_content.unwrap();
    let id = plan["plan"]["id"].as_str().unwrap();
    let confirmed = with_confirmation(&case.arguments, id);
    assert_eq!(end(&call(&client, case.tool, &confirmed).await), "applied");
    let again = call(&client, case.tool, &confirmed).await;
    assert_eq!(end(&again), "refused_by_policy");
    let said = said(&again);
    assert!(
        said.contains("this plan was used at 20") && said.contains("it was carried out"),
        "{said}"
    );
    assert!(!said.contains("without `confirmation`"), "{said}");
}

#[tokio::test]
async fn a_form_and_a_terminal_show_every_field_that_is_sent() {
    for case in cases() {
        let stage = Stage::new(&[]);
        let yes = case.yes();
        let person = Person::who(move |_| accepts(yes.clone()));
        let asked = person.asked.clone();
        let client = stage.host(eras()[0].clone(), person).await;
        call(&client, case.tool, &case.arguments).await;
        let form = asked.lock().unwrap()[0].clone();
        let terminal = {
            let stage = Stage::new(&["--confirm", "operator"]);
            let client = stage.host(eras()[0].clone(), Person::default()).await;
            let plan = call(&client, case.tool, &case.arguments).await.structured_content.unwrap();
            let folder = StateFolder::new(stage.state());
            approve(&folder, plan["plan"]["id"].as_str().unwrap()).unwrap().unwrap().text()
        };
        for body in stage.account.bodies() {
            for value in leaves(&body) {
                // An invitation's hash lets anybody accept it.
                let value = if is_secret(&value) { value[..8].to_owned() } else { value };
                for text in [&form, &terminal] {
                    assert!(text.contains(&value), "{} hides {value}: {text}", case.tool);
                }
            }
        }
    }
}

fn is_secret(value: &str) -> bool {
    value.len() == 36 && value.matches('-').count() == 4
}

/// The values of a body as they stand in a text.
fn leaves(body: &Value) -> Vec<String> {
    match body {
        Value::Object(fields) => fields.values().flat_map(leaves).collect(),
        Value::Array(items) => items.iter().flat_map(leaves).collect(),
        Value::String(text) => vec![text.clone()],
        Value::Null => Vec::new(),
        other => vec![other.to_string()],
    }
}

#[tokio::test]
async fn a_plan_that_is_too_long_for_a_form_goes_to_the_terminal_whole() {
    let note = format!("{}END", "Welcome. ".repeat(600));
    let arguments = json!({ "organizationId": 11, "email": "tom@example.com", "name": "Tom",
        "usersRoleId": 13, "note": note });
    let stage = Stage::new(&[]);
    let client = stage.host(eras()[0].clone(), Person::who(|_| panic!("no form"))).await;
    let plan = call(&client, "make-invite-user", &arguments).await.structured_content.unwrap();
    let id = plan["plan"]["id"].as_str().unwrap();
    let approval = approve(&StateFolder::new(stage.state()), id).unwrap().unwrap();
    assert!(approval.text().contains(&note), "whole");
}

#[tokio::test]
async fn a_state_that_changes_while_the_form_is_open_refuses() {
    for era in eras() {
        for case in cases() {
            let Some(drift) = case.drift else { continue };
            let stage = Stage::new(&[]);
            let (account, yes) = (stage.account.clone(), case.yes());
            let person = Person::who(move |_| {
                drift(&account);
                accepts(yes.clone())
            });
            let client = stage.host(era.clone(), person).await;
            let result = call(&client, case.tool, &case.arguments).await;
            assert!(
                result.is_error == Some(true),
                "{}: {:?}",
                case.tool,
                result.structured_content
            );
            untouched(&stage, case.tool);
            if case.tool == "make-update-user-role" {
                assert!(
                    said(&result).contains(r#"role.name: \"Member\" is now \"Accountant\""#),
                    "{}",
                    said(&result)
                );
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_form_that_nobody_answers_ends_with_its_plan() {
    struct Nobody;
    impl rmcp::ClientHandler for Nobody {
        fn get_info(&self) -> rmcp::model::ClientConfig {
            let capabilities =
                rmcp::model::ClientCapabilities::builder().enable_elicitation().build();
            rmcp::model::ClientConfig::new(
                capabilities,
                rmcp::model::Implementation::new("test", "1"),
            )
        }

        async fn create_elicitation(
            &self,
            _: rmcp::model::ElicitRequestParams,
            _: rmcp::service::RequestContext<rmcp::RoleClient>,
        ) -> Result<ElicitResult, rmcp::ErrorData> {
            tokio::time::sleep(Duration::from_secs(3600)).await;
            Ok(accepts(json!({ "name": "Acme", "confirm": true })))
        }
    }
    let stage = Stage::new(&[]);
    let server = stage.server();
    let (own, theirs) = tokio::io::duplex(64 << 10);
    tokio::spawn(
        async move { rmcp::ServiceExt::serve(server, own).await.unwrap().waiting().await },
    );
    let client = rmcp::ServiceExt::serve(Nobody, theirs).await.unwrap();
    let result = client
        .call_tool(params("make-delete-org", &json!({ "organizationId": 11 })))
        .await
        .unwrap();
    assert_eq!(end(&result), "cancelled");
    assert!(said(&result).contains("within ten minutes"), "{}", said(&result));
    // The late answer arrives, and nothing comes of it.
    tokio::time::sleep(Duration::from_secs(7200)).await;
    untouched(&stage, "late");
}

#[tokio::test]
async fn a_cancelled_call_or_a_lost_host_discards_the_plan() {
    for lost in [false, true] {
        let stage = Stage::new(&[]);
        let (told, mut asked) = tokio::sync::mpsc::unbounded_channel();
        let gate = Arc::new(tokio::sync::Semaphore::new(0));
        let waiting = gate.clone();
        let person = Slow { told, waiting };
        let server = stage.server();
        let (own, theirs) = tokio::io::duplex(64 << 10);
        let serving = tokio::spawn(async move {
            rmcp::ServiceExt::serve(server, own).await.unwrap().waiting().await
        });
        let client = rmcp::ServiceExt::serve(person, theirs).await.unwrap();
        let request = rmcp::model::ClientRequest::CallToolRequest(rmcp::model::Request::new(
            params("make-delete-org", &json!({ "organizationId": 11 })),
        ));
        let handle = client
            .send_cancellable_request(request, rmcp::service::PeerRequestOptions::no_options())
            .await
            .unwrap();
        asked.recv().await.unwrap();
        if lost {
            client.cancel().await.unwrap();
        } else {
            handle.cancel(Some("no longer".to_owned())).await.unwrap();
            gate.add_permits(1);
            client.cancel().await.unwrap();
        }
        serving.await.unwrap().unwrap();
        untouched(&stage, "gone");
    }
}

/// Answers with yes, once it is let.
struct Slow {
    told: tokio::sync::mpsc::UnboundedSender<()>,
    waiting: Arc<tokio::sync::Semaphore>,
}

impl rmcp::ClientHandler for Slow {
    fn get_info(&self) -> rmcp::model::ClientConfig {
        let capabilities = rmcp::model::ClientCapabilities::builder().enable_elicitation().build();
        rmcp::model::ClientConfig::new(capabilities, rmcp::model::Implementation::new("test", "1"))
    }

    async fn create_elicitation(
        &self,
        _: rmcp::model::ElicitRequestParams,
        _: rmcp::service::RequestContext<rmcp::RoleClient>,
    ) -> Result<ElicitResult, rmcp::ErrorData> {
        self.told.send(()).unwrap();
        let _permit = self.waiting.acquire().await.unwrap();
        Ok(accepts(json!({ "name": "Acme" })))
    }
}

/// The question of a modern server, before anyone has answered.
async fn question(client: &Client, case: &Case) -> InputRequiredResult {
    match client.call_tool_once(params(case.tool, &case.arguments)).await.unwrap() {
        CallToolResponse::InputRequired(asked) => asked,
        other => panic!("{}: {other:?}", case.tool),
    }
}

/// What a modern host sends after the question.
async fn answered(
    client: &Client,
    tool: &'static str,
    arguments: &Value,
    state: Option<String>,
    reply: Option<Value>,
) -> Result<CallToolResult, InputRequiredResult> {
    let mut request = params(tool, arguments);
    if let Some(state) = state {
        request = request.with_request_state(state);
    }
    if let Some(reply) = reply {
        request =
            request.with_input_responses(InputResponses::from([("confirm".to_owned(), reply)]));
    }
    match client.call_tool_once(request).await.unwrap() {
        CallToolResponse::Complete(result) => Ok(result),
        CallToolResponse::InputRequired(asked) => Err(asked),
        other => panic!("{other:?}"),
    }
}

fn yes_of(case: &Case) -> Option<Value> {
    Some(json!({ "action": "accept", "content": case.yes() }))
}

#[tokio::test]
async fn a_modern_question_is_good_for_one_call_with_the_same_arguments() {
    let [_, modern] = eras();
    let cases = cases();
    for (place, case) in cases.iter().enumerate() {
        let stage = Stage::new(&[]);
        let client =
            stage.host(modern.clone(), Person::who(|_| panic!("the test answers itself"))).await;
        let other = &cases[(place + 5) % cases.len()];
        assert_ne!(other.tool, case.tool);
        let refused = |result: Result<CallToolResult, _>, what: &str| {
            let Ok(result) = result else { panic!("{what} is asked anew") };
            assert_eq!(end(&result), "refused_by_policy", "{} {what}", case.tool);
            untouched(&stage, what);
        };

        let state = question(&client, case).await.request_state.unwrap();
        refused(
            answered(&client, case.tool, &case.altered, Some(state.clone()), yes_of(case)).await,
            "altered",
        );
        refused(
            answered(&client, case.tool, &case.arguments, Some(state), yes_of(case)).await,
            "after a failed try",
        );

        let state = question(&client, case).await.request_state.unwrap();
        refused(
            answered(&client, other.tool, &other.arguments, Some(state.clone()), yes_of(other))
                .await,
            "of another tool",
        );
        let forged = state.replacen(&state[state.len() - 4..], "AAAA", 1);
        refused(
            answered(&client, case.tool, &case.arguments, Some(forged), yes_of(case)).await,
            "forged",
        );
        refused(
            answered(
                &client,
                case.tool,
                &case.arguments,
                Some("rs1.e30.e30".to_owned()),
                yes_of(case),
            )
            .await,
            "made up",
        );
        let restarted = stage.host(modern.clone(), Person::who(|_| panic!())).await;
        refused(
            answered(&restarted, case.tool, &case.arguments, Some(state.clone()), yes_of(case))
                .await,
            "restarted",
        );

        // A reply without the question is no confirmation, nor is the plan's place in another way.
        let asked = answered(&client, case.tool, &case.arguments, None, yes_of(case)).await;
        assert!(asked.is_err(), "asked anew");
        let id = stage.journal().iter().rev().find_map(|line| line.plan.clone()).unwrap();
        let repeated = call(&client, case.tool, &with_confirmation(&case.arguments, &id)).await;
        assert_eq!(end(&repeated), "refused_by_policy");
        untouched(&stage, "of a form, by repetition");

        // The question is still good where it belongs, once.
        let done = answered(&client, case.tool, &case.arguments, Some(state.clone()), yes_of(case))
            .await
            .unwrap();
        assert_eq!(end(&done), "applied", "{}: {}", case.tool, said(&done));
        let again =
            answered(&client, case.tool, &case.arguments, Some(state), yes_of(case)).await.unwrap();
        assert_eq!(end(&again), "refused_by_policy", "replayed");
        assert_eq!(stage.account.writes(), case.writes);
    }
}

#[tokio::test]
async fn a_question_without_a_reply_is_not_confirmed() {
    let [_, modern] = eras();
    for case in cases() {
        for reply in [
            None,
            Some(json!(true)),
            Some(json!({ "content": case.yes() })),
            // An action that this protocol does not know.
            Some(json!({ "action": "ACCEPT" })),
        ] {
            let stage = Stage::new(&[]);
            let client = stage.host(modern.clone(), Person::who(|_| panic!())).await;
            let state = question(&client, &case).await.request_state.unwrap();
            let result =
                answered(&client, case.tool, &case.arguments, Some(state), reply).await.unwrap();
            assert_eq!(end(&result), "confirmation_required", "{}", case.tool);
            untouched(&stage, case.tool);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_modern_question_ends_after_ten_minutes() {
    let [_, modern] = eras();
    for case in cases() {
        let stage = Stage::new(&[]);
        let client = stage.host(modern.clone(), Person::who(|_| panic!())).await;
        let state = question(&client, &case).await.request_state.unwrap();
        tokio::time::advance(Duration::from_secs(600)).await;
        let result = answered(&client, case.tool, &case.arguments, Some(state), yes_of(&case))
            .await
            .unwrap();
        assert_eq!(end(&result), "refused_by_policy");
        assert!(said(&result).contains("ten minutes"), "{}", said(&result));
        untouched(&stage, case.tool);
    }
}

#[tokio::test]
async fn two_answers_at_once_act_once() {
    let [_, modern] = eras();
    let case = &cases()[6];
    let stage = Stage::new(&[]);
    let server = stage.server();
    let first = host(server.clone(), modern.clone(), Person::who(|_| panic!())).await;
    let second = host(server, modern, Person::who(|_| panic!())).await;
    let state = question(&first, case).await.request_state.unwrap();
    let (one, two) = tokio::join!(
        answered(&first, case.tool, &case.arguments, Some(state.clone()), yes_of(case)),
        answered(&second, case.tool, &case.arguments, Some(state.clone()), yes_of(case)),
    );
    let mut ends = [end(&one.unwrap()), end(&two.unwrap())];
    ends.sort();
    assert_eq!(ends, ["applied", "refused_by_policy"]);
    assert_eq!(stage.account.writes(), case.writes);
}
