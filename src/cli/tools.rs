//! `tools`: what is on, and why the rest is off.

use std::fmt::Write;

use serde_json::json;

use super::{pretty, print};
use crate::{catalog::catalog, config::Accounts, guard::Guard, server::Server};

pub(super) async fn run(accounts: &Accounts, as_json: bool) -> u8 {
    let server = Server::of(accounts);
    server.decide().await;
    if as_json {
        let hidden: Vec<_> = match accounts {
            Accounts::One(_) => server.env().not_offered().collect(),
            // Each profile has its own.
            Accounts::Many(_) => Vec::new(),
        };
        print(&pretty(&json!({ "tools": server.visible(), "hidden": hidden })));
        return 0;
    }
    for settings in accounts.all() {
        let own = Server::new(settings);
        own.decide().await;
        if let (Accounts::Many(_), Some(profile)) = (accounts, &settings.profile) {
            print(&format!("Profile {profile} ({}):", settings.zone()));
        }
        print(listed(&own).trim_end());
    }
    0
}

fn listed(server: &Server) -> String {
    let visible = server.visible();
    let hidden: Vec<_> = server.env().not_offered().collect();
    let mut text = format!("{} tools are on:\n", visible.len());
    for tool in
        catalog().iter().filter(|tool| visible.iter().any(|visible| visible.name == tool.spec.name))
    {
        let guard = tool.guard().map_or("", Guard::name);
        let _ = writeln!(text, "  {:<26} {:<3} {}", tool.spec.name, guard, tool.spec.title);
    }
    if !hidden.is_empty() {
        let _ = write!(text, "\n{} tools are off:\n", hidden.len());
        for tool in hidden {
            let _ = writeln!(text, "  {:<26} {}", tool.name, tool.reason);
        }
    }
    text
}
