//! The support workspace: rooms are made, filled and put away.

use serde_json::{Value, json};

use crate::clock::after;
use crate::config::Visibility;
use crate::relay::{Delivery, Posted};
use crate::render::{mark, mirror, notice, thread};
use crate::store::cards::{self, Card};
use crate::store::copies::{self, Place};
use crate::store::{agents, outbox, uploads};
use crate::takeover::conversation::{Conversation, PastRoom, RoomChannel, Side};
use crate::takeover::effect::Effect;
use crate::takeover::event::{Receipt, Speaker};
use crate::takeover::handoff::state::Prompt;

use std::time::Duration;

use super::errand::{Errand, Obstacle};
use super::explain::explain;
use super::method::Method;
use super::outcome::Class;
use super::tools::{Account, Tools};

/// How long a message that may be our own waits at first before it is looked at again; longer and longer up to the second.
const ECHO_PAUSES: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(5));
/// How long it waits in all: then a remark shown twice to the agents is better than none.
const ECHO_PATIENCE: Duration = Duration::from_secs(30);

impl Tools {
    /// Carries out an effect in the support workspace.
    pub(super) async fn in_room(&self, errand: Errand<'_>, conversation: &Conversation) -> Result<Delivery, Obstacle> {
        match &errand.entry.effect {
            Effect::CreateRoom { name } => self.create_room(errand, name).await,
            Effect::ReviveRoom { past } => self.revive_room(errand, past).await,
            Effect::RetireRoom { channel, name } => self.rename(errand, channel, name).await,
            Effect::ArchiveRoom { channel } => self.archive(errand, channel).await,
            Effect::PutCard { name, channel: Some(channel), body } => self.put_card(errand, channel, name, body).await,
            Effect::Summon { who, .. } => self.summon(errand, who).await,
            Effect::TellQueue { channel, body } | Effect::PostIn { channel, body } => {
                self.post(errand, channel, body.clone(), None).await
            }
            effect => {
                let Some(room) = conversation.room_channel() else { return Ok(errand.done(Receipt::Skipped)) };
                match effect {
                    Effect::Invite { who } => self.invite(errand, room, who).await,
                    Effect::Post { body, .. } => self.post(errand, &room.id, body.clone(), None).await,
                    Effect::PutCard { name, body, .. } => self.put_card(errand, &room.id, name, body).await,
                    Effect::UpdateControlCard { body } => self.update(errand, conversation, room, body).await,
                    Effect::Whisper { agent, body } => self.whisper(errand, room, agent, body).await,
                    Effect::Mirror { speaker, ts, part, message, may_be_ours, .. } => {
                        let source = Place { team: &conversation.key.team, channel: &conversation.key.channel, ts };
                        if *may_be_ours && let Some(delivery) = self.echo(errand, conversation, source, message).await?
                        {
                            return Ok(delivery);
                        }
                        if self.is_gone(conversation, Side::Dm, ts).await? {
                            return Ok(errand.done(Receipt::Skipped));
                        }
                        let names = self.names_in_dm(conversation, message).await;
                        let mut body = mirror::post(message, &self.speaker(conversation, *speaker)?, &names);
                        if *part == 0
                            && let Some(line) = self.reference(conversation, ts, message).await?
                        {
                            thread::refer(&mut body, &line);
                        }
                        self.post(errand, &room.id, body, Some((source, *part))).await
                    }
                    _ => Ok(errand.done(Receipt::Skipped)),
                }
            }
        }
    }

    async fn create_room(&self, errand: Errand<'_>, name: &str) -> Result<Delivery, Obstacle> {
        let hub = self.hub_account();
        if errand.entry.doubtful
            && let Some(room) = self.own_room_named(&hub, name).await?
        {
            return Ok(errand.done(Receipt::Room(room)));
        }
        let is_private = self.relay.config.rooms.visibility == Visibility::Private;
        match self.call(&hub, Method::CONVERSATIONS_CREATE, &json!({ "name": name, "is_private": is_private })).await {
            Ok(answer) => Ok(errand.with_new_pace(Receipt::Room(channel(&answer["channel"], name)))),
            Err(Obstacle::Refused(refusal)) if refusal.class == Class::NameTaken => Ok(errand.done(Receipt::NameTaken)),
            Err(obstacle) => Err(obstacle),
        }
    }

    /// Unarchives with the user token, returns to the channel, and gives it its name back.
    async fn revive_room(&self, errand: Errand<'_>, past: &PastRoom) -> Result<Delivery, Obstacle> {
        let user = Account { token: self.relay.config.slack.user_token.clone(), owner: "user".to_owned() };
        let hub = self.hub_account();
        let us = self.hub().await?;
        for (account, method, body) in [
            (&user, Method::CONVERSATIONS_UNARCHIVE, json!({ "channel": past.id })),
            (&user, Method::CONVERSATIONS_INVITE, json!({ "channel": past.id, "users": us.user_id })),
        ] {
            match self.call(account, method, &body).await {
                Ok(_) => {}
                Err(Obstacle::Refused(refusal)) if refusal.class == Class::Done => {}
                Err(Obstacle::Refused(refusal)) if refusal.is_temporary() => return Err(Obstacle::Refused(refusal)),
                Err(Obstacle::NotBefore(time)) => return Err(Obstacle::NotBefore(time)),
                Err(_) => return Ok(errand.done(Receipt::CannotRevive(past.clone()))),
            }
        }
        let body = json!({ "channel": past.id, "name": past.name });
        let name = match self.call(&hub, Method::CONVERSATIONS_RENAME, &body).await {
            Ok(answer) => channel(&answer["channel"], &past.name).name,
            Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => past.name.clone(),
            Err(obstacle) => return Err(obstacle),
        };
        Ok(errand.done(Receipt::Room(RoomChannel { id: past.id.clone(), name })))
    }

    async fn rename(&self, errand: Errand<'_>, channel: &str, name: &str) -> Result<Delivery, Obstacle> {
        let body = json!({ "channel": channel, "name": name });
        match self.call(&self.hub_account(), Method::CONVERSATIONS_RENAME, &body).await {
            Err(Obstacle::Refused(refusal)) if refusal.class == Class::NameTaken => Ok(errand.done(Receipt::NameTaken)),
            Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => Ok(errand.done(Receipt::Skipped)),
            Err(obstacle) => Err(obstacle),
            Ok(_) => Ok(errand.done(Receipt::Done)),
        }
    }

    async fn archive(&self, errand: Errand<'_>, channel: &str) -> Result<Delivery, Obstacle> {
        self.call(&self.hub_account(), Method::CONVERSATIONS_ARCHIVE, &json!({ "channel": channel })).await?;
        Ok(errand.done(Receipt::Done))
    }

    /// Opens the DMs of agents with the hub app: opening one that is open changes nothing.
    async fn summon(&self, errand: Errand<'_>, who: &[String]) -> Result<Delivery, Obstacle> {
        let (hub, mut users) = (self.hub_account(), Vec::new());
        self.expand(&hub, who, &mut users).await?;
        let mut prompts = Vec::new();
        for user_id in users {
            if agents::get(&self.relay.db, &user_id).await?.hides_prompts {
                continue;
            }
            match self.call(&hub, Method::CONVERSATIONS_OPEN, &json!({ "users": user_id })).await {
                Ok(answer) => {
                    let dm = answer["channel"]["id"].as_str().unwrap_or_default().to_owned();
                    prompts.push(Prompt { user_id, dm });
                }
                // Somebody who has left: the others are asked all the same.
                Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => {}
                Err(obstacle) => return Err(obstacle),
            }
        }
        Ok(errand.done(Receipt::Summoned(prompts)))
    }

    /// Users, and the members of user groups; a line for each group that cannot be asked for.
    pub(super) async fn expand(
        &self,
        hub: &Account,
        who: &[String],
        users: &mut Vec<String>,
    ) -> Result<Vec<String>, Obstacle> {
        let mut problems = Vec::new();
        for one in who {
            if !one.starts_with('S') {
                users.push(one.clone());
                continue;
            }
            match self.call(hub, Method::USERGROUPS_USERS_LIST, &json!({ "usergroup": one })).await {
                Ok(answer) => users.extend(strings(&answer["users"])),
                Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => {
                    problems.push(format!("<!subteam^{one}>: {}", refusal.explain()));
                }
                Err(obstacle) => return Err(obstacle),
            }
        }
        Ok(problems)
    }

    pub(super) async fn invite(
        &self,
        errand: Errand<'_>,
        room: &RoomChannel,
        who: &[String],
    ) -> Result<Delivery, Obstacle> {
        let hub = self.hub_account();
        let mut users = Vec::new();
        let mut problems = self.expand(&hub, who, &mut users).await?;
        if !users.is_empty() {
            let body = json!({ "channel": room.id, "users": users.join(","), "force": true });
            match self.call(&hub, Method::CONVERSATIONS_INVITE, &body).await {
                Ok(answer) => problems.extend(not_invited(&answer)),
                Err(Obstacle::Refused(refusal)) if refusal.class == Class::Done => {}
                Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => {
                    problems.push(refusal.explain());
                }
                Err(obstacle) => return Err(obstacle),
            }
        }
        Ok(errand.done(if problems.is_empty() { Receipt::Done } else { Receipt::NotInvited(problems) }))
    }

    /// Posts in the room. What Slack does not take of somebody else's message is posted plainer, step by step.
    pub(super) async fn post(
        &self,
        errand: Errand<'_>,
        room: &str,
        mut body: Value,
        source: Option<(Place<'_>, u32)>,
    ) -> Result<Delivery, Obstacle> {
        let hub = self.hub_account();
        let team = self.hub().await?.team_id.clone();
        let posted = |ts: String| {
            let copy = [team.clone(), room.to_owned(), ts];
            let (source, part) = source.map_or((None, 0), |(place, part)| (Some(place), part));
            let source = source.map(|place| [place.team, place.channel, place.ts].map(str::to_owned));
            errand.posted(Posted { copy, source, part, is_caption: false })
        };
        if errand.entry.doubtful
            && let Some(ts) = self.look_back(errand, &hub, room, body["thread_ts"].as_str()).await?
        {
            return Ok(posted(ts));
        }
        body["channel"] = json!(room);
        body["metadata"] = errand.metadata();
        Ok(posted(self.publish(&hub, Method::CHAT_POST_MESSAGE, body, Side::Room).await?.ts))
    }

    /// Posts a card, or brings it up to date where it stands.
    async fn put_card(
        &self,
        errand: Errand<'_>,
        channel: &str,
        name: &str,
        body: &Value,
    ) -> Result<Delivery, Obstacle> {
        let known = cards::get(&self.relay.db, name).await?.filter(|card| card.channel == channel);
        if let Some(card) = known {
            let mut update = body.clone();
            update["channel"] = json!(card.channel);
            update["ts"] = json!(card.ts);
            match self.call(&self.hub_account(), Method::CHAT_UPDATE, &update).await {
                Ok(_) => return Ok(errand.done(Receipt::Done)),
                // Somebody has deleted it: it is posted again.
                Err(Obstacle::Refused(refusal)) if refusal.code == "message_not_found" => {}
                Err(obstacle) => return Err(obstacle),
            }
        }
        let mut delivery = self.post(errand, channel, body.clone(), None).await?;
        let posted = delivery.traces.posted.iter().map(|posted| {
            let [_, channel, ts] = posted.copy.clone();
            (name.to_owned(), Card { channel, ts })
        });
        delivery.traces.cards = posted.collect();
        Ok(delivery)
    }

    async fn update(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        room: &RoomChannel,
        body: &Value,
    ) -> Result<Delivery, Obstacle> {
        let Some(ts) = &conversation.control_card else { return Ok(errand.done(Receipt::Skipped)) };
        let mut body = body.clone();
        body["channel"] = json!(room.id);
        body["ts"] = json!(ts);
        self.call(&self.hub_account(), Method::CHAT_UPDATE, &body).await?;
        Ok(errand.done(Receipt::Done))
    }

    async fn whisper(
        &self,
        errand: Errand<'_>,
        room: &RoomChannel,
        agent: &str,
        body: &Value,
    ) -> Result<Delivery, Obstacle> {
        let mut body = body.clone();
        body["channel"] = json!(room.id);
        body["user"] = json!(agent);
        self.call(&self.hub_account(), Method::CHAT_POST_EPHEMERAL, &body).await?;
        Ok(errand.done(Receipt::Done))
    }

    /// Whether a message of the bot is one that we sent for it, on its way back.
    ///
    /// It may come back before the call that sent it has answered; then it waits for that answer.
    pub(super) async fn echo(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        place: Place<'_>,
        message: &Value,
    ) -> Result<Option<Delivery>, Obstacle> {
        let waited: Duration = errand.now.duration_since(errand.entry.created_at).try_into().unwrap_or_default();
        let lane = format!("dm:{}", conversation.id);
        // First whether something is under way, then whether it has arrived: in between, it may do so.
        if waited < ECHO_PATIENCE && outbox::is_in_flight(&self.relay.db, &lane).await? {
            let (first, longest) = ECHO_PAUSES;
            return Ok(Some(errand.wait(after(errand.now, (waited / 4).clamp(first, longest)))));
        }
        Ok(self.is_own(place, message).await?.then(|| errand.done(Receipt::Skipped)))
    }

    /// Whether the service posted a message.
    pub(super) async fn is_own(&self, place: Place<'_>, message: &Value) -> Result<bool, Obstacle> {
        let files = notice::files_of(message);
        Ok(mark::is_ours(message)
            || copies::is_ours(&self.relay.db, place).await?
            || uploads::are_ours(&self.relay.db, place.team, &files).await?)
    }

    pub(super) fn speaker(&self, conversation: &Conversation, speaker: Speaker) -> Result<mirror::Speaker, Obstacle> {
        let (name, icon_url) = match speaker {
            Speaker::Customer => (conversation.customer.name(), conversation.customer.profile.icon_url.as_str()),
            Speaker::Bot => {
                let bot = self.bot(conversation)?;
                (bot.name.as_str(), bot.icon_url.as_str())
            }
        };
        Ok(mirror::Speaker { name: name.to_owned(), icon_url: (!icon_url.is_empty()).then(|| icon_url.to_owned()) })
    }
}

pub(super) fn channel(channel: &Value, name: &str) -> RoomChannel {
    let id = channel["id"].as_str().unwrap_or_default().to_owned();
    RoomChannel { id, name: channel["name"].as_str().unwrap_or(name).to_owned() }
}

fn strings(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// With `force`, Slack invites whom it can and lists the others.
fn not_invited(answer: &Value) -> Vec<String> {
    let errors = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
    let line = |error: &Value| {
        let code = error["error"].as_str().unwrap_or("unknown");
        let user = error["user"].as_str()?;
        (code != "already_in_channel").then(|| format!("<@{user}>: {}", explain(code)))
    };
    errors.iter().filter_map(line).collect()
}
