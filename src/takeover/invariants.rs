//! What no sequence of events may break: random stories are played with the rules alone, effects carried out lane by lane,
//! well or badly, and every decision is looked at.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use super::conversation::{Actor, Agent, Conversation, Customer, Holder, Key, Profile, RoomChannel, Side};
use super::decide::{Decision, decide};
use super::effect::{Effect, Words};
use super::event::{Event, Failure, Past, Reaction, Receipt, Said, Speaker, Timer, Utterance};
use super::handoff::queue::Queues;
use super::relayed::{Copy, Uploaded};
use super::reminders;
use super::rules::{Rules, Switch};
use super::turn::Reply;
use crate::clock::after;
use crate::config::{self, Config, OnAgentMessage};

/// A step of a story.
#[derive(Debug, Clone, Copy)]
enum Step {
    Said(bool),
    Found { after_gap: bool },
    Resumed,
    ChangedInDm { known: bool, how: How },
    ChangedInRoom { which: Index, known: bool, how: How },
    Wrote { always_pause: bool },
    Stranger,
    Did,
    Open,
    Pause(bool),
    Unpause(bool),
    Close(bool),
    Keep,
    AlwaysPause,
    Gone { left: bool },
    Renamed,
    Moved,
    Shared,
    BotSays { knows: bool },
    Notice { to_one: bool },
    Do,
    ClearContext,
    Switch(bool),
    Retry(Index),
    Wait { minutes: u64 },
    Deliver { lane: Index, fate: Fate },
}

/// How a message changes.
#[derive(Debug, Clone, Copy)]
enum How {
    Edited,
    Streaming,
    Deleted,
    Reacted { added: bool },
}

/// How a delivery ends.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Well,
    Oddly,
    Badly(&'static str),
    Struggling,
}

fn step() -> impl Strategy<Value = Step> {
    let fate = prop_oneof![
        6 => Just(Fate::Well),
        2 => Just(Fate::Oddly),
        1 => prop::sample::select(vec!["is_archived", "channel_not_found", "unconfirmed", "missing_scope"]).prop_map(Fate::Badly),
        1 => Just(Fate::Struggling),
    ];
    let how = || {
        prop_oneof![
            2 => Just(How::Edited),
            1 => Just(How::Streaming),
            1 => Just(How::Deleted),
            1 => any::<bool>().prop_map(|added| How::Reacted { added }),
        ]
    };
    let minutes = prop::sample::select(vec![0, 1, 3, 4, 59, 60, 36 * 60, 100 * 60]);
    prop_oneof![
        20 => (any::<Index>(), fate).prop_map(|(lane, fate)| Step::Deliver { lane, fate }),
        4 => any::<bool>().prop_map(Step::Said),
        1 => any::<bool>().prop_map(|after_gap| Step::Found { after_gap }),
        1 => Just(Step::Resumed),
        3 => (any::<bool>(), how()).prop_map(|(known, how)| Step::ChangedInDm { known, how }),
        3 => (any::<Index>(), any::<bool>(), how())
            .prop_map(|(which, known, how)| Step::ChangedInRoom { which, known, how }),
        6 => any::<bool>().prop_map(|always_pause| Step::Wrote { always_pause }),
        3 => Just(Step::Open),
        3 => any::<bool>().prop_map(Step::Pause),
        3 => any::<bool>().prop_map(Step::Unpause),
        2 => any::<bool>().prop_map(Step::Close),
        2 => any::<bool>().prop_map(Step::Switch),
        2 => any::<bool>().prop_map(|knows| Step::BotSays { knows }),
        4 => minutes.prop_map(|minutes| Step::Wait { minutes }),
        1 => any::<Index>().prop_map(Step::Retry),
        1 => any::<bool>().prop_map(|left| Step::Gone { left }),
        1 => any::<bool>().prop_map(|to_one| Step::Notice { to_one }),
        1 => prop::sample::select(vec![
            Step::Stranger, Step::Did, Step::Keep, Step::AlwaysPause, Step::Renamed, Step::Moved, Step::Shared, Step::Do,
            Step::ClearContext,
        ]),
    ]
}

/// The world around the rules, as far as they can tell.
struct World {
    config: Config,
    can_unarchive: bool,
    switch: Switch,
    now: Timestamp,
    conversation: Conversation,
    lanes: BTreeMap<String, VecDeque<Effect>>,
    failed: Vec<Effect>,
    timers: BTreeMap<&'static str, Timestamp>,
    /// Numbers the messages of the agents.
    written: u32,
    /// Those that went out, in order.
    sent: Vec<u32>,
    rooms: u32,
}

impl World {
    fn new(mode: OnAgentMessage, can_unarchive: bool) -> Self {
        let mut config = config::example("", &["b"]);
        config.rooms.on_agent_message = mode;
        let key = Key { bot: "b".into(), team: "T1".into(), channel: "D1".into() };
        let customer = Customer { user_id: "U1".into(), profile: Profile::default() };
        Self {
            config,
            can_unarchive,
            switch: Switch::default(),
            now: Timestamp::from_second(1_700_000_000).unwrap(),
            conversation: Conversation::new("1".into(), key, customer),
            lanes: BTreeMap::new(),
            failed: Vec::new(),
            timers: BTreeMap::new(),
            written: 0,
            sent: Vec::new(),
            rooms: 0,
        }
    }

    fn ts(&self) -> String {
        format!("{}.000001", self.now.as_second())
    }

    fn rules(&self) -> Rules<'_> {
        Rules {
            bot: &self.config.bots[0],
            switch: self.switch,
            rooms: &self.config.rooms,
            reminders: &self.config.reminders,
            texts: &self.config.templates,
            slack_api: &self.config.slack.api_url,
            can_unarchive: self.can_unarchive,
            keeps_transcripts: true,
            webhooks: &self.config.webhooks,
            tracker: &self.config.tracker,
            queues: Queues(&[]),
            triggers: &self.config.rules,
            triage: &self.config.triage,
        }
    }

    fn play(&mut self, step: Step) {
        let agent = Agent { user_id: "U2".into(), name: "Jane".into() };
        let by = |is_agent| if is_agent { Actor::Agent(agent.clone()) } else { Actor::Bot };
        let reason = || "test".to_owned();
        let event = match step {
            Step::Wait { minutes } => return self.wait(Duration::from_mins(minutes)),
            Step::Deliver { lane, fate } => return self.deliver(lane, fate),
            Step::Retry(_) if self.failed.is_empty() => return,
            Step::Retry(which) => {
                let effect = self.failed.remove(which.index(self.failed.len()));
                let decision = self.happens(&Event::Retry { by: agent, effect: effect.clone() });
                if let Reply::Done(_) = decision.reply {
                    self.append(vec![effect]);
                }
                return;
            }
            Step::Switch(active) if self.switch.active == active => return,
            Step::Switch(active) => {
                self.switch = Switch { active, turns: self.switch.turns + 1 };
                Event::BotSwitched { active, by: Actor::Bot }
            }
            Step::Said(by_customer) => {
                let speaker = if by_customer { Speaker::Customer } else { Speaker::Bot };
                let message = json!({ "text": "said", "n": 1.50 });
                Event::Said(Said::new(speaker, self.ts(), Utterance::Message(message)))
            }
            Step::Found { after_gap } => {
                let message = json!({ "text": "missed" });
                let said = Said::new(Speaker::Customer, self.ts(), Utterance::Message(message));
                Event::Found { said, after_gap }
            }
            Step::Resumed => Event::Resumed,
            Step::ChangedInDm { known, how } => {
                let stamp = self.ts();
                let what = match how {
                    How::Edited => Utterance::Edited { message: json!({ "text": "edited" }), stamp },
                    How::Streaming => {
                        let message = json!({ "text": "more to", "streaming_state": "in_progress" });
                        if known { Utterance::Edited { message, stamp } } else { Utterance::Message(message) }
                    }
                    How::Deleted => Utterance::Deleted { files: vec!["F1".into()] },
                    How::Reacted { added } => {
                        Utterance::Reacted(Reaction { by: "U1".into(), name: "eyes".into(), added, stamp })
                    }
                };
                Event::Said(Said { known, ..Said::new(Speaker::Bot, self.ts(), what) })
            }
            Step::ChangedInRoom { .. } if self.written == 0 => return,
            Step::ChangedInRoom { which, known, how } => {
                let ts = (which.index(self.written as usize) + 1).to_string();
                let (stamp, message) = (self.ts(), json!({ "text": "rewritten" }));
                match how {
                    How::Edited | How::Streaming => {
                        Event::AgentEdited { agent, ts, message, stamp, always_pause: false }
                    }
                    How::Deleted => Event::AgentDeleted { ts, files: Vec::new(), recalled_by: known.then_some(agent) },
                    How::Reacted { added } => {
                        let reaction = Reaction { by: "U2".into(), name: "eyes".into(), added, stamp };
                        Event::AgentReacted { agent, ts, reaction }
                    }
                }
            }
            Step::Wrote { always_pause } => {
                self.written += 1;
                let message = json!({ "text": "written", "n": 1.50 });
                Event::AgentWrote { agent, ts: self.written.to_string(), message, always_pause }
            }
            Step::Stranger => Event::StrangerWrote,
            Step::Did => Event::AgentDid { agent, line: "a note".into() },
            Step::Open => Event::Open { by: by(true), respond_to: Some("http://respond".into()) },
            Step::Pause(is_agent) => Event::Pause { by: by(is_agent), reason: reason() },
            Step::Unpause(is_agent) => Event::Unpause { by: by(is_agent), reason: reason() },
            Step::Close(is_agent) => Event::Close { by: by(is_agent), reason: reason() },
            Step::Keep => Event::KeepPaused { by: agent },
            Step::AlwaysPause => Event::AlwaysPause { by: agent },
            Step::Gone { left } => {
                let channel = self.conversation.room_channel().map_or_else(String::new, |room| room.id.clone());
                Event::RoomGone { channel, left }
            }
            Step::Renamed => Event::RoomRenamed { name: "another-name".into() },
            Step::Moved => Event::RoomMoved { channel: "C999".into() },
            Step::Shared => Event::RoomShared,
            Step::BotSays { knows } => {
                let current = self.rules().control(&self.conversation).epoch;
                Event::BotSays { message: json!({ "text": "hi" }), epoch: if knows { current } else { current - 1 } }
            }
            Step::Notice { to_one } => Event::Notice { text: "psst".into(), agent_id: to_one.then(|| "U2".into()) },
            Step::Do => Event::Do { by: agent, text: "something".into() },
            Step::ClearContext => Event::ClearContext { by: agent },
        };
        self.happens(&event);
    }

    fn wait(&mut self, time: Duration) {
        self.now = after(self.now, time);
        // Late, and in any order, as after a time out of service.
        for timer in Timer::ALL {
            if self.timers.get(timer.as_str()).is_some_and(|due| *due <= self.now) {
                self.timers.remove(timer.as_str());
                self.happens(&Event::Due(timer));
            }
        }
    }

    fn deliver(&mut self, lane: Index, fate: Fate) {
        self.lanes.retain(|_, lane| !lane.is_empty());
        if self.lanes.is_empty() {
            return;
        }
        let name = self.lanes.keys().nth(lane.index(self.lanes.len())).unwrap().clone();
        let effect = self.lanes[&name][0].clone();
        let failure = |code: &str| Failure { reference: "7".into(), code: code.into(), reason: "reasons".into() };
        let event = match fate {
            Fate::Struggling => {
                self.happens(&Event::Struggling(effect, failure("no_answer")));
                return;
            }
            Fate::Badly(code) => {
                self.failed.push(effect.clone());
                Event::Failed(effect, failure(code))
            }
            Fate::Well | Fate::Oddly => {
                let receipt = self.receipt(&effect, matches!(fate, Fate::Well));
                Event::Done(effect, receipt)
            }
        };
        self.lanes.get_mut(&name).unwrap().pop_front();
        let behind = std::mem::take(self.lanes.get_mut(&name).unwrap());
        self.happens(&event);
        // What an effect became takes its place.
        self.lanes.get_mut(&name).unwrap().extend(behind);
    }

    fn receipt(&mut self, effect: &Effect, well: bool) -> Receipt {
        match effect {
            Effect::LearnCustomer => Receipt::Profile(Profile { name: "Phil".into(), ..Profile::default() }),
            Effect::CreateRoom { .. } | Effect::RetireRoom { .. } if !well => Receipt::NameTaken,
            Effect::CreateRoom { name } => {
                self.rooms += 1;
                Receipt::Room(RoomChannel { id: format!("C{}", self.rooms), name: name.clone() })
            }
            Effect::ReviveRoom { past } if well => {
                Receipt::Room(RoomChannel { id: past.id.clone(), name: past.name.clone() })
            }
            Effect::ReviveRoom { past } => Receipt::CannotRevive(past.clone()),
            Effect::Invite { .. } if !well => Receipt::NotInvited(vec!["Raj is a guest.".into()]),
            Effect::ImportHistory { .. } => {
                let message = |n: u32| json!({ "ts": format!("16999990{n}0.000001"), "user": "U1", "text": "before" });
                Receipt::History(Past { messages: (1..4).map(message).collect(), more: false, unread: 1 })
            }
            Effect::Mirror { .. } | Effect::Repair { .. } if !well => Receipt::Skipped,
            Effect::Repair { side: Side::Dm } => Receipt::History(Past { more: true, ..Past::default() }),
            Effect::Repair { side: Side::Room } => {
                Receipt::Overheard { team: "T2".into(), events: Vec::new(), missed: 1 }
            }
            Effect::Say { .. } if !well => Receipt::Done,
            Effect::Post { .. } | Effect::Mirror { .. } | Effect::Say { .. } | Effect::Share { .. } => {
                Receipt::Posted { ts: "1700000001.000001".into(), left_out: vec!["a block".into()] }
            }
            Effect::Amend { .. } => {
                let copy = |part| Copy { ts: format!("170000000{part}.000001"), part, is_caption: false };
                Receipt::Copies((0..if well { 2 } else { 0 }).map(copy).collect())
            }
            Effect::Carry { .. } if well => {
                let file = Uploaded { id: "F2".into(), title: Some("a file".into()) };
                Receipt::Carried { uploaded: vec![file], missed: Vec::new() }
            }
            Effect::Carry { .. } => Receipt::Carried { uploaded: Vec::new(), missed: vec!["a file".into()] },
            _ => Receipt::Done,
        }
    }

    fn append(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            self.lanes.entry(effect.lane(Some("1"))).or_default().push_back(effect);
        }
    }

    /// Lets the rules decide, looks at the decision, and takes it over.
    fn happens(&mut self, event: &Event) -> Decision {
        let before = self.conversation.clone();
        let decision = decide(before.clone(), event.clone(), self.rules(), self.now);
        self.one_change_of_control_is_one_epoch_and_one_callback(&before, event, &decision);
        self.what_an_agent_wrote_is_sent_once_or_held(&before, event, &decision);
        Self::the_bot_speaks_with_the_present_epoch_only(event, &decision);
        Self::everything_can_be_stored(&decision);
        self.each_side_is_looked_at_once_at_a_time(event, &decision);
        for change in &decision.timers {
            match change.due {
                Some(due) => self.timers.insert(change.timer.as_str(), due),
                None => self.timers.remove(change.timer.as_str()),
            };
        }
        self.conversation = decision.next.clone();
        self.append(decision.effects.clone());
        self.timers_are_never_late();
        decision
    }

    fn one_change_of_control_is_one_epoch_and_one_callback(
        &self,
        before: &Conversation,
        event: &Event,
        decision: &Decision,
    ) {
        let (old, new) = (before.control, decision.next.control);
        assert_eq!(new.epoch - old.epoch, i64::from(old.holder != new.holder), "{event:?}: {old:?} {new:?}");
        let switched = matches!(event, Event::BotSwitched { .. }) && old.holder != Holder::Human;
        let told: Vec<_> = decision.effects.iter().filter(|effect| effect.is_urgent()).collect();
        assert_eq!(told.len(), usize::from(old.holder != new.holder || switched), "{event:?}");
        for effect in told {
            let Effect::Callback { kind, body } = effect else { unreachable!() };
            let current = self.rules().control(&decision.next);
            assert_eq!(body["data"]["control"], current.to_json());
            assert_eq!(kind == "conversation.paused", current.paused, "{event:?}");
        }
    }

    fn what_an_agent_wrote_is_sent_once_or_held(&mut self, before: &Conversation, event: &Event, decision: &Decision) {
        let number = |ts: &String| ts.parse::<u32>().unwrap();
        let held =
            |conversation: &Conversation| conversation.held.iter().map(|held| number(&held.ts)).collect::<Vec<_>>();
        let mut sent = Vec::new();
        // What became of a copy is another matter: an edit that is refused is said anew.
        let of_a_copy = matches!(
            event,
            Event::Failed(Effect::Update { .. }, _) | Event::Done(Effect::Amend { .. } | Effect::Carry { .. }, _)
        );
        for effect in decision.effects.iter().filter(|_| !of_a_copy) {
            if let Effect::Say { words: Words::Agent { ts, .. }, .. } = effect {
                sent.push(number(ts));
            }
        }
        let (was_held, is_held) = (held(before), held(&decision.next));
        let written = match event {
            Event::AgentWrote { ts, .. } => Some(number(ts)),
            _ => None,
        };
        for number in &sent {
            assert!(was_held.contains(number) || written == Some(*number), "{number} is no agent's message: {event:?}");
        }
        if let Some(written) = written {
            let wanted = before.is_watched() && before.room_channel().is_some();
            let times = sent.iter().chain(&is_held).filter(|number| **number == written).count();
            assert_eq!(times, usize::from(wanted), "{event:?}");
        }
        self.sent.extend(sent);
        assert!(self.sent.is_sorted_by(|one, next| one < next), "in order, and none twice: {:?}", self.sent);
        assert!(is_held.iter().all(|number| !self.sent.contains(number)), "held and sent");
    }

    fn the_bot_speaks_with_the_present_epoch_only(event: &Event, decision: &Decision) {
        let said = decision
            .effects
            .iter()
            .filter(|effect| matches!(effect, Effect::Say { words: Words::Bot { .. }, .. }))
            .count();
        let wanted = matches!(event, Event::BotSays { .. }) && matches!(decision.reply, Reply::Done(_));
        assert_eq!(said, usize::from(wanted), "{event:?}");
    }

    /// Calls for the history are scarce.
    fn each_side_is_looked_at_once_at_a_time(&self, event: &Event, decision: &Decision) {
        let waiting = self.lanes.values().flatten().chain(&decision.effects);
        let mut sides: Vec<Side> = Vec::new();
        for effect in waiting {
            if let Effect::Repair { side } = effect {
                assert!(!sides.contains(side), "{event:?}");
                sides.push(*side);
            }
        }
    }

    fn everything_can_be_stored(decision: &Decision) {
        let stored = serde_json::to_string(&decision.next).unwrap();
        assert_eq!(serde_json::from_str::<Conversation>(&stored).unwrap(), decision.next);
        let stored = serde_json::to_string(&decision.effects).unwrap();
        assert_eq!(serde_json::from_str::<Vec<Effect>>(&stored).unwrap(), decision.effects);
    }

    fn timers_are_never_late(&self) {
        for timer in Timer::ALL {
            let wanted = reminders::wanted(&self.conversation, &self.rules(), timer);
            let armed = self.timers.get(timer.as_str());
            assert_eq!(wanted.is_some(), armed.is_some(), "{timer:?}");
            assert!(wanted >= armed.copied(), "{timer:?} is wanted at {wanted:?} and armed for {armed:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_story_breaks_the_rules(
        steps in prop::collection::vec(step(), 0..80),
        mode in prop::sample::select(vec![OnAgentMessage::Remind, OnAgentMessage::Pause, OnAgentMessage::Hold]),
        can_unarchive in any::<bool>(),
    ) {
        let mut world = World::new(mode, can_unarchive);
        for step in steps {
            world.play(step);
        }
        // However it went: what everybody forgets heals.
        world.wait(Duration::from_hours(24 * 365));
        prop_assert_eq!(world.conversation.control.holder, Holder::Bot);
    }
}
