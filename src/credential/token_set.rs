//! What an authorization server granted: tokens, and how they are renewed (RFC 6749 section 6) and revoked (RFC 7009).

use jiff::{SignedDuration, Timestamp};
use openidconnect::{
    AuthType, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    IssuerUrl, JsonWebKeySet, OAuth2TokenResponse, RefreshToken, RequestTokenError, TokenUrl,
    core::{CoreClient, CoreJsonWebKeySet, CoreRequestTokenError, CoreTokenResponse},
    http,
    url::form_urlencoded,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    error::SignInError,
    http::{WebError, post_form, send, shown},
};
use crate::make::{Credential, without_secrets};

/// Tokens are renewed this long before they end, or after four fifths of a shorter life.
const EARLY: SignedDuration = SignedDuration::from_secs(60);

/// Fields of a request for tokens that no message may repeat.
const SECRET_FIELDS: [&str; 4] = ["refresh_token", "client_secret", "code", "code_verifier"];

/// A client that is registered with an authorization server.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OauthClient {
    /// Its id.
    pub id: String,
    /// Its secret; None for a public client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// What an authorization server granted, and where it is renewed and revoked.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TokenSet {
    pub(super) issuer: String,
    pub(super) client: OauthClient,
    endpoints: Endpoints,
    pub(super) access_token: String,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
    pub(super) refresh_token: Option<String>,
    /// The scopes that were granted, where the server said so.
    pub(super) scope: Option<Vec<String>>,
    /// Why the refresh token is no good any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended: Option<String>,
}

/// Where tokens are renewed and revoked.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Endpoints {
    pub(super) token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) revocation: Option<String>,
    /// Whether the client shows itself in the `Authorization` header rather than in the form.
    pub(super) in_header: bool,
}

/// Why tokens were not renewed.
pub(super) enum NotRenewed {
    /// The refresh token is no good any more.
    Ended(String),
    /// The server does not take the client or the request; asking again changes nothing.
    Refused(String),
    /// It may go better the next time.
    Passing(String),
}

impl TokenSet {
    /// What an answer to a request of that moment grants.
    pub(super) fn new(
        issuer: String,
        client: OauthClient,
        endpoints: Endpoints,
        answer: &CoreTokenResponse,
        asked_at: Timestamp,
    ) -> Self {
        let empty = Self {
            issuer,
            client,
            endpoints,
            access_token: String::new(),
            issued_at: asked_at,
            expires_at: None,
            refresh_token: None,
            scope: None,
            ended: None,
        };
        empty.with(answer, asked_at)
    }

    /// The access token, of the sign-in of that id.
    pub(super) fn credential(&self, id: &str) -> Credential {
        Credential::access_token(&self.access_token, id)
    }

    /// When to renew it; None if unknown.
    pub(super) fn renew_at(&self) -> Option<Timestamp> {
        let end = self.expires_at?;
        let early = (end.duration_since(self.issued_at) / 5).min(EARLY);
        end.checked_sub(early).ok()
    }

    /// The grant with the tokens of an answer to a request of that moment. A refresh token stays if no new one came.
    fn with(self, answer: &CoreTokenResponse, asked_at: Timestamp) -> Self {
        let lifetime =
            answer.expires_in().and_then(|lifetime| SignedDuration::try_from(lifetime).ok());
        let scope = answer.scopes().map(|scopes| {
            scopes.iter().flat_map(|scope| scope.split([' ', ','])).map(str::to_owned).collect()
        });
        Self {
            access_token: answer.access_token().secret().clone(),
            issued_at: asked_at,
            expires_at: lifetime.and_then(|lifetime| asked_at.checked_add(lifetime).ok()),
            refresh_token: answer
                .refresh_token()
                .map(|token| token.secret().clone())
                .or(self.refresh_token),
            scope: scope.or(self.scope),
            ended: None,
            ..self
        }
    }

    /// The grant, known to be over.
    pub(super) fn over(self, why: &str) -> Self {
        Self { ended: Some(why.to_owned()), ..self }
    }

    /// Buys new tokens with the refresh token.
    pub(super) async fn renewed(&self) -> Result<Self, NotRenewed> {
        let Some(refresh_token) = &self.refresh_token else {
            return Err(NotRenewed::Ended("there is no refresh token".to_owned()));
        };
        let token_client = token_client(
            &self.issuer,
            &self.endpoints.token,
            &self.client,
            self.endpoints.in_header,
            JsonWebKeySet::default(),
        );
        let token_client = token_client.map_err(|error| NotRenewed::Refused(error.to_string()))?;
        let asked_at = Timestamp::now();
        let token = RefreshToken::new(refresh_token.clone());
        let answer =
            token_client.exchange_refresh_token(&token).request_async(&send_for_tokens).await;
        match answer {
            Ok(answer) => Ok(self.clone().with(&answer, asked_at)),
            Err(error) => Err(not_renewed(&error)),
        }
    }

    /// Withdraws both tokens at the server (RFC 7009). The error says what is left to do.
    pub(super) async fn revoked(&self) -> Result<(), SignInError> {
        let Some(endpoint) = &self.endpoints.revocation else {
            return Err(SignInError(format!(
                "{} has no way to revoke tokens, so withdraw the client's access in your Make \
                 profile",
                self.issuer
            )));
        };
        let refresh_token = self.refresh_token.iter().map(|token| ("refresh_token", token));
        for (hint, token) in refresh_token.chain([("access_token", &self.access_token)]) {
            let mut fields = vec![("token", token.as_str()), ("token_type_hint", hint)];
            let OauthClient { id, secret } = &self.client;
            let basic =
                secret.as_ref().filter(|_| self.endpoints.in_header).map(|secret| (id, secret));
            if basic.is_none() {
                fields.push(("client_id", id));
                fields.extend(secret.as_ref().map(|secret| ("client_secret", secret.as_str())));
            }
            match post_form(endpoint, &fields, basic).await {
                Ok(status) if status.is_success() => {}
                Ok(status) => return Err(SignInError(format!("{endpoint} answered {status}"))),
                Err(error) => return Err(SignInError(format!("{endpoint}: {error}"))),
            }
        }
        Ok(())
    }
}

/// Speaks with a token endpoint.
type TokenEndpointClient<Authorization = EndpointNotSet> = CoreClient<
    Authorization,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

/// A token client that also knows the authorization address.
pub(super) type TokenClient = TokenEndpointClient<EndpointSet>;

pub(super) fn token_client(
    issuer: &str,
    token_endpoint: &str,
    client: &OauthClient,
    in_header: bool,
    keys: CoreJsonWebKeySet,
) -> Result<TokenEndpointClient, SignInError> {
    let wrong =
        |error: openidconnect::url::ParseError| SignInError(format!("a wrong address: {error}"));
    let issuer = IssuerUrl::new(issuer.to_owned()).map_err(wrong)?;
    let auth_type = if in_header { AuthType::BasicAuth } else { AuthType::RequestBody };
    let token_client = CoreClient::new(ClientId::new(client.id.clone()), issuer, keys)
        .set_token_uri(TokenUrl::new(token_endpoint.to_owned()).map_err(wrong)?)
        .set_auth_type(auth_type);
    Ok(match &client.secret {
        Some(secret) => token_client.set_client_secret(ClientSecret::new(secret.clone())),
        None => token_client,
    })
}

/// Sends a request for tokens and brings the answer into the documented form, as far as a real one may be from it: a
/// refresh token in an answer that cannot be read would be lost.
pub(super) async fn send_for_tokens(request: HttpRequest) -> Result<HttpResponse, WebError> {
    let sent: Vec<_> = form_urlencoded::parse(request.body()).into_owned().collect();
    let mut response = send(request).await?;
    if !response.status().is_success() {
        // What was sent is secret, and an error may repeat it.
        let secret = sent.iter().filter(|(name, _)| SECRET_FIELDS.contains(&name.as_str()));
        let secrets: Vec<_> = secret.map(|(_, value)| value.as_str()).collect();
        let body = std::mem::take(response.body_mut());
        *response.body_mut() = without_secrets(body, &secrets);
    }
    if response.status().is_success()
        && let Ok(Value::Object(mut answer)) = serde_json::from_slice(response.body())
        && answer.contains_key("access_token")
    {
        answer.entry("token_type").or_insert_with(|| json!("Bearer"));
        let lifetime = answer.get("expires_in").and_then(whole_seconds);
        answer.insert("expires_in".to_owned(), lifetime.into());
        answer.retain(|_, value| !value.is_null());
        let json = http::HeaderValue::from_static("application/json");
        response.headers_mut().insert(http::header::CONTENT_TYPE, json);
        *response.status_mut() = http::StatusCode::OK;
        *response.body_mut() = Value::Object(answer).to_string().into_bytes();
    }
    Ok(response)
}

/// Some servers write numbers as texts or with a fraction.
fn whole_seconds(value: &Value) -> Option<u64> {
    value
        .as_u64()
        .or_else(|| value.as_f64().map(|seconds| seconds as u64))
        .or_else(|| value.as_str()?.trim().parse().ok())
}

/// Why there were no tokens, in one line. What cannot be read is not shown, since it may hold some.
pub(super) fn reason(error: &CoreRequestTokenError<WebError>) -> String {
    match error {
        RequestTokenError::ServerResponse(response) => {
            let code = shown(response.error().as_ref());
            match response.error_description() {
                Some(text) => format!("{code} ({})", shown(text)),
                None => code,
            }
        }
        RequestTokenError::Request(error) => error.to_string(),
        RequestTokenError::Parse(..) => "the answer is not what it should be".to_owned(),
        RequestTokenError::Other(problem) => shown(problem),
    }
}

fn not_renewed(error: &CoreRequestTokenError<WebError>) -> NotRenewed {
    let reason = reason(error);
    let RequestTokenError::ServerResponse(response) = error else {
        return NotRenewed::Passing(reason);
    };
    // RFC 6749 section 5.2.
    match response.error().as_ref() {
        "invalid_grant" => NotRenewed::Ended(reason),
        "invalid_client"
        | "unauthorized_client"
        | "unsupported_grant_type"
        | "invalid_scope"
        | "invalid_request" => NotRenewed::Refused(reason),
        _ => NotRenewed::Passing(reason),
    }
}
