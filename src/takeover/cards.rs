//! The service's own cards and notices in a room. None carries a `username`: it speaks for itself.

use std::time::Duration;

use serde_json::{Value, json};

use super::conversation::{Actor, Agent, Conversation, Holder, RoomChannel};
use super::rules::Rules;
use crate::config::texts;
use crate::render::text;
pub use crate::render::text::escape;

/// Ids of our buttons. Nothing that is relayed keeps an `action_id`, so a click on one of these is a click on a card of ours.
pub mod action {
    /// Pause the bot.
    pub const PAUSE: &str = "megatron.pause";
    /// Pause the bot now and whenever I write.
    pub const ALWAYS_PAUSE: &str = "megatron.always_pause";
    /// Unpause the bot.
    pub const UNPAUSE: &str = "megatron.unpause";
    /// No more reminders for this pause.
    pub const KEEP_PAUSED: &str = "megatron.keep_paused";
    /// Close the room.
    pub const CLOSE: &str = "megatron.close";
    /// Try a failed delivery again; the value is its reference.
    pub const RETRY: &str = "megatron.retry";
    /// Forget the customer; the value is bot, workspace and customer.
    pub const ERASE: &str = "megatron.erase";
    /// Pick a handoff; the value is its id, as with those that follow.
    pub const PICK: &str = "megatron.pick";
    /// Decline a handoff.
    pub const DECLINE: &str = "megatron.decline";
    /// Nobody asked for a human.
    pub const NOT_A_REQUEST: &str = "megatron.not_a_request";
    /// The conversation is spam.
    pub const SPAM: &str = "megatron.spam";
    /// It is no spam.
    pub const NOT_SPAM: &str = "megatron.not_spam";
    /// Do not ask me in person to pick handoffs.
    pub const HIDE_PROMPTS: &str = "megatron.hide_prompts";
    /// Somebody has looked at the conversation; the value is the conversation, as with those that follow.
    pub const REVIEWED: &str = "megatron.reviewed";
    /// The conversation is spam: on its card in the triage channel.
    pub const TRIAGE_SPAM: &str = "megatron.triage_spam";
    /// It is no spam.
    pub const TRIAGE_NOT_SPAM: &str = "megatron.triage_not_spam";
    /// Open a room for the customer.
    pub const OPEN_ROOM: &str = "megatron.open_room";
    /// Take over from another agent; the value is the conversation.
    pub const TAKE_OVER: &str = "megatron.take_over";
    /// Open a room for the chosen customer.
    pub const CHOOSE_CUSTOMER: &str = "megatron.choose_customer";
    /// A link to a room; Slack tells of the click all the same.
    pub const GO_TO_ROOM: &str = "megatron.go_to_room";
    /// Switch a bot on as a whole; the value is its id.
    pub const SWITCH_ON: &str = "megatron.switch_on";

    /// The id of a button that stands several times in one view.
    #[must_use]
    pub fn numbered(id: &str, number: usize) -> String {
        format!("{id}#{number}")
    }

    /// An id without the number.
    #[must_use]
    pub fn unnumbered(id: &str) -> &str {
        id.split_once('#').map_or(id, |(id, _)| id)
    }
}

/// Ids of our shortcuts, as the manifest names them.
pub mod shortcut {
    /// Take an agent's message back from the customer; on the message.
    pub const RECALL: &str = "megatron.recall";
    /// Try again what failed of a message; on the message, or on the card that says so.
    pub const RETRY: &str = "megatron.retry_message";
    /// Add a note in the thread of a message in a room.
    pub const NOTE: &str = "megatron.note";
    /// Turn live chat on or off, or give the customer to another queue; on any message in a room.
    pub const LIVE_CHAT: &str = "megatron.live_chat";
    /// Give the customer to another queue; on any message in a room.
    pub const TRANSFER: &str = "megatron.transfer";
    /// Open the settings; for the whole app.
    pub const ADMIN: &str = "megatron.admin";
}

/// Whether the bot has said that it knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acknowledged {
    /// It has been told.
    Waiting,
    /// It has answered.
    Yes,
}

/// One line, or a few.
#[must_use]
pub fn line(mrkdwn: &str) -> Value {
    card(mrkdwn, vec![section(mrkdwn)])
}

/// Who the customer is, where they were before, and what can be done.
#[must_use]
pub fn header(conversation: &Conversation, rules: Rules<'_>) -> Value {
    let customer = &conversation.customer;
    let profile = &customer.profile;
    let name = escape(customer.name());
    let title = if profile.workspace.is_empty() {
        format!("*{name}*")
    } else {
        format!("*{name}* of *{}*", escape(&profile.workspace))
    };
    let mut facts = vec![format!("talks with {}", escape(&rules.bot.name))];
    for fact in [&profile.real_name, &profile.title, &profile.email, &profile.tz] {
        if !fact.is_empty() && *fact != profile.name {
            facts.push(escape(fact));
        }
    }
    facts.push(format!("user {} in {}", escape(&customer.user_id), escape(&conversation.key.team)));

    let mut section = section(&format!("{title}\n{}", facts.join(" · ")));
    if profile.icon_url.starts_with("https://") {
        section["accessory"] =
            json!({ "type": "image", "image_url": profile.icon_url, "alt_text": text::cut(customer.name(), 200) });
    }
    let mut blocks = vec![section];
    if !conversation.past_rooms.is_empty() {
        let links: Vec<String> =
            conversation.past_rooms.iter().rev().take(5).map(|past| format!("<#{}|{}>", past.id, past.name)).collect();
        blocks.push(context(&format!("Earlier rooms: {}", links.join(", "))));
    }
    let history = (rules.rooms.history > 0).then_some(texts::ROOM_HISTORY);
    let what = [Some(texts::ROOM_EXPLAINED), history].into_iter().flatten();
    let what: Vec<String> = what.filter_map(|text| rules.text(conversation, text, &[])).collect();
    let lines = [what.join(" "), live(conversation, rules)];
    blocks.extend(lines.iter().filter(|line| !line.is_empty()).map(|line| context(line)));
    let control = if conversation.control.holder == Holder::Bot {
        button("Pause the bot", action::PAUSE, &conversation.id)
    } else {
        button("Unpause the bot", action::UNPAUSE, &conversation.id)
    };
    blocks.push(buttons(vec![control, button("Close", action::CLOSE, &conversation.id)]));
    card(&format!("{title}: {}", facts.join(" · ")), blocks)
}

/// Who handles the customer, and whether they talk with a human; empty where neither is told.
#[must_use]
pub fn live(conversation: &Conversation, rules: Rules<'_>) -> String {
    let state = match conversation.control.holder {
        Holder::Human => texts::ROOM_LIVE_ON,
        Holder::Pending => texts::ROOM_LIVE_PENDING,
        Holder::Bot => texts::ROOM_LIVE_OFF,
    };
    let handled = |agent: &Agent| rules.text(conversation, texts::ROOM_HANDLED, &[("agent", &person(agent))]);
    let told = [rules.text(conversation, state, &[]), conversation.handler.as_ref().and_then(handled)];
    told.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Who answers now, and whether the bot knows.
#[must_use]
pub fn control(conversation: &Conversation, rules: Rules<'_>, by: &Actor, acknowledged: Acknowledged) -> Value {
    let paused = conversation.control.holder != Holder::Bot;
    let (headline, next) = if paused {
        (texts::ROOM_PAUSED, button("Unpause", action::UNPAUSE, &conversation.id))
    } else {
        (texts::ROOM_UNPAUSED, button("Pause", action::PAUSE, &conversation.id))
    };
    let status = match acknowledged {
        Acknowledged::Waiting => texts::ROOM_BOT_TOLD,
        Acknowledged::Yes => texts::ROOM_BOT_KNOWS,
    };
    let headline = rules.text(conversation, headline, &[("who", &who(by))]);
    let status = rules.text(conversation, status, &[]);
    let mut blocks: Vec<Value> = headline.iter().map(|headline| section(headline)).collect();
    blocks.extend(status.iter().map(|status| context(status)));
    blocks.push(buttons(vec![next]));
    let told: Vec<String> = [headline, status].into_iter().flatten().collect();
    card(&told.join(" "), blocks)
}

/// An agent writes while the bot is active.
#[must_use]
pub fn pause_reminder(conversation: &Conversation, rules: Rules<'_>, agent: &Agent) -> Option<Value> {
    let text = rules.text(conversation, texts::ROOM_PAUSE_REMINDER, &[("agent", &person(agent))])?;
    let choices = vec![
        button("Pause", action::PAUSE, &conversation.id),
        button("Always pause for me", action::ALWAYS_PAUSE, &conversation.id),
    ];
    Some(card(&text, vec![section(&text), buttons(choices)]))
}

/// Nobody has said anything for a while, and the bot is still paused.
#[must_use]
pub fn unpause_reminder(conversation: &Conversation, rules: Rules<'_>) -> Option<Value> {
    let idle = span(rules.reminders.unpause_after);
    let text = rules.text(conversation, texts::ROOM_UNPAUSE_REMINDER, &[("idle", &idle)])?;
    let choices = vec![
        button("Unpause", action::UNPAUSE, &conversation.id),
        button("Keep it paused", action::KEEP_PAUSED, &conversation.id),
    ];
    Some(card(&text, vec![section(&text), buttons(choices)]))
}

/// An agent's message waits until somebody takes control.
#[must_use]
pub fn held(conversation: &Conversation, rules: Rules<'_>, agent: &Agent) -> Option<Value> {
    let text = rules.text(conversation, texts::ROOM_HELD, &[("agent", &person(agent))])?;
    let send = button("Pause and send", action::PAUSE, &conversation.id);
    Some(card(&text, vec![section(&text), buttons(vec![send])]))
}

/// The room is about to be archived.
#[must_use]
pub fn closing(
    conversation: &Conversation,
    rules: Rules<'_>,
    by: &Actor,
    reason: &str,
    unsent: usize,
) -> Option<Value> {
    let text = if reason == "idle" { texts::ROOM_CLOSED_IDLE } else { texts::ROOM_CLOSED };
    let closed = rules.text(conversation, text, &[("who", &who(by))]);
    let lost = || rules.text(conversation, texts::ROOM_UNSENT, &[("count", &unsent.to_string())]);
    let told: Vec<String> = [closed, (unsent > 0).then(lost).flatten()].into_iter().flatten().collect();
    (!told.is_empty()).then(|| line(&told.join(" ")))
}

/// The bot tells the agents something.
#[must_use]
pub fn from_bot(conversation: &Conversation, rules: Rules<'_>, mrkdwn: &str) -> Value {
    let mut body = line(&text::cut(mrkdwn, 3000));
    if let Some((blocks, source)) = body["blocks"].as_array_mut().zip(rules.text(conversation, texts::ROOM_NOTICE, &[]))
    {
        blocks.push(context(&source));
    }
    body
}

/// Asks an agent whether a customer is really to be forgotten; only they see it.
#[must_use]
pub fn erase(customer: &str, [bot, team, user_id]: [&str; 3]) -> Value {
    let text = format!(
        "*Erase {}?* An open room is closed. Profile, transcripts, waiting messages and all that is known of their \
         messages are deleted here, for good. What stands in Slack stays there.",
        escape(customer)
    );
    let mut sure = button("Erase for good", action::ERASE, &format!("{bot} {team} {user_id}"));
    sure["style"] = json!("danger");
    let mut card = card(&text, vec![section(&text), buttons(vec![sure])]);
    card["response_type"] = json!("ephemeral");
    card
}

/// A link to a channel.
#[must_use]
pub fn channel(channel: &RoomChannel) -> String {
    format!("<#{}|{}>", channel.id, channel.name)
}

/// An agent, by name where it is known, without pinging them.
#[must_use]
pub fn person(agent: &Agent) -> String {
    if agent.name.is_empty() { format!("<@{}>", agent.user_id) } else { escape(&agent.name) }
}

/// Reads back who did something from the body of a callback.
#[must_use]
pub fn actor_of(actor: &Value) -> Actor {
    let field = |name: &str| actor[name].as_str().unwrap_or_default();
    match field("kind") {
        "agent" => Actor::agent(field("user_id"), field("name")),
        "bot" => Actor::Bot,
        "customer" => Actor::Customer,
        _ => Actor::Service,
    }
}

/// Who did something.
#[must_use]
pub fn who(by: &Actor) -> String {
    match by {
        Actor::Agent(agent) => person(agent),
        Actor::Bot => "The bot itself".to_owned(),
        Actor::Customer => "The customer".to_owned(),
        Actor::Service => "Megatron".to_owned(),
    }
}

fn span(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=119 => format!("{seconds} seconds"),
        120..=7199 => format!("{} minutes", seconds / 60),
        _ => format!("{} hours", seconds / 3600),
    }
}

pub(super) fn card(text: &str, blocks: impl Into<Value>) -> Value {
    json!({ "text": text, "blocks": blocks.into() })
}

pub(super) fn section(mrkdwn: &str) -> Value {
    json!({ "type": "section", "text": { "type": "mrkdwn", "text": text::cut(mrkdwn, 3000) } })
}

pub(super) fn context(mrkdwn: &str) -> Value {
    json!({ "type": "context", "elements": [{ "type": "mrkdwn", "text": text::cut(mrkdwn, 3000) }] })
}

pub(super) fn buttons(elements: impl Into<Value>) -> Value {
    json!({ "type": "actions", "elements": elements.into() })
}

pub(super) fn button(label: &str, action: &str, value: &str) -> Value {
    json!({ "type": "button", "text": { "type": "plain_text", "text": label }, "action_id": action, "value": value })
}
