//! The only place that asks what time it is. Everything else takes `now` as an argument, so that tests can turn the clock
//! by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;

/// A source of the current time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until it is turned.
    Manual(ManualClock),
}

impl Clock {
    /// The current time, to the millisecond: what the database keeps.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks for the time")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => from_millis(Timestamp::now().as_millisecond()),
            Self::Manual(manual) => from_millis(manual.0.load(Ordering::SeqCst)),
        }
    }
}

/// A clock turned by hand; clones share the time.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<AtomicI64>);

impl ManualClock {
    /// A clock that shows `start`.
    #[must_use]
    pub fn starting_at(start: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(start.as_millisecond())))
    }

    /// Turns the clock forward.
    pub fn advance(&self, by: Duration) {
        let millis = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    /// Turns the clock to `time`, unless it is already later.
    pub fn advance_to(&self, time: Timestamp) {
        self.0.fetch_max(time.as_millisecond(), Ordering::SeqCst);
    }
}

/// The time that the database keeps as milliseconds since 1970.
///
/// A number outside of the range of dates becomes the nearest date.
#[must_use]
pub fn from_millis(millis: i64) -> Timestamp {
    Timestamp::from_millisecond(millis).unwrap_or(if millis < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// `time + by`, stopping at the last date there is.
#[must_use]
pub fn after(time: Timestamp, by: Duration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}
