//! A fake Make on this machine that answers documented bodies and keeps every request.

use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{any, method, path},
};

use super::host::{Host, TOKEN};

/// The documented answer `<resource>/<operation>`.
pub(crate) fn fixture(name: &str) -> Value {
    let path = format!("{}/fixtures/make/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap()
}

/// A fake Make and a host in front of it.
pub(crate) struct Wire {
    pub(crate) server: MockServer,
    pub(crate) host: Host,
}

impl Wire {
    /// Answers each `(method, path)` with the fixture; anything else is a mistake that the requests will show.
    pub(crate) async fn new(answers: &[(&str, &str, &str)]) -> Self {
        let answers: Vec<_> =
            answers.iter().map(|(verb, at, name)| (*verb, *at, fixture(name))).collect();
        Self::answering(&answers).await
    }

    /// Answers what plans read, for a server with these flags.
    pub(crate) async fn with_flags(flags: &[&str]) -> Self {
        Self::start(&[], flags).await
    }

    /// The same with bodies of the test's own.
    pub(crate) async fn answering(answers: &[(&str, &str, Value)]) -> Self {
        Self::start(answers, &[]).await
    }

    async fn start(answers: &[(&str, &str, Value)], flags: &[&str]) -> Self {
        let server = MockServer::start().await;
        for (verb, at, body) in answers {
            let answer = ResponseTemplate::new(200).set_body_json(body);
            Mock::given(method(*verb))
                .and(path(format!("/api/v2{at}")))
                .respond_with(answer)
                .expect(1..)
                .mount(&server)
                .await;
        }
        for (at, body) in plan_reads() {
            let answer = ResponseTemplate::new(200).set_body_json(body);
            Mock::given(method("GET"))
                .and(path(format!("/api/v2{at}")))
                .respond_with(answer)
                .with_priority(100)
                .mount(&server)
                .await;
        }
        let wrong = ResponseTemplate::new(404).set_body_string("the test answers no such request");
        Mock::given(any()).respond_with(wrong).with_priority(200).mount(&server).await;
        let host = Host::at(&server, flags).await;
        Self { server, host }
    }

    /// Every request so far that is a write.
    pub(crate) async fn writes(&self) -> Vec<String> {
        let mut requests = self.requests().await;
        requests.retain(|request| !request.starts_with("GET "));
        requests
    }

    /// The answer of a call that succeeds, as Make sent it: without the names that were added.
    pub(crate) async fn call(&self, tool: &'static str, arguments: Value) -> Value {
        bare(self.host.call(tool, arguments).await)
    }

    /// Every request so far: method, encoded path and query, and the body if there is one.
    ///
    /// What is asked afterwards for the names of roles, time zones and countries is left out.
    pub(crate) async fn requests(&self) -> Vec<String> {
        let all = self.server.received_requests().await.unwrap();
        let names = |request: &String| {
            let roles = "GET /users/roles?cols%5B%5D=id&cols%5B%5D=name&cols%5B%5D=identifier&cols%5B%5D=subsidiary&cols%5B%5D=category&cols%5B%5D=description";
            request.strip_prefix(roles).is_some_and(|rest| !rest.contains("permissions"))
                || matches!(request.as_str(), "GET /enums/timezones" | "GET /enums/countries")
        };
        let shown = all.iter().map(shown).enumerate();
        shown
            .filter(|(place, request)| *place == 0 || !names(request))
            .map(|(_, request)| request)
            .collect()
    }
}

/// A tool, what it asks of Make and how it hands the documented answer on.
pub(crate) struct Exact {
    pub(crate) tool: &'static str,
    pub(crate) arguments: Value,
    /// Method, path and documented answer of the call that the tool is about.
    pub(crate) answer: (&'static str, &'static str, &'static str),
    /// Further answers that it needs, mostly for its plan.
    pub(crate) further: &'static [(&'static str, &'static str, &'static str)],
    /// The whole request, encoded.
    pub(crate) request: &'static str,
    /// The key under which an answer without an envelope comes.
    pub(crate) under: Option<&'static str>,
}

impl Exact {
    /// A tool that needs one call and hands its envelope on.
    pub(crate) fn new(
        tool: &'static str,
        arguments: Value,
        answer: (&'static str, &'static str, &'static str),
        request: &'static str,
    ) -> Self {
        Self { tool, arguments, answer, further: &[], request, under: None }
    }

    pub(crate) fn with(
        self,
        further: &'static [(&'static str, &'static str, &'static str)],
    ) -> Self {
        Self { further, ..self }
    }

    pub(crate) fn under(self, key: &'static str) -> Self {
        Self { under: Some(key), ..self }
    }

    /// Calls the tool and compares request and answer.
    pub(crate) async fn check(self) {
        let Self { tool, arguments, answer, further, request, under } = self;
        let wire = Wire::new(&[&[answer], further].concat()).await;
        let got = wire.call(tool, arguments).await;
        let seen = if request.starts_with("GET ") {
            let mut seen = wire.requests().await;
            // Who the caller is may have to be asked first.
            seen.retain(|request| request != "GET /users/me");
            // Names of roles come after.
            seen.truncate(1);
            seen
        } else {
            wire.writes().await
        };
        assert_eq!(seen, [request], "{tool}");
        let mut documented = fixture(answer.2);
        if let Some(key) = under {
            assert_eq!(got[key], documented, "{tool}");
            return;
        }
        let fields = documented.as_object_mut().unwrap();
        fields.remove("pg");
        for (key, value) in fields {
            assert_eq!(
                numbered(got[key.as_str()].clone()),
                numbered(value.clone()),
                "{tool}: {key}"
            );
        }
    }
}

/// An answer without the names that were added beside numbers.
pub(crate) fn bare(answer: Value) -> Value {
    match answer {
        Value::Array(items) => items.into_iter().map(bare).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(name, _)| {
                !matches!(name.as_str(), "usersRoleName" | "timezoneName" | "countryName")
            })
            .map(|(name, value)| (name, bare(value)))
            .collect(),
        other => other,
    }
}

/// Make sends counters as text or as numbers; they come out as numbers.
fn numbered(value: Value) -> Value {
    match value {
        Value::String(text) => text.parse::<u64>().map_or(Value::String(text), Value::from),
        Value::Array(items) => items.into_iter().map(numbered).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name, numbered(value))).collect()
        }
        other => other,
    }
}

/// What plans read, for the tests that are about the write. User 2 is a member of organization 11, 41 its owner.
fn plan_reads() -> Vec<(&'static str, Value)> {
    let role = |user: u64, role: u64| {
        json!({ "userOrganizationRole": { "userId": user,
    "organizationId": 11, "usersRoleId": role, "invitation": null, "joinedTeamsCount": 1 } })
    };
    let granted = ["organizations:read", "teams:read", "user:write"];
    vec![
        ("/users/me", fixture("me/get_current_user")),
        (
            "/users/me/current-authorization",
            json!({ "authorization": { "authUsed": "token", "scope": granted } }),
        ),
        ("/users/me/api-tokens", fixture("api_tokens/list_api_tokens")),
        (
            "/users",
            json!({ "users": [{ "id": 41, "name": "Dana Rivers", "email": "dana@example.com" },
            { "id": 2, "name": "Tom", "email": "tom@example.org" }] }),
        ),
        ("/users/roles", fixture("roles/list_roles")),
        ("/users/2/user-organization-roles/11", role(2, 13)),
        ("/users/41/user-organization-roles/11", role(41, 11)),
        ("/organizations/11", fixture("organizations/get_organization")),
        ("/organizations/invitation", fixture("invitations/get_invitation")),
        (
            "/organizations/11/user-organization-roles",
            fixture("organization_roles/list_organization_members"),
        ),
        ("/teams", fixture("teams/list_teams")),
    ]
}

/// One request as a test expects it, after checking what all requests share.
pub(crate) fn shown(request: &Request) -> String {
    let header =
        |name: &str| request.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("authorization"), Some(format!("Token {TOKEN}")));
    assert_eq!(header("accept").as_deref(), Some("application/json"));
    assert_eq!(header("user-agent"), Some(format!("make-admin-mcp/{}", env!("CARGO_PKG_VERSION"))));
    let target = &request.url.as_str()[url_path_start(request)..];
    let body = String::from_utf8(request.body.clone()).unwrap();
    let content_type = header("content-type");
    if body.is_empty() {
        assert_eq!(content_type, None, "a content type without content");
        return format!("{} {target}", request.method);
    }
    assert_eq!(content_type.as_deref(), Some("application/json"));
    format!("{} {target} {body}", request.method)
}

fn url_path_start(request: &Request) -> usize {
    let base = "/api/v2";
    request.url.as_str().find(base).expect("the base path") + base.len()
}
