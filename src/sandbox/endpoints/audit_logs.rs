//! Audit logs of organizations and teams.

use std::{cmp::Ordering, collections::BTreeSet, ops::Range};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde_json::{Value, json};

use crate::{
    make::{OrganizationId, Response, TeamId},
    sandbox::{
        account::{
            generated::{hyphenated, written},
            history::{CATALOGUE, SandboxEvent},
            state::AccountState,
        },
        http::{
            query::Sorting,
            request::{SandboxRequest, id, wrong},
            response::{SandboxResult, denied, not_found, ok, upgrade},
        },
    },
};

const SORTING: Sorting = Sorting {
    limit: 100,
    by: "triggeredAt",
    descending: true,
    columns: &[
        "createdAt", "triggeredAt", "eventName", "organization", "team", "actor", "targetId",
    ],
};

/// Whose entries are seen.
pub(crate) struct VisibleTrail {
    organization: OrganizationId,
    team: Option<TeamId>,
}

impl VisibleTrail {
    fn has(&self, event: &SandboxEvent) -> bool {
        event.organization == self.organization && (self.team.is_none() || event.team == self.team)
    }
}

/// Owners and admins see the trail of an organization, if the plan has one.
pub(crate) fn of_organization(
    request: &SandboxRequest<'_>,
    organization: &str,
) -> Result<VisibleTrail, Response> {
    let organization = OrganizationId(id(organization)?);
    request.allowed(organization, "organization edit")?;
    licensed(request, organization)?;
    Ok(VisibleTrail { organization, team: None })
}

/// Team admins see the trail of a team, and who reaches every team.
pub(crate) fn of_team(request: &SandboxRequest<'_>, team: &str) -> Result<VisibleTrail, Response> {
    let team = request.team(TeamId(id(team)?))?;
    let organization = team.organization_id;
    let manages = team
        .member(request.caller)
        .is_some_and(|member| request.has(member.users_role_id, "team user add and edit"));
    if !manages && request.owns(organization).is_err() {
        return Err(denied());
    }
    licensed(request, organization)?;
    Ok(VisibleTrail { organization, team: Some(team.id) })
}

fn licensed(request: &SandboxRequest<'_>, organization: OrganizationId) -> Result<(), Response> {
    let organization = request.state.organization(organization).ok_or_else(not_found)?;
    match request.state.plan(organization).limit("auditLogsDays") {
        0 => Err(upgrade("audit logs")),
        _ => Ok(()),
    }
}

fn entry(state: &AccountState, event: &SandboxEvent) -> Value {
    let organization = state
        .organization(event.organization)
        .map(|found| json!({ "id": found.id, "name": found.name }));
    let team = event
        .team
        .and_then(|id| state.team(id))
        .map(|team| json!({ "id": team.id, "name": team.name }));
    let actor = event.actor.and_then(|id| state.person(id));
    json!({
        "uuid": hyphenated(event.uuid),
        "createdAt": written(event.stored),
        "triggeredAt": written(event.triggered),
        "organizationId": event.organization,
        "organization": organization,
        "eventName": event.name,
        "team": team,
        "actor": actor.map(|person| json!({ "id": person.id, "name": person.name,
        "email": person.email })),
        "targetId": event.target.to_string(),
        "version": event.version.map(|last| json!({ "from": format!("1.0.{last}"),
        "to": format!("1.0.{}", last + 1) })),
    })
}

fn events<'a>(
    request: &'a SandboxRequest<'_>,
    trail: &'a VisibleTrail,
) -> impl Iterator<Item = SandboxEvent> + 'a {
    (0..request.state.trail_len())
        .map(|place| request.state.trail_event(place))
        .filter(|event| trail.has(event))
}

pub(crate) fn list(request: &SandboxRequest<'_>, trail: &VisibleTrail) -> SandboxResult {
    let paging = SORTING.asked(request)?;
    let window = TimeWindow {
        from: moment(request, "dateFrom", false)?,
        to: moment(request, "dateTo", true)?,
    };
    let filters = [
        ("event", request.values("event")),
        ("author", request.values("author")),
        ("team", request.values("team")),
    ];
    let fits = |event: &SandboxEvent| {
        filters.iter().all(|(kind, wanted)| {
            wanted.is_empty()
                || names(request.state, event, kind)
                    .iter()
                    .any(|name| wanted.contains(&name.as_str()))
        })
    };
    let is_whole = trail.team.is_none() && filters.iter().all(|(_, wanted)| wanted.is_empty());
    let places = Places::of(request.state, trail, &window, is_whole, fits);
    let total = places.len();
    let asked = paging.offset.min(total)..(paging.offset + paging.limit).min(total);
    let found: Vec<SandboxEvent> = if matches!(paging.sort_by, "createdAt" | "triggeredAt") {
        // Newer entries come first, by both columns.
        let newest_first = |at: usize| {
            if paging.descending { at } else { total - 1 - at }
        };
        asked.map(|at| request.state.trail_event(places.at(newest_first(at)))).collect()
    } else {
        let mut all: Vec<_> =
            (0..total).map(|at| request.state.trail_event(places.at(at))).collect();
        // Equal keys keep one order, so that pages neither repeat nor lose an entry.
        all.sort_by(|a, b| {
            paging.directed(compare(request.state, paging.sort_by, a, b).then(a.uuid.cmp(&b.uuid)))
        });
        all.drain(asked).collect()
    };
    let rows: Vec<_> = found.iter().map(|event| entry(request.state, event)).collect();
    let mut pg = paging.echo();
    if paging.count {
        pg["totalCount"] = total.into();
    }
    ok(&json!({ "auditLogs": rows, "pg": pg }))
}

/// From when to when, both inclusive.
struct TimeWindow {
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

/// The places in all trails whose entries are asked for, newest first.
struct Places {
    /// Each one.
    single: Vec<u64>,
    /// Behind them, a part of the history without gaps: it takes no memory, however long it is.
    range: Range<u64>,
}

impl Places {
    fn of(
        state: &AccountState,
        trail: &VisibleTrail,
        window: &TimeWindow,
        is_whole: bool,
        fits: impl Fn(&SandboxEvent) -> bool,
    ) -> Self {
        let triggered = |place| state.trail_event(place).triggered;
        let len = state.trail_len();
        let start = first(len, |place| window.to.is_none_or(|to| triggered(place) <= to));
        let end = first(len, |place| window.from.is_some_and(|from| triggered(place) < from));
        let history = state.events.len() as u64;
        let all = is_whole && trail.organization == state.history.organization_id;
        let singles = start..if all { end.min(history) } else { end };
        let single = singles.filter(|place| {
            let event = state.trail_event(*place);
            trail.has(&event) && fits(&event)
        });
        Self {
            single: single.collect(),
            range: if all { start.max(history)..end.max(history) } else { 0..0 },
        }
    }

    fn len(&self) -> usize {
        self.single.len() + self.range.clone().count()
    }

    fn at(&self, index: usize) -> u64 {
        let behind = || self.range.start + (index - self.single.len()) as u64;
        self.single.get(index).copied().unwrap_or_else(behind)
    }
}

/// The first of `len` places from which on `holds` is true.
fn first(len: u64, holds: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (0, len);
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// What a filter may call the event, its author or its team.
fn names(state: &AccountState, event: &SandboxEvent, kind: &str) -> Vec<String> {
    let both = |id: u64, name: Option<&String>| {
        std::iter::once(id.to_string()).chain(name.cloned()).collect()
    };
    match kind {
        "event" => vec![event.name.to_owned()],
        "author" => event
            .actor
            .map(|id| both(id.0, state.person(id).map(|person| &person.name)))
            .unwrap_or_default(),
        _ => event
            .team
            .map(|id| both(id.0, state.team(id).map(|team| &team.name)))
            .unwrap_or_default(),
    }
}

fn compare(state: &AccountState, column: &str, a: &SandboxEvent, b: &SandboxEvent) -> Ordering {
    match column {
        "eventName" => a.name.cmp(b.name),
        "targetId" => a.target.cmp(&b.target),
        "actor" => names(state, a, "author").last().cmp(&names(state, b, "author").last()),
        "team" => names(state, a, "team").last().cmp(&names(state, b, "team").last()),
        _ => a.organization.cmp(&b.organization),
    }
}

/// A day or a moment of the query; a day ends with its last millisecond.
fn moment(
    request: &SandboxRequest<'_>,
    name: &str,
    end: bool,
) -> Result<Option<Timestamp>, Response> {
    let Some(text) = request.query(name) else {
        return Ok(None);
    };
    if let Ok(moment) = text.parse() {
        return Ok(Some(moment));
    }
    let day: Date = text.parse().map_err(|_| wrong(name))?;
    let time = if end { day.at(23, 59, 59, 999_000_000) } else { day.at(0, 0, 0, 0) };
    TimeZone::UTC.to_timestamp(time).map(Some).map_err(|_| wrong(name))
}

pub(crate) fn filters(request: &SandboxRequest<'_>, trail: &VisibleTrail) -> SandboxResult {
    let state = &*request.state;
    let of_team = trail.team.is_some();
    let authors: BTreeSet<_> = events(request, trail).filter_map(|event| event.actor).collect();
    let users: Vec<_> = authors
        .into_iter()
        .filter_map(|id| state.person(id))
        .map(|person| json!({ "id": person.id, "name": person.name, "email": person.email }))
        .collect();
    let groups: Vec<_> = CATALOGUE
        .iter()
        .filter(|group| group.of_teams || !of_team)
        .map(|group| {
            let items =
                group.events.iter().map(|event| json!({ "label": label(event), "value": event }));
            json!({ "header": group.header, "items": items.collect::<Vec<_>>() })
        })
        .collect();
    let mut answer = json!({ "users": users, "events": groups });
    if !of_team {
        let teams = state
            .teams_of(trail.organization)
            .map(|team| json!({ "id": team.id, "name": team.name }));
        answer["teams"] = teams.collect();
    }
    ok(&answer)
}

/// `webhook_created` as people read it: Webhook created.
fn label(event: &str) -> String {
    let words = event.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

pub(crate) fn detail(
    request: &SandboxRequest<'_>,
    trail: &VisibleTrail,
    uuid: &str,
) -> SandboxResult {
    let found = events(request, trail)
        .find(|event| hyphenated(event.uuid) == uuid)
        .ok_or_else(not_found)?;
    let mut entry = entry(request.state, &found);
    let mut details = json!({ "targetName": format!("{} {}", label(found.name), found.target) });
    if let Some(person) = found.subject.and_then(|id| request.state.person(id)) {
        details["user"] = json!({ "id": person.id, "name": person.name });
    }
    entry["details"] = details;
    ok(&entry)
}
