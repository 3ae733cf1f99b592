//! A conversation: one customer's DM with one bot, who answers in it, and its room.

mod control;
mod people;
mod remembered;
mod room;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::render::ts::Ts;
use crate::takeover::handoff::state::Handoff;
use crate::takeover::triage::Triage;
use crate::takeover::triggers::counting::Unanswered;

pub use control::{Control, Holder};
pub use people::{Actor, Agent, Customer, Profile, Speaker};
pub use remembered::{Armed, Far, Gaps, Held, Missing, Reminded, Side, Threading, Ticketing, Waiting};
pub use room::{Closing, Opening, PastRoom, Room, RoomChannel};

/// What names a conversation: the bot, the customer's workspace and the DM in it.
///
/// Slack's ids are unique within one workspace only, so none goes without its team.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Key {
    /// Id of the bot in the configuration.
    pub bot: String,
    /// The customer's workspace, `T...`.
    pub team: String,
    /// The DM, `D...`.
    pub channel: String,
}

/// A conversation and all that the rules need to know of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its own id.
    pub id: String,
    /// What names it.
    pub key: Key,
    /// The customer.
    pub customer: Customer,
    /// Who answers.
    pub control: Control,
    /// Where the agents see it.
    pub room: Room,
    /// Rooms it had before, oldest first.
    pub past_rooms: Vec<PastRoom>,
    /// How many times it has been opened; tells apart what was shown in which room.
    pub opening: i64,
    /// The opening in which the present room was made: what was shown since then is in it.
    pub room_since: i64,
    /// When it was opened last.
    pub opened_at: Option<Timestamp>,
    /// Time of the last message of any side.
    pub active_at: Option<Timestamp>,
    /// Slack's `ts` of the first message that came by itself since the opening: what the import must reach up to.
    pub first_live_ts: Option<String>,
    /// Slack's `ts` of the newest message mirrored into the present room.
    pub newest_ts: Option<String>,
    /// What agents have been reminded of.
    pub reminded: Reminded,
    /// Agents' messages that wait until somebody takes control.
    pub held: Vec<Held>,
    /// Since when a human has control.
    #[serde(default)]
    pub human_since: Option<Timestamp>,
    /// The epoch that the bot was told of with the last pause or unpause.
    #[serde(default)]
    pub told_epoch: i64,
    /// Of how many turns of the bot's global switch this conversation was told.
    #[serde(default)]
    pub switch_turns: i64,
    /// In which thread of the DM people talk.
    #[serde(default)]
    pub thread: Threading,
    /// Messages that are not shown so far, since something of them is still to come.
    #[serde(default)]
    pub waiting: Vec<Waiting>,
    /// What may be missing.
    #[serde(default)]
    pub gaps: Gaps,
    /// `ts` of the card in the room that tells of the last change of control.
    pub control_card: Option<String>,
    /// Its ticket in the tracker.
    #[serde(default)]
    pub ticket: Ticketing,
    /// Nothing of it is to be kept as soon as it has no room.
    #[serde(default)]
    pub erasing: bool,
    /// The newest handoff, open or over.
    #[serde(default)]
    pub handoff: Option<Box<Handoff>>,
    /// How many handoffs there were.
    #[serde(default)]
    pub handoffs: i64,
    /// Who handles the customer: took control, or picked the handoff.
    #[serde(default)]
    pub handler: Option<Agent>,
    /// Agents who were told that another handles the customer.
    #[serde(default)]
    pub told_of_handler: Vec<String>,
    /// Until then, what the customer says next is how they can be reached.
    #[serde(default)]
    pub asks_contact: Option<Timestamp>,
    /// Who says that it is spam.
    #[serde(default)]
    pub spam: Option<Agent>,
    /// What the bot could not answer, in a row.
    #[serde(default)]
    pub unanswered: Unanswered,
    /// Why agents should look at it, and whether somebody has.
    #[serde(default)]
    pub triage: Option<Box<Triage>>,
    /// Timers as they stand in the database.
    pub armed: Armed,
}

impl Conversation {
    /// A conversation that nobody has watched so far.
    #[must_use]
    pub fn new(id: String, key: Key, customer: Customer) -> Self {
        Self {
            id,
            key,
            customer,
            control: Control::default(),
            room: Room::None,
            past_rooms: Vec::new(),
            opening: 0,
            room_since: 0,
            opened_at: None,
            active_at: None,
            first_live_ts: None,
            newest_ts: None,
            reminded: Reminded::default(),
            held: Vec::new(),
            human_since: None,
            told_epoch: 0,
            switch_turns: 0,
            thread: Threading::default(),
            waiting: Vec::new(),
            gaps: Gaps::default(),
            control_card: None,
            ticket: Ticketing::default(),
            erasing: false,
            handoff: None,
            handoffs: 0,
            handler: None,
            told_of_handler: Vec::new(),
            asks_contact: None,
            spam: None,
            unanswered: Unanswered::default(),
            triage: None,
            armed: Armed::default(),
        }
    }

    /// Whether it is to be forgotten now.
    #[must_use]
    pub fn is_to_be_forgotten(&self) -> bool {
        self.erasing && self.room == Room::None
    }

    /// What is left of it when all is forgotten: ids, and counts that must not begin anew, since bots tell by them what
    /// is newer.
    #[must_use]
    pub fn bare(self) -> Self {
        let Self { id, key, customer, control, told_epoch, switch_turns, opening, handoffs, ticket, .. } = self;
        let customer = Customer { user_id: customer.user_id, profile: Profile::default() };
        let ticket = Ticketing { is_open: false, ..ticket };
        Self { control, opening, told_epoch, switch_turns, ticket, handoffs, ..Self::new(id, key, customer) }
    }

    /// Whether what is said in the DM is relayed.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        matches!(self.room, Room::Opening(_) | Room::Open(_))
    }

    /// Whether somebody has to do with what is said in the DM, in a room or without one: they wait, or are asked something.
    #[must_use]
    pub fn is_attended(&self) -> bool {
        self.is_watched() || self.asks_contact.is_some() || self.open_handoff().is_some()
    }

    /// Whether what is said in the DM matters: somebody has to do with it, or it is counted.
    #[must_use]
    pub fn is_heard(&self) -> bool {
        self.is_attended() || self.unanswered.count > 0
    }

    /// Since when agents should look at it, where nobody has.
    #[must_use]
    pub fn outstanding_since(&self) -> Option<Timestamp> {
        self.triage
            .as_ref()
            .filter(|triage| triage.reviewed.is_none() && self.spam.is_none())
            .map(|triage| triage.since)
    }

    /// The handoff that is not over.
    #[must_use]
    pub fn open_handoff(&self) -> Option<&Handoff> {
        self.handoff.as_deref().filter(|handoff| !handoff.state.is_over())
    }

    /// The same, to change it.
    pub fn open_handoff_mut(&mut self) -> Option<&mut Handoff> {
        self.handoff.as_deref_mut().filter(|handoff| !handoff.state.is_over())
    }

    /// Whether what has this `ts` was said since the room is there.
    #[must_use]
    pub fn is_since_opening(&self, ts: &str) -> bool {
        Ts::parse(ts).is_some_and(|time| Some(time.as_timestamp()) >= self.opened_at)
    }

    /// The room, as soon as it exists and until it is archived.
    #[must_use]
    pub fn room_channel(&self) -> Option<&RoomChannel> {
        match &self.room {
            Room::Opening(opening) => opening.channel.as_ref(),
            Room::Open(channel) => Some(channel),
            Room::Closing(closing) => Some(&closing.channel),
            Room::None => None,
        }
    }
}
