//! The tool that looks up Make's lists of values.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::registry::{
    Context, Scopes, Tool, ToolSpec, Toolset,
    paging::{PageInfo, Paging},
};
use crate::make::EnumList;

#[derive(Deserialize, JsonSchema)]
struct LookupArguments {
    /// The list.
    #[schemars(example = &"timezones")]
    list: EnumList,
    /// Only entries with this text in any value.
    search: Option<String>,
    #[serde(flatten)]
    paging: Paging,
}

#[derive(Serialize, JsonSchema)]
struct LookupAnswer {
    /// The list.
    list: EnumList,
    /// The entries, as Make sends them.
    entries: Vec<Map<String, Value>>,
    page: PageInfo,
}

pub(crate) fn lookup() -> Tool {
    ToolSpec {
        name: "make-lookup",
        title: "Look up ids and values",
        description: "Looks up Make's lists of values: ids of regions, time zones, countries, \
            locales; languages; the scopes that tokens can have; language models. Use `search` for \
            long lists.",
        toolset: Toolset::Account,
        scopes: Scopes::NONE,
        example: json!({ "list": "timezones", "search": "prague" }),
    }
    .reads(async |cx: Context, args: LookupArguments| {
        let mut entries = cx.make.enums().list(args.list).await?;
        if let Some(text) = args.search.map(|text| text.to_lowercase()) {
            entries.retain(|entry| entry.values().any(|value| contains(value, &text)));
        }
        let (entries, page) = args.paging.cut(entries);
        Ok(LookupAnswer { list: args.list, entries, page })
    })
}

fn contains(value: &Value, text: &str) -> bool {
    match value {
        Value::String(value) => value.to_lowercase().contains(text),
        Value::Number(number) => number.to_string() == text,
        _ => false,
    }
}
