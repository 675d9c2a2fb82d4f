//! Answers: paged, of bounded size, with the outcome of guarded tools.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{ToolError, arguments::Paging, error::Kind};
use crate::{guard, make::List};

/// The most bytes of JSON in one answer.
pub const ANSWER_ROOM: usize = 256 << 10;

/// Which rows of the list these are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(super) struct PageInfo {
    /// Rows skipped.
    offset: u64,
    /// Most rows asked for.
    limit: u64,
    /// Rows in this answer.
    returned: u64,
    /// The `offset` of the next call; null at the end.
    next_offset: Option<u64>,
    /// Rows in the whole list; null if unknown.
    total: Option<u64>,
    /// Why rows are missing, if any are.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl PageInfo {
    /// Says that so many of the rows are not shown.
    pub(super) fn leave_out(&mut self, rows: usize, why: &str) {
        if rows > 0 {
            self.returned -= rows as u64;
            self.total = None;
            self.note = Some(format!("{rows} rows {why} are left out."));
        }
    }
}

impl Paging {
    /// The rows of a list that Make paged.
    pub(super) fn paged<T>(&self, list: List<T>) -> (Vec<T>, PageInfo) {
        let more = list.may_go_on(self.limit);
        let mut items = list.items;
        // Were the limit ignored, the answer would still keep its promise.
        items.truncate(usize::try_from(self.limit).unwrap_or(usize::MAX));
        let returned = items.len() as u64;
        let next_offset = more.then_some(self.offset + returned);
        let page = PageInfo {
            offset: self.offset,
            limit: self.limit,
            returned,
            next_offset,
            total: list.total,
            note: None,
        };
        (items, page)
    }

    /// The asked rows of a list that Make sends whole.
    pub(super) fn cut<T>(&self, list: impl Into<Whole<T>>) -> (Vec<T>, PageInfo) {
        let Whole { items, capped_at } = list.into();
        let count = items.len() as u64;
        let skip = usize::try_from(self.offset).unwrap_or(usize::MAX);
        let take = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let items: Vec<T> = items.into_iter().skip(skip).take(take).collect();
        let returned = items.len() as u64;
        let end = self.offset.saturating_add(returned);
        let page = PageInfo {
            offset: self.offset,
            limit: self.limit,
            returned,
            next_offset: (returned > 0 && end < count).then_some(end),
            total: capped_at.is_none().then_some(count),
            note: capped_at
                .map(|limit| format!("Make sent only the first {limit} rows; there may be more.")),
        };
        (items, page)
    }
}

/// A list that Make is documented to send whole.
pub(super) struct Whole<T> {
    items: Vec<T>,
    /// The limit that Make applied all the same, where the list fills it.
    capped_at: Option<u64>,
}

impl<T> From<Vec<T>> for Whole<T> {
    fn from(items: Vec<T>) -> Self {
        Self { items, capped_at: None }
    }
}

impl<T> From<List<T>> for Whole<T> {
    fn from(list: List<T>) -> Self {
        let capped_at = list.limit.filter(|limit| *limit > 0 && list.items.len() as u64 >= *limit);
        Self { items: list.items, capped_at }
    }
}

/// What Make answers where there is nothing to say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Done {
    /// 1: it was done.
    ok: u8,
}

impl Default for Done {
    fn default() -> Self {
        Self { ok: 1 }
    }
}

pub(super) fn to_value(answer: &impl Serialize) -> Result<Value, ToolError> {
    serde_json::to_value(answer).map_err(|error| {
        ToolError::new(
            Kind::UnexpectedResponse,
            format!("the answer cannot be written as JSON: {error}"),
        )
    })
}

/// The answer with all text of other people made visible.
pub(super) fn visible(answer: Value) -> Value {
    match answer {
        Value::String(text) => match guard::visible(&text) {
            Cow::Borrowed(_) => Value::String(text),
            Cow::Owned(shown) => Value::String(shown),
        },
        Value::Array(items) => items.into_iter().map(visible).collect(),
        Value::Object(fields) => {
            let shown = |(name, value): (String, Value)| {
                (guard::visible(&name).into_owned(), visible(value))
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
            Kind::UnexpectedResponse,
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
    use serde_json::json;

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
