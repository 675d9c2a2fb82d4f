//! Whatever Make, or something in its place, sends: no number, length or nesting panics.

use std::sync::{Arc, Mutex};

use make_admin_mcp::{
    catalog::catalog,
    make::{Make, Request, Response, ResponseFuture, Transport},
    sandbox::Sandbox,
};
use proptest::{prelude::*, test_runner::TestRunner};
use serde_json::{Map, Number, Value, json};

use crate::support::host::{Host, eras};

/// The built-in account, one of whose values is another one in each answer.
#[derive(Clone)]
struct Twisted {
    sandbox: Arc<Sandbox>,
    /// Which value it is, and what stands in its place.
    twist: Arc<Mutex<(usize, Value)>>,
}

impl Transport for Twisted {
    fn send<'a>(&'a self, call: &'a Request) -> ResponseFuture<'a> {
        let answer = self.sandbox.answer(call);
        let (place, value) = self.twist.lock().unwrap().clone();
        Box::pin(async move {
            let Ok(mut body) = serde_json::from_slice::<Value>(&answer.body) else {
                return Ok(answer);
            };
            let count = leaves(&body);
            replace(&mut body, &mut (place % count.max(1)), &value);
            Ok(Response { body: body.to_string().into_bytes(), ..answer })
        })
    }
}

fn leaves(value: &Value) -> usize {
    match value {
        Value::Array(items) => items.iter().map(leaves).sum(),
        Value::Object(fields) => fields.values().map(leaves).sum(),
        _ => 1,
    }
}

/// Puts a value in the place of the leaf of that number.
fn replace(value: &mut Value, place: &mut usize, with: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter_mut().any(|item| replace(item, place, with)),
        Value::Object(fields) => fields.values_mut().any(|field| replace(field, place, with)),
        leaf if *place == 0 => {
            *leaf = with.clone();
            true
        }
        _ => {
            *place -= 1;
            false
        }
    }
}

fn deep(levels: usize) -> Value {
    (0..levels).fold(json!("x"), |inner, _| json!([inner]))
}

/// Values at the edges of what can be written.
fn edges() -> impl Strategy<Value = Value> {
    let numbers = [
        "0", "-1", "9223372036854775807", "-9223372036854775808", "18446744073709551615",
        "18446744073709551616", "1e308", "-1e308", "0.1", "4294967296", "9007199254740993",
    ];
    let numbers = numbers.map(|text| Value::Number(text.parse::<Number>().unwrap()));
    let texts = [
        "", "\u{0}", "\u{202e}", "9999-12-31T23:59:59.999999999Z", "-009999-01-01T00:00:00Z",
        "18446744073709551616", "=cmd()", "../../x", "é", "<script>",
    ];
    let texts = texts.map(|text| json!(text));
    let shapes = [json!(null), json!(true), json!([]), json!({}), json!({ "id": {} }), deep(100)];
    let long = [
        json!("x".repeat(100_000)),
        Value::Object(Map::from_iter([("x".repeat(9_999), json!(1))])),
    ];
    let all: Vec<_> = numbers.into_iter().chain(texts).chain(shapes).chain(long).collect();
    proptest::sample::select(all)
}

#[test]
fn no_value_of_an_answer_panics() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let twisted = Twisted { sandbox: Arc::default(), twist: Arc::new(Mutex::new((0, json!(0)))) };
    let make = Make::with_jitter(twisted.clone(), None, || 1.0);
    let host = runtime.block_on(Host::of_account(make, eras()[0].clone()));
    let tools = catalog();
    // What writes files needs a new folder each time; the others go on for ever with one account.
    let read: Vec<_> = tools.iter().filter(|tool| tool.effect().is_read_only()).collect();
    let config = ProptestConfig { cases: 1_500, failure_persistence: None, ..Default::default() };
    let cases = (0..read.len(), 0..400_usize, edges());
    TestRunner::new(config)
        .run(&cases, |(tool, place, value)| {
            *twisted.twist.lock().unwrap() = (place, value);
            let spec = &read[tool].spec;
            let result = runtime.block_on(host.try_call(spec.name, spec.example.clone())).unwrap();
            let answer = result.structured_content.unwrap_or_default().to_string();
            prop_assert!(!answer.contains("a mistake of this server"), "{}: {answer}", spec.name);
            Ok(())
        })
        .unwrap();
}
