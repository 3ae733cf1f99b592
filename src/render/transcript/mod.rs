//! Transcripts: what was said on both sides, and the agents' notes apart. Pure; `deliver` reads the room and calls it.
//!
//! [`chapter`] makes the chapter of one room out of Slack's messages; `plain` and `markdown` write mrkdwn otherwise, and
//! [`document`] puts the chapters together in the form that was asked for.

pub mod chapter;
pub mod document;
pub mod markdown;
pub mod plain;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What was said while the agents saw it in one room. Kept sealed once the room is archived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chapter {
    /// The room's channel, `C...` or `G...`.
    pub room: String,
    /// Its name.
    pub name: String,
    /// When it was opened last.
    pub opened_at: Option<Timestamp>,
    /// When it was closed; none while it is open.
    pub closed_at: Option<Timestamp>,
    /// Whether nothing is missing that Slack had.
    pub complete: bool,
    /// What reached the other side, in the order of the room.
    pub messages: Vec<Message>,
    /// What stayed in the room.
    pub notes: Vec<Message>,
}

/// Something that was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// When.
    pub at: Timestamp,
    /// Slack's `ts` where it was written.
    pub ts: String,
    /// Who.
    pub from: From,
    /// Their id, where it is known.
    pub user_id: Option<String>,
    /// Their name.
    pub name: String,
    /// What, as mrkdwn; as it read last.
    pub mrkdwn: String,
    /// Whether it read otherwise before.
    pub edited: bool,
    /// Whether it was deleted or taken back; then there are no words.
    pub deleted: bool,
    /// Names of its files.
    pub files: Vec<String>,
    /// Of a note: `ts` of the message in the room that it is about; none for a message that was never sent.
    pub about: Option<String>,
}

/// Who said something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum From {
    /// The customer.
    Customer,
    /// The bot.
    Bot,
    /// An agent.
    Agent,
    /// Another app of the support workspace.
    App,
}

impl From {
    /// As the database and the API write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Bot => "bot",
            Self::Agent => "agent",
            Self::App => "app",
        }
    }

    /// Whom the database writes so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Customer, Self::Bot, Self::Agent].into_iter().find(|from| from.as_str() == name)
    }
}
