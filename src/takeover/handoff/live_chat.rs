//! Live Chat Control: the dialog in which agents turn live chat on or off, or give the customer to another queue.

use serde_json::{Value, json};

use crate::takeover::cards::{context, escape, live, section};
use crate::takeover::conversation::{Conversation, Holder, RoomChannel};
use crate::takeover::rules::Rules;

use super::dialog::{MOST, hinted, input, modal, notice, option, option_of, optional, typed};
use super::setup::Fault;

/// Id of the dialog.
pub const VIEW: &str = "megatron.live_chat";

/// The inputs.
const LIVE_CHAT: &str = "live_chat";
const QUEUE: &str = "queue";
const NOTE: &str = "note";

/// What of the dialog is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Everything.
    All,
    /// Only what a transfer needs.
    Transfer,
}

/// What somebody chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// Live chat on: the bot falls silent.
    On,
    /// Live chat off: the bot is back.
    Off {
        /// For the bot.
        note: String,
    },
    /// Another queue.
    Transfer {
        /// Its label.
        queue: String,
        /// For whoever accepts it.
        note: String,
    },
}

impl Choice {
    /// The input where it was chosen.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::On | Self::Off { .. } => LIVE_CHAT,
            Self::Transfer { .. } => QUEUE,
        }
    }
}

/// How it stands with the customer in this room, and what can be done about it.
#[must_use]
pub fn dialog(conversation: &Conversation, room: &RoomChannel, rules: Rules<'_>, part: Part) -> Value {
    let (bot, queues) = (&rules.bot.name, rules.queues);
    let here = conversation.open_handoff().map_or("", |handoff| handoff.queue.as_str());
    let others = queues.0.iter().map(|queue| queue.label.as_str()).filter(|label| !label.eq_ignore_ascii_case(here));
    let others: Vec<Value> = others.take(MOST).map(|label| option(label, label)).collect();
    if part == Part::Transfer && others.is_empty() {
        return notice("There is no other queue that the customer could go to.");
    }
    let name = escape(conversation.customer.name());
    let mut blocks = vec![section(&format!("*{name}*\n{}", live(conversation, rules)))];
    blocks.extend(conversation.open_handoff().map(|handoff| {
        let status = if handoff.state.is_waiting() { "*Pending* until somebody there accepts" } else { "*Active*" };
        context(&format!("In *{}*. Status: {status}.", escape(&handoff.queue)))
    }));
    if part == Part::All {
        let keep = option("Leave it as it is", "keep");
        let holder = conversation.control.holder;
        let on = (holder != Holder::Human).then(|| option(&format!("On: {bot} falls silent"), "on"));
        let off = (holder != Holder::Bot).then(|| option(&format!("Off: {bot} is back"), "off"));
        let options: Vec<Value> = [Some(keep.clone()), on, off].into_iter().flatten().collect();
        let choice = json!({ "type": "radio_buttons", "options": options, "initial_option": keep });
        blocks.push(input(LIVE_CHAT, "Live chat", choice));
    }
    if !others.is_empty() {
        let menu = input(QUEUE, "Transfer to", json!({ "type": "static_select", "options": others }));
        let menu = if part == Part::All { optional(menu) } else { menu };
        blocks.push(hinted(menu, "Until somebody there accepts, the status is Pending."));
    }
    let note = input(NOTE, "Note", json!({ "type": "plain_text_input", "multiline": true }));
    let hint = if part == Part::All {
        "For the bot that is back, or for whoever accepts the customer"
    } else {
        "For whoever accepts the customer"
    };
    blocks.push(hinted(optional(note), hint));
    let title = if part == Part::All { "Live Chat Control" } else { "Transfer" };
    modal(VIEW, title, "Proceed", &room.id, &blocks)
}

/// What was chosen: one thing at a time.
///
/// # Errors
///
/// What does not go together, or is missing.
pub fn chosen(view: &Value) -> Result<Choice, Fault> {
    let (queue, note) = (option_of(view, QUEUE).to_owned(), typed(view, NOTE).to_owned());
    match (option_of(view, LIVE_CHAT), queue.is_empty()) {
        ("on", true) if note.is_empty() => Ok(Choice::On),
        ("on", true) => Err(Fault::new(NOTE, "goes with live chat off, or with a queue")),
        ("off", true) => Ok(Choice::Off { note }),
        ("on" | "off", false) => Err(Fault::new(QUEUE, "does not go with turning live chat on or off")),
        (_, false) => Ok(Choice::Transfer { queue, note }),
        (_, true) => Err(Fault::new(LIVE_CHAT, "changes nothing: turn it on or off, or choose a queue")),
    }
}
