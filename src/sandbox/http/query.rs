//! Which rows and which columns of a list come back: `pg[…]` and `cols[]`.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::{
    request::{SandboxRequest, wrong},
    response::invalid,
};
use crate::make::Response;

/// The columns of a resource.
pub(crate) struct Columns {
    /// Those that may be asked for.
    pub(crate) all: &'static [&'static str],
    /// Those that come back when none is asked for.
    pub(crate) default: &'static [&'static str],
}

/// The columns of one answer.
pub(crate) enum Picked<'a> {
    /// `cols[]=*`.
    All,
    /// Only these.
    Only(Vec<&'a str>),
}

impl Columns {
    /// The columns that `visit` asks for; 400 for one that does not exist.
    pub(crate) fn asked<'a>(&self, request: &SandboxRequest<'a>) -> Result<Picked<'a>, Response> {
        let asked = request.values("cols");
        if asked.is_empty() {
            return Ok(Picked::Only(self.default.to_vec()));
        }
        let unknown = |col: &&&str| **col != "*" && !self.all.contains(col);
        match asked.iter().find(unknown) {
            Some(unknown) => {
                Err(invalid(format!("Unknown column '{unknown}' in parameter 'cols'.")))
            }
            None if asked.contains(&"*") => Ok(Picked::All),
            None => Ok(Picked::Only(asked)),
        }
    }
}

impl Picked<'_> {
    /// The picked columns of a whole row.
    pub(crate) fn of(&self, mut row: Value) -> Value {
        if let (Self::Only(cols), Value::Object(fields)) = (self, &mut row) {
            fields.retain(|name, _| cols.contains(&name.as_str()));
        }
        row
    }
}

/// The part of a list that is asked for.
pub(crate) struct PageQuery<'a> {
    pub(crate) offset: usize,
    pub(crate) limit: usize,
    pub(crate) sort_by: &'a str,
    pub(crate) descending: bool,
    pub(crate) count: bool,
}

/// What a list does when nothing is asked, and what it can be sorted by.
pub(crate) struct Sorting {
    pub(crate) limit: usize,
    pub(crate) by: &'static str,
    pub(crate) descending: bool,
    pub(crate) columns: &'static [&'static str],
}

impl Sorting {
    /// The paging that `visit` asks for; 400 for what cannot be done.
    pub(crate) fn asked<'a>(
        &self,
        request: &SandboxRequest<'a>,
    ) -> Result<PageQuery<'a>, Response> {
        let sort_by = request.query("pg[sortBy]").unwrap_or(self.by);
        if !self.columns.contains(&sort_by) {
            return Err(wrong("pg[sortBy]"));
        }
        let descending = match request.query("pg[sortDir]") {
            Some("asc") => false,
            Some("desc") => true,
            Some(_) => return Err(wrong("pg[sortDir]")),
            None => sort_by == self.by && self.descending,
        };
        let number = |name| {
            let number = request.number(name)?;
            Ok(number.map(|number| usize::try_from(number).unwrap_or(usize::MAX)))
        };
        Ok(PageQuery {
            offset: number("pg[offset]")?.unwrap_or(0),
            limit: number("pg[limit]")?.unwrap_or(self.limit),
            sort_by,
            descending,
            count: request.flag("pg[returnTotalCount]")?,
        })
    }
}

impl PageQuery<'_> {
    /// Sorts whole rows, takes the asked ones and picks their columns.
    pub(crate) fn cut(&self, mut rows: Vec<Value>, picked: &Picked<'_>) -> Vec<Value> {
        rows.sort_by(|a, b| self.directed(by_value(&a[self.sort_by], &b[self.sort_by])));
        let page = rows.into_iter().skip(self.offset).take(self.limit);
        page.map(|row| picked.of(row)).collect()
    }

    /// The order of two rows whose sorted columns compare as `order`.
    pub(crate) fn directed(&self, order: Ordering) -> Ordering {
        if self.descending { order.reverse() } else { order }
    }

    /// The `pg` object of the answer.
    pub(crate) fn echo(&self) -> Value {
        json!({
            "sortBy": self.sort_by,
            "sortDir": if self.descending { "desc" } else { "asc" },
            "offset": self.offset,
            "limit": self.limit,
            "returnTotalCount": self.count,
        })
    }
}

/// Numbers by size, text without regard to case; null comes first.
fn by_value(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => a.as_u64().cmp(&b.as_u64()),
        (Value::String(a), Value::String(b)) => a.to_lowercase().cmp(&b.to_lowercase()),
        _ => b.is_null().cmp(&a.is_null()),
    }
}
