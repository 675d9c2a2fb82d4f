use serde_json::json;

use crate::support::wire::{Wire, fixture};

#[tokio::test]
async fn teams_are_listed() {
    let wire = Wire::new(&[("GET", "/teams", "teams/list_teams")]).await;
    let arguments = json!({ "organizationId": 11, "includePrivateSpaces": true, "cols": ["*"], "sortBy": "id" });
    let answer = wire.host.call("make-list-teams", arguments).await;
    assert_eq!(
        wire.requests().await,
        [
            "GET /teams?organizationId=11&includePrivateSpaces=true&cols%5B%5D=%2A\
          &pg%5Boffset%5D=0&pg%5Blimit%5D=50&pg%5BsortBy%5D=id"
        ]
    );
    assert_eq!(answer["teams"], fixture("teams/list_teams")["teams"]);
}
