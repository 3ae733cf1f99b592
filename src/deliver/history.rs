//! What was said before, or was missed: the history of a DM, its threads, and that of a room.
//!
//! Of a DM Slack may hand out no more than 15 messages a minute, to all who use the bot's token
//! (<https://docs.slack.dev/apis/web-api/rate-limits/>).

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::clock::after;
use crate::relay::Delivery;
use crate::render::author::Author;
use crate::render::ts::Ts;
use crate::render::{history, mark, outbound, thread};
use crate::store::copies::Place;
use crate::store::instances;
use crate::store::revisions::{self, Revision, Written};
use crate::takeover::conversation::{Conversation, Key, Room, Side};
use crate::takeover::event::{Event, Past, Receipt};

use super::errand::{Errand, Obstacle};
use super::hub::Hub;
use super::method::Method;
use super::outcome::Class;
use super::tools::{Account, Tools};

/// Messages on a page of a DM: some apps get no more.
const PAGE: usize = 15;
/// Messages on a page of a room, which the hub app may read as fast as any other method.
const ROOM_PAGE: u16 = 200;
/// Pages of a room that are read at most.
const ROOM_PAGES: usize = 10;
/// Threads that are imported at most.
const THREADS: usize = 5;
/// How much longer than it must a repair waits for its turn: an agent waits for an import, nobody for a repair.
const COURTESY: Duration = Duration::from_secs(5);
/// How much the common clock of several processes may differ between them.
const CLOCKS: Duration = Duration::from_millis(500);
/// How soon it is looked whether all processes know that a conversation is watched.
const HEARING: Duration = Duration::from_millis(250);
/// Clocks differ, and answers take a while: how far before the last look the next one begins, and how far in the future it
/// ends. Without an end Slack may hand out the oldest messages rather than the newest.
const SKEW: SignedDuration = SignedDuration::from_mins(1);

impl Tools {
    /// Past messages of the DM: the newest, those in threads among them as far as Slack hands them out at once.
    pub(super) async fn import(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
        limit: u8,
    ) -> Result<Delivery, Obstacle> {
        // Decided on after the conversation was watched: whoever has heard as much turns nothing away.
        let since = after(errand.entry.created_at, CLOCKS);
        if !instances::have_heard(&self.relay.db, since, errand.now).await? {
            return Ok(errand.wait(after(errand.now, HEARING)));
        }
        let account = self.customer_account(&conversation.key.bot, &conversation.key.team).await?;
        let limit = usize::from(limit);
        let mut body = json!({ "channel": conversation.key.channel, "limit": limit });
        if let Some(ts) = &conversation.first_live_ts {
            // What came by itself meanwhile must not use up the few messages that Slack allows.
            body["latest"] = json!(ts);
        }
        let Page { messages: mut all, .. } = self.page(&account, Method::CONVERSATIONS_HISTORY, &body).await?;
        if all.len() == limit {
            // Older answers than these would not be shown.
            body["oldest"] = all.iter().filter_map(Ts::of).min().map_or(Value::Null, |ts| json!(ts.to_string()));
        }
        let (mut unread, mut held_back) = (0, false);
        for Thread { root, replies } in threads(&all).into_iter().take(THREADS) {
            body["ts"] = json!(root);
            let thread =
                if held_back { None } else { self.page(&account, Method::CONVERSATIONS_REPLIES, &body).await.ok() };
            if let Some(page) = thread {
                all.extend(page.messages);
            } else {
                (unread, held_back) = (unread + replies, true);
            }
        }
        let mut messages = history::in_order(all);
        messages.drain(..messages.len().saturating_sub(limit));
        Ok(errand.done(Receipt::History(Past { messages, more: false, unread })))
    }

    /// The newest messages of the DM since the opening, without our own, and those of the thread that was last written in.
    pub(super) async fn dm_history(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
    ) -> Result<Delivery, Obstacle> {
        if !matches!(conversation.room, Room::Open(_)) {
            return Ok(errand.done(Receipt::Skipped));
        }
        let past = self.newest(errand, conversation).await;
        Ok(errand.done(Receipt::History(past.map_err(after_others)?)))
    }

    async fn newest(&self, errand: Errand<'_>, conversation: &Conversation) -> Result<Past, Obstacle> {
        let Key { bot, team, channel } = &conversation.key;
        let account = self.customer_account(bot, team).await?;
        let opened = conversation.opened_at.map(stamp);
        let mut body = json!({
            "channel": channel, "limit": PAGE, "include_all_metadata": true, "inclusive": true,
            "oldest": conversation.gaps.from.as_ref().or(opened.as_ref()), "latest": stamp(errand.now + SKEW),
        });
        let Page { messages: mut all, mut more } = self.page(&account, Method::CONVERSATIONS_HISTORY, &body).await?;
        let last = threads(&all).into_iter().next().map(|thread| thread.root);
        if let Some(root) = last.or_else(|| conversation.thread.root.clone()) {
            body["ts"] = json!(root);
            // A thread comes with its oldest answers first: those that were looked at before are left out.
            body["oldest"] = json!(conversation.gaps.dm_checked_at.map(|at| stamp(at - SKEW)).or(opened));
            match self.page(&account, Method::CONVERSATIONS_REPLIES, &body).await {
                Ok(page) => {
                    all.extend(page.messages);
                    more |= page.more;
                }
                Err(Obstacle::Refused(refusal)) if !refusal.is_temporary() => {}
                Err(obstacle) => return Err(obstacle),
            }
        }
        let mut messages = Vec::new();
        for message in history::in_order(all) {
            let ts = message["ts"].as_str().unwrap_or_default();
            if !self.is_own(Place { team, channel, ts }, &message).await? {
                messages.push(message);
            } else if messages.is_empty() {
                // What is older than what we posted is known.
                more = false;
            }
        }
        Ok(Past { messages, more, unread: 0 })
    }

    /// What agents wrote in the room since somebody last looked, and what they changed, as far as nobody knows of it.
    pub(super) async fn room_history(
        &self,
        errand: Errand<'_>,
        conversation: &Conversation,
    ) -> Result<Delivery, Obstacle> {
        let Room::Open(room) = &conversation.room else { return Ok(errand.done(Receipt::Skipped)) };
        let hub = self.hub().await?;
        let since = conversation.gaps.room_checked_at.map(|at| at - SKEW).or(conversation.opened_at);
        let mut body = json!({
            "channel": room.id, "limit": ROOM_PAGE, "include_all_metadata": true, "oldest": since.map(stamp),
            "latest": stamp(errand.now + SKEW),
        });
        let mut all = Vec::new();
        for _ in 0..ROOM_PAGES {
            let mut answer = self.call(&self.hub_account(), Method::CONVERSATIONS_HISTORY, &body).await?;
            all.extend(self.messages(&mut answer));
            match answer["response_metadata"]["next_cursor"].as_str() {
                Some(next) if !next.is_empty() => body["cursor"] = json!(next),
                _ => break,
            }
        }
        let mut events = Vec::new();
        for message in history::in_order(all) {
            if let Some(user_id) = agent(&message, &hub) {
                events.extend(self.overheard(conversation, &user_id, message).await?);
            }
        }
        Ok(errand.done(Receipt::Overheard { team: hub.team_id.clone(), events, missed: 0 }))
    }

    /// What an agent's message comes to, if that is news.
    async fn overheard(
        &self,
        conversation: &Conversation,
        user_id: &str,
        message: Value,
    ) -> Result<Option<Event>, Obstacle> {
        let ts = message["ts"].as_str().unwrap_or_default().to_owned();
        let written = Written { conversation: &conversation.id, side: Side::Room, ts: &ts };
        let edited = message["edited"]["ts"].as_str().map(str::to_owned);
        let known = revisions::get(&self.relay.db, written).await?;
        let message = outbound::own_words(message);
        let is_news = match (&known, &edited) {
            (None, _) => !outbound::is_blank(&message),
            (Some(Revision { gone, stamp }), Some(edited)) => !gone && Ts::parse(edited) > Ts::parse(stamp),
            (Some(_), None) => false,
        };
        if !is_news || self.roster.permission(user_id).await?.is_err() {
            return Ok(None);
        }
        let (agent, always_pause) = self.desk.agent(user_id, "").await?;
        Ok(Some(match edited.filter(|_| known.is_some()) {
            Some(stamp) => Event::AgentEdited { agent, ts, message, stamp, always_pause },
            None => Event::AgentWrote { agent, ts, message, always_pause },
        }))
    }

    async fn page(&self, account: &Account, method: Method, body: &Value) -> Result<Page, Obstacle> {
        let mut answer = self.call(account, method, body).await?;
        Ok(Page { more: answer["has_more"] == true, messages: self.messages(&mut answer) })
    }

    /// The messages of a page, with what must not be stored masked.
    pub(super) fn messages(&self, answer: &mut Value) -> Vec<Value> {
        self.relay.config.redaction.redact(&mut answer["messages"]);
        match answer["messages"].take() {
            Value::Array(messages) => messages,
            _ => Vec::new(),
        }
    }
}

/// What Slack hands out at once.
struct Page {
    messages: Vec<Value>,
    more: bool,
}

/// A thread, as its root tells of it.
struct Thread {
    root: String,
    replies: u64,
}

/// The threads of these messages, the one that was last written in first.
fn threads(messages: &[Value]) -> Vec<Thread> {
    let latest = |message: &&Value| message["latest_reply"].as_str().and_then(Ts::parse);
    let mut roots: Vec<&Value> =
        messages.iter().filter(|message| message["reply_count"].as_u64().is_some_and(|count| count > 0)).collect();
    roots.sort_by_key(|root| std::cmp::Reverse(latest(root)));
    let thread = |root: &Value| {
        let replies = root["reply_count"].as_u64().unwrap_or_default();
        Some(Thread { root: root["ts"].as_str()?.to_owned(), replies })
    };
    roots.into_iter().filter_map(thread).collect()
}

/// Who wrote a message in a room, if it is for the customer: at top level, and by a person of the support workspace.
fn agent(message: &Value, hub: &Hub) -> Option<String> {
    let author = Author::of(message);
    let is_ours = mark::is_ours(message) || hub.wrote(&author);
    let is_speech = matches!(message["subtype"].as_str(), None | Some("me_message" | "file_share"));
    let is_for_customer = is_speech && !is_ours && !thread::is_reply(message) && !hub.is_stranger(&author);
    author.person().filter(|_| is_for_customer).map(str::to_owned)
}

fn stamp(time: Timestamp) -> String {
    let micros = time.as_microsecond();
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

/// Lets others go first when Slack lets nobody for now.
fn after_others(obstacle: Obstacle) -> Obstacle {
    match obstacle {
        Obstacle::NotBefore(time) => Obstacle::NotBefore(after(time, COURTESY)),
        Obstacle::Refused(mut refusal) => {
            if let Class::Later { after: Some(pause) } = &mut refusal.class {
                *pause += COURTESY;
            }
            Obstacle::Refused(refusal)
        }
        other => other,
    }
}
