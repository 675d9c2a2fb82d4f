//! `make-access-diff`: what changed between two access reviews.

use std::{fs::File, io::Read, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::files::{free_name, provenance, sha256, write};
use crate::{
    report::{AccessChange, Diff, Flag, Snapshot, diff_page, people},
    sync::blocking,
    text::visible,
    tools::registry::{Context, Scopes, Tool, ToolError, ToolSpec, Toolset},
};

/// Rows of one list in the answer; the page has all.
const MOST: usize = 100;
/// Far more than a snapshot of the largest organization.
const LARGEST: u64 = 64 << 20;

#[derive(Deserialize, JsonSchema)]
struct Compare {
    /// The older snapshot: jsonPath of a make-access-review.
    #[schemars(length(min = 1), example = &"before.json")]
    before: String,
    /// The newer snapshot.
    #[schemars(length(min = 1), example = &"after.json")]
    after: String,
    /// New HTML file, by name.
    path: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Compared {
    diff: DiffAnswer,
}

/// What is different. Each list has at most 100 rows, the page has all.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct DiffAnswer {
    /// Who came, with every role.
    added: Vec<AccessChange>,
    /// Who went, with every role that they had.
    removed: Vec<AccessChange>,
    /// Whose access is another one.
    changed: Vec<AccessChange>,
    /// Flags that were not there.
    new_flags: Vec<Flag>,
    /// Flags that are there no longer.
    cleared_flags: Vec<Flag>,
    /// How many of each there are.
    counts: DiffCounts,
    /// All of it as data, with who made it.
    json_path: PathBuf,
    /// The report for people.
    html_path: PathBuf,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct DiffCounts {
    /// People.
    added: usize,
    /// People.
    removed: usize,
    changed: usize,
    new_flags: usize,
    cleared_flags: usize,
}

pub(crate) fn access_diff() -> Tool {
    ToolSpec {
        name: "make-access-diff",
        title: "Compare two access reviews",
        description: "Compares two snapshots of make-access-review: who came, who went, whose role \
            changed, which flags are new. Reads only the two files; writes an HTML report.",
        toolset: Toolset::Governance,
        scopes: Scopes::NONE,
        example: json!({ "before": "before.json", "after": "after.json" }),
    }
    .reports(async |cx: Context, args: Compare| run(&cx, &args).await)
}

async fn run(cx: &Context, args: &Compare) -> Result<Compared, ToolError> {
    let (before, before_hash) = read(cx, "before", &args.before)?;
    let (after, after_hash) = read(cx, "after", &args.after)?;
    if before.organization.id != after.organization.id {
        return Err(ToolError::arguments(format!(
            "the snapshots are of two organizations, {} and {}",
            before.organization.id, after.organization.id
        )));
    }
    let path = match &args.path {
        Some(path) => path.clone(),
        None => {
            let stem = format!(
                "access-diff-{}-{}-{}",
                after.organization.id,
                day(&before.terms.as_of),
                day(&after.terms.as_of)
            );
            format!("{}.html", free_name(cx, &stem, "html")?)
        }
    };
    let diff = blocking(|| Diff::between(&before, &after));
    let stem = path.strip_suffix(".html").unwrap_or(&path);
    let json_path = format!("{stem}.json");
    cx.account.folders.new_file(&json_path)?;
    let hashes = vec![
        (format!("before, {}", before.terms.as_of), before_hash),
        (format!("after, {}", after.terms.as_of), after_hash),
    ];
    let made = provenance(cx, hashes).await;
    let html_path = write(cx, &path, &diff_page(&before, &after, &diff, &made))?;
    let whole = json!({
        "organization": after.organization, "from": before.terms.as_of, "to": after.terms.as_of,
        "added": diff.added, "removed": diff.removed, "changed": diff.changed,
        "newFlags": diff.new_flags, "clearedFlags": diff.cleared_flags, "made": made,
    });
    let json_path = write(cx, &json_path, format!("{whole}\n").as_bytes())?;
    let counts = DiffCounts {
        added: people(&diff.added),
        removed: people(&diff.removed),
        changed: diff.changed.len(),
        new_flags: diff.new_flags.len(),
        cleared_flags: diff.cleared_flags.len(),
    };
    Ok(Compared {
        diff: DiffAnswer {
            added: first(diff.added),
            removed: first(diff.removed),
            changed: first(diff.changed),
            new_flags: first(diff.new_flags),
            cleared_flags: first(diff.cleared_flags),
            counts,
            json_path,
            html_path,
        },
    })
}

fn first<T>(mut rows: Vec<T>) -> Vec<T> {
    rows.truncate(MOST);
    rows
}

/// The day of a snapshot as it may stand in a file name.
fn day(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_digit() || *c == '-').take(10).collect()
}

/// A snapshot and the SHA-256 of its file.
fn read(cx: &Context, name: &str, path: &str) -> Result<(Snapshot, String), ToolError> {
    let place = cx.account.folders.existing(path)?;
    let wrong = |problem: String| {
        ToolError::arguments(format!("`{name}`: {} {problem}", visible(path)))
            .with_hint("give the jsonPath of a make-access-review")
    };
    let mut bytes = Vec::new();
    File::open(&place)
        .and_then(|file| file.take(LARGEST).read_to_end(&mut bytes))
        .map_err(|error| wrong(format!("cannot be read: {error}")))?;
    let snapshot =
        blocking(|| Snapshot::from_json(&bytes)).map_err(|problem| wrong(problem.to_string()))?;
    Ok((snapshot, sha256(&bytes)))
}
