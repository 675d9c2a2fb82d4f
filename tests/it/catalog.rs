//! Rules that every tool keeps, and what hosts see of it.

use std::{collections::BTreeSet, fs, path::PathBuf};

use make_admin_mcp::{
    catalog::catalog,
    tools::registry::{Effect, Tool},
};
use serde_json::{Value, json};

use crate::support::{
    host::{Host, Mounted},
    snapshot,
};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/tools")
}

/// Every schema inside a schema, with the path to it.
fn walk<'a>(path: &str, schema: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    found.push((path.to_owned(), schema));
    match schema {
        Value::Object(map) => {
            map.iter().for_each(|(key, inner)| walk(&format!("{path}/{key}"), inner, found))
        }
        Value::Array(list) => list.iter().for_each(|inner| walk(path, inner, found)),
        _ => {}
    }
}

#[test]
fn names_are_unique_short_and_of_one_form() {
    let mut seen = BTreeSet::new();
    for Tool { spec, .. } in &catalog() {
        assert!(seen.insert(spec.name), "{} is there twice", spec.name);
        assert!(spec.name.len() <= 32 && spec.name.starts_with("make-"), "{}", spec.name);
        assert!(spec.name.chars().all(|c| c.is_ascii_lowercase() || c == '-'), "{}", spec.name);
    }
}

#[test]
fn texts_are_short_and_complete() {
    for tool in &catalog() {
        let (name, description) = (tool.spec.name, tool.spec.description);
        assert!(
            (40..=300).contains(&description.chars().count()),
            "{name}: {}",
            description.chars().count()
        );
        assert!(description.ends_with('.') && !description.contains("  "), "{name}");
        for (argument, schema) in tool.input_schema()["properties"].as_object().unwrap() {
            let text = schema["description"].as_str().unwrap_or_default();
            assert!((3..=120).contains(&text.chars().count()), "{name}, {argument}: {text:?}");
        }
        for name in description
            .split(|c: char| !c.is_ascii_lowercase() && c != '-')
            .filter(|word| word.starts_with("make-"))
        {
            assert!(
                catalog().iter().any(|tool| tool.spec.name == name),
                "{} names {name}",
                tool.spec.name
            );
        }
    }
}

#[test]
fn schemas_are_ones_that_every_host_reads() {
    for tool in &catalog() {
        let name = tool.spec.name;
        let (input, output) = (
            Value::Object((**tool.input_schema()).clone()),
            Value::Object((**tool.output_schema()).clone()),
        );
        for (schema, which) in [(&input, "input"), (&output, "output")] {
            assert_eq!(schema["type"], "object", "{name} {which}");
            for key in ["anyOf", "oneOf", "allOf", "$schema", "title"] {
                assert!(schema.get(key).is_none(), "{name} {which} has {key} at the top");
            }
            let mut all = Vec::new();
            walk(which, schema, &mut all);
            for (path, part) in all {
                assert!(
                    part.get("$ref").is_none() && part.get("$defs").is_none(),
                    "{name} {path} has a reference"
                );
                let properties = part.get("properties").and_then(Value::as_object);
                for (property, schema) in properties.into_iter().flatten() {
                    assert!(schema.is_object(), "{name} {path}: {property} is {schema}");
                }
                assert!(
                    !part.get("type").is_some_and(Value::is_array),
                    "{name} {path} has a list of types"
                );
                // Words for which one host or another refuses all tools.
                let words: &[&str] = match which {
                    "input" => &["format", "additionalProperties", "examples"],
                    _ => &["format", "examples"],
                };
                for word in words {
                    let is_word = !path.ends_with("/properties") && part.get(word).is_some();
                    assert!(!is_word, "{name} {path} has {word}");
                }
            }
        }
        for (argument, schema) in input["properties"].as_object().unwrap() {
            assert!(
                matches!(schema["type"].as_str(), Some("integer" | "string" | "boolean" | "array")),
                "{name}, {argument}"
            );
            assert!(
                !matches!(schema["items"]["type"].as_str(), Some("object" | "array")),
                "{name}, {argument} is not flat"
            );
        }
        for argument in input["required"].as_array().into_iter().flatten().filter_map(Value::as_str)
        {
            let schema = &input["properties"][argument];
            let text = schema["description"].as_str().unwrap();
            let is_text = schema["type"] == "string" || schema["items"]["type"] == "string";
            let has_example = schema.get("enum").is_some() || text.to_lowercase().contains("e.g. ");
            assert!(!is_text || has_example, "{name}: {argument} has no example: {text}");
        }
    }
}

#[test]
fn hints_follow_from_the_effect() {
    for tool in &catalog() {
        let verb = tool.spec.name.split('-').nth(1).unwrap();
        let effect = tool.effect();
        let last = tool.spec.name.rsplit('-').next().unwrap();
        let expected = match verb {
            // These write files and change nothing at Make.
            _ if matches!(last, "export" | "review" | "diff") => Effect::Report,
            "create" | "invite" | "accept" => Effect::Create,
            "update" | "transfer" | "rotate" | "set" | "change" => Effect::Update,
            "start" => Effect::Create,
            "delete" | "revoke" | "remove" | "cancel" => Effect::Delete,
            _ => Effect::Read,
        };
        assert_eq!(effect, expected, "{}", tool.spec.name);
    }
}

#[tokio::test]
async fn what_hosts_see_is_what_was_reviewed() {
    let host = Host::sandbox(&["--toolsets", "all"]).await;
    let tools = host.client.list_all_tools().await.unwrap();
    assert_eq!(tools.len(), catalog().len());
    let mut expected = BTreeSet::new();
    for tool in tools {
        let file = folder().join(format!("{}.json", tool.name));
        snapshot(&file, &format!("{:#}\n", serde_json::to_value(&tool).unwrap()));
        expected.insert(file);
    }
    for entry in fs::read_dir(folder()).unwrap() {
        let file = entry.unwrap().path();
        assert!(expected.contains(&file), "{} belongs to no tool; delete it", file.display());
    }
}

/// Every example in an account of its own.
async fn answers(over_http: bool) -> Vec<(&'static str, Value)> {
    let mut answers = Vec::new();
    for tool in catalog() {
        let example = tool.spec.example.clone();
        let answer = if over_http {
            let server = Mounted::start().await;
            Host::of_account_at(&server).await.with_reviews().call(tool.spec.name, example).await
        } else {
            Host::sandbox(&[]).await.with_reviews().call(tool.spec.name, example).await
        };
        answers.push((tool.spec.name, answer));
    }
    answers
}

#[tokio::test]
async fn every_answer_keeps_its_output_schema() {
    for (tool, (name, answer)) in catalog().iter().zip(answers(false).await) {
        let schema = Value::Object((**tool.output_schema()).clone());
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let errors: Vec<_> =
            validator.iter_errors(&answer).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}\n{answer:#}");
        let error = json!({ "error": { "kind": "not_found", "message": "x" } });
        assert!(validator.is_valid(&error), "{name}: some hosts check failed results too");
        assert!(answer.get("error").is_none(), "{name}");
        for (key, _) in answer.as_object().unwrap() {
            assert!(
                schema["properties"].get(key).is_some(),
                "{name}: `{key}` is not in the schema"
            );
        }
    }
}

#[tokio::test]
async fn the_sandbox_behind_real_http_answers_the_same() {
    let differing = |name: &str| {
        matches!(
            name,
            "make-auth-status" | "make-create-token" | "make-rotate-token"
                // These depend on the day, and name files of their own.
                | "make-audit-export" | "make-access-review" | "make-access-diff" | "make-offboard-plan"
        )
    };
    let pairs = answers(false).await.into_iter().zip(answers(true).await);
    for ((name, inside), (_, over_http)) in pairs.filter(|((name, _), _)| !differing(name)) {
        assert_eq!(inside, without_age(over_http, &inside), "{name}");
    }
}

/// The age of a token depends on the day, and only the sandbox has a fixed one.
fn without_age(mut answer: Value, inside: &Value) -> Value {
    for (place, token) in answer["apiTokens"].as_array_mut().into_iter().flatten().enumerate() {
        token["ageDays"] = inside["apiTokens"][place]["ageDays"].clone();
    }
    if answer["apiTokens"].is_null() {
        answer.as_object_mut().unwrap().remove("apiTokens");
    }
    answer
}

#[test]
fn an_example_uses_known_arguments_only() {
    for tool in &catalog() {
        let known = tool.input_schema()["properties"].clone();
        for argument in tool.spec.example.as_object().unwrap().keys() {
            assert!(known.get(argument).is_some(), "{}: {argument}", tool.spec.name);
        }
        assert_eq!(
            tool.spec.example == json!({}),
            tool.input_schema().get("required").is_none() && tool.spec.example == json!({})
        );
    }
}
