//! The numbers of some days: how many customers asked for a human, what became of it, and how long it took.
//!
//! `store` hands over the [`Facts`], [`Numbers::of`] counts, [`card`] and [`chart`] show. Called by `desk`, for the command,
//! the API and the weekly digest.

pub mod card;
pub mod chart;
mod days;
mod spread;

use jiff::civil::Date;
use jiff::{Span, Timestamp};
use serde_json::{Value, json};

pub use days::Days;
pub use spread::Spread;

/// Up to so many days are shown day by day; more, by the week.
const DAILY: u16 = 31;

/// What is known of some days.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Every handoff that was asked for.
    pub asked: Vec<Asked>,
    /// Rooms that were opened.
    pub opened: u64,
    /// Those of them that were opened again within a week after they had been closed.
    pub reopened: u64,
    /// How often the bot spoke, or wanted to, while a human had control.
    pub talked_over: u64,
}

/// A handoff, as far as it counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it came to its present queue.
    pub queued_at: Timestamp,
    /// When somebody picked it, last.
    pub accepted_at: Option<Timestamp>,
    /// When an agent answered the customer first.
    pub answered_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How it stands.
    pub outcome: Outcome,
}

/// How a handoff stands, or ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Nobody has picked it so far.
    Waiting,
    /// An agent handles it.
    Active,
    /// The agent is done.
    Completed,
    /// An agent declined it.
    Declined,
    /// Nobody came.
    TimedOut,
    /// It could not be carried out.
    Failed,
    /// It was taken back.
    Cancelled,
}

/// The numbers of some days.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbers {
    /// The queue that they are of; none: all.
    pub queue: Option<String>,
    /// The days.
    pub days: Days,
    /// Rooms that were opened.
    pub opened: u64,
    /// Those of them that were opened again within a week after they had been closed.
    pub reopened: u64,
    /// How often the bot spoke, or wanted to, while a human had control.
    pub talked_over: u64,
    /// How many handoffs there are of each outcome.
    pub outcomes: Vec<(Outcome, u64)>,
    /// From the queue to the agent.
    pub accept: Option<Spread>,
    /// From the request to the first answer of an agent.
    pub answer: Option<Spread>,
    /// From the request to the end, of those that were completed.
    pub close: Option<Spread>,
    /// The handoffs by the day, or by the week, that they were asked for.
    pub bars: Vec<Bar>,
    /// The handoffs by the hour of the day.
    pub hours: [u64; 24],
}

/// The handoffs of a day or a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Its first day.
    pub from: Date,
    /// Those that somebody has picked.
    pub picked: u64,
    /// Those that nobody has.
    pub missed: u64,
}

impl Outcome {
    /// All of them, the usual ones first.
    pub const ALL: [Self; 7] =
        [Self::Completed, Self::Active, Self::Waiting, Self::TimedOut, Self::Declined, Self::Cancelled, Self::Failed];

    /// The outcome of a handoff that stands as the database writes it.
    #[must_use]
    pub fn of(progress: &str) -> Self {
        match progress {
            "accepted" => Self::Active,
            "completed" => Self::Completed,
            "declined" => Self::Declined,
            "timed_out" => Self::TimedOut,
            "failed" => Self::Failed,
            "cancelled" => Self::Cancelled,
            _ => Self::Waiting,
        }
    }

    /// As the API writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Active => "active",
            Self::Completed => "completed",
            Self::Declined => "declined",
            Self::TimedOut => "timed_out",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl Numbers {
    /// Counts. What was asked for on other days is left out.
    #[must_use]
    pub fn of(facts: &Facts, queue: Option<&str>, days: Days) -> Self {
        let (from, until) = (days.from(), days.until());
        let asked: Vec<&Asked> =
            facts.asked.iter().filter(|asked| from <= asked.requested_at && asked.requested_at < until).collect();
        let count = |outcome| asked.iter().filter(|asked| asked.outcome == outcome).map(|_| 1).sum();
        let spread = |span: fn(&Asked) -> Option<(Timestamp, Timestamp)>| {
            Spread::of(asked.iter().filter_map(|asked| span(asked)).map(|(from, to)| from.duration_until(to)))
        };
        let mut hours = [0; 24];
        let mut bars = empty_bars(&days);
        for asked in &asked {
            let shown = days.zone.to_datetime(asked.requested_at);
            if let Some(hour) = usize::try_from(shown.hour()).ok().and_then(|hour| hours.get_mut(hour)) {
                *hour += 1;
            }
            let Some(bar) = bars.iter_mut().rfind(|bar| bar.from <= shown.date()) else { continue };
            *(if asked.accepted_at.is_some() { &mut bar.picked } else { &mut bar.missed }) += 1;
        }
        Self {
            queue: queue.map(str::to_owned),
            opened: facts.opened,
            reopened: facts.reopened,
            talked_over: facts.talked_over,
            outcomes: Outcome::ALL.map(|outcome| (outcome, count(outcome))).to_vec(),
            // Not who had picked it in a queue that it has left.
            accept: spread(|asked| Some((asked.queued_at, asked.accepted_at.filter(|at| *at >= asked.queued_at)?))),
            answer: spread(|asked| Some((asked.requested_at, asked.answered_at?))),
            close: spread(|asked| {
                Some((asked.requested_at, asked.ended_at.filter(|_| asked.outcome == Outcome::Completed)?))
            }),
            bars,
            hours,
            days,
        }
    }

    /// How many handoffs were asked for.
    #[must_use]
    pub fn asked(&self) -> u64 {
        self.outcomes.iter().map(|(_, count)| count).sum()
    }

    /// How many of them somebody has picked.
    #[must_use]
    pub fn picked(&self) -> u64 {
        self.bars.iter().map(|bar| bar.picked).sum()
    }

    /// The three hours of the day in which most was asked for, in the order of the day.
    #[must_use]
    pub fn busiest(&self) -> Vec<usize> {
        let mut hours: Vec<usize> = (0..self.hours.len()).filter(|hour| self.hours[*hour] > 0).collect();
        hours.sort_by_key(|hour| std::cmp::Reverse(self.hours[*hour]));
        hours.truncate(3);
        hours.sort_unstable();
        hours
    }

    /// As the API shows it; durations in seconds.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let outcomes = self.outcomes.iter().map(|(outcome, count)| (outcome.as_str().to_owned(), json!(count)));
        let bars = self
            .bars
            .iter()
            .map(|bar| json!({ "from": bar.from.to_string(), "picked": bar.picked, "not_picked": bar.missed }));
        json!({
            "queue": self.queue,
            "from": self.days.first().to_string(),
            "to": self.days.last.to_string(),
            "time_zone": self.days.zone_name(),
            "rooms": { "opened": self.opened, "reopened": self.reopened },
            "handoffs": {
                "requested": self.asked(),
                "picked": self.picked(),
                "outcomes": outcomes.collect::<serde_json::Map<_, _>>(),
            },
            "seconds": {
                "to_accept": self.accept.map(Spread::to_json),
                "to_answer": self.answer.map(Spread::to_json),
                "to_complete": self.close.map(Spread::to_json),
            },
            "talked_over": self.talked_over,
            "by_day": bars.collect::<Vec<_>>(),
            "by_hour": self.hours,
        })
    }
}

/// A bar for each day, or for each week: the last one ends with the days.
fn empty_bars(days: &Days) -> Vec<Bar> {
    let long = if days.count <= DAILY { 1 } else { 7 };
    let count = i64::from(days.count.max(1).div_ceil(long));
    let back = |bars: i64| days.last.saturating_sub(Span::new().days(bars * i64::from(long) - 1));
    let bar = |bars| Bar { from: back(bars).max(days.first()), picked: 0, missed: 0 };
    (1..=count).rev().map(bar).collect()
}

#[cfg(test)]
mod tests;
