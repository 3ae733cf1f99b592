//! A conversation: one customer's DM with one bot, who answers in it, and its room.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::render::ts::Ts;

use super::event::Speaker;
use super::handoff::state::Handoff;
use super::triage::Triage;
use super::triggers::counting::Unanswered;

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
    /// What the customer says next is how they can be reached.
    #[serde(default)]
    pub asks_contact: bool,
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
            asks_contact: false,
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
        self.is_watched() || self.asks_contact || self.open_handoff().is_some()
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

/// The person who talks with the bot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// `U...` or `W...` in the customer's workspace.
    pub user_id: String,
    /// What is known of them.
    pub profile: Profile,
}

/// What Slack tells of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Profile {
    /// The name that people see: display name, else real name, else handle.
    pub name: String,
    /// Full name.
    pub real_name: String,
    /// E-mail address, where the token may read it.
    pub email: String,
    /// Job title.
    pub title: String,
    /// Time zone, such as `Europe/Berlin`.
    pub tz: String,
    /// URL of the picture.
    pub icon_url: String,
    /// Name of the workspace.
    pub workspace: String,
}

impl Customer {
    /// The name that people see; the id where no name is known.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.profile.name.is_empty() { &self.user_id } else { &self.profile.name }
    }
}

/// Who answers, and since how many changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// Who answers.
    pub holder: Holder,
    /// Grows by one with every change of control.
    pub epoch: i64,
    /// While a human was asked for: whether the bot must be silent.
    #[serde(default)]
    pub hold: bool,
}

impl Control {
    /// Whether the bot must be silent.
    #[must_use]
    pub fn is_paused(self) -> bool {
        self.holder == Holder::Human || (self.holder == Holder::Pending && self.hold)
    }
}

/// Who answers the customer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Holder {
    /// The bot.
    #[default]
    Bot,
    /// A human was asked for and has not come yet.
    Pending,
    /// An agent.
    Human,
}

impl Holder {
    /// As the contract writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bot => "bot",
            Self::Pending => "pending",
            Self::Human => "human",
        }
    }
}

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

/// Who did something.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Actor {
    /// The service itself: a timer, a rule.
    #[default]
    Service,
    /// The bot, through its API.
    Bot,
    /// The customer.
    Customer,
    /// Somebody in the support workspace.
    Agent(Agent),
}

/// Somebody in the support workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// `U...` or `W...` in the support workspace.
    pub user_id: String,
    /// The name that people see; empty where it is not known yet.
    pub name: String,
}

impl Actor {
    /// An agent by id and name.
    pub fn agent(user_id: impl Into<String>, name: impl Into<String>) -> Self {
        Self::Agent(Agent { user_id: user_id.into(), name: name.into() })
    }

    /// The agent, if it was one.
    #[must_use]
    pub fn as_agent(&self) -> Option<&Agent> {
        match self {
            Self::Agent(agent) => Some(agent),
            Self::Service | Self::Bot | Self::Customer => None,
        }
    }
}

/// What agents have been reminded of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminded {
    /// When the pause reminder was shown last in the present room.
    pub to_pause_at: Option<Timestamp>,
    /// The idle time that the last unpause reminder was about: its [`Conversation::active_at`].
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
