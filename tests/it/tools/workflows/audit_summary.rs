//! make-audit-summary: counts and what stands out, over a whole window.

use serde_json::{Value, json};

use crate::support::{host::Host, wire::Wire};

async fn summary(host: &Host, more: Value) -> Value {
    let mut arguments =
        json!({ "organizationId": 11, "dateFrom": "2026-05-01", "dateTo": "2026-05-31" });
    let more = more.as_object().unwrap().clone();
    arguments.as_object_mut().unwrap().extend(more);
    host.call("make-audit-summary", arguments).await["summary"].clone()
}

#[tokio::test]
async fn the_counts_are_those_of_the_list() {
    let host = Host::sandbox(&[]).await;
    let listed = host
        .call(
            "make-audit-org",
            json!({ "organizationId": 11, "dateFrom": "2026-05-01", "dateTo": "2026-05-31",
            "limit": 500, "returnTotalCount": true }),
        )
        .await;
    let whole = summary(&host, json!({})).await;
    assert_eq!(whole["count"], listed["page"]["total"]);
    for by in ["event", "author", "team", "day", "hour", "weekday"] {
        let summary = summary(&host, json!({ "groupBy": [by] })).await;
        let groups = summary["groups"].as_array().unwrap();
        let sum: u64 = groups.iter().map(|group| group["count"].as_u64().unwrap()).sum();
        assert_eq!(Some(sum), whole["count"].as_u64(), "{by}");
        assert!(groups.is_sorted_by(|a, b| a["count"].as_u64() >= b["count"].as_u64()));
    }
    let days = summary(&host, json!({ "groupBy": ["day"] })).await;
    assert_eq!(days["groups"].as_array().unwrap().len(), 31);
    let hours = summary(&host, json!({ "groupBy": ["author", "hour", "event"] })).await;
    assert_eq!(
        hours["groups"].as_array().unwrap().len(),
        100,
        "a small answer, whatever the window"
    );
    assert!(hours["groupsLeftOut"].as_u64().unwrap() > 0);
    let team = host
        .call(
            "make-audit-summary",
            json!({ "teamId": 22, "dateFrom": "2026-05-01",
        "dateTo": "2026-05-31", "groupBy": ["team"] }),
        )
        .await;
    assert_eq!(team["summary"]["groups"][0]["keys"], json!({ "team": "22 My Team" }));
    assert_eq!(team["summary"]["groups"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_stands_out_is_named_with_its_entries() {
    let entry = |number: u64, at: &str, actor: u64, event: &str| {
        json!({
            "uuid": format!("{actor}-{number}"), "createdAt": at, "triggeredAt": at,
            "organizationId": 11, "eventName": event,
            "actor": { "id": actor, "name": format!("Person {actor}"),
            "email": format!("p{actor}@example.com") },
        })
    };
    let mut rows = Vec::new();
    // 7 works every day at ten, once at three in the night.
    for day in 1..=28 {
        for minute in [0, 30] {
            rows.push(entry(
                day * 100 + minute,
                &format!("2026-05-{day:02}T10:{minute:02}:00.000Z"),
                7,
                "scenario_updated",
            ));
        }
    }
    rows.push(entry(1, "2026-05-15T03:00:00.000Z", 7, "webhook_deleted"));
    // 8 comes at the end and does 60 things in three minutes.
    for second in 0..60 {
        rows.push(entry(
            second,
            &format!("2026-05-30T12:{:02}:{:02}.000Z", second / 20, second % 20 * 3),
            8,
            "key_created",
        ));
    }
    rows.sort_by_key(|row| row["createdAt"].as_str().unwrap().to_owned());
    let total = rows.len();
    let last = rows.last().unwrap().clone();
    let wire = Wire::answering(&[(
        "GET",
        "/audit-logs/organization/11",
        json!({ "auditLogs": rows, "pg": { "limit": 500, "totalCount": total } }),
    )])
    .await;
    let end = wiremock::Mock::given(wiremock::matchers::query_param(
        "pg[offset]",
        (total - 1).to_string(),
    ))
    .respond_with(
        wiremock::ResponseTemplate::new(200).set_body_json(json!({ "auditLogs": [last] })),
    )
    .with_priority(1);
    end.mount(&wire.server).await;
    let summary = summary(&wire.host, json!({})).await;
    let finding = |kind: &str| {
        let all: Vec<_> = summary["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| finding["kind"] == kind)
            .collect();
        assert_eq!(all.len(), 1, "{kind}: {summary:#}");
        all[0].clone()
    };
    assert_eq!(finding("deletion")["uuids"], json!(["7-1"]));
    assert_eq!(finding("unusual_hour")["uuids"], json!(["7-1"]));
    assert_eq!(
        finding("new_actor")["text"],
        "\"p8@example.com\" (user 8) was first seen on 2026-05-30, in the last quarter of the \
         window"
    );
    let burst = finding("burst");
    assert_eq!(
        burst["text"],
        "\"p8@example.com\" (user 8) did 60 things in a row from 2026-05-30T12:00:00Z on"
    );
    assert_eq!(burst["uuids"].as_array().unwrap().len(), 10);
}
