//! A profile that is limited to one organization hears of no other: not in an answer, a resource, a completion or an
//! error.

use make_admin_mcp::catalog::catalog;
use rmcp::model::{ArgumentInfo, CompleteRequestParams, ReadResourceRequestParams, Reference};

use super::*;

/// What only the other organizations of the built-in account have: names, and the addresses of their own people.
const FOREIGN: [&str; 8] = [
    "Birch Consulting", "Cedar Health", "Brightwater Foods", "Copperfield Media", "Fern Studio",
    "Client Work", "Client lead", "ingrid.solberg@brightwater.example",
];

async fn fenced() -> (TempDir, Client) {
    let home = home(&[("acme", "sandbox = true\norganizations = [11]")]);
    let flags = ["--profile", "acme", "--confirm", "off", "--toolsets", "all"];
    let client = serve(home.path(), &flags).await;
    (home, client)
}

#[tokio::test]
async fn no_answer_names_another_organization() {
    for tool in catalog() {
        let (_home, client) = fenced().await;
        let (_, answer) = call(&client, tool.spec.name, tool.spec.example.clone()).await;
        for foreign in FOREIGN {
            assert!(!answer.to_string().contains(foreign), "{}: {answer}", tool.spec.name);
        }
    }
}

#[tokio::test]
async fn lists_about_people_are_cut_and_say_so() {
    let (_home, client) = fenced().await;
    for (tool, arguments, list) in [
        ("make-get-user", json!({ "includeMemberships": true }), "/authUser/userOrganizationRoles"),
        ("make-list-user-roles", json!({ "userId": 41 }), "/userOrganizationRoles"),
        ("make-list-user-team-roles", json!({ "userId": 41 }), "/userTeamRoles"),
    ] {
        let (well, answer) = call(&client, tool, arguments).await;
        assert!(well, "{answer}");
        let rows = answer.pointer(list).unwrap().as_array().unwrap();
        assert!(!rows.is_empty(), "{answer}");
        for row in rows {
            let organization = &row["organizationId"];
            assert!(organization.is_null() || *organization == 11, "{row}");
            assert!(row["teamId"].is_null() || row["teamId"].as_u64() < Some(30), "{row}");
        }
        assert!(answer["leftOut"]["rows"].as_u64() > Some(0), "{tool}: {answer}");
    }
}

#[tokio::test]
async fn resources_and_completion_stay_within_too() {
    let (_home, client) = fenced().await;
    for uri in ["make://user", "make://organizations", "make://organizations/12"] {
        let read = client.read_resource(ReadResourceRequestParams::new(uri)).await;
        let text = format!("{read:?}");
        for foreign in FOREIGN {
            assert!(!text.contains(foreign), "{uri}: {text}");
        }
    }
    for (prompt, argument) in [("access-review", "organization"), ("offboard-person", "person")] {
        let asked = CompleteRequestParams::new(
            Reference::for_prompt(prompt),
            ArgumentInfo::new(argument, ""),
        );
        let values = client.complete(asked).await;
        let text = format!("{values:?}");
        for foreign in FOREIGN {
            assert!(!text.contains(foreign), "{prompt}: {text}");
        }
    }
}

#[tokio::test]
async fn completion_obeys_what_is_excluded() {
    for (flags, some) in [(vec![], true), (vec!["--exclude-tools", "make-list-orgs"], false)] {
        let home = home(&[("acme", "sandbox = true")]);
        let client = serve(home.path(), &[&["--profile", "acme"], &flags[..]].concat()).await;
        let asked = CompleteRequestParams::new(
            Reference::for_prompt("access-review"),
            ArgumentInfo::new("organization", "A"),
        );
        let values = client.complete(asked).await.unwrap().completion.values;
        assert_eq!(!values.is_empty(), some, "{values:?}");
    }
}
