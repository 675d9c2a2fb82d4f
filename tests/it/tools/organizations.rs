use serde_json::json;

use crate::support::wire::{Wire, fixture};

#[tokio::test]
async fn organizations_are_listed() {
    let wire = Wire::new(&[("GET", "/organizations", "organizations/list_organizations")]).await;
    let arguments = json!({ "zone": "eu1.make.com", "cols": "id", "limit": 1, "sortBy": "name",
    "sortDir": "asc" });
    let answer = wire.call("make-list-orgs", arguments).await;
    assert_eq!(
        wire.requests().await,
        ["GET /organizations?zone=eu1.make.com&cols%5B%5D=id\
          &pg%5Boffset%5D=0&pg%5Blimit%5D=1&pg%5BsortBy%5D=name&pg%5BsortDir%5D=asc"]
    );
    assert_eq!(
        answer["organizations"],
        fixture("organizations/list_organizations")["organizations"]
    );
    assert_eq!(
        answer["page"],
        json!({ "offset": 0, "limit": 1, "returned": 1, "nextOffset": 1, "total": null })
    );
}

#[tokio::test]
async fn all_columns_pass_through() {
    let wire =
        Wire::new(&[("GET", "/organizations", "organizations/list_organizations_all_columns")])
            .await;
    let answer = wire.call("make-list-orgs", json!({ "cols": ["*"] })).await;
    assert_eq!(
        answer["organizations"],
        fixture("organizations/list_organizations_all_columns")["organizations"]
    );
}

#[tokio::test]
async fn an_organization_is_fetched_with_its_counters_as_numbers() {
    let wire = Wire::new(&[("GET", "/organizations/11", "organizations/get_organization")]).await;
    let answer = wire
        .call(
            "make-get-org",
            json!({ "organizationId": 11, "wait": true, "cols": ["id", "license"] }),
        )
        .await;
    assert_eq!(
        wire.requests().await,
        ["GET /organizations/11?wait=true&cols%5B%5D=id&cols%5B%5D=license"]
    );
    let mut expected = fixture("organizations/get_organization");
    for (counter, number) in [
        ("operations", 1500_u64),
        ("transfer", 104_857),
        ("centicreditsConsumed", 150_000),
        ("operationsExt", 0),
        ("transferExt", 0),
        ("centicreditsExtra", 0),
        ("unusedOperations", 8500),
        ("unusedTransfer", 5_368_604_263),
        ("unusedCenticredits", 850_000),
    ] {
        assert_eq!(expected["organization"][counter], number.to_string(), "Make sends text");
        expected["organization"][counter] = number.into();
    }
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn an_organization_is_created_with_numbers() {
    let wire = Wire::new(&[("POST", "/organizations", "organizations/create_organization")]).await;
    let arguments = json!({ "name": "Acme", "regionId": "1", "timezoneId": 113, "countryId": 202 });
    assert_eq!(
        wire.call("make-create-org", arguments).await,
        fixture("organizations/create_organization")
    );
    let body = r#"{"name":"Acme","regionId":1,"timezoneId":113,"countryId":202}"#;
    assert_eq!(wire.writes().await, [format!("POST /organizations {body}")]);
}

#[tokio::test]
async fn only_named_fields_of_an_organization_are_changed() {
    let wire =
        Wire::new(&[("PATCH", "/organizations/11", "organizations/update_organization")]).await;
    let answer =
        wire.call("make-update-org", json!({ "organizationId": 11, "name": "Acme Ltd" })).await;
    assert_eq!(answer, fixture("organizations/update_organization"));
    assert_eq!(wire.writes().await, [r#"PATCH /organizations/11 {"name":"Acme Ltd"}"#]);
}

#[tokio::test]
async fn an_organization_is_deleted_with_confirmation() {
    let wire =
        Wire::new(&[("DELETE", "/organizations/11", "organizations/delete_organization")]).await;
    let answer = wire.call("make-delete-org", json!({ "organizationId": 11 })).await;
    assert_eq!(answer, json!({ "outcome": "applied", "organization": 11 }));
    assert_eq!(wire.writes().await, ["DELETE /organizations/11?confirmed=true"]);
}

#[tokio::test]
async fn usage_comes_day_by_day() {
    let wire =
        Wire::new(&[("GET", "/organizations/11/usage", "organizations/get_organization_usage")])
            .await;
    let answer = wire
        .call("make-org-usage", json!({ "organizationId": 11, "organizationTimezone": true }))
        .await;
    assert_eq!(answer, fixture("organizations/get_organization_usage"));
    assert_eq!(wire.requests().await, ["GET /organizations/11/usage?organizationTimezone=true"]);
}
