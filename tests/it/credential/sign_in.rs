use std::io;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use make_admin_mcp::{
    credential::{MAKE, NewLogin, Provider, SecretStoreKind},
    make::BaseUrl,
};
use openidconnect::{
    PrivateSigningKey,
    core::{CoreEdDsaPrivateSigningKey, CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256, Sha512};
use tokio::net::TcpStream;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

use super::server::{AuthorizationServer, browse, fields, granted, tokens};

fn base() -> BaseUrl {
    BaseUrl::parse("http://127.0.0.1:1").unwrap()
}

#[tokio::test]
async fn the_code_is_exchanged_with_what_proves_who_asked_for_it() {
    let server = AuthorizationServer::start().await;
    let (sign_in, callback) = server.begun(&["user:read", "teams:read"]).await.unwrap();
    let redirect = callback.redirect();
    let asked = fields(sign_in.address.query().unwrap());
    let expected = [
        ("response_type", "code"),
        ("client_id", "client"),
        ("redirect_uri", &redirect),
        ("scope", "user:read teams:read"),
        ("code_challenge_method", "S256"),
    ];
    for (name, value) in expected {
        assert_eq!(asked[name], value);
    }
    assert_eq!(asked.len(), expected.len() + 2, "beside these state and challenge: {asked:?}");
    assert!(asked["state"].len() >= 16);

    let base = base();
    let brought = [("state", asked["state"].as_str()), ("code", "a code")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let (stored, status) = tokio::join!(
        NewLogin::signed_in(sign_in, callback, &base, SecretStoreKind::File),
        browse(
            &redirect,
            &brought,
            &[("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")]
        ),
    );
    assert_eq!(status, 200);
    assert!(stored.is_ok());
    let exchange = &server.asked().await[0];
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "a code"),
        ("redirect_uri", &redirect),
        ("client_id", "client"),
        ("client_secret", "s3cret & more"),
    ] {
        assert_eq!(exchange[name], value);
    }
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(&exchange["code_verifier"]));
    assert_eq!(challenge, asked["code_challenge"]);
    assert!(exchange["code_verifier"].len() >= 43);
}

#[tokio::test]
async fn a_callback_that_is_not_to_be_trusted_ends_without_tokens() {
    let replaced = |name: &'static str, value: &'static str| {
        move |mut fields: Vec<(String, String)>| {
            fields.retain(|(known, _)| known != name);
            fields.push((name.to_owned(), value.to_owned()));
            fields
        }
    };
    let server = AuthorizationServer::start().await;
    let base = base();
    for (change, part) in [
        (replaced("iss", "https://evil.example"), "comes from https://evil.example and not from"),
        (replaced("error", "access_denied"), "refused: access_denied"),
        (replaced("code", ""), "no code"),
    ] {
        let refused = server.sign_in_with(&[], &base, change).await.err().unwrap();
        assert!(refused.contains(part), "{refused}");
    }
    assert_eq!(server.asked().await.len(), 0, "no code was exchanged");
}

#[tokio::test]
async fn whatever_is_not_the_callback_disturbs_nobody() {
    let server = AuthorizationServer::start().await;
    let (sign_in, callback) = server.begun(&[]).await.unwrap();
    let redirect = callback.redirect();
    let state = fields(sign_in.address.query().unwrap())["state"].clone();
    let brought = |state: &str| {
        [("state", state), ("code", "c")].map(|(name, value)| (name.to_owned(), value.to_owned()))
    };
    let base = base();
    let attacks = async {
        let good = brought(&state);
        let twice = [good.to_vec(), vec![("state".to_owned(), "x".to_owned())]].concat();
        for (fields, headers, expected) in [
            (brought("x").to_vec(), &[][..], 400),
            (brought("").to_vec(), &[], 400),
            (brought(&state[..state.len() - 1]).to_vec(), &[], 400),
            (brought(&format!("{state}x")).to_vec(), &[], 400),
            (good.to_vec(), &[("Host", "evil.example")], 403),
            (good.to_vec(), &[("Host", "127.0.0.1:1")], 403),
            (good[1..].to_vec(), &[], 400),
            (twice, &[], 400),
            (good.to_vec(), &[("Origin", "https://evil.example")], 403),
            (good.to_vec(), &[("Sec-Fetch-Mode", "cors")], 403),
            (good.to_vec(), &[("Sec-Fetch-Dest", "iframe")], 403),
        ] {
            assert_eq!(
                browse(&redirect, &fields, headers).await,
                expected,
                "{fields:?} {headers:?}"
            );
        }
        assert_eq!(browse(&redirect.replace("/callback", "/favicon.ico"), &[], &[]).await, 404);
        // Whoever opens a connection and says nothing holds nobody up.
        let silent = TcpStream::connect(redirect.split('/').nth(2).unwrap()).await.unwrap();
        assert_eq!(browse(&redirect, &good, &[]).await, 200);
        silent
    };
    let (stored, _) =
        tokio::join!(NewLogin::signed_in(sign_in, callback, &base, SecretStoreKind::File), attacks);
    assert!(stored.is_ok());
    assert_eq!(server.asked().await.len(), 1);
    let address = redirect.split('/').nth(2).unwrap();
    let closed = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(closed.kind(), io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn after_five_minutes_nobody_listens_any_more() {
    let server = AuthorizationServer::start().await;
    let (sign_in, callback) = server.begun(&[]).await.unwrap();
    let redirect = callback.redirect();
    let base = base();
    tokio::time::pause();
    let began = tokio::time::Instant::now();
    let late = NewLogin::signed_in(sign_in, callback, &base, SecretStoreKind::File).await;
    assert!(late.err().unwrap().to_string().contains("within five minutes"));
    assert_eq!(began.elapsed().as_secs(), 300);
    tokio::time::resume();
    assert!(TcpStream::connect(redirect.split('/').nth(2).unwrap()).await.is_err());
}

async fn discovered(document: impl Fn(&str) -> Value) -> Result<Provider, String> {
    let server = MockServer::start().await;
    let document = document(&server.uri());
    Mock::given(method("GET"))
        .and(path("/.well-known/openid-configuration"))
        .respond_with(ResponseTemplate::new(200).set_body_json(document))
        .mount(&server)
        .await;
    Provider::discover(&server.uri()).await.map_err(|error| error.to_string())
}

#[tokio::test]
async fn a_discovery_document_is_believed_only_of_itself_and_names_only_safe_addresses() {
    let own = |uri: &str| {
        json!({ "issuer": uri, "authorization_endpoint": format!("{uri}/a"),
    "token_endpoint": format!("{uri}/t") })
    };
    assert!(discovered(own).await.is_ok(), "the fields that Make documents are enough");
    let slash = |uri: &str| {
        json!({ "issuer": format!("{uri}/"),
    "authorization_endpoint": format!("{uri}/a"), "token_endpoint": format!("{uri}/t") })
    };
    assert!(discovered(slash).await.is_ok());
    for (field, value, part) in [
        ("issuer", MAKE, "so it is not trusted"),
        ("issuer", "http://127.0.0.1:1", "so it is not trusted"),
        ("token_endpoint", "http://evil.example/t", "is not https"),
        ("authorization_endpoint", "javascript:alert(1)", "is not https"),
        ("revocation_endpoint", "http://evil.example/r", "is not https"),
        ("jwks_uri", "ftp://evil.example/k", "is not https"),
        ("token_endpoint", "no address", "which is not valid"),
    ] {
        let refused = discovered(|uri| {
            let mut document = own(uri);
            document[field] = json!(value);
            document
        });
        let refused = refused.await.err().unwrap();
        assert!(refused.contains(part), "{field} {value}: {refused}");
    }
    let nothing = Provider::discover("http://127.0.0.1:1").await.err().unwrap();
    assert!(nothing.to_string().contains("127.0.0.1:1"), "{nothing}");
}

/// Ed25519, 32 times the byte 7: it signs for nobody but these tests.
const KEY: &str = "-----BEGIN PRIVATE \
    KEY-----\nMC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n-----END PRIVATE \
    KEY-----";
/// The same of the byte 8.
const OTHER_KEY: &str = "-----BEGIN PRIVATE \
    KEY-----\nMC4CAQAwBQYDK2VwBCIEIAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI\n-----END PRIVATE \
    KEY-----";

fn signed(algorithm: &str, claims: &Value, key: &str) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!("{}.{}", part(&json!({ "alg": algorithm, "typ": "JWT" })), part(claims));
    let signature = match algorithm {
        "EdDSA" => CoreEdDsaPrivateSigningKey::from_ed25519_pem(key, None)
            .unwrap()
            .sign(&CoreJwsSigningAlgorithm::EdDsa, text.as_bytes())
            .unwrap(),
        "HS256" => {
            let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
            mac.update(text.as_bytes());
            mac.finalize().into_bytes().to_vec()
        }
        _ => Vec::new(),
    };
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// A sign-in with `openid` at a server whose ID token is made from good claims.
async fn with_id_token(
    make: impl Fn(&mut Value) -> Option<String> + Send + 'static,
) -> Result<(), String> {
    let issuer = std::sync::Arc::new(std::sync::OnceLock::<String>::new());
    let known = issuer.clone();
    let server = AuthorizationServer::answering(move |asked| {
        let now = jiff::Timestamp::now().as_second();
        let hash = Sha512::digest("access-1");
        let mut claims = json!({
            "iss": known.get().unwrap(), "aud": "client", "sub": "41", "iat": now, "exp": now + 300,
            "nonce": asked["code"], "at_hash": URL_SAFE_NO_PAD.encode(&hash[..32]),
        });
        let token = make(&mut claims);
        let mut answer = tokens(1);
        answer["id_token"] = json!(token);
        ResponseTemplate::new(200).set_body_json(answer)
    })
    .await;
    issuer.set(server.mock.uri()).unwrap();
    let key = CoreEdDsaPrivateSigningKey::from_ed25519_pem(KEY, None).unwrap();
    let keys = CoreJsonWebKeySet::new(vec![key.as_verification_key()]);
    Mock::given(method("GET"))
        .and(path("/jwks"))
        .respond_with(ResponseTemplate::new(200).set_body_json(keys))
        .mount(&server.mock)
        .await;
    server.sign_in(&["openid"], &base()).await.map(drop)
}

#[tokio::test]
async fn an_id_token_is_taken_only_if_all_of_it_is_right() {
    let good = with_id_token(|claims| Some(signed("EdDSA", claims, KEY))).await;
    assert_eq!(good, Ok(()));
    let without_hash = with_id_token(|claims| {
        claims.as_object_mut().unwrap().remove("at_hash");
        Some(signed("EdDSA", claims, KEY))
    });
    assert_eq!(without_hash.await, Ok(()));
    for (claim, value) in [
        ("iss", json!("https://evil.example")),
        ("aud", json!("another client")),
        ("exp", json!(1_000_000_000)),
        ("nonce", json!("another")),
        ("nonce", json!(null)),
        ("at_hash", json!("another")),
    ] {
        let wrong = value.clone();
        let refused = with_id_token(move |claims| {
            claims[claim] = wrong.clone();
            Some(signed("EdDSA", claims, KEY))
        });
        let refused = refused.await.unwrap_err();
        assert!(refused.contains("the ID token is not accepted"), "{claim} {value}: {refused}");
    }
    for (algorithm, key) in [("EdDSA", OTHER_KEY), ("none", ""), ("HS256", "s3cret & more")] {
        let refused = with_id_token(move |claims| {
            // It is the signature that is wrong, and nothing else.
            claims.as_object_mut().unwrap().remove("at_hash");
            Some(signed(algorithm, claims, key))
        });
        let refused = refused.await;
        assert!(refused.unwrap_err().contains("the ID token is not accepted"), "{algorithm}");
    }
    let refused = with_id_token(|_| None).await.unwrap_err();
    assert!(refused.contains("there is none"), "{refused}");
}

#[tokio::test]
async fn an_error_of_the_token_endpoint_is_said_without_secrets() {
    for (answer, part) in [
        (
            ResponseTemplate::new(400).set_body_json(json!({ "error": "invalid_grant",
        "error_description": "no\u{1b}[2J such code 7615989d-d213-48dc-b625-27133ae3f1a8" })),
            "invalid_grant (no\\u{1b}[2J such code 7615989d-…)",
        ),
        (
            ResponseTemplate::new(200).set_body_raw("access-1", "application/json"),
            "not what it should be",
        ),
        (
            ResponseTemplate::new(200).set_body_json(json!({ "refresh_token": "refresh-1" })),
            "not what it should be",
        ),
        (ResponseTemplate::new(500), "empty"),
        (ResponseTemplate::new(302).insert_header("location", "http://127.0.0.1:1/"), "empty"),
    ] {
        let server = AuthorizationServer::answering(move |_| answer.clone()).await;
        let refused = server.sign_in(&[], &base()).await.err().unwrap();
        assert!(refused.contains(part), "{refused}");
        assert!(!refused.contains("access-1") && !refused.contains("s3cret"), "{refused}");
    }
    let server = AuthorizationServer::answering(|_| granted(1)).await;
    assert!(server.sign_in(&[], &base()).await.is_ok());
}
