//! A built-in account that counts its writes, servers in front of it, and hosts with a person.

use std::{
    path::PathBuf,
    sync::{Arc, Mutex},
};

use make_admin_mcp::{
    guard::{JournalOutcome, Line},
    make::{Make, Method, Request, ResponseFuture, Segment, Transport},
    sandbox::Sandbox,
    server::Server,
};
use rmcp::{
    ClientHandler, ErrorData, RoleClient, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig,
        ElicitRequestParams, ElicitResult, ElicitationAction, Implementation,
    },
    serve_client_with_lifecycle,
    service::{ClientLifecycleMode, RequestContext, RunningService},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::host::{account_token, settings};

/// What a person does with a question.
pub(crate) type Reaction = Arc<dyn Fn(&str) -> ElicitResult + Send + Sync>;

/// A host; without a reaction it cannot ask.
#[derive(Clone, Default)]
pub(crate) struct Person {
    reaction: Option<Reaction>,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl Person {
    pub(crate) fn who(reaction: impl Fn(&str) -> ElicitResult + Send + Sync + 'static) -> Self {
        Self { reaction: Some(Arc::new(reaction)), ..Self::default() }
    }
}

/// Sends the form off with these fields.
pub(crate) fn accepts(content: Value) -> ElicitResult {
    ElicitResult::new(ElicitationAction::Accept).with_content(content)
}

impl ClientHandler for Person {
    fn get_info(&self) -> ClientConfig {
        let capabilities = match self.reaction {
            Some(_) => ClientCapabilities::builder().enable_elicitation().build(),
            None => ClientCapabilities::default(),
        };
        ClientConfig::new(capabilities, Implementation::new("test", "1"))
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams { message, .. } = request else {
            panic!("only forms are asked");
        };
        self.asked.lock().unwrap().push(message.clone());
        Ok(self.reaction.as_ref().unwrap()(&message))
    }
}

pub(crate) type Client = RunningService<RoleClient, Person>;

/// One account, one state folder, any number of servers.
pub(crate) struct Stage {
    pub(crate) account: Account,
    pub(crate) home: TempDir,
    flags: Vec<String>,
}

/// The built-in account, counting what would change it.
#[derive(Clone, Default)]
pub(crate) struct Account {
    sandbox: Arc<Sandbox>,
    writes: Arc<Mutex<Vec<String>>>,
    bodies: Arc<Mutex<Vec<Value>>>,
}

impl Transport for Account {
    fn send<'a>(&'a self, call: &'a Request) -> ResponseFuture<'a> {
        if !call.method.is_read() {
            let target = format!("{} {}", call.method.as_str(), call.target());
            self.writes.lock().unwrap().push(target);
            self.bodies.lock().unwrap().extend(call.body.clone());
        }
        self.sandbox.send(call)
    }
}

impl Account {
    /// Every write that arrived.
    pub(crate) fn writes(&self) -> Vec<String> {
        self.writes.lock().unwrap().clone()
    }

    /// The body of every write that arrived.
    pub(crate) fn bodies(&self) -> Vec<Value> {
        self.bodies.lock().unwrap().clone()
    }

    /// Something that someone else does, which does not count.
    pub(crate) fn elsewhere(&self, method: Method, path: &[Segment<'_>], body: Value) {
        let mut call = Request::new(method, path).unwrap();
        call.body = (!body.is_null()).then_some(body);
        call.credential = Some(Sandbox::credential());
        let reply = self.sandbox.answer(&call);
        assert_eq!(reply.status, 200, "{} elsewhere", call.name());
    }
}

impl Stage {
    pub(crate) fn new(flags: &[&str]) -> Self {
        Self {
            account: Account::default(),
            home: tempfile::tempdir().unwrap(),
            flags: flags.iter().map(ToString::to_string).collect(),
        }
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.home.path().join("state")
    }

    /// A server that was just started.
    pub(crate) fn server(&self) -> Server {
        let mut flags = vec!["--base-url", "http://127.0.0.1:1"];
        flags.extend(self.flags.iter().map(String::as_str));
        if !flags.contains(&"--confirm") {
            flags.extend(["--confirm", "auto"]);
        }
        let settings = settings(self.home.path(), &account_token(), &flags);
        Server::with_make(&settings, Make::with_jitter(self.account.clone(), None, || 1.0))
    }

    /// A host of a server that was just started.
    pub(crate) async fn host(&self, era: ClientLifecycleMode, person: Person) -> Client {
        host(self.server(), era, person).await
    }

    /// The journal's lines.
    pub(crate) fn journal(&self) -> Vec<Line> {
        let text = std::fs::read_to_string(self.state().join("journal.jsonl")).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What the journal says of each step, in order.
    pub(crate) fn outcomes(&self) -> Vec<JournalOutcome> {
        self.journal().iter().map(|line| line.outcome).collect()
    }
}

/// A host of that server.
pub(crate) async fn host(server: Server, era: ClientLifecycleMode, person: Person) -> Client {
    let (own, theirs) = tokio::io::duplex(64 << 10);
    tokio::spawn(async move {
        if let Ok(server) = server.serve(own).await {
            let _ = server.waiting().await;
        }
    });
    serve_client_with_lifecycle(person, theirs, era).await.unwrap()
}

pub(crate) fn params(tool: &'static str, arguments: &Value) -> CallToolRequestParams {
    CallToolRequestParams::new(tool).with_arguments(arguments.as_object().unwrap().clone())
}

/// Calls a tool; the host asks its person as the protocol says.
pub(crate) async fn call(client: &Client, tool: &'static str, arguments: &Value) -> CallToolResult {
    client.call_tool(params(tool, arguments)).await.unwrap()
}

/// `outcome` of an answer, or the kind of the error.
pub(crate) fn end(result: &CallToolResult) -> String {
    let answer = result.structured_content.as_ref().unwrap();
    let end = answer.get("outcome").or_else(|| answer["error"].get("kind"));
    end.and_then(Value::as_str).unwrap_or("answered").to_owned()
}

/// The message and the hint of an error.
pub(crate) fn said(result: &CallToolResult) -> String {
    result.structured_content.as_ref().unwrap()["error"].to_string()
}

/// The arguments with the id of a plan.
pub(crate) fn with_confirmation(arguments: &Value, id: &str) -> Value {
    let mut arguments = arguments.clone();
    arguments["confirmation"] = json!(id);
    arguments
}
