//! Arguments as the journal may keep them.

use serde_json::{Map, Value};

use crate::{make::without_tokens, text::visible};

/// Names of arguments that always hold secrets.
const SECRET: [&str; 5] = ["hash", "value", "token", "password", "secret"];
/// The longest text, in characters.
const LONGEST: usize = 300;
/// The most entries of a list.
const MOST: usize = 50;
/// The most bytes of all arguments together.
const SIZE: usize = 16 << 10;

/// The arguments with those masked that always hold secrets, and nothing cut.
pub(crate) fn without_secrets(arguments: &Map<String, Value>) -> Map<String, Value> {
    let shown = |(name, value): (&String, &Value)| {
        let value = match value {
            Value::String(text) if SECRET.contains(&name.as_str()) => secret(text).into(),
            other => other.clone(),
        };
        (name.clone(), value)
    };
    arguments.iter().map(shown).collect()
}

/// The arguments without secrets, with hidden characters shown, and of bounded size.
pub(super) fn arguments(arguments: &Map<String, Value>) -> Value {
    let kept: Map<_, _> = arguments
        .iter()
        .map(|(name, value)| {
            let value = match value {
                Value::String(text) if SECRET.contains(&name.as_str()) => secret(text).into(),
                _ if SECRET.contains(&name.as_str()) => "…".into(),
                other => redacted(other),
            };
            (name.clone(), value)
        })
        .collect();
    let size = Value::Object(kept.clone()).to_string().len();
    if size <= SIZE {
        return kept.into();
    }
    let names: Vec<_> = arguments.keys().map(String::as_str).collect();
    Value::Object(Map::from_iter([("tooLong".to_owned(), names.join(", ").into())]))
}

fn redacted(value: &Value) -> Value {
    match value {
        // A model may put a token anywhere.
        Value::String(text) => short(&without_tokens(text)).into(),
        Value::Array(items) => items.iter().take(MOST).map(redacted).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), redacted(value))).collect()
        }
        other => other.clone(),
    }
}

/// The public first group of a UUID; nothing of anything else.
fn secret(text: &str) -> String {
    let without = without_tokens(text);
    if without == text { "…".to_owned() } else { without }
}

fn short(text: &str) -> String {
    let text = visible(text);
    if text.chars().count() <= LONGEST {
        text.into_owned()
    } else {
        format!("{}…", text.chars().take(LONGEST).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_secret_is_kept() {
        let given = json!({
            "hash": "e99ca895-4c54-4d13-b83a-8ab37c35f17a", "value": "s3cret",
            "label": "old 7615989d-d213-48dc-b625-27133ae3f1a8!",
            "note": "Bearer eyJhbGciOi.J9_x-y here", "scope": ["user:read"], "usersRoleId": 13,
            "name": "a\u{202e}b"
        });
        let kept = arguments(given.as_object().expect("an object"));
        assert_eq!(
            kept,
            json!({
                "hash": "e99ca895-…", "value": "…", "label": "old 7615989d-…!",
                "note": "Bearer … here",
                "scope": ["user:read"], "usersRoleId": 13, "name": "a\\u{202e}b"
            })
        );
    }

    #[test]
    fn arguments_are_bounded() {
        let long = json!({ "name": "é".repeat(5000), "scope": vec!["x"; 1000] });
        let kept = arguments(long.as_object().expect("an object"));
        assert_eq!(kept["name"].as_str().expect("text").chars().count(), 301);
        assert_eq!(kept["scope"].as_array().expect("a list").len(), 50);
        let huge: Map<_, _> = (0..200).map(|n| (format!("a{n}"), "x".repeat(300).into())).collect();
        assert!(arguments(&huge).to_string().len() < SIZE);
    }
}
