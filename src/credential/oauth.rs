//! Signing in with an authorization server: discovery, authorization code with PKCE, ID token.
//!
//! Sources: RFC 6749, 7636 (PKCE), 8252 (native apps), 9207 (issuer in the callback), OpenID Connect Core and Discovery.

use jiff::Timestamp;
use openidconnect::{
    AccessTokenHash, AuthUrl, AuthorizationCode, CsrfToken, JsonWebKeySet, JsonWebKeySetUrl,
    JwsSigningAlgorithm, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, TokenResponse,
    core::{
        CoreAuthenticationFlow, CoreIdTokenVerifier, CoreJsonWebKeySet, CoreJwsSigningAlgorithm,
        CoreTokenResponse,
    },
    http,
    url::Url,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use super::error::SignInError;
use super::{
    callback::Expected,
    http::{may_be_asked, send, shown},
    token_set::{
        Endpoints, OauthClient, TokenClient, TokenSet, reason, send_for_tokens, token_client,
    },
};

/// Make's authorization server.
pub const MAKE: &str = "https://www.make.com";

/// An authorization server, as its discovery document describes it.
#[derive(Clone, Debug, Deserialize)]
pub struct Provider {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    revocation_endpoint: Option<String>,
    jwks_uri: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Vec<String>,
    #[serde(default)]
    id_token_signing_alg_values_supported: Vec<Value>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// A sign-in under way.
pub struct SignIn {
    /// Where the person's browser goes.
    pub address: Url,
    provider: Provider,
    client: OauthClient,
    redirect: RedirectUrl,
    state: CsrfToken,
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    with_id_token: bool,
}

impl Provider {
    /// Reads the discovery document of an issuer.
    pub async fn discover(issuer: &str) -> Result<Self, SignInError> {
        let issuer = issuer.trim_end_matches('/');
        let found: Self = get(&format!("{issuer}/.well-known/openid-configuration")).await?;
        if !is_of(&found.issuer, issuer) {
            return Err(SignInError(format!(
                "{issuer} says that it is {}, so it is not trusted",
                shown(&found.issuer)
            )));
        }
        let endpoints = [&found.authorization_endpoint, &found.token_endpoint];
        let further = [&found.revocation_endpoint, &found.jwks_uri];
        for endpoint in endpoints.into_iter().chain(further.into_iter().flatten()) {
            let address: http::Uri = endpoint.parse().map_err(|_| {
                SignInError(format!(
                    "{issuer} names the address {}, which is not valid",
                    shown(endpoint)
                ))
            })?;
            may_be_asked(&address)
                .map_err(|why| SignInError(format!("{}: {why}", shown(endpoint))))?;
        }
        Ok(found)
    }

    /// Begins a sign-in that comes back to `redirect`.
    pub fn sign_in(
        self,
        client: OauthClient,
        redirect: &str,
        scopes: &[String],
    ) -> Result<SignIn, SignInError> {
        let redirect = RedirectUrl::new(redirect.to_owned())
            .map_err(|error| SignInError(error.to_string()))?;
        let with_id_token = scopes.iter().any(|scope| scope == "openid");
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let token_client = self
            .token_client(&client, JsonWebKeySet::default())?
            .disable_openid_scope()
            .set_redirect_uri(redirect.clone());
        let (address, state, nonce) = token_client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(challenge)
            .url();
        // A nonce belongs to an ID token; servers refuse one without the other.
        let address = if with_id_token { address } else { without(address, "nonce") };
        Ok(SignIn {
            address,
            provider: self,
            client,
            redirect,
            state,
            nonce,
            verifier,
            with_id_token,
        })
    }

    /// Whether the server wants the client's id and secret in the header. Make documents the form.
    fn wants_header(&self) -> bool {
        let methods = &self.token_endpoint_auth_methods_supported;
        let has = |method: &str| methods.iter().any(|known| known == method);
        has("client_secret_basic") && !has("client_secret_post")
    }

    fn token_client(
        &self,
        client: &OauthClient,
        keys: CoreJsonWebKeySet,
    ) -> Result<TokenClient, SignInError> {
        let authorization = AuthUrl::new(self.authorization_endpoint.clone());
        let token_client =
            token_client(&self.issuer, &self.token_endpoint, client, self.wants_header(), keys)?;
        Ok(token_client
            .set_auth_uri(authorization.map_err(|error| SignInError(error.to_string()))?))
    }

    /// The keys and algorithms that ID tokens are signed with; never a shared secret and never nothing.
    async fn keys(&self) -> Result<(CoreJsonWebKeySet, Vec<CoreJwsSigningAlgorithm>), SignInError> {
        let address = self.jwks_uri.clone().ok_or_else(|| {
            SignInError(format!("{} names no keys for its ID tokens", self.issuer))
        })?;
        let address =
            JsonWebKeySetUrl::new(address).map_err(|error| SignInError(error.to_string()))?;
        let keys = get(address.as_str()).await?;
        let asymmetric = self
            .id_token_signing_alg_values_supported
            .iter()
            .filter_map(|name| CoreJwsSigningAlgorithm::deserialize(name).ok())
            .filter(|algorithm| {
                *algorithm != CoreJwsSigningAlgorithm::None && !algorithm.uses_shared_secret()
            });
        let mut algorithms: Vec<_> = asymmetric.collect();
        if algorithms.is_empty() {
            algorithms.push(CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256);
        }
        Ok((keys, algorithms))
    }
}

/// The address without one field of its query.
fn without(mut address: Url, field: &str) -> Url {
    let others: Vec<(String, String)> = address
        .query_pairs()
        .filter(|(name, _)| name != field)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    address.query_pairs_mut().clear().extend_pairs(others);
    address
}

/// Whether a discovery document belongs to the issuer that was asked. Make's own issuer is not documented, so another
/// path of its host is taken too.
fn is_of(found: &str, asked: &str) -> bool {
    let found = found.trim_end_matches('/');
    found == asked || (asked == MAKE && found.starts_with("https://www.make.com/"))
}

impl SignIn {
    /// What a callback must bring.
    pub(super) fn expected(&self) -> Expected {
        Expected {
            state: self.state.secret().clone(),
            issuer: self.provider.issuer.clone(),
            issuer_is_sent: self.provider.authorization_response_iss_parameter_supported,
        }
    }

    /// The authorization server.
    pub fn issuer(&self) -> &str {
        &self.provider.issuer
    }

    /// Exchanges the code for tokens, and checks the ID token if one was asked for.
    pub(super) async fn finish(self, code: String) -> Result<TokenSet, SignInError> {
        let (keys, algorithms) = if self.with_id_token {
            self.provider.keys().await?
        } else {
            (JsonWebKeySet::default(), Vec::new())
        };
        let token_client =
            self.provider.token_client(&self.client, keys)?.set_redirect_uri(self.redirect);
        let asked_at = Timestamp::now();
        let answer = token_client
            .exchange_code(AuthorizationCode::new(code))
            .set_pkce_verifier(self.verifier)
            .request_async(&send_for_tokens)
            .await
            .map_err(|error| SignInError(format!("no tokens were given: {}", reason(&error))))?;
        if self.with_id_token {
            let verifier = token_client.id_token_verifier().set_allowed_algs(algorithms);
            checked(&answer, &verifier, &self.nonce).map_err(|wrong| {
                SignInError(format!("the ID token is not accepted: {}", shown(&wrong)))
            })?;
        }
        let provider = self.provider;
        let endpoints = Endpoints {
            in_header: provider.wants_header(),
            token: provider.token_endpoint,
            revocation: provider.revocation_endpoint,
        };
        Ok(TokenSet::new(provider.issuer, self.client, endpoints, &answer, asked_at))
    }
}

/// Checks issuer, audience, time, signature, nonce and, where there is one, the hash of the access token.
fn checked(
    answer: &CoreTokenResponse,
    verifier: &CoreIdTokenVerifier<'_>,
    nonce: &Nonce,
) -> Result<(), String> {
    let token = answer.id_token().ok_or("there is none")?;
    let claims = token.claims(verifier, nonce).map_err(|error| error.to_string())?;
    let Some(hash) = claims.access_token_hash() else {
        return Ok(());
    };
    let algorithm = token.signing_alg().map_err(|error| error.to_string())?;
    let key = token.signing_key(verifier).map_err(|error| error.to_string())?;
    let own = AccessTokenHash::from_token(answer.access_token(), algorithm, key)
        .map_err(|error| error.to_string())?;
    if own == *hash { Ok(()) } else { Err("it was issued with another access token".to_owned()) }
}

/// Reads a JSON document.
async fn get<T: DeserializeOwned>(address: &str) -> Result<T, SignInError> {
    let request = http::Request::get(address)
        .body(Vec::new())
        .map_err(|_| SignInError(format!("{} is not a valid address", shown(address))))?;
    let response =
        send(request).await.map_err(|error| SignInError(format!("{address}: {error}")))?;
    if !response.status().is_success() {
        return Err(SignInError(format!("{address} answered {}", response.status())));
    }
    serde_json::from_slice(response.body())
        .map_err(|error| SignInError(format!("{address} is not what it should be: {error}")))
}
