//! A conversation in one line: for `/megatron list`, `/megatron status` and the app's Home.

use super::cards::{channel, escape, person};
use super::conversation::{Conversation, Holder, Room};

/// Who answers, where the agents see it, and who handles it; `is_on`: the bot is switched on as a whole.
#[must_use]
pub fn line(conversation: &Conversation, bot: &str, is_on: bool) -> String {
    let customer = escape(conversation.customer.name());
    let who = match conversation.control.holder {
        Holder::Human => format!("{} is paused", escape(bot)),
        _ if !is_on => format!("{} is switched off", escape(bot)),
        Holder::Pending => "waits for a human".to_owned(),
        Holder::Bot => format!("{} answers", escape(bot)),
    };
    let room = match (&conversation.room, conversation.room_channel()) {
        (Room::None, _) => "no room".to_owned(),
        (_, Some(room)) => channel(room),
        (_, None) => "a room is being made".to_owned(),
    };
    let queue = conversation.open_handoff().map(|handoff| format!(", in *{}*", escape(&handoff.queue)));
    let handler = conversation.handler.as_ref().map(|agent| format!(", handled by {}", person(agent)));
    format!("*{customer}*: {who}, {room}{}{}", queue.unwrap_or_default(), handler.unwrap_or_default())
}
