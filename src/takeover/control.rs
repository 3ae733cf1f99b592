//! Who answers the customer: pause, unpause, and what everybody is told about it.

use serde_json::{Value, json};

use crate::config::WhilePending;
use crate::render::ts::Ts;

use super::cards;
use super::conversation::{Actor, Agent, Holder, Room};
use super::effect::Effect;
use super::handoff::{ending, picking};
use super::turn::Turn;

/// An agent or the bot itself wants the bot to be silent.
pub fn pause(turn: &mut Turn<'_>, by: &Actor, reason: &str) {
    let bot = turn.rules.bot.name.clone();
    let customer = turn.conversation.customer.name().to_owned();
    if turn.conversation.control.holder == Holder::Human {
        turn.done(format!("{bot} is paused for {customer} already."));
        return;
    }
    hand_over(turn, Holder::Human, by, reason, "");
    turn.conversation.handler = by.as_agent().cloned().or(turn.conversation.handler.take());
    // Whoever takes the floor from a customer who waits for a human is that human.
    if let Some(agent) = by.as_agent()
        && turn.conversation.open_handoff().is_some_and(|handoff| handoff.state.is_waiting())
    {
        picking::accept(turn, agent);
    }
    let told = turn.rules.customer_template_paused(&turn.conversation, by);
    turn.tell_customer(told, by);
    release_held(turn);
    turn.refresh_header();
    turn.done(format!("{bot} is being paused for {customer}."));
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
    let (bot, customer) = (turn.rules.bot.name.clone(), turn.conversation.customer.name().to_owned());
    if turn.conversation.control.holder == Holder::Bot {
        return turn.already(format!("{bot} answers {customer} already."));
    }
    give_back(turn, by, "handback", note);
    turn.done(format!("{bot} is back with {customer}."));
}

/// The bot may answer again.
pub fn unpause(turn: &mut Turn<'_>, by: &Actor, reason: &str) {
    let bot = turn.rules.bot.name.clone();
    let customer = turn.conversation.customer.name().to_owned();
    let switched_off = if turn.rules.switch.active { "" } else { " It is switched off as a whole, though." };
    if turn.conversation.control.holder == Holder::Bot {
        turn.done(format!("{bot} is not paused for {customer}.{switched_off}"));
        return;
    }
    give_back(turn, by, reason, "");
    turn.done(format!("{bot} is being unpaused for {customer}.{switched_off}"));
}

/// An agent wants this pause to last, and no more reminders about it.
pub fn keep_paused(turn: &mut Turn<'_>, by: &Agent) {
    if turn.conversation.control.holder != Holder::Human {
        let customer = turn.conversation.customer.name();
        return turn.done(format!("{} is not paused for {customer}.", turn.rules.bot.name));
    }
    turn.conversation.reminded.keep_paused = true;
    let who = cards::person(by);
    turn.post_line(&format!("{who} keeps {} paused.", cards::escape(&turn.rules.bot.name)));
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
    let state = if active { "on again" } else { "off: it answers nobody" };
    turn.post_line(&format!("{} is switched {state}.", cards::escape(&turn.rules.bot.name)));
}

/// Gives the floor back to the bot, and says so.
fn give_back(turn: &mut Turn<'_>, by: &Actor, reason: &str, note: &str) {
    hand_over(turn, Holder::Bot, by, reason, note);
    ending::with_control(turn, by, reason);
    if turn.rules.switch.active {
        let told = turn.rules.customer_template_unpaused(&turn.conversation, by);
        turn.tell_customer(told, by);
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
        let body = cards::control(&turn.conversation, &turn.rules.bot.name, by, cards::Acknowledged::Waiting);
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

/// Sends what agents wrote while they had no control.
fn release_held(turn: &mut Turn<'_>) {
    for held in std::mem::take(&mut turn.conversation.held) {
        turn.say(&held.agent, &held.ts, &held.message);
    }
}
