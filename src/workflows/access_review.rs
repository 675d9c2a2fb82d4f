//! `make-access-review`: who can do what in an organization, as a snapshot, a table and a page.

mod collect;

use std::path::PathBuf;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::files::{free_name, provenance, sha256, write};
use crate::{
    make::OrganizationId,
    report::{Flag, ReviewCounts, SnapshotRef, review_page},
    sync::blocking,
    tools::registry::{Context, Scopes, Tool, ToolError, ToolSpec, Toolset, answer::to_value},
};
use collect::collect;

/// Flags in one answer; the files have all.
const MOST_FLAGS: usize = 100;
#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Review {
    /// The organization.
    #[schemars(example = 11)]
    organization_id: OrganizationId,
    /// Day that decides what is stale; today if left out.
    as_of: Option<String>,
    /// Days without a login that are too many.
    #[serde(default = "ninety")]
    #[schemars(range(min = 1, max = 3650))]
    stale_days: u64,
    /// Own mail domains; the owner's if left out.
    #[serde(default)]
    trusted_domains: Vec<String>,
    /// New files, by name without ending.
    path: Option<String>,
}

fn ninety() -> u64 {
    90
}

#[derive(Serialize, JsonSchema)]
struct Reviewed {
    review: ReviewAnswer,
}

/// What was found.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct ReviewAnswer {
    /// The organization.
    organization: SnapshotRef,
    /// How many there are.
    counts: ReviewCounts,
    /// What deserves a look; at most 100, the files have all.
    flags: Vec<Flag>,
    /// The snapshot, for make-access-diff.
    json_path: PathBuf,
    /// A row for each person.
    csv_path: PathBuf,
    /// The report for people.
    html_path: PathBuf,
    /// Who made it, when, with what.
    manifest_path: PathBuf,
    /// SHA-256 of the snapshot, hex.
    sha256: String,
    /// What could not be read.
    notes: Vec<String>,
}

pub(crate) fn access_review() -> Tool {
    ToolSpec {
        name: "make-access-review",
        title: "Review who has access",
        description: "Writes who has which organization and team role, last login, two factors and \
            invitations, with flags, as JSON, CSV and an HTML report. Compare two with \
            make-access-diff.",
        toolset: Toolset::Governance,
        scopes: Scopes::all(&["user:read", "organizations:read", "teams:read"]),
        example: json!({ "organizationId": 11 }),
    }
    .reports(run)
}

async fn run(cx: Context, args: Review) -> Result<Reviewed, ToolError> {
    let as_of = match &args.as_of {
        None => cx.today,
        Some(text) => text
            .trim()
            .parse::<Date>()
            .map_err(|_| ToolError::arguments("`asOf` must be a day such as 2026-05-31"))?,
    };
    let stem = match &args.path {
        Some(path) => ["json", "csv", "html"]
            .iter()
            .find_map(|ending| path.strip_suffix(&format!(".{ending}")))
            .unwrap_or(path)
            .to_owned(),
        None => free_name(&cx, &format!("access-review-{}-{as_of}", args.organization_id), "json")?,
    };
    // Before anything is asked: a path that is refused should cost nothing.
    for ending in ["json", "csv", "html", "manifest.json"] {
        cx.account.folders.new_file(&format!("{stem}.{ending}"))?;
    }
    let snapshot = collect(&cx, &args, as_of).await?;
    let json = blocking(|| snapshot.to_json());
    let sha256 = sha256(&json);
    let json_path = write(&cx, &format!("{stem}.json"), &json)?;
    let csv_path = write(&cx, &format!("{stem}.csv"), &blocking(|| snapshot.to_csv()))?;
    let name = json_path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let made = provenance(&cx, vec![(name, sha256.clone())]).await;
    let html_path =
        write(&cx, &format!("{stem}.html"), &blocking(|| review_page(&snapshot, &made)))?;
    let manifest = to_value(&made)?.to_string();
    let manifest_path = write(&cx, &format!("{stem}.manifest.json"), manifest.as_bytes())?;
    let mut flags = snapshot.flags;
    flags.truncate(MOST_FLAGS);
    Ok(Reviewed {
        review: ReviewAnswer {
            organization: snapshot.organization,
            counts: snapshot.counts,
            flags,
            json_path,
            csv_path,
            html_path,
            manifest_path,
            sha256,
            notes: snapshot.notes,
        },
    })
}
