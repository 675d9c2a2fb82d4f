use serde_json::json;

use crate::support::wire::{Wire, fixture};

#[tokio::test]
async fn the_trail_of_an_organization_is_listed_with_all_filters() {
    let at = "/audit-logs/organization/11";
    let wire = Wire::new(&[("GET", at, "audit_logs/list_organization_audit_logs")]).await;
    let arguments = json!({
        "organizationId": 11, "team": [22, "My Team"], "dateFrom": "2026-05-01",
        "dateTo": "2026-05-31T10:00:00+02:00",
        "event": ["webhook_created", "key_created"], "author": [41], "returnTotalCount": true,
        "offset": 0, "limit": 100, "sortBy": "createdAt", "sortDir": "asc",
    });
    let answer = wire.host.call("make-audit-org", arguments).await;
    assert_eq!(
        wire.requests().await,
        ["GET /audit-logs/organization/11?team%5B0%5D=22&team%5B1%5D=My%20Team\
          &dateFrom=2026-05-01&dateTo=2026-05-31T08%3A00%3A00.000Z\
          &event%5B0%5D=webhook_created&event%5B1%5D=key_created&author%5B0%5D=41\
          &pg%5Boffset%5D=0&pg%5Blimit%5D=100&pg%5BsortBy%5D=createdAt&pg%5BsortDir%5D=asc&pg%5BreturnTotalCount%5D=true"]
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
