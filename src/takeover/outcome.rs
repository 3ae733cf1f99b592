//! What came of an effect, and what follows from it.

use serde_json::{Value, json};

use crate::config::texts;

use super::amending;
use super::cards;
use super::closing;
use super::conversation::{Actor, Agent, Holder, Room};
use super::effect::{Effect, Words};
use super::event::{Failure, Past, Receipt, Speaker};
use super::failures;
use super::filing;
use super::gaps;
use super::handoff::{allocating, offering, requesting};
use super::mirroring::{self, Origin};
use super::naming;
use super::noting;
use super::opening;
use super::relayed::{Original, Party};
use super::speaking;
use super::ticketing;
use super::triage;
use super::turn::Turn;

/// An effect was carried out.
pub fn done(turn: &mut Turn<'_>, effect: Effect, receipt: Receipt) {
    gaps::reached(turn, &effect, &receipt);
    match (effect, receipt) {
        (Effect::LearnCustomer, Receipt::Profile(profile)) => {
            turn.conversation.customer.profile = profile;
            introduced(turn);
        }
        (Effect::CreateRoom { .. }, Receipt::NameTaken) => opening::name_taken(turn),
        (Effect::CreateRoom { .. } | Effect::ReviveRoom { .. }, Receipt::Room(channel)) => {
            opening::room_exists(turn, channel);
        }
        (Effect::Mirror { over_agent: true, .. }, Receipt::Posted { .. }) => speaking::talked_over(turn, false),
        (Effect::Summon { handoff, .. }, Receipt::Summoned(prompts)) => offering::prompt(turn, &handoff, prompts),
        (Effect::Allocate { handoff, queue }, Receipt::Allocated(found)) => {
            allocating::found(turn, &handoff, &queue, found);
        }
        (Effect::ReviveRoom { .. }, _) => opening::create_room(turn),
        (Effect::Invite { .. }, Receipt::NotInvited(lines)) => {
            turn.post_text(texts::ROOM_NOT_INVITED, &[("why", &lines.join("; "))]);
        }
        (Effect::ImportHistory { .. }, Receipt::History(past)) => opening::imported(turn, past),
        (Effect::Repair { side }, receipt) => gaps::checked(turn, side, &receipt),
        (Effect::Post { about_control: true, .. }, Receipt::Posted { ts, .. }) => {
            turn.conversation.control_card = Some(ts);
        }
        (Effect::RetireRoom { channel, name }, Receipt::NameTaken) => retire_again(turn, channel, &name),
        (Effect::ArchiveRoom { channel }, _) => closing::archived(turn, &channel),
        (Effect::Say { words: Words::Bot { message, .. }, .. }, Receipt::Posted { ts, .. })
            if turn.conversation.is_watched() =>
        {
            mirroring::mirror(turn, Speaker::Bot, &ts, &message, Origin::Ours);
        }
        (Effect::Say { words: Words::Agent { agent, ts, is_last, .. }, .. }, Receipt::Posted { left_out, .. }) => {
            filing::said(turn, &agent, ts, is_last, &left_out);
        }
        (Effect::Say { words: Words::Agent { ts, is_last: true, .. }, .. }, Receipt::Done) => {
            filing::delivered(turn, ts);
        }
        (Effect::Carry { original, caption, .. }, Receipt::Carried { uploaded, missed }) => {
            filing::carried(turn, original, caption, uploaded, &missed);
        }
        (Effect::Share { original, .. }, Receipt::Posted { .. } | Receipt::Done) => filing::shared(turn, original),
        (Effect::Amend { original, change }, Receipt::Copies(copies)) => {
            amending::found(turn, &original, change, copies);
        }
        (Effect::Ticket { .. }, Receipt::Ticket { url }) => ticketing::opened(turn, &url),
        (Effect::LookAtTicket { number, .. }, Receipt::TicketChanged(change)) => {
            ticketing::changed(turn, number, &change);
        }
        (Effect::Callback { kind, body }, _) => answered(turn, &kind, &body),
        _ => {}
    }
}

/// Who the customer is, is known as far as possible: whoever waited for it goes on.
fn introduced(turn: &mut Turn<'_>) {
    requesting::introduced(turn);
    triage::introduced(turn);
    opening::introduced(turn);
}

/// An effect has failed for good: whoever relies on it is told.
pub fn failed(turn: &mut Turn<'_>, effect: Effect, failure: &Failure) {
    let detail = json!({ "effect": effect.name(), "code": failure.code, "reference": failure.reference });
    turn.record("delivery.failed", &Actor::Service, detail);
    let is_gone = matches!(failure.code.as_str(), "is_archived" | "channel_not_found" | "not_in_channel");
    if let Some(room) = turn.conversation.room_channel().filter(|_| is_gone && effect.is_in_room()).cloned() {
        return closing::room_gone(turn, &room.id, "room_gone");
    }
    if matches!(effect, Effect::Say { words: Words::Bot { .. }, .. })
        && failure.code == "stale_control"
        && turn.conversation.control.holder == Holder::Human
    {
        speaking::talked_over(turn, true);
    }
    match effect {
        Effect::LearnCustomer => introduced(turn),
        Effect::Allocate { handoff, queue } => allocating::found(turn, &handoff, &queue, None),
        Effect::CreateRoom { .. } => opening::failed(turn, &failure.reason),
        Effect::ReviveRoom { .. } => opening::create_room(turn),
        Effect::Invite { .. } => turn.post_text(texts::ROOM_NOT_INVITED, &[("why", &failure.reason)]),
        Effect::ImportHistory { .. } => {
            turn.post_text(texts::ROOM_NOT_IMPORTED, &[("why", &failure.reason)]);
            opening::imported(turn, Past::default());
            gaps::not_imported(turn, failure);
        }
        Effect::Repair { side } => gaps::not_checked(turn, side, failure),
        Effect::Mirror { speaker, ts, .. } => failures::not_shown(turn, speaker, &ts, failure),
        Effect::Post { body, .. } if noting::is_note(&body) => failures::not_noted(turn, &body, failure),
        Effect::Say { words, .. } => failures::not_said(turn, quote(&words), failure),
        Effect::Carry { original, caption, files } => filing::failed(turn, original, caption, &files, failure),
        Effect::Share { original, caption, files } => {
            let files: Vec<Value> = files.iter().map(|file| json!({ "id": file.id, "title": file.title })).collect();
            filing::failed(turn, original, caption, &files, failure);
        }
        Effect::Update { original, copy, is_last, message } => {
            amending::not_updated(turn, &original, &copy, message, is_last, &failure.reason);
        }
        Effect::Withdraw { original: Original { by: Party::Room(_), .. }, .. } => {
            failures::tell(turn, texts::ROOM_NOT_WITHDRAWN, &[], failure);
        }
        Effect::React { by, name, added, .. } => amending::not_reacted(turn, &by, &name, added, &failure.reason),
        Effect::Callback { kind, .. } => failures::no_answer(turn, &kind, failure, true),
        Effect::Ticket { number, step } => ticketing::failed(turn, number, &step, failure),
        // Not in the room, most likely: then it is for all who are.
        Effect::Whisper { body, .. } => turn.post(body),
        Effect::PutCard { name, channel: Some(_), .. } => offering::not_shown(turn, &name, &failure.reason),
        Effect::KeepTranscript { .. } => {
            turn.post_text(texts::ROOM_NOT_KEPT, &[("why", &failure.reason)]);
        }
        Effect::Transcript { respond_to: Some(url), .. } => {
            turn.respond(&url, texts::ANSWER_TRANSCRIPT_FAILED, &[("why", &failure.reason)]);
        }
        Effect::ArchiveRoom { channel } => {
            turn.post_in(&channel, texts::ROOM_NOT_ARCHIVED, &[("why", &failure.reason)]);
            closing::archived(turn, &channel);
        }
        _ => {}
    }
}

/// An effect could not be carried out so far.
pub fn struggling(turn: &mut Turn<'_>, effect: &Effect, failure: &Failure) {
    gaps::out_of_reach(turn, effect);
    match effect {
        Effect::Callback { kind, .. } => failures::no_answer(turn, kind, failure, false),
        Effect::Say { words, .. } => failures::not_said_yet(turn, quote(words), failure),
        Effect::Carry { original: Original { by: Party::Room(_), .. }, caption, .. }
        | Effect::Share { original: Original { by: Party::Room(_), .. }, caption, .. } => {
            failures::not_said_yet(turn, caption.message["text"].as_str().unwrap_or("a file"), failure);
        }
        Effect::Update { original: Original { by: Party::Room(_), .. }, message, .. } => {
            failures::not_said_yet(turn, message["text"].as_str().unwrap_or_default(), failure);
        }
        Effect::Withdraw { original: Original { by: Party::Room(_), .. }, .. } => {
            failures::tell(turn, texts::ROOM_NOT_WITHDRAWN_YET, &[], failure);
        }
        _ => {}
    }
}

/// Somebody wants a failed delivery tried again. What was true of control then is not told when it is no longer so.
pub fn retry(turn: &mut Turn<'_>, by: Agent, effect: &Effect) {
    let current = turn.rules.control(&turn.conversation).epoch;
    if let Effect::Callback { body, .. } = effect
        && effect.is_urgent()
        && body["data"]["control"]["epoch"].as_i64() != Some(current)
    {
        let bot = &turn.rules.bot.name;
        return turn.refuse("stale_control", format!("Control has changed since, and {bot} is told of that instead."));
    }
    if let Effect::Ticket { number, step } = effect {
        ticketing::wanted_again(turn, *number, step);
    }
    turn.record("delivery.retried", &Actor::Agent(by), json!({ "effect": effect.name() }));
    turn.done(texts::ANSWER_RETRYING, &[]);
}

/// What words say, for those who want to know which ones they were.
fn quote(words: &Words) -> &str {
    match words {
        Words::Agent { message, .. } | Words::Bot { message, .. } => message["text"].as_str().unwrap_or_default(),
        Words::Service { template, .. } => template,
    }
}

/// The host has acknowledged a callback.
fn answered(turn: &mut Turn<'_>, kind: &str, body: &Value) {
    let in_room = matches!(turn.conversation.room, Room::Opening(_) | Room::Open(_));
    // An older change of control has been overtaken, and its card with it.
    let is_last = body["data"]["control"]["epoch"].as_i64() == Some(turn.conversation.told_epoch);
    match kind {
        "conversation.paused" | "conversation.unpaused" if in_room && is_last => {
            let by = cards::actor_of(&body["data"]["actor"]);
            let body = cards::control(&turn.conversation, turn.rules, &by, cards::Acknowledged::Yes);
            turn.then(Effect::UpdateControlCard { body });
        }
        "command.clear_context" => turn.post_text(texts::ROOM_FORGOTTEN, &[]),
        _ => {}
    }
}

fn retire_again(turn: &mut Turn<'_>, channel: String, name: &str) {
    let tried = naming::retired_tries(name) + 1;
    let base = name.rsplit_once("-closed-").map_or(name, |(base, _)| base);
    if tried < 20 {
        turn.then(Effect::RetireRoom { channel, name: naming::retired(base, turn.now, tried) });
    }
}
