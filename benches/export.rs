//! What paging costs: `cargo bench --bench export`.
//!
//! Exports 200,000 entries of the built-in account through the whole server, and writes the same rows from one answer
//! without pages, with the same client, the same line format, hash and disk. Prints the best of three runs of each,
//! and their ratio.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement for people")]

use std::{
    fs,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use clap::CommandFactory;
use make_admin_mcp::{
    catalog::catalog,
    cli::Arguments,
    config::Settings,
    make::{AuditLogFilter, Make, OrganizationId, Page, Place, SortDir},
    report::Format,
    sandbox::Sandbox,
    server::Server,
};
use rmcp::{ServiceExt, model::CallToolRequestParams};
use serde_json::json;
use sha2::{Digest, Sha256};

const ENTRIES: u64 = 200_000;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let home = tempfile::tempdir().unwrap();
    let (mut paged, mut whole, mut only) = (Duration::MAX, Duration::MAX, Duration::MAX);
    for _ in 0..3 {
        let begun = Instant::now();
        let hash = export(home.path()).await;
        paged = paged.min(begun.elapsed());
        let begun = Instant::now();
        let (own, took) = write(home.path()).await;
        assert_eq!(own, hash, "the same bytes");
        (whole, only) = (whole.min(begun.elapsed()), only.min(took));
    }
    let ratio = paged.as_secs_f64() / whole.as_secs_f64();
    println!("export in pages         {paged:.2?}");
    println!("the same in one answer  {whole:.2?}");
    println!("ratio                   {ratio:.2}");
    println!("writing alone           {only:.2?}");
}

/// Through a client, the server and the tool.
async fn export(home: &Path) -> String {
    let state = home.join("state");
    let size = format!("--sandbox-size=audit={ENTRIES}");
    let flags = ["make-admin-mcp", "--sandbox", &size, "--state-dir", state.to_str().unwrap()];
    let matches = Arguments::command().try_get_matches_from(flags).unwrap();
    let server = Server::new(&Settings::read(&matches, &catalog()).unwrap());
    let (own, theirs) = tokio::io::duplex(64 << 10);
    tokio::spawn(async move { server.serve(own).await.unwrap().waiting().await.unwrap() });
    let client = ().serve(theirs).await.unwrap();
    let arguments =
        json!({ "organizationId": 11, "dateFrom": "2025-01-01", "dateTo": "2026-12-31" });
    let call = CallToolRequestParams::new("make-audit-export")
        .with_arguments(arguments.as_object().unwrap().clone());
    let answer = client.call_tool(call).await.unwrap().structured_content.unwrap();
    assert_eq!(answer["export"]["count"], ENTRIES);
    answer["export"]["sha256"].as_str().unwrap().to_owned()
}

/// One request for everything; and how long it takes to write rows that are there already.
async fn write(home: &Path) -> (String, Duration) {
    let sandbox = Sandbox::of_size(format!("audit={ENTRIES}").parse().unwrap());
    let make = Make::new(sandbox, Some(Sandbox::credential())).uncached();
    let page = Page {
        limit: Some(ENTRIES),
        sort_by: Some("createdAt".to_owned()),
        sort_dir: Some(SortDir::Asc),
        ..Page::default()
    };
    let trail = Place::Organization(OrganizationId(11));
    let list = make.audit_logs().list(trail, &AuditLogFilter::default(), &page).await.unwrap();
    let mut rows = list.items;
    // Of one moment by uuid, as the export has them.
    rows.sort_by(|a, b| (&a.created_at, &a.uuid).cmp(&(&b.created_at, &b.uuid)));
    let rows: Vec<_> = rows.iter().map(|row| serde_json::to_value(row).unwrap()).collect();
    let begun = Instant::now();
    let bytes = Format::Jsonl.lines(&rows, false);
    let mut file = fs::File::create(home.join("whole.jsonl")).unwrap();
    file.write_all(&bytes).unwrap();
    file.sync_all().unwrap();
    let hash = Sha256::digest(&bytes);
    let took = begun.elapsed();
    (hash.iter().map(|byte| format!("{byte:02x}")).collect(), took)
}
