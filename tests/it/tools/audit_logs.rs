use serde_json::json;

use crate::support::{
    host::Host,
    wire::{Wire, fixture},
};

#[tokio::test]
async fn the_trail_of_an_organization_is_listed_with_all_filters() {
    let at = "/audit-logs/organization/11";
    let filters = "/audit-logs/organization/11/filters";
    let wire = Wire::new(&[
        ("GET", filters, "audit_logs/get_organization_audit_log_filters"),
        ("GET", at, "audit_logs/list_organization_audit_logs"),
    ])
    .await;
    let arguments = json!({
        "organizationId": 11, "team": [22, "MY TEAM", ""], "dateFrom": "2026-05-01",
        "dateTo": "2026-05-31",
        "event": ["webhook_created", "Webhook Updated"], "author": ["dana@example.com", ""],
        "returnTotalCount": true,
        "offset": 0, "limit": 100, "sortBy": "createdAt", "sortDir": "asc",
    });
    let answer = wire.host.call("make-audit-org", arguments).await;
    assert_eq!(
        wire.requests().await[..2],
        [format!("GET {filters}"), "GET /audit-logs/organization/11?team%5B0%5D=22\
          &dateFrom=2026-05-01T00%3A00%3A00.000Z&dateTo=2026-05-31T23%3A59%3A59.999Z\
          &event%5B0%5D=webhook_created&event%5B1%5D=webhook_updated&author%5B0%5D=41\
          &pg%5Boffset%5D=0&pg%5Blimit%5D=100&pg%5BsortBy%5D=createdAt&pg%5BsortDir%5D=asc&pg%5BreturnTotalCount%5D=true".to_owned()]
    );
    assert_eq!(
        answer["applied"],
        json!({
            "dateFrom": "2026-05-01T00:00:00.000Z", "dateTo": "2026-05-31T23:59:59.999Z",
            "event": ["webhook_created", "webhook_updated"], "author": ["41"], "team": ["22"],
        })
    );
    assert_eq!(
        answer["auditLogs"],
        fixture("audit_logs/list_organization_audit_logs")["auditLogs"]
    );
    assert_eq!(
        answer["page"],
        json!({ "offset": 0, "limit": 100, "returned": 1, "nextOffset": null, "total": 1 })
    );
}

#[tokio::test]
async fn a_filter_that_finds_nothing_is_refused_with_the_nearest_and_a_blank_one_is_none() {
    let host = Host::sandbox(&[]).await;
    let window = json!({ "organizationId": 11, "dateFrom": "2026-05-01", "dateTo": "2026-05-31" });
    let all = host.call("make-audit-summary", window.clone()).await["summary"]["count"].clone();
    for tool in ["make-audit-org", "make-audit-summary", "make-audit-export"] {
        for (name, wrong, near) in [
            ("event", json!(["webhook_delete"]), "webhook_deleted"),
            ("team", json!("Markting"), "23 \"Marketing\""),
            ("author", json!(["dana river", ""]), "41 \"Dana Rivers\""),
            ("event", json!("\u{202e}x".repeat(5000)), "the nearest are"),
        ] {
            let mut arguments = window.clone();
            arguments[name] = wrong;
            let error = host.fail(tool, arguments).await;
            assert_eq!(error["kind"], "invalid_arguments", "{tool} {name}: {error}");
            let message = error["message"].as_str().unwrap();
            assert!(message.contains(near) && message.len() < 1_000, "{tool} {name}: {message}");
        }
        let mut blank = window.clone();
        for name in ["event", "author", "team"] {
            blank[name] = json!("");
        }
        let answer = host.call(tool, blank).await;
        match tool {
            "make-audit-org" => assert_eq!(answer["applied"]["event"], json!([])),
            "make-audit-summary" => assert_eq!(answer["summary"]["count"], all),
            _ => assert_eq!(answer["export"]["count"], all),
        }
    }
}

#[tokio::test]
async fn a_window_without_a_trail_says_so() {
    let host = Host::sandbox(&[]).await;
    for (from, to, part) in [
        ("2027-01-01", "2027-01-31", "lies in the future"),
        ("2020-01-01", "2020-12-31", "where the trail begins"),
        ("2020-01-01", "2026-05-31", "not in the trail any more"),
    ] {
        let window = json!({ "organizationId": 11, "dateFrom": from, "dateTo": to });
        let list = host.call("make-audit-org", window.clone()).await;
        let summary = host.call("make-audit-summary", window).await["summary"].clone();
        for notes in [&list["notes"], &summary["notes"]] {
            assert!(notes[0].as_str().unwrap().contains(part), "{from}: {notes}");
        }
        assert_eq!(summary["complete"], false);
    }
}

#[tokio::test]
async fn the_last_day_counts_in_all_four_tools() {
    let host = Host::sandbox(&[]).await;
    let all = json!({ "organizationId": 11, "limit": 1, "dateTo": "2026-05-31" });
    let newest = host.call("make-audit-org", all).await["auditLogs"][0]["triggeredAt"].clone();
    let day = &newest.as_str().unwrap()[..10];
    let window = json!({ "organizationId": 11, "dateFrom": day, "dateTo": day });
    let mut listed = window.clone();
    listed["returnTotalCount"] = true.into();
    let total = host.call("make-audit-org", listed).await["page"]["total"].as_u64().unwrap();
    assert!(total > 0);
    let summary = host.call("make-audit-summary", window.clone()).await;
    let export = host.call("make-audit-export", window).await;
    assert_eq!(
        (&summary["summary"]["count"], &export["export"]["count"]),
        (&json!(total), &json!(total))
    );
}

#[tokio::test]
async fn the_trail_of_a_team_is_listed() {
    let wire =
        Wire::new(&[("GET", "/audit-logs/team/22", "audit_logs/list_team_audit_logs")]).await;
    let answer = wire.host.call("make-audit-team", json!({ "teamId": 22 })).await;
    assert_eq!(
        wire.requests().await,
        ["GET /audit-logs/team/22?pg%5Boffset%5D=0&pg%5Blimit%5D=50"]
    );
    assert_eq!(answer["auditLogs"], fixture("audit_logs/list_team_audit_logs")["auditLogs"]);
}

#[tokio::test]
async fn a_trail_of_one_entry_without_brackets_is_read_too() {
    let entry = fixture("audit_logs/list_organization_audit_logs")["auditLogs"][0].clone();
    let body = json!({ "auditLogs": entry.clone() });
    let wire = Wire::answering(&[("GET", "/audit-logs/organization/11", body)]).await;
    assert_eq!(
        wire.host.call("make-audit-org", json!({ "organizationId": 11 })).await["auditLogs"],
        json!([entry])
    );
}

#[tokio::test]
async fn a_moment_may_be_text_or_milliseconds_and_actors_may_be_missing() {
    let entry = json!({ "uuid": "u", "triggeredAt": 1_779_632_535_000_i64, "actor": null,
    "team": null, "targetId": "7" });
    let wire = Wire::answering(&[(
        "GET",
        "/audit-logs/organization/11",
        json!({ "auditLogs": [entry.clone()] }),
    )])
    .await;
    assert_eq!(
        wire.host.call("make-audit-org", json!({ "organizationId": 11 })).await["auditLogs"][0],
        entry
    );
}

#[tokio::test]
async fn an_entry_is_fetched_with_its_details_and_no_argument_leaves_its_place() {
    let uuid = "c37c7292-35cd-4dc4-9113-21b23beaea7d";
    let at = format!("/audit-logs/11/{uuid}");
    let wire = Wire::new(&[("GET", &at, "audit_logs/get_audit_log_detail")]).await;
    let answer =
        wire.host.call("make-audit-detail", json!({ "organizationId": 11, "uuid": uuid })).await;
    assert_eq!(answer, json!({ "auditLog": fixture("audit_logs/get_audit_log_detail") }));

    assert_eq!(
        wire.host
            .fail("make-audit-detail", json!({ "organizationId": 11, "uuid": "../../users/me" }))
            .await["kind"],
        "not_found"
    );
    assert_eq!(
        wire.host
            .fail(
                "make-audit-detail",
                json!({ "organizationId": 11,
        "uuid": ".." })
            )
            .await["kind"],
        "invalid_arguments"
    );
    assert_eq!(
        wire.requests().await[..2],
        [format!("GET {at}"), "GET /audit-logs/11/..%2F..%2Fusers%2Fme".to_owned()]
    );
}

#[tokio::test]
async fn filters_are_listed_for_both_kinds_of_trail() {
    let wire = Wire::new(&[
        (
            "GET",
            "/audit-logs/organization/11/filters",
            "audit_logs/get_organization_audit_log_filters",
        ),
        ("GET", "/audit-logs/team/22/filters", "audit_logs/get_team_audit_log_filters"),
    ])
    .await;
    let of_organization =
        wire.host.call("make-audit-filters", json!({ "organizationId": 11 })).await;
    assert_eq!(
        of_organization,
        json!({ "filters": fixture("audit_logs/get_organization_audit_log_filters") })
    );
    let of_team = wire.host.call("make-audit-filters", json!({ "teamId": 22 })).await;
    assert_eq!(of_team, json!({ "filters": fixture("audit_logs/get_team_audit_log_filters") }));
    assert_eq!(
        wire.requests().await,
        ["GET /audit-logs/organization/11/filters", "GET /audit-logs/team/22/filters"]
    );
}
