//! The credential: an API token or an OAuth access token that cannot be printed.

use std::{fmt, sync::Arc};

/// What Make knows the caller by. Prints as `***`, whatever the format.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Credential(Arc<str>);

impl Credential {
    /// Takes a token's value.
    pub fn new(value: &str) -> Self {
        Self(value.into())
    }

    /// The first group of an API token, the one part that Make's token list shows too.
    ///
    /// None for anything but an API key: an OAuth access token has no public part.
    pub fn public_prefix(&self) -> Option<&str> {
        self.is_api_key().then(|| &self.0[..8])
    }

    /// Whether this is an API key (a UUID of version 4), which goes out as `Token`; all else is `Bearer`.
    pub fn is_api_key(&self) -> bool {
        let shape = |(place, byte): (usize, u8)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            14 => byte == b'4',
            19 => matches!(byte.to_ascii_lowercase(), b'8' | b'9' | b'a' | b'b'),
            _ => byte.is_ascii_hexdigit(),
        };
        self.0.len() == 36 && self.0.bytes().enumerate().all(shape)
    }

    /// The value of the `Authorization` header. Called where that header is written and nowhere else.
    pub(super) fn authorization(&self) -> String {
        let scheme = if self.is_api_key() { "Token" } else { "Bearer" };
        format!("{scheme} {}", self.0)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_api_key_is_told_from_an_access_token() {
        let key = Credential::new("7615989d-d213-48dc-b625-27133ae3f1a8");
        assert_eq!(
            key.authorization(),
            "Token 7615989d-d213-48dc-b625-27133ae3f1a8"
        );
        assert_eq!(key.public_prefix(), Some("7615989d"));

        let not_version_4 = "7615989d-d213-18dc-b625-27133ae3f1a8";
        for token in ["eyJhbGciOi.J9.x", not_version_4, "", "ümlaut"] {
            let token = Credential::new(token);
            assert!(token.authorization().starts_with("Bearer "));
            assert_eq!(token.public_prefix(), None);
        }
    }

    #[test]
    fn it_prints_as_stars() {
        let key = Credential::new("7615989d-d213-48dc-b625-27133ae3f1a8");
        assert_eq!(
            format!("{key} {key:?} {:#?}", Some(&key)),
            "*** *** Some(\n    ***,\n)"
        );
    }
}
