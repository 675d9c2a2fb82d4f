//! Resources, prompts and completion, through a real client in both eras.

use make_admin_mcp::{prompts::PROMPTS, resources::RESOURCES, text::visible};
use rmcp::{
    model::{
        ArgumentInfo, CompleteRequestParams, CompletionContext, GetPromptRequestParams,
        ReadResourceRequestParams, Reference,
    },
    service::ServiceError,
};
use serde_json::{Value, json};

use crate::support::host::{Host, eras};

async fn hosts() -> Vec<Host> {
    let mut hosts = Vec::new();
    for era in eras() {
        hosts.push(Host::start(&["--sandbox", "--toolsets", "default"], None, era).await);
    }
    hosts
}

async fn read(host: &Host, uri: &str) -> Result<Value, ServiceError> {
    let result = host.client.read_resource(ReadResourceRequestParams::new(uri)).await?;
    let whole = serde_json::to_value(&result.contents[0]).unwrap();
    assert_eq!((&whole["uri"], &whole["mimeType"]), (&json!(uri), &json!("application/json")));
    Ok(serde_json::from_str(whole["text"].as_str().unwrap()).unwrap())
}

#[tokio::test]
async fn a_resource_is_the_answer_of_its_tool() {
    for host in hosts().await {
        let plain = host.client.list_all_resources().await.unwrap();
        let templates = host.client.list_all_resource_templates().await.unwrap();
        assert_eq!((plain.len(), templates.len()), (3, 6));
        let entry = host.call("make-audit-org", json!({ "organizationId": 11, "limit": 1 })).await;
        let uuid = entry["auditLogs"][0]["uuid"].as_str().unwrap();
        for (uri, tool, arguments) in [
            ("make://user".to_owned(), "make-get-user", json!({ "includeMemberships": true })),
            ("make://organizations".to_owned(), "make-list-orgs", json!({ "limit": 500 })),
            ("make://organizations/12".to_owned(), "make-get-org", json!({ "organizationId": 12 })),
            (
                "make://organizations/11/members".to_owned(),
                "make-list-members",
                json!({ "organizationId": 11, "limit": 500 }),
            ),
            (
                "make://organizations/11/teams".to_owned(),
                "make-list-teams",
                json!({ "organizationId": 11, "limit": 500 }),
            ),
            (
                "make://organizations/11/roles".to_owned(),
                "make-list-roles",
                json!({ "organizationId": 11 }),
            ),
            (
                format!("make://audit/11/{uuid}"),
                "make-audit-detail",
                json!({ "organizationId": 11, "uuid": uuid }),
            ),
            (
                "make://token-scopes".to_owned(),
                "make-lookup",
                json!({ "list": "token-scopes", "limit": 500 }),
            ),
        ] {
            assert_eq!(read(&host, &uri).await.unwrap(), host.call(tool, arguments).await, "{uri}");
        }
        // A toolset that is off hides tools, not what they read.
        assert_eq!(read(&host, "make://teams/22").await.unwrap()["team"]["name"], "My Team");
    }
}

#[tokio::test]
async fn what_is_no_resource_is_not_found_and_what_is_forbidden_stays_so() {
    for host in hosts().await {
        for uri in [
            "make://nothing", "make://organizations/11/../12", "make://organizations/999",
            "file:///etc/passwd",
        ] {
            let error = read(&host, uri).await.unwrap_err();
            let ServiceError::McpError(error) = error else { panic!("{error}") };
            assert!(matches!(error.code.0, -32002 | -32602), "{uri}: {error:?}");
        }
        let wrong = read(&host, "make://organizations/eleven").await.unwrap_err().to_string();
        assert!(wrong.contains("must be a whole number"), "{wrong}");
    }
    let host = Host::sandbox(&["--exclude-tools", "make-get-user"]).await;
    let refused = read(&host, "make://user").await.unwrap_err().to_string();
    assert!(refused.contains("is excluded"), "{refused}");
}

#[tokio::test]
async fn every_template_is_a_resource_that_can_be_read() {
    let host = &hosts().await[0];
    for resource in RESOURCES.iter().filter(|resource| !resource.uri.contains("uuid")) {
        let uri = resource.uri.replace("{organizationId}", "11").replace("{teamId}", "22");
        assert!(read(host, &uri).await.is_ok(), "{uri}");
    }
}

#[tokio::test]
async fn a_prompt_is_its_text_with_quoted_arguments() {
    for host in hosts().await {
        let listed = host.client.list_all_prompts().await.unwrap();
        let names: Vec<_> = listed.iter().map(|prompt| prompt.name.as_str()).collect();
        assert_eq!(names, PROMPTS.map(|prompt| prompt.name));
        assert!(listed.iter().all(|prompt| prompt.title.is_some() && prompt.description.is_some()));
        let arguments = json!({ "organization": "Acme\u{202e}", "person": "dana@example.com" });
        let asked = GetPromptRequestParams::new("move-person")
            .with_arguments(arguments.as_object().unwrap().clone());
        let prompt = host.client.get_prompt(asked).await.unwrap();
        let text = prompt.messages[0].content.as_text().unwrap().text.clone();
        assert!(text.starts_with(r#"Move "dana@example.com" in the Make organization "Acme\u{202e}" to other work. New team: not given."#), "{text}");
        for (name, arguments) in [
            ("move-person", json!({})),
            ("no-prompt", json!({})),
            ("access-review", json!({ "organization": "x", "y": "z" })),
        ] {
            let asked = GetPromptRequestParams::new(name)
                .with_arguments(arguments.as_object().unwrap().clone());
            let error = host.client.get_prompt(asked).await.unwrap_err();
            let ServiceError::McpError(error) = error else { panic!("{error}") };
            assert_eq!(error.code.0, -32602, "{name}");
        }
    }
}

async fn completed(
    host: &Host,
    reference: Reference,
    argument: &str,
    typed: &str,
    given: &[(&str, &str)],
) -> Vec<String> {
    let mut request = CompleteRequestParams::new(reference, ArgumentInfo::new(argument, typed));
    if !given.is_empty() {
        let given =
            given.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        request = request.with_context(CompletionContext::with_arguments(given));
    }
    host.client.complete(request).await.unwrap().completion.values
}

#[tokio::test]
async fn variables_and_arguments_are_completed_from_the_account() {
    for host in hosts().await {
        let resource = |uri: &str| Reference::for_resource(uri);
        let organization = "make://organizations/{organizationId}";
        assert_eq!(
            completed(&host, resource(organization), "organizationId", "ac", &[]).await,
            ["11"],
            "by name"
        );
        assert_eq!(
            completed(&host, resource(organization), "organizationId", "1", &[]).await,
            ["11", "12", "13"],
            "by id"
        );
        assert_eq!(
            completed(&host, resource("make://teams/{teamId}"), "teamId", "market", &[]).await,
            ["23"]
        );
        let audit = "make://audit/{organizationId}/{uuid}";
        let uuids =
            completed(&host, resource(audit), "uuid", "", &[("organizationId", "11")]).await;
        assert_eq!(uuids.len(), 100);
        assert_eq!(
            completed(&host, resource(audit), "uuid", &uuids[7][..13], &[("organizationId", "11")])
                .await,
            [uuids[7].as_str()]
        );

        let prompt = |name: &str| Reference::for_prompt(name);
        assert_eq!(
            completed(&host, prompt("access-review"), "organization", "birch", &[]).await,
            ["Birch Consulting"]
        );
        let people = completed(&host, prompt("offboard-person"), "person", "tomas", &[]).await;
        assert_eq!(people, ["tomas.herrera@example.com"]);
        let of_birch = completed(
            &host,
            prompt("move-person"),
            "person",
            "",
            &[("organization", "Birch Consulting")],
        )
        .await;
        assert_eq!(of_birch.len(), 10);
        let roles =
            completed(&host, prompt("onboard-person"), "role", "", &[("organization", "Acme")])
                .await;
        assert!(
            roles.contains(&"Billing reader".to_owned())
                && !roles.contains(&"Team Admin".to_owned()),
            "{roles:?}"
        );
        assert_eq!(
            completed(&host, prompt("onboard-person"), "team", "fin", &[("organization", "Acme")])
                .await,
            ["Finance"]
        );
        assert_eq!(completed(&host, prompt("onboard-person"), "email", "a", &[]).await, [""; 0]);
        assert!(people.iter().all(|value| visible(value) == *value));
        for (reference, argument) in [
            (resource("make://user"), "organizationId"),
            (prompt("access-review"), "person"),
            (prompt("none"), "x"),
        ] {
            let request = CompleteRequestParams::new(reference, ArgumentInfo::new(argument, ""));
            assert!(host.client.complete(request).await.is_err(), "{argument}");
        }
    }
}
