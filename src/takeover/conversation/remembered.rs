//! What is remembered of a conversation from one event to the next.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::people::{Agent, Speaker};

/// What agents have been reminded of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminded {
    /// When the pause reminder was shown last in the present room.
    pub to_pause_at: Option<Timestamp>,
    /// The idle time that the last unpause reminder was about: its [`super::Conversation::active_at`].
    pub to_unpause_for: Option<Timestamp>,
    /// An agent said to keep this pause.
    pub keep_paused: bool,
}

impl Reminded {
    /// A change of control ends what was reminded of about the last pause.
    pub fn forget_pause(&mut self) {
        self.keep_paused = false;
        self.to_unpause_for = None;
    }
}

/// An agent's message that waits until somebody takes control.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Held {
    /// Its `ts` in the room.
    pub ts: String,
    /// Who wrote it.
    pub agent: Agent,
    /// The message as Slack gave it.
    pub message: Value,
}

/// A side of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The customer's DM with the bot.
    Dm,
    /// The agents' room.
    Room,
}

impl Side {
    /// As the database writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dm => "dm",
            Self::Room => "room",
        }
    }
}

/// In which thread of the DM people talk: agents' words go where the customer wrote last.
///
/// Bots of the agent kind answer each message of the customer in its thread; the others write flat
/// (<https://docs.slack.dev/ai/developing-ai-apps>).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Threading {
    /// The root of the thread that the customer wrote in last; none at top level.
    pub root: Option<String>,
    /// `ts` of the customer's last message.
    pub customer_ts: Option<String>,
    /// `ts` of the bot's last message.
    pub bot_ts: Option<String>,
    /// The bot answers in threads.
    pub bot_answers_in_threads: bool,
}

/// A message of the DM that is not shown so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// Who said it in the DM.
    pub speaker: Speaker,
    /// Its `ts`.
    pub ts: String,
    /// The message as it is so far.
    pub message: Value,
    /// What it waits for.
    pub for_what: Missing,
    /// When it is shown as it is.
    pub until: Timestamp,
}

/// What a message waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Missing {
    /// Its first version: a change came before it.
    Beginning,
    /// Its end: the bot is still streaming it.
    End,
}

/// What may be missing on either side, and when somebody looks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Gaps {
    /// `ts` of the first message of the DM that the room shows.
    pub from: Option<String>,
    /// Sides whose history is being held against what is known, or waits for that.
    pub asked: Vec<Side>,
    /// Who was out of reach for so long that people were told.
    pub out_of_reach: Vec<Far>,
    /// When the history of the DM was held against what is known.
    pub dm_checked_at: Option<Timestamp>,
    /// When that of the room was.
    pub room_checked_at: Option<Timestamp>,
    /// When to look next.
    pub check_at: Option<Timestamp>,
    /// Somebody has said something since the last look was planned.
    pub talked: bool,
    /// Slack does not let us look, and the agents know.
    pub refused: bool,
}

/// The ticket of a conversation in the tracker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticketing {
    /// How many tickets it has had, the present one included, which it tells apart from earlier ones.
    pub number: i64,
    /// Whether the present one is open, or about to be opened.
    pub is_open: bool,
}

/// Who is at the other end of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Far {
    /// The bot, that is the host.
    Bot,
    /// The customer, in the DM.
    Customer,
    /// The agents, in the room.
    Agents,
}

/// Timers as they stand in the database; `None` is not set.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Armed {
    /// The unpause reminder.
    pub unpause_reminder: Option<Timestamp>,
    /// The automatic close.
    pub close: Option<Timestamp>,
    /// Whatever waits.
    #[serde(default)]
    pub waiting: Option<Timestamp>,
    /// The look at the history.
    #[serde(default)]
    pub check_history: Option<Timestamp>,
    /// What is due about the handoff.
    #[serde(default)]
    pub handoff: Option<Timestamp>,
}
