//! A message that is relayed, what becomes of it, and its copies on the other side.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::conversation::{Agent, Side};
use super::event::Speaker;

/// A message that is relayed. Its copies are on the other side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Original {
    /// Who wrote it, and so where it is.
    pub by: Party,
    /// Its `ts`.
    pub ts: String,
}

impl Original {
    /// What the customer or the bot said in the DM.
    #[must_use]
    pub fn said(speaker: Speaker, ts: &str) -> Self {
        Self { by: Party::Dm(speaker), ts: ts.to_owned() }
    }

    /// What an agent wrote in the room.
    #[must_use]
    pub fn written(agent: &Agent, ts: &str) -> Self {
        Self { by: Party::Room(agent.clone()), ts: ts.to_owned() }
    }
}

/// Who takes part in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Party {
    /// A side of the DM.
    Dm(Speaker),
    /// An agent in the room.
    Room(Agent),
}

impl Party {
    /// Where they write.
    #[must_use]
    pub fn side(&self) -> Side {
        match self {
            Self::Dm(_) => Side::Dm,
            Self::Room(_) => Side::Room,
        }
    }

    /// Which of the three it is: `customer`, `bot` or `agent`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Dm(speaker) => speaker.as_str(),
            Self::Room(_) => "agent",
        }
    }
}

/// A copy of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copy {
    /// Its `ts`.
    pub ts: String,
    /// Which part of the message it is.
    pub part: u32,
    /// Whether it shares files, with the words as their caption.
    pub is_caption: bool,
}

/// What has become of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// It reads otherwise now.
    Edited(Value),
    /// It is deleted, or taken back.
    Deleted {
        /// Ids of the files that it had.
        files: Vec<String>,
        /// Who took it back; nobody, where it was simply deleted.
        recalled_by: Option<Agent>,
    },
}

/// The words that go with files.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Caption {
    /// The message, or its last part, as Slack gave it.
    pub message: Value,
    /// Which part of the message it is.
    pub part: u32,
    /// The root of the thread to show them in; none at top level.
    pub thread: Option<String>,
    /// It may be our own message coming back, still unknown when it arrived.
    pub may_be_ours: bool,
}

/// A file that was uploaded and is in no channel yet: only the app sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Uploaded {
    /// The copy, `F...` in the workspace that it was uploaded to.
    pub id: String,
    /// Its title, if it has another than its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}
