//! A real MCP client in front of a real server, in one process.

use std::{path::Path, sync::Mutex};

use clap::CommandFactory;
use make_admin_mcp::{
    catalog::catalog,
    cli::Arguments,
    config::Settings,
    make::{Credential, Make, Method, Request, Transport},
    sandbox::Sandbox,
    server::Server,
};
use rmcp::{
    ClientHandler, RoleClient, ServiceExt,
    model::{CallToolRequestParams, CallToolResult, ProgressNotificationParam, ProtocolVersion},
    serve_client_with_lifecycle,
    service::{ClientLifecycleMode, NotificationContext, RunningService, ServiceError},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use wiremock::{MockServer, Respond, ResponseTemplate};

/// The token of all tests; it opens nothing.
pub(crate) const TOKEN: &str = "5c1f6a20-9b1e-4b7e-8d53-0e6b6f1f7a11";

/// Both ways to begin a session.
pub(crate) fn eras() -> [ClientLifecycleMode; 2] {
    let preferred_versions = vec![ProtocolVersion::V_2026_07_28];
    [ClientLifecycleMode::Initialize, ClientLifecycleMode::Discover { preferred_versions }]
}

/// A client that keeps what it is told.
#[derive(Default)]
pub(crate) struct Listener(pub(crate) Mutex<Vec<String>>);

impl ClientHandler for Listener {
    async fn on_progress(
        &self,
        progress: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.0.lock().unwrap().extend(progress.message);
    }
}

/// A session; it ends when dropped.
pub(crate) struct Host {
    pub(crate) client: RunningService<RoleClient, Listener>,
    pub(crate) home: TempDir,
}

impl Host {
    /// A server with the built-in account.
    pub(crate) async fn sandbox(flags: &[&str]) -> Self {
        Self::start(&[&["--sandbox"], flags].concat(), None, ClientLifecycleMode::Initialize).await
    }

    /// A server that calls a fake Make on this machine.
    pub(crate) async fn at(server: &MockServer, flags: &[&str]) -> Self {
        Self::start(
            &[&["--base-url", &server.uri()], flags].concat(),
            None,
            ClientLifecycleMode::Initialize,
        )
        .await
    }

    /// A server that calls through `transport`.
    pub(crate) async fn through(transport: impl Transport) -> Self {
        let make = Make::with_jitter(transport, None, || 1.0);
        Self::start(
            &["--base-url", "http://127.0.0.1:1"],
            Some(make),
            ClientLifecycleMode::Initialize,
        )
        .await
    }

    pub(crate) async fn start(
        flags: &[&str],
        make: Option<Make>,
        era: ClientLifecycleMode,
    ) -> Self {
        Self::start_with(TOKEN, flags, make, era).await
    }

    /// A server that calls a fake Make on this machine with the token of the built-in account.
    pub(crate) async fn of_account_at(server: &MockServer) -> Self {
        Self::with_token_at(server, &account_token()).await
    }

    /// The same with another token.
    pub(crate) async fn with_token_at(server: &MockServer, token: &str) -> Self {
        Self::start_with(
            token,
            &["--base-url", &server.uri()],
            None,
            ClientLifecycleMode::Initialize,
        )
        .await
    }

    /// A server that calls through `make` with the token of the built-in account.
    pub(crate) async fn of_account(make: Make, era: ClientLifecycleMode) -> Self {
        Self::start_with(&account_token(), &["--base-url", "http://127.0.0.1:1"], Some(make), era)
            .await
    }

    async fn start_with(
        token: &str,
        flags: &[&str],
        make: Option<Make>,
        era: ClientLifecycleMode,
    ) -> Self {
        let home = tempfile::tempdir().unwrap();
        Self::in_home(home, token, flags, make, era).await
    }

    /// A server with the state of an earlier one.
    pub(crate) async fn in_home(
        home: TempDir,
        token: &str,
        flags: &[&str],
        make: Option<Make>,
        era: ClientLifecycleMode,
    ) -> Self {
        let settings = settings(home.path(), token, flags);
        let server = match make {
            Some(make) => Server::with_make(&settings, make),
            None => Server::new(&settings),
        };
        let (own, theirs) = tokio::io::duplex(64 << 10);
        tokio::spawn(async move {
            server.serve(own).await?.waiting().await.map_err(|_| Closed)?;
            Ok::<_, Closed>(())
        });
        let client = serve_client_with_lifecycle(Listener::default(), theirs, era).await.unwrap();
        Self { client, home }
    }

    /// Puts the reviewed snapshots where `make-access-diff` reads them.
    pub(crate) fn with_reviews(self) -> Self {
        let exports = private_folder(&self.home.path().join("state/exports"));
        for (name, from) in [("before", "access-review"), ("after", "access-review-after")] {
            let from = format!("{}/fixtures/reports/{from}.json", env!("CARGO_MANIFEST_DIR"));
            std::fs::copy(from, exports.join(format!("{name}.json"))).unwrap();
        }
        self
    }

    /// The whole result of a call.
    pub(crate) async fn try_call(
        &self,
        tool: &'static str,
        arguments: Value,
    ) -> Result<CallToolResult, ServiceError> {
        let arguments = arguments.as_object().cloned().unwrap();
        self.client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments)).await
    }

    /// The answer of a call that succeeds.
    pub(crate) async fn call(&self, tool: &'static str, arguments: Value) -> Value {
        let result = self.try_call(tool, arguments).await.unwrap();
        assert_eq!(result.is_error, Some(false), "{tool}: {:?}", result.structured_content);
        let answer = result.structured_content.unwrap();
        assert_eq!(
            result.content[0].as_text().unwrap().text,
            answer.to_string(),
            "the text says the same"
        );
        answer
    }

    /// The error of a call that fails.
    pub(crate) async fn fail(&self, tool: &'static str, arguments: Value) -> Value {
        let result = self.try_call(tool, arguments).await.unwrap();
        assert_eq!(result.is_error, Some(true), "{tool}: {:?}", result.structured_content);
        let error = result.structured_content.unwrap()["error"].clone();
        assert!(
            result.content[0]
                .as_text()
                .unwrap()
                .text
                .starts_with(error["message"].as_str().unwrap())
        );
        error
    }
}

pub(crate) fn account_token() -> String {
    let account = include_str!("../../../fixtures/sandbox/account.json");
    let account: Value = serde_json::from_str(account).unwrap();
    account["credential"].as_str().unwrap().to_owned()
}

#[derive(Debug)]
struct Closed;

impl<E: std::error::Error> From<E> for Closed {
    fn from(_: E) -> Self {
        Self
    }
}

/// A folder that is its owner's alone, as the state folder must be.
pub(crate) fn private_folder(path: &Path) -> std::path::PathBuf {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).unwrap();
    path.to_owned()
}

/// Settings as the command line gives them, with a token file and a state folder of their own.
pub(crate) fn settings(home: &Path, value: &str, flags: &[&str]) -> Settings {
    let token = home.join("token");
    std::fs::write(&token, value).unwrap();
    let (state, config) = (home.join("state"), home.join("config"));
    let own = [
        "make-admin-mcp",
        "--api-key-file",
        token.to_str().unwrap(),
        "--state-dir",
        state.to_str().unwrap(),
        "--config-dir",
        config.to_str().unwrap(),
    ];
    // Most tests are about what a tool does once it is confirmed.
    let confirmed: &[&str] = if flags.contains(&"--confirm") { &[] } else { &["--confirm", "off"] };
    let everything: &[&str] =
        if flags.contains(&"--toolsets") { &[] } else { &["--toolsets", "all"] };
    let matches = Arguments::command()
        .try_get_matches_from([&own, confirmed, everything, flags].concat())
        .unwrap();
    Settings::read(&matches, &catalog()).unwrap()
}

/// The sandbox behind real HTTP.
#[derive(Default)]
pub(crate) struct Mounted(Sandbox);

impl Mounted {
    /// A server that answers as the sandbox does.
    pub(crate) async fn start() -> MockServer {
        let server = MockServer::start().await;
        wiremock::Mock::given(wiremock::matchers::any())
            .respond_with(Self::default())
            .mount(&server)
            .await;
        server
    }
}

impl Respond for Mounted {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let reply = self.0.answer(&as_request(request));
        ResponseTemplate::new(reply.status).set_body_bytes(reply.body)
    }
}

/// The call behind a request, read back from the wire.
pub(crate) fn as_request(request: &wiremock::Request) -> Request {
    let text = |encoded: &str| {
        percent_encoding::percent_decode_str(encoded).decode_utf8().unwrap().into_owned()
    };
    let method = match request.method.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "PATCH" => Method::Patch,
        "DELETE" => Method::Delete,
        other => panic!("{other} is no method of Make"),
    };
    let path = request.url.path().strip_prefix("/api/v2/").unwrap();
    let query = request.url.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
    let authorization =
        request.headers.get("authorization").map(|value| value.to_str().unwrap().to_owned());
    Request {
        method,
        path: path.split('/').map(text).collect(),
        query: query
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (text(name), text(value)))
            .collect(),
        body: (!request.body.is_empty())
            .then(|| serde_json::from_slice(&request.body).unwrap_or(json!(null))),
        credential: authorization
            .and_then(|value| value.split_once(' ').map(|(_, token)| Credential::new(token))),
        organization: None,
    }
}
