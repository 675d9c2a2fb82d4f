//! What Make sent, typed where we know it and whole where we do not.

use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned};
use serde_json::{Map, Value};

/// A model together with every field that Make sent, known or not.
///
/// Reads as the model, serializes as Make's own object: an absent field stays absent, null stays null, and what the
/// model normalises (an id or a counter sent as a string) comes out normalised.
///
/// ```
/// use make_admin_mcp::make::{Record, User, UserId};
///
/// let user: Record<User> = serde_json::from_str(r#"{"id":"41","new":true}"#)?;
/// assert_eq!(user.id, Some(UserId(41)));
/// assert_eq!(serde_json::to_string(&user)?, r#"{"id":41,"new":true}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Record<T> {
    model: T,
    sent: Map<String, Value>,
}

impl<T: Serialize> Record<T> {
    /// Adds a field of our own beside Make's.
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.sent.insert(name.to_owned(), value.into());
        self
    }
}

impl<T> Deref for Record<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.model
    }
}

impl<'de, T: DeserializeOwned + Serialize> Deserialize<'de> for Record<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut sent = Map::deserialize(deserializer)?;
        let model = T::deserialize(&Value::Object(sent.clone()))
            // One number that is too large must not hide the others.
            .or_else(|_| T::deserialize(&countable(&Value::Object(sent.clone()))))
            .map_err(serde::de::Error::custom)?;
        if let Value::Object(normal) =
            serde_json::to_value(&model).map_err(serde::de::Error::custom)?
        {
            normalise(&mut sent, normal);
        }
        Ok(Self { model, sent })
    }
}

/// The value with null in place of numbers beyond 64 bits.
fn countable(value: &Value) -> Value {
    match value {
        Value::Number(number) if number.is_f64() => {
            let is_huge = number.as_f64().is_some_and(|float| float.abs() >= i64::MAX as f64);
            if is_huge { Value::Null } else { value.clone() }
        }
        Value::Array(items) => items.iter().map(countable).collect(),
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| (name.clone(), countable(value))).collect()
        }
        other => other.clone(),
    }
}

/// Overwrites what was sent with its normal form; what the model does not know stays.
fn normalise(sent: &mut Map<String, Value>, normal: Map<String, Value>) {
    for (name, value) in normal {
        match (sent.get_mut(&name), value) {
            (Some(Value::Object(sent)), Value::Object(normal)) => normalise(sent, normal),
            (Some(Value::Array(_)), _) | (None, _) | (_, Value::Null) => {}
            (Some(sent), normal) => *sent = normal,
        }
    }
}

impl<T> Serialize for Record<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.sent.serialize(serializer)
    }
}

impl<T: JsonSchema> JsonSchema for Record<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        T::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// A 64-bit counter, which Make sends as a number or as a string.
///
/// Comes out as a number where JSON readers keep it exact (up to 2^53), else as a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter(Exact);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Exact {
    Number(i64),
    Text(String),
}

impl Counter {
    /// The number, unless it is negative or no number.
    pub fn number(&self) -> Option<u64> {
        match &self.0 {
            Exact::Number(number) => u64::try_from(*number).ok(),
            Exact::Text(text) => text.parse().ok(),
        }
    }
}

impl<'de> Deserialize<'de> for Counter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        const LARGEST: u64 = 1 << 53;
        let text = match Value::deserialize(deserializer)? {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text,
            other => return Err(serde::de::Error::custom(format!("{other} is no counter"))),
        };
        Ok(Self(match text.parse::<i64>() {
            Ok(number) if number.unsigned_abs() <= LARGEST => Exact::Number(number),
            _ => Exact::Text(text),
        }))
    }
}

impl Serialize for Counter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Exact::Number(number) => serializer.serialize_i64(*number),
            Exact::Text(text) => serializer.serialize_str(text),
        }
    }
}

impl std::fmt::Display for Counter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Exact::Number(number) => number.fmt(f),
            Exact::Text(text) => text.fmt(f),
        }
    }
}

impl JsonSchema for Counter {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Counter".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "anyOf": [{ "type": "integer" }, { "type": "string" }] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[derive(Debug, Serialize, Deserialize)]
    struct Model {
        id: Option<super::super::UserId>,
        used: Option<Counter>,
        note: Option<String>,
    }

    #[test]
    fn what_make_sends_comes_out_again_normalised() {
        let sent =
            json!({ "id": "41", "used": "9007199254740993", "note": null, "later": { "a": [1] } });
        let record: Record<Model> = serde_json::from_value(sent).expect("a record");
        assert_eq!(record.id, Some(super::super::UserId(41)));
        assert_eq!(
            serde_json::to_value(&record).expect("JSON"),
            json!({ "id": 41, "used": "9007199254740993", "note": null, "later": { "a": [1] } })
        );
    }

    #[test]
    fn a_number_beyond_64_bits_does_not_fail_the_others() {
        let text = r#"[{"id":18446744073709551616,"note":"a"},{"id":7}]"#;
        let rows: Vec<Record<Model>> = serde_json::from_str(text).expect("a list");
        assert_eq!((rows[0].id, rows[0].note.as_deref()), (None, Some("a")));
        assert_eq!(rows[1].id, Some(super::super::UserId(7)));
        assert!(serde_json::from_str::<Record<Model>>(r#"{"id":"x"}"#).is_err());
    }

    #[test]
    fn an_absent_field_stays_absent() {
        let record: Record<Model> =
            serde_json::from_value(json!({ "used": "15" })).expect("a record");
        assert_eq!(serde_json::to_value(&record).expect("JSON"), json!({ "used": 15 }));
    }
}
