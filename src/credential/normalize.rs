//! Tokens and other values as people and hosts write them.

use super::error::TokenTextError;
use crate::make::{Credential, SHORTEST_SECRET};

/// A token as it was meant.
#[derive(Debug)]
pub struct Normalized {
    /// The token.
    pub credential: Credential,
    /// What was removed around it.
    pub removed: Option<&'static str>,
}

/// Takes away what people and hosts put around a token by mistake; None if nothing is left.
///
/// The error says, as the end of a sentence, why it can be no token; it never holds the text.
pub fn normalize(text: &str) -> Result<Option<Normalized>, TokenTextError> {
    Ok(bare(text)?
        .map(|(token, removed)| Normalized { credential: Credential::new(token), removed }))
}

/// The token in a text, and what was removed around it.
pub(super) fn bare(text: &str) -> Result<Option<(&str, Option<&'static str>)>, TokenTextError> {
    let (bare, mut removed) = unquoted(text);
    let mut token = bare;
    for prefix in ["Token ", "Bearer ", "token ", "bearer "] {
        if let Some(rest) = token.strip_prefix(prefix) {
            token = rest.trim();
            removed = Some("the prefix `Token` or `Bearer`");
        }
    }
    // A line of an .env file instead of its value.
    if let Some((_, value)) = token.split_once('=').filter(|(name, _)| is_variable_name(name)) {
        let (value, _) = unquoted(value);
        (token, removed) = (value, Some("the name of the variable"));
    }
    if let Some(wrong) = not_filled_in(token) {
        return Err(TokenTextError(wrong));
    }
    if token.contains(['*', '…']) || token.ends_with("...") {
        return Err(TokenTextError(
            "is masked; Make shows a token whole only when it is made".to_owned(),
        ));
    }
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(TokenTextError("has blanks or characters that no token has".to_owned()));
    }
    if token.starts_with('$') || (token.len() > 2 && token.starts_with('%') && token.ends_with('%'))
    {
        return Err(TokenTextError(
            "is the name of a variable that was not expanded; write the token itself".to_owned(),
        ));
    }
    if !token.is_empty() && token.len() < SHORTEST_SECRET {
        return Err(TokenTextError(format!(
            "is no token: one has at least {SHORTEST_SECRET} characters"
        )));
    }
    Ok((!token.is_empty()).then_some((token, removed)))
}

fn is_variable_name(text: &str) -> bool {
    let name = text.strip_prefix("export ").unwrap_or(text).trim();
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    name.starts_with("MAKE_") && name.chars().all(plain)
}

/// The text without surrounding blanks and quotes, and whether quotes were there.
pub(crate) fn unquoted(text: &str) -> (&str, Option<&'static str>) {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return (inner.trim(), Some("quotes"));
        }
    }
    (text, None)
}

/// Why a text is a place-holder that the host should have replaced.
pub(crate) fn not_filled_in(text: &str) -> Option<String> {
    if text.starts_with("${") {
        return Some(
            "is a place-holder that the host did not replace; set the variable, or write the value \
             itself"
                .to_owned(),
        );
    }
    text.starts_with("__encrypted__:").then(|| {
        "is still encrypted by the host; enter the value again in the host's settings".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "7615989d-d213-48dc-b625-27133ae3f1a8";

    #[test]
    fn what_surrounds_a_token_is_removed() {
        for (text, removed) in [
            (TOKEN.to_owned(), false),
            (format!(" {TOKEN}\n"), false),
            (format!("\"{TOKEN}\""), true),
            (format!("Token {TOKEN}"), true),
            (format!("'Bearer  {TOKEN}'"), true),
            (format!("\u{feff}{TOKEN}\r\n"), false),
            (format!("MAKE_API_KEY={TOKEN}"), true),
            (format!("export MAKE_API_KEY=\"{TOKEN}\""), true),
        ] {
            let cleaned = normalize(&text).expect("a token").expect("not empty");
            assert_eq!(cleaned.credential, Credential::new(TOKEN), "{text}");
            assert_eq!(cleaned.removed.is_some(), removed, "{text}");
        }
        assert!(normalize("  ").expect("nothing").is_none());
    }

    #[test]
    fn what_can_be_no_token_is_refused_without_showing_it() {
        for text in [
            "${MAKE_API_KEY}", "__encrypted__:abcd", "two words", "t\u{f6}ken", "$MAKE_API_KEY",
            "%MAKE_API_KEY%", "$env:MAKE_API_KEY", "7615989d-****-****-****-************",
            "7615989d-…", "7615989d-...", "tooshor",
        ] {
            let wrong = normalize(text).expect_err(text);
            assert!(!wrong.0.contains(text), "{wrong}");
        }
    }
}
