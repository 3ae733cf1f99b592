//! What is to be done about an event, as data: written into the outbox, carried out by [`crate::deliver`].

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::render::portions;

use super::conversation::{Actor, Agent, Far, PastRoom, RoomChannel, Side};
use super::event::Speaker;
use super::relayed::{Caption, Change, Copy, Original, Party, Uploaded};

/// Something to do in Slack or at the host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Ask Slack who the customer is.
    LearnCustomer,
    /// Create the room under this name.
    CreateRoom {
        /// Name without `#`.
        name: String,
    },
    /// Bring a closed room back (needs a user token).
    ReviveRoom {
        /// The room.
        past: PastRoom,
    },
    /// Invite people into the room.
    Invite {
        /// `U...`, and `S...` for the members of a user group.
        who: Vec<String>,
    },
    /// Fetch what was said in the DM before.
    ImportHistory {
        /// How many messages.
        limit: u8,
    },
    /// Hold the history of a side against what is known of it.
    Repair {
        /// Which.
        side: Side,
    },
    /// Post the service's own card or notice in the room.
    Post {
        /// Body of `chat.postMessage`, without channel and metadata.
        body: Value,
        /// Remember its `ts` as the card about control.
        about_control: bool,
    },
    /// Post a last word in a room that is not the conversation's any more.
    PostIn {
        /// The channel.
        channel: String,
        /// Body of `chat.postMessage`, without channel and metadata.
        body: Value,
    },
    /// Post a card, or bring it up to date where it stands already.
    PutCard {
        /// What names it, for ever.
        name: String,
        /// The channel; none: the room.
        channel: Option<String>,
        /// Body of `chat.postMessage` and `chat.update`, without channel, `ts` and metadata.
        body: Value,
    },
    /// Find the DMs of those who are to be asked in person to pick a handoff: of all who have not chosen otherwise.
    Summon {
        /// The handoff.
        handoff: String,
        /// Users, and user groups for their members.
        who: Vec<String>,
    },
    /// Find an agent of the queue who is online, for a handoff.
    Allocate {
        /// The handoff.
        handoff: String,
        /// Label of the queue.
        queue: String,
    },
    /// Tell a queue its numbers of a week.
    TellNumbers {
        /// Its label.
        queue: String,
        /// The last day of the week.
        last: Date,
    },
    /// Show a chart of numbers.
    ShowChart {
        /// Where: a channel, or `U...` for somebody's DM with the hub app.
        place: String,
        /// What of.
        scope: Scope,
        /// Where somebody waits who is told when there is none.
        respond_to: Option<String>,
    },
    /// Tell the channel of a queue something.
    TellQueue {
        /// The channel.
        channel: String,
        /// Body of `chat.postMessage`, without channel and metadata.
        body: Value,
    },
    /// Change the card about control.
    UpdateControlCard {
        /// Body of `chat.update`, without channel and `ts`.
        body: Value,
    },
    /// Show one agent something in the room.
    Whisper {
        /// `U...`.
        agent: String,
        /// Body of `chat.postEphemeral`, without channel and user.
        body: Value,
    },
    /// Show in the room what the customer or the bot said.
    Mirror {
        /// Who said it.
        speaker: Speaker,
        /// `ts` in the DM.
        ts: String,
        /// Which part of a message that was split; from 0.
        part: u32,
        /// The message as Slack gave it.
        message: Value,
        /// It may be our own message coming back, still unknown when it arrived.
        may_be_ours: bool,
        /// The bot said it while a human had control, unless it is ours.
        over_agent: bool,
    },
    /// Bring the files of a message over, for [`Effect::Share`] to show.
    Carry {
        /// Whose they are.
        original: Original,
        /// The words that go with them, and which part of the message they are.
        caption: Caption,
        /// The files as Slack gave them.
        files: Vec<Value>,
    },
    /// Show files that were brought over.
    Share {
        /// Whose they are.
        original: Original,
        /// The words that go with them.
        caption: Caption,
        /// The files.
        files: Vec<Uploaded>,
    },
    /// Find the copies of a message that has changed.
    Amend {
        /// The message.
        original: Original,
        /// What has become of it.
        change: Change,
    },
    /// Bring a copy up to date.
    Update {
        /// Of what it is a copy.
        original: Original,
        /// The copy.
        copy: Copy,
        /// Whether it is the last part of the message.
        is_last: bool,
        /// What it reads now.
        message: Value,
    },
    /// Delete a copy.
    Withdraw {
        /// Of what it is a copy.
        original: Original,
        /// The copy.
        copy: Copy,
    },
    /// Delete the copy of a file that is gone.
    DeleteFile {
        /// Whose it was, and so on which side.
        by: Party,
        /// The file that is gone.
        file: String,
    },
    /// React to the twin of a message, or take the reaction back.
    React {
        /// Who reacted, and so on which side.
        by: Party,
        /// The message that they reacted to.
        ts: String,
        /// The emoji, without colons.
        name: String,
        /// Given, else taken back.
        added: bool,
    },
    /// Mark an agent's message as delivered.
    Mark {
        /// The message.
        ts: String,
        /// The emoji, without colons.
        name: String,
    },
    /// Rename the room out of the way.
    RetireRoom {
        /// The channel.
        channel: String,
        /// Its new name.
        name: String,
    },
    /// Keep what was said in the room before nobody can read it any more.
    KeepTranscript {
        /// The room.
        room: RoomChannel,
    },
    /// Hand an agent the transcript: in the room, or where they wait.
    Transcript {
        /// The agent.
        by: Agent,
        /// Where the agent waits.
        respond_to: Option<String>,
    },
    /// Nothing: what was to be done is erased, and its place is all that is left of it.
    Nothing,
    /// Archive the room.
    ArchiveRoom {
        /// The channel.
        channel: String,
    },
    /// Say something to the customer, as the bot.
    Say {
        /// What.
        words: Words,
        /// The root of the thread to say it in; none at top level.
        thread: Option<String>,
    },
    /// Call the host.
    Callback {
        /// Such as `conversation.paused`.
        kind: String,
        /// The whole body.
        body: Value,
    },
    /// Tell an endpoint of an event; the courier looks it up.
    Publish {
        /// The endpoint.
        endpoint: String,
        /// Id of the event, and of the message by which endpoints know it.
        event: String,
    },
    /// Find out whether an endpoint answers.
    Ping {
        /// The endpoint.
        endpoint: String,
    },
    /// Tell an endpoint again what was published.
    Replay {
        /// The endpoint.
        endpoint: String,
        /// Of the conversations of this bot; none: of all that the endpoint is told of.
        bot: Option<String>,
        /// From this time on, in milliseconds since 1970.
        since: i64,
        /// Up to this time, itself not included.
        until: i64,
        /// What went before it was told again so far: its time and its id.
        after: Option<(i64, String)>,
    },
    /// Bring the ticket of the conversation in step.
    Ticket {
        /// Which ticket of the conversation.
        number: i64,
        /// What to do.
        step: TicketStep,
    },
    /// Look what somebody has done to the ticket.
    LookAtTicket {
        /// Which ticket of the conversation.
        number: i64,
        /// What is said to have changed.
        at: TicketPart,
    },
    /// Have the tracker tell what happens to tickets.
    Subscribe,
    /// Answer a slash command or a click.
    Respond {
        /// Slack's `response_url`.
        url: String,
        /// The answer.
        body: Value,
    },
    /// Ask the bot who is meant.
    SearchCustomers {
        /// The bot.
        bot: String,
        /// Bots to ask when this one knows nobody.
        others: Vec<String>,
        /// Bots that were asked before and did not answer.
        silent: Vec<String>,
        /// What the agent typed.
        query: String,
        /// What to do with the one who is found.
        then: Wish,
    },
    /// Find the DM of a customer that the bot has named.
    FindDm {
        /// The bot.
        bot: String,
        /// The customer's workspace.
        team: String,
        /// The customer.
        user_id: String,
        /// What to do then.
        then: Wish,
    },
    /// Ask the bot for a token that works.
    RefreshToken {
        /// The bot.
        bot: String,
        /// The customer's workspace.
        team: String,
    },
    /// Ask Slack who a customer is, for the directory.
    LearnContact {
        /// The bot.
        bot: String,
        /// The customer's workspace.
        team: String,
        /// The customer.
        user_id: String,
    },
    /// Tell the conversation with a customer that they have written for the first time.
    Begin {
        /// The bot.
        bot: String,
        /// The customer's workspace.
        team: String,
        /// The customer.
        user_id: String,
        /// The DM.
        channel: String,
        /// What they said.
        words: String,
    },
    /// Tell every conversation that somebody has to do with that the bot was switched on or off.
    TellSwitch {
        /// The bot.
        bot: String,
        /// On?
        active: bool,
        /// Who did it.
        by: Actor,
    },
    /// Tell every room of a workspace that the bot's token there is gone.
    TellTokenLost {
        /// The bot.
        bot: String,
        /// The customers' workspace.
        team: String,
    },
    /// Tell every conversation with a room that the service is back.
    Resume,
    /// Show everybody who looks at their Home what has changed on it.
    RefreshHomes,
    /// Show an agent their Home, as it stands when it is their turn.
    PublishHome {
        /// The agent.
        agent: String,
    },
    /// Ask Slack who an agent is.
    LearnAgent {
        /// The agent.
        user_id: String,
    },
    /// Make a channel for a queue that has none.
    CreateQueueChannel {
        /// Its label.
        queue: String,
        /// How many names were taken.
        tried: u32,
    },
    /// Say, where somebody has mentioned the app, that it is well and what the channel is for.
    AnswerMention {
        /// The channel.
        channel: String,
        /// The message that mentions the app.
        mention: String,
        /// The thread to answer in: its own, or the one that it is in.
        thread: String,
    },
}

/// What numbers are of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The label of a queue; none: all.
    pub queue: Option<String>,
    /// The last day.
    pub last: Date,
    /// How many days there are.
    pub days: u16,
}

/// Words for the customer, and whose they are.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Words {
    /// An agent's, written in the room.
    Agent {
        /// Who.
        agent: Agent,
        /// `ts` in the room.
        ts: String,
        /// Which part of a message that was split; from 0.
        part: u32,
        /// Whether it is the last part, which is signed.
        is_last: bool,
        /// The message as Slack gave it.
        message: Value,
    },
    /// The bot's own, sent through the service.
    Bot {
        /// The epoch that the bot knew.
        epoch: i64,
        /// A body for `chat.postMessage`.
        message: Value,
    },
    /// The service's.
    Service {
        /// The text, with places for names.
        template: String,
        /// Who did what the text tells of.
        agent: Option<Agent>,
        /// More to fill in, by the names of their places.
        #[serde(default)]
        values: BTreeMap<String, String>,
    },
}

/// What is done with a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketStep {
    /// Open it.
    Open {
        /// In one line.
        title: String,
        /// Plain text; the courier adds links.
        text: String,
    },
    /// Say what happened since.
    Comment {
        /// Plain text.
        text: String,
        /// The courier adds a link to the room.
        with_room: bool,
    },
    /// Complete it.
    Complete,
}

/// A part of a ticket that can change in the tracker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TicketPart {
    /// Whether it is complete.
    Completion,
    /// Whose it is.
    Assignee,
    /// Its description.
    Description,
    /// A comment, by the tracker's id.
    Comment(String),
}

/// What an agent wants with a customer who is still being looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wish {
    /// The agent.
    pub agent: Agent,
    /// Where the agent waits for the answer; nowhere on their Home, which shows what comes of it.
    pub respond_to: Option<String>,
}

impl Effect {
    /// The lane of this effect: entries of one lane are carried out one after the other.
    ///
    /// `conversation` is the id of its conversation, where it has one.
    #[must_use]
    pub fn lane(&self, conversation: Option<&str>) -> String {
        let of = |kind: &str| format!("{kind}:{}", conversation.unwrap_or("none"));
        match self {
            Self::LearnCustomer
            | Self::CreateRoom { .. }
            | Self::ReviveRoom { .. }
            | Self::Invite { .. }
            | Self::ImportHistory { .. }
            | Self::Post { .. }
            | Self::PutCard { channel: None, .. }
            | Self::PostIn { .. }
            | Self::UpdateControlCard { .. }
            | Self::Whisper { .. }
            | Self::Mirror { .. }
            | Self::RetireRoom { .. }
            | Self::KeepTranscript { .. }
            | Self::ArchiveRoom { .. }
            | Self::Nothing => of("room"),
            Self::PutCard { channel: Some(_), .. }
            | Self::TellQueue { .. }
            | Self::Summon { .. }
            | Self::Allocate { .. } => of("queue"),
            Self::Transcript { .. } => of("transcript"),
            Self::Repair { .. } => of("history"),
            Self::Say { .. } => of("dm"),
            Self::Carry { .. }
            | Self::Share { .. }
            | Self::Amend { .. }
            | Self::Update { .. }
            | Self::Withdraw { .. }
            | Self::DeleteFile { .. }
            | Self::React { .. } => match self.crosses_from() {
                Some(Side::Room) => of("dm"),
                Some(Side::Dm) | None => of("room"),
            },
            Self::Mark { .. } => of("marks"),
            Self::Callback { kind, .. } if is_about_control(kind) => of("control"),
            Self::Callback { .. } => of("host"),
            Self::Publish { endpoint, .. } => format!("webhook:{endpoint}"),
            Self::Ping { endpoint } => format!("ping:{endpoint}"),
            Self::Replay { endpoint, .. } => format!("replay:{endpoint}"),
            Self::Ticket { .. } | Self::LookAtTicket { .. } => of("tracker"),
            Self::Subscribe => "subscribe".to_owned(),
            Self::Respond { url, .. } => format!("respond:{url}"),
            Self::SearchCustomers { then, .. } | Self::FindDm { then, .. } => {
                format!("search:{}", then.respond_to.as_ref().unwrap_or(&then.agent.user_id))
            }
            Self::RefreshToken { bot, team } => format!("token:{bot}:{team}"),
            Self::LearnContact { bot, team, .. } => format!("contacts:{bot}:{team}"),
            Self::Begin { bot, team, .. } => format!("new:{bot}:{team}"),
            Self::LearnAgent { .. } => "agents".to_owned(),
            Self::RefreshHomes => "homes".to_owned(),
            Self::PublishHome { agent } => format!("home:{agent}"),
            Self::TellSwitch { bot, .. } => format!("switch:{bot}"),
            Self::TellTokenLost { bot, team } => format!("lost:{bot}:{team}"),
            Self::Resume => "resume".to_owned(),
            Self::CreateQueueChannel { queue, .. } => format!("queue:{queue}"),
            Self::TellNumbers { queue, .. } => format!("numbers:{queue}"),
            Self::ShowChart { place, .. } => format!("chart:{place}"),
            Self::AnswerMention { channel, mention, .. } => format!("mention:{channel}:{mention}"),
        }
    }

    /// The side that it comes from, if it is about something that is relayed whichever way.
    #[must_use]
    pub fn crosses_from(&self) -> Option<Side> {
        match self {
            Self::Carry { original: Original { by, .. }, .. }
            | Self::Share { original: Original { by, .. }, .. }
            | Self::Amend { original: Original { by, .. }, .. }
            | Self::Update { original: Original { by, .. }, .. }
            | Self::Withdraw { original: Original { by, .. }, .. }
            | Self::DeleteFile { by, .. }
            | Self::React { by, .. } => Some(by.side()),
            _ => None,
        }
    }

    /// What is left of it for a Retry when it is given up: of files from the DM the words are shown by then.
    #[must_use]
    pub fn left_over(&self) -> Self {
        let mut left = self.clone();
        if let Self::Carry { original, caption, .. } | Self::Share { original, caption, .. } = &mut left
            && original.by.side() == Side::Dm
        {
            caption.message = portions::silent(&caption.message);
        }
        left
    }

    /// A stable name, for logs and the journal.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::LearnCustomer => "learn_customer",
            Self::CreateRoom { .. } => "create_room",
            Self::ReviveRoom { .. } => "revive_room",
            Self::Invite { .. } => "invite",
            Self::ImportHistory { .. } => "import_history",
            Self::Repair { .. } => "repair",
            Self::Post { .. } => "post",
            Self::PostIn { .. } => "post_in",
            Self::PutCard { .. } => "put_card",
            Self::TellQueue { .. } => "tell_queue",
            Self::Summon { .. } => "summon",
            Self::Allocate { .. } => "allocate",
            Self::TellNumbers { .. } => "tell_numbers",
            Self::ShowChart { .. } => "show_chart",
            Self::UpdateControlCard { .. } => "update_control_card",
            Self::Whisper { .. } => "whisper",
            Self::Mirror { .. } => "mirror",
            Self::Carry { .. } => "carry",
            Self::Share { .. } => "share",
            Self::Amend { .. } => "amend",
            Self::Update { .. } => "update",
            Self::Withdraw { .. } => "withdraw",
            Self::DeleteFile { .. } => "delete_file",
            Self::React { .. } => "react",
            Self::Mark { .. } => "mark",
            Self::RetireRoom { .. } => "retire_room",
            Self::KeepTranscript { .. } => "keep_transcript",
            Self::Transcript { .. } => "transcript",
            Self::Nothing => "nothing",
            Self::ArchiveRoom { .. } => "archive_room",
            Self::Say { .. } => "say",
            Self::Callback { .. } => "callback",
            Self::Publish { .. } => "publish",
            Self::Ping { .. } => "ping",
            Self::Replay { .. } => "replay",
            Self::Ticket { .. } => "ticket",
            Self::LookAtTicket { .. } => "look_at_ticket",
            Self::Subscribe => "subscribe",
            Self::Respond { .. } => "respond",
            Self::SearchCustomers { .. } => "search_customers",
            Self::FindDm { .. } => "find_dm",
            Self::RefreshToken { .. } => "refresh_token",
            Self::LearnContact { .. } => "learn_contact",
            Self::Begin { .. } => "begin",
            Self::RefreshHomes => "refresh_homes",
            Self::PublishHome { .. } => "publish_home",
            Self::LearnAgent { .. } => "learn_agent",
            Self::TellSwitch { .. } => "tell_switch",
            Self::TellTokenLost { .. } => "tell_token_lost",
            Self::Resume => "resume",
            Self::CreateQueueChannel { .. } => "create_queue_channel",
            Self::AnswerMention { .. } => "answer_mention",
        }
    }

    /// Whose words it brings to the other side: `customer`, `bot` or `agent`.
    #[must_use]
    pub fn speaker(&self) -> Option<&'static str> {
        match self {
            Self::Mirror { speaker, .. } => Some(speaker.as_str()),
            Self::Share { original, .. } => Some(original.by.name()),
            Self::Say { words: Words::Agent { .. }, .. } => Some("agent"),
            Self::Say { words: Words::Bot { .. }, .. } => Some("bot"),
            _ => None,
        }
    }

    /// The `ts` of the message that it posts on the other side, and which part of it.
    #[must_use]
    pub fn original(&self) -> Option<(&str, u32)> {
        match self {
            Self::Mirror { ts, part, .. } | Self::Say { words: Words::Agent { ts, part, .. }, .. } => Some((ts, *part)),
            _ => None,
        }
    }

    /// The `ts` in the room of the agent's message that it brings to the customer.
    #[must_use]
    pub fn agents_message(&self) -> Option<&str> {
        match self {
            Self::Say { words: Words::Agent { ts, .. }, .. } => Some(ts),
            Self::Carry { original, .. } | Self::Share { original, .. } if original.by.side() == Side::Room => {
                Some(&original.ts)
            }
            _ => None,
        }
    }

    /// Whether it is about the room as it stands.
    #[must_use]
    pub fn is_in_room(&self) -> bool {
        matches!(self, Self::PutCard { channel: None, .. })
            || matches!(
                self,
                Self::Post { .. } | Self::Mirror { .. } | Self::Whisper { .. } | Self::UpdateControlCard { .. }
            )
            || matches!(self, Self::Repair { side: Side::Room })
            || matches!(self, Self::Share { .. } | Self::Update { .. } if self.crosses_from() == Some(Side::Dm))
    }

    /// Who is at the other end, where it says something to somebody.
    #[must_use]
    pub fn far(&self) -> Option<Far> {
        match self {
            Self::Callback { .. } => Some(Far::Bot),
            Self::Say { .. } => Some(Far::Customer),
            Self::Post { .. } | Self::Mirror { .. } => Some(Far::Agents),
            crossing => crossing.crosses_from().map(|side| match side {
                Side::Dm => Far::Agents,
                Side::Room => Far::Customer,
            }),
        }
    }

    /// Whether a waiting retry in the lane must not delay this effect.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        matches!(self, Self::Callback { kind, .. } if is_about_control(kind))
    }
}

/// Pausing must not wait behind other callbacks, so it has a lane of its own.
fn is_about_control(kind: &str) -> bool {
    matches!(kind, "conversation.paused" | "conversation.unpaused")
}
