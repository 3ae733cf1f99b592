//! How fast Slack may be called: per method and workspace in memory ([`Pace`]), per channel by arithmetic whose state the
//! lane keeps ([`Spacing`]). Both are the generic cell rate algorithm: one time per key, the "theoretical arrival time"
//! (TAT), up to which the allowance is used up. The delivery worker asks before each call.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

use super::method::Method;

/// An even rate that tolerates a burst.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spacing {
    interval: SignedDuration,
    tolerance: SignedDuration,
}

impl Spacing {
    /// Posts to one channel: about one a second, twenty at once (<https://docs.slack.dev/apis/web-api/rate-limits/>).
    pub const CHANNEL: Self = Self::new(SignedDuration::from_secs(1), 20);

    /// One call each `interval`, and `burst` of them (at least one) at once after a rest.
    #[must_use]
    pub const fn new(interval: SignedDuration, burst: i32) -> Self {
        let tolerance = SignedDuration::from_millis_i128(interval.as_millis() * (burst as i128 - 1));
        Self { interval, tolerance }
    }

    /// Counts a call made at `now`: the new TAT to keep, and the earliest time of the next call.
    #[must_use]
    pub fn next(self, tat: Timestamp, now: Timestamp) -> (Timestamp, Timestamp) {
        let tat = later(tat.max(now), self.interval);
        (tat, self.earliest(tat))
    }

    /// The earliest time of the next call when the TAT stands at `tat`.
    #[must_use]
    pub fn earliest(self, tat: Timestamp) -> Timestamp {
        later(tat, -self.tolerance)
    }
}

/// The pace of each method in each workspace, and the pauses that Slack ordered. In memory: a restart forgets at most a
/// minute's worth, and Slack's 429 says the rest.
#[derive(Debug, Default)]
pub struct Pace {
    /// By owner of the token and method.
    keys: Mutex<HashMap<(String, Method), State>>,
}

#[derive(Debug)]
struct State {
    tat: Timestamp,
    held_until: Timestamp,
}

impl Pace {
    /// Counts a call of `method` with the token of `owner` (a bot in a team) at `now`.
    ///
    /// # Errors
    /// The earliest time to ask again; nothing was counted then.
    pub fn admit(&self, owner: &str, method: Method, now: Timestamp) -> Result<(), Timestamp> {
        let spacing = spacing(method);
        self.with(owner, method, now, |state| {
            let earliest = spacing.earliest(state.tat).max(state.held_until);
            if now < earliest {
                return Err(earliest);
            }
            (state.tat, _) = spacing.next(state.tat, now);
            Ok(())
        })
    }

    /// Stops `method` for `owner`, and nothing else, until `until`: what a 429 asks for.
    pub fn hold(&self, owner: &str, method: Method, until: Timestamp) {
        self.with(owner, method, Timestamp::MIN, |state| state.held_until = state.held_until.max(until));
    }

    fn with<T>(&self, owner: &str, method: Method, now: Timestamp, change: impl FnOnce(&mut State) -> T) -> T {
        /// Beyond this many keys, those at rest are dropped: they say no more than an absent one.
        const MANY: usize = 10_000;
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.len() >= MANY {
            keys.retain(|_, state| state.tat.max(state.held_until) > now);
        }
        change(
            keys.entry((owner.to_owned(), method)).or_insert(State { tat: Timestamp::MIN, held_until: Timestamp::MIN }),
        )
    }
}

/// A quarter of the minute's allowance may come at once, and one call in any case.
fn spacing(method: Method) -> Spacing {
    let per_minute = i32::from(method.per_minute());
    Spacing::new(SignedDuration::from_mins(1) / per_minute, (per_minute / 4).max(1))
}

/// Saturates at the ends of time, so that a database full of nonsense cannot panic.
fn later(time: Timestamp, by: SignedDuration) -> Timestamp {
    time.saturating_add(by).unwrap_or(time)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(1_700_000_000_000 + millis).unwrap()
    }

    /// How many of the calls offered every 10 ms pass within `millis`.
    fn passed(pace: &Pace, owner: &str, method: Method, millis: i64) -> usize {
        (0..millis).step_by(10).filter(|now| pace.admit(owner, method, at(*now)).is_ok()).count()
    }

    #[test]
    fn a_minute_admits_the_tier_and_a_burst() {
        for (method, expected) in [
            (Method::APPS_CONNECTIONS_OPEN, 1),
            (Method::CONVERSATIONS_CREATE, 20 + 5),
            (Method::CHAT_UPDATE, 50 + 12),
            (Method::USERS_INFO, 100 + 25),
            (Method::CHAT_POST_MESSAGE, 300 + 75),
        ] {
            let admitted = passed(&Pace::default(), "bot/T1", method, 60_000);
            assert!(admitted.abs_diff(expected) <= 1, "{method:?}: {admitted}");
        }
    }

    #[test]
    fn a_refusal_names_the_time_at_which_the_call_passes() {
        let pace = Pace::default();
        while pace.admit("bot/T1", Method::CHAT_UPDATE, at(0)).is_ok() {}
        let earliest = pace.admit("bot/T1", Method::CHAT_UPDATE, at(0)).unwrap_err();
        assert_eq!(earliest, at(1_200));
        assert!(pace.admit("bot/T1", Method::CHAT_UPDATE, at(1_199)).is_err());
        assert!(pace.admit("bot/T1", Method::CHAT_UPDATE, earliest).is_ok());
    }

    #[test]
    fn a_hold_stops_one_method_of_one_workspace_and_nothing_else() {
        let pace = Pace::default();
        pace.hold("bot/T1", Method::CHAT_POST_MESSAGE, at(30_000));
        pace.hold("bot/T1", Method::CHAT_POST_MESSAGE, at(5_000));
        assert_eq!(pace.admit("bot/T1", Method::CHAT_POST_MESSAGE, at(0)), Err(at(30_000)), "the longer hold counts");
        assert_eq!(pace.admit("bot/T1", Method::CHAT_UPDATE, at(0)), Ok(()));
        assert_eq!(pace.admit("bot/T2", Method::CHAT_POST_MESSAGE, at(0)), Ok(()));
        assert_eq!(pace.admit("bot/T1", Method::CHAT_POST_MESSAGE, at(30_000)), Ok(()));
    }

    #[test]
    fn keys_at_rest_are_forgotten() {
        let pace = Pace::default();
        for owner in 0..10_000 {
            pace.admit(&owner.to_string(), Method::CHAT_UPDATE, at(0)).unwrap();
        }
        pace.admit("one more", Method::CHAT_UPDATE, at(60_000)).unwrap();
        assert_eq!(pace.keys.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_channel_takes_twenty_at_once_then_one_a_second() {
        let (mut tat, mut not_before) = (Timestamp::MIN, Timestamp::MIN);
        let mut sent = Vec::new();
        for _ in 0..23 {
            let now = not_before.max(at(0));
            sent.push(now);
            (tat, not_before) = Spacing::CHANNEL.next(tat, now);
        }
        assert!(sent[..20].iter().all(|time| *time == at(0)));
        assert_eq!(sent[20..], [at(1_000), at(2_000), at(3_000)]);
    }

    #[test]
    fn the_ends_of_time_do_not_panic() {
        let _ = Spacing::CHANNEL.next(Timestamp::MAX, Timestamp::MAX);
        let _ = Spacing::CHANNEL.earliest(Timestamp::MIN);
    }
}
