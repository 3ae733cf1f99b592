//! What can happen to a conversation.

use serde_json::Value;

pub use super::conversation::Speaker;
use super::conversation::{Actor, Agent, PastRoom, Profile, RoomChannel};
use super::effect::Effect;
use super::handoff::Step;
use super::handoff::allocating::Found;
use super::handoff::state::{Prompt, Request, Source};
use super::relayed::{Copy, Uploaded};
use super::triage;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The customer or the bot said or did something in the DM.
    Said(Said),
    /// The history of the DM has something that the room has not.
    Found {
        /// What, of a message or an edit.
        said: Said,
        /// Whether it was said a while after what was found before it.
        after_gap: bool,
    },
    /// An agent wrote a message at the top level of the room.
    AgentWrote {
        /// Who.
        agent: Agent,
        /// Slack's `ts` in the room.
        ts: String,
        /// The message as Slack gave it.
        message: Value,
        /// Whether this agent has chosen "Always pause for me".
        always_pause: bool,
    },
    /// An agent's message in the room reads otherwise now.
    AgentEdited {
        /// Who wrote it.
        agent: Agent,
        /// Slack's `ts` in the room.
        ts: String,
        /// The message as it is now.
        message: Value,
        /// When it was changed, as Slack stamps it.
        stamp: String,
        /// Whether this agent has chosen "Always pause for me".
        always_pause: bool,
    },
    /// A message in the room was deleted, or an agent wants it taken back at the customer's.
    AgentDeleted {
        /// Slack's `ts` in the room.
        ts: String,
        /// Ids of the files that it had.
        files: Vec<String>,
        /// Who took it back; nobody, where it was simply deleted.
        recalled_by: Option<Agent>,
    },
    /// An agent reacted to a message in the room.
    AgentReacted {
        /// Who.
        agent: Agent,
        /// Slack's `ts` of the message.
        ts: String,
        /// How.
        reaction: Reaction,
    },
    /// Somebody outside of the support workspace wrote in the room.
    StrangerWrote,
    /// Somebody did something in the room that is not relayed; the line says what, and they alone read it.
    AgentDid {
        /// Who.
        agent: Agent,
        /// One line for them.
        line: String,
    },
    /// A room is wanted.
    Open {
        /// Who wants it.
        by: Actor,
        /// Where the agent waits for the answer.
        respond_to: Option<String>,
    },
    /// The bot is to be silent.
    Pause {
        /// Who wants it.
        by: Actor,
        /// Why: `command`, `button`, `api`, `agent_message`, ...
        reason: String,
    },
    /// The bot may answer again.
    Unpause {
        /// Who wants it.
        by: Actor,
        /// Why.
        reason: String,
    },
    /// A human is asked for.
    HandOff {
        /// Who asks.
        source: Source,
        /// What was said about it.
        request: Box<Request>,
    },
    /// Somebody does something about a handoff.
    Step {
        /// Which; none: the newest.
        handoff: Option<String>,
        /// Who.
        by: Actor,
        /// What.
        step: Step,
    },
    /// The customer has written for the first time.
    Begun {
        /// What they said; may be empty.
        words: String,
    },
    /// An agent does something about the conversation's card in the triage channel.
    Triage {
        /// Who.
        by: Agent,
        /// What.
        step: triage::Step,
    },
    /// The room is to be closed.
    Close {
        /// Who wants it.
        by: Actor,
        /// Why.
        reason: String,
    },
    /// Nothing of the customer is to be kept.
    Erase {
        /// Who wants it.
        by: Actor,
    },
    /// An agent wants the transcript.
    Transcript {
        /// Who.
        by: Agent,
        /// Where the agent waits for it.
        respond_to: Option<String>,
    },
    /// An agent wants this pause to last.
    KeepPaused {
        /// Who.
        by: Agent,
    },
    /// An agent wants every message of theirs to pause the bot.
    AlwaysPause {
        /// Who.
        by: Agent,
    },
    /// The room was archived by hand, deleted, or the app was removed from it.
    RoomGone {
        /// Which channel.
        channel: String,
        /// Whether the channel still stands, with its name, without us in it.
        left: bool,
    },
    /// The room was renamed by hand.
    RoomRenamed {
        /// Its new name.
        name: String,
    },
    /// Slack gave the room another id.
    RoomMoved {
        /// The new id.
        channel: String,
    },
    /// The room is shared with another company now.
    RoomShared,
    /// The bot wants the service to say something in the DM.
    BotSays {
        /// A body for `chat.postMessage`.
        message: Value,
        /// The epoch that the bot knew.
        epoch: i64,
    },
    /// The bot whispers to the agents.
    Notice {
        /// mrkdwn.
        text: String,
        /// To this agent alone; to the whole room otherwise.
        agent_id: Option<String>,
    },
    /// An agent adds a note in a dialog.
    Note {
        /// Who.
        by: Agent,
        /// `ts` of the message in the room in whose thread it goes.
        thread: String,
        /// The words, as they were typed.
        text: String,
    },
    /// `/megatron do`.
    Do {
        /// Who.
        by: Agent,
        /// What the bot is to do.
        text: String,
    },
    /// `/megatron clear-context`.
    ClearContext {
        /// Who.
        by: Agent,
    },
    /// The bot was switched on or off as a whole.
    BotSwitched {
        /// On?
        active: bool,
        /// Who did it.
        by: Actor,
    },
    /// Slack says that the bot's token in the customer's workspace is no longer valid.
    TokenLost,
    /// Somebody has changed the ticket of the conversation in the tracker.
    Ticket {
        /// Which ticket of the conversation.
        number: i64,
        /// How.
        change: TicketChange,
    },
    /// Try a failed delivery again.
    Retry {
        /// Who.
        by: Agent,
        /// What failed.
        effect: Effect,
    },
    /// The service is back after a while; nobody knows how long.
    Resumed,
    /// A timer fell due.
    Due(Timer),
    /// An effect was carried out.
    Done(Effect, Receipt),
    /// An effect has failed for good.
    Failed(Effect, Failure),
    /// An effect could not be carried out so far, and people should know.
    Struggling(Effect, Failure),
}

/// What the customer or the bot said or did in the DM.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Who.
    pub speaker: Speaker,
    /// Slack's `ts` of the message that was said, changed or reacted to.
    pub ts: String,
    /// What.
    pub what: Utterance,
    /// Of a change: whether the message itself was taken in before; [`crate::relay`] finds out.
    pub known: bool,
    /// What the bot noticed about it.
    pub signals: Signals,
}

/// What the bot noticed about a message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Signals {
    /// Whether it could not answer it; none where it does not say.
    pub unanswered: Option<bool>,
    /// How the customer feels, from -1 to 1.
    pub sentiment: Option<f64>,
    /// Something that has happened.
    pub event: Option<String>,
}

impl Said {
    /// Something said just now.
    #[must_use]
    pub fn new(speaker: Speaker, ts: String, what: Utterance) -> Self {
        Self { speaker, ts, what, known: false, signals: Signals::default() }
    }
}

/// A reaction to a message, given or taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// Who: a user id of the workspace where it was given.
    pub by: String,
    /// The emoji, without colons.
    pub name: String,
    /// Given, else taken back.
    pub added: bool,
    /// When, as Slack stamps it.
    pub stamp: String,
}

/// What was said or done.
#[derive(Debug, Clone, PartialEq)]
pub enum Utterance {
    /// A message, as Slack gave it.
    Message(Value),
    /// A message reads otherwise now.
    Edited {
        /// The message as it is now.
        message: Value,
        /// When it was changed, as Slack stamps it.
        stamp: String,
    },
    /// A message was deleted.
    Deleted {
        /// Ids of the files that it had.
        files: Vec<String>,
    },
    /// Somebody reacted to a message.
    Reacted(Reaction),
    /// Something told in one line; mrkdwn.
    Line(String),
    /// Something that needs no telling.
    Nothing,
}

/// A timer of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timer {
    /// Ask whether the bot may be back.
    UnpauseReminder,
    /// Close the forgotten room.
    Close,
    /// Show what has waited long enough for the rest of it.
    Waiting,
    /// Look whether anything was missed.
    CheckHistory,
    /// Do something about a handoff that waits.
    Handoff,
}

impl Timer {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::UnpauseReminder, Self::Close, Self::Waiting, Self::CheckHistory, Self::Handoff];

    /// As the database writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnpauseReminder => "unpause_reminder",
            Self::Close => "close",
            Self::Waiting => "waiting",
            Self::CheckHistory => "check_history",
            Self::Handoff => "handoff",
        }
    }

    /// The timer that the database writes so.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|timer| timer.as_str() == name)
    }
}

/// What came of an effect.
#[derive(Debug, Clone, PartialEq)]
pub enum Receipt {
    /// Nothing to tell.
    Done,
    /// Posted.
    Posted {
        /// The message's `ts`.
        ts: String,
        /// What it lacks of what was to be said, one line each; nothing where the message itself says so.
        left_out: Vec<String>,
    },
    /// The message turned out to be our own; nothing was posted.
    Skipped,
    /// The copies of a message, in the order of its parts.
    Copies(Vec<Copy>),
    /// What became of the files of a message.
    Carried {
        /// Those that are in the other workspace now.
        uploaded: Vec<Uploaded>,
        /// One line for each that could not be brought over.
        missed: Vec<String>,
    },
    /// Agents whom one can ask in person.
    Summoned(Vec<Prompt>),
    /// An agent who is online and can be given a handoff, if there is one.
    Allocated(Option<Found>),
    /// The customer's profile.
    Profile(Profile),
    /// The room exists.
    Room(RoomChannel),
    /// The name for the room is taken.
    NameTaken,
    /// The closed room could not be brought back.
    CannotRevive(PastRoom),
    /// Some people could not be invited; one line each.
    NotInvited(Vec<String>),
    /// The tracker has the ticket.
    Ticket {
        /// Where people see it; empty where the tracker does not say.
        url: String,
    },
    /// What somebody has done to the ticket.
    TicketChanged(TicketChange),
    /// Past messages of the DM; when it has come to the rules, without those that the room has already.
    History(Past),
    /// What agents wrote in the room and what they made of it since, as events; when it has come to the rules, how much of
    /// that was missed.
    Overheard {
        /// The support workspace.
        team: String,
        /// The events, in order.
        events: Vec<Event>,
        /// How many messages nobody knew of.
        missed: usize,
    },
}

/// How somebody has changed a ticket in the tracker. Names and words are plain text, as the tracker tells them; a name that it
/// does not tell is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TicketChange {
    /// It is complete.
    Completed {
        /// Who did it.
        by: String,
    },
    /// It is somebody else's now.
    Assigned {
        /// Whose; empty for nobody's.
        to: String,
    },
    /// There is a comment.
    Commented {
        /// Who wrote it.
        by: String,
        /// The words.
        text: String,
    },
    /// Its description reads otherwise.
    Described,
}

/// Past messages of the DM.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Past {
    /// The messages, oldest first.
    pub messages: Vec<Value>,
    /// Whether there may be older ones that Slack did not hand out.
    pub more: bool,
    /// How many answers in threads were not fetched.
    pub unread: u64,
}

/// Why an effect failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Id of the delivery, for reference.
    pub reference: String,
    /// A stable code: Slack's, or ours.
    pub code: String,
    /// A sentence for people.
    pub reason: String,
}
