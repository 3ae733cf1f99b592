//! A queue: where a team finds the customers who wait for a human.

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::hours::Hours;

/// A queue, and its rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// What names it, such as `support`: lower-case letters, digits, `-` and `_`.
    pub label: String,
    /// Its channel in the support workspace, `C...` or `G...`; empty while it has none.
    pub channel: String,
    /// Takes handoffs that name no queue, or one that is not there.
    pub is_default: bool,
    /// Users (`U...`) and user groups (`S...`) who may pick; empty: every agent.
    pub members: Vec<String>,
    /// Who is told first, users and user groups; empty: everybody at once.
    pub priority_group: Vec<String>,
    /// After how long everybody else in the channel is told too.
    pub widen_after: Duration,
    /// After how long nobody counts as there; zero: a handoff waits for ever.
    pub accept_within: Duration,
    /// The queue that is asked then; empty: the customer is told that nobody is there.
    pub then: String,
    /// How soon somebody should pick; zero: no target.
    pub accept_target: Duration,
    /// How soon the customer should have the first answer; zero: no target.
    pub response_target: Duration,
    /// When somebody is there; none: always.
    pub hours: Option<Hours>,
    /// When its channel is told its numbers, each week by the wall clock of its hours, such as `mon 09:00`; empty: never.
    pub digest: String,
    /// How its customers come to agents.
    #[serde(default)]
    pub allocation: Allocation,
}

/// How the customers of a queue come to agents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Allocation {
    /// Somebody picks them.
    #[default]
    Manual,
    /// Each is given to an agent who is online.
    Auto,
}

impl Allocation {
    /// As the API and the configuration write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Auto => "auto",
        }
    }
}

impl Queue {
    /// Whether a customer who comes now is given to somebody who is online.
    #[must_use]
    pub fn gives(&self, now: Timestamp) -> bool {
        let is_open = self.hours.as_ref().is_none_or(|hours| hours.are_on(now));
        self.allocation == Allocation::Auto && !self.channel.is_empty() && is_open
    }

    /// The wall clock of its hours; UTC without.
    #[must_use]
    pub fn zone(&self) -> TimeZone {
        self.hours.as_ref().map_or(TimeZone::UTC, Hours::zone)
    }
}

/// The queues there are.
#[derive(Debug, Clone, Copy)]
pub struct Queues<'a>(pub &'a [Queue]);

impl<'a> Queues<'a> {
    /// The queue of that label; case does not count.
    #[must_use]
    pub fn find(self, label: &str) -> Option<&'a Queue> {
        self.0.iter().find(|queue| queue.label.eq_ignore_ascii_case(label))
    }

    /// The queue for a handoff that names this one, or none; false where it is not the one that was named.
    #[must_use]
    pub fn choose(self, label: Option<&str>) -> Option<(&'a Queue, bool)> {
        let named = label.filter(|label| !label.is_empty());
        if let Some(queue) = named.and_then(|label| self.find(label)) {
            return Some((queue, true));
        }
        let default = self.0.iter().find(|queue| queue.is_default).or_else(|| self.0.first())?;
        Some((default, named.is_none()))
    }
}
