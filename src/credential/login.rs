//! A stored login: read when it is first needed, renewed once for all calls and processes.
//!
//! The newest refresh token is on disk or in the keyring before the access token that came with it is used. The order
//! under the lock: what is stored is read and written again (so that a store that takes nothing is found out while the
//! old refresh token is still good), the server is asked, the answer is stored, only then it is used.

use std::{
    fmt, io,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::time::{Instant, timeout};

use super::{
    error::LoginError,
    login_record::{LoginRecord, Logins},
    new_login::{AGAIN, Secret, SecretKind},
    secret_store::SecretStore,
    token_set::{NotRenewed, TokenSet},
};
use crate::{
    make::{BaseUrl, Credential, CredentialError},
    sync::lock,
};

/// An access token that Make refuses sooner than this after it was issued is not renewed.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// A token that still works is used for so long before its renewal is tried again.
const RETRY: SignedDuration = SignedDuration::from_secs(10);

/// How long an ending process waits for tokens that are on their way.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// A stored login of a running process.
#[derive(Debug)]
pub struct Login {
    name: String,
    logins: Logins,
    base: String,
    state: Mutex<LoginState>,
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct LoginState {
    held: Option<Held>,
    /// A renewed grant that could not be stored: nothing is done with it before it is.
    unsaved: Option<(LoginRecord, TokenSet)>,
    failed: Option<Failed>,
}

/// A credential that was read.
struct Held {
    record: LoginRecord,
    credential: Credential,
    renew_at: Option<Timestamp>,
}

/// The latest failure.
struct Failed {
    at: Instant,
    error: CredentialError,
    /// A login whose renewal has failed for good.
    forever: Option<LoginRecord>,
}

/// Why a logout is not complete.
#[derive(Debug)]
pub enum LogoutError {
    /// There is no such login.
    NoLogin,
    /// Nothing was deleted.
    NotDeleted(String),
    /// It is deleted here and still good at the server.
    NotRevoked(String),
}

impl Login {
    /// The login of that name, for the account at `base`. Nothing is read yet.
    pub fn new(logins: Logins, name: &str, base: &BaseUrl) -> Self {
        Self {
            name: name.to_owned(),
            logins,
            base: base.to_string(),
            state: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// The credential of the moment; given one that Make refused, another one if there is one.
    pub(super) async fn credential(
        self: Arc<Self>,
        refused: Option<Credential>,
    ) -> Result<Option<Credential>, CredentialError> {
        let Some(record) = self.record()? else {
            return Ok(None);
        };
        if let Some(held) = self.held(&record, refused.as_ref()) {
            return Ok(Some(held));
        }
        let began = Instant::now();
        // A task of its own: a call that is cancelled must not lose tokens that are on their way.
        let renewing = tokio::spawn(async move { self.in_turn(&record, refused, began).await });
        let stopped = |_| Err(CredentialError::passing("the renewal of the login was stopped"));
        renewing.await.unwrap_or_else(stopped)
    }

    /// Waits until tokens that are on their way are stored, for a while, and lets no other renewal begin.
    pub(super) async fn closed(&self) {
        if let Ok(turn) = timeout(LAST_WORDS, self.turn.lock()).await {
            std::mem::forget(turn);
        }
    }

    /// Revokes what the server can revoke, and deletes the login here.
    pub async fn log_out(logins: &Logins, name: &str) -> Result<LoginRecord, LogoutError> {
        let not_deleted = |error: LoginError| LogoutError::NotDeleted(error.to_string());
        let _lock = logins.locked(name).await.map_err(not_deleted)?;
        let unreadable = |error: io::Error| LogoutError::NotDeleted(error.to_string());
        let record = logins.record(name).map_err(unreadable)?.ok_or(LogoutError::NoLogin)?;
        let secret_store = logins.secret_store(name, &record);
        let revoked = match Secret::read(&secret_store, &record).await {
            Ok(Secret { kind: SecretKind::Grant(grant), .. }) => {
                grant.revoked().await.map_err(|error| error.to_string())
            }
            Ok(_) => Ok(()),
            Err(error) => Err(error.message),
        };
        secret_store.delete().await.map_err(not_deleted)?;
        logins.forget(name).map_err(unreadable)?;
        revoked.map(|()| record).map_err(LogoutError::NotRevoked)
    }

    /// What is known of the login; None if there is none.
    fn record(&self) -> Result<Option<LoginRecord>, CredentialError> {
        let unreadable =
            |error| CredentialError::lasting(format!("the login cannot be read: {error}"), AGAIN);
        let Some(record) = self.logins.record(&self.name).map_err(unreadable)? else {
            return Ok(None);
        };
        if record.base != self.base {
            return Err(CredentialError::lasting(
                format!(
                    "the login is for {}, and this server works with {}",
                    record.base, self.base
                ),
                "start the server with that --zone, or run `make-admin-mcp login` for this one",
            ));
        }
        Ok(Some(record))
    }

    fn state(&self) -> MutexGuard<'_, LoginState> {
        lock(&self.state)
    }

    /// What was read before, as long as it is good.
    fn held(&self, record: &LoginRecord, refused: Option<&Credential>) -> Option<Credential> {
        let state = self.state();
        let held = state.held.as_ref().filter(|held| held.record == *record)?;
        let good = held.renew_at.is_none_or(|moment| Timestamp::now() < moment)
            && refused.is_none_or(|refused| !refused.is_same_token(&held.credential));
        good.then(|| held.credential.clone())
    }

    /// One call at a time; the others take what it got.
    async fn in_turn(
        &self,
        record: &LoginRecord,
        refused: Option<Credential>,
        began: Instant,
    ) -> Result<Option<Credential>, CredentialError> {
        let _turn = self.turn.lock().await;
        if let Some(held) = self.held(record, refused.as_ref()) {
            return Ok(Some(held));
        }
        if let Some(failed) = &self.state().failed
            && (failed.at >= began || failed.forever.as_ref() == Some(record))
        {
            return Err(failed.error.clone());
        }
        let result = match self.logins.locked(&self.name).await {
            Ok(_lock) => match self.record() {
                // The user may have signed in or out while this waited.
                Ok(Some(record)) => self.alone(&record, refused).await,
                Ok(None) => Ok(None),
                Err(error) => Err((error, false)),
            },
            Err(problem) => Err((CredentialError::passing(problem.to_string()), false)),
        };
        result.map_err(|(error, forever)| {
            self.state().failed = Some(Failed {
                at: Instant::now(),
                error: error.clone(),
                forever: forever.then(|| record.clone()),
            });
            error
        })
    }

    /// Reads what is stored and renews it if need be, while no other process does. An error says whether it is for good.
    async fn alone(
        &self,
        record: &LoginRecord,
        refused: Option<Credential>,
    ) -> Result<Option<Credential>, (CredentialError, bool)> {
        let secret_store = self.logins.secret_store(&self.name, record);
        self.save_unsaved(record, &secret_store).await.map_err(|error| (error, false))?;
        let secret = Secret::read(&secret_store, record).await.map_err(|error| (error, false))?;
        let is_refused = |credential: &Credential| {
            refused.as_ref().is_some_and(|refused| refused.is_same_token(credential))
        };
        let grant = match secret.kind {
            SecretKind::Grant(grant) => *grant,
            SecretKind::Token(token) => {
                let credential = Credential::new(&token);
                self.hold(record, credential.clone(), None);
                return Ok((!is_refused(&credential)).then_some(credential));
            }
        };
        let credential = grant.credential(&record.id);
        let now = Timestamp::now();
        let refused = is_refused(&credential);
        if !refused && grant.renew_at().is_none_or(|moment| now < moment) {
            self.hold(record, credential.clone(), grant.renew_at());
            return Ok(Some(credential));
        }
        let expired = grant.expires_at.is_some_and(|end| now >= end);
        // Make may refuse a token for what it lacks; one that cannot be renewed, or just was, is not why.
        let is_fresh = now.duration_since(grant.issued_at).abs() < FRESH;
        if refused && !expired && (is_fresh || grant.refresh_token.is_none()) {
            return Ok(None);
        }
        // While the present token works, a failed renewal does no harm yet.
        let usable = !refused && !expired;
        match self.renewed(record, &secret_store, grant).await {
            Ok(renewed) => Ok(Some(renewed)),
            Err((error, _)) if usable => {
                tracing::warn!("the login could not be renewed yet: {}", error.message);
                self.hold(record, credential.clone(), Some(now + RETRY));
                Ok(Some(credential))
            }
            Err(error) => Err(error),
        }
    }

    /// Renews a grant and stores the new one before anybody uses it.
    async fn renewed(
        &self,
        record: &LoginRecord,
        secret_store: &SecretStore,
        grant: TokenSet,
    ) -> Result<Credential, (CredentialError, bool)> {
        let ended = |why: &str| {
            let message = format!("the sign-in has expired: {why}");
            (CredentialError::lasting(message, AGAIN), true)
        };
        if let Some(why) = &grant.ended {
            return Err(ended(why));
        }
        if grant.refresh_token.is_none() {
            return Err(ended("its access token has expired, and there is no refresh token"));
        }
        let secret =
            |grant| Secret { base: record.base.clone(), kind: SecretKind::Grant(Box::new(grant)) };
        let not_stored = |problem: LoginError| {
            let message =
                format!("the login is not renewed, since it could not be stored: {problem}");
            let hint = "free the disk, or unlock the keyring; then call again";
            (CredentialError::lasting(message, hint), false)
        };
        secret(grant.clone()).write(secret_store).await.map_err(not_stored)?;
        match grant.renewed().await {
            Ok(renewed) => {
                self.state().unsaved = Some((record.clone(), renewed.clone()));
                self.save_unsaved(record, secret_store).await.map_err(|error| (error, false))?;
                let credential = renewed.credential(&record.id);
                self.hold(record, credential.clone(), renewed.renew_at());
                Ok(credential)
            }
            Err(NotRenewed::Passing(why)) => {
                let message = format!("the login cannot be renewed at the moment: {why}");
                Err((CredentialError::passing(message), false))
            }
            Err(NotRenewed::Refused(why)) => {
                let message = format!("the login cannot be renewed: {why}");
                Err((CredentialError::lasting(message, AGAIN), true))
            }
            Err(NotRenewed::Ended(why)) => {
                // Other processes need not ask. If this is not stored, each asks once.
                let known = grant.over(&why);
                let _ = secret(known).write(secret_store).await;
                Err(ended(&why))
            }
        }
    }

    /// Stores what could not be stored before, unless the login is another by now.
    async fn save_unsaved(
        &self,
        record: &LoginRecord,
        secret_store: &SecretStore,
    ) -> Result<(), CredentialError> {
        let waiting = self.state().unsaved.take();
        let Some((of, grant)) = waiting.filter(|(of, _)| of == record) else {
            return Ok(());
        };
        let secret =
            Secret { base: record.base.clone(), kind: SecretKind::Grant(Box::new(grant.clone())) };
        secret.write(secret_store).await.map_err(|problem| {
            self.state().unsaved = Some((of, grant));
            CredentialError::lasting(
                format!(
                    "the renewed login is kept in memory only, since it could not be stored: \
                     {problem}"
                ),
                "free the disk, or unlock the keyring; then call again before this server ends",
            )
        })
    }

    fn hold(&self, record: &LoginRecord, credential: Credential, renew_at: Option<Timestamp>) {
        let mut state = self.state();
        state.failed = None;
        state.held = Some(Held { record: record.clone(), credential, renew_at });
    }
}

impl fmt::Display for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.logins.record(&self.name) {
            Ok(Some(record)) => record.fmt(f),
            Ok(None) => f.write_str("none"),
            Err(_) => f.write_str("a login that cannot be read"),
        }
    }
}

impl fmt::Debug for LoginState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}
