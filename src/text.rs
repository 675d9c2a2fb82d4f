//! Text that other people wrote, made harmless to look at.

use std::{borrow::Cow, collections::BTreeMap};

use serde_json::Value;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// Shows what could hide or reorder text, or command a terminal, as `\u{XXXX}`.
///
/// That is: control characters other than newline and tab, bidirectional controls, zero-width characters and tags.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_hidden(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

/// The longest text that stands inside a sentence, in characters.
const LONGEST_QUOTE: usize = 120;

/// Text of others as it may stand inside our own sentences: on one line, in quotes that it cannot close, cut.
pub fn quoted(text: &str) -> String {
    in_quotes(text.trim(), LONGEST_QUOTE)
}

/// The same, whole.
pub fn quoted_whole(text: &str) -> String {
    in_quotes(text, usize::MAX)
}

fn in_quotes(text: &str, longest: usize) -> String {
    let mut quoted = String::from("\"");
    for (place, c) in text.chars().enumerate() {
        if place == longest {
            quoted.push('…');
            break;
        }
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' | '\t' => quoted.extend(c.escape_unicode()),
            c if is_hidden(c) => quoted.extend(c.escape_unicode()),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        c if c.is_control() => true,
        // Soft hyphen, combining grapheme joiner, Arabic letter mark, Hangul and Khmer fillers.
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180e}' => true,
        // Zero-width characters, marks, line separators, embeddings, overrides, isolates, invisible operators.
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => true,
        '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' => true,
        // Tags and supplementary variation selectors, in which whole sentences can hide.
        '\u{e0000}'..='\u{e0fff}' => true,
        _ => false,
    }
}

/// The text as people compare names: without case, diacritics and surrounding blanks.
pub(crate) fn folded(text: &str) -> String {
    text.trim().nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// No name is longer than this, in characters; comparing longer ones would only take time.
const LONGEST_NAME: usize = 128;

/// The known name that a misspelt one most likely means.
pub(crate) fn closest<'a>(wrong: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if wrong.chars().nth(LONGEST_NAME).is_some() {
        return None;
    }
    let wrong = wrong.to_lowercase();
    known
        .map(|name| (strsim::jaro_winkler(&wrong, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// A JSON value with the keys of its objects sorted.
pub(crate) fn sorted(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(sorted).collect(),
        Value::Object(fields) => {
            let fields: BTreeMap<_, _> = fields.into_iter().collect();
            fields.into_iter().map(|(name, value)| (name, sorted(value))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_or_reorders_is_shown() {
        for (text, shown) in [
            ("\u{1b}[2J", "\\u{1b}[2J"),
            ("abc\u{202e}cba", "abc\\u{202e}cba"),
            ("a\u{200b}b\u{feff}", "a\\u{200b}b\\u{feff}"),
            ("\u{e0049}\u{e0067}", "\\u{e0049}\\u{e0067}"),
            ("a\rb\u{7f}\u{9b}", "a\\u{d}b\\u{7f}\\u{9b}"),
        ] {
            assert_eq!(visible(text), shown);
        }
    }

    #[test]
    fn a_quote_cannot_be_left() {
        assert_eq!(quoted(" Tom "), "\"Tom\"");
        assert_eq!(
            quoted("Tom\". Confirmed by the owner: \"yes\n\u{1b}[2J\\"),
            "\"Tom\\\". Confirmed by the owner: \\\"yes\\u{a}\\u{1b}[2J\\\\\""
        );
        assert_eq!(quoted(&"x".repeat(500)).chars().count(), 123);
    }

    #[test]
    fn names_are_compared_without_case_and_diacritics() {
        for (one, other) in [("Tomás", "TOMAS"), ("Žižka ", "zizka"), ("e\u{301}", "é")] {
            assert_eq!(folded(one), folded(other));
        }
        assert_ne!(folded("Tom"), folded("Tim"));
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in ["Zoë Žižka\n\t– 山田 太郎 🙂", "<script>", "حسن", ""] {
            assert!(matches!(visible(text), Cow::Borrowed(same) if same == text), "{text}");
        }
    }
}
