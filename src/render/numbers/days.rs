//! Which days numbers are of, and when these begin and end.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// Some days in a row, as the wall clocks of one zone have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    /// The last of them.
    pub last: Date,
    /// How many there are; at least 1.
    pub count: u16,
    /// Where midnight is.
    pub zone: TimeZone,
}

impl Days {
    /// The first of them.
    #[must_use]
    pub fn first(&self) -> Date {
        self.last.saturating_sub(Span::new().days(i64::from(self.count.max(1)) - 1))
    }

    /// When they begin.
    #[must_use]
    pub fn from(&self) -> Timestamp {
        self.midnight(self.first())
    }

    /// When they are over.
    #[must_use]
    pub fn until(&self) -> Timestamp {
        self.midnight(self.last.saturating_add(Span::new().days(1)))
    }

    /// What the zone is called.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    fn midnight(&self, day: Date) -> Timestamp {
        let midnight = day.to_zoned(self.zone.clone());
        midnight.map_or(Timestamp::MAX, |midnight| midnight.timestamp())
    }
}
