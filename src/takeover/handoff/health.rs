//! What the app answers where somebody mentions it: that it is well, and what the channel is for.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::config::{Text, Texts, duration, texts};
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
pub fn card(place: &Place<'_>, off: &[&str], texts: &Texts, now: Timestamp) -> Option<Value> {
    let off = escape(&off.join(", "));
    let well = texts.fill("", texts::MENTION_WELL, &[]);
    let off = texts.fill("", texts::MENTION_SWITCHED_OFF, &[("bots", &off)]).filter(|_| !off.is_empty());
    let well: Vec<String> = [well, off].into_iter().flatten().collect();
    let about: Vec<String> = match place {
        Place::Room { customer } => {
            texts.fill("", texts::MENTION_ROOM, &[("customer", &escape(customer))]).into_iter().collect()
        }
        Place::Queue { queue, first, waiting } => about(queue, first, *waiting, texts, now),
        Place::Neither { command } => {
            texts.fill("", texts::MENTION_ELSEWHERE, &[("command", command)]).into_iter().collect()
        }
    };
    let (well, about) = (well.join(" "), about.join("\n"));
    let told: Vec<&str> = [well.as_str(), &about].into_iter().filter(|text| !text.is_empty()).collect();
    let blocks = [(&well, section as fn(&str) -> Value), (&about, context)];
    let blocks = blocks.into_iter().filter(|(text, _)| !text.is_empty()).map(|(text, block)| block(text));
    (!told.is_empty()).then(|| json!({ "text": told.join("\n"), "blocks": blocks.collect::<Vec<_>>() }))
}

fn about(queue: &Queue, first: &[String], waiting: i64, texts: &Texts, now: Timestamp) -> Vec<String> {
    let label = escape(&queue.label);
    let tell = |text, values: &[(&str, &str)]| {
        texts.fill(&queue.label, text, &[values, &[("queue", label.as_str())]].concat())
    };
    let told = match first {
        [] => tell(texts::MENTION_ALL_TOLD, &[]),
        first => {
            let (people, span) = (escape(&first.join(", ")), duration::write(queue.widen_after));
            tell(texts::MENTION_FIRST_TOLD, &[("people", &people), ("span", &span)])
        }
    };
    let lines = [
        tell(if queue.is_default { texts::MENTION_DEFAULT_QUEUE } else { texts::MENTION_QUEUE }, &[]),
        told,
        open(queue.hours.as_ref(), &tell, now),
        match waiting {
            0 => tell(texts::MENTION_NOBODY_WAITS, &[]),
            count => tell(texts::MENTION_WAITING, &[("count", &count.to_string())]),
        },
    ];
    lines.into_iter().flatten().collect()
}

/// Whether somebody is there; Slack shows the time in the reader's zone.
fn open(
    hours: Option<&Hours>,
    tell: &impl Fn(Text, &[(&str, &str)]) -> Option<String>,
    now: Timestamp,
) -> Option<String> {
    let Some(hours) = hours else { return tell(texts::MENTION_ALWAYS_OPEN, &[]) };
    let name = escape(&hours.name);
    match hours.next_start(now) {
        Some(start) if start <= now => tell(texts::MENTION_OPEN, &[("hours", &name)]),
        Some(start) => {
            let time = format!("<!date^{}^{{date_short_pretty}} {{time}}|{start:.0}>", start.as_second());
            tell(texts::MENTION_CLOSED_UNTIL, &[("time", &time), ("hours", &name)])
        }
        None => tell(texts::MENTION_CLOSED, &[("hours", &name)]),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config;
    use crate::takeover::handoff::setup::blank;

    fn text(place: &Place<'_>, off: &[&str]) -> String {
        let texts = config::example("", &[]).templates;
        card(place, off, &texts, "2026-11-20T20:00:00Z".parse().unwrap()).unwrap()["text"].as_str().unwrap().to_owned()
    }

    #[test]
    fn a_queue_tells_whom_it_tells_and_when_it_is_open() {
        let hours = Hours::new("office", "UTC", &["mon-fri 09:00-17:00".to_owned()], &[]);
        let queue = Queue { is_default: true, hours: Some(hours), ..blank("support") };
        let first = vec!["Jane".to_owned(), "@help".to_owned()];
        assert_eq!(
            text(&Place::Queue { queue: &queue, first, waiting: 2 }, &[]),
            "✅ Megatron is here and all is well.\nThis is the channel of the queue *support*, the default one.\n\
             First told: Jane, @help; everybody here after 2m.\n\
             Closed until <!date^1795424400^{date_short_pretty} {time}|2026-11-23T09:00:00Z> (hours: office).\n\
             Customers waiting: 2."
        );
        assert_eq!(
            text(&Place::Queue { queue: &blank("b"), first: vec![], waiting: 0 }, &["Expense Bot"]),
            "✅ Megatron is here and all is well. Switched off: Expense Bot.\nThis is the channel of the queue *b*.\n\
             Everybody here is told at once.\nAlways open.\nNobody is waiting."
        );
    }

    #[test]
    fn names_call_nobody() {
        let text = text(&Place::Room { customer: "<!channel>" }, &[]);
        assert!(text.ends_with("This is the room of *&lt;!channel&gt;*."), "{text}");
    }
}
