//! Names beside numbers.

use serde_json::json;
use wiremock::{Mock, ResponseTemplate, matchers::path};

use crate::support::{host::Host, wire::Wire};

#[tokio::test]
async fn roles_time_zones_and_countries_come_with_their_names() {
    let host = Host::sandbox(&[]).await;
    let members =
        host.call("make-list-members", json!({ "organizationId": 11, "limit": 500 })).await;
    let named = |user: u64| {
        let rows = members["userOrganizationRoles"].as_array().unwrap();
        rows.iter().find(|row| row["userId"] == user).unwrap()["usersRoleName"].clone()
    };
    assert_eq!((named(41), named(2)), (json!("Owner"), json!("Member")));
    let all = members["userOrganizationRoles"].as_array().unwrap();
    assert!(all.iter().all(|row| row["usersRoleName"].is_string()), "custom roles too: {members}");
    let own = host.call("make-list-user-roles", json!({})).await;
    assert_eq!(own["userOrganizationRoles"][1]["usersRoleName"], "Admin");
    let team = host.call("make-list-team-members", json!({ "teamId": 24 })).await;
    assert!(team.to_string().contains("Team auditor"), "{team}");
    let profile = host.call("make-get-user", json!({ "includeMemberships": true })).await;
    assert_eq!(profile["authUser"]["userTeamRoles"][0]["usersRoleName"], "Team Admin");
    let organization =
        host.call("make-get-org", json!({ "organizationId": 11 })).await["organization"].clone();
    assert_eq!(organization["timezoneName"], "(GMT+01:00) Europe/Prague");
    assert_eq!(organization["countryName"], "Slovakia");
}

#[tokio::test]
async fn an_answer_does_not_fail_for_a_name() {
    let wire = Wire::new(&[(
        "GET",
        "/organizations/11/user-organization-roles",
        "organization_roles/list_organization_members",
    )])
    .await;
    for at in ["/users/roles", "/enums/timezones"] {
        let refused = ResponseTemplate::new(403).set_body_json(json!({}));
        Mock::given(path(format!("/api/v2{at}")))
            .respond_with(refused)
            .with_priority(1)
            .mount(&wire.server)
            .await;
    }
    let members = wire.host.call("make-list-members", json!({ "organizationId": 11 })).await;
    assert_eq!(members["userOrganizationRoles"][0].get("usersRoleName"), None);
}
