//! Slack's rate limits. The server asks before it carries out a call.
//!
//! <https://docs.slack.dev/apis/web-api/rate-limits>

use std::collections::HashMap;

use jiff::Timestamp;

/// How full each bucket is.
#[derive(Default)]
pub(super) struct Pace {
    buckets: HashMap<String, Bucket>,
}

struct Bucket {
    tokens: f64,
    filled: Timestamp,
}

/// A bucket's size and how fast it fills.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    /// Calls that may come at once.
    pub(super) burst: u32,
    /// Calls a minute in the long run.
    pub(super) per_minute: u32,
}

impl Limit {
    /// Messages to one channel: one a second, after a burst.
    pub(super) const CHANNEL: Self = Self { burst: 20, per_minute: 60 };
    /// History and replies of distributed apps outside of the Marketplace.
    pub(super) const RESTRICTED_HISTORY: Self = Self { burst: 1, per_minute: 1 };

    /// A method of a tier. "Bursts are tolerated": here up to a minute's worth.
    pub(super) fn tier(per_minute: u32) -> Self {
        Self { burst: per_minute, per_minute }
    }
}

impl Pace {
    /// Takes one call out of a bucket, or tells how many whole seconds to wait.
    pub(super) fn take(&mut self, bucket: String, limit: Limit, now: Timestamp) -> Result<(), u64> {
        let full = f64::from(limit.burst);
        let bucket = self.buckets.entry(bucket).or_insert(Bucket { tokens: full, filled: now });
        let per_second = f64::from(limit.per_minute) / 60.0;
        let elapsed = now.duration_since(bucket.filled).as_secs_f64().max(0.0);
        bucket.tokens = (bucket.tokens + elapsed * per_second).min(full);
        bucket.filled = now;
        // A hair less than one is one: the fill is computed in floating point.
        if bucket.tokens > 0.999_999 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        Err(whole_seconds((1.0 - bucket.tokens) / per_second))
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most a minute, never negative")]
fn whole_seconds(seconds: f64) -> u64 {
    (seconds - 1e-6).ceil().max(1.0) as u64
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::{Limit, Pace};

    #[test]
    fn a_channel_takes_a_burst_and_then_one_message_a_second() {
        let mut pace = Pace::default();
        let start = Timestamp::UNIX_EPOCH;
        for _ in 0..20 {
            assert_eq!(pace.take("c".into(), Limit::CHANNEL, start), Ok(()));
        }
        assert_eq!(pace.take("c".into(), Limit::CHANNEL, start), Err(1));
        assert_eq!(pace.take("other".into(), Limit::CHANNEL, start), Ok(()));
        assert_eq!(pace.take("c".into(), Limit::CHANNEL, start + SignedDuration::from_secs(1)), Ok(()));
    }

    #[test]
    fn restricted_history_is_one_request_a_minute() {
        let mut pace = Pace::default();
        let start = Timestamp::UNIX_EPOCH;
        assert_eq!(pace.take("h".into(), Limit::RESTRICTED_HISTORY, start), Ok(()));
        assert_eq!(pace.take("h".into(), Limit::RESTRICTED_HISTORY, start), Err(60));
        assert_eq!(pace.take("h".into(), Limit::RESTRICTED_HISTORY, start + SignedDuration::from_secs(60)), Ok(()));
    }
}
