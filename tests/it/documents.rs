//! The documents: their generated parts, and whether what they claim is true.

use std::{collections::BTreeSet, fmt::Write, fs, path::PathBuf, process::Command};

use clap::CommandFactory;
use make_admin_mcp::{
    catalog::catalog,
    cli::Arguments,
    prompts::PROMPTS,
    resources::RESOURCES,
    tools::registry::{Effect, Toolset},
};

use crate::support::snapshot;

/// Replaces what stands between the two markers of `name` in a document and compares the whole file.
fn generated(document: &str, name: &str, text: &str) {
    let path = root().join(document);
    let readme = fs::read_to_string(&path).unwrap();
    let (start, end) = (format!("<!-- {name}:start -->\n"), format!("<!-- {name}:end -->"));
    let (before, rest) = readme.split_once(&start).expect("a start marker");
    let (_, after) = rest.split_once(&end).expect("an end marker");
    snapshot(&path, &format!("{before}{start}{text}{end}{after}"));
}

#[test]
fn the_generated_parts_are_up_to_date() {
    generated("docs/tools.md", "tools", &tools());
    generated("docs/prompts-and-resources.md", "offers", &offers());
    generated("docs/configuration.md", "settings", &settings());
    generated("README.md", "toolsets", &toolsets());
    generated("docs/authentication.md", "reading-scopes", &reading_scopes());
}

/// The scopes of all tools that change nothing at Make.
fn reading_scopes() -> String {
    let catalog = catalog();
    let reading = catalog.iter().filter(|tool| tool.effect().is_read());
    let names: BTreeSet<_> = reading.flat_map(|tool| tool.spec.scopes.names()).collect();
    let names: Vec<_> = names.into_iter().map(|name| format!("`{name}`")).collect();
    format!("{}\n", names.join(", "))
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn toolsets() -> String {
    let mut text = "| Toolset | On by default | Tools | For |\n|---|---|---|---|\n".to_owned();
    for toolset in Toolset::ALL {
        let count = catalog().iter().filter(|tool| tool.spec.toolset == toolset).count();
        let on = if toolset.is_default() { "yes" } else { "" };
        let _ = writeln!(text, "| `{}` | {on} | {count} | {} |", toolset.name(), toolset.purpose());
    }
    text
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
    let readme = include_str!("../../docs/errors.md");
    let kinds = [
        "invalid_arguments", "unauthorized", "missing_scope", "plan_required", "forbidden",
        "not_found", "confirmation_required_by_make", "conflict", "rate_limited", "server",
        "unexpected_response", "timeout", "network", "refused_by_policy", "cancelled",
    ];
    for kind in kinds {
        assert!(readme.contains(&format!("`{kind}`")), "{kind}");
    }
}

/// Every document of the package: its path and text.
fn documents() -> Vec<(String, String)> {
    let docs = fs::read_dir(root().join("docs")).unwrap();
    let docs = docs.map(|entry| format!("docs/{}", entry.unwrap().file_name().to_str().unwrap()));
    let top = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].map(str::to_owned);
    top.into_iter()
        .chain(docs)
        .filter(|path| path.ends_with(".md"))
        .map(|path| (path.clone(), fs::read_to_string(root().join(path)).unwrap()))
        .collect()
}

/// The fenced blocks of a document in one language.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let start = format!("```{language}\n");
    let parts = text.split(&start).skip(1);
    parts.map(|part| part.split("```").next().unwrap().to_owned()).collect()
}

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let kept = heading.trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.collect::<String>().replace(' ', "-")
}

#[test]
fn every_link_resolves() {
    let mut followed = 0;
    for (path, text) in documents() {
        for part in text.split("](").skip(1) {
            let target = part.split(')').next().unwrap();
            if target.starts_with("https://") {
                continue;
            }
            let (file, wanted) = target.split_once('#').unwrap_or((target, ""));
            let own = root().join(&path);
            let file = if file.is_empty() { own } else { own.parent().unwrap().join(file) };
            assert!(file.is_file(), "{path} links to {target}, which is not there");
            let linked = fs::read_to_string(&file).unwrap();
            let headings = linked.lines().filter(|line| line.starts_with('#'));
            let known = headings.map(|line| anchor(line.trim_start_matches('#')));
            assert!(
                wanted.is_empty() || known.into_iter().any(|anchor| anchor == wanted),
                "{path} links to {target}, which has no such heading"
            );
            followed += 1;
        }
    }
    assert!(followed > 15, "the links are found");
}

#[test]
fn every_file_that_a_document_names_is_there() {
    let resources: Vec<String> = fs::read_dir(root().join("fixtures/make"))
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| !name.contains('.'))
        .collect();
    assert_eq!(resources.len(), 18);
    let mut seen = 0;
    for (document, text) in documents() {
        for quoted in text.split('`').skip(1).step_by(2) {
            let is_path = ["src/", "tests/", "fixtures/", "docs/", "benches/", "examples/", ".ci/"]
                .iter()
                .any(|start| quoted.starts_with(start));
            if !is_path || quoted.contains(char::is_whitespace) {
                continue;
            }
            for resource in &resources {
                let path = quoted.replace("<resource>", resource);
                assert!(root().join(&path).exists(), "{document} names {path}, which is not there");
            }
            seen += 1;
        }
    }
    assert!(seen > 30, "the paths are found");
}

/// What a shell would run: the lines of the blocks, without comments.
fn commands() -> Vec<(String, Vec<String>)> {
    let mut commands = Vec::new();
    for (document, text) in documents() {
        for line in blocks(&text, "sh").iter().flat_map(|block| block.lines()) {
            let line = line.split(" #").next().unwrap().trim();
            if !line.is_empty() {
                let words = shlex::split(line).unwrap_or_else(|| panic!("{document}: {line}"));
                commands.push((document.clone(), words));
            }
        }
    }
    commands
}

#[test]
fn every_command_of_the_documents_works() {
    // Commands of others: what runs them, and why they are not run here.
    let others = ["cargo install --locked --path .", "claude mcp add make --", "npx "];
    let mut run = 0;
    for (document, words) in commands() {
        let line = words.join(" ");
        if others.iter().any(|other| line.starts_with(other)) {
            continue;
        }
        assert_eq!(words[0], "make-admin-mcp", "{document}: {line} is checked by nothing");
        if let Err(error) = Arguments::command().try_get_matches_from(&words) {
            panic!("{document}: {line}: {error}");
        }
        if words.contains(&"--sandbox".to_owned()) {
            let home = tempfile::tempdir().unwrap();
            let output = Command::new(env!("CARGO_BIN_EXE_make-admin-mcp"))
                .args(&words[1..])
                .env("MAKE_STATE_DIR", home.path().join("state"))
                .env("MAKE_CONFIG_DIR", home.path().join("config"))
                .stdin(std::process::Stdio::null())
                .output()
                .unwrap();
            // Without a terminal a change stops at its plan.
            let plans = String::from_utf8_lossy(&output.stdout).contains("confirmation_required");
            assert!(output.status.success() || plans, "{document}: {line}: {output:?}");
            run += 1;
        }
    }
    assert!(run >= 4, "commands of the sandbox are run");
}

#[test]
fn the_first_call_prints_what_the_readme_shows() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    assert!(readme.lines().count() <= 190);
    let line = blocks(&readme, "sh").iter().find(|block| block.contains(" call ")).unwrap().clone();
    let words = shlex::split(line.trim()).unwrap();
    let output =
        Command::new(env!("CARGO_BIN_EXE_make-admin-mcp")).args(&words[1..]).output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), blocks(&readme, "json")[0]);
}

#[test]
fn configurations_of_hosts_name_flags_and_variables_that_exist() {
    let command = Arguments::command();
    let known = |name: &str| {
        let mut arguments = command.get_arguments();
        arguments.any(|argument| {
            argument.get_long().is_some_and(|long| format!("--{long}") == name)
                || argument.get_env().is_some_and(|variable| variable == name)
        })
    };
    let mut servers = 0;
    for (document, text) in documents() {
        for block in blocks(&text, "json") {
            let value: serde_json::Value = serde_json::from_str(&block).unwrap();
            let Some(server) = value.pointer("/mcpServers/make").or(value.pointer("/servers/make"))
            else {
                continue;
            };
            servers += 1;
            for flag in server["args"].as_array().into_iter().flatten() {
                assert!(known(flag.as_str().unwrap()), "{document} names {flag}");
            }
        }
        for word in text.split(|c: char| !(c.is_ascii_uppercase() || c == '_')) {
            let is_variable = word.starts_with("MAKE_") && word != "MAKE_API_KEY";
            assert!(!is_variable || known(word), "{document} names {word}");
        }
        for block in blocks(&text, "toml") {
            block.parse::<toml::Table>().unwrap_or_else(|error| panic!("{document}: {error}"));
        }
    }
    assert_eq!(servers, 2);
}

#[test]
fn the_changelog_has_this_version() {
    let changelog = fs::read_to_string(root().join("CHANGELOG.md")).unwrap();
    assert!(changelog.contains(&format!("\n## {}\n", env!("CARGO_PKG_VERSION"))));
    assert!(changelog.contains("\n## Unreleased\n"));
}
