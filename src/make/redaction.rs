//! Known secrets taken out of what a server sends back, because an answer that repeats one must not carry it further.

use memchr::memmem;
use serde_json::{Map, Value};

const STARS: &str = "***";

/// Shorter texts are no secrets: they stand anywhere by chance.
pub(crate) const SHORTEST_SECRET: usize = 8;

/// The body with the secrets replaced by stars, also where JSON escapes hide them.
pub(crate) fn without_secrets(body: Vec<u8>, secrets: &[&str]) -> Vec<u8> {
    let secrets: Vec<_> =
        secrets.iter().copied().filter(|secret| secret.len() >= SHORTEST_SECRET).collect();
    let has = |part: &[u8]| memmem::find(&body, part).is_some();
    // A secret of letters, digits and signs needs one of these escapes to look different.
    let is_escaped = has(b"\\u") || has(b"\\/");
    if !is_escaped && !secrets.iter().any(|secret| has(secret.as_bytes())) {
        return body;
    }
    match serde_json::from_slice(&body) {
        Ok(value) => {
            let redacted = in_value(&value, &secrets);
            if redacted == value { body } else { redacted.to_string().into_bytes() }
        }
        Err(_) => in_text(&String::from_utf8_lossy(&body), &secrets).into_bytes(),
    }
}

fn in_value(value: &Value, secrets: &[&str]) -> Value {
    match value {
        Value::String(text) => in_text(text, secrets).into(),
        Value::Array(items) => items.iter().map(|item| in_value(item, secrets)).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            let redacted =
                fields.map(|(name, value)| (in_text(name, secrets), in_value(value, secrets)));
            Value::Object(redacted.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

fn in_text(text: &str, secrets: &[&str]) -> String {
    secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, STARS))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "7615989d-d213-48dc-b625-27133ae3f1a8";

    fn redacted(body: &str, secrets: &[&str]) -> String {
        String::from_utf8(without_secrets(body.as_bytes().to_vec(), secrets)).expect("text")
    }

    #[test]
    fn a_secret_is_taken_out_however_it_is_written() {
        let escaped: String = TOKEN.bytes().map(|byte| format!("\\u{byte:04x}")).collect();
        for (body, expected) in [
            (
                format!(r#"{{"message":"Token {TOKEN} is bad"}}"#),
                r#"{"message":"Token *** is bad"}"#,
            ),
            (format!(r#"["{escaped}"]"#), r#"["***"]"#),
            (format!(r#"{{"{TOKEN}":"\u0037{}"}}"#, &TOKEN[1..]), r#"{"***":"***"}"#),
            (format!("<p>{TOKEN}</p>"), "<p>***</p>"),
            ("{}".to_owned(), "{}"),
            (r#"["\u00e9"]"#.to_owned(), r#"["\u00e9"]"#),
        ] {
            assert_eq!(redacted(&body, &[TOKEN]), expected, "{body}");
        }
        assert_eq!(redacted(r#"["s3cr\/et+x"]"#, &["s3cr/et+x"]), r#"["***"]"#);
        assert_eq!(redacted("banana", &["a"]), "banana");
    }
}
