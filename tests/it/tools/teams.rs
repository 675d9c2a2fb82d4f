use serde_json::json;

use crate::support::wire::{Exact, Wire, fixture};

#[tokio::test]
async fn teams_are_listed() {
    let wire = Wire::new(&[("GET", "/teams", "teams/list_teams")]).await;
    let arguments = json!({ "organizationId": 11, "includePrivateSpaces": true, "cols": ["*"],
    "sortBy": "id" });
    let answer = wire.host.call("make-list-teams", arguments).await;
    assert_eq!(
        wire.requests().await,
        ["GET /teams?organizationId=11&includePrivateSpaces=true&cols%5B%5D=%2A\
          &pg%5Boffset%5D=0&pg%5Blimit%5D=50&pg%5BsortBy%5D=id"]
    );
    assert_eq!(answer["teams"], fixture("teams/list_teams")["teams"]);
}

#[tokio::test]
async fn one_team_and_its_use_are_read() {
    Exact::new(
        "make-get-team",
        json!({ "teamId": 22, "cols": ["id", "isPaused"] }),
        ("GET", "/teams/22", "teams/get_team"),
        "GET /teams/22?cols%5B%5D=id&cols%5B%5D=isPaused",
    )
    .check()
    .await;
    Exact::new(
        "make-team-usage",
        json!({ "teamId": 22, "organizationTimezone": true }),
        ("GET", "/teams/22/usage", "teams/get_team_usage"),
        "GET /teams/22/usage?organizationTimezone=true",
    )
    .check()
    .await;
    let llm = ("GET", "/teams/22/llm-configuration", "teams/get_team_llm_configuration");
    Exact::new(
        "make-get-team-llm",
        json!({ "teamId": 22 }),
        llm,
        "GET /teams/22/llm-configuration",
    )
    .under("llmConfiguration")
    .check()
    .await;
}

#[tokio::test]
async fn teams_are_changed_with_the_named_fields_only() {
    Exact::new(
        "make-create-team",
        json!({ "organizationId": 11, "name": "Sales", "transferLimit": 5 }),
        ("POST", "/teams", "teams/create_team"),
        r#"POST /teams {"name":"Sales","organizationId":11,"transferLimit":5}"#,
    )
    .check()
    .await;
    Exact::new(
        "make-update-team",
        json!({ "teamId": 22, "name": "Sales EMEA" }),
        ("PATCH", "/teams/22", "teams/update_team"),
        r#"PATCH /teams/22 {"name":"Sales EMEA"}"#,
    )
    .check()
    .await;
    Exact::new(
        "make-delete-team",
        json!({ "teamId": 22 }),
        ("DELETE", "/teams/22", "teams/delete_team"),
        "DELETE /teams/22?confirmed=true",
    )
    .with(&[
        ("GET", "/teams/22", "teams/get_team"),
        ("GET", "/teams/22/user-team-roles", "team_roles/list_team_members"),
    ])
    .check()
    .await;
    Exact::new(
        "make-update-team-llm",
        json!({ "teamId": 22, "aiMappingBuiltinTier": "large", "aiToolkitAccountId": 5 }),
        ("PATCH", "/teams/22/llm-configuration", "teams/update_team_llm_configuration"),
        r#"PATCH /teams/22/llm-configuration {"aiMappingBuiltinTier":"large","aiToolkitAccountId":5}"#,
    )
    .under("llmConfiguration")
    .check()
    .await;
}
