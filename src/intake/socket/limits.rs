//! How much patience Socket Mode has. Its timers are real time, as those of the HTTP server.

use std::time::Duration;

/// How much patience there is with Slack's side of a connection, and how much is done at once.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections that are kept open, for the case that one breaks. While one is replaced, it has its successor beside it.
    /// Slack allows an app ten, those of all processes together.
    pub connections: usize,
    /// For a connection from the first byte to Slack's greeting.
    pub hello: Duration,
    /// For silence: after it Slack is asked for a sign of life, and after it once more the connection counts as dead.
    pub quiet: Duration,
    /// For a frame that Slack does not take.
    pub write: Duration,
    /// How long a connection lasts when Slack does not say.
    pub lifetime: Duration,
    /// Between two connections in the same place, however short the first one was.
    pub spacing: Duration,
    /// The longest pause after a connection that failed, unless Slack asks for a longer one.
    pub longest_pause: Duration,
    /// For what is being stored when the service stops.
    pub drain: Duration,
    /// For Slack's half of a goodbye.
    pub goodbye: Duration,
    /// Envelopes that are worked on at a time, over all connections.
    pub at_once: usize,
    /// Envelopes of one connection that are worked on or wait for it; further ones are left for Slack to send again.
    pub waiting: usize,
    /// Bytes of one message of Slack.
    pub max_message: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 2,
            hello: Duration::from_secs(10),
            quiet: Duration::from_secs(15),
            write: Duration::from_secs(5),
            lifetime: Duration::from_hours(1),
            spacing: Duration::from_secs(10),
            longest_pause: Duration::from_mins(1),
            drain: Duration::from_secs(5),
            goodbye: Duration::from_secs(1),
            at_once: 32,
            waiting: 1000,
            max_message: 4 << 20,
        }
    }
}

impl Limits {
    /// When a connection is replaced that Slack will close after `lifetime`: when 70 to 90 % of it have passed, by chance
    /// (`random`, 0 to 1), so that connections which began together do not end together.
    #[must_use]
    pub(super) fn age(&self, lifetime: Option<Duration>, random: f64) -> Duration {
        lifetime.unwrap_or(self.lifetime).mul_f64(0.2f64.mul_add(random.clamp(0.0, 1.0), 0.7))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_replaced_well_before_slack_closes_it() {
        let limits = Limits::default();
        let hour = Some(Duration::from_hours(1));
        assert_eq!(limits.age(hour, 0.0), Duration::from_mins(42));
        assert_eq!(limits.age(hour, 1.0).as_millis().div_ceil(60_000), 54);
        assert_eq!(limits.age(None, 0.0), limits.age(hour, 0.0), "an hour, where Slack says nothing");
    }
}
