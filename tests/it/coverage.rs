//! Every operation that Make documents has its tool, or a reason for having none.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use make_admin_mcp::{
    catalog::catalog,
    make::{Make, Request, ResponseFuture, Transport},
    sandbox::Sandbox,
    tools::registry::{Tool, Toolset},
};
use serde_json::{Value, json};

use crate::support::{host::Host, snapshot};

/// Operations without a tool, and why.
const LEFT_OUT: [(&str, &str); 21] = [
    ("deleteCurrentUser", "takes a password, which must not pass through a model"),
    ("updateUserEmail", "takes a password, which must not pass through a model"),
    ("updateUserPassword", "takes a password, which must not pass through a model"),
    ("requestPasswordReset", "takes a password, which must not pass through a model"),
    ("openPasswordResetSession", "takes a password, which must not pass through a model"),
    ("resetPassword", "takes a password, which must not pass through a model"),
    ("claimCancellationOffer", "marketing: an offer to those who cancel"),
    ("redeemUniversalDiscount", "marketing: an offer to buy"),
    ("updateCustomRoleLegacy", "superseded by a form that `make-update-role` uses"),
    ("deleteCustomRoleLegacy", "superseded by a form that `make-delete-role` uses"),
    ("getOrganizationMember", "the same as `make-get-user-role`"),
    ("getTeamMember", "the same as `make-get-user-team-role`"),
    ("transferOrganizationOwnership", "the same as `make-transfer-ownership`"),
    ("getUserTeamNotification", "one row of `make-list-team-notifications`"),
    ("ping", "used by `doctor`"),
    ("oauthAuthorize", "signing in, which is no tool"),
    ("oauthToken", "signing in, which is no tool"),
    ("oauthRevoke", "signing in, which is no tool"),
    ("oidcUserinfo", "signing in, which is no tool"),
    ("oidcJwks", "signing in, which is no tool"),
    ("oidcDiscovery", "signing in, which is no tool"),
];

/// Arguments beside the examples, for tools that call one of several operations.
fn variants() -> Vec<(&'static str, Value)> {
    let mut variants: Vec<_> = [
        "regions", "zones", "timezones", "countries", "locales", "languages", "token-scopes",
        "user-features", "organization-features", "email-notifications", "variable-types",
        "llm-models", "llm-tiers",
    ]
    .iter()
    .map(|list| ("make-lookup", json!({ "list": list })))
    .collect();
    let mail = json!({ "organizationId": 11, "teamId": 22, "id": "onboarding", "enabled": false });
    let native =
        json!({ "organizationId": 11, "teamId": 22, "id": "1", "enabled": false, "native": true });
    let variable = |more: Value| {
        let mut arguments = json!({ "teamId": 22, "name": "testMode" });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    variants.extend([
        ("make-audit-filters", json!({ "teamId": 22 })),
        ("make-list-variables", json!({ "teamId": 22 })),
        ("make-create-variable", json!({ "teamId": 22, "name": "x", "typeId": 2, "value": "y" })),
        ("make-update-variable", variable(json!({ "value": "true" }))),
        ("make-variable-history", variable(json!({}))),
        ("make-delete-variable", variable(json!({}))),
        ("make-list-feature-controls", json!({ "teamId": 22 })),
        ("make-get-mail-preferences", json!({ "organizationId": 11, "teamId": 22 })),
        ("make-set-mail-preference", mail),
        ("make-set-mail-preference", native),
        ("make-list-products", json!({ "priceId": 10 })),
    ]);
    variants
}

/// The sandbox, remembering what it was asked.
#[derive(Clone, Default)]
struct Asked(Arc<Sandbox>, Arc<Mutex<Vec<Request>>>);

impl Transport for Asked {
    fn send<'a>(&'a self, call: &'a Request) -> ResponseFuture<'a> {
        self.1.lock().unwrap().push(call.clone());
        self.0.send(call)
    }
}

/// The call that a tool is about: the last one, but for the names that are looked up beside its answer.
fn about(calls: &[Request]) -> usize {
    let names = |call: &Request| {
        let path: Vec<_> = call.path.iter().map(String::as_str).collect();
        matches!(path.as_slice(), ["users", "roles"] | ["enums", "timezones" | "countries"])
    };
    let mut place = calls.len() - 1;
    while place > 0 && names(&calls[place]) {
        place -= 1;
    }
    place
}

/// `operationId` by method and path.
fn operations() -> Vec<(String, String, Vec<String>)> {
    let document: Value =
        serde_json::from_str(include_str!("../../fixtures/make/openapi.json")).unwrap();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if let Some(id) = operation["operationId"].as_str() {
                let segments = path.trim_start_matches('/').split('/').map(str::to_owned).collect();
                operations.push((id.to_owned(), method.to_uppercase(), segments));
            }
        }
    }
    operations
}

/// Literal segments win over parameters.
fn operation<'a>(call: &Request, all: &'a [(String, String, Vec<String>)]) -> &'a str {
    let fits = |path: &[String]| {
        path.len() == call.path.len()
            && path.iter().zip(&call.path).all(|(own, given)| own.starts_with('{') || own == given)
    };
    let known = all.iter().filter(|(_, method, path)| method == call.method.as_str() && fits(path));
    let best = known
        .min_by_key(|(_, _, path)| path.iter().filter(|segment| segment.starts_with('{')).count());
    best.map(|(id, ..)| id.as_str()).unwrap_or_else(|| panic!("{} is no operation", call.name()))
}

#[tokio::test]
async fn every_operation_has_its_tool_or_its_reason() {
    let all = operations();
    let mut by: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let examples = catalog().into_iter().map(|tool| (tool.spec.name, tool.spec.example));
    for (tool, arguments) in examples.chain(variants()) {
        let asked = Asked::default();
        let make = Make::with_jitter(asked.clone(), None, || 1.0);
        let [era, _] = crate::support::host::eras();
        let host = Host::of_account(make, era).await.with_reviews();
        host.call(tool, arguments).await;
        let calls = asked.1.lock().unwrap().clone();
        if tool == "make-access-diff" {
            let names: Vec<_> = calls.iter().map(|call| call.name().to_string()).collect();
            assert_eq!(names, ["GET /users/me"], "it compares files, and says who did");
            continue;
        }
        // What it looks up beside is another tool's.
        assert!(!calls.is_empty(), "{tool} asks nothing");
        let place = about(&calls);
        let (about, before) = (&calls[place], &calls[..place]);
        by.entry(operation(about, &all)).or_default().insert(tool);
        for call in before {
            by.entry(operation(call, &all)).or_default();
        }
    }
    let mut text = String::new();
    let left_out = LEFT_OUT;
    let mut covered = 0;
    for (id, ..) in &all {
        let reason = left_out.iter().find(|(left, _)| left == id);
        let used = by.get(id.as_str());
        match (used, reason) {
            (Some(_), None) => covered += 1,
            (None, Some(_)) => {}
            (Some(tools), Some(_)) if tools.is_empty() => {}
            (Some(tools), Some(_)) => panic!("{id} is left out and has {tools:?}"),
            (None, None) => panic!("{id} has no tool and no reason"),
        }
    }
    for (id, _) in &left_out {
        assert!(all.iter().any(|(known, ..)| known == id), "{id} is no operation");
    }
    let _ = writeln!(
        text,
        "Of the {} operations that Make documents, {covered} have their tool. The others are left \
         out on purpose:\n",
        all.len()
    );
    for (id, reason) in &left_out {
        let _ = writeln!(text, "- `{id}`: {reason}");
    }
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/tools.md");
    let document = fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once("<!-- left-out:start -->\n").expect("a start marker");
    let (_, after) = rest.split_once("<!-- left-out:end -->").expect("an end marker");
    snapshot(
        &path,
        &format!("{before}<!-- left-out:start -->\n{text}<!-- left-out:end -->{after}"),
    );
}

/// Tools that a model could mistake for each other: each names the other.
const NEIGHBOURS: [(&str, &str); 20] = [
    ("make-list-users", "make-list-members"),
    ("make-list-members", "make-list-team-members"),
    ("make-list-users", "make-list-users-by-permission"),
    ("make-get-user-role", "make-list-user-roles"),
    ("make-list-user-roles", "make-list-user-team-roles"),
    ("make-get-user-team-role", "make-list-user-team-roles"),
    ("make-update-user-role", "make-update-user-team-role"),
    ("make-get-user", "make-list-users"),
    ("make-list-roles", "make-get-role"),
    ("make-list-my-invitations", "make-list-members"),
    ("make-get-invitation", "make-accept-invitation"),
    ("make-get-org", "make-org-usage"),
    ("make-org-usage", "make-team-usage"),
    ("make-get-team", "make-list-teams"),
    ("make-audit-org", "make-audit-team"),
    ("make-audit-summary", "make-audit-export"),
    ("make-access-review", "make-access-diff"),
    ("make-list-tokens", "make-list-oauth-grants"),
    ("make-cancel-subscription", "make-set-free-subscription"),
    ("make-list-managed-orgs", "make-managed-orgs-consumption"),
];

#[test]
fn near_neighbours_name_each_other() {
    let catalog = catalog();
    let text = |name: &str| {
        let found = catalog.iter().find(|tool| tool.spec.name == name);
        found.unwrap_or_else(|| panic!("{name} is no tool")).spec.description
    };
    let names = |text: &str, name: &str| {
        text.split(|c: char| !c.is_ascii_lowercase() && c != '-').any(|word| word == name)
    };
    let silent: Vec<_> = NEIGHBOURS
        .iter()
        .flat_map(|(a, b)| [(a, b), (b, a)])
        .filter(|(one, other)| !names(text(one), other))
        .collect();
    assert_eq!(silent, [], "do not name their neighbour");
}

/// Names, descriptions and input schemas, as a model reads them.
#[test]
fn the_list_of_tools_fits_a_model_s_budget() {
    let count = |of: &dyn Fn(&make_admin_mcp::tools::registry::Tool) -> bool| -> usize {
        let coder = tiktoken_rs::o200k_base_singleton();
        let tools: Vec<_> = catalog()
            .iter()
            .filter(|tool| of(tool))
            .map(|tool| {
                json!({ "name": tool.spec.name, "description": tool.spec.description,
            "inputSchema": **tool.input_schema() })
            })
            .collect();
        coder.encode_ordinary(&json!(tools).to_string()).len()
    };
    let (default, all) = (count(&|tool| tool.spec.toolset.is_default()), count(&|_| true));
    assert!(default <= 6_000, "the default set costs {default} tokens");
    assert!(all <= 14_000, "all tools cost {all} tokens");
}

/// The sandbox, but for one call, which is refused with this status.
struct Refusing {
    sandbox: Sandbox,
    method: &'static str,
    path: Vec<String>,
    status: u16,
}

impl Transport for Refusing {
    fn send<'a>(&'a self, call: &'a Request) -> ResponseFuture<'a> {
        if call.method.as_str() == self.method && call.path == self.path {
            let body = json!({ "message": "refused", "code": "X" });
            let mut reply = make_admin_mcp::make::Response::json(self.status, &body);
            reply.retry_after = Some(std::time::Duration::from_secs(3600));
            return Box::pin(async move { Ok(reply) });
        }
        self.sandbox.send(call)
    }
}

/// What a status means to a model.
fn kinds(status: u16) -> &'static [&'static str] {
    match status {
        400 | 413 => &["invalid_arguments"],
        401 => &["unauthorized", "missing_scope"],
        402 => &["plan_required"],
        403 => &["forbidden", "missing_scope"],
        404 => &["not_found"],
        406 => &["confirmation_required_by_make"],
        409 => &["conflict"],
        429 => &["rate_limited"],
        500..=599 => &["server"],
        other => panic!("{other} is documented and has no kind here"),
    }
}

#[tokio::test(start_paused = true)]
async fn every_documented_failure_of_every_tool_has_its_kind_and_next_step() {
    let all = operations();
    let document: Value =
        serde_json::from_str(include_str!("../../fixtures/make/openapi.json")).unwrap();
    let mut seen = 0;
    // What one of the many calls of a review refuses may be a note; its tests are beside those of the review.
    let about_one_call = |tool: &Tool| tool.spec.toolset != Toolset::Governance;
    for tool in catalog().into_iter().filter(about_one_call) {
        let (name, arguments) = (tool.spec.name, tool.spec.example.clone());
        let [era, _] = crate::support::host::eras();
        let asked = Asked::default();
        let host =
            Host::of_account(Make::with_jitter(asked.clone(), None, || 1.0), era.clone()).await;
        host.call(name, arguments.clone()).await;
        let calls = asked.1.lock().unwrap().clone();
        let about = calls[about(&calls)].clone();
        let id = operation(&about, &all);
        let (_, method, path) = all.iter().find(|(known, ..)| known == id).unwrap();
        let operation = &document["paths"][format!("/{}", path.join("/"))][method.to_lowercase()];
        let statuses = operation["responses"].as_object().unwrap().keys();
        for status in
            statuses.filter_map(|status| status.parse::<u16>().ok()).filter(|status| *status >= 400)
        {
            // A refused credential is a status, and half a rotation has an answer.
            if name == "make-rotate-token" || (name == "make-auth-status" && status == 401) {
                continue;
            }
            let refusing = Refusing {
                sandbox: Sandbox::default(),
                method: about.method.as_str(),
                path: about.path.clone(),
                status,
            };
            let host =
                Host::of_account(Make::with_jitter(refusing, None, || 1.0), era.clone()).await;
            let error = host.fail(name, arguments.clone()).await;
            let kind = error["kind"].as_str().unwrap();
            assert!(kinds(status).contains(&kind), "{name} {status}: {error}");
            assert_eq!(error["status"], status, "{name}: {error}");
            assert!(error["hint"].is_string(), "{name} {status} says no next step: {error}");
            seen += 1;
        }
    }
    assert!(seen > 300, "{seen} failures");
}
