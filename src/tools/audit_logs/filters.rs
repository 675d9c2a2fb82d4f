//! Events, people and teams that a trail is filtered by, found among those that Make lists: one that Make does not know
//! would find nothing, which reads as if nothing had happened.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    make::{AuditFilters, AuditLogFilter, Place},
    text::{folded, quoted},
    tools::registry::{Context, ToolError},
};

/// The most known values that an error names.
const MOST_NAMED: usize = 5;

/// What a trail was filtered by, as it went to Make.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(inline)]
pub(crate) struct AppliedFilters {
    /// First moment; null without.
    pub(crate) date_from: Option<String>,
    /// Last moment; null without.
    pub(crate) date_to: Option<String>,
    /// Event values.
    pub(crate) event: Vec<String>,
    /// Ids of people.
    pub(crate) author: Vec<String>,
    /// Ids of teams.
    pub(crate) team: Vec<String>,
}

impl AppliedFilters {
    /// As the client takes them.
    pub(crate) fn filter(&self) -> AuditLogFilter {
        AuditLogFilter {
            date_from: self.date_from.clone(),
            date_to: self.date_to.clone(),
            events: self.event.clone(),
            authors: self.author.clone(),
            teams: self.team.clone(),
        }
    }
}

/// Something that a trail can be filtered by: what goes to Make, and what people call it.
struct Known {
    value: String,
    names: Vec<String>,
}

/// Finds events (by value or label), people (by id, name or e-mail) and teams (by id or name), whatever their case and
/// diacritics. What is not found, or is found twice, is an error. Nothing is asked of Make where nothing is given.
pub(crate) async fn resolved(
    cx: &Context,
    trail: Place,
    event: &[String],
    author: &[String],
    team: &[String],
) -> Result<AppliedFilters, ToolError> {
    if event.is_empty() && author.is_empty() && team.is_empty() {
        return Ok(AppliedFilters::default());
    }
    let known = cx.make.audit_logs().filters(trail).await?;
    Ok(AppliedFilters {
        event: each("event", event, events(&known))?,
        author: each("author", author, people(&known))?,
        team: each("team", team, teams(&known))?,
        ..AppliedFilters::default()
    })
}

fn events(known: &AuditFilters) -> Option<Vec<Known>> {
    let items = known.events.as_ref()?.iter().flat_map(|group| &group.items);
    let known = items.filter_map(|item| {
        let value = item.value.clone()?;
        Some(Known { names: vec![item.label.clone().unwrap_or_else(|| value.clone())], value })
    });
    Some(known.collect())
}

fn people(known: &AuditFilters) -> Option<Vec<Known>> {
    let known = known.users.as_ref()?.iter().filter_map(|person| {
        let names = [person.name.clone(), person.email.clone()];
        Some(Known { value: person.id?.to_string(), names: names.into_iter().flatten().collect() })
    });
    Some(known.collect())
}

fn teams(known: &AuditFilters) -> Option<Vec<Known>> {
    let known = known.teams.as_ref()?.iter().filter_map(|team| {
        Some(Known { value: team.id?.to_string(), names: team.name.clone().into_iter().collect() })
    });
    Some(known.collect())
}

/// What each given value stands for. Where Make lists nothing, the values go out as they are.
fn each(
    argument: &str,
    given: &[String],
    known: Option<Vec<Known>>,
) -> Result<Vec<String>, ToolError> {
    let Some(known) = known else { return Ok(given.to_vec()) };
    let mut values = Vec::new();
    for wanted in given {
        let value = one(argument, wanted, &known)?;
        if !values.contains(&value) {
            values.push(value);
        }
    }
    Ok(values)
}

fn one(argument: &str, wanted: &str, known: &[Known]) -> Result<String, ToolError> {
    let wanted = wanted.trim();
    if let Some(exact) = known.iter().find(|known| known.value == wanted) {
        return Ok(exact.value.clone());
    }
    let folded_wanted = folded(wanted);
    let is_it = |known: &&Known| {
        let mut names = known.names.iter().chain([&known.value]);
        names.any(|name| folded(name) == folded_wanted)
    };
    let found: Vec<_> = known.iter().filter(is_it).collect();
    match found.as_slice() {
        [only] => Ok(only.value.clone()),
        [] => Err(ToolError::arguments(format!(
            "`{argument}` {} is not in this trail{}",
            quoted(wanted),
            nearest(wanted, known)
        ))
        .with_hint("make-audit-filters lists what there is; nothing was read")),
        several => Err(ToolError::arguments(format!(
            "`{argument}` {} stands for several: {}; give the value of the one that is meant",
            quoted(wanted),
            several.iter().take(MOST_NAMED).map(|one| shown(one)).collect::<Vec<_>>().join(", ")
        ))),
    }
}

/// The known values most like the wanted one, the nearest first; the first ones where none is like it.
fn nearest(wanted: &str, known: &[Known]) -> String {
    // More would only take time.
    let wanted = folded(&wanted.chars().take(100).collect::<String>());
    let likeness = |known: &Known| {
        let names = known.names.iter().chain([&known.value]);
        let all = names.map(|name| strsim::jaro_winkler(&wanted, &folded(name)));
        all.fold(0.0, f64::max)
    };
    let mut ranked: Vec<_> = known.iter().map(|known| (likeness(known), known)).collect();
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let names: Vec<_> = ranked.iter().take(MOST_NAMED).map(|(_, known)| shown(known)).collect();
    if names.is_empty() {
        return "; it has no entries yet".to_owned();
    }
    format!("; the nearest are: {}", names.join(", "))
}

fn shown(known: &Known) -> String {
    match known.names.first() {
        Some(name) if *name != known.value => format!("{} {}", known.value, quoted(name)),
        _ => known.value.clone(),
    }
}
