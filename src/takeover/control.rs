//! Who answers the customer: pause, unpause, and what everybody is told about it.

use serde_json::json;

use super::cards;
use super::conversation::{Actor, Agent, Holder, Room};
use super::effect::Effect;
use super::turn::Turn;

/// An agent or the bot itself wants the bot to be silent.
pub fn pause(turn: &mut Turn<'_>, by: &Actor, reason: &str) {
    let bot = turn.rules.bot.name.clone();
    let customer = turn.conversation.customer.name().to_owned();
    if turn.conversation.control.holder == Holder::Human {
        turn.done(format!("{bot} is paused for {customer} already."));
        return;
    }
    hand_over(turn, Holder::Human, by, reason);
    let told = turn.rules.customer_template_paused(by);
    turn.tell_customer(told, by);
    release_held(turn);
    turn.done(format!("{bot} is being paused for {customer}."));
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
    hand_over(turn, Holder::Bot, by, reason);
    if turn.rules.switch.active {
        let told = turn.rules.customer_template_unpaused(by);
        turn.tell_customer(told, by);
    }
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
    if turn.conversation.control.holder != Holder::Human {
        let kind = if active { "conversation.unpaused" } else { "conversation.paused" };
        turn.announce(kind, by, &[("reason", json!("bot_switched"))]);
    }
    if !active {
        release_held(turn);
    }
    let state = if active { "on again" } else { "off: it answers nobody" };
    turn.post_line(&format!("{} is switched {state}.", cards::escape(&turn.rules.bot.name)));
}

/// Gives control to `to`: a new epoch, the callback, the card in the room.
fn hand_over(turn: &mut Turn<'_>, to: Holder, by: &Actor, reason: &str) {
    let control = &mut turn.conversation.control;
    control.holder = to;
    control.epoch += 1;
    turn.conversation.active_at = Some(turn.now);
    turn.conversation.told_epoch = turn.rules.control(&turn.conversation).epoch;
    turn.conversation.reminded.forget_pause();
    // What the bot is told is what it may do: switched off as a whole, it stays silent whoever has control.
    let paused = turn.rules.control(&turn.conversation).paused;
    let kind = if paused { "conversation.paused" } else { "conversation.unpaused" };
    turn.announce(kind, by, &[("reason", json!(reason))]);
    let kind = if to == Holder::Bot { "conversation.unpaused" } else { "conversation.paused" };
    turn.record(kind, by, json!({ "reason": reason, "epoch": turn.conversation.control.epoch }));
    if matches!(turn.conversation.room, Room::Opening(_) | Room::Open(_)) {
        turn.conversation.control_card = None;
        let body = cards::control(&turn.conversation, &turn.rules.bot.name, by, cards::Acknowledged::Waiting);
        turn.then(Effect::Post { body, about_control: true });
    }
}

/// Sends what agents wrote while they had no control.
fn release_held(turn: &mut Turn<'_>) {
    for held in std::mem::take(&mut turn.conversation.held) {
        turn.say(&held.agent, &held.ts, &held.message);
    }
}
