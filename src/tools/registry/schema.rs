//! Schemas that every host accepts, from the types of arguments and answers.

use schemars::{JsonSchema, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// The schema of a tool's arguments: flat, no `$ref`, no null, and none of the words for which some hosts refuse all
/// tools: `format`, `examples`, `additionalProperties`. Unknown names are refused when a tool is called.
pub(crate) fn of_arguments<T: JsonSchema>() -> Map<String, Value> {
    let mut schema = generated::<T>();
    walk(&mut schema, &mut without_null);
    walk(&mut schema, &mut with_example_in_text);
    let mut schema = finished(schema);
    schema.entry("properties").or_insert_with(|| json!({}));
    schema.shift_remove("additionalProperties");
    schema
}

/// The schema of a tool's answer: null stays where Make sends it, as `anyOf`; unknown names are allowed.
///
/// Hosts built on the TypeScript SDK check failed results too, so `error` may stand in place of everything else.
pub(crate) fn of_answer<T: JsonSchema>() -> Map<String, Value> {
    let mut schema = generated::<T>();
    walk(&mut schema, &mut without_type_lists);
    let mut schema = finished(schema);
    schema.remove("required");
    with_property(
        schema,
        "error",
        json!({ "type": "object", "description": "Alone, if the call failed: kind, message, hint \
            and more." }),
    )
}

/// Adds what every guarded tool answers.
pub(crate) fn with_outcome(schema: Map<String, Value>) -> Map<String, Value> {
    let outcome = json!({
        "type": "string", "enum": ["applied", "confirmation_required"],
        "description": "Whether it was done, or waits for the user."
    });
    let plan = json!({
        "type": "object", "description": "What would be done, while it waits: id, summary, before, \
            after, sideEffects, expiresAt, how."
    });
    with_property(with_property(schema, "outcome", outcome), "plan", plan)
}

/// Adds what every guarded tool takes.
pub(crate) fn with_confirmation(schema: Map<String, Value>) -> Map<String, Value> {
    let confirmation = json!({ "type": "string", "description": "plan.id, on the second call." });
    with_property(schema, "confirmation", confirmation)
}

fn with_property(
    mut schema: Map<String, Value>,
    name: &str,
    property: Value,
) -> Map<String, Value> {
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.insert(name.to_owned(), property);
    }
    schema
}

fn generated<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

fn finished(mut schema: Value) -> Map<String, Value> {
    walk(&mut schema, &mut without_noise);
    let Value::Object(mut schema) = schema else {
        return Map::new();
    };
    // Title and text of the Rust type: the tool has its own.
    schema.remove("title");
    schema.remove("description");
    schema.insert("type".to_owned(), "object".into());
    schema
}

/// Calls `change` on every schema, innermost first. Names of properties are no words of a schema.
fn walk(schema: &mut Value, change: &mut impl FnMut(&mut Map<String, Value>)) {
    match schema {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                match (key.as_str(), inner) {
                    ("enum" | "const" | "examples" | "default" | "required", _) => {}
                    ("properties", Value::Object(properties)) => {
                        properties.values_mut().for_each(|property| walk(property, change));
                    }
                    (_, inner) => walk(inner, change),
                }
            }
            change(map);
        }
        Value::Array(list) => list.iter_mut().for_each(|inner| walk(inner, change)),
        _ => {}
    }
}

fn without_noise(schema: &mut Map<String, Value>) {
    // Models take it for granted that what is left out is nothing, no or none, and that no number is negative.
    let says_nothing = |value: &Value| {
        matches!(value, Value::Null | Value::Bool(false))
            || *value == 0
            || value.as_array().is_some_and(Vec::is_empty)
    };
    if schema.get("minimum").is_some_and(|least| *least == 0) {
        schema.remove("minimum");
    }
    schema.shift_remove("format");
    if schema.get("default").is_some_and(says_nothing) {
        schema.remove("default");
    }
    // Each value of an enum with its text: hosts want a plain `enum`.
    let constants: Option<Vec<Value>> = schema
        .get("oneOf")
        .and_then(Value::as_array)
        .map(|options| options.iter().flat_map(constant_values).collect());
    if let Some(constants) = constants.filter(|constants| !constants.is_empty()) {
        schema.remove("oneOf");
        schema.insert("type".to_owned(), "string".into());
        schema.insert("enum".to_owned(), constants.into());
    }
}

/// Moves the example of a text into its description. The example of an id would only be a wrong id elsewhere.
fn with_example_in_text(schema: &mut Map<String, Value>) {
    let Some(examples) = schema.shift_remove("examples") else { return };
    let Some(example) = examples.get(0) else { return };
    let words = match example {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(Value::is_string) => {
            items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", ")
        }
        _ => return,
    };
    if schema.contains_key("enum") || schema.contains_key("oneOf") {
        return;
    }
    let text = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    if !text.contains(&words) {
        let text = format!("{} E.g. {words}.", text.trim_end());
        schema.insert("description".to_owned(), text.trim_start().to_owned().into());
    }
}

fn constant_values(option: &Value) -> Vec<Value> {
    match (option.get("const"), option.get("enum").and_then(Value::as_array)) {
        (Some(constant), _) => vec![constant.clone()],
        (None, Some(values)) => values.clone(),
        (None, None) => Vec::new(),
    }
}

/// An argument that may be left out need not be null: `["string", "null"]` and `anyOf: [X, null]` become X.
fn without_null(schema: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(options)) = schema.get_mut("anyOf") {
        options.retain(|option| option.get("type").is_none_or(|name| name != "null"));
        if let [Value::Object(only)] = options.as_slice() {
            let only = only.clone();
            schema.remove("anyOf");
            for (key, value) in only {
                schema.entry(key).or_insert(value);
            }
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
}

/// `["string", "null"]` becomes `anyOf`, which more hosts read; bounds, which only arguments have a use for, go.
fn without_type_lists(schema: &mut Map<String, Value>) {
    schema.remove("minimum");
    schema.remove("maximum");
    let Some(Value::Array(types)) = schema.get("type").cloned() else {
        return;
    };
    schema.remove("type");
    let text = schema.remove("description");
    let inner = std::mem::take(schema);
    let options = types.into_iter().map(|name| {
        let mut option = if name == "null" { Map::new() } else { inner.clone() };
        option.insert("type".to_owned(), name);
        Value::Object(option)
    });
    schema.insert("anyOf".to_owned(), options.collect());
    schema.extend(text.map(|text| ("description".to_owned(), text)));
}
