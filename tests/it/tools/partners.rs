use serde_json::json;

use crate::support::wire::Exact;

const LIST: (&str, &str, &str) =
    ("GET", "/organizations/11/managed-organizations", "partners/list_managed_organizations");

#[tokio::test]
async fn each_tool_sends_its_exact_request() {
    let organization = || json!({ "organizationId": 11 });
    Exact::new(
        "make-list-managed-orgs",
        organization(),
        LIST,
        "GET /organizations/11/managed-organizations",
    )
    .check()
    .await;
    Exact::new(
        "make-managed-orgs-consumption",
        organization(),
        (
            "GET",
            "/organizations/11/managed-organizations-consumption",
            "partners/list_managed_organizations_consumption",
        ),
        "GET /organizations/11/managed-organizations-consumption",
    )
    .check()
    .await;
    Exact::new(
        "make-create-managed-org",
        json!({
            "organizationId": 11, "organizationName": "Child", "userEmail": "owner@example.com",
            "userName": "Owner",
            "regionId": 1, "countryId": 1, "operations": 10000
        }),
        ("POST", "/organizations/11/managed-organizations", "partners/create_managed_organization"),
        r#"POST /organizations/11/managed-organizations {"userEmail":"owner@example.com","userName":"Owner","organizationName":"Child","regionId":1,"countryId":1,"operations":10000}"#,
    )
    .check()
    .await;
    Exact::new(
        "make-set-managed-org-operations",
        json!({ "organizationId": 11, "childOrganizationId": 40, "operations": 10000 }),
        (
            "PATCH",
            "/organizations/11/managed-organizations/40",
            "partners/set_managed_organization_operations",
        ),
        r#"PATCH /organizations/11/managed-organizations/40 {"operations":10000}"#,
    )
    .with(&[LIST])
    .check()
    .await;
}
