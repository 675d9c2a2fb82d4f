//! `call`: one tool, through a real MCP client and server in one process.

use std::{
    io::{self, BufRead, IsTerminal, Write},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use clap::CommandFactory;
use rmcp::{
    ClientHandler, ErrorData, RoleClient, ServiceExt,
    model::{
        CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig,
        ElicitRequestParams, ElicitResult, ElicitationAction, Implementation,
        ProgressNotificationParam,
    },
    service::{NotificationContext, RequestContext, ServiceError},
};
use serde_json::{Map, Value, json};

use super::{Arguments, USAGE, approve::TRIES, pretty, print, say};
use crate::{
    catalog::catalog,
    config::Accounts,
    server::{Server, TYPE_EXACTLY},
    text::closest,
};

/// The user at the terminal, as an MCP client. Without a terminal it cannot ask.
struct TerminalUser {
    can_answer: bool,
    /// Whether the cursor stands behind a bar.
    bar: Arc<AtomicBool>,
}

impl ClientHandler for TerminalUser {
    fn get_info(&self) -> ClientConfig {
        let capabilities = if self.can_answer {
            ClientCapabilities::builder().enable_elicitation().build()
        } else {
            ClientCapabilities::default()
        };
        let own = Implementation::new(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"));
        ClientConfig::new(capabilities, own)
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let ElicitRequestParams::FormElicitationParams { message, requested_schema, .. } = request
        else {
            return Ok(ElicitResult::new(ElicitationAction::Cancel));
        };
        say(&message);
        let name = requested_schema.properties.get("name").map(expected);
        for _ in 0..TRIES {
            say(if name.is_some() { "Name:" } else { "Do it? (yes/no)" });
            // The terminal is read beside the server, which must go on.
            let line = tokio::task::spawn_blocking(|| {
                let mut line = String::new();
                io::stdin().lock().read_line(&mut line).map(|count| (count > 0).then_some(line))
            });
            let Ok(Ok(Some(line))) = line.await else { break };
            let content = match (&name, line.trim().to_lowercase().as_str()) {
                (Some(name), _) if line.trim() == name => json!({ "name": name }),
                (None, "y" | "yes") => json!({ "confirm": true }),
                (None, "n" | "no") => json!({ "confirm": false }),
                _ => {
                    say("That is something else. Try again, or press Ctrl-C.");
                    continue;
                }
            };
            return Ok(ElicitResult::new(ElicitationAction::Accept).with_content(content));
        }
        Ok(ElicitResult::new(ElicitationAction::Decline))
    }

    async fn on_progress(
        &self,
        progress: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        let message = progress.message.unwrap_or_default();
        match progress.total.filter(|total| *total > 0.0) {
            Some(total) if io::stderr().is_terminal() => {
                draw(progress.progress / total, &message);
                self.bar.store(true, Ordering::Relaxed);
            }
            _ if !message.is_empty() => say(&message),
            _ => {}
        }
    }
}

/// What the form wants typed.
fn expected(property: &impl serde::Serialize) -> String {
    let property = serde_json::to_value(property).unwrap_or_default();
    let text = property["description"].as_str().unwrap_or_default();
    text.strip_prefix(TYPE_EXACTLY).unwrap_or(text).to_owned()
}

/// Draws a bar over the one before it.
fn draw(part: f64, message: &str) {
    const WIDTH: usize = 30;
    let part = part.clamp(0.0, 1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the width"
    )]
    let done = (part * WIDTH as f64) as usize;
    let bar = "█".repeat(done) + &"░".repeat(WIDTH - done);
    // The line is cleared to its end: the message before may have been longer.
    let _ = write!(io::stderr().lock(), "\r{bar} {:3.0} % {message}\x1b[K", part * 100.0);
}

pub(super) async fn run(accounts: &Accounts, tool: String, arguments: &[String]) -> u8 {
    let arguments = match read(arguments) {
        Ok(arguments) => arguments,
        Err(problem) => {
            say(&format!("error: {problem}"));
            return USAGE;
        }
    };
    match call(accounts, tool, arguments).await {
        Ok(result) => show(&result),
        Err(ServiceError::McpError(error)) => {
            say(&format!("error: {} (`make-admin-mcp tools` lists them)", error.message));
            USAGE
        }
        Err(error) => {
            say(&format!("error: {error}"));
            1
        }
    }
}

/// Prints what a tool does and takes; without a tool, how the command is used.
pub(super) fn help(tool: Option<&str>) -> u8 {
    let Some(tool) = tool else {
        let mut command = Arguments::command();
        let call = command.find_subcommand_mut("call");
        print(&call.map(|call| call.render_long_help().to_string()).unwrap_or_default());
        return 0;
    };
    let catalog = catalog();
    let names = || catalog.iter().map(|tool| tool.spec.name);
    let Some(tool) = catalog.iter().find(|known| known.spec.name == tool) else {
        let near = closest(tool, names()).map(|near| format!("; did you mean `{near}`?"));
        let near = near.unwrap_or_default();
        say(&format!("error: unknown tool{near} (`make-admin-mcp tools` lists them)"));
        return USAGE;
    };
    print(&format!("{}: {}\n\n{}\n", tool.spec.name, tool.spec.title, tool.spec.description));
    let schema = tool.input_schema();
    let required = schema.get("required").cloned().unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object);
    // Who calls in a terminal is asked there.
    let own = properties.into_iter().flatten().filter(|(name, _)| *name != "confirmation");
    for (name, property) in own {
        let kind = match property["type"].as_str().unwrap_or_default() {
            "array" => "list",
            kind => kind,
        };
        let needed = required.as_array().is_some_and(|all| all.contains(&json!(name)));
        let needed = if needed { ", required" } else { "" };
        let text = property["description"].as_str().unwrap_or_default();
        let allowed = property["enum"].as_array().map(|values| {
            let values: Vec<_> = values.iter().filter_map(Value::as_str).collect();
            format!(" One of {}.", values.join(", "))
        });
        print(&format!("  {name} ({kind}{needed})\n      {text}{}", allowed.unwrap_or_default()));
    }
    let example = tool.spec.example.as_object();
    let pairs = example.into_iter().flatten().map(|(name, value)| match value {
        Value::String(text) => format!("{name}='{text}'"),
        other => format!("{name}='{other}'"),
    });
    let pairs: Vec<_> = pairs.collect();
    let name = tool.spec.name;
    print(&format!("\nExample: make-admin-mcp call {name} {} --sandbox", pairs.join(" ")));
    0
}

async fn call(
    accounts: &Accounts,
    tool: String,
    arguments: Map<String, Value>,
) -> Result<CallToolResult, ServiceError> {
    let (host, own) = tokio::io::duplex(64 << 10);
    let server = Server::of(accounts);
    let ending = server.clone();
    tokio::spawn(async move {
        if let Ok(server) = server.serve(own).await {
            let _ = server.waiting().await;
        }
    });
    let person = TerminalUser {
        can_answer: io::stdin().is_terminal() && io::stderr().is_terminal(),
        bar: Arc::default(),
    };
    let bar = person.bar.clone();
    let client = person.serve(host).await.map_err(|_| ServiceError::TransportClosed)?;
    let result = client.call_tool(CallToolRequestParams::new(tool).with_arguments(arguments)).await;
    if bar.load(Ordering::Relaxed) {
        say("");
    }
    ending.closed().await;
    result
}

fn show(result: &CallToolResult) -> u8 {
    let failed = result.is_error == Some(true);
    if let Some(answer) = &result.structured_content {
        let mut answer = answer.clone();
        // The plan ends with this process, so nothing of it can be called again.
        if let Some(Value::Object(plan)) = answer.get_mut("plan") {
            for field in ["how", "id", "expiresAt"] {
                plan.shift_remove(field);
            }
        }
        print(&pretty(&answer));
    }
    let waits = |answer: &Value| answer["outcome"] == "confirmation_required";
    if result.structured_content.as_ref().is_some_and(waits) {
        say(
            "Nothing was changed, and the plan ends with this command. Run it in a terminal, which \
             asks you, or with --confirm off.",
        );
        return 1;
    }
    if failed {
        for text in result.content.iter().filter_map(|block| block.as_text()) {
            say(&text.text);
        }
    }
    u8::from(failed)
}

/// One JSON object, or `name=value` pairs whose values are JSON where they can be.
fn read(arguments: &[String]) -> Result<Map<String, Value>, String> {
    if let [only] = arguments
        && only.trim_start().starts_with('{')
    {
        return serde_json::from_str(only)
            .map_err(|error| format!("the arguments are not a JSON object: {error}"));
    }
    let pair = |text: &String| {
        let (name, value) = text
            .split_once('=')
            .ok_or_else(|| format!("`{text}` is not of the form name=value"))?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
        Ok((name.to_owned(), value))
    };
    arguments.iter().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(arguments: &[&str]) -> Result<Value, String> {
        let arguments: Vec<_> = arguments.iter().map(ToString::to_string).collect();
        super::read(&arguments).map(Value::Object)
    }

    #[test]
    fn pairs_and_json_say_the_same() {
        let expected =
            json!({ "organizationId": 11, "event": ["a", "b"], "name": "x=y", "wait": true });
        assert_eq!(
            read(&["organizationId=11", r#"event=["a","b"]"#, "name=x=y", "wait=true"]),
            Ok(expected.clone())
        );
        assert_eq!(read(&[&expected.to_string()]), Ok(expected));
        assert_eq!(read(&[]), Ok(json!({})));
        assert!(read(&["organizationId"]).is_err());
        assert!(read(&["{"]).is_err());
    }
}
