//! Arguments as the journal may keep them.

use serde_json::{Map, Value};

use sha2::{Digest, Sha256};

use crate::{make::without_tokens, store::hex, text::visible};

/// Names of arguments that always hold secrets.
const SECRET: [&str; 5] = ["hash", "value", "token", "password", "secret"];
/// The longest text, in characters.
const LONGEST: usize = 300;
/// The most entries of a list.
const MOST: usize = 50;
/// The most bytes of all arguments together.
const SIZE: usize = 16 << 10;
/// The longest name of an argument, in characters.
const LONGEST_NAME: usize = 60;
/// Lists in lists are kept to this depth.
const DEEPEST: usize = 4;

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

/// The arguments without secrets, with hidden characters shown, and of bounded size whatever a host sends.
pub(super) fn arguments(arguments: &Map<String, Value>) -> Value {
    let kept: Map<_, _> = arguments
        .iter()
        .take(MOST)
        .map(|(name, value)| {
            let value = match value {
                Value::String(text) if SECRET.contains(&name.as_str()) => secret(text).into(),
                _ if SECRET.contains(&name.as_str()) => "…".into(),
                other => redacted(other, DEEPEST),
            };
            (short(name, LONGEST_NAME), value)
        })
        .collect();
    let text = Value::Object(kept.clone()).to_string();
    if text.len() <= SIZE {
        return kept.into();
    }
    // What they were can still be told from a copy, by the hash.
    let whole = Value::Object(arguments.clone()).to_string();
    let note = format!("{} bytes, SHA-256 {}", whole.len(), hex(&Sha256::digest(&whole)));
    Value::Object(Map::from_iter([("tooLong".to_owned(), note.into())]))
}

fn redacted(value: &Value, depth: usize) -> Value {
    match value {
        // A model may put a token anywhere.
        Value::String(text) => short(&without_tokens(text), LONGEST).into(),
        Value::Array(_) | Value::Object(_) if depth == 0 => "…".into(),
        Value::Array(items) => {
            items.iter().take(MOST).map(|item| redacted(item, depth - 1)).collect()
        }
        Value::Object(fields) => fields
            .iter()
            .take(MOST)
            .map(|(name, value)| (short(name, LONGEST_NAME), redacted(value, depth - 1)))
            .collect(),
        other => other.clone(),
    }
}

/// The public first group of a UUID; nothing of anything else.
fn secret(text: &str) -> String {
    let without = without_tokens(text);
    if without == text { "…".to_owned() } else { without }
}

/// The text, cut with its length and hash if it is longer.
fn short(text: &str, longest: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(longest) else {
        return visible(text).into_owned();
    };
    let hash = hex(&Sha256::digest(text));
    format!("{}… ({} bytes, SHA-256 {})", visible(&text[..end]), text.len(), &hash[..16])
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
        let cut = kept["name"].as_str().expect("text");
        assert!(cut.starts_with(&format!("{}… (10000 bytes, SHA-256 ", "é".repeat(300))), "{cut}");
        assert_eq!(kept["scope"].as_array().expect("a list").len(), 50);
        let mut deep = json!("x");
        for _ in 0..100 {
            deep = json!([deep]);
        }
        for hostile in [
            json!({ "x".repeat(200_000): 1 }),
            json!({ "a": { "x".repeat(200_000): ["y".repeat(200_000)] } }),
            json!({ "a": deep }),
            json!({ "a": vec![json!({ "b": "\u{202e}".repeat(300) }); 50] }),
        ] {
            let kept = arguments(hostile.as_object().expect("an object"));
            assert!(kept.to_string().len() <= SIZE);
        }
        let huge: Map<_, _> = (0..200).map(|n| (format!("a{n}"), "x".repeat(300).into())).collect();
        assert!(arguments(&huge).to_string().len() < SIZE);
    }
}
