//! What happens to messages: posted, changed, deleted, reacted to. The Web API and the gestures both end up here, so
//! both cause the same events.

use serde_json::{Value, json};

use super::events::message_subscription;
use super::world::{Kind, Message, Object, World, object};

impl World {
    /// Stores a message and tells the apps. `body` holds what the author gave; the rest is filled in. Answers its `ts`.
    pub(super) fn post(&mut self, team: &str, channel: &str, body: Object) -> String {
        let ts = self.next_ts(team, channel);
        let mut message = object(json!({ "type": "message" }));
        message.extend(body);
        message.insert("ts".into(), json!(ts));
        message.insert("team".into(), json!(team));
        self.name_blocks(&mut message);
        self.join_thread(team, channel, &mut message);
        let stored = Message { body: message, deleted: false };
        let parent = stored.thread().map(str::to_owned);
        if let Some(place) = self.channel_mut(team, channel) {
            place.messages.push(stored.clone());
        }
        self.emit_message(team, channel, stored.body.clone(), &ts);
        self.emit_mentions(team, channel, &stored);
        if let Some(parent) = parent {
            self.count_reply(team, channel, &parent, &stored);
        }
        ts
    }

    /// Replaces fields of a message (null removes one) and tells the apps. False if it is not there.
    pub(super) fn change(&mut self, team: &str, channel: &str, ts: &str, fields: Object) -> bool {
        let Some(found) = self.channel(team, channel).and_then(|place| place.message(ts)) else { return false };
        let previous = found.body.clone();
        let mut current = previous.clone();
        for (field, value) in fields {
            if value.is_null() {
                current.shift_remove(&field);
            } else {
                current.insert(field, value);
            }
        }
        self.name_blocks(&mut current);
        if let Some(message) = self.channel_mut(team, channel).and_then(|place| place.message_mut(ts)) {
            message.body.clone_from(&current);
        }
        self.emit_change(team, channel, current, previous);
        true
    }

    /// Deletes a message and tells the apps; a parent with replies leaves a tombstone. False if it is not there.
    pub(super) fn remove(&mut self, team: &str, channel: &str, ts: &str) -> bool {
        let Some(message) = self.channel(team, channel).and_then(|place| place.message(ts)).cloned() else {
            return false;
        };
        let answered = self
            .channel(team, channel)
            .is_some_and(|place| place.messages.iter().any(|reply| !reply.deleted && reply.thread() == Some(ts)));
        if answered {
            let tombstone = json!({
                "subtype": "tombstone", "text": "This message was deleted.", "user": "USLACKBOT", "hidden": true,
                "blocks": null, "attachments": null, "files": null, "metadata": null, "bot_id": null,
                "username": null, "icons": null, "reactions": null,
            });
            return self.change(team, channel, ts, object(tombstone));
        }
        if let Some(message) = self.channel_mut(team, channel).and_then(|place| place.message_mut(ts)) {
            message.deleted = true;
        }
        let event_ts = self.next_ts(team, channel);
        let event = json!({
            "type": "message", "subtype": "message_deleted", "hidden": true, "deleted_ts": ts,
            "previous_message": self.as_event_shows(message.body), "ts": event_ts,
        });
        self.emit_message(team, channel, object(event), &event_ts);
        true
    }

    /// Adds or takes away a reaction and tells the apps. False if nothing changed.
    pub(super) fn react(&mut self, team: &str, channel: &str, ts: &str, user: &str, name: &str, add: bool) -> bool {
        let Some(message) = self.channel_mut(team, channel).and_then(|place| place.message_mut(ts)) else {
            return false;
        };
        let author = message.text("user").to_owned();
        let mut all = reactions(message);
        let entry = all.iter().position(|(reaction, _)| reaction == name);
        match (entry, add) {
            (Some(at), true) if !all[at].1.iter().any(|by| by == user) => all[at].1.push(user.to_owned()),
            (None, true) => all.push((name.to_owned(), vec![user.to_owned()])),
            (Some(at), false) if all[at].1.iter().any(|by| by == user) => {
                all[at].1.retain(|by| by != user);
                all.retain(|(_, users)| !users.is_empty());
            }
            _ => return false,
        }
        let shown: Vec<_> =
            all.iter().map(|(name, users)| json!({ "name": name, "users": users, "count": users.len() })).collect();
        message.body.insert("reactions".into(), json!(shown));
        let event_ts = self.next_ts(team, channel);
        let kind = if add { "reaction_added" } else { "reaction_removed" };
        let event = json!({
            "type": kind, "user": user, "reaction": name,
            "item": { "type": "message", "channel": channel, "ts": ts }, "item_user": author, "event_ts": event_ts,
        });
        self.emit(team, channel, kind, &object(event));
        true
    }

    fn emit_change(&mut self, team: &str, channel: &str, current: Object, previous: Object) {
        let event_ts = self.next_ts(team, channel);
        let event = json!({
            "type": "message", "subtype": "message_changed", "hidden": true,
            "message": self.as_event_shows(current), "previous_message": self.as_event_shows(previous),
            "ts": event_ts,
        });
        self.emit_message(team, channel, object(event), &event_ts);
    }

    fn emit_message(&mut self, team: &str, channel: &str, message: Object, event_ts: &str) {
        let Some(place) = self.channel(team, channel) else { return };
        let (subscription, kind) = (message_subscription(place), place.kind.of_message());
        let mut event = self.as_event_shows(message);
        event.insert("channel".into(), json!(channel));
        event.insert("event_ts".into(), json!(event_ts));
        event.insert("channel_type".into(), json!(kind));
        self.emit(team, channel, subscription, &event);
    }

    /// Tells each app of the channel that a person's message mentions, once more; never in a DM.
    fn emit_mentions(&mut self, team: &str, channel: &str, message: &Message) {
        let in_dm = self.channel(team, channel).is_none_or(|place| place.kind == Kind::Im);
        if in_dm || message.body.contains_key("subtype") || message.body.contains_key("bot_id") {
            return;
        }
        let apps = self.workspace(team).into_iter().flat_map(|workspace| workspace.apps.values());
        let called = apps.map(|app| app.bot_user_id.clone());
        let called: Vec<String> = called.filter(|bot| message.text("text").contains(&format!("<@{bot}>"))).collect();
        let members = self.channel(team, channel).map(|place| place.members.clone()).unwrap_or_default();
        let mut event = self.as_event_shows(message.body.clone());
        let more = json!({ "type": "app_mention", "channel": channel, "event_ts": message.ts() });
        event.extend(object(more));
        for bot in called.iter().filter(|bot| members.contains(*bot)) {
            self.emit_in(team, channel, bot, "app_mention", &event);
        }
    }

    /// Events show that there is metadata, and what it says only where Slack is set to do so.
    fn as_event_shows(&self, mut message: Object) -> Object {
        if !self.settings.metadata_in_events {
            hide_metadata(&mut message);
        }
        message
    }

    /// Slack gives every block an id.
    fn name_blocks(&mut self, message: &mut Object) {
        let Some(Value::Array(blocks)) = message.get_mut("blocks") else { return };
        for block in blocks.iter_mut().filter_map(Value::as_object_mut) {
            if !block.contains_key("block_id") {
                block.insert("block_id".into(), json!(format!("sim{:x}", self.serial())));
            }
        }
    }

    /// A reply knows whom it answers; one that is also sent to the channel carries its parent.
    fn join_thread(&self, team: &str, channel: &str, message: &mut Object) {
        let broadcast = message.shift_remove("reply_broadcast") == Some(Value::Bool(true));
        let Some(thread) = message.get("thread_ts").and_then(Value::as_str) else { return };
        let Some(parent) = self.channel(team, channel).and_then(|place| place.message(thread)) else { return };
        let root = parent.body.clone();
        if let Some(user) = root.get("user") {
            message.insert("parent_user_id".into(), user.clone());
        }
        if broadcast {
            message.insert("subtype".into(), json!("thread_broadcast"));
            message.insert("root".into(), Value::Object(root));
        }
    }

    /// A reply changes the counters of its parent, which Slack reports as a change of the parent.
    fn count_reply(&mut self, team: &str, channel: &str, parent: &str, reply: &Message) {
        let author = [reply.text("user"), reply.text("bot_id")].into_iter().find(|id| !id.is_empty()).unwrap_or("");
        let Some(found) = self.channel(team, channel).and_then(|place| place.message(parent)) else { return };
        let count = found.body.get("reply_count").and_then(Value::as_u64).unwrap_or_default() + 1;
        let mut users = found.body.get("reply_users").and_then(Value::as_array).cloned().unwrap_or_default();
        if !users.iter().any(|user| user == author) {
            users.push(json!(author));
        }
        let counters = json!({
            "thread_ts": parent, "reply_count": count, "reply_users_count": users.len(), "reply_users": users,
            "latest_reply": reply.ts(),
        });
        self.change(team, channel, parent, object(counters));
    }
}

/// Takes the payload out of a message's metadata and leaves its type.
pub(super) fn hide_metadata(message: &mut Object) {
    if let Some(Value::Object(metadata)) = message.get_mut("metadata") {
        metadata.shift_remove("event_payload");
    }
}

/// Names of the reactions on a message, each with the people who gave it.
pub(super) fn reactions(message: &Message) -> Vec<(String, Vec<String>)> {
    let all = message.body.get("reactions").and_then(Value::as_array).into_iter().flatten();
    all.map(|reaction| {
        let users = reaction["users"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        (reaction["name"].as_str().unwrap_or_default().to_owned(), users.collect())
    })
    .collect()
}
