//! Where the agents see a conversation.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::people::{Actor, Agent};

/// Where the agents see the conversation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub enum Room {
    /// Nowhere.
    #[default]
    None,
    /// The room is being made; what is said meanwhile waits in its lane.
    Opening(Opening),
    /// In this channel.
    Open(RoomChannel),
    /// In a channel for a moment more: nothing new is relayed, the lane empties.
    Closing(Closing),
}

/// A room in the making.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Opening {
    /// Who asked first.
    pub by: Actor,
    /// Agents who asked after that.
    pub guests: Vec<Agent>,
    /// The channel, once it exists.
    pub channel: Option<RoomChannel>,
    /// How many names were taken.
    pub names_tried: u32,
    /// The customer's profile was looked up.
    pub introduced: bool,
    /// Where the agents wait for an answer.
    pub respond_to: Vec<String>,
}

impl Opening {
    /// A room that somebody asked for.
    #[must_use]
    pub fn new(by: &Actor, respond_to: Option<String>) -> Self {
        Self { by: by.clone(), respond_to: respond_to.into_iter().collect(), ..Self::default() }
    }

    /// Somebody else asks for it too.
    pub fn join(&mut self, by: &Actor, respond_to: Option<String>) {
        self.guests.extend(by.as_agent().cloned());
        self.respond_to.extend(respond_to);
    }
}

/// A room on its way out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Closing {
    /// Its channel.
    pub channel: RoomChannel,
    /// Somebody wants the customer again as soon as the channel is archived.
    pub then_open: Option<Opening>,
}

/// A channel of the support workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomChannel {
    /// `C...` or `G...`.
    pub id: String,
    /// Its name without `#`.
    pub name: String,
}

/// A room that was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastRoom {
    /// `C...` or `G...`.
    pub id: String,
    /// Its name while it was open.
    pub name: String,
    /// The opening in which it was made.
    pub since: i64,
    /// When it was closed.
    pub closed_at: Timestamp,
}
