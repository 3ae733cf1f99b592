//! From one side to the other: where the copies of a message are, and what is done to them there.

use serde_json::{Value, json};

use crate::config::Delivery as Way;
use crate::relay::{Delivery, Traces};
use crate::render::{mirror, thread};
use crate::store::copies::{self, Place};
use crate::store::uploads::{self, FilePlace};
use crate::takeover::conversation::{Conversation, Side};
use crate::takeover::effect::{Effect, Words};
use crate::takeover::event::Receipt;
use crate::takeover::relayed::{Copy, Original, Party};

use super::dm::Composed;
use super::errand::{Errand, Obstacle};
use super::method::Method;
use super::outcome::Class;
use super::tools::{Account, Tools};

/// One side of a conversation.
#[derive(Debug, Clone)]
pub(super) struct Shore {
    /// The workspace.
    pub team: String,
    /// The channel.
    pub channel: String,
}

impl Shore {
    /// A message on this side.
    pub(super) fn place<'a>(&'a self, ts: &'a str) -> Place<'a> {
        Place { team: &self.team, channel: &self.channel, ts }
    }

    /// The same, to be kept.
    pub(super) fn spot(&self, ts: &str) -> [String; 3] {
        [self.team.clone(), self.channel.clone(), ts.to_owned()]
    }
}

/// Something on its way from one side to the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Crossing<'a> {
    /// The try.
    pub errand: Errand<'a>,
    /// The conversation.
    pub conversation: &'a Conversation,
    /// Where it comes from.
    pub from: Side,
    /// That side.
    pub source: &'a Shore,
    /// The other side.
    pub target: &'a Shore,
}

impl Tools {
    /// Carries out an effect that goes from one side to the other.
    pub(super) async fn cross(&self, errand: Errand<'_>, conversation: &Conversation) -> Result<Delivery, Obstacle> {
        let Some(from) = errand.entry.effect.crosses_from() else { return Ok(errand.done(Receipt::Skipped)) };
        let (Some(source), Some(target)) =
            (self.shore(conversation, from).await?, self.shore(conversation, across(from)).await?)
        else {
            return Ok(errand.done(Receipt::Skipped));
        };
        let crossing = Crossing { errand, conversation, from, source: &source, target: &target };
        match &errand.entry.effect {
            Effect::Carry { original, caption, files } => self.carry(crossing, original, caption, files).await,
            Effect::Share { original, caption, files } => self.show(crossing, original, caption, files).await,
            Effect::Amend { original, .. } => self.find_copies(crossing, original).await,
            Effect::Update { original, copy, is_last, message } => {
                match self.rewritten(conversation, original, copy, *is_last, message).await? {
                    Composed::Body(body) => self.update_copy(crossing, copy, body).await,
                    Composed::Nothing => Ok(errand.done(Receipt::Skipped)),
                    Composed::Withheld { code, reason } => Ok(errand.failed(code, reason)),
                }
            }
            Effect::Withdraw { copy, .. } => self.withdraw(crossing, copy).await,
            Effect::DeleteFile { file, .. } => self.delete_file(crossing, file).await,
            Effect::React { ts, name, added, .. } => self.react(crossing, ts, name, *added).await,
            _ => Ok(errand.done(Receipt::Skipped)),
        }
    }

    /// One side of a conversation; the room's only while there is one.
    pub(super) async fn shore(&self, conversation: &Conversation, side: Side) -> Result<Option<Shore>, Obstacle> {
        let key = &conversation.key;
        Ok(match (side, conversation.room_channel()) {
            (Side::Dm, _) => Some(Shore { team: key.team.clone(), channel: key.channel.clone() }),
            (Side::Room, Some(room)) => {
                Some(Shore { team: self.hub().await?.team_id.clone(), channel: room.id.clone() })
            }
            (Side::Room, None) => None,
        })
    }

    /// The account that acts on the other side.
    pub(super) async fn account_there(&self, crossing: Crossing<'_>) -> Result<Account, Obstacle> {
        let key = &crossing.conversation.key;
        match crossing.from {
            Side::Dm => Ok(self.hub_account()),
            Side::Room => self.customer_account(&key.bot, &key.team).await,
        }
    }

    /// Marks an agent's message as delivered. A mark that cannot be given is not worth a word.
    pub(super) async fn mark(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        ts: &str,
        name: &str,
    ) -> Result<Delivery, Obstacle> {
        const TRIES: u32 = 5;
        let Some(room) = conversation.room_channel() else { return Ok(errand.done(Receipt::Skipped)) };
        let body = json!({ "channel": room.id, "timestamp": ts, "name": name });
        match self.call(&self.hub_account(), Method::REACTIONS_ADD, &body).await {
            Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() || errand.entry.attempts >= TRIES => {
                Ok(errand.done(Receipt::Skipped))
            }
            Err(obstacle) => Err(obstacle),
            Ok(_) => Ok(errand.done(Receipt::Done)),
        }
    }

    /// The copies of a message; nothing of one of the service's own, which nobody on the other side was meant to see.
    async fn find_copies(&self, crossing: Crossing<'_>, original: &Original) -> Result<Delivery, Obstacle> {
        let (db, place) = (&self.relay.db, crossing.source.place(&original.ts));
        if copies::is_ours(db, place).await? && !copies::is_relayed(db, place).await? {
            return Ok(crossing.errand.done(Receipt::Skipped));
        }
        Ok(crossing.errand.done(Receipt::Copies(copies::of(db, place, &crossing.target.channel).await?)))
    }

    /// What a copy reads now.
    async fn rewritten(
        &self,
        conversation: &Conversation,
        original: &Original,
        copy: &Copy,
        is_last: bool,
        message: &Value,
    ) -> Result<Composed, Obstacle> {
        if copy.is_caption {
            return Ok(match self.caption(conversation, &original.by, message).await? {
                Ok(text) => Composed::Body(json!({ "text": text })),
                Err(withheld) => withheld,
            });
        }
        match &original.by {
            Party::Dm(speaker) => {
                let names = self.names_in_dm(conversation, message).await;
                let speaker = self.speaker(conversation, *speaker)?;
                let mut body = mirror::post(message, &speaker, &names);
                if copy.part == 0
                    && let Some(line) = self.reference(conversation, &original.ts, message).await?
                {
                    thread::refer(&mut body, &line);
                }
                mirror::edited(&mut body, &speaker);
                Ok(Composed::Body(body))
            }
            Party::Room(agent) => {
                let (agent, ts, message) = (agent.clone(), original.ts.clone(), message.clone());
                let words = Words::Agent { agent, ts, part: copy.part, is_last, message };
                self.compose(conversation, &words).await
            }
        }
    }

    async fn update_copy(&self, crossing: Crossing<'_>, copy: &Copy, mut body: Value) -> Result<Delivery, Obstacle> {
        body["channel"] = json!(crossing.target.channel);
        body["ts"] = json!(copy.ts);
        if body.get("attachments").is_none() && !copy.is_caption {
            // What is not given stays.
            body["attachments"] = json!([]);
        }
        self.change(crossing, Method::CHAT_UPDATE, "message.agent_changed", body).await
    }

    async fn withdraw(&self, crossing: Crossing<'_>, copy: &Copy) -> Result<Delivery, Obstacle> {
        let body = json!({ "channel": crossing.target.channel, "ts": copy.ts });
        let mut delivery = self.change(crossing, Method::CHAT_DELETE, "message.agent_deleted", body).await?;
        if delivery.end.is_done() {
            delivery.traces = Traces { deleted: vec![crossing.target.spot(&copy.ts)], ..Traces::default() };
        }
        Ok(delivery)
    }

    /// Deletes the copies of a file. What cannot be deleted was shown in a message that is gone.
    async fn delete_file(&self, crossing: Crossing<'_>, file: &str) -> Result<Delivery, Obstacle> {
        let Crossing { errand, source, target, .. } = crossing;
        let copies = uploads::of(&self.relay.db, FilePlace { team: &source.team, file }, &target.team).await?;
        if copies.is_empty() {
            return Ok(errand.done(Receipt::Skipped));
        }
        let account = self.account_there(crossing).await?;
        for copy in copies {
            match self.call(&account, Method::FILES_DELETE, &json!({ "file": copy })).await {
                Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => {}
                Err(obstacle) => return Err(obstacle),
                Ok(_) => {}
            }
        }
        Ok(errand.done(Receipt::Done))
    }

    async fn react(&self, crossing: Crossing<'_>, ts: &str, name: &str, added: bool) -> Result<Delivery, Obstacle> {
        let Crossing { errand, from, source, target, .. } = crossing;
        let Some(twin) = copies::twin(&self.relay.db, source.place(ts), &target.channel).await? else {
            return Ok(errand.done(Receipt::Skipped));
        };
        if from == Side::Dm && twin.is_source && name == self.relay.config.rooms.delivered {
            return Ok(errand.failed("taken", "it says that a message was delivered"));
        }
        let (method, kind) = if added {
            (Method::REACTIONS_ADD, "message.agent_reacted")
        } else {
            (Method::REACTIONS_REMOVE, "message.agent_unreacted")
        };
        let body = json!({ "channel": target.channel, "timestamp": twin.ts, "name": name });
        match self.change(crossing, method, kind, body).await {
            // The message is gone, or takes no more: nobody misses it.
            Err(Obstacle::Refused(refusal))
                if matches!(refusal.code.as_str(), "message_not_found" | "thread_locked") =>
            {
                Ok(errand.done(Receipt::Skipped))
            }
            other => other,
        }
    }

    /// Changes something on the other side; in the DM the bot may do so itself, by the callback of this kind.
    async fn change(
        &self,
        crossing: Crossing<'_>,
        method: Method,
        kind: &str,
        body: Value,
    ) -> Result<Delivery, Obstacle> {
        let Crossing { errand, conversation, from, .. } = crossing;
        if from == Side::Room && self.bot(conversation)?.delivery == Way::Callback {
            return self.change_by_callback(errand, conversation, kind, body).await;
        }
        let account = self.account_there(crossing).await?;
        match self.publish(&account, method, body, across(from)).await {
            Err(Obstacle::Refused(refusal)) if refusal.class == Class::Done => Ok(errand.done(Receipt::Done)),
            Err(obstacle) => Err(obstacle),
            Ok(_) => Ok(errand.done(Receipt::Done)),
        }
    }
}

/// The other side.
pub(super) fn across(side: Side) -> Side {
    match side {
        Side::Dm => Side::Room,
        Side::Room => Side::Dm,
    }
}
