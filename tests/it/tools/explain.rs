//! Refusals of Make, explained by what is known.

use serde_json::{Value, json};
use wiremock::{Mock, ResponseTemplate, matchers::path};

use crate::support::{host::Host, wire::Wire};

/// A fake with two organizations, of which one call is refused.
async fn refusing(at: &str, status: u16, zone: &str) -> Wire {
    let wire = Wire::new(&[]).await;
    let here = wire.server.address().to_string();
    let organizations = json!({ "organizations": [
        { "id": 11, "name": "Acme", "zone": if zone.is_empty() { &here } else { zone } },
        { "id": 12, "name": "Birch \u{202e}x", "zone": here },
    ] });
    let me = json!({ "authUser": {
        "id": 41, "userOrganizationRoles": [{ "userId": 41, "organizationId": 11,
        "usersRoleId": 13, "invitation": null }],
    } });
    let answer = |body: &Value| ResponseTemplate::new(200).set_body_json(body);
    for (at, body) in [("/organizations", organizations), ("/users/me", me)] {
        Mock::given(path(format!("/api/v2{at}")))
            .respond_with(answer(&body))
            .with_priority(2)
            .mount(&wire.server)
            .await;
    }
    Mock::given(path(format!("/api/v2{at}")))
        .respond_with(
            ResponseTemplate::new(status).set_body_json(json!({ "message": "no", "code": "X" })),
        )
        .with_priority(1)
        .mount(&wire.server)
        .await;
    wire
}

async fn hint(host: &Host, tool: &'static str, arguments: Value) -> String {
    host.fail(tool, arguments).await["hint"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_role_that_is_too_low_is_named() {
    let wire = refusing("/organizations/11/usage", 403, "").await;
    let hint = hint(&wire.host, "make-org-usage", json!({ "organizationId": 11 })).await;
    assert!(hint.contains(r#"the caller, who is "Member" in "Acme", may not do this"#), "{hint}");
}

#[tokio::test]
async fn a_plan_that_lacks_something_is_named() {
    let wire = refusing("/audit-logs/organization/11", 402, "").await;
    let hint = hint(&wire.host, "make-audit-org", json!({ "organizationId": 11 })).await;
    assert!(hint.contains("has the plan") && hint.contains("audit logs for"), "{hint}");
}

#[tokio::test]
async fn a_plan_that_make_does_not_describe_is_not_invented() {
    for body in [json!({ "id": 11, "name": "Acme" }), json!({ "id": 11, "license": null })] {
        let wire = refusing("/audit-logs/organization/11", 402, "").await;
        let answer = ResponseTemplate::new(200).set_body_json(json!({ "organization": body }));
        Mock::given(path("/api/v2/organizations/11"))
            .respond_with(answer)
            .with_priority(1)
            .mount(&wire.server)
            .await;
        let hint = hint(&wire.host, "make-audit-org", json!({ "organizationId": 11 })).await;
        assert!(!hint.contains("days") && !hint.contains("another one"), "{hint}");
    }
}

#[tokio::test]
async fn what_something_between_answered_says_nothing_about_rights() {
    let wire = Wire::new(&[]).await;
    let page = "<html><head><title>Access blocked by policy 7</title></head></html>";
    Mock::given(path("/api/v2/organizations/11/usage"))
        .respond_with(ResponseTemplate::new(403).set_body_raw(page, "text/html"))
        .with_priority(1)
        .mount(&wire.server)
        .await;
    let error = wire.host.fail("make-org-usage", json!({ "organizationId": 11 })).await;
    assert_eq!(error["kind"], "network");
    let message = error["message"].as_str().unwrap();
    assert!(message.ends_with("with a web page: Access blocked by policy 7"), "{message}");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("proxy or firewall") && !hint.contains("owner"), "{hint}");
}

#[tokio::test]
async fn a_hint_names_no_tool_that_is_off() {
    let arguments = json!({ "privateSpaceId": 999, "organizationId": 11, "operationsLimit": 5 });
    for (flags, named) in [(vec![], true), (vec!["--exclude-tools", "make-list-*"], false)] {
        let host = Host::sandbox(&flags).await;
        let error = host.fail("make-update-private-space", arguments.clone()).await;
        let is_named = error["hint"] == "check the id with make-list-private-spaces";
        assert_eq!(is_named, named, "{error}");
        assert_eq!(error["kind"], "not_found");
    }
}

#[tokio::test]
async fn an_organization_of_another_zone_is_found_there() {
    for status in [403, 404] {
        let wire = refusing("/organizations/11", status, "us1.make.com").await;
        let hint = hint(&wire.host, "make-get-org", json!({ "organizationId": 11 })).await;
        assert!(hint.contains(r#""Acme" lives in the zone "us1.make.com""#), "{hint}");
        assert!(hint.contains("--zone us1.make.com"), "{hint}");
    }
}

#[tokio::test]
async fn a_wrong_organization_is_answered_with_the_nearest_ones() {
    let wire = refusing("/organizations/13", 404, "").await;
    let hint = hint(&wire.host, "make-get-org", json!({ "organizationId": 13 })).await;
    assert!(
        hint.contains(r#"no organization 13; there are: 12 "Birch \u{202e}x", 11 "Acme""#),
        "{hint}"
    );
}

#[tokio::test]
async fn a_wrong_team_is_answered_with_the_nearest_ones() {
    let host = Host::sandbox(&[]).await;
    let hint = hint(&host, "make-get-team", json!({ "teamId": 999 })).await;
    assert!(hint.starts_with("the caller sees no team 999; there are: "), "{hint}");
}
