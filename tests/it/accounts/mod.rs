//! Profiles: one account of several, and several in one server.

mod fence;
mod many;
mod profiles;

use std::{fmt::Write, fs, path::Path};

use clap::CommandFactory;
use make_admin_mcp::{
    catalog::catalog,
    cli::Arguments,
    config::{Accounts, ConfigError},
    server::Server,
};
use rmcp::{RoleClient, ServiceExt, service::RunningService};
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{any, method, path},
};

use crate::support::host::Listener;

/// A folder with profiles; each key and value of a profile as TOML.
fn home(profiles: &[(&str, &str)]) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let mut text = String::new();
    for (name, settings) in profiles {
        writeln!(text, "[profiles.{name}]\n{settings}").unwrap();
    }
    let path = home.path().join("profiles.toml");
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    home
}

fn read(home: &Path, flags: &[&str]) -> Result<Accounts, ConfigError> {
    let state = home.join("state");
    let own = [
        "make-admin-mcp",
        "--config-dir",
        home.to_str().unwrap(),
        "--state-dir",
        state.to_str().unwrap(),
    ];
    let matches = Arguments::command().try_get_matches_from([&own, flags].concat()).unwrap();
    Accounts::read(&matches, &catalog())
}

type Client = RunningService<RoleClient, Listener>;

async fn serve(home: &Path, flags: &[&str]) -> Client {
    let server = Server::of(&read(home, flags).unwrap());
    let (own, theirs) = tokio::io::duplex(64 << 10);
    tokio::spawn(async move { server.serve(own).await.ok()?.waiting().await.ok() });
    Listener::default().serve(theirs).await.unwrap()
}

async fn call(client: &Client, tool: &'static str, arguments: Value) -> (bool, Value) {
    let arguments = arguments.as_object().cloned().unwrap();
    let request = rmcp::model::CallToolRequestParams::new(tool).with_arguments(arguments);
    let result = client.call_tool(request).await.unwrap();
    (result.is_error == Some(false), result.structured_content.unwrap())
}

/// A Make with one organization, of that name, which says that the others' hosts are its zones.
async fn make(name: &str, zone: &str) -> MockServer {
    let server = MockServer::start().await;
    for (at, answer) in [
        ("users/me", json!({ "authUser": { "id": 41, "name": name } })),
        (
            "users/me/current-authorization",
            json!({ "authorization": { "authUsed": "token", "scope": ["organizations:read",
            "organizations:write", "user:read"] } }),
        ),
        ("organizations", json!({ "organizations": [{ "id": 11, "name": name, "zone": zone }] })),
        ("organizations/11", json!({ "organization": { "id": 11, "name": name, "zone": zone } })),
        ("users/roles", json!({ "usersRoles": [] })),
    ] {
        Mock::given(method("GET"))
            .and(path(format!("/api/v2/{at}")))
            .respond_with(ResponseTemplate::new(200).set_body_json(answer))
            .mount(&server)
            .await;
    }
    Mock::given(any())
        .respond_with(ResponseTemplate::new(404).set_body_json(json!({ "detail": "Not found." })))
        .mount(&server)
        .await;
    server
}

/// A profile with a token file of its own at a fake Make.
fn at(server: &MockServer, home: &Path, name: &str, token: &str) -> String {
    let file = home.join(format!("{name}.token"));
    fs::write(&file, token).unwrap();
    format!("zone = {:?}\napi-key-file = {:?}", format!("{}/api/v2", server.uri()), file)
}
