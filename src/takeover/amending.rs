//! What becomes of messages after they were said: edits, deletions and reactions, from either side.
//!
//! Which copies a message has only its lane knows, since the message itself may still wait there: so a change first asks
//! for them ([`Effect::Amend`]), and [`found`] decides what to do with each.

use serde_json::{Value, json};

use crate::config::texts;
use crate::render::portions::Portions;
use crate::render::streaming;

use super::cards;
use super::conversation::{Actor, Agent, Missing};
use super::effect::{Effect, Words};
use super::event::{Reaction, Speaker};
use super::mirroring::{self, Origin};
use super::relayed::{Change, Copy, Original, Party};
use super::turn::Turn;
use super::waiting;

/// A message of the DM reads otherwise now.
pub fn edited_in_dm(turn: &mut Turn<'_>, speaker: Speaker, ts: &str, message: Value, known: bool) {
    match waiting::missing(&turn.conversation, ts) {
        Some(Missing::End) if streaming::is_unfinished(&message) => waiting::for_the_end(turn, speaker, ts, message),
        Some(Missing::End) => {
            waiting::take(&mut turn.conversation, ts);
            mirroring::mirror(turn, speaker, ts, &message, Origin::Streamed);
        }
        None if known => amend(turn, Original::said(speaker, ts), Change::Edited(message)),
        None if !turn.conversation.is_since_opening(ts) => waiting::edited_long_after(turn, speaker, ts, &message),
        Some(Missing::Beginning) | None => waiting::for_the_beginning(turn, speaker, ts, message),
    }
}

/// A message of the DM was deleted.
pub fn deleted_in_dm(turn: &mut Turn<'_>, speaker: Speaker, ts: &str, files: Vec<String>, known: bool) {
    if waiting::take(&mut turn.conversation, ts).is_some() {
        return told_of_deletion(turn, speaker, "");
    }
    if known {
        amend(turn, Original::said(speaker, ts), Change::Deleted { files, recalled_by: None });
    } else if !turn.conversation.is_since_opening(ts) {
        told_of_deletion(turn, speaker, &mirroring::when(ts));
    }
}

/// Somebody reacted to a message of the DM.
pub fn reacted_in_dm(turn: &mut Turn<'_>, ts: &str, reaction: Reaction, known: bool) {
    let is_customer = reaction.by == turn.conversation.customer.user_id;
    let speaker = if is_customer { Speaker::Customer } else { Speaker::Bot };
    if known {
        let Reaction { name, added, .. } = reaction;
        turn.then(Effect::React { by: Party::Dm(speaker), ts: ts.to_owned(), name, added });
    } else if !turn.conversation.is_since_opening(ts) {
        reaction_told(turn, speaker, &reaction.name, reaction.added, &mirroring::when(ts));
    }
}

/// An agent's message reads otherwise now.
pub fn edited_in_room(turn: &mut Turn<'_>, agent: &Agent, ts: &str, message: Value) {
    if !turn.conversation.is_watched() || turn.conversation.room_channel().is_none() {
        return;
    }
    if let Some(held) = turn.conversation.held.iter_mut().find(|held| held.ts == ts) {
        held.message = message;
        return;
    }
    turn.conversation.active_at = Some(turn.now);
    amend(turn, Original::written(agent, ts), Change::Edited(message));
}

/// A message in the room was deleted, or is taken back at the customer's.
pub fn deleted_in_room(turn: &mut Turn<'_>, ts: &str, files: Vec<String>, recalled_by: Option<Agent>) {
    if turn.conversation.room_channel().is_none() {
        return turn.refuse("no_room", "There is no open room for this conversation.");
    }
    turn.conversation.held.retain(|held| held.ts != ts);
    let original = Original::written(&recalled_by.clone().unwrap_or_default(), ts);
    if recalled_by.is_some() {
        turn.done(texts::ANSWER_TAKING_BACK, &[]);
    }
    amend(turn, original, Change::Deleted { files, recalled_by });
}

/// An agent reacted to a message in the room.
pub fn reacted_in_room(turn: &mut Turn<'_>, agent: Agent, ts: String, reaction: Reaction) {
    if turn.conversation.is_watched() {
        let Reaction { name, added, .. } = reaction;
        turn.then(Effect::React { by: Party::Room(agent), ts, name, added });
    }
}

/// The copies of a message that has changed are known: each is brought up to date.
pub fn found(turn: &mut Turn<'_>, original: &Original, change: Change, copies: Vec<Copy>) {
    match change {
        Change::Edited(message) if copies.is_empty() => nowhere(turn, original, &message),
        Change::Edited(message) => {
            turn.publish_changed(original, Some(&message));
            for file in deleted_files(&message) {
                turn.then(Effect::DeleteFile { by: original.by.clone(), file });
            }
            rewrite(turn, original, &message, copies);
        }
        Change::Deleted { files, recalled_by } => {
            let is_nowhere = copies.is_empty();
            if !is_nowhere {
                let kind = if recalled_by.is_some() { "message.recalled" } else { "message.deleted" };
                let actor = recalled_by.clone().map_or(Actor::Service, Actor::Agent);
                turn.record(kind, &actor, json!({ "ts": original.ts, "by": original.by.name() }));
                turn.publish_changed(original, None);
            }
            for copy in copies {
                turn.then(Effect::Withdraw { original: original.clone(), copy });
            }
            for file in files {
                turn.then(Effect::DeleteFile { by: original.by.clone(), file });
            }
            match (&original.by, recalled_by) {
                (Party::Dm(speaker), _) if !is_nowhere => told_of_deletion(turn, *speaker, ""),
                (Party::Room(_), Some(agent)) => recalled(turn, &agent, is_nowhere),
                _ => {}
            }
        }
    }
}

/// A copy could not be brought up to date: the new version is said anew, and the agents know.
pub fn not_updated(turn: &mut Turn<'_>, original: &Original, copy: &Copy, message: Value, is_last: bool, reason: &str) {
    let Original { by, ts } = original;
    match by {
        Party::Dm(speaker) => {
            let who = mirroring::name(turn, *speaker);
            turn.post_text(texts::ROOM_EDIT_SHOWN_ANEW, &[("who", &who), ("why", reason)]);
            let (speaker, ts) = (*speaker, ts.clone());
            turn.then(Effect::Mirror { speaker, ts, part: copy.part, message, may_be_ours: false, over_agent: false });
        }
        Party::Room(agent) => {
            let (agent, ts, part) = (agent.clone(), ts.clone(), copy.part);
            let thread = turn.conversation.thread.root.clone();
            turn.then(Effect::Say { words: Words::Agent { agent, ts, part, is_last, message }, thread });
            turn.post_text(texts::ROOM_EDIT_REPEATED, &[("why", reason)]);
        }
    }
}

/// A reaction that cannot be given is told in words.
pub fn not_reacted(turn: &mut Turn<'_>, by: &Party, name: &str, added: bool, reason: &str) {
    match by {
        Party::Dm(speaker) => reaction_told(turn, *speaker, name, added, ""),
        Party::Room(agent) => {
            turn.whisper(agent, texts::ROOM_REACTION_LOST, &[("emoji", &emoji(name)), ("why", reason)]);
        }
    }
}

fn amend(turn: &mut Turn<'_>, original: Original, change: Change) {
    let actor = match &original.by {
        Party::Room(agent) => Actor::Agent(agent.clone()),
        Party::Dm(_) => Actor::Service,
    };
    if let Change::Edited(_) = &change {
        turn.record("message.edited", &actor, json!({ "ts": original.ts, "by": original.by.name() }));
    }
    turn.then(Effect::Amend { original, change });
}

/// Brings the copies in step with what the message reads now; the number of its parts may have changed.
fn rewrite(turn: &mut Turn<'_>, original: &Original, message: &Value, copies: Vec<Copy>) {
    let Portions { mut parts, caption, .. } = turn.portions(message);
    let (captions, texts): (Vec<Copy>, Vec<Copy>) = copies.into_iter().partition(|copy| copy.is_caption);
    let (words, files) = caption.unzip();
    // Files that could not be brought over have left their words as a part like the others.
    let words = match words {
        Some(words) if captions.is_empty() => {
            parts.push(words);
            None
        }
        words => words,
    };
    let count = parts.len();
    for (part, message) in (0..).zip(parts) {
        let is_last = words.is_none() && part as usize + 1 == count;
        match texts.iter().find(|copy| copy.part == part) {
            Some(copy) => {
                let (original, copy) = (original.clone(), copy.clone());
                turn.then(Effect::Update { original, copy, is_last, message });
            }
            None => add(turn, original, part, is_last, message),
        }
    }
    let surplus = texts.into_iter().filter(|copy| copy.part as usize >= count);
    let (kept, gone) = if files.is_some() { (captions, Vec::new()) } else { (Vec::new(), captions) };
    for copy in surplus.chain(gone) {
        turn.then(Effect::Withdraw { original: original.clone(), copy });
    }
    for (copy, message) in kept.into_iter().zip(words) {
        turn.then(Effect::Update { original: original.clone(), copy, is_last: true, message });
    }
}

/// A part that the message did not have before.
fn add(turn: &mut Turn<'_>, original: &Original, part: u32, is_last: bool, message: Value) {
    let ts = original.ts.clone();
    match &original.by {
        Party::Dm(speaker) => {
            turn.then(Effect::Mirror { speaker: *speaker, ts, part, message, may_be_ours: false, over_agent: false });
        }
        Party::Room(agent) => {
            let words = Words::Agent { agent: agent.clone(), ts, part, is_last, message };
            let thread = turn.conversation.thread.root.clone();
            turn.then(Effect::Say { words, thread });
        }
    }
}

/// An edit of a message that is not on the other side.
fn nowhere(turn: &mut Turn<'_>, original: &Original, message: &Value) {
    match &original.by {
        Party::Dm(speaker) => waiting::edited_long_after(turn, *speaker, &original.ts, message),
        Party::Room(agent) => turn.whisper(agent, texts::ROOM_EDIT_LOST, &[]),
    }
}

fn recalled(turn: &mut Turn<'_>, agent: &Agent, is_nowhere: bool) {
    if is_nowhere {
        turn.whisper(agent, texts::ROOM_NOTHING_WITHDRAWN, &[]);
    } else {
        turn.post_text(texts::ROOM_WITHDRAWN, &[("agent", &cards::person(agent))]);
    }
}

fn told_of_deletion(turn: &mut Turn<'_>, speaker: Speaker, when: &str) {
    // Bots tidy up after themselves; what a person takes back, others should know of.
    if speaker == Speaker::Customer {
        let who = mirroring::name(turn, speaker);
        turn.post_text(texts::ROOM_DELETED, &[("who", &who), ("when", when)]);
    }
}

fn reaction_told(turn: &mut Turn<'_>, speaker: Speaker, name: &str, added: bool, when: &str) {
    let text = if added { texts::ROOM_REACTED } else { texts::ROOM_REACTION_REMOVED };
    let who = mirroring::name(turn, speaker);
    turn.post_text(text, &[("who", &who), ("emoji", &emoji(name)), ("when", when)]);
}

fn emoji(name: &str) -> String {
    format!(":{}:", cards::escape(name))
}

/// Ids of the files that were deleted out of a message.
fn deleted_files(message: &Value) -> Vec<String> {
    let files = message["files"].as_array().into_iter().flatten();
    files.filter(|file| file["mode"] == "tombstone").filter_map(|file| file["id"].as_str()).map(str::to_owned).collect()
}
