//! A moment of the week, as people write it: `mon 09:00`.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};

use super::days::{day, minutes};
use super::moment;

/// A moment of each week, by the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weekly {
    /// From 0 for Monday.
    day: usize,
    /// Since midnight.
    minutes: u16,
}

impl Weekly {
    /// Reads a day and a time; none where it is something else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (name, time) = text.trim().split_once(char::is_whitespace)?;
        Some(Self { day: day(name)?, minutes: minutes(time).filter(|minutes| *minutes < 24 * 60)? })
    }

    /// When it comes next after that, and on which day.
    #[must_use]
    pub fn next(self, zone: &TimeZone, after: Timestamp) -> Option<(Timestamp, Date)> {
        let first = zone.to_datetime(after).date();
        // Today's may be over, so one day more than a week has.
        let days = (0..=7).filter_map(|later| first.checked_add(i64::from(later).days()).ok());
        days.filter(|date| usize::try_from(date.weekday().to_monday_zero_offset()) == Ok(self.day))
            .map(|date| (moment(zone, date, self.minutes), date))
            .find(|(moment, _)| *moment > after)
    }
}

/// Whether this is a moment of the week, such as `mon 09:00`, or empty.
#[must_use]
pub fn is_weekly_or_empty(text: &str) -> bool {
    text.is_empty() || Weekly::read(text).is_some()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_once_a_week_by_the_wall_clock() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        for (text, after, next) in [
            ("mon 09:00", "2026-11-20T10:00:00Z", "2026-11-23T08:00:00Z"),
            ("mon 09:00", "2026-11-23T07:59:59Z", "2026-11-23T08:00:00Z"),
            ("mon 09:00", "2026-11-23T08:00:00Z", "2026-11-30T08:00:00Z"),
            ("Sun  2:30", "2026-03-25T00:00:00Z", "2026-03-29T01:00:00Z"),
            ("fri 00:00", "2026-07-01T00:00:00Z", "2026-07-02T22:00:00Z"),
        ] {
            let (moment, date) = Weekly::read(text).unwrap().next(&zone, after.parse().unwrap()).unwrap();
            assert_eq!(moment.to_string(), next, "{text}");
            assert_eq!(date, zone.to_datetime(moment).date());
        }
    }

    #[test]
    fn what_is_no_moment_of_the_week_is_not_read() {
        for text in ["mon", "09:00", "monday 09:00", "mon 24:00", "mon 9", "mon-fri 09:00", "mon 09:00-10:00"] {
            assert!(!is_weekly_or_empty(text), "{text}");
        }
        assert!(is_weekly_or_empty("") && is_weekly_or_empty("tue 23:59"));
    }
}
