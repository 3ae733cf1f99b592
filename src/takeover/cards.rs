//! The service's own cards and notices in a room. None carries a `username`: it speaks for itself.

use std::time::Duration;

use serde_json::{Value, json};

use super::conversation::{Actor, Agent, Conversation, Holder, RoomChannel};
use super::event::{Failure, Speaker};
use super::rules::Rules;
use crate::config;
pub use crate::render::text::escape;
use crate::render::ts::Ts;
use crate::render::{history, text};

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
    let templates = rules.templates(conversation);
    let history = if rules.rooms.history > 0 { &templates.room_history } else { "" };
    let what = [templates.room_explained.as_str(), history].map(|template| rules.text(conversation, template, &[]));
    let what: Vec<String> = what.into_iter().flatten().collect();
    if !what.is_empty() {
        blocks.push(context(&what.join(" ")));
    }
    blocks.push(context(&live(conversation, &rules.bot.name)));
    let control = if conversation.control.holder == Holder::Bot {
        button("Pause the bot", action::PAUSE, &conversation.id)
    } else {
        button("Unpause the bot", action::UNPAUSE, &conversation.id)
    };
    blocks.push(buttons(vec![control, button("Close", action::CLOSE, &conversation.id)]));
    card(&format!("{title}: {}", facts.join(" · ")), blocks)
}

/// Who handles the customer, and whether they talk with a human.
#[must_use]
pub fn live(conversation: &Conversation, bot: &str) -> String {
    let bot = escape(bot);
    let state = match conversation.control.holder {
        Holder::Human => format!("Live chat: *on*, {bot} is paused"),
        Holder::Pending => "Live chat: *pending*".to_owned(),
        Holder::Bot => format!("Live chat: *off*, {bot} answers"),
    };
    match &conversation.handler {
        Some(agent) => format!("{state} · handled by *{}*", person(agent)),
        None => state,
    }
}

/// Who answers now, and whether the bot knows.
#[must_use]
pub fn control(conversation: &Conversation, bot: &str, by: &Actor, acknowledged: Acknowledged) -> Value {
    let bot = escape(bot);
    let paused = conversation.control.holder != Holder::Bot;
    let (sign, verb) = if paused { ("⏸️", "paused") } else { ("▶️", "unpaused") };
    let who = who(by);
    let headline = format!("{sign} *{who} {verb} {bot}.*");
    let status = match acknowledged {
        Acknowledged::Waiting => format!("Waiting for {bot} to acknowledge …"),
        Acknowledged::Yes => format!("✅ {bot} has acknowledged."),
    };
    let next = if paused {
        button("Unpause", action::UNPAUSE, &conversation.id)
    } else {
        button("Pause", action::PAUSE, &conversation.id)
    };
    card(&format!("{headline} {status}"), vec![section(&headline), context(&status), buttons(vec![next])])
}

/// An agent writes while the bot is active.
#[must_use]
pub fn pause_reminder(conversation: &Conversation, rules: Rules<'_>, agent: &Agent) -> Option<Value> {
    let template = &rules.templates(conversation).room_pause_reminder;
    let text = rules.text(conversation, template, &[("agent", &person(agent))])?;
    let choices = vec![
        button("Pause", action::PAUSE, &conversation.id),
        button("Always pause for me", action::ALWAYS_PAUSE, &conversation.id),
    ];
    Some(card(&text, vec![section(&text), buttons(choices)]))
}

/// Nobody has said anything for a while, and the bot is still paused.
#[must_use]
pub fn unpause_reminder(conversation: &Conversation, rules: Rules<'_>) -> Option<Value> {
    let template = &rules.templates(conversation).room_unpause_reminder;
    let text = rules.text(conversation, template, &[("idle", &span(rules.reminders.unpause_after))])?;
    let choices = vec![
        button("Unpause", action::UNPAUSE, &conversation.id),
        button("Keep it paused", action::KEEP_PAUSED, &conversation.id),
    ];
    Some(card(&text, vec![section(&text), buttons(choices)]))
}

/// An agent's message waits until somebody takes control.
#[must_use]
pub fn held(conversation: &Conversation, bot: &str, agent: &Agent) -> Value {
    let customer = escape(conversation.customer.name());
    let text = format!(
        "{}, your message has *not* been sent: {} is still active. Pause it, and {customer} gets what is waiting.",
        person(agent),
        escape(bot)
    );
    card(&text, vec![section(&text), buttons(vec![button("Pause and send", action::PAUSE, &conversation.id)])])
}

/// The room is about to be archived. What is lost with it is told in any case.
#[must_use]
pub fn closing(
    conversation: &Conversation,
    rules: Rules<'_>,
    by: &Actor,
    reason: &str,
    unsent: usize,
) -> Option<Value> {
    let templates = rules.templates(conversation);
    let template = if reason == "idle" { &templates.room_closed_idle } else { &templates.room_closed };
    let closed = rules.text(conversation, template, &[("who", &who(by))]);
    let lost = match unsent {
        0 => None,
        1 => Some("One waiting message was not sent.".to_owned()),
        more => Some(format!("{more} waiting messages were not sent.")),
    };
    let told: Vec<String> = [closed, lost].into_iter().flatten().collect();
    (!told.is_empty()).then(|| line(&told.join(" ")))
}

/// The bot tells the agents something.
#[must_use]
pub fn from_bot(bot: &config::Bot, mrkdwn: &str) -> Value {
    let mut body = line(&text::cut(mrkdwn, 3000));
    let source = context(&format!("Only here, from {}", escape(&bot.name)));
    if let Some(blocks) = body["blocks"].as_array_mut() {
        blocks.push(source);
    }
    body
}

/// Something that was said cannot be shown.
#[must_use]
pub fn not_shown(
    conversation: &Conversation,
    bot: &config::Bot,
    speaker: Speaker,
    ts: &str,
    failure: &Failure,
) -> Value {
    let who = match speaker {
        Speaker::Customer => conversation.customer.name(),
        Speaker::Bot => &bot.name,
    };
    let when = Ts::parse(ts).map_or_else(String::new, |ts| format!(" ({})", history::separator(ts)));
    with_retry(
        &format!("⚠️ {} said something{when} that could not be shown: {}.", escape(who), failure.reason),
        failure,
    )
}

/// Words for the customer did not arrive and will not.
#[must_use]
pub fn not_said(conversation: &Conversation, words: &str, failure: &Failure) -> Value {
    let customer = escape(conversation.customer.name());
    if failure.code == "unconfirmed" {
        let doubt = format!("⚠️ *It is not certain that {customer} got* {}", quote(words));
        return with_retry(&format!("{doubt}: {}. Retry sends it once more.", failure.reason), failure);
    }
    with_retry(&format!("⚠️ *{customer} did not get* {}: {}.", quote(words), failure.reason), failure)
}

/// Words for the customer have not arrived so far.
#[must_use]
pub fn not_said_yet(conversation: &Conversation, words: &str, failure: &Failure) -> Value {
    let customer = escape(conversation.customer.name());
    let text =
        format!("⏳ {customer} has not got {} yet: {}. It is kept and tried again.", quote(words), failure.reason);
    with_retry(&text, failure)
}

/// The bot's token in the customer's workspace is gone, in one line.
#[must_use]
pub fn token_lost(conversation: &Conversation, bot: &config::Bot) -> String {
    let workspace = &conversation.customer.profile.workspace;
    let workspace = if workspace.is_empty() { &conversation.key.team } else { workspace };
    let (bot, workspace) = (escape(&bot.name), escape(workspace));
    format!(
        "⚠️ Slack says that {bot} has lost its access to {workspace}: its token was revoked, or its app removed. {bot} is \
         asked for another token; what needs one is kept until then."
    )
}

/// A message that an agent took back is still there.
#[must_use]
pub fn not_withdrawn(conversation: &Conversation, failure: &Failure) -> Value {
    let customer = escape(conversation.customer.name());
    with_retry(&format!("⚠️ *{customer} still sees a message that was deleted here*: {}.", failure.reason), failure)
}

/// A message that an agent took back is still there so far.
#[must_use]
pub fn not_withdrawn_yet(conversation: &Conversation, failure: &Failure) -> Value {
    let customer = escape(conversation.customer.name());
    let outlook = "It is tried again.";
    with_retry(
        &format!("⏳ {customer} still sees a message that was deleted here: {}. {outlook}", failure.reason),
        failure,
    )
}

/// The bot does not answer a callback.
#[must_use]
pub fn no_answer(bot: &config::Bot, kind: &str, failure: &Failure, for_good: bool) -> Value {
    let bot = escape(&bot.name);
    let consequence = match kind {
        "conversation.paused" => format!("{bot} may not know that it is paused, and may go on answering"),
        "conversation.unpaused" => format!("{bot} may not know that it is back, and may stay silent"),
        "command.do" => format!("{bot} may not have done what it was asked to do"),
        _ => format!("{bot} may not know of it"),
    };
    let outlook = if for_good { "It is not tried again by itself." } else { "It is tried again." };
    with_retry(
        &format!("⚠️ *{bot} has not acknowledged `{}`*: {}. {consequence}. {outlook}", escape(kind), failure.reason),
        failure,
    )
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

fn who(by: &Actor) -> String {
    match by {
        Actor::Agent(agent) => person(agent),
        Actor::Bot => "The bot itself".to_owned(),
        Actor::Customer => "The customer".to_owned(),
        Actor::Service => "Megatron".to_owned(),
    }
}

fn quote(words: &str) -> String {
    format!("“{}”", text::cut(&words.replace('\n', " "), 80))
}

pub(super) fn with_retry(mrkdwn: &str, failure: &Failure) -> Value {
    let reference = context(&format!("Reference {}", failure.reference));
    card(mrkdwn, vec![section(mrkdwn), reference, buttons(vec![button("Retry", action::RETRY, &failure.reference)])])
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
