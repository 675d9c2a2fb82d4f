//! An authorization server that answers as it is told, and the browser of a person who agrees.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use make_admin_mcp::{
    credential::{Callback, NewLogin, OauthClient, Provider, SecretStoreKind, SignIn},
    make::BaseUrl,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{method, path},
};

pub(super) type Fields = HashMap<String, String>;

/// The fields of a form or a query.
pub(super) fn fields(text: &str) -> Fields {
    openidconnect::url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

type Answering = Arc<Mutex<dyn FnMut(&Fields) -> ResponseTemplate + Send>>;

pub(super) struct AuthorizationServer {
    pub(super) mock: MockServer,
}

impl AuthorizationServer {
    /// One that grants `access-1` and `refresh-1`, `access-2` and `refresh-2`, … for an hour.
    pub(super) async fn start() -> Self {
        let mut count = 0;
        Self::answering(move |_| {
            count += 1;
            granted(count)
        })
        .await
    }

    /// One whose token endpoint answers like this.
    pub(super) async fn answering(
        answer: impl FnMut(&Fields) -> ResponseTemplate + Send + 'static,
    ) -> Self {
        let mock = MockServer::start().await;
        let uri = mock.uri();
        let discovery = json!({
            "issuer": uri,
            "authorization_endpoint": format!("{uri}/authorize"),
            "token_endpoint": format!("{uri}/token"),
            "revocation_endpoint": format!("{uri}/revoke"),
            "jwks_uri": format!("{uri}/jwks"),
            "id_token_signing_alg_values_supported": ["EdDSA", "HS256", "none"],
        });
        Mock::given(method("GET"))
            .and(path("/.well-known/openid-configuration"))
            .respond_with(ResponseTemplate::new(200).set_body_json(discovery))
            .mount(&mock)
            .await;
        let answer: Answering = Arc::new(Mutex::new(answer));
        Mock::given(method("POST"))
            .and(path("/token"))
            .respond_with(move |request: &Request| {
                let fields = fields(std::str::from_utf8(&request.body).unwrap());
                (answer.lock().unwrap())(&fields)
            })
            .mount(&mock)
            .await;
        Self { mock }
    }

    /// The requests to the token endpoint, oldest first.
    pub(super) async fn asked(&self) -> Vec<Fields> {
        let all = self.mock.received_requests().await.unwrap();
        all.iter()
            .filter(|request| request.url.path() == "/token")
            .map(|request| fields(std::str::from_utf8(&request.body).unwrap()))
            .collect()
    }

    /// A sign-in that waits for the browser.
    pub(super) async fn begun(&self, scopes: &[&str]) -> Result<(SignIn, Callback), String> {
        let provider =
            Provider::discover(&self.mock.uri()).await.map_err(|error| error.to_string())?;
        let callback = Callback::listen(None).await.unwrap();
        let scopes: Vec<_> = scopes.iter().map(ToString::to_string).collect();
        let client =
            OauthClient { id: "client".to_owned(), secret: Some("s3cret & more".to_owned()) };
        let sign_in = provider
            .sign_in(client, &callback.redirect(), &scopes)
            .map_err(|error| error.to_string())?;
        Ok((sign_in, callback))
    }

    /// A sign-in in which the person agrees.
    pub(super) async fn sign_in(
        &self,
        scopes: &[&str],
        base: &BaseUrl,
    ) -> Result<NewLogin, String> {
        self.sign_in_with(scopes, base, |callback| callback).await
    }

    /// The same with a callback that somebody changed. It begins with state and code.
    pub(super) async fn sign_in_with(
        &self,
        scopes: &[&str],
        base: &BaseUrl,
        change: impl FnOnce(Vec<(String, String)>) -> Vec<(String, String)>,
    ) -> Result<NewLogin, String> {
        let (sign_in, callback) = self.begun(scopes).await?;
        let redirect = callback.redirect();
        let asked = fields(sign_in.address.query().unwrap());
        // Fakes that sign need the nonce of this sign-in; they find it in the code.
        let code = asked.get("nonce").map_or("code", String::as_str);
        let brought = change(vec![
            ("state".to_owned(), asked["state"].clone()),
            ("code".to_owned(), code.to_owned()),
        ]);
        let (stored, _) = tokio::join!(
            NewLogin::signed_in(sign_in, callback, base, SecretStoreKind::File),
            browse(&redirect, &brought, &[]),
        );
        stored.map_err(|error| error.to_string())
    }
}

pub(super) fn granted(number: u32) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(tokens(number))
}

pub(super) fn tokens(number: u32) -> Value {
    json!({
        "access_token": format!("access-{number}"), "token_type": "Bearer", "expires_in": 3600,
        "refresh_token": format!("refresh-{number}"),
    })
}

/// The browser is sent to `redirect` with these fields; the status of what it sees.
pub(super) async fn browse(
    redirect: &str,
    brought: &[(String, String)],
    headers: &[(&str, &str)],
) -> u16 {
    let address = openidconnect::url::Url::parse_with_params(redirect, brought).unwrap();
    let own = format!("127.0.0.1:{}", address.port().unwrap());
    let mut stream = TcpStream::connect(&own).await.unwrap();
    let host = headers.iter().find(|(name, _)| *name == "Host");
    let mut request = format!(
        "GET {}?{} HTTP/1.1\r\nHost: {}\r\n",
        address.path(),
        address.query().unwrap_or_default(),
        host.map_or(own.as_str(), |(_, host)| host),
    );
    for (name, value) in headers.iter().filter(|(name, _)| *name != "Host") {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}
