//! When to try again: pure schedules. The delivery worker keeps the number of attempts in the outbox and passes a random
//! number from 0 to 1 for the jitter.

use std::time::Duration;

/// Failed attempts at a callback after which the agent reads that the bot does not answer: of a change of control, the first
/// try, the retry at once and the one after a second.
pub const QUICK: u32 = 3;

/// The longest wait that a `Retry-After` can ask for.
pub const LONGEST_PAUSE: Duration = Duration::from_hours(24);

/// The wait after `attempt` failed attempts (1 after the first) to call a host back; `None`: give up.
#[must_use]
pub fn callback(attempt: u32, random: f64) -> Option<Duration> {
    schedule(&[0, 5], attempt, random)
}

/// The same for a change of control, which the bot must hear of at once: more quick retries, then the same long ones.
#[must_use]
pub fn control(attempt: u32, random: f64) -> Option<Duration> {
    schedule(&[0, 1, 2, 5], attempt, random)
}

/// The wait after `attempt` failed attempts (1 after the first) to call Slack, when Slack did not say how long: half a
/// second, doubling up to five minutes, of which the later half is left to chance.
#[must_use]
pub fn slack(attempt: u32, random: f64) -> Duration {
    const FIRST: Duration = Duration::from_millis(500);
    const LONGEST: Duration = Duration::from_mins(5);
    let doublings = attempt.saturating_sub(1).min(16);
    let wait = (FIRST * 2_u32.pow(doublings)).min(LONGEST);
    wait.mul_f64(f64::midpoint(1.0, random.clamp(0.0, 1.0)))
}

/// 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h, in seconds (Standard Webhooks 1.0, "Retry schedule").
const LONG: [u64; 8] = [300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];

/// Up to this share of a wait is added at random, so that what failed together does not come back together.
const JITTER: f64 = 0.1;

fn schedule(quick: &[u64], attempt: u32, random: f64) -> Option<Duration> {
    let index = usize::try_from(attempt.saturating_sub(1)).ok()?;
    let seconds = quick.iter().chain(&LONG).nth(index)?;
    Some(Duration::from_secs(*seconds).mul_f64(1.0 + JITTER * random.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(next: fn(u32, f64) -> Option<Duration>) -> Vec<u64> {
        (1..).map_while(|attempt| next(attempt, 0.0)).map(|wait| wait.as_secs()).collect()
    }

    #[test]
    fn callbacks_are_retried_for_days() {
        assert_eq!(seconds(callback), [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400]);
    }

    #[test]
    fn a_change_of_control_is_retried_within_seconds_first() {
        assert_eq!(seconds(control)[..5], [0, 1, 2, 5, 300]);
        assert_eq!(seconds(control).last(), Some(&86_400));
    }

    #[test]
    fn the_agent_is_told_while_the_retries_are_still_quick() {
        let waited: Duration = (1..QUICK).filter_map(|attempt| control(attempt, 1.0)).sum();
        assert!(waited < Duration::from_secs(2), "{waited:?}");
    }

    #[test]
    fn jitter_only_lengthens_a_wait_and_never_by_much() {
        assert_eq!(callback(2, 1.0), Some(Duration::from_millis(5_500)));
        assert_eq!(callback(2, 7.0), Some(Duration::from_millis(5_500)), "a random number out of range");
        assert_eq!(callback(1, 1.0), Some(Duration::ZERO), "at once is at once");
    }

    #[test]
    fn slack_is_asked_ever_more_rarely_but_never_given_up() {
        assert_eq!(slack(1, 1.0), Duration::from_millis(500));
        assert_eq!(slack(1, 0.0), Duration::from_millis(250));
        assert_eq!(slack(4, 1.0), Duration::from_secs(4));
        assert_eq!(slack(u32::MAX, 1.0), Duration::from_mins(5));
        assert_eq!(slack(0, 1.0), slack(1, 1.0));
    }
}
