//! Makes an answer fit for a model: its text visible, its size bounded, the outcome of guarded tools said.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use crate::{
    guard::PlanView,
    text,
    tools::registry::{ErrorKind, ToolError},
};

/// The most bytes of JSON in one answer.
pub const ANSWER_ROOM: usize = 256 << 10;

/// The answer with all text of other people made visible.
pub(super) fn visible(answer: Value) -> Value {
    match answer {
        Value::String(text) => match text::visible(&text) {
            Cow::Borrowed(_) => Value::String(text),
            Cow::Owned(shown) => Value::String(shown),
        },
        Value::Array(items) => items.into_iter().map(visible).collect(),
        Value::Object(fields) => {
            let shown = |(name, value): (String, Value)| {
                (text::visible(&name).into_owned(), visible(value))
            };
            fields.into_iter().map(shown).collect()
        }
        other => other,
    }
}

/// The answer of a guarded tool that was carried out.
pub(super) fn applied(answer: Value) -> Value {
    let mut whole = Map::from_iter([("outcome".to_owned(), "applied".into())]);
    if let Value::Object(answer) = answer {
        whole.extend(answer);
    }
    whole.into()
}

/// The answer of a guarded tool whose plan waits for a confirmation.
pub(super) fn waiting(plan: &PlanView) -> Value {
    json!({ "outcome": "confirmation_required", "plan": plan })
}

/// Cuts a list that is too long at a row boundary, so that `nextOffset` goes on where it ends.
pub(super) fn cut(mut answer: Value, room: usize) -> Result<Value, ToolError> {
    let size = answer.to_string().len();
    if size <= room {
        return Ok(answer);
    }
    let paged = answer.get("page").is_some();
    let rows = answer
        .as_object_mut()
        .and_then(|map| map.values_mut().find_map(Value::as_array_mut))
        .filter(|_| paged);
    let Some(rows) = rows else {
        return Err(ToolError::new(
            ErrorKind::UnexpectedResponse,
            format!("the answer has {size} bytes, more than the {room} that fit"),
        )
        .with_hint("ask for fewer columns with `cols`, if the tool has them"));
    };
    let lengths: Vec<_> = rows.iter().map(|row| row.to_string().len() + 1).collect();
    // What stands around the rows, and room for the note.
    let mut left = room.saturating_sub(size - lengths.iter().sum::<usize>().min(size) + 512);
    let fitting = lengths
        .iter()
        .take_while(|length| left.checked_sub(**length).inspect(|rest| left = *rest).is_some())
        .count();
    rows.truncate(fitting);
    let note = match fitting {
        0 => "The first row alone does not fit into one answer and is left out; `nextOffset` goes \
            on behind it."
            .to_owned(),
        count => format!(
            "Cut after {count} rows, since more do not fit into one answer; `nextOffset` goes on \
             there."
        ),
    };
    let page = &mut answer["page"];
    let offset = page["offset"].as_u64().unwrap_or_default();
    page["returned"] = fitting.into();
    page["nextOffset"] = (offset + fitting.max(1) as u64).into();
    page["note"] = note.into();
    Ok(answer)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: usize = ANSWER_ROOM;

    fn list(rows: usize, size: usize) -> Value {
        let rows: Vec<_> =
            (0..rows).map(|id| json!({ "id": id, "text": "x".repeat(size) })).collect();
        json!({ "users": rows, "page": { "offset": 100, "limit": 500, "returned": 500,
        "nextOffset": null, "total": null } })
    }

    #[test]
    fn a_long_list_is_cut_at_a_row_and_goes_on_there() {
        let answer = cut(list(500, 1000), MOST).expect("a list can be cut");
        let rows = answer["users"].as_array().expect("rows").len();
        assert!(answer.to_string().len() <= MOST);
        assert!(rows > 200, "{rows} rows use the room");
        assert_eq!(answer["page"]["returned"], rows);
        assert_eq!(answer["page"]["nextOffset"], 100 + rows);
    }

    #[test]
    fn a_row_that_never_fits_does_not_stop_the_list() {
        let answer = cut(list(2, MOST), MOST).expect("a list can be cut");
        assert_eq!(answer["users"], json!([]));
        assert_eq!(answer["page"]["nextOffset"], 101);
    }

    #[test]
    fn a_short_answer_stays_as_it_is() {
        assert_eq!(cut(list(5, 10), MOST).expect("short"), list(5, 10));
        assert!(cut(json!({ "auditLog": "x".repeat(MOST) }), MOST).is_err());
    }
}
