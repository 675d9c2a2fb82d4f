use std::collections::BTreeSet;

use rmcp::model::{
    ArgumentInfo, CompleteRequestParams, CompletionContext, GetPromptRequestParams,
    ReadResourceRequestParams, Reference,
};

use super::*;

const TOKENS: [&str; 2] =
    ["11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"];

/// Two accounts at two hosts, each of which claims that the other host is its zone.
async fn two() -> (TempDir, [MockServer; 2]) {
    let tokens = tempfile::tempdir().unwrap();
    let first = make("Acme", "127.0.0.1").await;
    let second = make("Beta", &first.address().to_string()).await;
    let servers = [first, second];
    let profiles: Vec<_> = ["acme", "beta"]
        .iter()
        .zip(&servers)
        .zip(TOKENS)
        .map(|((name, server), token)| (*name, at(server, tokens.path(), name, token)))
        .collect();
    let profiles: Vec<_> = profiles.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let home = home(&profiles);
    for file in ["acme.token", "beta.token"] {
        fs::copy(tokens.path().join(file), home.path().join(file)).unwrap();
    }
    // The token files go with the folder that they were made in.
    let text = fs::read_to_string(home.path().join("profiles.toml")).unwrap();
    let text = text.replace(tokens.path().to_str().unwrap(), home.path().to_str().unwrap());
    fs::write(home.path().join("profiles.toml"), text).unwrap();
    (home, servers)
}

#[tokio::test]
async fn no_credential_reaches_the_host_of_another_profile() {
    let (home, servers) = two().await;
    let client =
        serve(home.path(), &["--profiles", "acme,beta", "--confirm", "off", "--toolsets", "all"])
            .await;
    client.list_all_tools().await.unwrap();
    for profile in ["acme", "beta", "*", "beta", "acme"] {
        for (tool, arguments) in [
            ("make-list-orgs", json!({ "profile": profile })),
            ("make-get-user", json!({ "profile": profile })),
            ("make-get-org", json!({ "profile": profile, "organizationId": 11 })),
            ("make-offboard-plan", json!({ "profile": profile, "email": "x@example.com" })),
        ] {
            call(&client, tool, arguments).await;
        }
        if profile != "*" {
            call(
                &client,
                "make-update-org",
                json!({ "profile": profile, "organizationId": 11, "name": "x" }),
            )
            .await;
            client
                .read_resource(ReadResourceRequestParams::new(format!(
                    "make://{profile}/organizations/11"
                )))
                .await
                .unwrap();
        }
    }
    for (server, token) in servers.iter().zip(TOKENS) {
        let requests = server.received_requests().await.unwrap();
        assert!(requests.len() > 10, "{}", requests.len());
        let seen: BTreeSet<_> = requests
            .iter()
            .map(|request| request.headers["authorization"].to_str().unwrap().to_owned())
            .collect();
        assert_eq!(seen, BTreeSet::from([format!("Token {token}")]));
    }
}

#[tokio::test]
async fn an_answer_says_whose_it_is_and_no_cache_is_shared() {
    let (home, _servers) = two().await;
    let client = serve(home.path(), &["--profiles", "acme,beta"]).await;
    for _ in 0..2 {
        for (profile, name) in [("acme", "Acme"), ("beta", "Beta")] {
            let (well, answer) =
                call(&client, "make-get-org", json!({ "profile": profile, "organizationId": 11 }))
                    .await;
            assert!(well, "{answer}");
            assert_eq!(answer.as_object().unwrap().keys().next().unwrap(), "profile");
            assert_eq!(
                (&answer["profile"], &answer["organization"]["name"]),
                (&json!(profile), &json!(name))
            );
        }
    }
    let (well, answer) = call(&client, "make-list-orgs", json!({ "profile": "*" })).await;
    assert!(well, "{answer}");
    let rows: Vec<_> = answer["profiles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["profile"].as_str().unwrap(),
                row["result"]["organizations"][0]["name"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(rows, [("acme", "Acme"), ("beta", "Beta")]);
}

#[tokio::test]
async fn no_failure_of_one_is_hidden_by_the_other() {
    let (home, servers) = two().await;
    servers[1].reset().await;
    Mock::given(any())
        .respond_with(
            ResponseTemplate::new(401).set_body_json(json!({ "detail": "Access denied." })),
        )
        .mount(&servers[1])
        .await;
    let client = serve(home.path(), &["--profiles", "acme,beta"]).await;
    let (well, answer) = call(&client, "make-list-orgs", json!({ "profile": "*" })).await;
    assert!(well, "{answer}");
    assert_eq!(answer["profiles"][0]["result"]["organizations"][0]["name"], "Acme");
    assert_eq!(answer["profiles"][1]["profile"], "beta");
    assert_eq!(answer["profiles"][1]["error"]["kind"], "unauthorized");
    assert!(answer["profiles"][1].get("result").is_none());

    servers[0].reset().await;
    let (well, answer) =
        call(&client, "make-org-usage", json!({ "profile": "*", "organizationId": 11 })).await;
    assert!(!well, "nothing but failures is a failure: {answer}");
    assert_eq!(answer["profiles"][0]["error"]["kind"], "not_found");
}

#[tokio::test]
async fn the_profile_is_asked_for_and_a_change_is_for_one() {
    let (home, servers) = two().await;
    let client = serve(home.path(), &["--profiles", "acme,beta"]).await;
    for server in &servers {
        server.reset().await;
    }
    for (tool, arguments, part) in [
        (
            "make-list-orgs",
            json!({}),
            "`profile` is missing (accepted: \"acme\", \"beta\" or \"*\" for all)",
        ),
        ("make-list-orgs", json!({ "profile": "acne" }), "did you mean \"acme\"?"),
        ("make-list-orgs", json!({ "profile": "Acme" }), "did you mean \"acme\"?"),
        ("make-list-orgs", json!({ "profile": 1 }), "must be text"),
        (
            "make-create-org",
            json!({ "profile": "*", "name": "x", "regionId": 1, "timezoneId": 1, "countryId": 1 }),
            "one account at a time",
        ),
        (
            "make-create-org",
            json!({ "name": "x" }),
            "`profile` is missing (accepted: \"acme\", \"beta\")",
        ),
    ] {
        let (well, answer) = call(&client, tool, arguments).await;
        assert!(!well);
        assert_eq!(answer["error"]["kind"], "invalid_arguments", "{answer}");
        assert!(answer["error"]["message"].as_str().unwrap().contains(part), "{answer}");
    }
    for server in &servers {
        let asked = server.received_requests().await.unwrap();
        let others =
            asked.iter().filter(|request| !request.url.path().ends_with("current-authorization"));
        assert_eq!(others.count(), 0, "nothing was sent");
    }
}

#[tokio::test]
async fn both_forms_of_an_answer_are_in_the_schema() {
    let home = home(&[
        ("acme", "sandbox = true"),
        ("beta", "sandbox = true\nread-only = true\ntoolsets = [\"orgs\"]"),
    ]);
    let client = serve(home.path(), &["--profiles", "acme,beta"]).await;
    let tools = client.list_all_tools().await.unwrap();
    let tool = |name: &str| tools.iter().find(|tool| tool.name == name).unwrap();
    let profile = |name: &str| tool(name).input_schema["properties"]["profile"]["enum"].clone();
    assert_eq!(profile("make-list-orgs"), json!(["acme", "beta", "*"]));
    assert_eq!(profile("make-list-users"), json!(["acme", "*"]), "beta has not this toolset");
    assert_eq!(
        profile("make-create-org"),
        json!(["acme"]),
        "beta is read-only, and a change is for one"
    );
    for described in &tools {
        assert_eq!(described.input_schema["required"][0], "profile", "{}", described.name);
        jsonschema::validator_for(&Value::Object(described.input_schema.as_ref().clone())).unwrap();
    }

    for name in ["make-list-orgs", "make-auth-status", "make-list-users", "make-access-review"] {
        let schema = Value::Object(tool(name).output_schema.as_ref().unwrap().as_ref().clone());
        let validator = jsonschema::validator_for(&schema).unwrap();
        for profile in ["acme", "*"] {
            let arguments = match name {
                "make-list-users" | "make-access-review" => {
                    json!({ "profile": profile, "organizationId": 11 })
                }
                _ => json!({ "profile": profile }),
            };
            let (well, answer) = call(&client, name, arguments).await;
            assert!(well, "{answer}");
            assert!(validator.is_valid(&answer), "{name}: {answer}");
            assert_eq!(answer.get("profiles").is_some(), profile == "*");
            // A schema that takes anything says nothing.
            let mut wrong = answer.clone();
            let place = if profile == "*" {
                &mut wrong["profiles"][0]["profile"]
            } else {
                &mut wrong["profile"]
            };
            *place = json!(1);
            assert!(!validator.is_valid(&wrong), "{name}");
        }
    }
    let (_, answer) =
        call(&client, "make-list-users", json!({ "profile": "*", "organizationId": 11 })).await;
    assert_eq!(answer["profiles"][1]["error"]["kind"], "refused_by_policy", "{answer}");
}

#[tokio::test]
async fn accounts_journals_and_plans_are_separate() {
    let home = home(&[("acme", "sandbox = true"), ("beta", "sandbox = true")]);
    let client = serve(home.path(), &["--profiles", "acme,beta", "--toolsets", "all"]).await;
    let team = json!({ "profile": "acme", "organizationId": 11, "name": "New" });
    let (well, answer) = call(&client, "make-create-team", team).await;
    assert!(well, "{answer}");
    let teams = async |profile: &str| {
        let (_, answer) =
            call(&client, "make-list-teams", json!({ "profile": profile, "organizationId": 11 }))
                .await;
        answer["teams"].as_array().unwrap().iter().any(|team| team["name"] == "New")
    };
    assert!(teams("acme").await && !teams("beta").await);
    assert!(home.path().join("state/acme/journal.jsonl").exists());
    assert!(!home.path().join("state/beta").exists());

    let token = |profile: &str, confirmation: Option<&Value>| {
        let mut arguments = json!({ "profile": profile, "label": "x", "scope": ["user:read"] });
        if let Some(id) = confirmation {
            arguments["confirmation"] = id.clone();
        }
        call(&client, "make-create-token", arguments)
    };
    let (_, planned) = token("acme", None).await;
    assert_eq!(
        (&planned["profile"], &planned["outcome"]),
        (&json!("acme"), &json!("confirmation_required"))
    );
    let id = &planned["plan"]["id"];
    let (well, refused) = token("beta", Some(id)).await;
    assert!(!well && refused["error"]["kind"] == "refused_by_policy", "{refused}");
    let (well, done) = token("acme", Some(id)).await;
    assert!(well && done["outcome"] == "applied", "{done}");
    assert_eq!(
        fs::read_to_string(home.path().join("state/beta/journal.jsonl")).unwrap().lines().count(),
        1,
        "the refusal"
    );
}

#[tokio::test]
async fn resources_prompts_and_completion_know_the_profiles() {
    let (home, _servers) = two().await;
    let client = serve(home.path(), &["--profiles", "acme,beta"]).await;
    let uris: Vec<_> =
        client.list_all_resources().await.unwrap().into_iter().map(|one| one.uri.clone()).collect();
    assert!(
        uris.contains(&"make://acme/user".to_owned())
            && uris.contains(&"make://beta/organizations".to_owned()),
        "{uris:?}"
    );
    let templates = client.list_all_resource_templates().await.unwrap();
    let template = templates
        .iter()
        .find(|one| one.uri_template == "make://{profile}/organizations/{organizationId}")
        .unwrap();

    let read = async |uri: &str| {
        let result =
            client.read_resource(ReadResourceRequestParams::new(uri)).await.map_err(|_| ())?;
        let whole = serde_json::to_value(&result.contents[0]).unwrap();
        Ok::<Value, ()>(serde_json::from_str(whole["text"].as_str().unwrap()).unwrap())
    };
    assert_eq!(read("make://beta/organizations/11").await.unwrap()["organization"]["name"], "Beta");
    for wrong in ["make://organizations/11", "make://gamma/user", "make://*/user", "make:///user"] {
        assert!(read(wrong).await.is_err(), "{wrong}");
    }

    let complete = async |reference: Reference, name: &str, value: &str, given: &[(&str, &str)]| {
        let mut request = CompleteRequestParams::new(reference, ArgumentInfo::new(name, value));
        let given =
            given.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        request.context = Some(CompletionContext::with_arguments(given));
        client.complete(request).await.unwrap().completion.values
    };
    let uri = || Reference::for_resource(template.uri_template.clone());
    assert_eq!(complete(uri(), "profile", "", &[]).await, ["acme", "beta"]);
    assert_eq!(complete(uri(), "profile", "b", &[]).await, ["beta"]);
    assert_eq!(complete(uri(), "organizationId", "", &[("profile", "beta")]).await, ["11"]);
    let prompt = || Reference::for_prompt("access-review");
    assert_eq!(complete(prompt(), "organization", "", &[("profile", "beta")]).await, ["Beta"]);
    assert!(complete(prompt(), "organization", "", &[]).await.is_empty(), "nobody said where");

    let ask = async |profile: Option<&str>| {
        let mut arguments = json!({ "organization": "Acme" });
        if let Some(profile) = profile {
            arguments["profile"] = json!(profile);
        }
        let mut request = GetPromptRequestParams::new("access-review");
        request.arguments = arguments.as_object().cloned();
        client
            .get_prompt(request)
            .await
            .map(|result| serde_json::to_string(&result.messages).unwrap())
    };
    assert!(ask(Some("beta")).await.unwrap().contains("Work in the profile beta"));
    assert!(ask(None).await.is_err() && ask(Some("gamma")).await.is_err());
    let instructions = client.peer_info().unwrap().instructions.clone().unwrap();
    assert!(
        instructions.contains("acme (127.0.0.1:") && instructions.contains("beta ("),
        "{instructions}"
    );
}

#[tokio::test]
async fn ids_of_roles_and_private_spaces_do_not_slip_past_the_organizations_of_a_profile() {
    let home = home(&[("birch", "sandbox = true\norganizations = [12]")]);
    let client =
        serve(home.path(), &["--profile", "birch", "--confirm", "off", "--toolsets", "all"]).await;
    for (tool, arguments) in [
        ("make-get-private-space", json!({ "privateSpaceId": 101 })),
        ("make-update-private-space", json!({ "privateSpaceId": 101, "operationsLimit": 5 })),
        ("make-get-role", json!({ "roleId": 43 })),
        ("make-delete-role", json!({ "roleId": 43, "organizationId": 12 })),
        (
            "make-set-managed-org-operations",
            json!({
                "organizationId": 12, "childOrganizationId": 40, "operations": 20000
            }),
        ),
    ] {
        let (answered, answer) = call(&client, tool, arguments).await;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert!(!answered && message.contains("may not work with"), "{tool}: {answer}");
    }
    let (answered, role) = call(&client, "make-get-role", json!({ "roleId": 46 })).await;
    assert!(answered, "{role}");
}

#[tokio::test]
async fn a_profile_keeps_to_its_organizations() {
    let home = home(&[("acme", "sandbox = true\norganizations = [11]")]);
    let client =
        serve(home.path(), &["--profile", "acme", "--confirm", "off", "--toolsets", "all"]).await;
    let (_, orgs) = call(&client, "make-list-orgs", json!({})).await;
    let ids: Vec<_> =
        orgs["organizations"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, [11]);
    assert!(orgs["page"]["note"].as_str().unwrap().contains("left out"), "{orgs}");
    for (tool, arguments, well) in [
        ("make-get-org", json!({ "organizationId": 11 }), true),
        ("make-get-org", json!({ "organizationId": 12 }), false),
        ("make-audit-org", json!({ "organizationId": 12 }), false),
        ("make-get-team", json!({ "teamId": 22 }), true),
        ("make-get-team", json!({ "teamId": 31 }), false),
        ("make-get-role", json!({ "roleId": 13 }), true),
        ("make-get-role", json!({ "roleId": 43 }), true),
        ("make-get-role", json!({ "roleId": 46 }), false),
        ("make-get-private-space", json!({ "privateSpaceId": 101 }), true),
        ("make-update-org", json!({ "organizationId": 12, "name": "x" }), false),
        ("make-update-org", json!({ "organizationId": 11, "name": "x" }), true),
    ] {
        let (answered, answer) = call(&client, tool, arguments.clone()).await;
        assert_eq!(answered, well, "{tool} {arguments}: {answer}");
        if !well {
            assert!(
                answer["error"]["message"].as_str().unwrap().contains("may not work with"),
                "{answer}"
            );
        }
    }
}
