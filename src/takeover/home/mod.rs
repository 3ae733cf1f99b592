//! The app's Home: what agents have to do, where they see it without looking for it. `desk` says when it is shown anew,
//! `deliver` publishes it, `intake` takes the clicks.
//!
//! A view holds 100 blocks, and each customer takes two of them.

mod entry;
mod face;

use serde_json::{Value, json};

use crate::config::{self, Texts, texts};
use crate::render::text::escape;

use super::cards::{action, button, buttons, context, section};
use super::conversation::Conversation;

pub use face::{Face, is_late};

/// How many bots are shown that are switched off.
const MOST_BOTS: usize = 3;

/// Why a customer stands on somebody's Home. Each stands there once: the first reason counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Has waited for longer than the queue wants it.
    Late,
    /// Is handled by whoever looks.
    Mine,
    /// Waits for somebody to pick.
    Waiting,
    /// Has a room, where others are.
    Room,
    /// Has no room, and the bot is paused.
    Paused,
}

/// The customers of one part.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// Why they are there.
    pub part: Part,
    /// The first of them.
    pub conversations: Vec<Conversation>,
    /// How many there are in all.
    pub count: usize,
}

/// What a Home shows, and to whom.
#[derive(Debug, Clone, Copy)]
pub struct Home<'a> {
    /// Who looks at it, `U...`.
    pub agent: &'a str,
    /// The customers, part by part.
    pub listed: &'a [Listed],
    /// The bots.
    pub bots: &'a [config::Bot],
    /// Ids of those that are switched off as a whole.
    pub off: &'a [String],
    /// Where the support workspace is found, ending in a slash; empty where Slack did not say.
    pub url: &'a str,
    /// The slash command.
    pub command: &'a str,
    /// What people read.
    pub texts: &'a Texts,
}

impl Part {
    /// In the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::Late, Self::Mine, Self::Waiting, Self::Room, Self::Paused];

    /// How many customers are shown at most.
    #[must_use]
    pub fn most(self) -> usize {
        match self {
            Self::Mine | Self::Waiting => 10,
            Self::Late | Self::Room => 7,
            Self::Paused => 5,
        }
    }

    /// As the database's query writes it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Mine => "mine",
            Self::Waiting => "waiting",
            Self::Room => "room",
            Self::Paused => "paused",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Late => "Late",
            Self::Mine => "Your conversations",
            Self::Waiting => "Waiting for somebody",
            Self::Room => "Other open rooms",
            Self::Paused => "Paused, without a room",
        }
    }
}

/// The view.
#[must_use]
pub fn view(home: Home<'_>) -> Value {
    let mut blocks = vec![search()];
    let off = home.bots.iter().filter(|bot| home.off.contains(&bot.id));
    for bot in off.take(MOST_BOTS) {
        let text = home.texts.fill("", texts::HOME_SWITCHED_OFF, &[("bot", &escape(&bot.name))]);
        blocks.extend(text.map(|text| section(&text)));
        blocks.push(buttons(vec![button("Switch it on", action::SWITCH_ON, &bot.id)]));
    }
    for listed in home.listed.iter().filter(|listed| !listed.conversations.is_empty()) {
        blocks.push(header(listed.part.title()));
        for conversation in by_queue(listed) {
            blocks.extend(entry::blocks(home, conversation));
        }
        let more = listed.count.saturating_sub(listed.conversations.len());
        if more > 0 {
            blocks.push(context(&format!("… and {more} more: `{} list` names them all.", escape(home.command))));
        }
    }
    if home.listed.iter().all(|listed| listed.conversations.is_empty()) {
        let text = home.texts.fill("", texts::HOME_NOBODY, &[("command", &escape(home.command))]);
        blocks.extend(text.map(|text| section(&text)));
    }
    published(blocks)
}

/// What somebody sees who is no agent; `text` is mrkdwn, and may be empty.
#[must_use]
pub fn closed(text: Option<&str>) -> Value {
    published(text.map(section).into_iter().collect())
}

/// Those who wait, queue by queue: first the queue where somebody has waited longest. The others as they are.
fn by_queue(listed: &Listed) -> Vec<&Conversation> {
    let queue = |one: &Conversation| one.open_handoff().map_or(String::new(), |handoff| handoff.queue.clone());
    let order: Vec<String> = listed.conversations.iter().map(queue).collect();
    let mut shown: Vec<&Conversation> = listed.conversations.iter().collect();
    if listed.part == Part::Waiting {
        shown.sort_by_key(|one| order.iter().position(|label| *label == queue(one)));
    }
    shown
}

fn search() -> Value {
    let mut search = section("*Find a customer*\nChoose somebody, and their room opens with you in it.");
    search["accessory"] = json!({
        "type": "external_select", "action_id": action::CHOOSE_CUSTOMER, "min_query_length": 2,
        "placeholder": { "type": "plain_text", "text": "Type a name" },
    });
    search
}

fn header(title: &str) -> Value {
    json!({ "type": "header", "text": { "type": "plain_text", "text": title } })
}

/// The same button stands at many customers, and no two elements of a view may have the same id.
fn published(mut blocks: Vec<Value>) -> Value {
    let elements = blocks.iter_mut().filter_map(|block| block.get_mut("elements")?.as_array_mut()).flatten();
    for (number, element) in elements.enumerate() {
        if let Some(id) = element["action_id"].as_str() {
            element["action_id"] = json!(action::numbered(id, number));
        }
    }
    json!({ "type": "home", "blocks": blocks })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
