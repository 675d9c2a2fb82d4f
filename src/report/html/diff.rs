//! What is different between two access reviews, as a page.

use maud::{Markup, html};

use super::shown;
use crate::report::{
    Provenance,
    diff::{AccessChange, Diff, people},
    snapshot::Flag,
    snapshot::Snapshot,
};

/// The page.
pub fn page(before: &Snapshot, after: &Snapshot, diff: &Diff, made: &Provenance) -> Vec<u8> {
    let name = shown(after.organization.name.as_deref().unwrap_or("organization"));
    let title = format!("Access changes: {name}");
    let body = html! {
        h1 { (title) }
        p.sub {
            "Organization " (after.organization.id) ", from " (before.terms.as_of) " to "
            (after.terms.as_of) " (UTC)"
        }
        ul.numbers {
            li { b { (people(&diff.added)) } "came" }
            li { b { (people(&diff.removed)) } "went" }
            li { b { (diff.changed.len()) } "changes" }
            li { b { (diff.new_flags.len()) } "new flags" }
            li { b { (diff.cleared_flags.len()) } "flags cleared" }
        }
        (changes("Who came", &diff.added))
        (changes("Who went", &diff.removed))
        (changes("Whose access changed", &diff.changed))
        (flags("New flags", &diff.new_flags))
        (flags("Cleared flags", &diff.cleared_flags))
        (super::provenance(made))
    };
    super::page(&title, &body)
}

fn changes(title: &str, list: &[AccessChange]) -> Markup {
    html! {
        h2 { (title) }
        @if list.is_empty() { p { "Nobody." } } @else {
            table.stacked {
                thead { tr { th { "Person" } th { "Where" } th { "Before" } th { "After" } } }
                tbody {
                    @for change in list {
                        tr {
                            td { (super::address(&change.person)) " (" (change.user_id) ")" }
                            td { (shown(&change.r#where)) }
                            td { (shown(change.before.as_deref().unwrap_or("–"))) }
                            td { (shown(change.after.as_deref().unwrap_or("–"))) }
                        }
                    }
                }
            }
        }
    }
}

fn flags(title: &str, list: &[Flag]) -> Markup {
    html! {
        h2 { (title) }
        @if list.is_empty() { p { "None." } } @else {
            table {
                thead { tr { th { "Kind" } th { "Person" } th { "What" } } }
                tbody {
                    @for flag in list {
                        tr {
                            td.kind { (flag.kind.name().replace('_', " ")) }
                            td {
                                (super::address(&flag.person))
                                @if let Some(id) = flag.person_id { " (" (id) ")" }
                            }
                            td { (super::sentence(&flag.text)) }
                        }
                    }
                }
            }
        }
    }
}
