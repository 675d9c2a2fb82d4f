//! `make-audit-export`: a whole trail as a file that is evidence.

use std::path::{Path, PathBuf};

use futures_util::{StreamExt, TryStreamExt, stream};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::trail::{TrailSelection, TrailWindow, said_of};
use crate::{
    make::{AuditStream, Error, OrganizationId, StreamedEntry},
    report::{Format, ReadProgress, ResumableFile, Resumed, beside},
    tools::{
        audit_logs::filters::AppliedFilters,
        registry::{
            Context, ErrorKind, Scopes, Tool, ToolError, ToolSpec, Toolset, answer::to_value,
        },
    },
};

/// Details asked for at once.
const AHEAD: usize = 8;

#[derive(Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Export {
    #[serde(flatten)]
    asked: TrailSelection,
    /// jsonl has entries as Make sends them.
    #[serde(default)]
    format: Format,
    /// New file, by name.
    path: Option<String>,
    /// Go on with an interrupted export; same arguments.
    #[serde(default)]
    resume: bool,
    /// With details: a request for each entry.
    #[serde(default)]
    with_details: bool,
}

#[derive(Serialize, JsonSchema)]
struct Exported {
    export: ExportedFile,
}

/// What was written.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
struct ExportedFile {
    /// The file.
    path: PathBuf,
    /// The file that says what it holds.
    manifest_path: PathBuf,
    /// jsonl or csv.
    format: Format,
    /// Entries in the file.
    count: u64,
    /// First moment of the window.
    date_from: String,
    /// Last moment of the window.
    date_to: String,
    /// SHA-256 of the file, hex.
    sha256: String,
    /// What was filtered by, as it went to Make.
    applied: AppliedFilters,
    /// Whether nothing is missing.
    complete: bool,
    /// What the next call goes on from; null when the file is there.
    checkpoint_path: Option<PathBuf>,
    /// What is missing and why.
    notes: Vec<String>,
}

pub(crate) fn audit_export() -> Tool {
    ToolSpec {
        name: "make-audit-export",
        title: "Export an audit log to a file",
        description: "Writes every audit log entry of a window to a file, oldest first, with a \
            manifest and SHA-256 as evidence. Can take minutes; interrupted, `resume` goes on. For \
            counts use make-audit-summary.",
        toolset: Toolset::Audit,
        scopes: Scopes::all(&["organizations:read"]).assumed(),
        example: json!({ "organizationId": 11, "dateFrom": "2026-05-01", "dateTo": "2026-05-31" }),
    }
    .reports(run)
}

async fn run(cx: Context, args: Export) -> Result<Exported, ToolError> {
    let window = args.asked.window(&cx).await?;
    let me = cx.make.retrying_long().me().get().await?;
    let what = json!({
        "account": { "userId": me.id, "zone": cx.account.zone },
        "window": args.asked.described(&window),
        "format": args.format,
        "withDetails": args.with_details,
    });
    let path = place(&cx, &args, &window)?;
    let resumed = if args.resume {
        ResumableFile::resume(&path, &what)?
    } else {
        Resumed::GoesOn(Box::new(ResumableFile::begin(&path, what.clone())?))
    };
    let manifest = match resumed {
        Resumed::Finished(manifest) => manifest,
        Resumed::GoesOn(mut draft) => {
            let (complete, notes) = fill(&cx, &args, &window, &mut draft)
                .await
                .map_err(|error| interrupted(error, &draft, &path))?;
            let manifest = manifest(what, &draft, complete, notes, &cx);
            draft.finish(&manifest).map_err(|error| {
                let message = format!("{} could not be finished: {error}", path.display());
                ToolError::new(ErrorKind::UnexpectedResponse, message).with_hint(
                    "free disk space, then call again with the same arguments and path and resume: \
                     true",
                )
            })?;
            manifest
        }
    };
    Ok(Exported { export: file(&manifest, &path, &window, args.format) })
}

/// Writes what the trail still has; answers with whether that is all, and what is to be said of it.
async fn fill(
    cx: &Context,
    args: &Export,
    window: &TrailWindow,
    draft: &mut ResumableFile,
) -> Result<(bool, Vec<String>), ToolError> {
    let mut reading = window.read(draft.progress().mark);
    if draft.is_empty() {
        let progress = draft.progress().clone();
        draft.append(&args.format.head(args.with_details), progress).map_err(full)?;
    }
    while let Some(batch) = reading.next().await? {
        let batch: Vec<_> = batch.into_iter().filter(|entry| window.has(entry)).collect();
        let mut progress = ReadProgress { mark: reading.cursor(), ..draft.progress().clone() };
        let rows = if args.with_details {
            detailed(window, batch, &mut progress).await?
        } else {
            batch.iter().map(|entry| to_value(&entry.record)).collect::<Result<_, _>>()?
        };
        count(&mut progress, &rows);
        draft.append(&args.format.lines(&rows, args.with_details), progress).map_err(full)?;
        tell(cx, &reading, draft.progress());
    }
    let (later, gap) = said_of(&reading);
    let mut notes = window.notes.clone();
    notes.extend(gap);
    let incomplete = draft.progress().incomplete;
    if incomplete > 0 {
        notes.push(format!("Make has no details of {incomplete} entries."));
    }
    let complete = notes.is_empty();
    notes.extend(later);
    Ok((complete, notes))
}

fn count(progress: &mut ReadProgress, rows: &[Value]) {
    let named = |row: &Value| json!({ "uuid": row["uuid"], "createdAt": row["createdAt"] });
    progress.count += rows.len() as u64;
    if progress.first.is_none() {
        progress.first = rows.first().map(named);
    }
    progress.last = rows.last().map(named).or(progress.last.take());
}

fn tell(cx: &Context, reading: &AuditStream, progress: &ReadProgress) {
    // What is read and not written lies beside the window: counting it would look like a loss.
    let (read, total) = (progress.mark.offset, reading.total());
    cx.progress.tell(read, total, format!("{} entries written", progress.count));
}

/// The entries with their details, in order.
async fn detailed(
    window: &TrailWindow,
    batch: Vec<StreamedEntry>,
    progress: &mut ReadProgress,
) -> Result<Vec<Value>, ToolError> {
    let one = async |entry: StreamedEntry| {
        let organization = entry.record.organization_id.unwrap_or(OrganizationId(0));
        match window.make().audit_logs().get(organization, &entry.uuid).await {
            Ok(detail) => Ok((to_value(&detail)?, true)),
            Err(Error::Refused(refusal)) if refusal.status == 404 => {
                Ok((to_value(&entry.record)?, false))
            }
            Err(error) => Err(ToolError::from(error)),
        }
    };
    let rows: Vec<_> =
        stream::iter(batch.into_iter().map(one)).buffered(AHEAD).try_collect().await?;
    progress.incomplete += rows.iter().filter(|(_, found)| !found).count() as u64;
    Ok(rows.into_iter().map(|(row, _)| row).collect())
}

/// Where the file goes: as asked, or a name of its own that is free, or that was interrupted.
fn place(cx: &Context, args: &Export, window: &TrailWindow) -> Result<PathBuf, ToolError> {
    let folders = &cx.account.folders;
    if let Some(path) = &args.path {
        // What was finished and not heard of is there already.
        let finished = folders.existing(path).ok().filter(|_| args.resume);
        return Ok(finished.map_or_else(|| folders.new_file(path), Ok)?);
    }
    let day = |moment: jiff::Timestamp| moment.strftime("%Y-%m-%d").to_string();
    let of = match window.trail {
        crate::make::Place::Organization(id) => format!("organization-{id}"),
        crate::make::Place::Team(id) => format!("team-{id}"),
    };
    let stem = format!("audit-{of}-{}-{}", day(window.from), day(window.to));
    let own = folders.own()?;
    let name = |number: u32| match number {
        1 => own.join(format!("{stem}.{}", args.format.ending())),
        _ => own.join(format!("{stem}-{number}.{}", args.format.ending())),
    };
    let wanted = |path: &PathBuf| {
        if args.resume {
            beside(path, "checkpoint.json").exists()
        } else {
            ResumableFile::is_free(path)
        }
    };
    (1..1000).map(name).find(wanted).ok_or_else(|| {
        ToolError::arguments("there is no interrupted export of that window")
            .with_hint("leave `resume` out to begin")
    })
}

fn manifest(
    what: Value,
    draft: &ResumableFile,
    complete: bool,
    notes: Vec<String>,
    cx: &Context,
) -> Value {
    let progress = draft.progress();
    let mut manifest = what;
    let own = json!({
        "count": progress.count, "first": progress.first, "last": progress.last,
        "sha256": draft.sha256(), "complete": complete, "notes": notes,
        "exportedOn": cx.today.to_string(),
        "tool": concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")),
    });
    if let (Value::Object(manifest), Value::Object(own)) = (&mut manifest, own) {
        manifest.extend(own);
    }
    manifest
}

fn file(manifest: &Value, path: &Path, window: &TrailWindow, format: Format) -> ExportedFile {
    let notes = manifest["notes"].as_array().into_iter().flatten();
    ExportedFile {
        path: path.to_owned(),
        manifest_path: beside(path, "manifest.json"),
        format,
        count: manifest["count"].as_u64().unwrap_or_default(),
        date_from: window.from.to_string(),
        date_to: window.to.to_string(),
        applied: window.applied().clone(),
        sha256: manifest["sha256"].as_str().unwrap_or_default().to_owned(),
        complete: manifest["complete"] == true,
        checkpoint_path: None,
        notes: notes.filter_map(Value::as_str).map(str::to_owned).collect(),
    }
}

fn full(error: std::io::Error) -> ToolError {
    ToolError::new(ErrorKind::UnexpectedResponse, format!("the file cannot be written: {error}"))
        .with_hint("make room")
}

/// Adds to an error how to resume.
fn interrupted(error: ToolError, draft: &ResumableFile, path: &Path) -> ToolError {
    let first = error.hint.as_ref().map(|hint| format!("{hint}; then ")).unwrap_or_default();
    let hint = format!(
        "{first}call again with the same arguments, path \"{}\" and resume: true; {} entries are \
         kept",
        path.display(),
        draft.progress().count
    );
    error.with_hint(hint)
}
