//! Business hours: when somebody is there, and how much working time lies between two moments.
//!
//! A wall clock in the hours' own time zone decides. Where it is put forward, what it skips does not exist; where it is put
//! back, the hour that comes twice counts as one long hour. The zones are compiled in, so that every machine knows the same.

mod days;
#[cfg(test)]
mod tests;
mod weekly;

use std::sync::LazyLock;
use std::time::Duration;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Span as Days, Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

pub use days::{is_date, is_days};
pub use weekly::{Weekly, is_weekly_or_empty};

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// How far a search goes, in days: some twenty years.
const HORIZON: i32 = 20 * 366;

/// When somebody is there, in one time zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// What the configuration calls them.
    #[serde(default)]
    pub name: String,
    /// IANA name, such as `Europe/Berlin`.
    pub time_zone: String,
    /// When work begins and ends on each day of the week, Monday first; several times on a day where there is a break. In
    /// order, and apart from each other.
    pub week: [Vec<Span>; 7],
    /// Days without work, `2026-12-25`.
    pub holidays: Vec<Date>,
}

/// A stretch of a day: from the first minute to before the last one. The end may be 24:00, which is written 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// Minutes since midnight.
    pub from: u16,
    /// Minutes since midnight.
    pub to: u16,
}

impl Hours {
    /// The wall clock that they go by.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        ZONES.get(&self.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// Whether somebody is there.
    #[must_use]
    pub fn are_on(&self, now: Timestamp) -> bool {
        self.stretches(now).next().is_some_and(|(from, _)| from <= now)
    }

    /// When somebody is there next: `now` if it is so now; never, if there is no such time within some twenty years.
    #[must_use]
    pub fn next_start(&self, now: Timestamp) -> Option<Timestamp> {
        self.stretches(now).next().map(|(from, _)| from.max(now))
    }

    /// When this much working time will have passed since then; the end of time, if that takes more than some twenty years.
    #[must_use]
    pub fn deadline(&self, since: Timestamp, working: Duration) -> Timestamp {
        let mut left = working;
        if left.is_zero() {
            return since;
        }
        for (from, to) in self.stretches(since) {
            let from = from.max(since);
            let long = length(from, to);
            if left <= long {
                return crate::clock::after(from, left);
            }
            left -= long;
        }
        Timestamp::MAX
    }

    /// The working time between two moments; of the first twenty years of them.
    #[must_use]
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Duration {
        let stretches = self.stretches(from).take_while(|(begin, _)| *begin < to);
        stretches.map(|(begin, end)| length(begin.max(from), end.min(to))).sum()
    }

    /// The stretches of work that end after this moment, in order, each not empty.
    fn stretches(&self, after: Timestamp) -> impl Iterator<Item = (Timestamp, Timestamp)> {
        let zone = self.zone();
        // A day before: a clock that is put back over midnight shows the day before again.
        let first = zone.to_datetime(after).date().saturating_sub(Days::new().days(1));
        let no_work = self.week.iter().all(Vec::is_empty);
        let days = (0..if no_work { 0 } else { HORIZON }).map_while(move |day| first.checked_add(day.days()).ok());
        days.filter(|day| !self.holidays.contains(day))
            .flat_map(move |day| {
                let zone = zone.clone();
                self.on(day.weekday()).iter().map(move |span| {
                    let [from, to] = [span.from, span.to].map(|minutes| moment(&zone, day, minutes));
                    (from, to)
                })
            })
            .filter(move |(from, to)| from < to && *to > after)
    }

    /// The spans of a day of the week.
    fn on(&self, day: Weekday) -> &[Span] {
        let index = usize::try_from(day.to_monday_zero_offset()).unwrap_or_default();
        self.week.get(index).map_or(&[], Vec::as_slice)
    }
}

/// When a wall clock first shows that minute of the day, or passes over it. Later minutes are never earlier moments.
fn moment(zone: &TimeZone, day: Date, minutes: u16) -> Timestamp {
    let time = DateTime::from(day).saturating_add(i64::from(minutes).minutes());
    let shown = match zone.to_ambiguous_timestamp(time).offset() {
        // Short of the gap by what it skips: the change of the clock follows.
        AmbiguousOffset::Gap { after, .. } => {
            let before = after.to_timestamp(time);
            return before
                .ok()
                .and_then(|before| zone.following(before).next())
                .map_or(Timestamp::MAX, |change| change.timestamp());
        }
        AmbiguousOffset::Unambiguous { offset } | AmbiguousOffset::Fold { before: offset, .. } => {
            offset.to_timestamp(time)
        }
    };
    shown.unwrap_or(Timestamp::MAX)
}

fn length(from: Timestamp, to: Timestamp) -> Duration {
    from.duration_until(to).try_into().unwrap_or_default()
}
