//! Reports as pages: one file, no script, nothing from elsewhere, readable on paper.

mod diff;
mod review;

pub use diff::page as diff;
pub use review::page as review;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::Provenance;
use crate::text::visible;

const STYLE: &str = include_str!("html/style.css");

/// The frame of every page.
fn page(title: &str, body: &Markup) -> Vec<u8> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                // Even a name that slipped through as markup could load and run nothing.
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src \
                    'unsafe-inline'";
                meta name="viewport" content="width=device-width";
                title { (shown(title)) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    page.into_string().into_bytes()
}

/// Text of others: escaped by the page, and with what hides or reorders it made visible.
fn shown(text: &str) -> String {
    visible(text).into_owned()
}

/// A sentence whose dates do not break across lines.
fn sentence(text: &str) -> Markup {
    let is_date = |word: &str| {
        let date = word.trim_end_matches(['.', ',', ';']);
        date.len() == 10 && date.bytes().filter(|byte| *byte == b'-').count() == 2
    };
    let text = shown(text);
    html! {
        @for word in text.split_inclusive(' ') {
            @if is_date(word.trim_end()) { span.date { (word) } } @else { (word) }
        }
    }
}

/// An address that may break behind its signs, and nowhere else.
fn address(email: &str) -> Markup {
    let text = shown(email);
    html! {
        @for part in text.split_inclusive(['@', '.']) { (part) wbr; }
    }
}

/// Who made the page, when, with what and of what, and room to sign.
fn provenance(made: &Provenance) -> Markup {
    html! {
        section.made {
            h2 { "Made by" }
            dl {
                dt { "Account" }
                dd { (shown(&made.account())) }
                dt { "Zone" }
                dd { (shown(&made.zone)) }
                dt { "Tool" }
                dd { (made.tool) }
                dt { "Moment" }
                dd.date { (made.made_at) }
                @for (name, hash) in &made.sha256 {
                    dt { "SHA-256 of " (shown(name)) }
                    dd.hash { (hash) }
                }
            }
            div.signatures {
                @for label in ["Reviewed by", "Date", "Signature"] { div { (label) } }
            }
        }
    }
}
