//! Answers as values: from bytes to JSON, from an envelope to a model.

use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{Error, RequestName, Response, Result, weight};
use crate::sync::blocking;

/// Bodies of so many bytes are read beside the other work of the process.
const LARGE: usize = 256 << 10;

pub(super) fn decode(call: &RequestName, reply: &Response) -> Result<Arc<Value>> {
    let unexpected = |problem: String| Error::Unexpected {
        call: call.clone(),
        status: Some(reply.status),
        problem,
    };
    if let Some(problem) = weight::too_heavy(&reply.body) {
        return Err(unexpected(problem));
    }
    let read = || serde_json::from_slice(&reply.body);
    // A large body takes long.
    let value = if reply.body.len() > LARGE { blocking(read) } else { read() };
    value.map(Arc::new).map_err(|error| {
        // The position, not the text: a body may hold a secret.
        unexpected(if reply.body.is_empty() {
            "is empty".to_owned()
        } else {
            format!("is not JSON (line {}, column {})", error.line(), error.column())
        })
    })
}

pub(super) fn in_envelope<'a>(
    call: &RequestName,
    value: &'a Value,
    field: &str,
) -> Result<&'a Value> {
    value.get(field).ok_or_else(|| Error::Unexpected {
        call: call.clone(),
        status: Some(200),
        problem: format!("has no `{field}`"),
    })
}

pub(super) fn in_envelope_mut<'a>(
    call: &RequestName,
    value: &'a mut Value,
    field: &str,
) -> Result<&'a mut Value> {
    // The error is the same one.
    if value.get(field).is_none() {
        in_envelope(call, value, field)?;
    }
    Ok(&mut value[field])
}

pub(super) fn typed_row<T: DeserializeOwned>(call: &RequestName, row: Value) -> Result<T> {
    T::deserialize(row).map_err(|error| undocumented::<T>(call, &error))
}

pub(super) fn typed<T: DeserializeOwned>(call: &RequestName, value: &Value) -> Result<T> {
    T::deserialize(value).map_err(|error| undocumented::<T>(call, &error))
}

fn undocumented<T>(call: &RequestName, error: &serde_json::Error) -> Error {
    tracing::debug!(%call, error = ?error.classify(), "not the documented shape");
    Error::Unexpected {
        call: call.clone(),
        status: Some(200),
        problem: format!("does not have the documented shape of {}", type_name::<T>()),
    }
}

/// The last part of a model's path: `User` of `make_admin_mcp::make::users::User`.
fn type_name<T>() -> String {
    let full = std::any::type_name::<T>();
    full.split(['<', '>', ',', ' '])
        .filter_map(|path| path.rsplit("::").next())
        .rfind(|name| !matches!(*name, "" | "Vec" | "Record" | "Option"))
        .unwrap_or("a value")
        .to_owned()
}
