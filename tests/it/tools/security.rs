use serde_json::json;

use crate::support::wire::Exact;

#[tokio::test]
async fn each_tool_sends_its_exact_request() {
    let read = [
        Exact::new(
            "make-list-sso-certificates",
            json!({ "organizationId": 11 }),
            ("GET", "/organizations/11/sso-certificates", "security/list_sso_certificates"),
            "GET /organizations/11/sso-certificates?type=saml",
        ),
        Exact::new(
            "make-list-feature-controls",
            json!({ "organizationId": 11 }),
            ("GET", "/organizations/11/feature-controls", "security/list_feature_controls"),
            "GET /organizations/11/feature-controls",
        ),
        Exact::new(
            "make-list-feature-controls",
            json!({ "teamId": 22 }),
            ("GET", "/teams/22/feature-controls", "security/list_team_feature_controls"),
            "GET /teams/22/feature-controls",
        ),
        Exact::new(
            "make-list-org-apps",
            json!({ "organizationId": 11 }),
            ("GET", "/organizations/11/apps", "security/list_organization_apps"),
            "GET /organizations/11/apps",
        ),
        Exact::new(
            "make-check-team-permission",
            json!({ "organizationId": 11, "teamPermission": "scenario add" }),
            ("GET", "/organizations/11/check-team-permission", "security/check_team_permission"),
            "GET /organizations/11/check-team-permission?teamPermission=scenario%20add",
        ),
    ];
    for exact in read {
        exact.check().await;
    }
    Exact::new(
        "make-set-tfa-enforcement",
        json!({ "organizationId": 11, "enable": true }),
        ("PATCH", "/organizations/11/tfa-enforcement", "security/set_tfa_enforcement"),
        r#"PATCH /organizations/11/tfa-enforcement {"enable":true}"#,
    )
    .check()
    .await;
    Exact::new(
        "make-set-feature-control",
        json!({ "organizationId": 11, "id": 2, "enabled": true }),
        ("PATCH", "/organizations/11/feature-controls", "security/set_feature_control"),
        r#"PATCH /organizations/11/feature-controls {"id":2,"enabled":true}"#,
    )
    .with(&[("GET", "/organizations/11/feature-controls", "security/list_feature_controls")])
    .check()
    .await;
}
