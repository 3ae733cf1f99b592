//! Who answers the customer: pause, unpause, and what everybody is told about it.

use serde_json::{Value, json};

use crate::config::{WhilePending, texts};
use crate::render::ts::Ts;

use super::cards;
use super::conversation::{Actor, Agent, Holder, Room};
use super::effect::Effect;
use super::handoff::{ending, picking};
use super::turn::Turn;

/// An agent or the bot itself wants the bot to be silent.
pub fn pause(turn: &mut Turn<'_>, by: &Actor, reason: &str) {
    if turn.conversation.control.holder == Holder::Human {
        let [bot, customer] = names(turn);
        return turn.already(format!("{bot} is paused for {customer} already."));
    }
    hand_over(turn, Holder::Human, by, reason, "");
    turn.conversation.handler = by.as_agent().cloned().or(turn.conversation.handler.take());
    // Whoever takes the floor from a customer who waits for a human is that human.
    if let Some(agent) = by.as_agent()
        && turn.conversation.open_handoff().is_some_and(|handoff| handoff.state.is_waiting())
    {
        picking::accept(turn, agent);
    }
    turn.tell_customer(turn.rules.paused_by(by), by);
    release_held(turn);
    turn.refresh_header();
    turn.done(texts::ANSWER_PAUSED, &[]);
}

/// A human was asked for: who asked in so many words does not want to hear the bot meanwhile.
pub fn await_human(turn: &mut Turn<'_>, by: &Actor) {
    let asked_for = turn.conversation.open_handoff().is_some_and(|handoff| handoff.source.is_explicit());
    turn.conversation.control.hold = match turn.rules.bot.while_pending {
        WhilePending::Hold => true,
        WhilePending::Answer => false,
        WhilePending::HoldIfAsked => asked_for,
    };
    hand_over(turn, Holder::Pending, by, "handoff", "");
}

/// Nobody comes after all: the bot may answer again, without the words that say so.
pub fn resume(turn: &mut Turn<'_>, by: &Actor, reason: &str) {
    hand_over(turn, Holder::Bot, by, reason, "");
    turn.refresh_header();
}

/// The agent is done: the bot may answer again, and gets a note with it. The room stays.
pub fn hand_back(turn: &mut Turn<'_>, by: &Actor, note: &str) {
    if turn.conversation.control.holder == Holder::Bot {
        let [bot, customer] = names(turn);
        return turn.already(format!("{bot} answers {customer} already."));
    }
    give_back(turn, by, "handback", note);
    turn.done(texts::ANSWER_HANDED_BACK, &[]);
}

/// The bot may answer again.
pub fn unpause(turn: &mut Turn<'_>, by: &Actor, reason: &str) {
    if turn.conversation.control.holder == Holder::Bot {
        let [bot, customer] = names(turn);
        let switched_off = if turn.rules.switch.active { "" } else { " It is switched off as a whole, though." };
        return turn.already(format!("{bot} is not paused for {customer}.{switched_off}"));
    }
    give_back(turn, by, reason, "");
    turn.done(if turn.rules.switch.active { texts::ANSWER_UNPAUSED } else { texts::ANSWER_UNPAUSED_OFF }, &[]);
}

/// An agent wants this pause to last, and no more reminders about it.
pub fn keep_paused(turn: &mut Turn<'_>, by: &Agent) {
    if turn.conversation.control.holder != Holder::Human {
        let [bot, customer] = names(turn);
        return turn.already(format!("{bot} is not paused for {customer}."));
    }
    turn.conversation.reminded.keep_paused = true;
    turn.post_text(texts::ROOM_KEEPS_PAUSED, &[("agent", &cards::person(by))]);
    turn.record("reminder.keep_paused", &Actor::Agent(by.clone()), json!({}));
}

/// The bot was switched on or off as a whole. Each conversation is told of each turn of the switch once.
pub fn switched(turn: &mut Turn<'_>, active: bool, by: &Actor) {
    let turns = turn.rules.switch.turns;
    if turn.conversation.switch_turns == turns {
        return;
    }
    turn.conversation.switch_turns = turns;
    // A bot that is silent for another reason is not told of this one.
    if !turn.conversation.control.is_paused() {
        let kind = if active { "conversation.unpaused" } else { "conversation.paused" };
        turn.announce(kind, by, &[("reason", json!("bot_switched"))]);
    }
    if !active {
        release_held(turn);
    }
    turn.post_text(if active { texts::ROOM_SWITCHED_ON } else { texts::ROOM_SWITCHED_OFF }, &[]);
}

/// Gives the floor back to the bot, and says so.
fn give_back(turn: &mut Turn<'_>, by: &Actor, reason: &str, note: &str) {
    hand_over(turn, Holder::Bot, by, reason, note);
    ending::with_control(turn, by, reason);
    if turn.rules.switch.active {
        turn.tell_customer(turn.rules.unpaused_by(by), by);
    }
    turn.refresh_header();
}

/// Gives control to `to`: a new epoch, the callback, the card in the room.
fn hand_over(turn: &mut Turn<'_>, to: Holder, by: &Actor, reason: &str, note: &str) {
    let control = &mut turn.conversation.control;
    control.holder = to;
    control.epoch += 1;
    turn.conversation.human_since = (to == Holder::Human).then_some(turn.now);
    turn.conversation.active_at = Some(turn.now);
    turn.conversation.told_epoch = turn.rules.control(&turn.conversation).epoch;
    turn.conversation.reminded.forget_pause();
    // What the bot is told is what it may do: switched off as a whole, it stays silent whoever has control.
    let paused = turn.rules.control(&turn.conversation).paused;
    let kind = if paused { "conversation.paused" } else { "conversation.unpaused" };
    // A bot that may go on as before need not be told.
    if to != Holder::Pending || paused {
        turn.announce(kind, by, &about(turn, reason, note, paused));
    }
    let kind = if to == Holder::Bot { "conversation.unpaused" } else { "conversation.paused" };
    turn.record(kind, by, json!({ "reason": reason, "epoch": turn.conversation.control.epoch }));
    if matches!(turn.conversation.room, Room::Opening(_) | Room::Open(_)) {
        turn.conversation.control_card = None;
        let body = cards::control(&turn.conversation, turn.rules, by, cards::Acknowledged::Waiting);
        turn.then(Effect::Post { body, about_control: true });
    }
}

/// What the bot is told besides: why, and where to go on, so that it does not answer what others have answered.
fn about(turn: &Turn<'_>, reason: &str, note: &str, paused: bool) -> Vec<(&'static str, Value)> {
    let mut about = vec![("reason", json!(reason))];
    if !paused {
        let newest = turn.conversation.newest_ts.clone();
        about.push(("resume_after", json!(newest.unwrap_or_else(|| Ts::at(turn.now).to_string()))));
        if !note.is_empty() {
            about.push(("handback_note", json!(note)));
        }
    }
    about
}

/// The bot and the customer, for an answer; mrkdwn.
fn names(turn: &Turn<'_>) -> [String; 2] {
    [&turn.rules.bot.name, turn.conversation.customer.name()].map(cards::escape)
}

/// Sends what agents wrote while they had no control.
fn release_held(turn: &mut Turn<'_>) {
    for held in std::mem::take(&mut turn.conversation.held) {
        turn.say(&held.agent, &held.ts, &held.message);
    }
}
