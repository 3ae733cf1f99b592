//! Transcripts: a room is read back from Slack, since the words are kept nowhere else; closed ones are kept sealed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::config::texts;
use crate::relay::{Delivery, Posted};
use crate::render::author::Author;
use crate::render::mentions::Names;
use crate::render::split::split;
use crate::render::text;
use crate::render::transcript::chapter::{self, Gone, Known, Material};
use crate::render::transcript::document::{About, Document, Format, Missing};
use crate::render::transcript::{Chapter, From};
use crate::render::ts::Ts;
use crate::store::transcripts;
use crate::store::{copies, journal, outbox};
use crate::takeover::cards;
use crate::takeover::conversation::{Agent, Conversation, Room, RoomChannel};
use crate::takeover::effect::{Effect, Words};
use crate::takeover::event::Receipt;
use crate::takeover::relayed::Original;

use super::errand::{Errand, Obstacle};
use super::files::Missed;
use super::hub::Hub;
use super::method::Method;
use super::tools::Tools;

/// Messages on a page.
const PAGE: u16 = 200;
/// Pages of a room that are read at most: fewer than Slack allows in a minute.
const PAGES: usize = 25;
/// Threads that are read at most, the newest; likewise.
const THREADS: usize = 40;
/// The longest part of an answer that only one agent sees, in characters, and how many there may be.
const ANSWER: (usize, usize) = (3_000, 3);

impl Tools {
    /// What was said in all rooms of a conversation, as far as Slack has it or it was kept.
    ///
    /// # Errors
    ///
    /// An [`Obstacle`], when Slack does not say or the database fails.
    pub async fn transcript(&self, conversation: &Conversation) -> Result<Document, Obstacle> {
        let mut document = self.kept_transcript(conversation).await?;
        if let Some(room) = conversation.room_channel() {
            document.chapters.retain(|chapter| chapter.room != room.id);
            document.chapters.push(self.chapter(conversation, room).await?);
        }
        Ok(document)
    }

    /// What was kept of rooms that are closed.
    ///
    /// # Errors
    ///
    /// When the database fails, or holds what cannot be opened.
    pub async fn kept_transcript(&self, conversation: &Conversation) -> anyhow::Result<Document> {
        let chapters = transcripts::kept(&self.relay.db, &conversation.id, &self.relay.sealer).await?;
        let is_here = |id: &str| chapters.iter().any(|chapter| chapter.room == id);
        let past = conversation.past_rooms.iter().filter(|past| !is_here(&past.id));
        let missing =
            past.map(|past| Missing { room: past.id.clone(), name: past.name.clone(), closed_at: past.closed_at });
        let key = &conversation.key;
        let about = About {
            bot: key.bot.clone(),
            bot_name: self.relay.bot(&key.bot)?.name.clone(),
            team: key.team.clone(),
            channel: key.channel.clone(),
            user_id: conversation.customer.user_id.clone(),
            customer: conversation.customer.name().to_owned(),
        };
        Ok(Document { about, missing: missing.collect(), chapters })
    }

    /// Keeps what was said in a room that is about to be archived.
    pub(super) async fn keep_transcript(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        room: &RoomChannel,
    ) -> Result<Delivery, Obstacle> {
        if conversation.erasing || conversation.room_channel() != Some(room) {
            return Ok(errand.done(Receipt::Skipped));
        }
        let chapter = Chapter { closed_at: Some(errand.now), ..self.chapter(conversation, room).await? };
        let mut tx = self.relay.db.begin().await?;
        transcripts::keep(&mut tx, &conversation.id, &chapter, &self.relay.sealer, errand.now).await?;
        tx.commit().await?;
        Ok(errand.done(Receipt::Done))
    }

    /// Hands an agent the transcript: as a file in the room; without a room, as an answer that only they see.
    pub(super) async fn hand_transcript(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        by: &Agent,
        respond_to: Option<&str>,
    ) -> Result<Delivery, Obstacle> {
        let document = self.transcript(conversation).await?;
        let Room::Open(room) = &conversation.room else {
            return self.answer_with(errand, &document, respond_to).await;
        };
        let hub = self.hub_account();
        let name = format!("transcript-{}-{}.md", room.name, errand.now.strftime("%Y%m%d-%H%M%S"));
        let bytes = document.render(Format::Md).into_bytes();
        let file = match self.upload(&hub, &name, (Format::Md.mime(), None), bytes).await {
            Ok(file) => file,
            Err(Missed::Later { obstacle, .. }) => return Err(obstacle),
            Err(Missed::Never { code, reason }) => return Ok(errand.failed(&code, reason)),
        };
        let (config, queues) = (self.relay.in_force(), self.relay.watches.queues());
        let rules = self.relay.rules(&config, &conversation.key.bot, &queues)?;
        let comment = rules.text(conversation, texts::ROOM_TRANSCRIPT, &[("agent", &cards::person(by))]);
        match self.share(&hub, &room.id, None, &[file], &comment.unwrap_or_default()).await? {
            Some(ts) => {
                let copy = [self.hub().await?.team_id.clone(), room.id.clone(), ts];
                Ok(errand.posted(Posted { copy, source: None, part: 0, is_caption: false }))
            }
            None => Ok(errand.done(Receipt::Done)),
        }
    }

    async fn answer_with(
        &self,
        errand: Errand<'_>,
        document: &Document,
        respond_to: Option<&str>,
    ) -> Result<Delivery, Obstacle> {
        let Some(url) = respond_to else { return Ok(errand.done(Receipt::Skipped)) };
        let shown = if document.chapters.is_empty() {
            "Nothing is kept of what was said.".to_owned()
        } else {
            text::escape(&document.render(Format::Txt))
        };
        let (length, most) = ANSWER;
        let mut parts = split(&shown, length);
        if parts.len() > most {
            parts.truncate(most);
            parts.push("The rest is too long for an answer here; the bot's API has all of it.".to_owned());
        }
        let Some(url) = self.hosts.admit(url) else {
            return Ok(errand.failed("foreign_host", "the address for the answer is not on one of Slack's hosts"));
        };
        for part in parts {
            let body = json!({ "response_type": "ephemeral", "replace_original": false, "text": part });
            if let Err(refusal) = self.host.respond(url.clone(), &body, self.relay.config.slack.timeout).await {
                return Ok(errand.failed("no_answer", refusal.to_string()));
            }
        }
        Ok(errand.done(Receipt::Done))
    }

    /// What was said in a room that Slack lets us read.
    async fn chapter(&self, conversation: &Conversation, room: &RoomChannel) -> Result<Chapter, Obstacle> {
        let hub = self.hub().await?;
        let (posts, complete) = self.read_room(room).await?;
        let names = self.names_of(&posts).await;
        let since = conversation.opened_at.unwrap_or_default();
        let gone = journal::deletions(&self.relay.db, &conversation.id, since).await?;
        let material = Material {
            known: self.known(conversation, &hub, room).await?,
            gone: gone.into_iter().filter_map(|(ts, by)| Some(Gone { ts, from: From::named(&by)? })).collect(),
            posts,
            names,
            us: vec![hub.user_id.clone(), hub.bot_id.clone()],
            customer: (conversation.customer.user_id.clone(), conversation.customer.name().to_owned()),
            bot: self.bot(conversation)?.name.clone(),
        };
        let (messages, notes) = chapter::build(&material);
        Ok(Chapter {
            room: room.id.clone(),
            name: room.name.clone(),
            opened_at: conversation.opened_at,
            closed_at: None,
            complete,
            messages,
            notes,
        })
    }

    /// What is known of the messages of a room.
    async fn known(
        &self,
        conversation: &Conversation,
        hub: &Hub,
        room: &RoomChannel,
    ) -> Result<BTreeMap<String, Known>, Obstacle> {
        let mut known = BTreeMap::new();
        for copy in copies::of_room(&self.relay.db, &hub.team_id, &room.id).await? {
            let from = copy.speaker.as_deref().and_then(From::named);
            let shows = copy.source_ts.zip(from);
            let is_caption = copy.is_caption;
            known.insert(copy.ts, shows.map_or(Known::Own, |(ts, from)| Known::Shows { from, ts, is_caption }));
        }
        for ts in copies::out_of_room(&self.relay.db, &hub.team_id, &room.id).await? {
            known.entry(ts).or_insert(Known::Sent);
        }
        // What is on its way is as good as there.
        for effect in outbox::waiting(&self.relay.db, &format!("dm:{}", conversation.id)).await? {
            if let Effect::Say { words: Words::Agent { ts, .. }, .. }
            | Effect::Carry { original: Original { ts, .. }, .. }
            | Effect::Share { original: Original { ts, .. }, .. } = effect
            {
                known.entry(ts).or_insert(Known::Sent);
            }
        }
        Ok(known)
    }

    /// The messages of a room with their threads, oldest first, and whether that is all.
    async fn read_room(&self, room: &RoomChannel) -> Result<(Vec<Value>, bool), Obstacle> {
        let body = json!({ "channel": room.id, "limit": PAGE, "include_all_metadata": true });
        let (mut posts, mut complete) = self.pages(Method::CONVERSATIONS_HISTORY, body).await?;
        let answered = |post: &&Value| post["reply_count"].as_u64().is_some_and(|count| count > 0);
        let mut roots: Vec<String> =
            posts.iter().filter(answered).filter_map(|post| post["ts"].as_str()).map(str::to_owned).collect();
        roots.sort_by_key(|ts| std::cmp::Reverse(Ts::parse(ts)));
        complete &= roots.len() <= THREADS;
        for root in roots.into_iter().take(THREADS) {
            let body = json!({ "channel": room.id, "ts": root, "limit": PAGE, "include_all_metadata": true });
            let (replies, all) = self.pages(Method::CONVERSATIONS_REPLIES, body).await?;
            complete &= all;
            posts.extend(replies);
        }
        // A reply that is shown in the channel too, and the root of a thread, come twice.
        posts.sort_by_key(Ts::of);
        posts.dedup_by_key(|post| Ts::of(post));
        Ok((posts, complete))
    }

    async fn pages(&self, method: Method, mut body: Value) -> Result<(Vec<Value>, bool), Obstacle> {
        let mut all = Vec::new();
        for _ in 0..PAGES {
            let mut answer = self.call(&self.hub_account(), method, &body).await?;
            all.extend(self.messages(&mut answer));
            match answer["response_metadata"]["next_cursor"].as_str() {
                Some(next) if !next.is_empty() => body["cursor"] = json!(next),
                _ => return Ok((all, true)),
            }
        }
        Ok((all, false))
    }

    /// Names of those who wrote or are mentioned.
    async fn names_of(&self, posts: &[Value]) -> Names {
        let hub = self.hub_account();
        let mut names = Names::default();
        for post in posts {
            names.users.extend(self.names_in(&hub, post).await.users);
            let Some(author) = Author::of(post).person().map(str::to_owned) else { continue };
            if !names.users.contains_key(&author)
                && let Ok(Some(person)) = self.person(&hub, &author).await
            {
                names.users.insert(author, person.profile.name);
            }
        }
        names
    }
}
