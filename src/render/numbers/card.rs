//! The numbers, as people read them.

use std::time::Duration;

use jiff::civil::Date;
use serde_json::{Value, json};

use crate::render::text::escape;

use super::{Numbers, Outcome, Spread};

/// The card: a headline, unless it is switched off, and what was counted.
#[must_use]
pub fn card(numbers: &Numbers, headline: Option<&str>) -> Value {
    let facts = facts(numbers);
    let field = |(name, value): &(&str, String)| json!({ "type": "mrkdwn", "text": format!("*{name}*\n{value}") });
    let fields: Vec<Value> = facts.iter().map(field).collect();
    let mut blocks = vec![json!({ "type": "section", "fields": fields })];
    let mut text: Vec<String> = facts.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    if let Some(headline) = headline {
        blocks.insert(0, json!({ "type": "section", "text": { "type": "mrkdwn", "text": headline } }));
        text.insert(0, headline.to_owned());
    }
    let foot = foot(numbers);
    blocks.push(json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": foot }] }));
    text.push(foot);
    json!({ "text": text.join("\n"), "blocks": blocks })
}

/// What they are the numbers of, in mrkdwn.
#[must_use]
pub fn headline(numbers: &Numbers) -> String {
    let queue = numbers.queue.as_deref().map_or_else(|| "all queues".to_owned(), escape);
    format!("📊 *{queue}*, {}", days(numbers))
}

/// The days in words: `14 to 20 Nov 2026`.
#[must_use]
pub fn days(numbers: &Numbers) -> String {
    let (first, last) = (numbers.days.first(), numbers.days.last);
    let end = last.strftime("%-d %b %Y");
    match () {
        () if first == last => end.to_string(),
        () if (first.year(), first.month()) == (last.year(), last.month()) => format!("{} to {end}", first.day()),
        () if first.year() == last.year() => format!("{} to {end}", day(first)),
        () => format!("{} to {end}", first.strftime("%-d %b %Y")),
    }
}

/// A day in words: `14 Nov`.
pub(super) fn day(date: Date) -> String {
    date.strftime("%-d %b").to_string()
}

/// What a picture of them shows, for those who do not see it.
#[must_use]
pub fn alt(numbers: &Numbers) -> String {
    let queue = numbers.queue.as_deref().unwrap_or("all queues");
    let busiest = busiest(numbers);
    format!(
        "Charts of {queue}, {}: {} asked for a human, {} of them were picked. Busiest hours: {busiest}.",
        days(numbers),
        numbers.asked(),
        numbers.picked()
    )
}

fn facts(numbers: &Numbers) -> Vec<(&'static str, String)> {
    let mut facts = vec![("Asked for a human", outcomes(numbers))];
    for (name, spread) in [("Picked", numbers.accept), ("First answer", numbers.answer), ("Done", numbers.close)] {
        if let Some(Spread { median, most }) = spread {
            facts.push((name, format!("half within {}, 9 of 10 within {}", brief(median), brief(most))));
        }
    }
    let again = match numbers.reopened {
        0 => String::new(),
        again => format!("; {again} of them again ({} %)", percent(again, numbers.opened)),
    };
    facts.push(("Rooms opened", format!("{}{again}", numbers.opened)));
    facts.push(("The bot talked over an agent", times(numbers.talked_over)));
    if numbers.asked() > 0 {
        facts.push(("Busiest hours", busiest(numbers)));
    }
    facts
}

/// How many asked, and what became of it.
fn outcomes(numbers: &Numbers) -> String {
    let words = |outcome| match outcome {
        Outcome::Waiting => "waiting",
        Outcome::Active => "with an agent",
        Outcome::Completed => "done",
        Outcome::Declined => "declined",
        Outcome::TimedOut => "not picked in time",
        Outcome::Failed => "failed",
        Outcome::Cancelled => "taken back",
    };
    let there = numbers.outcomes.iter().filter(|(_, count)| *count > 0);
    let parts: Vec<String> = there.map(|(outcome, count)| format!("{count} {}", words(*outcome))).collect();
    match numbers.asked() {
        0 => "nobody".to_owned(),
        asked => format!("{asked}: {}", parts.join(", ")),
    }
}

fn busiest(numbers: &Numbers) -> String {
    let hours: Vec<String> = numbers.busiest().iter().map(|hour| format!("{hour}–{}", hour + 1)).collect();
    if hours.is_empty() { "none".to_owned() } else { hours.join(", ") }
}

fn foot(numbers: &Numbers) -> String {
    format!("Days and hours are those of {}.", escape(numbers.days.zone_name()))
}

fn times(count: u64) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        many => format!("{many} times"),
    }
}

fn percent(part: u64, whole: u64) -> u64 {
    (part * 100 + whole / 2) / whole.max(1)
}

/// A duration in its two largest units.
fn brief(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let two = |large: u64, name: &str, small: u64, small_name: &str| match small {
        0 => format!("{large} {name}"),
        small => format!("{large} {name} {small} {small_name}"),
    };
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => two(seconds / 60, "min", if seconds < 600 { seconds % 60 } else { 0 }, "s"),
        3600..86_400 => two(seconds / 3600, "h", seconds % 3600 / 60, "min"),
        _ => two(seconds / 86_400, "d", seconds % 86_400 / 3600, "h"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_has_two_units_at_most() {
        for (seconds, words) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (95, "1 min 35 s"),
            (660, "11 min"),
            (3600, "1 h"),
            (5000, "1 h 23 min"),
            (90_000, "1 d 1 h"),
            (172_800, "2 d"),
        ] {
            assert_eq!(brief(Duration::from_secs(seconds)), words);
        }
    }

    #[test]
    fn a_share_is_rounded() {
        for (part, whole, share) in [(0, 0, 0), (1, 3, 33), (2, 3, 67), (1, 1, 100), (1, 200, 1)] {
            assert_eq!(percent(part, whole), share, "{part} of {whole}");
        }
    }
}
