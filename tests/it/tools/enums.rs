use serde_json::json;

use crate::support::wire::{Wire, fixture};

#[tokio::test]
async fn every_list_has_its_address_and_its_envelope() {
    for (list, at, name, envelope) in [
        ("regions", "imt-regions", "list_regions", "imtRegions"),
        ("zones", "imt-zones", "list_zones", "imtZones"),
        ("timezones", "timezones", "list_timezones", "timezones"),
        ("countries", "countries", "list_countries", "countries"),
        ("locales", "locales", "list_locales", "locales"),
        ("languages", "languages", "list_languages", "languages"),
        ("token-scopes", "user-api-token-scopes", "list_api_token_scopes", "userApiTokenScopes"),
        ("user-features", "user-features", "list_user_features", "userFeatures"),
        (
            "organization-features", "organization-features", "list_organization_features",
            "organizationFeatures",
        ),
        (
            "email-notifications", "user-email-notifications", "list_email_notification_types",
            "userEmailNotifications",
        ),
        ("variable-types", "variable-types", "list_variable_types", "variableTypes"),
        ("llm-models", "llm-models", "list_llm_models", "llmModels"),
        ("llm-tiers", "llm-builtin-tiers", "list_llm_builtin_tiers", "llmBuiltinTiers"),
    ] {
        let (at, name) = (format!("/enums/{at}"), format!("enums/{name}"));
        let wire = Wire::new(&[("GET", &at, &name)]).await;
        let answer = wire.host.call("make-lookup", json!({ "list": list })).await;
        assert_eq!(answer["entries"], fixture(&name)[envelope], "{list}");
        assert_eq!(answer["list"], list);
        assert_eq!(wire.requests().await, [format!("GET {at}")]);
    }
}

#[tokio::test]
async fn a_long_list_is_searched_and_cut_here() {
    let wire = Wire::new(&[("GET", "/enums/timezones", "enums/list_timezones")]).await;
    let found = wire
        .host
        .call("make-lookup", json!({ "list": "timezones", "search": "EUROPE", "limit": 2 }))
        .await;
    let codes: Vec<_> =
        found["entries"].as_array().unwrap().iter().map(|entry| &entry["code"]).collect();
    assert_eq!(codes, ["Europe/Prague", "Europe/London"]);
    assert_eq!(
        found["page"],
        json!({ "offset": 0, "limit": 2, "returned": 2, "nextOffset": 2, "total": 3 })
    );
    let by_id =
        wire.host.call("make-lookup", json!({ "list": "timezones", "search": "301" })).await;
    assert_eq!(by_id["entries"][0]["code"], "America/New_York");
    assert_eq!(wire.requests().await.len(), 1, "kept for a day");
}
