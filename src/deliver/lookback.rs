//! Looking back after doubt: did what we sent arrive? Posts carry their delivery id in `metadata`, so history can tell.

use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::takeover::conversation::RoomChannel;

use super::errand::{Errand, METADATA_TYPE, Obstacle};
use super::method::Method;
use super::tools::{Account, Tools};

/// Clocks differ: how much earlier than the entry its message may be dated.
const SKEW: SignedDuration = SignedDuration::from_secs(60);
/// Pages that are searched at most.
const PAGES: usize = 20;

impl Tools {
    /// The `ts` of this entry's message in a channel, if it is there.
    pub(super) async fn look_back(
        &self,
        errand: Errand<'_>,
        account: &Account,
        channel: &str,
    ) -> Result<Option<String>, Obstacle> {
        let oldest = errand.entry.created_at - SKEW;
        let oldest = format!("{}.000000", oldest.as_second());
        let mut cursor = String::new();
        for _ in 0..PAGES {
            let mut body = json!({ "channel": channel, "oldest": oldest, "include_all_metadata": true, "limit": 15 });
            if !cursor.is_empty() {
                body["cursor"] = json!(cursor);
            }
            let page = self.call(account, Method::CONVERSATIONS_HISTORY, &body).await?;
            let found =
                page["messages"].as_array().into_iter().flatten().find(|message| is_ours(message, &errand.entry.id));
            if let Some(message) = found {
                return Ok(message["ts"].as_str().map(str::to_owned));
            }
            page["response_metadata"]["next_cursor"].as_str().unwrap_or_default().clone_into(&mut cursor);
            if cursor.is_empty() {
                break;
            }
        }
        Ok(None)
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

fn is_ours(message: &Value, id: &str) -> bool {
    let metadata = &message["metadata"];
    metadata["event_type"] == METADATA_TYPE && metadata["event_payload"]["id"] == id
}
