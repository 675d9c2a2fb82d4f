//! Several accounts in one server: the argument `profile`, and one answer of many.

use serde_json::{Map, Value, json};

use crate::{
    text::{closest, quoted},
    tools::registry::{Tool, ToolError},
};

/// The argument that names the account, and the key of the answer that repeats it.
pub(super) const PROFILE: &str = "profile";

/// The key of an answer of several accounts.
const PROFILES: &str = "profiles";

/// Stands for all profiles, in tools that read.
const ALL: &str = "*";

/// Which account a call is for, by its place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ProfileChoice {
    One(usize),
    All,
}

/// Takes the argument `profile` out of the others.
pub(super) fn chosen(
    tool: &Tool,
    known: &[&str],
    arguments: &mut Map<String, Value>,
) -> Result<ProfileChoice, ToolError> {
    let reads = tool.effect().is_read();
    let all = if reads { " or \"*\" for all" } else { "" };
    let wrong = |problem: String| {
        let names: Vec<_> = known.iter().map(|name| format!("\"{name}\"")).collect();
        ToolError::arguments(format!("{problem} (accepted: {}{all})", names.join(", ")))
    };
    match arguments.remove(PROFILE) {
        None => Err(wrong("`profile` is missing".to_owned())),
        Some(Value::String(name)) if name == ALL && reads => Ok(ProfileChoice::All),
        Some(Value::String(name)) if name == ALL => Err(wrong(
            "`profile` cannot be \"*\": a change is for one account at a time".to_owned(),
        )),
        Some(Value::String(name)) => {
            let place = known.iter().position(|known| *known == name);
            place.map(ProfileChoice::One).ok_or_else(|| {
                let near = closest(&name, known.iter().copied())
                    .map(|near| format!(", did you mean \"{near}\"?"));
                wrong(format!(
                    "`profile` {} does not exist{}",
                    quoted(&name),
                    near.unwrap_or_default()
                ))
            })
        }
        Some(_) => Err(wrong("`profile` must be text".to_owned())),
    }
}

/// The schema of a tool's arguments with the profiles that offer it.
pub(super) fn with_argument(tool: &Tool, offering: &[&str]) -> Map<String, Value> {
    let mut schema = tool.input_schema().as_ref().clone();
    let mut names = offering.to_vec();
    let description = if tool.effect().is_read() {
        names.push(ALL);
        "The account; * for all."
    } else {
        "The account."
    };
    let own = json!({ "type": "string", "enum": names, "description": description });
    let mut properties = Map::from_iter([(PROFILE.to_owned(), own)]);
    if let Some(Value::Object(others)) = schema.remove("properties") {
        properties.extend(others);
    }
    let mut required = vec![Value::from(PROFILE)];
    if let Some(Value::Array(others)) = schema.remove("required") {
        required.extend(others);
    }
    schema.insert("properties".to_owned(), properties.into());
    schema.insert("required".to_owned(), required.into());
    schema
}

/// The schema of a tool's answers: of one profile, and of several if it reads.
pub(super) fn with_answers(tool: &Tool) -> Map<String, Value> {
    let own = tool.output_schema().as_ref();
    let mut schema = own.clone();
    let name = json!({ "type": "string", "description": "The account." });
    let mut properties = Map::from_iter([(PROFILE.to_owned(), name.clone())]);
    if let Some(Value::Object(others)) = schema.remove("properties") {
        properties.extend(others);
    }
    if tool.effect().is_read() {
        let mut result = own.clone();
        if let Some(Value::Object(fields)) = result.get_mut("properties") {
            fields.shift_remove("error");
        }
        let one = json!({
            "type": "object",
            "properties": {
                PROFILE: name,
                "result": result,
                "error": { "type": "object", "description": "In place of result: kind, message, \
                    hint and more." },
            },
        });
        let all = json!({ "type": "array", "items": one, "description": "With profile *: each \
            account's answer." });
        properties.insert(PROFILES.to_owned(), all);
    }
    schema.insert("properties".to_owned(), properties.into());
    schema
}

/// An answer with the profile that it is of.
pub(super) fn of_one(profile: &str, answer: Value) -> Value {
    let mut whole = Map::from_iter([(PROFILE.to_owned(), profile.into())]);
    if let Value::Object(answer) = answer {
        whole.extend(answer);
    }
    whole.into()
}

/// One answer of several, none of whose failures is hidden. An error if nothing but failures came back.
pub(super) fn of_all(answers: Vec<(&str, Result<Value, ToolError>)>) -> Result<Value, Value> {
    let nothing = answers.iter().all(|(_, answer)| answer.is_err());
    let rows: Vec<_> = answers
        .into_iter()
        .map(|(profile, answer)| match answer {
            Ok(result) => json!({ PROFILE: profile, "result": result }),
            Err(error) => json!({ PROFILE: profile, "error": error }),
        })
        .collect();
    let whole = json!({ PROFILES: rows });
    if nothing { Err(whole) } else { Ok(whole) }
}

/// The address of a resource in the account of a profile: `make://acme/user`.
pub(super) fn address(profile: &str, uri: &str) -> String {
    uri.replacen("make://", &format!("make://{profile}/"), 1)
}

/// Profile and own address of a resource.
pub(super) fn resource(uri: &str) -> Option<(&str, String)> {
    let (profile, rest) = uri.strip_prefix("make://")?.split_once('/')?;
    Some((profile, format!("make://{rest}")))
}
