//! The sections `[[queues]]` and `[[hours]]`: what they hold, and what must hold between their keys.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Deserializer};

use crate::takeover::handoff::hours::Hours;
use crate::takeover::handoff::queue::Allocation;

use super::duration;

/// A queue, and its rules.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queue {
    /// What names it: lower-case letters, digits, `-` and `_`.
    pub label: String,
    /// Its channel; empty: the one that was set in Slack, or else one that the service makes.
    pub channel: String,
    /// Takes handoffs that name no queue, or one that is not there.
    #[serde(rename = "default")]
    pub is_default: bool,
    /// Users (`U...`) and user groups (`S...`) who may pick; empty: every agent.
    pub members: Vec<String>,
    /// Users and user groups who are told first; empty: everybody at once.
    pub priority_group: Vec<String>,
    /// After how long everybody else in the channel is told too.
    #[serde(deserialize_with = "duration::deserialize")]
    pub widen_after: Duration,
    /// After how long nobody counts as there; zero: a handoff waits for ever.
    #[serde(deserialize_with = "duration::deserialize")]
    pub accept_within: Duration,
    /// Label of the queue that is asked then; empty: none.
    pub then: String,
    /// How soon somebody should pick; zero: no target.
    #[serde(deserialize_with = "duration::deserialize")]
    pub accept_target: Duration,
    /// How soon the customer should have the first answer; zero: no target.
    #[serde(deserialize_with = "duration::deserialize")]
    pub response_target: Duration,
    /// Name of the `[[hours]]` in which somebody is there; empty: always.
    pub hours: String,
    /// When its channel is told its numbers, such as `mon 09:00`; empty: never.
    pub digest: String,
    /// How its customers come to agents.
    pub allocation: Allocation,
}

/// The section `hours`, made ready.
pub(super) fn hours<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Hours>, D::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Entry {
        name: String,
        time_zone: String,
        days: Vec<String>,
        holidays: Vec<String>,
    }
    let entries = Vec::<Entry>::deserialize(deserializer)?;
    let hours = |Entry { name, time_zone, days, holidays }: Entry| Hours::new(&name, &time_zone, &days, &holidays);
    Ok(entries.into_iter().map(hours).collect())
}

/// What is wrong between the queues: the index of the queue, the key, and what is expected.
pub(super) fn contradiction(queues: &[Queue], hours: &[Hours]) -> Option<(usize, &'static str, String)> {
    let mut default = None;
    for (index, queue) in queues.iter().enumerate() {
        if queue.is_default
            && let Some(first) = default.replace(index)
        {
            return Some((index, "default", format!("one default queue at most: queues[{first}] is one")));
        }
        let knows = |label: &str| queues.iter().any(|other| other.label == label);
        if !queue.then.is_empty() && !knows(&queue.then) {
            return Some((index, "then", "the label of one of the queues here, or an empty string".to_owned()));
        }
        if !queue.hours.is_empty() && !hours.iter().any(|hours| hours.name == queue.hours) {
            return Some((index, "hours", "the name of one of the [[hours]], or an empty string".to_owned()));
        }
    }
    let then: BTreeMap<&str, &str> = queues.iter().map(|queue| (queue.label.as_str(), queue.then.as_str())).collect();
    let circle = queues.iter().position(|queue| leads_back(&queue.label, |label| then.get(label).copied()))?;
    Some((circle, "then", "queues that do not hand over to each other in a circle".to_owned()))
}

/// Whether a queue hands over to itself in the end.
pub(crate) fn leads_back<'a>(label: &'a str, then: impl Fn(&str) -> Option<&'a str>) -> bool {
    let mut passed = vec![label];
    loop {
        match passed.last().and_then(|last| then(last)).filter(|next| !next.is_empty()) {
            Some(next) if next == label => return true,
            // A circle that it only leads to is another queue's.
            Some(next) if passed.contains(&next) => return false,
            Some(next) => passed.push(next),
            None => return false,
        }
    }
}
