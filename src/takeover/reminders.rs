//! Reminders, forgotten rooms, looks at the history: which timers a conversation needs, and what happens when one falls due.

use jiff::Timestamp;
use serde_json::json;

use super::cards;
use crate::clock::after;

use super::closing;
use super::control;
use super::conversation::{Actor, Agent, Conversation, Holder, Room};
use super::effect::Effect;
use super::event::Timer;
use super::gaps;
use super::handoff;
use super::rules::Rules;
use super::turn::Turn;
use super::waiting;

/// Reminds an agent who writes while the bot is active; at most so often in one room.
pub fn to_pause(turn: &mut Turn<'_>, agent: &Agent) {
    let due = turn
        .conversation
        .reminded
        .to_pause_at
        .is_none_or(|last| after(last, turn.rules.reminders.pause_every) <= turn.now);
    if due {
        turn.conversation.reminded.to_pause_at = Some(turn.now);
        if let Some(body) = cards::pause_reminder(&turn.conversation, turn.rules, agent) {
            turn.then(Effect::Post { body, about_control: false });
        }
    }
}

/// A timer fell due. It may be late, or early by now: what counts is how long both sides have been idle. Nobody is asked
/// about a room that is closed the next moment.
pub fn due(turn: &mut Turn<'_>, timer: Timer) {
    *armed(&mut turn.conversation, timer) = None;
    let is_due = |timer: &Timer| wanted(&turn.conversation, &turn.rules, *timer).is_some_and(|due| due <= turn.now);
    let Some(timer) = [Timer::Close, timer].into_iter().find(is_due) else { return };
    match timer {
        Timer::UnpauseReminder => {
            turn.conversation.reminded.to_unpause_for = turn.conversation.active_at;
            if let Some(body) = cards::unpause_reminder(&turn.conversation, turn.rules) {
                turn.post(body);
                turn.record("reminder.unpause", &Actor::Service, json!({}));
            }
        }
        Timer::Close if matches!(turn.conversation.room, Room::Open(_)) => {
            closing::close(turn, &Actor::Service, "idle");
        }
        Timer::Close => control::unpause(turn, &Actor::Service, "idle"),
        Timer::Waiting => waiting::due(turn),
        Timer::CheckHistory => gaps::check(turn),
        Timer::Handoff => handoff::waiting::due(turn),
    }
}

/// A change to a timer in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arm {
    /// Which timer.
    pub timer: Timer,
    /// When it falls due; `None` takes it away.
    pub due: Option<Timestamp>,
}

/// What has to change so that every timer falls due in time.
///
/// A timer that falls due too early is only looked at and set anew, so a message, which moves every timer back, writes
/// none.
pub fn arm(conversation: &mut Conversation, rules: &Rules<'_>) -> Vec<Arm> {
    let mut changes = Vec::new();
    for timer in Timer::ALL {
        let due = wanted(conversation, rules, timer);
        let armed = armed(conversation, timer);
        let in_time = match (*armed, due) {
            (None, None) => true,
            (Some(armed), Some(due)) => armed <= due,
            _ => false,
        };
        if !in_time {
            *armed = due;
            changes.push(Arm { timer, due });
        }
    }
    changes
}

/// When this timer should fall due, as things stand.
pub(super) fn wanted(conversation: &Conversation, rules: &Rules<'_>, timer: Timer) -> Option<Timestamp> {
    let open = matches!(conversation.room, Room::Open(_));
    match timer {
        Timer::Waiting => return conversation.waiting.iter().map(|waiting| waiting.until).min(),
        Timer::CheckHistory => return conversation.gaps.check_at.filter(|_| open),
        Timer::Handoff => return handoff::waiting::next(conversation, rules),
        Timer::UnpauseReminder | Timer::Close => {}
    }
    let idle_since = conversation.active_at?;
    let paused = conversation.control.holder == Holder::Human;
    let reminded = conversation.reminded.keep_paused || conversation.reminded.to_unpause_for == Some(idle_since);
    match timer {
        Timer::UnpauseReminder if open && paused && !reminded => Some(after(idle_since, rules.reminders.unpause_after)),
        Timer::Close if open || paused => Some(after(idle_since, rules.reminders.close_after)),
        _ => None,
    }
}

fn armed(conversation: &mut Conversation, timer: Timer) -> &mut Option<Timestamp> {
    match timer {
        Timer::UnpauseReminder => &mut conversation.armed.unpause_reminder,
        Timer::Close => &mut conversation.armed.close,
        Timer::Waiting => &mut conversation.armed.waiting,
        Timer::CheckHistory => &mut conversation.armed.check_history,
        Timer::Handoff => &mut conversation.armed.handoff,
    }
}
