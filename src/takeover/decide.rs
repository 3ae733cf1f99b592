//! The rules in one place: every event, and the page that deals with it.

use jiff::Timestamp;
use serde_json::json;

use crate::config::texts;

use super::conversation::{Actor, Conversation, Room};
use super::effect::Effect;
use super::event::{Event, Said};
use super::handoff::state::Handoff;
use super::handoff::{self, hearing, requesting};
use super::home::Face;
use super::publishing::Published;
use super::reminders::{self, Arm};
use super::rules::Rules;
use super::triggers::{self, leaving};
use super::turn::{Record, Reply, Turn};
use super::{
    amending, closing, control, failures, gaps, mirroring, noting, opening, outcome, speaking, ticketing, triage,
};

/// What an event comes to.
#[derive(Debug)]
pub struct Decision {
    /// The conversation afterwards.
    pub next: Conversation,
    /// What is to be done, in order.
    pub effects: Vec<Effect>,
    /// What endpoints are told of, in order.
    pub published: Vec<Published>,
    /// What is written into the journal.
    pub journal: Vec<Record>,
    /// The newest handoff, where it has changed.
    pub handoff: Option<Box<Handoff>>,
    /// Which timers change.
    pub timers: Vec<Arm>,
    /// Whether agents see something else of it on their Home.
    pub changes_home: bool,
    /// What the one who asked is told.
    pub reply: Reply,
}

/// Decides what an event means for a conversation.
#[must_use]
pub fn decide(conversation: Conversation, event: Event, rules: Rules<'_>, now: Timestamp) -> Decision {
    let before = conversation.handoff.clone();
    let (card, face) = (triage::card(&conversation, &rules), Face::of(&conversation));
    let mut turn = Turn::new(conversation, rules, now);
    take(&mut turn, event);
    triage::show(&mut turn, card.as_ref());
    let timers = reminders::arm(&mut turn.conversation, &turn.rules);
    let handoff = if turn.conversation.handoff == before { None } else { turn.conversation.handoff.clone() };
    let Turn { conversation: next, effects, published, journal, reply, .. } = turn;
    let changes_home = Face::of(&next) != face;
    Decision { next, effects, published, journal, handoff, timers, changes_home, reply }
}

fn take(turn: &mut Turn<'_>, event: Event) {
    match event {
        Event::Said(said) => heard(turn, said),
        Event::Found { said, after_gap } => mirroring::found(turn, said, after_gap),
        Event::AgentWrote { agent, ts, message, always_pause } => {
            speaking::agent_wrote(turn, &agent, ts, message, always_pause);
        }
        Event::AgentEdited { agent, ts, message, .. } => amending::edited_in_room(turn, &agent, &ts, message),
        Event::AgentDeleted { ts, files, recalled_by } => amending::deleted_in_room(turn, &ts, files, recalled_by),
        Event::AgentReacted { agent, ts, reaction } => amending::reacted_in_room(turn, agent, ts, reaction),
        Event::StrangerWrote => turn.post_text(texts::ROOM_STRANGER, &[]),
        Event::AgentDid { agent, line } => {
            let body = super::cards::line(&line);
            turn.then(Effect::Whisper { agent: agent.user_id, body });
        }
        Event::Open { by, respond_to } => opening::open(turn, &by, respond_to),
        Event::Pause { by, reason } => control::pause(turn, &by, &reason),
        Event::Unpause { by, reason } => control::unpause(turn, &by, &reason),
        Event::HandOff { source, request } => requesting::ask(turn, source, *request),
        Event::Step { handoff, by, step } => handoff::step(turn, handoff.as_deref(), &by, &step),
        Event::Begun { words } => triage::begun(turn, words),
        Event::Triage { by, step } => triage::step(turn, &by, step),
        Event::Close { by, reason } => closing::close(turn, &by, &reason),
        Event::Erase { by } => closing::erase(turn, &by),
        Event::Transcript { by, respond_to } => {
            turn.record("transcript.made", &Actor::Agent(by.clone()), json!({}));
            turn.then(Effect::Transcript { by, respond_to });
            turn.done(texts::ANSWER_TRANSCRIPT, &[]);
        }
        Event::KeepPaused { by } => control::keep_paused(turn, &by),
        Event::AlwaysPause { by } => {
            let by = Actor::Agent(by);
            turn.record("agent.always_pause", &by, json!({}));
            control::pause(turn, &by, "always_pause");
        }
        Event::RoomGone { channel, left } => {
            closing::room_gone(turn, &channel, if left { "app_removed" } else { "room_archived" });
        }
        Event::RoomRenamed { name } => {
            if let Room::Open(channel) = &mut turn.conversation.room {
                channel.name = name;
            }
        }
        Event::RoomMoved { channel: id } => {
            if let Room::Open(channel) = &mut turn.conversation.room {
                channel.id = id;
            }
        }
        Event::RoomShared => {
            if let Room::Open(room) = turn.conversation.room.clone() {
                turn.post_in(&room.id, texts::ROOM_SHARED, &[]);
                closing::room_gone(turn, &room.id, "room_shared");
            }
        }
        Event::BotSays { message, epoch } => speaking::bot_says(turn, message, epoch),
        Event::Notice { text, agent_id } => speaking::notice(turn, &text, agent_id),
        Event::Note { by, thread, text } => noting::note(turn, &by, &thread, &text),
        Event::Do { by, text } => {
            let by = Actor::Agent(by);
            turn.call_host("command.do", &by, &[("text", json!(text))]);
            turn.record("command.do", &by, json!({}));
            turn.done(texts::ANSWER_DO, &[]);
        }
        Event::ClearContext { by } => {
            let by = Actor::Agent(by);
            turn.call_host("command.clear_context", &by, &[]);
            turn.record("command.clear_context", &by, json!({}));
            turn.done(texts::ANSWER_CLEAR_CONTEXT, &[]);
        }
        Event::BotSwitched { active, by } => control::switched(turn, active, &by),
        Event::TokenLost => failures::token_lost(turn),
        Event::Ticket { number, change } => ticketing::changed(turn, number, &change),
        Event::Retry { by, effect } => outcome::retry(turn, by, &effect),
        Event::Resumed => gaps::resumed(turn),
        Event::Due(timer) => reminders::due(turn, timer),
        Event::Done(effect, receipt) => outcome::done(turn, effect, receipt),
        Event::Failed(effect, failure) => outcome::failed(turn, effect, &failure),
        Event::Struggling(effect, failure) => outcome::struggling(turn, &effect, &failure),
    }
}

/// Somebody said or did something in the DM: it is shown first, and then is done what it asks for.
fn heard(turn: &mut Turn<'_>, said: Said) {
    if leaving::said(turn, &said) {
        return;
    }
    let fired = triggers::look(turn, &said);
    hearing::said(turn, &said);
    mirroring::said(turn, said);
    triggers::act(turn, fired);
}
