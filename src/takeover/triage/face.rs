//! How the card of a conversation looks in the triage channel.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::config;
use crate::render::text;
use crate::takeover::cards::{action, button, buttons, card as body, channel, context, escape, person, section};
use crate::takeover::conversation::Conversation;

use super::Triage;

/// How much of what was said is shown, in characters.
const WORDS: usize = 300;

/// The card as it stands now.
pub(super) fn card(conversation: &Conversation, triage: &Triage, bot: &config::Bot) -> Value {
    let profile = &conversation.customer.profile;
    let name = escape(conversation.customer.name());
    let team = if profile.workspace.is_empty() { &conversation.key.team } else { &profile.workspace };
    let sign = if triage.is_new { "🆕" } else { "🔔" };
    let title = format!("{sign} *{name}* of *{}* with {}", escape(team), escape(&bot.name));
    let mut said = title.clone();
    if !triage.words.trim().is_empty() {
        let words = escape(&text::cut(&triage.words, WORDS)).replace('\n', "\n>");
        said = format!("{said}\n>{words}");
    }
    let mut head = section(&said);
    if profile.icon_url.starts_with("https://") {
        let name = text::cut(conversation.customer.name(), 200);
        head["accessory"] = json!({ "type": "image", "image_url": profile.icon_url, "alt_text": name });
    }
    let status = status(conversation, triage);
    let blocks =
        vec![head, context(&facts(conversation, triage)), context(&status), buttons(choices(conversation, triage))];
    body(&format!("{title}. {status}"), blocks)
}

fn facts(conversation: &Conversation, triage: &Triage) -> String {
    let mut facts = Vec::new();
    if triage.is_new {
        facts.push("new conversation".to_owned());
    }
    facts.extend(triage.why.iter().map(|why| escape(why)));
    if !triage.severity.is_empty() {
        facts.push(format!("Severity *{}*", escape(&triage.severity)));
    }
    facts.extend(triage.tags.iter().map(|tag| format!("`{}`", escape(tag))));
    facts.push(format!("user {}", escape(&conversation.customer.user_id)));
    facts.push(format!("since {}", time(triage.since)));
    if let Some(room) = conversation.room_channel() {
        facts.push(format!("room {}", channel(room)));
    }
    if let Some(handler) = &conversation.handler {
        facts.push(format!("handled by {}", person(handler)));
    }
    facts.join(" · ")
}

/// How it stands, in one line.
fn status(conversation: &Conversation, triage: &Triage) -> String {
    match (&conversation.spam, &triage.reviewed, &triage.before) {
        (Some(agent), ..) => format!("🚫 *Spam*, says {}. Nothing more is shown of this conversation.", person(agent)),
        (None, Some(review), _) => format!("✅ *Reviewed* by {}, {}", person(&review.by), time(review.at)),
        (None, None, Some(review)) => {
            format!("*Outstanding* again: something new since {} reviewed it, {}", person(&review.by), time(review.at))
        }
        (None, None, None) => "*Outstanding*".to_owned(),
    }
}

/// What can be done about it.
fn choices(conversation: &Conversation, triage: &Triage) -> Vec<Value> {
    let id = &conversation.id;
    if conversation.spam.is_some() {
        return vec![button("Undo", action::TRIAGE_NOT_SPAM, id)];
    }
    let mut choices = Vec::new();
    if triage.reviewed.is_none() {
        choices.push(button("Reviewed", action::REVIEWED, id));
    }
    choices.push(button("Spam", action::TRIAGE_SPAM, id));
    choices.push(button("Open a room", action::OPEN_ROOM, id));
    choices
}

fn time(time: Timestamp) -> String {
    format!("<!date^{}^{{date_short_pretty}}, {{time}}|{time:.0}>", time.as_second())
}
