//! The credential: an API token or an OAuth access token that cannot be printed.

use std::{
    fmt,
    hash::{Hash, Hasher},
    pin::Pin,
    sync::Arc,
};

use super::redaction::without_secrets;

/// The caller's credential. Prints as `***` in every format.
///
/// Two are equal if their tokens are; two access tokens also if they are of one sign-in, so that what is kept and
/// counted by credential outlives a renewal.
#[derive(Clone)]
pub struct Credential {
    token: Arc<str>,
    /// The sign-in that an access token is of.
    sign_in: Option<Arc<str>>,
}

impl Credential {
    /// Takes a token's value.
    pub fn new(value: &str) -> Self {
        Self { token: value.into(), sign_in: None }
    }

    /// Takes an OAuth access token of the sign-in of that name.
    pub fn access_token(value: &str, sign_in: &str) -> Self {
        Self { token: value.into(), sign_in: Some(sign_in.into()) }
    }

    /// Whether this is the same token to the letter.
    pub fn is_same_token(&self, other: &Self) -> bool {
        self.token == other.token
    }

    fn identity(&self) -> (bool, &str) {
        match &self.sign_in {
            Some(sign_in) => (true, sign_in),
            None => (false, &self.token),
        }
    }

    /// The first group of an API token, the one part that Make's token list shows too.
    ///
    /// None for anything but an API key: an OAuth access token has no public part.
    pub fn public_prefix(&self) -> Option<&str> {
        self.is_api_key().then(|| &self.token[..8])
    }

    /// Whether this is an API key (a UUID of version 4 that no sign-in gave), which goes out as `Token`; all else is
    /// `Bearer`.
    pub fn is_api_key(&self) -> bool {
        let shape = |(place, byte): (usize, u8)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            14 => byte == b'4',
            19 => matches!(byte.to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b'),
            _ => byte.is_ascii_hexdigit(),
        };
        self.sign_in.is_none()
            && self.token.len() == 36
            && self.token.bytes().enumerate().all(shape)
    }

    /// The body without the credential; see [`without_secrets`].
    pub(super) fn taken_out_of(&self, body: Vec<u8>) -> Vec<u8> {
        without_secrets(body, &[&self.token])
    }

    /// The value of the `Authorization` header. Called where that header is written and nowhere else.
    pub(super) fn authorization(&self) -> String {
        let scheme = if self.is_api_key() { "Token" } else { "Bearer" };
        format!("{scheme} {}", self.token)
    }
}

impl PartialEq for Credential {
    fn eq(&self, other: &Self) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Credential {}

impl Hash for Credential {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Why there is no credential to call with at the moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialError {
    /// What is wrong, in one line.
    pub message: String,
    /// The next step.
    pub hint: String,
    /// Whether trying again may help.
    pub passes: bool,
}

impl CredentialError {
    /// One that a person must put right.
    pub fn lasting(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: hint.into(), passes: false }
    }

    /// One that may pass by itself.
    pub fn passing(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: "try again in a minute".to_owned(), passes: true }
    }
}

/// The future that a [`Renewal`] answers with.
pub type Renewing =
    Pin<Box<dyn Future<Output = Result<Option<Credential>, CredentialError>> + Send>>;

/// Gives the credential of the moment, for those that end and are followed by others. Given one that Make has just
/// refused, it gives a newer one, or none if there is none.
pub type Renewal = Arc<dyn Fn(Option<Credential>) -> Renewing + Send + Sync>;

/// A text of Make's or of a model's with everything masked that has the form of a token: of a UUID the first group
/// stays, which Make itself shows; of a JSON Web Token nothing.
pub fn without_tokens(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.get(..36).is_some_and(is_uuid) {
            kept.push_str(&rest[..8]);
            kept.push_str("-…");
            rest = &rest[36..];
        } else if rest.starts_with("eyJ") {
            let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c)));
            kept.push('…');
            rest = &rest[end.unwrap_or(rest.len())..];
        } else {
            kept.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    kept
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_key_is_told_from_an_access_token() {
        let key = Credential::new("7615989d-d213-48dc-b625-27133ae3f1a8");
        assert_eq!(key.authorization(), "Token 7615989d-d213-48dc-b625-27133ae3f1a8");
        assert_eq!(key.public_prefix(), Some("7615989d"));

        let not_version_4 = "7615989d-d213-18dc-b625-27133ae3f1a8";
        for token in ["eyJhbGciOi.J9.x", not_version_4, "", "ümlaut"] {
            let token = Credential::new(token);
            assert!(token.authorization().starts_with("Bearer "));
            assert_eq!(token.public_prefix(), None);
        }
    }

    #[test]
    fn an_access_token_is_one_whatever_its_form_and_stays_the_same_caller_when_renewed() {
        let uuid = "7615989d-d213-48dc-b625-27133ae3f1a8";
        let (old, new) =
            (Credential::access_token(uuid, "a"), Credential::access_token("eyJhbGciOi.J9.x", "a"));
        assert_eq!(old.authorization(), format!("Bearer {uuid}"));
        assert_eq!(old.public_prefix(), None);
        assert!(old == new && !old.is_same_token(&new));
        assert_ne!(old, Credential::new(uuid));
        assert_ne!(new, Credential::access_token("eyJhbGciOi.J9.x", "b"));
        assert_ne!(Credential::new("a"), Credential::access_token("x", "a"));
    }

    #[test]
    fn what_looks_like_a_token_is_masked() {
        assert_eq!(
            without_tokens(
                "é 7615989d-d213-48dc-b625-27133ae3f1a8, eyJhbGci.J9_x-y: 7615989d-d213"
            ),
            "é 7615989d-…, …: 7615989d-d213"
        );
    }

    #[test]
    fn it_prints_as_stars() {
        let key = Credential::new("7615989d-d213-48dc-b625-27133ae3f1a8");
        assert_eq!(format!("{key} {key:?} {:#?}", Some(&key)), "*** *** Some(\n    ***,\n)");
    }
}
