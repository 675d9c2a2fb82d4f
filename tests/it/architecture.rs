//! The invariants of `lib.rs` that live in the sources: which way dependencies point, and what stands in one place.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every source file of the package, as (path below `src`, text without its tests).
fn sources() -> Vec<(String, String)> {
    fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { collect(&path, files) } else { files.push(path) }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.retain(|path| path.file_name().is_some_and(|name| name != "tests.rs"));
    assert!(files.len() > 30, "the sources are found");
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        // Comments may name what code must not.
        let code = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        (path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/"), code)
    };
    files.into_iter().map(read).collect()
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
    assert_eq!(files_with("env::var"), ["config/accounts.rs"]);
    assert_eq!(files_with("get_matches()"), ["main.rs"]);
    assert_eq!(files_with("env::args"), [""; 0]);
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
