//! How the card of a conversation looks in the triage channel.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::config::texts;
use crate::render::text;
use crate::takeover::cards::{action, button, buttons, card as body, channel, context, escape, person, section};
use crate::takeover::conversation::Conversation;
use crate::takeover::rules::Rules;

use super::{Review, Triage};

/// How much of what was said is shown, in characters.
const WORDS: usize = 300;

/// The card as it stands now.
pub(super) fn card(conversation: &Conversation, triage: &Triage, rules: Rules<'_>) -> Value {
    let profile = &conversation.customer.profile;
    let team = if profile.workspace.is_empty() { &conversation.key.team } else { &profile.workspace };
    let title = if triage.is_new { texts::TRIAGE_NEW } else { texts::TRIAGE_NOTICED };
    let title = rules.text(conversation, title, &[("workspace", &escape(team))]);
    let words = escape(&text::cut(&triage.words, WORDS)).replace('\n', "\n>");
    let words = Some(format!(">{words}")).filter(|_| !triage.words.trim().is_empty());
    let said: Vec<&str> = [&title, &words].into_iter().flatten().map(String::as_str).collect();
    let (facts, status) = (facts(conversation, triage), status(conversation, triage, rules));

    let mut blocks = Vec::new();
    if !said.is_empty() {
        let mut head = section(&said.join("\n"));
        if profile.icon_url.starts_with("https://") {
            let name = text::cut(conversation.customer.name(), 200);
            head["accessory"] = json!({ "type": "image", "image_url": profile.icon_url, "alt_text": name });
        }
        blocks.push(head);
    }
    blocks.push(context(&facts));
    blocks.extend(status.iter().map(|status| context(status)));
    blocks.push(buttons(choices(conversation, triage)));
    let told: Vec<String> = [title, status].into_iter().flatten().collect();
    body(&if told.is_empty() { facts } else { told.join(". ") }, blocks)
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
fn status(conversation: &Conversation, triage: &Triage, rules: Rules<'_>) -> Option<String> {
    let tell = |text, values: &[(&str, &str)]| rules.text(conversation, text, values);
    let review = |text, review: &Review| tell(text, &[("agent", &person(&review.by)), ("when", &time(review.at))]);
    match (&conversation.spam, &triage.reviewed, &triage.before) {
        (Some(agent), ..) => tell(texts::TRIAGE_SPAM, &[("agent", &person(agent))]),
        (None, Some(reviewed), _) => review(texts::TRIAGE_REVIEWED, reviewed),
        (None, None, Some(before)) => review(texts::TRIAGE_OUTSTANDING_AGAIN, before),
        (None, None, None) => tell(texts::TRIAGE_OUTSTANDING, &[]),
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
