//! An access review as a page: flags first, then logins, then the matrix of people and teams.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::shown;
use crate::{
    make::TwoFactor,
    report::{
        Provenance,
        review::days_since,
        snapshot::{ReviewedPerson, Snapshot, TeamRow},
    },
};

/// Teams beside each other in one table; more would not fit on paper.
const TEAMS_ACROSS: usize = 6;

/// The page.
pub fn page(snapshot: &Snapshot, made: &Provenance) -> Vec<u8> {
    let name = shown(snapshot.organization.name.as_deref().unwrap_or("organization"));
    let title = format!("Access review: {name}");
    let body = html! {
        h1 { (title) }
        p.sub {
            "Organization " (snapshot.organization.id) ", as of " (snapshot.terms.as_of) " (UTC)"
        }
        (numbers(snapshot))
        @if !snapshot.notes.is_empty() {
            h2 { "What could not be read" }
            ul { @for note in &snapshot.notes { li { (shown(note)) } } }
        }
        h2 #flags { "What deserves a look" }
        (flags(snapshot))
        h2 #logins { "Last logins" }
        (logins(snapshot))
        h2 #matrix { "People and teams" }
        (matrix(snapshot))
        h2 #roles { "Custom roles" }
        (custom_roles(snapshot))
        footer {
            "Stale means no login for more than " (snapshot.terms.stale_days) " days. Trusted \
                domains: "
            (shown(&joined(&snapshot.terms.trusted_domains))) "."
        }
        (super::provenance(made))
    };
    super::page(&title, &body)
}

fn numbers(snapshot: &Snapshot) -> Markup {
    let counts = &snapshot.counts;
    html! {
        ul.numbers {
            li { b { (counts.people) } "people" }
            li { b { (counts.teams) } "teams" }
            li { b { (counts.pending) } "pending invitations" }
            li { b { (counts.expired) } "expired invitations" }
            li { b { (snapshot.flags.len()) } "flags" }
        }
    }
}

/// Kind by kind. People of whom the same is to be said stand behind each other.
fn flags(snapshot: &Snapshot) -> Markup {
    html! {
        @if snapshot.flags.is_empty() { p { "Nothing." } }
        @for flags in snapshot.flags.chunk_by(|a, b| a.kind == b.kind) {
            @let same = flags.iter().all(|flag| flag.text == flags[0].text);
            h3.kind { (flags[0].kind.name().replace('_', " ")) " (" (flags.len()) ")" }
            @if same {
                p { (super::sentence(&flags[0].text)) }
                ul.people { @for flag in flags { li { (super::address(&flag.person)) } } }
            } @else {
                table.flags {
                    tbody {
                        @for flag in flags {
                            tr {
                                th { (super::address(&flag.person)) }
                                td { (super::sentence(&flag.text)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Bars: how many people logged in last how long ago.
fn logins(snapshot: &Snapshot) -> Markup {
    const AGES: [(&str, i64); 6] = [
        ("up to 7 days", 7),
        ("up to 30 days", 30),
        ("up to 90 days", 90),
        ("up to 180 days", 180),
        ("up to a year", 365),
        ("longer", i64::MAX),
    ];
    let mut bars = AGES.map(|(label, _)| (label, 0_u64)).to_vec();
    bars.push(("never or unknown", 0));
    for person in snapshot.people.iter().filter(|person| person.invitation.is_none()) {
        let days =
            person.last_login.as_deref().and_then(|last| days_since(last, &snapshot.terms.as_of));
        let place = days.map_or(AGES.len(), |days| {
            AGES.iter().position(|(_, most)| days <= *most).unwrap_or(AGES.len() - 1)
        });
        bars[place].1 += 1;
    }
    let most = bars.iter().map(|(_, count)| *count).max().unwrap_or(0).max(1);
    html! {
        svg.chart role="img" aria-label="People by the age of their last login"
            viewBox="0 0 640 190" width="640" height="190" {
            @for (row, (label, count)) in bars.iter().enumerate() {
                @let y = row * 26 + 4;
                text x="120" y=(y + 14) text-anchor="end" { (label) }
                rect x="130" y=(y) width=(count * 430 / most) height="18" {}
                text x=(136 + count * 430 / most) y=(y + 14) { (count) }
            }
        }
    }
}

/// One table for each few teams. The first has everybody, the others those who are in one of their teams.
fn matrix(snapshot: &Snapshot) -> Markup {
    let mut parts: Vec<&[TeamRow]> = snapshot.teams.chunks(TEAMS_ACROSS).collect();
    if parts.is_empty() {
        parts.push(&[]);
    }
    html! {
        @for (number, teams) in parts.into_iter().enumerate() {
            div.scroll {
                table.matrix {
                    thead {
                        tr {
                            th { "Person" } th { "Organization" } th { "Last login" }
                            th { "Two factors" }
                            @for team in teams { th { (shown(&snapshot.team_name(team.id))) } }
                        }
                    }
                    tbody {
                        @for person in &snapshot.people {
                            @if number == 0 || is_in(person, teams) { (row(snapshot, person,
                            teams)) }
                        }
                    }
                }
            }
            br;
        }
    }
}

fn is_in(person: &ReviewedPerson, teams: &[TeamRow]) -> bool {
    person.teams.iter().any(|one| teams.iter().any(|team| team.id == one.team_id))
}

fn row(snapshot: &Snapshot, person: &ReviewedPerson, teams: &[TeamRow]) -> Markup {
    html! {
        tr {
            th {
                (shown(person.name.as_deref().unwrap_or("(no name)")))
                @if let Some(email) = &person.email { br; span.mail { (super::address(email)) } }
            }
            td {
                (shown(&snapshot.role_name(person.role_id)))
                @if let Some(state) = &person.invitation { br; span.kind { (shown(state)) } }
            }
            td.date {
                (person.last_login.as_deref().and_then(|last| last.get(..10)).unwrap_or("never"))
            }
            td { (TwoFactor::of(person.tfa_status).name()) }
            @for team in teams {
                @match person.teams.iter().find(|one| one.team_id == team.id) {
                    Some(one) => { td { (shown(&snapshot.role_name(one.role_id))) } }
                    None => { td.none { "–" } }
                }
            }
        }
    }
}

fn custom_roles(snapshot: &Snapshot) -> Markup {
    let custom: Vec<_> = snapshot.roles.iter().filter(|role| role.custom).collect();
    html! {
        @if custom.is_empty() { p { "None." } } @else {
            table {
                thead { tr { th { "Role" } th { "Level" } th { "Adds to a plain member" } } }
                tbody {
                    @for role in custom {
                        tr {
                            td { (shown(role.name.as_deref().unwrap_or("(no name)"))) }
                            td { (shown(role.category.as_deref().unwrap_or("?"))) }
                            td { (shown(&joined(&role.adds))) }
                        }
                    }
                }
            }
        }
    }
}

fn joined(texts: &BTreeSet<String>) -> String {
    texts.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}
