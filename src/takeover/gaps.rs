//! Gaps: when something may have been missed, and what is told of it.
//!
//! A host, Slack or the service itself may be away for a while, and not everybody says so afterwards. Where a gap is
//! suspected, the history of both sides is held against what is known ([`Effect::Repair`], [`crate::relay`]); what is
//! missing comes in as if it had been said just then.

use std::time::Duration;

use serde_json::json;

use crate::clock::after;
use crate::config::texts;

use super::conversation::{Actor, Room, Side};
use super::effect::Effect;
use super::event::{Failure, Past, Receipt};
use super::turn::Turn;

/// After a look nobody looks again for so long because of a restart: several instances may start at the same time.
const REST: Duration = Duration::from_mins(3);

/// Somebody has said something: while people talk, somebody looks now and then.
pub fn talked(turn: &mut Turn<'_>) {
    turn.conversation.gaps.talked = true;
    plan(turn);
}

/// The service is back, and nobody knows what it has missed.
pub fn resumed(turn: &mut Turn<'_>) {
    let gaps = &mut turn.conversation.gaps;
    match gaps.dm_checked_at.map(|at| after(at, REST)) {
        Some(rested) if rested > turn.now => {
            gaps.check_at = Some(gaps.check_at.map_or(rested, |planned| planned.min(rested)));
        }
        _ => look(turn, "restart"),
    }
}

/// It is time to look: again later if people have talked, so that somebody looks once after they have stopped.
pub fn check(turn: &mut Turn<'_>) {
    turn.conversation.gaps.check_at = None;
    if std::mem::take(&mut turn.conversation.gaps.talked) {
        plan(turn);
    }
    look(turn, "time");
}

/// People were told that something does not arrive: whoever is out of reach may be silent for the same reason.
pub fn out_of_reach(turn: &mut Turn<'_>, effect: &Effect) {
    let missed = &mut turn.conversation.gaps.out_of_reach;
    if let Some(far) = effect.far().filter(|far| !missed.contains(far)) {
        missed.push(far);
    }
}

/// Something has arrived: whoever was out of reach is back.
pub fn reached(turn: &mut Turn<'_>, effect: &Effect, receipt: &Receipt) {
    let missed = &mut turn.conversation.gaps.out_of_reach;
    let Some(far) = effect.far().filter(|far| missed.contains(far) && *receipt != Receipt::Skipped) else { return };
    missed.retain(|one| *one != far);
    look(turn, "trouble");
}

/// The history of a side was held against what is known. What was missing follows as events of its own.
pub fn checked(turn: &mut Turn<'_>, side: Side, receipt: &Receipt) {
    let gaps = &mut turn.conversation.gaps;
    gaps.asked.retain(|asked| *asked != side);
    match receipt {
        Receipt::History(Past { more, .. }) => {
            gaps.dm_checked_at = Some(turn.now);
            gaps.refused = false;
            if *more {
                turn.post_text(texts::ROOM_MISSED_MORE, &[]);
            }
        }
        Receipt::Overheard { missed, .. } => {
            gaps.room_checked_at = Some(turn.now);
            if *missed > 0 {
                turn.post_text(texts::ROOM_MISSED, &[("count", &missed.to_string())]);
            }
        }
        _ => {}
    }
}

/// The history of a side cannot be had. That is told once, and not tried again until something happens.
pub fn not_checked(turn: &mut Turn<'_>, side: Side, failure: &Failure) {
    let gaps = &mut turn.conversation.gaps;
    gaps.asked.retain(|asked| *asked != side);
    if side == Side::Dm && !std::mem::replace(&mut gaps.refused, true) {
        gaps.check_at = None;
        turn.post_text(texts::ROOM_NOT_CHECKED, &[("why", &failure.reason)]);
    }
}

/// The history could not be imported. Where the app lacks the permission, it will not be had later either.
pub fn not_imported(turn: &mut Turn<'_>, failure: &Failure) {
    if failure.code == "missing_scope" {
        turn.conversation.gaps.refused = true;
        turn.conversation.gaps.check_at = None;
    }
}

fn plan(turn: &mut Turn<'_>) {
    let every = turn.rules.rooms.check_history;
    let gaps = &mut turn.conversation.gaps;
    if !every.is_zero() && !gaps.refused {
        gaps.check_at.get_or_insert(after(turn.now, every));
    }
}

/// Has both sides looked at, unless that is about to be done.
fn look(turn: &mut Turn<'_>, why: &str) {
    if !matches!(turn.conversation.room, Room::Open(_)) {
        return;
    }
    // The room first: its history is not held back.
    let mut wanted = vec![Side::Room, Side::Dm];
    wanted.retain(|side| !turn.conversation.gaps.asked.contains(side));
    if !wanted.is_empty() {
        turn.record("history.check", &Actor::Service, json!({ "why": why }));
    }
    for side in wanted {
        turn.conversation.gaps.asked.push(side);
        turn.then(Effect::Repair { side });
    }
}
