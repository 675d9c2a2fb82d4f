//! One line of a host: a message, or the answer to what cannot be one. Its id is found wherever it can be.

use rmcp::{
    RoleServer,
    model::{JsonRpcMessage, RequestId},
    service::RxJsonRpcMessage,
};
use serde_json::{Map, Value, json};

/// What a line is.
pub(super) enum Incoming {
    Message(Box<RxJsonRpcMessage<RoleServer>>),
    /// The answer to something that cannot be handed on.
    Refused(Vec<u8>),
    /// Nothing that needs an answer.
    Nothing,
}

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const INVALID_PARAMS: i32 = -32602;
const INTERNAL_ERROR: i32 = -32603;

/// Optional parts of the handshake; one that is not an object is left out rather than ending the session.
const CAPABILITIES: [&str; 6] =
    ["roots", "sampling", "elicitation", "experimental", "extensions", "tasks"];

/// Reads a line.
pub(super) fn read(line: &[u8]) -> Incoming {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii();
    if line.is_empty() {
        return Incoming::Nothing;
    }
    let message = match serde_json::from_slice::<Value>(line) {
        Ok(Value::Object(message)) => message,
        Ok(Value::Array(_)) => {
            return refused(None, INVALID_REQUEST, "batches are not supported: one message a line");
        }
        Ok(_) => return refused(None, INVALID_REQUEST, "a message is a JSON object"),
        Err(error) => {
            let why = format!("the message is not JSON: {error}");
            return refused(id_in(line), PARSE_ERROR, &why);
        }
    };
    object(line, message)
}

/// The answer to a message that is longer than `most` bytes, of which `head` was kept.
pub(super) fn too_long(head: &[u8], most: usize) -> Incoming {
    refused(id_in(head), PARSE_ERROR, &format!("the message is longer than {most} bytes"))
}

/// The answer to a request that comes while `most` others are under way.
pub(super) fn too_many(id: &RequestId, most: usize) -> Vec<u8> {
    let message = format!("{most} requests are under way: wait for their answers");
    answer(json!(id).to_string(), INTERNAL_ERROR, &message)
}

fn object(line: &[u8], mut message: Map<String, Value>) -> Incoming {
    let is_request = message.contains_key("id") && message.contains_key("method");
    if message.get("method").is_some_and(|method| method == "initialize") {
        tolerate(&mut message);
    }
    let params = message.get("params");
    if is_request && params.is_some_and(|params| !params.is_object()) {
        return refused(id_in(line), INVALID_PARAMS, "`params` must be an object");
    }
    let id = message.get("id");
    let is_id = |id: &Value| id.is_string() || id.is_i64();
    if is_request && !id.is_some_and(is_id) {
        let why = "`id` must be text or a whole number of at most 63 bits";
        return refused(id_in(line), INVALID_REQUEST, why);
    }
    match serde_json::from_value::<RxJsonRpcMessage<RoleServer>>(Value::Object(message)) {
        Ok(message @ JsonRpcMessage::Request(_)) => Incoming::Message(Box::new(message)),
        Ok(message) if !is_request => Incoming::Message(Box::new(message)),
        Err(_) if !is_request => Incoming::Nothing,
        _ => refused(id_in(line), INVALID_REQUEST, "the message is not a JSON-RPC 2.0 request"),
    }
}

/// Leaves out odd optional parts of a handshake, and fills in what only names the host.
fn tolerate(message: &mut Map<String, Value>) {
    let params = message.entry("params").or_insert_with(|| json!({}));
    let Value::Object(params) = params else { return };
    let is_text = |value: Option<&Value>| value.is_some_and(Value::is_string);
    let client = params.get("clientInfo");
    let is_named =
        client.is_some_and(|client| is_text(client.get("name")) && is_text(client.get("version")));
    if !is_named {
        params.insert("clientInfo".to_owned(), json!({ "name": "unknown", "version": "unknown" }));
    }
    if !is_text(params.get("protocolVersion")) {
        params.insert("protocolVersion".to_owned(), "2025-11-25".into());
    }
    match params.get_mut("capabilities") {
        Some(Value::Object(capabilities)) => {
            capabilities
                .retain(|name, value| !CAPABILITIES.contains(&name.as_str()) || value.is_object());
        }
        _ => drop(params.insert("capabilities".to_owned(), json!({}))),
    }
}

fn refused(id: Option<&str>, code: i32, message: &str) -> Incoming {
    Incoming::Refused(answer(id.unwrap_or("null").to_owned(), code, message))
}

fn answer(id: String, code: i32, message: &str) -> Vec<u8> {
    let error = json!({ "code": code, "message": message });
    // The id goes back as it came, also a number that no type holds.
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#).into_bytes()
}

/// The id of a message as it is written, found without parsing the rest; None if it is no text and no number.
fn id_in(line: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(line)
        .or_else(|error| std::str::from_utf8(&line[..error.valid_up_to()]))
        .ok()?;
    let bytes = text.as_bytes();
    let (mut depth, mut place) = (0_u32, 0);
    while place < bytes.len() {
        match bytes[place] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = end_of_text(bytes, place)?;
                let after = skip_blanks(bytes, end);
                if depth == 1 && &text[place..end] == "\"id\"" && bytes.get(after) == Some(&b':') {
                    return value_at(text, skip_blanks(bytes, after + 1));
                }
                place = end;
                continue;
            }
            _ => {}
        }
        place += 1;
    }
    None
}

/// Where the text that begins at `start` has ended.
fn end_of_text(bytes: &[u8], start: usize) -> Option<usize> {
    let mut place = start + 1;
    loop {
        match bytes.get(place)? {
            b'\\' => place += 2,
            b'"' => return Some(place + 1),
            _ => place += 1,
        }
    }
}

fn skip_blanks(bytes: &[u8], mut place: usize) -> usize {
    while bytes.get(place).is_some_and(u8::is_ascii_whitespace) {
        place += 1;
    }
    place
}

/// A text or a number as it is written.
fn value_at(text: &str, start: usize) -> Option<&str> {
    let rest = text.get(start..)?;
    let end = if rest.starts_with('"') {
        end_of_text(rest.as_bytes(), 0)?
    } else {
        rest.find(|c: char| !(c.is_ascii_digit() || "+-.eE".contains(c))).unwrap_or(rest.len())
    };
    let value = &rest[..end];
    serde_json::from_str::<Value>(value).is_ok().then_some(value)
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::any};

    use super::*;

    fn refusal(line: &str) -> Option<(Value, i64)> {
        match read(line.as_bytes()) {
            Incoming::Refused(answer) => {
                let answer: Value = serde_json::from_slice(&answer).expect("JSON");
                Some((answer["id"].clone(), answer["error"]["code"].as_i64().expect("a code")))
            }
            _ => None,
        }
    }

    #[test]
    fn what_cannot_be_read_is_answered_with_its_id() {
        for (line, id, code) in [
            (
                r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":"\ud83c"}}"#,
                json!(7),
                -32700,
            ),
            (r#"{"jsonrpc":"2.0","id":"x\"y","method":"ping",}"#, json!("x\"y"), -32700),
            (r#"{"a":{"id":1},"b":["id",2], "id" : 3, "#, json!(3), -32700),
            ("{ not json", json!(null), -32700),
            ("[]", json!(null), -32600),
            ("null", json!(null), -32600),
            (r#"{"jsonrpc":"2.0","id":7,"method":"tools/list","params":[]}"#, json!(7), -32602),
            (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, json!(1.5), -32600),
            (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, json!(null), -32600),
            (r#"{"jsonrpc":"1.0","id":7,"method":"ping"}"#, json!(7), -32600),
            (r#"{"jsonrpc":"2.0","id":7,"method":5}"#, json!(7), -32600),
        ] {
            assert_eq!(refusal(line), Some((id, code)), "{line}");
        }
        let huge = r#"{"jsonrpc":"2.0","id":18446744073709551616,"method":"ping"}"#;
        let Incoming::Refused(answer) = read(huge.as_bytes()) else { panic!("refused") };
        let answer = String::from_utf8(answer).expect("text");
        assert!(answer.contains(r#""id":18446744073709551616,"#), "{answer}");
        let head = br#"{"jsonrpc":"2.0","id":9,"method":"tools/call","params":{"name":"xxxx"#;
        let Incoming::Refused(answer) = too_long(head, 10) else { panic!("refused") };
        assert!(String::from_utf8(answer).expect("text").contains(r#""id":9"#));
    }

    #[test]
    fn an_odd_optional_part_does_not_end_the_handshake() {
        for params in [
            r#"{"protocolVersion":"2025-06-18","capabilities":{"roots":true,"sampling":null}}"#,
            r#"{"capabilities":[],"clientInfo":{"name":7}}"#,
            "{}",
        ] {
            let line =
                format!(r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{params}}}"#);
            assert!(matches!(read(line.as_bytes()), Incoming::Message(_)), "{line}");
        }
    }

    #[test]
    fn what_needs_no_answer_gets_none() {
        for line in
            ["", "  ", "\u{feff}", r#"{"jsonrpc":"2.0","method":5}"#, r#"{"jsonrpc":"2.0"}"#]
        {
            assert!(matches!(read(line.as_bytes()), Incoming::Nothing), "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_line_panics(line in vec(any::<u8>(), 0..200)) {
            read(&line);
            too_long(&line, 1);
        }

        #[test]
        fn no_message_panics(text in r#"[\{\}\[\]",:\\a-z0-9 .eE+-]{0,80}"#) {
            read(text.as_bytes());
            id_in(format!("{{{text}").as_bytes());
        }
    }
}
