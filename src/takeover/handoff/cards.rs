//! What queues read about handoffs.

use serde_json::{Value, json};

use crate::config::texts;
use crate::render::text;
use crate::takeover::cards::{action, button, buttons, card, channel, context, escape, line, person, section};
use crate::takeover::conversation::{Agent, Conversation};
use crate::takeover::rules::Rules;

use super::queue::Queue;
use super::state::{Handoff, Source, State};

/// The card of a handoff in the channel of its queue, as it stands now.
#[must_use]
pub fn handoff(conversation: &Conversation, handoff: &Handoff, queue: &Queue, rules: Rules<'_>) -> Value {
    let title = title(conversation, handoff, rules);
    let status = status(conversation, handoff, rules);
    let why = why(handoff);
    let why = (!why.trim().is_empty()).then(|| format!("*Why*\n{}", text::cut(&why, 2500)));
    // One section, so that the picture stands beside both.
    let head: Vec<String> = title.iter().cloned().chain(why).collect();
    let mut blocks: Vec<Value> = (!head.is_empty()).then(|| section(&head.join("\n"))).into_iter().collect();
    let icon = &conversation.customer.profile.icon_url;
    if let Some(head) = blocks.first_mut()
        && icon.starts_with("https://")
    {
        let name = text::cut(conversation.customer.name(), 200);
        head["accessory"] = json!({ "type": "image", "image_url": icon, "alt_text": name });
    }
    let request = &handoff.request;
    if !request.summary.trim().is_empty() {
        blocks.push(section(&format!("*So far*\n{}", text::cut(&escape(&request.summary), 2500))));
    }
    if !request.unanswered.is_empty() {
        let lines: Vec<String> =
            request.unanswered.iter().map(|line| format!(">{}", escape(line).replace('\n', "\n>"))).collect();
        blocks.push(section(&format!("*Not answered*\n{}", text::cut(&lines.join("\n"), 2500))));
    }
    if let Some(contact) = &handoff.contact {
        blocks.push(section(&format!("*How to reach them*\n{}", escape(contact))));
    }
    let facts = facts(conversation, handoff, queue);
    blocks.push(context(&facts));
    blocks.extend(status.iter().map(|status| context(status)));
    let choices = choices(conversation, handoff);
    if !choices.is_empty() {
        blocks.push(buttons(choices));
    }
    let told: Vec<String> = [title, status].into_iter().flatten().collect();
    card(&if told.is_empty() { facts } else { told.join(" ") }, blocks)
}

/// The same for somebody who is asked in person, as long as it waits.
#[must_use]
pub fn prompt(conversation: &Conversation, handoff: &Handoff, queue: &Queue, rules: Rules<'_>) -> Value {
    let mut body = self::handoff(conversation, handoff, queue, rules);
    if let Some(blocks) = body["blocks"].as_array_mut().filter(|_| handoff.state.is_waiting()) {
        blocks.push(buttons(vec![button("Stop asking me in person", action::HIDE_PROMPTS, &handoff.id)]));
    }
    body
}

/// The card in a queue that the handoff has left.
#[must_use]
pub fn moved(conversation: &Conversation, rules: Rules<'_>) -> Value {
    // Something must stand in place of what cannot be done there any more.
    let text = rules.text(conversation, texts::QUEUE_MOVED, &[]);
    line(&text.unwrap_or_else(|| escape(conversation.customer.name())))
}

/// To an agent who writes to somebody whom another agent handles.
#[must_use]
pub fn collision(conversation: &Conversation, handler: &Agent, rules: Rules<'_>) -> Option<Value> {
    let text = rules.text(conversation, texts::ROOM_COLLISION, &[("agent", &person(handler))])?;
    let take_over = button("Take over", action::TAKE_OVER, &conversation.id);
    Some(card(&text, vec![section(&text), buttons(vec![take_over])]))
}

fn title(conversation: &Conversation, handoff: &Handoff, rules: Rules<'_>) -> Option<String> {
    let text = match (&handoff.source, handoff.request.request_text.as_str()) {
        (Source::Agent { .. }, "") => texts::QUEUE_GIVEN,
        (Source::Customer, "") => texts::QUEUE_ASKED,
        (Source::Bot | Source::Rule { .. }, "") => texts::QUEUE_NOTICED,
        _ => texts::QUEUE_REQUEST,
    };
    let workspace = escape(&conversation.customer.profile.workspace);
    let from = if workspace.is_empty() { String::new() } else { format!(" of *{workspace}*") };
    let request = escape(&handoff.request.request_text);
    rules.text(conversation, text, &[("from", &from), ("request", &request)])
}

fn why(handoff: &Handoff) -> String {
    let reason = escape(&handoff.request.reason);
    let source = match &handoff.source {
        Source::Rule { name } => format!("Rule “{}”", escape(name)),
        Source::Agent { agent } => format!("Given by {}", person(agent)),
        Source::Bot | Source::Customer => String::new(),
    };
    [source, reason].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

fn facts(conversation: &Conversation, handoff: &Handoff, queue: &Queue) -> String {
    let mut facts = vec![format!("Queue *{}*", escape(&queue.label))];
    if !handoff.request.priority.is_empty() {
        facts.push(format!("Priority *{}*", escape(&handoff.request.priority)));
    }
    if !handoff.request.rules.is_empty() {
        facts.push(format!("rules: {}", escape(&handoff.request.rules.join(", "))));
    }
    facts.extend(handoff.request.tags.iter().map(|tag| format!("`{}`", escape(tag))));
    let seconds = handoff.requested_at.as_second();
    facts.push(format!("since <!date^{seconds}^{{date_short_pretty}}, {{time}}|{:.0}>", handoff.requested_at));
    let earlier: Vec<String> =
        conversation.past_rooms.iter().rev().take(3).map(|past| format!("<#{}|{}>", past.id, past.name)).collect();
    if !earlier.is_empty() {
        facts.push(format!("earlier: {}", earlier.join(", ")));
    }
    if handoff.state.is_waiting() && !handoff.waited.widened {
        let first: Vec<String> = queue.priority_group.iter().map(|who| mention(who)).collect();
        if !first.is_empty() {
            facts.push(format!("first: {}", first.join(" ")));
        }
    }
    facts.join(" · ")
}

/// How it stands, in one line.
fn status(conversation: &Conversation, handoff: &Handoff, rules: Rules<'_>) -> Option<String> {
    let spam_by = conversation.spam.as_ref().filter(|_| handoff.end_reason == "spam");
    let text = match (handoff.state, handoff.end_reason.as_str()) {
        (State::Requested | State::Offered, _) => texts::QUEUE_WAITING,
        (State::Transferred, _) => texts::QUEUE_PENDING,
        (State::Accepted, _) => texts::QUEUE_ACCEPTED,
        (State::Declined, _) => texts::QUEUE_DECLINED,
        (State::TimedOut, "after_hours") => texts::QUEUE_AFTER_HOURS,
        (State::TimedOut, "no_agent") => texts::QUEUE_NO_AGENT,
        (State::TimedOut, _) => texts::QUEUE_NOBODY,
        (State::Failed, _) => texts::QUEUE_FAILED,
        (State::Completed, _) => texts::QUEUE_COMPLETED,
        (State::Cancelled, _) if spam_by.is_some() => texts::QUEUE_SPAM,
        (State::Cancelled, "not_a_request") => texts::QUEUE_NOT_A_REQUEST,
        (State::Cancelled, "customer_ended") => texts::QUEUE_ENDED,
        (State::Cancelled, _) => texts::QUEUE_CANCELLED,
    };
    let who = spam_by.or(handoff.assignee.as_ref()).map_or_else(|| "an agent".to_owned(), person);
    let room = conversation.room_channel().map(|room| format!(" · {}", channel(room))).unwrap_or_default();
    let values = [("agent", who.as_str()), ("room", &room), ("why", &escape(&handoff.end_reason))];
    let online = (text == texts::QUEUE_WAITING && handoff.waited.nobody_online).then_some(texts::QUEUE_NOBODY_ONLINE);
    let lines = [online, Some(text)].into_iter().flatten();
    let lines: Vec<String> = lines.filter_map(|text| rules.text(conversation, text, &values)).collect();
    (!lines.is_empty()).then(|| lines.join(" "))
}

/// What can be done about it.
fn choices(conversation: &Conversation, handoff: &Handoff) -> Vec<Value> {
    let title = &handoff.request.button_title;
    let title = if title.is_empty() { "Pick" } else { title };
    let mut pick = button(&text::cut(title, 75), action::PICK, &handoff.id);
    pick["style"] = json!("primary");
    match handoff.state {
        State::Requested | State::Offered => vec![
            pick,
            button("Decline", action::DECLINE, &handoff.id),
            button("Not a request", action::NOT_A_REQUEST, &handoff.id),
            button("Spam", action::SPAM, &handoff.id),
        ],
        State::Transferred => {
            let mut accept = pick;
            accept["text"]["text"] = json!("Accept");
            vec![accept, button("Decline", action::DECLINE, &handoff.id)]
        }
        State::TimedOut | State::Failed => vec![pick],
        State::Cancelled if handoff.end_reason == "spam" && conversation.spam.is_some() => {
            vec![button("Undo", action::NOT_SPAM, &handoff.id)]
        }
        State::Accepted | State::Declined | State::Completed | State::Cancelled => Vec::new(),
    }
}

fn mention(who: &str) -> String {
    if who.starts_with('S') { format!("<!subteam^{who}>") } else { format!("<@{who}>") }
}
