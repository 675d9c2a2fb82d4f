//! The generated parts of the README, and what it promises.

use std::{fmt::Write, fs, path::PathBuf};

use clap::CommandFactory;
use make_admin_mcp::{
    catalog::catalog,
    cli::Arguments,
    prompts::PROMPTS,
    resources::RESOURCES,
    tools::registry::{Effect, Toolset},
};

use crate::support::snapshot;

/// Replaces what stands between the two markers of `name` and compares the whole file.
fn generated(name: &str, text: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let (start, end) = (format!("<!-- {name}:start -->\n"), format!("<!-- {name}:end -->"));
    let (before, rest) = readme.split_once(&start).expect("a start marker");
    let (_, after) = rest.split_once(&end).expect("an end marker");
    snapshot(&path, &format!("{before}{start}{text}{end}{after}"));
}

#[test]
fn the_generated_parts_are_up_to_date() {
    // One after the other: each reads what the one before wrote.
    generated("tools", &tools());
    generated("offers", &offers());
    generated("settings", &settings());
}

fn offers() -> String {
    let mut text = "| Prompt | What it does |\n|---|---|\n".to_owned();
    for prompt in PROMPTS {
        let _ = writeln!(text, "| `{}` | {} |", prompt.name, prompt.description);
    }
    text.push_str("\n| Resource | What it holds |\n|---|---|\n");
    for resource in RESOURCES {
        let _ = writeln!(text, "| `{}` | {} |", resource.uri, resource.description);
    }
    text
}

fn tools() -> String {
    let mut text = String::new();
    for toolset in Toolset::ALL {
        let _ = writeln!(
            text,
            "**{}**\n\n| Tool | What it does | Effect | Scope |\n|---|---|---|---|",
            toolset.name()
        );
        for tool in catalog().iter().filter(|tool| tool.spec.toolset == toolset) {
            let spec = &tool.spec;
            let effect = match tool.effect() {
                Effect::Read => "reads",
                Effect::Create => "creates",
                Effect::Update => "changes",
                Effect::Delete => "removes",
                Effect::Report => "writes a file",
            };
            let guard = tool.guard().map(|guard| format!(", {}", guard.name())).unwrap_or_default();
            let scope = spec.scopes.text().unwrap_or_else(|| "–".to_owned());
            let assumed = if spec.scopes.is_assumed() { " (assumed)" } else { "" };
            let _ = writeln!(
                text,
                "| `{}` | {} | {effect}{guard} | {scope}{assumed} |",
                spec.name, spec.title
            );
        }
        text.push('\n');
    }
    text
}

fn settings() -> String {
    let mut text = String::from("| Flag | Variable | Meaning |\n|---|---|---|\n");
    let _ = writeln!(
        text,
        "| – | `MAKE_API_KEY` | The token: an API token or an OAuth access token. Never a flag |"
    );
    let command = Arguments::command();
    for argument in command.get_arguments().filter(|argument| argument.get_env().is_some()) {
        let flag = argument.get_long().expect("a long name");
        let variable = argument.get_env().unwrap().to_str().unwrap();
        let _ = writeln!(
            text,
            "| `--{flag}` | `{variable}` | {} |",
            argument.get_help().expect("a help text")
        );
    }
    text
}

#[test]
fn every_kind_of_error_is_explained() {
    let readme = include_str!("../../README.md");
    let kinds = [
        "invalid_arguments", "unauthorized", "missing_scope", "plan_required", "forbidden",
        "not_found", "confirmation_required_by_make", "conflict", "rate_limited", "server",
        "unexpected_response", "timeout", "network", "refused_by_policy", "cancelled",
    ];
    for kind in kinds {
        assert!(readme.contains(&format!("`{kind}`")), "{kind}");
    }
}
