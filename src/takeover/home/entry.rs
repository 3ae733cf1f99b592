//! A customer on somebody's Home: how it stands, and what can be done about it.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::render::text::{cut, escape};
use crate::takeover::cards::{action, button, buttons, section};
use crate::takeover::conversation::{Conversation, Holder, Room};
use crate::takeover::glimpse;
use crate::takeover::handoff::state::{Handoff, State};

use super::{Home, is_late};

/// How much of the reason is shown, in characters.
const REASON: usize = 150;

/// Two blocks: the words, and the buttons.
pub(super) fn blocks(home: Home<'_>, conversation: &Conversation) -> [Value; 2] {
    let bot = home.bots.iter().find(|bot| bot.id == conversation.key.bot);
    let is_on = !home.off.contains(&conversation.key.bot);
    let line = glimpse::line(conversation, bot.map_or("the bot", |bot| bot.name.as_str()), is_on);
    let text = [line, facts(conversation)].join("\n");
    [section(text.trim_end()), buttons(choices(home, conversation))]
}

/// What else is worth knowing.
fn facts(conversation: &Conversation) -> String {
    let profile = &conversation.customer.profile;
    let workspace = if profile.workspace.is_empty() { &conversation.key.team } else { &profile.workspace };
    let mut facts = vec![format!("of {}", escape(workspace))];
    if let Some(handoff) = conversation.open_handoff() {
        if handoff.state.is_waiting() {
            facts.push(format!("has waited since {}", time(handoff.queued_at)));
        }
        facts.extend(is_late(handoff).then(|| late(handoff).to_owned()));
        if !handoff.request.reason.trim().is_empty() {
            facts.push(escape(&cut(handoff.request.reason.trim(), REASON)).replace('\n', " "));
        }
    }
    facts.join(" · ")
}

fn late(handoff: &Handoff) -> &'static str {
    if handoff.state == State::Accepted { "⏰ *late*: no answer so far" } else { "⏰ *late*: nobody has picked" }
}

/// What can be done, by whoever looks.
fn choices(home: Home<'_>, conversation: &Conversation) -> Vec<Value> {
    let id = &conversation.id;
    let pick = conversation.open_handoff().filter(|handoff| handoff.state.is_waiting()).map(|handoff| {
        let mut pick = button("Pick", action::PICK, &handoff.id);
        pick["style"] = json!("primary");
        pick
    });
    let is_paused = conversation.control.holder != Holder::Bot;
    let control = if is_paused {
        button("Unpause the bot", action::UNPAUSE, id)
    } else {
        button("Pause the bot", action::PAUSE, id)
    };
    let is_mine = conversation.handler.as_ref().is_some_and(|handler| handler.user_id == home.agent);
    let has_room = conversation.is_watched();
    match (pick, is_mine, has_room) {
        (Some(pick), ..) => {
            [Some(pick), go_to_room(home, conversation).filter(|_| is_mine)].into_iter().flatten().collect()
        }
        (None, true, true) => {
            [go_to_room(home, conversation), Some(control), Some(close(id))].into_iter().flatten().collect()
        }
        (None, false, true) if conversation.handler.is_some() => {
            vec![button("Join", action::OPEN_ROOM, id), button("Take over", action::TAKE_OVER, id)]
        }
        (None, false, true) => vec![button("Join", action::OPEN_ROOM, id), control, close(id)],
        (None, _, false) => vec![button("Open a room", action::OPEN_ROOM, id), control],
    }
}

/// A link. Only for whoever was invited: others cannot see a private room.
fn go_to_room(home: Home<'_>, conversation: &Conversation) -> Option<Value> {
    let Room::Open(room) = &conversation.room else { return None };
    if !home.url.starts_with("http") {
        return None;
    }
    let mut link = button("Go to the room", action::GO_TO_ROOM, &conversation.id);
    link["url"] = json!(format!("{}archives/{}", home.url, room.id));
    Some(link)
}

fn close(id: &str) -> Value {
    let mut close = button("Close", action::CLOSE, id);
    let plain = |text: &str| json!({ "type": "plain_text", "text": text });
    close["confirm"] = json!({
        "title": plain("Close the room?"), "text": plain("The room is archived, and the bot is back."),
        "confirm": plain("Close"), "deny": plain("Cancel"), "style": "danger",
    });
    close
}

/// Slack shows the time in the reader's zone, and how long ago that is.
fn time(time: Timestamp) -> String {
    format!("<!date^{}^{{time}}, {{ago}}|{time:.0}>", time.as_second())
}
