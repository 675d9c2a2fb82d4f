//! The invariants of `lib.rs` that show in the sources: which way dependencies point, and what stands in one place.

mod modules;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use modules::{Modules, circle};

/// Every source file of the package, as (path below `src`, text).
fn whole_sources() -> Vec<(String, String)> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, files)
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                files.push(path)
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    assert!(files.len() > 30, "the sources are found");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        (path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"), text)
    };
    files.into_iter().map(read).collect()
}

/// Every source file, as (path below `src`, code without its tests).
fn sources() -> Vec<(String, String)> {
    let files = whole_sources().into_iter().filter(|(path, _)| !path.ends_with("tests.rs"));
    let code = |text: &str| {
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        // Comments may name what code must not.
        let code = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        code.collect::<Vec<_>>().join("\n")
    };
    files.map(|(path, text)| (path, code(&text))).collect()
}

/// Files in which `what` stands.
fn files_with(what: &str) -> Vec<String> {
    let mut files: Vec<_> = sources()
        .into_iter()
        .filter(|(_, code)| code.contains(what))
        .map(|(path, _)| path)
        .collect();
    files.sort();
    files
}

#[test]
fn dependencies_point_one_way() {
    for (folder, forbidden) in [
        (
            "make/",
            &[
                "rmcp", "crate::tools", "crate::guard", "crate::server", "crate::cli",
                "crate::config", "crate::sandbox",
            ][..],
        ),
        (
            "guard/",
            &[
                "rmcp", "reqwest", "crate::tools", "crate::report", "crate::server", "crate::cli",
                "crate::config",
            ],
        ),
        (
            "tools/",
            &["rmcp", "reqwest", "crate::server", "crate::cli", "crate::config", "crate::sandbox"],
        ),
        (
            "report/",
            &[
                "rmcp", "reqwest", "crate::tools", "crate::server", "crate::cli", "crate::config",
                "crate::sandbox",
            ],
        ),
        ("resources.rs", &["rmcp", "reqwest", "crate::server", "crate::cli"]),
        ("prompts.rs", &["rmcp", "reqwest", "crate::server", "crate::cli", "crate::make"]),
        ("completion.rs", &["rmcp", "reqwest", "crate::server", "crate::cli"]),
        (
            "sandbox/",
            &[
                "rmcp", "reqwest", "crate::tools", "crate::guard", "crate::server", "crate::cli",
                "crate::config",
            ],
        ),
        (
            "credential/",
            &[
                "rmcp", "crate::tools", "crate::report", "crate::server", "crate::cli",
                "crate::config", "crate::sandbox",
            ],
        ),
        ("server.rs", &["reqwest", "crate::cli"]),
        ("server/", &["reqwest", "crate::cli"]),
    ] {
        let files: Vec<_> =
            sources().into_iter().filter(|(path, _)| path.starts_with(folder)).collect();
        assert!(!files.is_empty(), "{folder} exists");
        for (path, code) in files {
            for word in forbidden {
                assert!(!code.contains(word), "{path} uses {word}");
            }
        }
    }
}

#[test]
fn only_one_function_reads_a_credential() {
    assert_eq!(
        files_with(".authorization()")
            .iter()
            .filter(|path| path.starts_with("make/"))
            .collect::<Vec<_>>(),
        ["make/transport/https.rs"]
    );
    assert_eq!(files_with("fn authorization(&self) -> String"), ["make/credential.rs"]);
}

#[test]
fn two_files_speak_http() {
    assert_eq!(files_with("reqwest::"), ["credential/http.rs", "make/transport/https.rs"]);
}

#[test]
fn only_main_and_config_read_environment_and_arguments() {
    assert_eq!(files_with("env::var"), ["config/accounts.rs", "main.rs"]);
    assert_eq!(files_with("get_matches()"), ["main.rs"]);
    assert_eq!(files_with("env::args"), ["main.rs"]);
}

#[test]
fn only_the_transport_and_the_results_of_commands_reach_stdout() {
    assert_eq!(files_with("stdout()"), ["cli/mod.rs"]);
    assert_eq!(files_with("stdio_pipes()"), ["cli/serve.rs"]);
}

#[test]
fn one_function_sends_the_body_that_removes_a_member() {
    let (_, code) = sources()
        .into_iter()
        .find(|(path, _)| path == "make/endpoints/organization_roles.rs")
        .unwrap();
    assert_eq!(code.matches("json!({})").count(), 1);
    let users = files_with(".remove(&permit, args.user_id");
    assert_eq!(users, ["tools/organization_roles/changes.rs"]);
}

#[test]
fn a_path_is_never_built_from_text() {
    for (path, code) in sources().into_iter().filter(|(path, _)| path.starts_with("make/")) {
        for wrong in ["format!(\"/", "get(&format!", "post(&format!"] {
            assert!(!code.contains(wrong), "{path} builds a path with format!");
        }
    }
}

/// The rooms of the map in `lib.rs`, from top to bottom, each with its depth.
fn map() -> Vec<(usize, String)> {
    let lib = include_str!("../../../src/lib.rs");
    let tree = lib.split("```text\n//! src/\n").nth(1).unwrap().split("//! ```").next().unwrap();
    let entry = |line: &str| {
        let line = line.strip_prefix("//! ").unwrap();
        let name = line.split_whitespace().next().unwrap().to_owned();
        ((line.len() - line.trim_start().len()) / 2, name)
    };
    tree.lines().map(entry).collect()
}

#[test]
fn the_map_in_lib_rs_names_every_room() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut mapped, mut room) = (Vec::new(), String::new());
    for (depth, name) in map() {
        let path = if depth == 1 { name.clone() } else { format!("{room}{name}") };
        assert!(src.join(&path).exists(), "the map names {path}, which is not there");
        assert_eq!(src.join(&path).is_dir(), name.ends_with('/'), "{path}");
        if depth == 1 {
            mapped.push(name.trim_end_matches('/').to_owned());
            room = name;
        }
    }
    for entry in fs::read_dir(&src).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let known = mapped.contains(&name) || matches!(name.as_str(), "lib.rs" | "main.rs");
        assert!(known, "src/{name} is not in the map");
    }
}

#[test]
fn a_room_uses_only_rooms_below_it() {
    let name = |entry: String| entry.trim_end_matches('/').trim_end_matches(".rs").to_owned();
    let top = map().into_iter().filter(|(depth, _)| *depth == 1);
    let mut rooms: Vec<_> = top.map(|(_, entry)| name(entry)).collect();
    rooms.dedup();
    let floor = |module: &str| {
        let room = module.split("::").next().unwrap();
        rooms.iter().position(|one| one == room).unwrap_or_else(|| panic!("{room} has no floor"))
    };
    for (module, uses) in Modules::of(sources()).uses() {
        for used in uses {
            assert!(floor(&module) <= floor(&used), "{module} reaches up to {used}");
        }
    }
}

#[test]
fn no_modules_use_each_other_in_a_circle() {
    assert_eq!(circle(&Modules::of(sources()).uses()), None);
}

/// The names of the Rust files in a folder of the package, `mod.rs` left out.
fn file_names(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<_> = names
        .filter_map(|name| name.to_str()?.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| name != "mod")
        .collect();
    names.sort();
    names
}

#[test]
fn a_resource_has_its_file_in_every_room() {
    let resources = file_names("src/make/endpoints");
    assert_eq!(resources.len(), 18);
    assert_eq!(file_names("src/tools"), resources);
    assert_eq!(file_names("src/sandbox/endpoints"), resources);
    let tested = file_names("tests/it/tools");
    let missing: Vec<_> = resources.iter().filter(|name| !tested.contains(name)).collect();
    assert!(missing.is_empty(), "no tests/it/tools/<resource>.rs for {missing:?}");
    for name in resources {
        let fixtures = format!("{}/fixtures/make/{name}", env!("CARGO_MANIFEST_DIR"));
        assert!(Path::new(&fixtures).is_dir(), "no fixtures/make/{name}");
    }
}

#[test]
fn a_type_name_stands_for_one_thing() {
    let mut defined: BTreeMap<String, String> = BTreeMap::new();
    for (path, code) in sources() {
        for line in code.lines() {
            let words: Vec<_> = line.split_whitespace().collect();
            let kind =
                words.iter().position(|word| matches!(*word, "struct" | "enum" | "trait" | "type"));
            // Only what stands at the margin is a type of its own.
            let Some(kind) = kind.filter(|place| *place <= 1 && !line.starts_with(' ')) else {
                continue;
            };
            let name = words[kind + 1].split(|c: char| !c.is_alphanumeric()).next().unwrap();
            if let Some(other) = defined.insert(name.to_owned(), path.clone()) {
                panic!("{name} is defined in {other} and in {path}");
            }
        }
    }
    assert!(defined.len() > 300, "the types are found");
}

#[test]
fn one_file_reads_ids_out_of_untyped_arguments() {
    for (path, code) in sources().into_iter().filter(|(path, _)| path != "tools/call/target.rs") {
        for read in ["arguments.get(", "arguments.remove(", "arguments.get_mut(", "arguments["] {
            for (place, _) in code.match_indices(read) {
                let key: String = code[place + read.len()..].chars().take(40).collect();
                let key = key.split(')').next().unwrap();
                assert!(!key.contains("Id\""), "{path} reads {key} by its name");
            }
        }
    }
}

#[test]
fn a_permit_is_issued_in_one_place() {
    assert_eq!(files_with("WritePermit::issue("), ["guard/pipeline.rs"]);
}

#[test]
fn no_file_is_longer_than_350_lines_and_no_function_than_60() {
    for (path, text) in whole_sources() {
        let lines: Vec<_> = text.lines().collect();
        assert!(lines.len() <= 350, "{path} has {} lines", lines.len());
        for (start, line) in lines.iter().enumerate() {
            let body = line.trim_start();
            let words: Vec<_> = body.split_whitespace().take(4).collect();
            let Some(place) = words.iter().position(|word| *word == "fn") else { continue };
            if body.starts_with("//") || body.ends_with(';') {
                continue;
            }
            let end = format!("{}}}", &line[..line.len() - body.len()]);
            let length = lines[start..].iter().position(|line| *line == end).unwrap_or(0) + 1;
            // The catalog is one list.
            let is_list = path == "catalog.rs";
            assert!(length <= 60 || is_list, "{path}: {} has {length} lines", words[place + 1]);
        }
    }
}

#[test]
fn no_line_of_code_is_so_wide_that_it_is_not_formatted() {
    for (path, text) in whole_sources() {
        for (number, line) in text.lines().enumerate() {
            let is_prose = line.trim_start().starts_with("//") || line.contains("r#\"");
            // A table has a row a line.
            let is_row = path == "sandbox/routes.rs" && line.contains(", |");
            let width = line.chars().count();
            assert!(width <= 100 || is_prose || is_row, "{path}:{}: {width} columns", number + 1);
        }
    }
}

#[test]
fn an_error_that_another_module_sees_is_a_type() {
    for (path, code) in sources() {
        for signature in code.split("pub").skip(1) {
            // The rest of a function's head: up to its body.
            let head = signature.split('{').next().unwrap();
            let after = head.split_once(") ").filter(|_| head.starts_with('('));
            let after = after.map_or(head, |(_, after)| after).trim_start();
            if !["fn ", "async fn ", "const fn "].iter().any(|start| after.starts_with(start)) {
                continue;
            }
            let result = head.rsplit("->").next().unwrap().replace(char::is_whitespace, "");
            let is_text = result.starts_with("Result<") && result.ends_with(",String>");
            assert!(!is_text, "{path}: {} fails with a String", head.trim());
        }
    }
}
