//! Files that a tool wrote, as links that a host can open.

use std::path::Path;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rmcp::model::{ContentBlock, Resource};
use serde_json::Value;

/// What stays as it is in the path of a `file:` address.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b':').remove(b'.').remove(b'-').remove(b'_').remove(b'~');

/// A link to each file that an answer names in `path` or `…Path`.
pub(super) fn to_files(answer: &Value) -> Vec<ContentBlock> {
    let inner = answer.as_object().into_iter().flat_map(|answer| answer.values());
    let fields = inner.filter_map(Value::as_object).flatten();
    fields
        .filter(|(name, _)| *name == "path" || name.ends_with("Path"))
        .filter_map(|(_, path)| path.as_str().map(to_file))
        .collect()
}

fn to_file(path: &str) -> ContentBlock {
    let own = Path::new(path);
    let name = own.file_name().unwrap_or_default().to_string_lossy();
    let kind = match own.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html",
        Some("csv") => "text/csv",
        Some("jsonl") => "application/jsonl",
        _ => "application/json",
    };
    // Windows: `C:\exports` is `/C:/exports`.
    let plain = path.replace('\\', "/");
    let slash = if plain.starts_with('/') { "" } else { "/" };
    let uri = format!("file://{slash}{}", utf8_percent_encode(&plain, PLAIN));
    ContentBlock::resource_link(Resource::new(uri, name).with_mime_type(kind))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_file_of_an_answer_is_linked() {
        let answer = json!({ "export": {
            "path": "/home/ann lee/a#1.csv", "manifestPath": "C:\\x\\a.csv.manifest.json",
            "checkpointPath": null, "count": 3,
        } });
        let links: Vec<_> = to_files(&answer)
            .into_iter()
            .map(|link| serde_json::to_value(link).expect("JSON"))
            .collect();
        assert_eq!(
            links,
            [
                json!({ "type": "resource_link", "uri": "file:///home/ann%20lee/a%231.csv",
                "name": "a#1.csv", "mimeType": "text/csv" }),
                json!({ "type": "resource_link", "uri": "file:///C:/x/a.csv.manifest.json",
                    "name": if cfg!(windows) {
                    "a.csv.manifest.json"
                } else {
                    "C:\\x\\a.csv.manifest.json"
                }, "mimeType": "application/json" }),
            ]
        );
    }
}
