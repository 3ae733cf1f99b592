//! The only place that asks what time it is. Everything else takes `now` as an argument, so that tests can turn the clock
//! by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

/// A source of the current time.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until it is turned.
    Manual(ManualClock),
    /// The clock that all processes on one database share.
    Common(CommonClock),
}

impl Clock {
    /// The current time, to the millisecond: what the database keeps.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks for the time")]
    pub fn now(&self) -> Timestamp {
        match self {
            Self::System => from_millis(Timestamp::now().as_millisecond()),
            Self::Manual(manual) => from_millis(manual.0.load(Ordering::SeqCst)),
            Self::Common(common) => common.now(),
        }
    }
}

/// A machine's clock, set right by the database's: leases and timers of several machines mean the same time then. Until
/// it is set for the first time, it is the machine's. Clones share what is set.
#[derive(Debug, Clone)]
pub struct CommonClock {
    machine: Box<Clock>,
    /// How many milliseconds the database's clock is ahead of the machine's.
    ahead: Arc<AtomicI64>,
}

impl CommonClock {
    /// A clock on this machine's.
    #[must_use]
    pub fn on(machine: Clock) -> Self {
        Self { machine: Box::new(machine), ahead: Arc::default() }
    }

    /// What the machine's own clock shows.
    #[must_use]
    pub fn machine(&self) -> Timestamp {
        self.machine.now()
    }

    /// Sets it: when the machine's clock showed a time between `asked` and `answered`, the database's showed `theirs`.
    /// A difference that may be due to the time which the answer took changes nothing.
    pub fn set(&self, theirs: Timestamp, asked: Timestamp, answered: Timestamp) {
        let took = answered.as_millisecond() - asked.as_millisecond();
        let ahead = theirs.as_millisecond() - asked.as_millisecond() - took / 2;
        if (ahead - self.ahead.load(Ordering::SeqCst)).abs() > took / 2 {
            self.ahead.store(ahead, Ordering::SeqCst);
        }
    }

    /// How far the database's clock is ahead of the machine's.
    #[must_use]
    pub fn ahead(&self) -> SignedDuration {
        SignedDuration::from_millis(self.ahead.load(Ordering::SeqCst))
    }

    fn now(&self) -> Timestamp {
        from_millis(self.machine.now().as_millisecond().saturating_add(self.ahead.load(Ordering::SeqCst)))
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

/// `time - by`, stopping at the first date there is.
#[must_use]
pub fn before(time: Timestamp, by: Duration) -> Timestamp {
    time.checked_sub(by).unwrap_or(Timestamp::MIN)
}

/// `time + by`, stopping at the last date there is.
#[must_use]
pub fn after(time: Timestamp, by: Duration) -> Timestamp {
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_set_goes_on_from_there_and_does_not_jitter() {
        let machine = ManualClock::starting_at(from_millis(1_000_000));
        let clock = CommonClock::on(Clock::Manual(machine.clone()));
        assert_eq!(clock.now(), from_millis(1_000_000));
        clock.set(from_millis(700_050), from_millis(1_000_000), from_millis(1_000_100));
        assert_eq!(clock.ahead(), SignedDuration::from_mins(-5));
        machine.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), from_millis(701_000));
        // The answer took 100 ms: it may mean 50 ms more or less.
        clock.set(from_millis(701_090), from_millis(1_001_000), from_millis(1_001_100));
        assert_eq!(clock.now(), from_millis(701_000));
        clock.set(from_millis(702_000), from_millis(1_001_000), from_millis(1_001_000));
        assert_eq!(clock.now(), from_millis(702_000));
    }
}
