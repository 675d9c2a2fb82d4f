//! Audit entries as lines of a file.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Table;

/// The form of an export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub enum Format {
    /// JSON Lines: each entry as Make sends it.
    #[default]
    Jsonl,
    /// CSV: the columns of [`COLUMNS`].
    Csv,
}

/// The columns of CSV and where an entry has them.
pub const COLUMNS: [(&str, &str); 14] = [
    ("uuid", "/uuid"),
    ("triggeredAt", "/triggeredAt"),
    ("createdAt", "/createdAt"),
    ("eventName", "/eventName"),
    ("organizationId", "/organizationId"),
    ("organizationName", "/organization/name"),
    ("teamId", "/team/id"),
    ("teamName", "/team/name"),
    ("actorId", "/actor/id"),
    ("actorName", "/actor/name"),
    ("actorEmail", "/actor/email"),
    ("targetId", "/targetId"),
    ("versionFrom", "/version/from"),
    ("versionTo", "/version/to"),
];

impl Format {
    /// What its files are called at the end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
        }
    }

    /// What stands before the first entry.
    pub fn head(self, with_details: bool) -> Vec<u8> {
        let mut table = Table::default();
        if self == Self::Csv {
            let names = COLUMNS.iter().map(|(name, _)| *name);
            table.row(names.chain(with_details.then_some("details")));
        }
        table.into_bytes()
    }

    /// Entries as the file has them.
    pub fn lines(self, entries: &[Value], with_details: bool) -> Vec<u8> {
        if self == Self::Jsonl {
            let lines = entries.iter().map(|entry| format!("{entry}\n"));
            return lines.collect::<String>().into_bytes();
        }
        let mut table = Table::default();
        for entry in entries {
            let cell = |path: &str| entry.pointer(path).map(text).unwrap_or_default();
            let cells = COLUMNS.iter().map(|(_, path)| cell(path));
            table.row(cells.chain(with_details.then(|| cell("/details"))));
        }
        table.into_bytes()
    }
}

/// A value as a cell: text as it is, nothing for null, all else as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_entry_is_a_line_in_both_forms() {
        let entry = json!({
            "uuid": "a", "createdAt": "2026-05-24T14:22:16.879Z", "triggeredAt": 1,
            "organizationId": 11,
            "organization": { "id": 11, "name": "Acme, \"Ltd\"" }, "eventName": "webhook_created",
            "team": null,
            "actor": { "id": 41, "name": "=cmd()", "email": "dana@example.com" },
            "targetId": "3000",
            "version": { "from": "1.0.0", "to": "1.0.1" }, "details": { "name": "x" },
        });
        let lines = |format: Format, details| {
            String::from_utf8(format.lines(std::slice::from_ref(&entry), details)).expect("text")
        };
        assert_eq!(lines(Format::Jsonl, false), format!("{entry}\n"));
        assert_eq!(
            lines(Format::Csv, true),
            "a,1,2026-05-24T14:22:16.879Z,webhook_created,11,\"Acme, \
             \"\"Ltd\"\"\",,,41,'=cmd(),dana@example.com,3000,1.0.0,1.0.1,\
             \"{\"\"name\"\":\"\"x\"\"}\"\r\n"
        );
        let head = String::from_utf8(Format::Csv.head(false)).expect("text");
        assert_eq!(
            head,
            "uuid,triggeredAt,createdAt,eventName,organizationId,organizationName,teamId,teamName,\
             actorId,actorName,\
             actorEmail,targetId,versionFrom,versionTo\r\n"
        );
        assert!(Format::Jsonl.head(true).is_empty());
    }
}
