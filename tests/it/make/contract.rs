//! Everything that passes between the client and the sandbox, and every fixture, keeps Make's API contract.

use std::{
    cell::RefCell,
    collections::BTreeSet,
    fs,
    path::Path,
    sync::{Arc, LazyLock},
};

use make_admin_mcp::{
    catalog::catalog,
    make::{Make, Method, Request},
    sandbox::Sandbox,
    tools::registry::Tool,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::Value;

use crate::support::{
    host::{Host, eras},
    openapi::{Checked, Contract},
};

static CONTRACT: LazyLock<Arc<Contract>> = LazyLock::new(|| Arc::new(Contract::load()));

async fn host(checked: &Checked<Sandbox>) -> Host {
    let make = Make::with_jitter(checked.clone(), None, || 1.0);
    Host::of_account(make, eras()[0].clone()).await.with_reviews()
}

/// It compares two files and asks Make nothing.
const SILENT: &str = "make-access-diff";

#[tokio::test]
async fn every_example_keeps_the_contract_in_both_directions() {
    for tool in catalog() {
        let checked = Checked::new(Sandbox::default(), CONTRACT.clone());
        host(&checked).await.call(tool.spec.name, tool.spec.example.clone()).await;
        assert_eq!(checked.problems(), [""; 0], "{}", tool.spec.name);
        assert!(!checked.seen().is_empty(), "{}", tool.spec.name);
    }
}

/// Values that a schema of arguments allows, and some that it does not.
fn value(schema: &Value) -> BoxedStrategy<Value> {
    if let Some(allowed) = schema["enum"].as_array() {
        return proptest::sample::select(allowed.clone()).boxed();
    }
    match schema["type"].as_str() {
        Some("integer") => {
            // Ids that the sandbox knows, so that calls get far.
            prop_oneof![
                proptest::sample::select(vec![1, 2, 11, 12, 13, 22, 41, 42, 113]),
                0..60_i64
            ]
            .prop_map(Value::from)
            .boxed()
        }
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        Some("array") => {
            proptest::collection::vec(value(&schema["items"]), 0..3).prop_map(Value::from).boxed()
        }
        _ => {
            let known = [
                "2026-05-01", "tom@example.com", "*", "name", "2026-01-05T09:22:31.249Z",
                "webhook_created", "..",
            ];
            prop_oneof![
                proptest::sample::select(known.to_vec()).prop_map(Value::from),
                ".{0,12}".prop_map(Value::from)
            ]
            .boxed()
        }
    }
}

/// Any choice of a tool's arguments; those of its example, which get far, come often.
fn arguments(tool: &Tool) -> BoxedStrategy<Value> {
    let example = tool.spec.example.clone();
    let properties = tool.input_schema()["properties"].as_object().unwrap().iter();
    // Of many arguments only a few at a time, or they would hardly ever fit together.
    let seldom = (1.5 / properties.len() as f64).min(0.3);
    let each: Vec<_> = properties
        .map(|(name, schema)| {
            let (weight, value) = match example.get(name) {
                Some(known) => {
                    (0.95, prop_oneof![3 => Just(known.clone()), 1 => value(schema)].boxed())
                }
                None => (seldom, value(schema)),
            };
            let name = name.clone();
            proptest::option::weighted(weight, value)
                .prop_map(move |value| value.map(|value| (name.clone(), value)))
        })
        .collect();
    each.prop_map(|pairs| Value::Object(pairs.into_iter().flatten().collect())).boxed()
}

fn is_role_change(call: &Request) -> bool {
    call.method == Method::Post && call.path.len() == 4 && call.path[2] == "user-organization-roles"
}

#[test]
fn whatever_the_arguments_the_contract_holds_and_only_one_tool_removes_people() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let answered = RefCell::new(BTreeSet::new());
    for tool in catalog() {
        let name = tool.spec.name;
        let mut runner = TestRunner::new_with_rng(
            Config { cases: 48, failure_persistence: None, ..Config::default() },
            proptest::test_runner::TestRng::deterministic_rng(
                proptest::test_runner::RngAlgorithm::ChaCha,
            ),
        );
        let result = runner.run(&arguments(&tool), |arguments| {
            let checked = Checked::new(Sandbox::default(), CONTRACT.clone());
            let result = runtime
                .block_on(async { host(&checked).await.try_call(name, arguments).await.unwrap() });
            prop_assert_eq!(checked.problems(), Vec::<String>::new());
            for (call, _) in checked.seen() {
                prop_assert!(
                    call.method.is_read() || !tool.effect().is_read(),
                    "{} writes: {}",
                    name,
                    call.name()
                );
                let removes = is_role_change(&call)
                    && call.body.as_ref().is_none_or(|body| body["usersRoleId"].is_null());
                prop_assert!(!removes || name == "make-remove-user", "{} removes", name);
            }
            if result.is_error == Some(false) {
                answered.borrow_mut().insert(name);
            }
            Ok(())
        });
        result.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let never: Vec<_> = catalog()
        .iter()
        .map(|tool| tool.spec.name)
        .filter(|name| !answered.borrow().contains(name) && *name != SILENT)
        .collect();
    assert_eq!(never, [""; 0], "tools that never got far enough to answer");
}

#[test]
fn every_fixture_is_a_documented_answer_and_is_used() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let document: Value =
        serde_json::from_str(include_str!("../../../fixtures/make/openapi.json")).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            operations.extend(
                operation["operationId"]
                    .as_str()
                    .map(|id| (snake(id), method.clone(), path.clone())),
            );
        }
    }
    let tests: String = sources(&root.join("tests/it"));
    let mut count = 0;
    for folder in fs::read_dir(root.join("fixtures/make"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
    {
        for file in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let (resource, stem) = (
                folder.file_name().unwrap().to_str().unwrap(),
                file.file_stem().unwrap().to_str().unwrap(),
            );
            let longest = operations
                .iter()
                .filter(|(id, ..)| stem.starts_with(id.as_str()))
                .max_by_key(|(id, ..)| id.len());
            let (_, method, path) = longest.unwrap_or_else(|| panic!("{stem} is no operation"));
            let call = Request {
                method: match method.as_str() {
                    "get" => Method::Get,
                    "post" => Method::Post,
                    "put" => Method::Put,
                    "patch" => Method::Patch,
                    "delete" => Method::Delete,
                    other => panic!("{other}"),
                },
                path: path.trim_start_matches('/').split('/').map(str::to_owned).collect(),
                query: Vec::new(),
                body: None,
                credential: None,
                organization: None,
            };
            CONTRACT.check_answer(&call, 200, &fs::read(&file).unwrap()).unwrap();
            let used = tests.contains(&format!("{resource}/{stem}\""))
                || (resource == "enums" && tests.contains(&format!("\"{stem}\"")));
            assert!(used, "{resource}/{stem} is used by no test");
            count += 1;
        }
    }
    assert!(count > 40, "{count} fixtures");
}

/// `listUsers` as the fixtures spell it: `list_users`.
fn snake(id: &str) -> String {
    id.chars()
        .flat_map(|c| {
            c.is_ascii_uppercase().then_some('_').into_iter().chain([c.to_ascii_lowercase()])
        })
        .collect()
}

fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { sources(&path) } else { fs::read_to_string(path).unwrap() })
        .collect()
}
