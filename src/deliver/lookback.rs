//! Looking back after doubt: did what we sent arrive? Posts carry their delivery id in `metadata`, so history can tell.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::render::mark;
use crate::render::ts::Ts;
use crate::takeover::conversation::RoomChannel;

use super::errand::{Errand, Obstacle};
use super::method::Method;
use super::tools::{Account, Tools};

/// Clocks differ: how much earlier than the entry its message may be dated.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// Messages on a page. Some apps get 15 at most, and one page a minute.
const PAGE: u16 = 200;

/// How far back each entry in doubt has been looked for: a search that has to pause goes on where it stopped. In memory,
/// since one that begins anew finds the same.
#[derive(Debug, Default)]
pub(super) struct Searches(Mutex<HashMap<String, String>>);

impl Searches {
    fn cursors(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tools {
    /// The `ts` of this entry's message in a channel, or in a thread of it, if it is there.
    pub(super) async fn look_back(
        &self,
        errand: Errand<'_>,
        account: &Account,
        channel: &str,
        thread: Option<&str>,
    ) -> Result<Option<String>, Obstacle> {
        let (id, original) = (&errand.entry.id, errand.entry.effect.original());
        let written = original.and_then(|(ts, _)| Ts::parse(ts)).map(Ts::as_timestamp);
        let oldest = written.map_or(errand.entry.created_at, |written| written.min(errand.entry.created_at)) - SKEW;
        let mut body = json!({
            "channel": channel, "oldest": format!("{}.000000", oldest.as_second()), "include_all_metadata": true, "limit": PAGE,
        });
        // The history leaves out what is said in threads.
        let method = match thread {
            Some(root) => {
                body["ts"] = json!(root);
                Method::CONVERSATIONS_REPLIES
            }
            None => Method::CONVERSATIONS_HISTORY,
        };
        let found = loop {
            if let Some(cursor) = self.searches.cursors().get(id) {
                body["cursor"] = json!(cursor);
            }
            let page = match self.call(account, method, &body).await {
                Ok(page) => page,
                // Cursors do not last for ever.
                Err(Obstacle::Refused(refusal))
                    if refusal.code == "invalid_cursor" && self.searches.cursors().remove(id).is_some() =>
                {
                    body["cursor"] = Value::Null;
                    continue;
                }
                Err(obstacle) => return Err(obstacle),
            };
            let found =
                page["messages"].as_array().into_iter().flatten().find(|message| mark::is_of(message, id, original));
            let next = page["response_metadata"]["next_cursor"].as_str().filter(|cursor| !cursor.is_empty());
            match (found, next) {
                (None, Some(cursor)) => self.searches.cursors().insert(id.clone(), cursor.to_owned()),
                (found, _) => break found.and_then(|message| message["ts"].as_str()).map(str::to_owned),
            };
        };
        self.searches.cursors().remove(id);
        Ok(found)
    }

    /// A channel of this name that we made, when we do not know whether we did.
    pub(super) async fn own_room_named(&self, account: &Account, name: &str) -> Result<Option<RoomChannel>, Obstacle> {
        let us = self.hub().await?;
        let mut cursor = String::new();
        loop {
            let mut body = json!({ "types": "public_channel,private_channel", "exclude_archived": true, "limit": 200 });
            if !cursor.is_empty() {
                body["cursor"] = json!(cursor);
            }
            let page = self.call(account, Method::USERS_CONVERSATIONS, &body).await?;
            let ours = |channel: &&Value| channel["name"] == name && channel["creator"] == us.user_id.as_str();
            if let Some(channel) = page["channels"].as_array().into_iter().flatten().find(ours) {
                let id = channel["id"].as_str().unwrap_or_default().to_owned();
                let taken =
                    crate::store::conversations::get(&self.relay.db, crate::store::conversations::By::Room(&id))
                        .await?;
                return Ok(taken.is_none().then(|| RoomChannel { id, name: name.to_owned() }));
            }
            page["response_metadata"]["next_cursor"].as_str().unwrap_or_default().clone_into(&mut cursor);
            if cursor.is_empty() {
                return Ok(None);
            }
        }
    }
}
