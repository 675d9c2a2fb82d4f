//! From when to when a trail is read, and what cannot be in it.

use jiff::{Timestamp, ToSpan, civil::Date, tz::TimeZone};

use crate::{
    make::{Counter, OrganizationId, Place},
    tools::registry::{Context, ToolError},
};

/// A day or a moment of an argument.
#[derive(Clone, Copy)]
pub(crate) enum Day {
    Whole(Date),
    Moment(Timestamp),
}

impl Day {
    pub(crate) fn of(name: &str, text: &str) -> Result<Self, ToolError> {
        let text = text.trim();
        if let Ok(moment) = text.parse() {
            return Ok(Self::Moment(moment));
        }
        let day = text.parse().ok().filter(|_| text.len() == 10);
        day.map(Self::Whole).ok_or_else(|| {
            ToolError::arguments(format!(
                "`{name}` must be a day such as 2026-05-31 or a moment such as 2026-05-31T08:00:00Z"
            ))
        })
    }

    /// Its first moment.
    pub(crate) fn start(self) -> Timestamp {
        match self {
            Self::Moment(moment) => moment,
            Self::Whole(day) => midnight(day),
        }
    }

    /// Its last moment.
    pub(crate) fn end(self) -> Timestamp {
        match self {
            Self::Moment(moment) => moment,
            Self::Whole(day) => {
                day.tomorrow().map_or(Timestamp::MAX, |next| midnight(next) - 1.nanosecond())
            }
        }
    }
}

fn midnight(day: Date) -> Timestamp {
    let start = TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0));
    start.unwrap_or(Timestamp::MAX)
}

/// From when to when, both inclusive.
#[derive(Clone, Copy, Default)]
pub(crate) struct AuditWindow {
    pub(crate) from: Option<Timestamp>,
    pub(crate) to: Option<Timestamp>,
}

impl AuditWindow {
    pub(crate) fn of(from: Option<&str>, to: Option<&str>) -> Result<Self, ToolError> {
        let from = from.map(|text| Day::of("dateFrom", text)).transpose()?.map(Day::start);
        let to = to.map(|text| Day::of("dateTo", text)).transpose()?.map(Day::end);
        if let (Some(from), Some(to)) = (from, to)
            && from > to
        {
            return Err(ToolError::arguments("`dateFrom` is later than `dateTo`"));
        }
        Ok(Self { from, to })
    }

    /// Whether a moment is in it.
    pub(crate) fn has(&self, moment: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= moment) && self.to.is_none_or(|to| moment <= to)
    }

    /// What cannot be in it, in sentences. `kept` is for how many days the plan keeps audit logs.
    pub(crate) fn notes(&self, today: Date, kept: Option<u64>) -> Vec<String> {
        let day = |moment: Timestamp| TimeZone::UTC.to_datetime(moment).date();
        if self.from.is_some_and(|from| day(from) > today) {
            return vec![format!("The window lies in the future: today is {today} (UTC).")];
        }
        let kept = kept.filter(|days| *days > 0);
        let oldest = kept.and_then(|days| {
            Some((days, today.checked_sub(i64::try_from(days).ok()?.days()).ok()?))
        });
        let Some((days, oldest)) = oldest else { return Vec::new() };
        if self.to.is_some_and(|to| day(to) < oldest) {
            return vec![format!(
                "The plan keeps audit logs for {days} days: the window ends before {oldest}, where \
                 the trail begins."
            )];
        }
        if self.from.is_some_and(|from| day(from) < oldest) {
            return vec![format!(
                "The plan keeps audit logs for {days} days: entries before {oldest} are not in the \
                 trail any more."
            )];
        }
        Vec::new()
    }
}

/// A moment as it goes to Make, in UTC, since it is unknown which other forms Make reads.
pub(crate) fn on_the_wire(moment: Timestamp) -> String {
    // Rounding would move the end of a day into the next one.
    let millisecond = Timestamp::from_millisecond(moment.as_millisecond()).unwrap_or(moment);
    format!("{millisecond:.3}")
}

/// The organization of a trail; None where the trail itself will say what is wrong.
pub(crate) async fn organization_of(
    cx: &Context,
    trail: Place,
) -> Result<Option<OrganizationId>, ToolError> {
    match trail {
        Place::Organization(id) => Ok(Some(id)),
        Place::Team(id) => match cx.make.teams().get(id, &[]).await {
            Ok(team) => Ok(team.organization_id),
            Err(error) if error.status().is_some() => Ok(None),
            Err(error) => Err(error.into()),
        },
    }
}

/// What the plan of an organization allows: requests a minute, and days for which audit logs are kept.
#[derive(Clone, Copy, Default)]
pub(crate) struct PlanLimits {
    /// Whether the organization could be read at all.
    pub(crate) known: bool,
    pub(crate) requests: Option<u64>,
    pub(crate) audit_days: Option<u64>,
}

impl PlanLimits {
    /// Reads them; what Make does not tell is unknown.
    pub(crate) async fn of(cx: &Context, organization: OrganizationId) -> Result<Self, ToolError> {
        let found = match cx.make.organizations().get(organization, &[], false).await {
            Ok(found) => found,
            // What is read next will say what is wrong.
            Err(error) if error.status().is_some() => return Ok(Self::default()),
            Err(error) => return Err(error.into()),
        };
        let license = found.license.as_ref();
        let number = |counter: Option<&Counter>| counter.and_then(Counter::number);
        Ok(Self {
            known: true,
            requests: number(license.and_then(|license| license.api_limit.as_ref())),
            audit_days: number(license.and_then(|license| license.audit_logs_days.as_ref())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_a_day_or_a_moment() {
        let day = |text| Day::of("dateFrom", text);
        let plain = day("2026-05-31").expect("a day");
        assert_eq!(on_the_wire(plain.start()), "2026-05-31T00:00:00.000Z");
        assert_eq!(on_the_wire(plain.end()), "2026-05-31T23:59:59.999Z");
        assert_eq!(plain.end().to_string(), "2026-05-31T23:59:59.999999999Z");
        let moment = day("2026-05-31T10:00:00+02:00").expect("a moment");
        assert_eq!(on_the_wire(moment.start()), "2026-05-31T08:00:00.000Z");
        assert_eq!(moment.start(), moment.end());
        for bad in ["31.05.2026", "2026-13-01", "2026-05-31 08:00", "last week", ""] {
            assert!(day(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_window_says_what_cannot_be_in_it() {
        let today = jiff::civil::date(2026, 6, 1);
        let notes = |from, to, kept| {
            AuditWindow::of(Some(from), Some(to)).expect("a window").notes(today, kept)
        };
        assert!(notes("2026-06-02", "2026-06-03", None)[0].contains("lies in the future"));
        assert!(notes("2026-01-01", "2026-04-30", Some(30))[0].contains("ends before 2026-05-02"));
        assert!(
            notes("2026-01-01", "2026-05-31", Some(30))[0].contains("entries before 2026-05-02")
        );
        for kept in [None, Some(0), Some(365), Some(u64::MAX)] {
            assert!(notes("2026-05-01", "2026-06-01", kept).is_empty(), "{kept:?}");
        }
    }
}
