use serde_json::json;

use crate::support::wire::Exact;

#[tokio::test]
async fn variables_of_organizations_and_teams_have_their_own_addresses() {
    for (place, at, kind) in [
        (json!({ "organizationId": 11 }), "organizations/11", "organization"),
        (json!({ "teamId": 22 }), "teams/22", "team"),
    ] {
        let with = |more: serde_json::Value| {
            let mut arguments = place.clone();
            arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            arguments
        };
        let leaked = |text: String| -> &'static str { text.leak() };
        let list = leaked(format!("/{at}/variables"));
        let one = leaked(format!("/{at}/variables/costCentre"));
        let history = leaked(format!("/{at}/variables/costCentre/history"));
        let answer = |what: &str| -> &'static str {
            match (kind, what) {
                ("organization", "list") => "variables/list_organization_variables",
                ("organization", "create") => "variables/create_organization_variable",
                ("organization", "update") => "variables/update_organization_variable",
                ("organization", "delete") => "variables/delete_organization_variable",
                ("organization", _) => "variables/list_organization_variable_history",
                (_, "list") => "variables/list_team_variables",
                (_, "create") => "variables/create_team_variable",
                (_, "update") => "variables/update_team_variable",
                (_, "delete") => "variables/delete_team_variable",
                _ => "variables/list_team_variable_history",
            }
        };
        Exact::new(
            "make-list-variables",
            with(json!({})),
            ("GET", list, answer("list")),
            leaked(format!("GET {list}")),
        )
        .check()
        .await;
        Exact::new(
            "make-create-variable",
            with(json!({ "name": "costCentre", "typeId": 1, "value": "17" })),
            ("POST", list, answer("create")),
            leaked(format!(r#"POST {list} {{"name":"costCentre","typeId":1,"value":17}}"#)),
        )
        .check()
        .await;
        Exact::new(
            "make-update-variable",
            with(json!({ "name": "costCentre", "typeId": 3, "value": true })),
            ("PATCH", one, answer("update")),
            leaked(format!(r#"PATCH {one} {{"typeId":3,"value":true}}"#)),
        )
        .check()
        .await;
        let history = ("GET", history, answer("history"));
        Exact::new(
            "make-variable-history",
            with(json!({ "name": "costCentre" })),
            history,
            leaked(format!("GET {}", history.1)),
        )
        .check()
        .await;
    }
    Exact::new(
        "make-delete-variable",
        json!({ "organizationId": 11, "name": "costCentre" }),
        (
            "DELETE", "/organizations/11/variables/costCentre",
            "variables/delete_organization_variable",
        ),
        "DELETE /organizations/11/variables/costCentre?confirmed=true",
    )
    .with(&[("GET", "/organizations/11/variables", "variables/list_organization_variables")])
    .check()
    .await;
    Exact::new(
        "make-delete-variable",
        json!({ "teamId": 22, "name": "costCentre" }),
        ("DELETE", "/teams/22/variables/costCentre", "variables/delete_team_variable"),
        "DELETE /teams/22/variables/costCentre?confirmed=true",
    )
    .with(&[
        ("GET", "/teams/22/variables", "variables/list_team_variables"),
        ("GET", "/teams/22", "teams/get_team"),
    ])
    .check()
    .await;
}

#[tokio::test]
async fn a_value_takes_the_type_that_the_variable_has() {
    Exact::new(
        "make-update-variable",
        json!({ "organizationId": 11, "name": "organizationId", "value": "12" }),
        (
            "PATCH",
            "/organizations/11/variables/organizationId",
            "variables/update_organization_variable",
        ),
        r#"PATCH /organizations/11/variables/organizationId {"value":12}"#,
    )
    .with(&[("GET", "/organizations/11/variables", "variables/list_organization_variables")])
    .check()
    .await;
}
