//! Business hours: when somebody is there, and how much working time lies between two moments.

use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// When somebody is there, in one time zone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// IANA name, such as `Europe/Berlin`.
    pub time_zone: String,
    /// When work begins and ends on each day of the week, Monday first; several times on a day where there is a break.
    pub week: [Vec<Span>; 7],
    /// Days without work, `2026-12-25`.
    pub holidays: Vec<jiff::civil::Date>,
}

/// A stretch of a day: from the first minute to before the last one. The end may be 24:00, which is written 1440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Minutes since midnight.
    pub from: u16,
    /// Minutes since midnight.
    pub to: u16,
}

impl Hours {
    /// Whether somebody is there.
    #[must_use]
    pub fn are_on(&self, now: Timestamp) -> bool {
        let _ = now;
        true
    }

    /// When somebody is there next: `now` if it is so now; never, if there is no such time.
    #[must_use]
    pub fn next_start(&self, now: Timestamp) -> Option<Timestamp> {
        Some(now)
    }

    /// When this much working time will have passed since then.
    #[must_use]
    pub fn deadline(&self, since: Timestamp, working: Duration) -> Timestamp {
        crate::clock::after(since, working)
    }

    /// The working time between two moments.
    #[must_use]
    pub fn between(&self, from: Timestamp, to: Timestamp) -> Duration {
        from.duration_until(to).try_into().unwrap_or_default()
    }
}
