//! Every field that a change sends, before and after, as a person reads it before they decide.

use serde_json::{Map, Value};

use super::journal::without_secrets;
use crate::text::quoted_whole;

/// A line for each field of a plan, then for each argument that neither they nor the summary show: what is sent is never
/// hidden.
pub(super) fn lines(
    summary: &str,
    (before, after): (&Value, &Value),
    arguments: &Map<String, Value>,
) -> Vec<String> {
    let mut lines = Vec::new();
    fields("", before, after, &mut lines);
    let shown = format!("{summary} {}", lines.join(" "));
    let arguments = without_secrets(arguments);
    for (name, value) in arguments.iter().filter(|(_, value)| !is_shown(&shown, value)) {
        lines.push(format!("{name}: {}", written(value)));
    }
    lines
}

fn fields(at: &str, before: &Value, after: &Value, lines: &mut Vec<String>) {
    let name = |inner: &str| {
        if at.is_empty() { inner.to_owned() } else { format!("{at}.{inner}") }
    };
    match after {
        Value::Object(map) if !is_named(map) => {
            for (key, value) in map {
                fields(&name(key), before.get(key).unwrap_or(&Value::Null), value, lines);
            }
        }
        Value::Null if before.is_null() || at.is_empty() => {}
        _ => {
            let line = match before {
                Value::Null => format!("{at}: {}", written(after)),
                before if before == after => format!("{at}: {} (as before)", written(after)),
                before => format!("{at}: {} → {}", written(before), written(after)),
            };
            lines.push(line);
        }
    }
}

/// Whether an object is a thing by id and name, which stands on one line.
fn is_named(map: &Map<String, Value>) -> bool {
    map.contains_key("name")
        && map.keys().all(|key| matches!(key.as_str(), "id" | "name" | "email"))
}

/// A value in full.
fn written(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => quoted_whole(text),
        Value::Array(items) if items.is_empty() => "nothing".to_owned(),
        Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join(", "),
        Value::Object(map) if is_named(map) => {
            let mut parts: Vec<_> = map.get("name").map(written).into_iter().collect();
            parts.extend(map.get("email").filter(|email| !email.is_null()).map(written));
            parts.extend(map.get("id").filter(|id| !id.is_null()).map(|id| format!("({id})")));
            parts.join(" ")
        }
        Value::Object(map) => {
            let parts = map.iter().map(|(name, value)| format!("{name} {}", written(value)));
            parts.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// Whether all of a value stands in a text, as a word of its own.
fn is_shown(text: &str, value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().all(|item| is_shown(text, item)),
        Value::Bool(_) => false,
        Value::Number(number) => {
            let digits = number.to_string();
            text.match_indices(&digits).any(|(place, _)| {
                let is_digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
                !is_digit(text[..place].chars().next_back())
                    && !is_digit(text[place + digits.len()..].chars().next())
            })
        }
        other => text.contains(&written(other)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_field_stands_there_in_full_before_and_after() {
        let note = "x".repeat(500);
        let (before, after) = (
            json!({ "role": { "id": 13, "name": "Member" }, "label": "old", "same": 1 }),
            json!({ "role": { "id": 14, "name": "Boss" }, "label": "new", "same": 1,
                "scope": ["a:read", "b:write"], "note": note }),
        );
        let arguments = json!({ "usersRoleId": 14, "userId": 1, "deleteConnections": true,
            "hash": "e99ca895-4c54-4d13-b83a-8ab37c35f17a" });
        assert_eq!(
            lines(
                "Change the role of user 1.",
                (&before, &after),
                arguments.as_object().expect("an object")
            ),
            [
                "role: \"Member\" (13) → \"Boss\" (14)".to_owned(),
                "label: \"old\" → \"new\"".to_owned(),
                "same: 1 (as before)".to_owned(),
                "scope: \"a:read\", \"b:write\"".to_owned(),
                format!("note: \"{note}\""),
                "deleteConnections: true".to_owned(),
                "hash: \"e99ca895-…\"".to_owned(),
            ]
        );
    }
}
