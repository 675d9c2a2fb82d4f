//! `tools`: what is on, and why the rest is off.

use std::fmt::Write;

use serde_json::json;

use super::{pretty, print};
use crate::{config::Settings, server::Server, tools::catalog};

pub(super) async fn run(settings: &Settings, as_json: bool) -> u8 {
    let server = Server::new(settings);
    server.decide().await;
    let visible = server.visible();
    let hidden: Vec<_> = server.surface().not_offered().collect();
    if as_json {
        print(&pretty(&json!({ "tools": visible, "hidden": hidden })));
        return 0;
    }
    let mut text = format!("{} tools are on:\n", visible.len());
    for tool in catalog()
        .iter()
        .filter(|tool| visible.iter().any(|visible| visible.name == tool.spec.name))
    {
        let guard = tool.spec.guard.name().unwrap_or("");
        let _ = writeln!(
            text,
            "  {:<26} {:<3} {}",
            tool.spec.name, guard, tool.spec.title
        );
    }
    if !hidden.is_empty() {
        let _ = write!(text, "\n{} tools are off:\n", hidden.len());
        for tool in hidden {
            let _ = writeln!(text, "  {:<26} {}", tool.name, tool.reason);
        }
    }
    print(text.trim_end());
    0
}
