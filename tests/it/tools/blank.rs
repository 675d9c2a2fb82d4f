//! A blank optional argument means the same as none, in every tool.

use make_admin_mcp::catalog::catalog;
use serde_json::{Value, json};

use crate::support::host::Host;

/// The answer or the error of a call in a fresh account, without the folder of the test in it.
async fn answer(tool: &'static str, arguments: Value) -> String {
    let host = Host::sandbox(&[]).await;
    let result = host.try_call(tool, arguments).await.unwrap();
    let text = result.structured_content.unwrap_or_default().to_string();
    text.replace(host.home.path().to_str().unwrap(), "HOME")
}

#[tokio::test]
async fn a_blank_optional_argument_counts_as_not_given_in_every_tool() {
    let mut tried = 0;
    for tool in catalog() {
        let schema = tool.input_schema();
        let required = schema.get("required").cloned().unwrap_or_default();
        let is_required =
            |name: &String| required.as_array().is_some_and(|all| all.contains(&json!(name)));
        let given = tool.spec.example.clone();
        let blanks: Vec<_> = schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| !is_required(name) && given.get(name.as_str()).is_none())
            .filter(|name| !tool.clearable.contains(&name.as_str()))
            .collect();
        if blanks.is_empty() {
            continue;
        }
        let plain = answer(tool.spec.name, given.clone()).await;
        for blank in [json!(""), json!(" "), json!([]), json!([""]), Value::Null] {
            let mut arguments = given.clone();
            for name in &blanks {
                arguments[name.as_str()] = blank.clone();
            }
            assert_eq!(answer(tool.spec.name, arguments).await, plain, "{}", tool.spec.name);
            tried += blanks.len();
        }
    }
    assert!(tried > 500, "{tried}");
}

#[tokio::test]
async fn a_blank_value_clears_what_can_be_cleared_and_the_plan_says_so() {
    let host = Host::sandbox(&["--confirm", "auto"]).await;
    for (argument, blank, part) in [
        ("description", json!(""), "Its description is removed."),
        ("description", Value::Null, "Its description is removed."),
        ("permissions", json!([]), "May no longer"),
    ] {
        let mut arguments = json!({ "roleId": 42, "organizationId": 11 });
        arguments[argument] = blank;
        let plan = host.call("make-update-role", arguments).await["plan"].clone();
        assert!(plan["sideEffects"].to_string().contains(part), "{plan}");
    }
    let host = Host::sandbox(&[]).await;
    let cleared = host
        .call(
            "make-update-variable",
            json!({ "organizationId": 11, "name": "region", "value": "" }),
        )
        .await;
    assert_eq!(cleared["organizationVariable"]["value"], "");
}
