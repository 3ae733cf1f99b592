//! What the app answers where somebody mentions it: that it is well, and what the channel is for.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::config::duration;
use crate::render::text::escape;
use crate::takeover::cards::{context, section};

use super::hours::Hours;
use super::queue::Queue;

/// What a channel is to the service.
#[derive(Debug, Clone, PartialEq)]
pub enum Place<'a> {
    /// The room of this customer.
    Room {
        /// Their name.
        customer: &'a str,
    },
    /// Where a queue is told.
    Queue {
        /// The queue.
        queue: &'a Queue,
        /// Names of those who are told first.
        first: Vec<String>,
        /// How many customers wait.
        waiting: i64,
    },
    /// Nothing.
    Neither {
        /// The slash command.
        command: &'a str,
    },
}

/// The answer; `off` are the names of the bots that are switched off.
#[must_use]
pub fn card(place: &Place<'_>, off: &[&str], now: Timestamp) -> Value {
    let mut well = "✅ Megatron is here, and well.".to_owned();
    if !off.is_empty() {
        well = format!("{well} Switched off: {}.", escape(&off.join(", ")));
    }
    let lines = match place {
        Place::Room { customer } => vec![format!("This is the room of *{}*.", escape(customer))],
        Place::Queue { queue, first, waiting } => about(queue, first, *waiting, now),
        Place::Neither { command } => {
            vec![format!("This channel is not a queue; `{command} queue here <label>` makes it one.")]
        }
    };
    let about = lines.join("\n");
    json!({ "text": format!("{well}\n{about}"), "blocks": [section(&well), context(&about)] })
}

fn about(queue: &Queue, first: &[String], waiting: i64, now: Timestamp) -> Vec<String> {
    let default = if queue.is_default { ", the default one" } else { "" };
    let told = match first {
        [] => "Everybody here is told at once.".to_owned(),
        first => {
            let after = duration::write(queue.widen_after);
            format!("First told: {}; everybody here after {after}.", escape(&first.join(", ")))
        }
    };
    let waiting = match waiting {
        0 => "Nobody waits.".to_owned(),
        1 => "1 customer waits.".to_owned(),
        many => format!("{many} customers wait."),
    };
    vec![
        format!("This is the channel of the queue *{}*{default}.", escape(&queue.label)),
        told,
        open(queue.hours.as_ref(), now),
        waiting,
    ]
}

/// Whether somebody is there; Slack shows the time in the reader's zone.
fn open(hours: Option<&Hours>, now: Timestamp) -> String {
    let Some(hours) = hours else { return "Always open.".to_owned() };
    let name = escape(&hours.name);
    match hours.next_start(now) {
        Some(start) if start <= now => format!("Open now (hours: {name})."),
        Some(start) => {
            let time = format!("<!date^{}^{{date_short_pretty}} {{time}}|{start:.0}>", start.as_second());
            format!("Closed until {time} (hours: {name}).")
        }
        None => format!("Closed (hours: {name})."),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::takeover::handoff::setup::blank;

    fn text(place: &Place<'_>, off: &[&str]) -> String {
        card(place, off, "2026-11-20T20:00:00Z".parse().unwrap())["text"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_queue_tells_whom_it_tells_and_when_it_is_open() {
        let hours = Hours::new("office", "UTC", &["mon-fri 09:00-17:00".to_owned()], &[]);
        let queue = Queue { is_default: true, hours: Some(hours), ..blank("support") };
        let first = vec!["Jane".to_owned(), "@help".to_owned()];
        assert_eq!(
            text(&Place::Queue { queue: &queue, first, waiting: 2 }, &[]),
            "✅ Megatron is here, and well.\nThis is the channel of the queue *support*, the default one.\n\
             First told: Jane, @help; everybody here after 2m.\n\
             Closed until <!date^1795424400^{date_short_pretty} {time}|2026-11-23T09:00:00Z> (hours: office).\n\
             2 customers wait."
        );
        assert_eq!(
            text(&Place::Queue { queue: &blank("b"), first: vec![], waiting: 0 }, &["Expense Bot"]),
            "✅ Megatron is here, and well. Switched off: Expense Bot.\nThis is the channel of the queue *b*.\n\
             Everybody here is told at once.\nAlways open.\nNobody waits."
        );
    }

    #[test]
    fn names_call_nobody() {
        let text = text(&Place::Room { customer: "<!channel>" }, &[]);
        assert!(text.ends_with("This is the room of *&lt;!channel&gt;*."), "{text}");
    }
}
