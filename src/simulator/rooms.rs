//! What happens to channels: made, joined, left, renamed, archived. The Web API and the gestures both end up here.

use serde_json::{Value, json};

use super::world::{Channel, Kind, Object, World, object};

impl World {
    /// Makes a channel with its creator as the only member.
    pub(super) fn create_channel(&mut self, team: &str, name: &str, kind: Kind, creator: &str) -> String {
        let now = self.now();
        let Some(workspace) = self.workspaces.get_mut(team) else { return String::new() };
        let id = workspace.fresh_id(if kind == Kind::Im { 'D' } else { 'C' });
        workspace.channels.insert(id.clone(), Channel::new(&id, name, kind, creator, now));
        if kind == Kind::Public {
            let channel = json!({ "id": id, "name": name, "created": now.as_second(), "creator": creator });
            self.emit(team, &id, "channel_created", &object(json!({ "type": "channel_created", "channel": channel })));
        }
        id
    }

    /// Brings somebody in; the newcomer's app hears of it too.
    pub(super) fn join(&mut self, team: &str, channel: &str, user: &str, inviter: &str) {
        let Some(place) = self.channel_mut(team, channel) else { return };
        place.members.insert(user.to_owned());
        place.former.remove(user);
        let event = json!({ "user": user, "team": team, "inviter": inviter });
        self.lifecycle(team, channel, "member_joined_channel", event);
        let notice = json!({ "subtype": "channel_join", "user": user, "inviter": inviter });
        self.notice(team, channel, notice, &format!("<@{user}> has joined the channel"));
    }

    /// Takes somebody out. A bot that was removed hears only that it has left.
    pub(super) fn part(&mut self, team: &str, channel: &str, user: &str, actor: &str) {
        let Some(place) = self.channel_mut(team, channel) else { return };
        place.members.remove(user);
        let own = if place.kind == Kind::Private { "group_left" } else { "channel_left" };
        let event_ts = self.next_ts(team, channel);
        let left = json!({ "type": own, "channel": channel, "actor_id": actor, "event_ts": event_ts });
        self.emit_to(team, user, own, &object(left));
        self.lifecycle(team, channel, "member_left_channel", json!({ "user": user, "team": team }));
        let notice = json!({ "subtype": "channel_leave", "user": user });
        self.notice(team, channel, notice, &format!("<@{user}> has left the channel"));
    }

    /// Archives a channel: its bots are told, then removed.
    pub(super) fn archive(&mut self, team: &str, channel: &str, actor: &str) {
        let notice = json!({ "subtype": "channel_archive", "user": actor });
        self.notice(team, channel, notice, "archived the channel");
        self.lifecycle(team, channel, "archive", json!({ "user": actor, "is_moved": 0 }));
        let Some(workspace) = self.workspaces.get_mut(team) else { return };
        let bots: Vec<_> = workspace.apps.values().map(|app| app.bot_user_id.clone()).collect();
        let Some(place) = workspace.channels.get_mut(channel) else { return };
        place.archived = true;
        for bot in bots.into_iter().filter(|bot| place.members.remove(bot)) {
            place.former.insert(bot);
        }
    }

    /// Brings an archived channel back, without its bots.
    pub(super) fn unarchive(&mut self, team: &str, channel: &str, actor: &str) {
        let Some(place) = self.channel_mut(team, channel) else { return };
        place.archived = false;
        self.notice(team, channel, json!({ "subtype": "channel_unarchive", "user": actor }), "un-archived the channel");
        self.lifecycle(team, channel, "unarchive", json!({ "user": actor }));
    }

    /// Gives a channel another name.
    pub(super) fn rename(&mut self, team: &str, channel: &str, name: &str, actor: &str) {
        let Some(place) = self.channel_mut(team, channel) else { return };
        let old = std::mem::replace(&mut place.name, name.to_owned());
        let created = place.created;
        let notice = json!({ "subtype": "channel_name", "user": actor, "old_name": old, "name": name });
        self.notice(team, channel, notice, &format!("has renamed the channel from \"{old}\" to \"{name}\""));
        let renamed = json!({ "id": channel, "name": name, "name_normalized": name, "created": created });
        self.lifecycle(team, channel, "rename", json!({ "channel": renamed }));
    }

    /// Sets the topic or the purpose; each leaves a message.
    pub(super) fn describe(&mut self, team: &str, channel: &str, what: &str, text: &str, actor: &str) {
        let Some(place) = self.channel_mut(team, channel) else { return };
        if what == "topic" {
            text.clone_into(&mut place.topic);
        } else {
            text.clone_into(&mut place.purpose);
        }
        let notice = json!({ "subtype": format!("channel_{what}"), "user": actor, what: text });
        self.notice(team, channel, notice, &format!("set the channel {what}: {text}"));
    }

    /// Connects a channel with another organisation.
    pub(super) fn share(&mut self, team: &str, channel: &str, other_team: &str) {
        let Some(place) = self.channel_mut(team, channel) else { return };
        place.shared = true;
        self.lifecycle(team, channel, "channel_shared", json!({ "connected_team_id": other_team }));
    }

    /// Deletes a channel with all that was in it.
    pub(super) fn delete_channel(&mut self, team: &str, channel: &str, actor: &str) {
        self.lifecycle(team, channel, "deleted", json!({ "actor_id": actor }));
        if let Some(workspace) = self.workspaces.get_mut(team) {
            workspace.channels.remove(channel);
        }
    }

    /// Gives a channel another id, as Slack does when it is converted. The old one is then unknown.
    pub(super) fn change_channel_id(&mut self, team: &str, channel: &str, id: &str) {
        let Some(workspace) = self.workspaces.get_mut(team) else { return };
        if let Some(mut place) = workspace.channels.remove(channel) {
            id.clone_into(&mut place.id);
            workspace.channels.insert(id.to_owned(), place);
        }
        let event_ts = self.next_ts(team, id);
        let event = json!({
            "type": "channel_id_changed", "old_channel_id": channel, "new_channel_id": id, "event_ts": event_ts,
        });
        self.emit(team, id, "channel_id_changed", &object(event));
    }

    /// A line that Slack itself leaves in the channel. In a DM nothing of the kind happens.
    fn notice(&mut self, team: &str, channel: &str, fields: Value, text: &str) {
        if self.channel(team, channel).is_some_and(|place| place.kind != Kind::Im) {
            let mut body = object(fields);
            body.insert("text".into(), json!(text));
            self.post(team, channel, body);
        }
    }

    /// An event about the channel. `archive`, `unarchive` and `rename` are `group_archive` and so on in private ones.
    fn lifecycle(&mut self, team: &str, channel: &str, what: &str, fields: Value) {
        let Some(place) = self.channel(team, channel) else { return };
        let (family, letter) = if place.kind == Kind::Private { ("group", "G") } else { ("channel", "C") };
        let kind = if what.contains('_') { what.to_owned() } else { format!("{family}_{what}") };
        let event_ts = self.next_ts(team, channel);
        let mut event: Object = object(json!({ "type": kind, "channel": channel }));
        if what.starts_with("member_") {
            event.insert("channel_type".into(), json!(letter));
        }
        event.extend(object(fields));
        event.insert("event_ts".into(), json!(event_ts));
        self.emit(team, channel, &kind, &event);
    }
}
