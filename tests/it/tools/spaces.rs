use serde_json::json;

use crate::support::wire::Exact;

#[tokio::test]
async fn each_tool_sends_its_exact_request() {
    Exact::new(
        "make-list-private-spaces",
        json!({ "organizationId": 11, "externalId": "x/1", "limit": 7 }),
        ("GET", "/private-spaces", "spaces/list_private_spaces"),
        "GET /private-spaces?organizationId=11&externalId=x%2F1&pg%5Boffset%5D=0&pg%5Blimit%5D=7",
    )
    .check()
    .await;
    Exact::new(
        "make-get-private-space",
        json!({ "privateSpaceId": 101 }),
        ("GET", "/private-spaces/101", "spaces/get_private_space"),
        "GET /private-spaces/101",
    )
    .check()
    .await;
    for (arguments, request) in [
        (
            json!({ "privateSpaceId": 101, "operationsLimit": 100 }),
            r#"PATCH /private-spaces/101?confirmed=true {"operationsLimit":100}"#,
        ),
        (
            json!({ "privateSpaceId": 101, "unlimited": true }),
            r#"PATCH /private-spaces/101?confirmed=true {"operationsLimit":null}"#,
        ),
    ] {
        Exact::new(
            "make-update-private-space",
            arguments,
            ("PATCH", "/private-spaces/101", "spaces/update_private_space"),
            request,
        )
        .with(&[("GET", "/private-spaces/101", "spaces/get_private_space")])
        .check()
        .await;
    }
}
