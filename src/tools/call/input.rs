//! Checks arguments against a tool's schema, forgives what models commonly get wrong, and explains the rest.

use serde_json::{Map, Number, Value};

use crate::{
    text::{closest, visible},
    tools::registry::{Tool, ToolError},
};

/// Arguments that some hosts add to every call, for their own use.
const OF_HOSTS: [&str; 1] = ["task_progress"];

/// Returns the arguments under their advertised names and with their advertised types, or says all that is wrong.
///
/// A blank optional argument counts as not given, unless a blank value clears something.
pub(crate) fn check(
    tool: &Tool,
    given: Map<String, Value>,
) -> Result<Map<String, Value>, ToolError> {
    let (name_of_tool, schema) = (tool.spec.name, tool.input_schema());
    let no_properties = Map::new();
    let known = schema.get("properties").and_then(Value::as_object).unwrap_or(&no_properties);
    let required: Vec<_> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let is_planned = tool.guard().is_some();
    let mut checked = Map::new();
    let mut problems = Vec::new();
    for (name, value) in given {
        let name = tool
            .aliases
            .iter()
            .find(|(alias, _)| *alias == name)
            .map_or(name, |(_, name)| (*name).to_owned());
        let clears = tool.clearable.contains(&name.as_str());
        match known.get(&name) {
            // Left out and null are the same to a model, and hosts send blanks for what a user left empty. Where null
            // clears a text at Make, the plan shows it.
            Some(schema) if value.is_null() && !(clears && is_text(schema) && is_planned) => {}
            Some(_) if is_blank(&value) && !clears && !required.contains(&name.as_str()) => {}
            Some(_) if checked.contains_key(&name) => {
                problems.push(format!("`{name}` is given twice"))
            }
            Some(schema) => match accept(schema, value) {
                Ok(value) => drop(checked.insert(name, value)),
                Err(problem) => problems.push(format!("`{name}` {problem}")),
            },
            None if OF_HOSTS.contains(&name.as_str()) => {}
            None => problems.push(unknown(name_of_tool, &name, known)),
        }
    }
    for name in required {
        let wrong = format!("`{name}` ");
        if !checked.contains_key(name)
            && !problems.iter().any(|problem| problem.starts_with(&wrong))
        {
            problems.push(format!("`{name}` is missing"));
        }
    }
    if problems.is_empty() { Ok(checked) } else { Err(ToolError::arguments(problems.join("; "))) }
}

fn is_text(schema: &Value) -> bool {
    schema.get("type").is_some_and(|kind| kind == "string")
}

/// Whether a value says nothing: an empty text or list, or a list of such.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(items) => items.iter().all(is_blank),
        _ => false,
    }
}

fn unknown(tool: &str, name: &str, known: &Map<String, Value>) -> String {
    let names = || known.keys().map(String::as_str);
    let name = shortened(&name.into());
    if known.is_empty() {
        return format!("{name} is unknown: {tool} takes no arguments");
    }
    let list: Vec<_> = names().map(|name| format!("`{name}`")).collect();
    let hint = closest(name.trim_matches('"'), names())
        .map(|name| format!(", did you mean `{name}`?"))
        .unwrap_or_default();
    format!("{name} is unknown{hint} ({tool} takes {})", list.join(", "))
}

/// The value with the type that the schema asks for, or the end of a sentence that says what is wrong.
fn accept(schema: &Value, value: Value) -> Result<Value, String> {
    match schema.get("type").and_then(Value::as_str) {
        Some("integer") => integer(schema, &value),
        Some("boolean") => match &value {
            Value::Bool(_) => Ok(value),
            Value::String(text) if text == "true" => Ok(true.into()),
            Value::String(text) if text == "false" => Ok(false.into()),
            _ => Err(format!("must be true or false, not {}", shortened(&value))),
        },
        Some("string") => text(schema, value),
        Some("array") => array(schema, value),
        _ => Ok(value),
    }
}

fn integer(schema: &Value, value: &Value) -> Result<Value, String> {
    let number = match value {
        Value::Number(number) => whole(number),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    let bound = |key| schema.get(key).and_then(Value::as_i64);
    // No argument is negative.
    let least = bound("minimum").unwrap_or(0);
    match number {
        None => Err(format!("must be a whole number, not {}", shortened(value))),
        Some(number) if number < least || bound("maximum").is_some_and(|most| number > most) => {
            Err(match bound("maximum") {
                Some(most) => format!("must be between {least} and {most}, not {number}"),
                None => format!("must be at least {least}, not {number}"),
            })
        }
        Some(number) => Ok(number.into()),
    }
}

/// 11 and 11.0 are whole, 11.5 and 1e300 are not.
fn whole(number: &Number) -> Option<i64> {
    const EXACT: f64 = (1_u64 << 53) as f64;
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    number.as_i64().or_else(|| {
        let float = number.as_f64()?;
        (float.fract() == 0.0 && float.abs() <= EXACT).then_some(float as i64)
    })
}

fn text(schema: &Value, value: Value) -> Result<Value, String> {
    let text = match value {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        Value::Bool(truth) => truth.to_string(),
        Value::Null => String::new(),
        other => return Err(format!("must be text, not {}", shortened(&other))),
    };
    if let Some(allowed) = schema.get("enum").and_then(Value::as_array) {
        let allowed: Vec<_> = allowed.iter().filter_map(Value::as_str).collect();
        if !allowed.contains(&text.as_str()) {
            let hint = closest(&text, allowed.iter().copied())
                .map(|value| format!(" (did you mean `{value}`?)"));
            let text = shortened(&text.into());
            return Err(format!(
                "must be one of {}, not {text}{}",
                allowed.join(", "),
                hint.unwrap_or_default()
            ));
        }
    }
    let length = text.chars().count() as u64;
    let bound = |key| schema.get(key).and_then(Value::as_u64);
    if bound("minLength").is_some_and(|least| length < least) {
        return Err("must not be empty".to_owned());
    }
    if let Some(most) = bound("maxLength").filter(|most| length > *most) {
        return Err(format!("must have at most {most} characters, not {length}"));
    }
    Ok(text.into())
}

/// One value is a list of one; a list written as text is a list.
fn array(schema: &Value, value: Value) -> Result<Value, String> {
    let mut items = match value {
        Value::Array(items) => items,
        Value::Null => Vec::new(),
        Value::String(text) if text.trim_start().starts_with('[') => {
            serde_json::from_str(&text).map_err(|_| "must be a list".to_owned())?
        }
        Value::String(text) if text.trim().is_empty() => Vec::new(),
        other => vec![other],
    };
    items.retain(|item| !is_blank(item));
    if schema
        .get("minItems")
        .and_then(Value::as_u64)
        .is_some_and(|least| (items.len() as u64) < least)
    {
        return Err("must not be empty".to_owned());
    }
    let item = schema.get("items").unwrap_or(&Value::Null);
    let items = items.into_iter().enumerate();
    items
        .map(|(place, value)| accept(item, value).map_err(|problem| format!("[{place}] {problem}")))
        .collect()
}

/// The value as it may stand in a message.
fn shortened(value: &Value) -> String {
    let text = visible(&value.to_string()).into_owned();
    if text.chars().count() <= 60 {
        text
    } else {
        format!("{}…", text.chars().take(60).collect::<String>())
    }
}
