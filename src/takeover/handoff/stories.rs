//! Random stories of several people who ask, pick, decline, transfer and close, held against a model that a child would
//! understand: nobody, somebody who waits, or one who helps.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::json;

use super::Step as Act;
use super::queue::{Allocation, Queue, Queues};
use super::state::{Request, Source, State};
use crate::clock::after;
use crate::config::{self, Config};
use crate::takeover::conversation::{Actor, Agent, Conversation, Customer, Holder, Key, Profile, Room, RoomChannel};
use crate::takeover::decide::{Decision, decide};
use crate::takeover::effect::Effect;
use crate::takeover::event::{Event, Failure, Past, Receipt, Said, Speaker, Timer, Utterance};
use crate::takeover::reminders;
use crate::takeover::rules::{Rules, Switch};
use crate::takeover::turn::Reply;

/// Who helps the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Model {
    /// Nobody was asked for, or it is over.
    Nobody,
    /// Somebody is waited for; who gave it away still helps.
    Waits { given_by: Option<String> },
    /// This agent helps.
    Helps(String),
}

#[derive(Debug, Clone)]
enum Move {
    Ask { queue: Option<&'static str>, who: usize },
    Act { act: Act, agent: usize },
    ActLate { act: Act, agent: usize },
    Pause(usize),
    Unpause(usize),
    Close(usize),
    Open(usize),
    Speaks(bool),
    Wait { minutes: u64 },
    RoomsFail(bool),
    CardsFail(bool),
}

fn moves() -> impl Strategy<Value = Move> {
    let queue = prop::sample::select(vec![None, Some("support"), Some("billing"), Some("nowhere")]);
    let act = || {
        prop_oneof![
            6 => Just(Act::Pick),
            2 => Just(Act::Decline),
            2 => Just(Act::TakeOver),
            1 => Just(Act::NotARequest),
            1 => Just(Act::Spam),
            2 => Just(Act::NotSpam),
            1 => Just(Act::Cancel),
            4 => prop::sample::select(vec!["support", "billing", "nowhere"])
                .prop_map(|queue| Act::Transfer { queue: queue.to_owned(), note: String::new() }),
            2 => Just(Act::HandBack { note: "done".to_owned() }),
        ]
    };
    let agent = || 0..3_usize;
    let minutes = prop::sample::select(vec![0, 1, 5, 16, 60, 40 * 60]);
    prop_oneof![
        6 => (queue, 0..4_usize).prop_map(|(queue, who)| Move::Ask { queue, who }),
        10 => (act(), agent()).prop_map(|(act, agent)| Move::Act { act, agent }),
        2 => (act(), agent()).prop_map(|(act, agent)| Move::ActLate { act, agent }),
        1 => agent().prop_map(Move::Pause),
        1 => agent().prop_map(Move::Unpause),
        2 => agent().prop_map(Move::Close),
        1 => agent().prop_map(Move::Open),
        2 => any::<bool>().prop_map(Move::Speaks),
        4 => minutes.prop_map(|minutes| Move::Wait { minutes }),
        1 => any::<bool>().prop_map(Move::RoomsFail),
        1 => any::<bool>().prop_map(Move::CardsFail),
    ]
}

struct World {
    config: Config,
    queues: Vec<Queue>,
    now: Timestamp,
    conversation: Conversation,
    timers: Vec<(Timer, Timestamp)>,
    model: Model,
    rooms_fail: bool,
    cards_fail: bool,
    told: usize,
}

fn agent(number: usize) -> Agent {
    Agent { user_id: format!("U{number}"), name: format!("Agent {number}") }
}

impl World {
    fn new() -> Self {
        let config = config::example("", &["b"]);
        let queue = |label: &str, then: &str| Queue {
            label: label.to_owned(),
            channel: format!("C{label}"),
            is_default: label == "support",
            members: Vec::new(),
            priority_group: vec!["U0".to_owned()],
            widen_after: Duration::from_mins(2),
            accept_within: Duration::from_mins(15),
            then: then.to_owned(),
            accept_target: Duration::from_mins(4),
            response_target: Duration::from_mins(6),
            hours: None,
            digest: String::new(),
            allocation: Allocation::Manual,
        };
        let key = Key { bot: "b".into(), team: "T1".into(), channel: "D1".into() };
        let customer = Customer { user_id: "U9".into(), profile: Profile::default() };
        Self {
            config,
            queues: vec![queue("support", "billing"), queue("billing", "")],
            now: Timestamp::from_second(1_700_000_000).unwrap(),
            conversation: Conversation::new("1".into(), key, customer),
            timers: Vec::new(),
            model: Model::Nobody,
            rooms_fail: false,
            cards_fail: false,
            told: 0,
        }
    }

    fn rules(&self) -> Rules<'_> {
        Rules {
            bot: &self.config.bots[0],
            switch: Switch::default(),
            rooms: &self.config.rooms,
            reminders: &self.config.reminders,
            texts: &self.config.templates,
            slack_api: &self.config.slack.api_url,
            can_unarchive: false,
            keeps_transcripts: false,
            queues: Queues(&self.queues),
            webhooks: &self.config.webhooks,
            tracker: &self.config.tracker,
            triggers: &self.config.rules,
            triage: &self.config.triage,
        }
    }

    fn play(&mut self, what: Move) {
        let by = |number| Actor::Agent(agent(number));
        let reason = || "command".to_owned();
        let newest = self.conversation.handoff.as_ref().map(|handoff| handoff.id.clone());
        let event = match what {
            Move::RoomsFail(fail) => return self.rooms_fail = fail,
            Move::CardsFail(fail) => return self.cards_fail = fail,
            Move::Wait { minutes } => return self.wait(Duration::from_mins(minutes)),
            Move::Ask { queue, who } => {
                let source = match who {
                    0 => Source::Bot,
                    1 => Source::Customer,
                    2 => Source::Rule { name: "rule".into() },
                    _ => Source::Agent { agent: agent(0) },
                };
                let request = Request { queue: queue.map(str::to_owned), ..Request::default() };
                Event::HandOff { source, request: Box::new(request) }
            }
            Move::Act { act, agent } => Event::Step { handoff: newest, by: by(agent), step: act },
            Move::ActLate { act, agent } => Event::Step { handoff: Some("1.0".into()), by: by(agent), step: act },
            Move::Pause(number) => Event::Pause { by: by(number), reason: reason() },
            Move::Unpause(number) => Event::Unpause { by: by(number), reason: reason() },
            Move::Close(number) => Event::Close { by: by(number), reason: reason() },
            Move::Open(number) => Event::Open { by: by(number), respond_to: None },
            Move::Speaks(true) => {
                let message = json!({ "ts": "1700000000.000001", "text": "hello" });
                Event::Said(Said::new(Speaker::Customer, "1700000000.000001".into(), Utterance::Message(message)))
            }
            Move::Speaks(false) => Event::AgentWrote {
                agent: agent(1),
                ts: "1700000000.000002".into(),
                message: json!({ "ts": "1700000000.000002", "text": "hi" }),
                always_pause: false,
            },
        };
        let before = self.conversation.clone();
        let reply = self.happens(event.clone());
        self.expect(&before, &event, &reply);
    }

    /// What a child would expect, of those events of which it would expect something.
    fn expect(&mut self, before: &Conversation, event: &Event, reply: &Reply) {
        let refused = matches!(reply, Reply::Refused { .. });
        if let Event::Step { step: Act::Pick, by, .. } = event {
            let agent = by.as_agent().unwrap();
            match &self.model {
                Model::Helps(other) if *other != agent.user_id && before.open_handoff().is_some() => {
                    assert!(refused, "{} picks from {other}: {reply:?}", agent.user_id);
                    assert_eq!(before.handoff, self.conversation.handoff, "a refused pick changes nothing");
                }
                Model::Waits { .. } if !refused && !self.rooms_fail => {
                    assert_eq!(self.model_now(), Model::Helps(agent.user_id.clone()));
                }
                _ => {}
            }
        }
        if refused {
            assert_eq!(self.model_now(), model(before), "what is refused changes nothing: {event:?} {reply:?}");
        }
        self.model = self.model_now();
    }

    fn model_now(&self) -> Model {
        model(&self.conversation)
    }

    fn happens(&mut self, event: Event) -> Reply {
        let decision = decide(self.conversation.clone(), event, self.rules(), self.now);
        self.take(decision)
    }

    /// Takes a decision in, and carries out all that follows.
    fn take(&mut self, decision: Decision) -> Reply {
        let mut waiting: VecDeque<Effect> = VecDeque::new();
        let reply = self.keep(decision, &mut waiting);
        while let Some(effect) = waiting.pop_front() {
            let failure = |code: &str| Failure { reference: "r".into(), code: code.into(), reason: "no".into() };
            let channel = RoomChannel { id: "C1".into(), name: "cs-u9".into() };
            let event = match &effect {
                Effect::LearnCustomer => Event::Done(effect.clone(), Receipt::Profile(Profile::default())),
                Effect::CreateRoom { .. } if self.rooms_fail => {
                    Event::Failed(effect.clone(), failure("restricted_action"))
                }
                Effect::CreateRoom { .. } => Event::Done(effect.clone(), Receipt::Room(channel)),
                Effect::ImportHistory { .. } => Event::Done(effect.clone(), Receipt::History(Past::default())),
                Effect::PutCard { channel: Some(_), .. } if self.cards_fail => {
                    Event::Failed(effect.clone(), failure("channel_not_found"))
                }
                Effect::Say { .. } => {
                    self.told += 1;
                    Event::Done(effect.clone(), Receipt::Done)
                }
                _ => Event::Done(effect.clone(), Receipt::Done),
            };
            let decision = decide(self.conversation.clone(), event, self.rules(), self.now);
            self.keep(decision, &mut waiting);
        }
        reply
    }

    fn keep(&mut self, decision: Decision, waiting: &mut VecDeque<Effect>) -> Reply {
        let before = std::mem::replace(&mut self.conversation, decision.next);
        assert!(before.control.epoch <= self.conversation.control.epoch);
        for reminders::Arm { timer, due } in decision.timers {
            self.timers.retain(|(armed, _)| *armed != timer);
            self.timers.extend(due.map(|due| (timer, due)));
        }
        waiting.extend(decision.effects);
        self.is_right();
        decision.reply
    }

    fn wait(&mut self, time: Duration) {
        let end = after(self.now, time);
        loop {
            let next = self.timers.iter().copied().min_by_key(|(_, due)| *due).filter(|(_, due)| *due <= end);
            let Some((timer, due)) = next else { break };
            self.timers.retain(|(armed, _)| *armed != timer);
            self.now = self.now.max(due);
            self.happens(Event::Due(timer));
        }
        self.now = end;
        self.model = self.model_now();
    }

    /// What holds at every moment.
    fn is_right(&self) {
        let conversation = &self.conversation;
        let open = conversation.open_handoff();
        if let Some(handoff) = &conversation.handoff {
            assert_eq!(handoff.ended_at.is_some(), handoff.state.is_over(), "{handoff:?}");
            assert_eq!(!handoff.end_reason.is_empty(), handoff.state.is_over(), "always a reason: {handoff:?}");
            assert!(handoff.state != State::Accepted || handoff.assignee.is_some(), "{handoff:?}");
        }
        // Nobody waits for somebody who was not asked.
        assert!(conversation.control.holder != Holder::Pending || open.is_some(), "{conversation:?}");
        // Nobody is handled by two.
        if let Some(handoff) = open.filter(|handoff| handoff.state == State::Accepted) {
            assert_eq!(handoff.assignee.as_ref(), conversation.handler.as_ref(), "one handles the customer");
            assert_eq!(conversation.control.holder, Holder::Human, "{conversation:?}");
        }
        // Whoever waits is remembered by a timer, whatever else is lost.
        if open.is_some_and(|handoff| handoff.state.is_waiting()) {
            assert!(self.timers.iter().any(|(timer, _)| *timer == Timer::Handoff), "{conversation:?}");
        }
    }
}

fn model(conversation: &Conversation) -> Model {
    let handler = conversation.handler.as_ref().map(|agent| agent.user_id.clone());
    match conversation.open_handoff() {
        Some(handoff) if handoff.state.is_waiting() => {
            Model::Waits { given_by: handoff.assignee.as_ref().map(|agent| agent.user_id.clone()) }
        }
        _ => handler.map_or(Model::Nobody, Model::Helps),
    }
}

proptest! {
    #[test]
    fn no_story_strands_the_customer(moves in prop::collection::vec(moves(), 1..40)) {
        let mut world = World::new();
        for one in moves {
            world.play(one);
        }
        // Everybody goes home: the bot has the customer back, and whatever was open has ended.
        world.wait(Duration::from_hours(100));
        prop_assert_eq!(world.conversation.control.holder, Holder::Bot);
        prop_assert!(world.conversation.open_handoff().is_none());
        prop_assert_eq!(&world.conversation.room, &Room::None);
        // And somebody can be asked for again.
        world.rooms_fail = false;
        world.cards_fail = false;
        let agent = agent(2);
        world.happens(Event::Step { handoff: None, by: Actor::Agent(agent.clone()), step: Act::NotSpam });
        world.wait(Duration::from_hours(1));
        world.happens(Event::HandOff { source: Source::Bot, request: Box::default() });
        world.happens(Event::Step { handoff: None, by: Actor::Agent(agent.clone()), step: Act::Pick });
        prop_assert_eq!(world.model_now(), Model::Helps(agent.user_id));
    }
}
