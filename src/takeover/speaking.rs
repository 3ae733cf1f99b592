//! What is said to the customer: by agents in the room, and by the bot through the service.

use serde_json::{Value, json};

use crate::config::OnAgentMessage;

use super::cards;
use super::control;
use super::conversation::{Actor, Agent, Held, Holder};
use super::effect::{Effect, Words};
use super::gaps;
use super::handoff::{hearing, picking};
use super::reminders;
use super::rules::EffectiveControl;
use super::turn::Turn;

/// An agent wrote at the top level of the room.
pub fn agent_wrote(turn: &mut Turn<'_>, agent: &Agent, ts: String, message: Value, always_pause: bool) {
    if turn.conversation.room_channel().is_none() || !turn.conversation.is_watched() {
        return;
    }
    turn.conversation.active_at = Some(turn.now);
    gaps::talked(turn);
    turn.record("message.agent", &Actor::Agent(agent.clone()), json!({ "ts": ts }));
    picking::collision(turn, agent);
    hearing::answered(turn);
    let mode = if always_pause { OnAgentMessage::Pause } else { turn.rules.rooms.on_agent_message };
    let control = &turn.conversation.control;
    // Also from a customer who waits while the bot is silent.
    if mode == OnAgentMessage::Pause && control.holder != Holder::Human && turn.rules.switch.active {
        control::pause(turn, &Actor::Agent(agent.clone()), "agent_message");
    }
    if turn.rules.control(&turn.conversation).paused {
        return turn.say(agent, &ts, &message);
    }
    if mode == OnAgentMessage::Hold {
        let first = turn.conversation.held.is_empty();
        turn.conversation.held.push(Held { ts, agent: agent.clone(), message });
        if let Some(body) = cards::held(&turn.conversation, turn.rules, agent).filter(|_| first) {
            turn.post(body);
        }
    } else {
        turn.say(agent, &ts, &message);
        reminders::to_pause(turn, agent);
    }
}

/// The bot wants the service to say something for it, and knew this epoch when it decided to.
pub fn bot_says(turn: &mut Turn<'_>, message: Value, epoch: i64) {
    let EffectiveControl { epoch: current, holder, .. } = turn.rules.control(&turn.conversation);
    if epoch == current {
        turn.record("message.api", &Actor::Bot, json!({ "epoch": epoch }));
        let words = Words::Bot { epoch, message };
        turn.then(Effect::Say { words, thread: None });
    } else {
        if holder == Holder::Human {
            talked_over(turn, true);
        }
        turn.refuse("stale_control", format!("Control has moved on: the epoch is {current}, not {epoch}."));
    }
}

/// The bot spoke while a human had control, or wanted to.
pub fn talked_over(turn: &mut Turn<'_>, refused: bool) {
    turn.record("bot.talked_over", &Actor::Bot, json!({ "refused": refused }));
}

/// The bot whispers to one agent, or tells the room.
pub fn notice(turn: &mut Turn<'_>, text: &str, agent_id: Option<String>) {
    if turn.conversation.room_channel().is_none() {
        return turn.refuse("no_room", "There is no open room for this conversation.");
    }
    turn.record("notice.posted", &Actor::Bot, json!({ "agent": agent_id }));
    let body = cards::from_bot(&turn.conversation, turn.rules, text);
    match agent_id {
        Some(agent) => turn.then(Effect::Whisper { agent, body }),
        None => turn.post(body),
    }
}
