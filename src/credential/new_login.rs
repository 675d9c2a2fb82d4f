//! The secret of a login, and how a new login is stored.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    callback::Callback,
    error::{LoginError, SignInError, TokenTextError},
    login_record::{LoginRecord, Logins, Oauth},
    normalize::bare,
    oauth::SignIn,
    secret_store::{SecretStore, SecretStoreKind},
    token_set::TokenSet,
};
use crate::{
    make::{BaseUrl, Credential, CredentialError},
    store::hex,
};

/// The secret of a login, as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Secret {
    /// The base address, as in the record; in the secret it cannot be changed unnoticed.
    pub(super) base: String,
    #[serde(flatten)]
    pub(super) kind: SecretKind,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum SecretKind {
    Token(String),
    Grant(Box<TokenSet>),
}

/// What `login` is about to store.
pub struct NewLogin {
    secret: Secret,
    record: LoginRecord,
}

impl NewLogin {
    /// An API token for the account at `base`. The error says, as the end of a sentence, why it can be none.
    pub fn token(text: &str, base: &BaseUrl, store: SecretStoreKind) -> Result<Self, LoginError> {
        let wrong = |error: TokenTextError| LoginError(error.to_string());
        let (token, _) =
            bare(text).map_err(wrong)?.ok_or_else(|| LoginError("is empty".to_owned()))?;
        Self::new(SecretKind::Token(token.to_owned()), base, store)
    }

    /// What a sign-in leads to, once the browser came back.
    pub async fn signed_in(
        sign_in: SignIn,
        callback: Callback,
        base: &BaseUrl,
        store: SecretStoreKind,
    ) -> Result<Self, LoginError> {
        let ended = |error: SignInError| LoginError(error.to_string());
        let code = callback.code(sign_in.expected()).await.map_err(ended)?;
        let grant = sign_in.finish(code).await.map_err(ended)?;
        Self::new(SecretKind::Grant(Box::new(grant)), base, store)
    }

    fn new(kind: SecretKind, base: &BaseUrl, store: SecretStoreKind) -> Result<Self, LoginError> {
        let mut id = [0; 8];
        getrandom::fill(&mut id)
            .map_err(|error| LoginError(format!("there are no random numbers: {error}")))?;
        let base = base.to_string();
        let oauth = match &kind {
            SecretKind::Token(_) => None,
            SecretKind::Grant(grant) => {
                Some(Oauth { issuer: grant.issuer.clone(), client_id: grant.client.id.clone() })
            }
        };
        let record = LoginRecord { id: hex(&id), store, base: base.clone(), oauth };
        Ok(Self { secret: Secret { base, kind }, record })
    }

    /// The credential, to try it.
    pub fn credential(&self) -> Credential {
        match &self.secret.kind {
            SecretKind::Token(token) => Credential::new(token),
            SecretKind::Grant(grant) => grant.credential(&self.record.id),
        }
    }

    /// How long it will work: for how many seconds without being renewed, and whether it can be renewed. None for an
    /// API token, which works until it is revoked.
    pub fn lifetime(&self) -> Option<(Option<i64>, bool)> {
        match &self.secret.kind {
            SecretKind::Token(_) => None,
            SecretKind::Grant(grant) => {
                let seconds =
                    grant.expires_at.map(|end| end.duration_since(Timestamp::now()).as_secs());
                Some((seconds, grant.refresh_token.is_some()))
            }
        }
    }

    /// Withdraws a credential that will not be stored.
    pub async fn discard(self) {
        if let SecretKind::Grant(grant) = &self.secret.kind {
            let _ = grant.revoked().await;
        }
    }

    /// Stores it under that name, in place of an earlier login. The record follows the secret, so after an interruption
    /// one of both logins is whole.
    pub async fn save(&self, logins: &Logins, name: &str) -> Result<(), LoginError> {
        let _lock = logins.locked(name).await?;
        let before = logins.record(name).ok().flatten();
        let secret_store = logins.secret_store(name, &self.record);
        self.secret.write(&secret_store).await?;
        if let Err(error) = logins.keep(name, &self.record) {
            let _ = secret_store.delete().await;
            return Err(LoginError(format!("the login cannot be stored: {error}")));
        }
        if let Some(before) = before {
            // It opens nothing that its token would not open; what cannot be deleted is left.
            let _ = logins.secret_store(name, &before).delete().await;
        }
        Ok(())
    }
}

impl Secret {
    pub(super) async fn write(&self, secret_store: &SecretStore) -> Result<(), LoginError> {
        let text = serde_json::to_string(self).map_err(|error| LoginError(error.to_string()))?;
        secret_store.write(&text).await
    }

    /// The secret of a login. The error says what is wrong with it.
    pub(super) async fn read(
        secret_store: &SecretStore,
        record: &LoginRecord,
    ) -> Result<Self, CredentialError> {
        let gone =
            |what: &str| CredentialError::lasting(format!("the secret of the login {what}"), AGAIN);
        let text = secret_store.read().await.map_err(|problem| {
            CredentialError::lasting(
                format!("the login cannot be read: {problem}"),
                "unlock or start the keyring, or run `make-admin-mcp login --store file`",
            )
        })?;
        let text = text.ok_or_else(|| gone("is not there any more"))?;
        let secret: Self = serde_json::from_str(&text).map_err(|_| gone("cannot be understood"))?;
        if secret.base != record.base {
            return Err(gone("is for another account than its ticket"));
        }
        Ok(secret)
    }
}

/// The next step where a login is of no use any more.
pub(super) const AGAIN: &str = "run `make-admin-mcp login` again in a terminal";
