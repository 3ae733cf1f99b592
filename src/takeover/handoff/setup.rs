//! How queues come about: by the configuration, by people, or because there is none yet; and which ones cannot be.

use std::time::Duration;

use crate::config::{self, is_label, is_person, leads_back};

use super::hours::{self, Hours};
use super::queue::{Allocation, Queue, Queues};

/// Slack's limit for the name of a channel is far above a label and this.
const CHANNEL_SUFFIX: &str = "requests";
/// As many users and groups as one list may have.
const MOST_PEOPLE: usize = 100;

/// What is wrong with a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The field, as the API calls it.
    pub field: &'static str,
    /// What is wrong, in words that follow the field's name.
    pub why: String,
}

impl Fault {
    /// A fault of a field.
    #[must_use]
    pub fn new(field: &'static str, why: impl Into<String>) -> Self {
        Self { field, why: why.into() }
    }
}

/// A queue of which nothing is known but its label.
#[must_use]
pub fn blank(label: &str) -> Queue {
    Queue {
        label: label.to_owned(),
        channel: String::new(),
        is_default: false,
        members: Vec::new(),
        priority_group: Vec::new(),
        widen_after: Duration::from_mins(2),
        accept_within: Duration::from_mins(15),
        then: String::new(),
        accept_target: Duration::ZERO,
        response_target: Duration::ZERO,
        hours: None,
        digest: String::new(),
        allocation: Allocation::Manual,
    }
}

/// The queues that a start makes that finds none.
#[must_use]
pub fn first_queues() -> [Queue; 2] {
    [Queue { is_default: true, ..blank("support") }, blank("escalations")]
}

/// A queue as the configuration has it. A channel that it does not name stays what it was.
#[must_use]
pub fn configured(entry: &config::Queue, hours: Option<&Hours>, known: Option<&Queue>) -> Queue {
    let channel = Some(&entry.channel).filter(|channel| !channel.is_empty()).or(known.map(|known| &known.channel));
    Queue {
        label: entry.label.clone(),
        channel: channel.cloned().unwrap_or_default(),
        is_default: entry.is_default,
        members: entry.members.clone(),
        priority_group: entry.priority_group.clone(),
        widen_after: entry.widen_after,
        accept_within: entry.accept_within,
        then: entry.then.clone(),
        accept_target: entry.accept_target,
        response_target: entry.response_target,
        hours: hours.cloned(),
        digest: entry.digest.clone(),
        allocation: entry.allocation,
    }
}

/// The name of the channel that is made for a queue; `tried` names like it were taken.
#[must_use]
pub fn channel_name(label: &str, tried: u32) -> String {
    let name = format!("{label}-{CHANNEL_SUFFIX}");
    if tried == 0 { name } else { format!("{name}-{}", tried + 1) }
}

/// Why a queue cannot be, as far as the others tell; one of the same label is the one that it replaces.
#[must_use]
pub fn faults(queue: &Queue, queues: Queues<'_>) -> Vec<Fault> {
    let mut faults = Vec::new();
    if !is_label(&queue.label) {
        faults.push(Fault::new("label", "must be 1 to 40 lower-case letters, digits, `-` or `_`"));
    }
    let mut others = queues.0.iter().filter(|other| other.label != queue.label);
    if !queue.channel.is_empty()
        && let Some(other) = others.find(|other| other.channel == queue.channel)
    {
        faults.push(Fault::new("channel_id", format!("is the channel of the queue {} already", other.label)));
    }
    for (field, people) in [("members", &queue.members), ("priority_group", &queue.priority_group)] {
        if people.len() > MOST_PEOPLE || !people.iter().all(|one| is_person(one)) {
            let why = format!("must be at most {MOST_PEOPLE} ids of users (U...) and user groups (S...)");
            faults.push(Fault::new(field, why));
        }
    }
    if !hours::is_weekly_or_empty(&queue.digest) {
        faults.push(Fault::new("digest", "must be a day and a time, such as mon 09:00, or empty"));
    }
    let then = |label: &str| {
        let found = if label == queue.label { Some(queue) } else { queues.0.iter().find(|other| other.label == label) };
        found.map(|queue| queue.then.as_str())
    };
    if !queue.then.is_empty() && then(&queue.then).is_none() {
        faults.push(Fault::new("then", "must be the label of a queue"));
    } else if leads_back(&queue.label, then) {
        faults.push(Fault::new("then", "must not lead back to this queue"));
    }
    faults
}

/// Why a queue cannot go.
#[must_use]
pub fn still_needed(label: &str, queues: Queues<'_>) -> Option<String> {
    let other = queues.0.iter().find(|other| other.label != label && other.then == label)?;
    Some(format!("The queue {} hands over to it. Change that first.", other.label))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn then(label: &str, then: &str) -> Queue {
        Queue { then: then.to_owned(), ..blank(label) }
    }

    fn fields(queue: &Queue, queues: &[Queue]) -> Vec<&'static str> {
        faults(queue, Queues(queues)).into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_queue_of_the_configuration_that_names_only_its_label_is_a_blank_one() {
        let config = config::example("[[queues]]\nlabel = 'billing'", &[]);
        assert_eq!(configured(&config.queues[0], None, None), blank("billing"));
        let known = Queue { channel: "C1".into(), is_default: true, ..blank("billing") };
        assert_eq!(configured(&config.queues[0], None, Some(&known)), Queue { is_default: false, ..known });
    }

    #[test]
    fn each_fault_names_its_field() {
        let others = [then("a", "b"), then("b", ""), Queue { channel: "C1".into(), ..blank("c") }];
        let people = |members: &[&str]| members.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
        for (queue, expected) in [
            (blank("new"), vec![]),
            (then("new", "a"), vec![]),
            (then("b", "a"), vec!["then"]),
            (then("b", "b"), vec!["then"]),
            (then("new", "nobody"), vec!["then"]),
            (blank("No Label"), vec!["label"]),
            (Queue { channel: "C1".into(), ..blank("new") }, vec!["channel_id"]),
            (Queue { channel: "C1".into(), ..blank("c") }, vec![]),
            (Queue { members: people(&["U1", "S1"]), ..blank("new") }, vec![]),
            (Queue { members: people(&["jane"]), ..blank("new") }, vec!["members"]),
            (Queue { priority_group: people(&["C1"]), ..blank("new") }, vec!["priority_group"]),
            (Queue { digest: "mon 09:00".into(), ..blank("new") }, vec![]),
            (Queue { digest: "monthly".into(), ..blank("new") }, vec!["digest"]),
        ] {
            assert_eq!(fields(&queue, &others), expected, "{queue:?}");
        }
    }

    #[test]
    fn a_circle_that_others_make_is_not_this_queues_fault() {
        let others = [then("a", "b"), then("b", "a")];
        assert!(fields(&then("new", "a"), &others).is_empty());
    }

    #[test]
    fn a_queue_that_another_hands_over_to_stays() {
        let queues = [then("a", "b"), blank("b")];
        assert!(still_needed("b", Queues(&queues)).unwrap().contains("queue a"));
        assert_eq!(still_needed("a", Queues(&queues)), None);
    }

    #[test]
    fn channels_are_called_after_their_queue() {
        assert_eq!(channel_name("support", 0), "support-requests");
        assert_eq!(channel_name("support", 1), "support-requests-2");
    }
}
