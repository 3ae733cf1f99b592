//! How long things took: the middle, and what nine of ten were within.

use std::time::Duration;

use jiff::SignedDuration;
use serde_json::{Value, json};

/// How long things took. Both are durations that did occur (nearest rank).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// Half of them took no longer.
    pub median: Duration,
    /// Nine of ten took no longer.
    pub most: Duration,
}

impl Spread {
    /// Of these; none of nothing. What ended before it began took no time.
    pub(super) fn of(durations: impl Iterator<Item = SignedDuration>) -> Option<Self> {
        let mut durations: Vec<Duration> = durations.map(|duration| duration.try_into().unwrap_or_default()).collect();
        durations.sort_unstable();
        let rank = |percent: usize| durations.get((durations.len() * percent).div_ceil(100).checked_sub(1)?).copied();
        Some(Self { median: rank(50)?, most: rank(90)? })
    }

    pub(super) fn to_json(self) -> Value {
        json!({ "median": self.median.as_secs(), "p90": self.most.as_secs() })
    }
}
