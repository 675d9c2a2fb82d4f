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

    /// The same bytes with stars where the credential stood: an answer that repeats it must not carry it further.
    pub(super) fn taken_out_of(&self, body: Vec<u8>) -> Vec<u8> {
        let own = self.0.as_bytes();
        // Anything shorter is no token, and might stand anywhere.
        if own.len() < 16 || !body.windows(own.len()).any(|part| part == own) {
            return body;
        }
        let text = String::from_utf8_lossy(&body).replace(&*self.0, "***");
        text.into_bytes()
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
    fn it_is_taken_out_of_what_repeats_it() {
        let key = Credential::new("7615989d-d213-48dc-b625-27133ae3f1a8");
        let body = br#"{"message":"Token 7615989d-d213-48dc-b625-27133ae3f1a8 is bad"}"#.to_vec();
        assert_eq!(key.taken_out_of(body), br#"{"message":"Token *** is bad"}"#);
        assert_eq!(key.taken_out_of(b"{}".to_vec()), b"{}");
        assert_eq!(
            Credential::new("a").taken_out_of(b"banana".to_vec()),
            b"banana"
        );
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
        assert_eq!(
            format!("{key} {key:?} {:#?}", Some(&key)),
            "*** *** Some(\n    ***,\n)"
        );
    }
}
