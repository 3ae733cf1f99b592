//! Events: who gets one, in which envelope. Called by whatever changes the world; `delivery` sends what is queued here.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::world::{Channel, Kind, Object, World};

/// Events on their way.
#[derive(Default)]
pub(super) struct Queue {
    pub(super) waiting: Vec<Delivery>,
}

/// One event for one app.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Counts up over all events; a retry keeps it.
    pub number: u64,
    /// Workspace of the installation.
    pub team: String,
    /// The app it is for.
    pub app_id: String,
    /// The whole body.
    pub envelope: Value,
    /// When the next try is due.
    pub due: Timestamp,
    /// 0 is the first try, 1 to 3 are Slack's retries.
    pub attempt: u8,
    /// Why the last try failed, as in `x-slack-retry-reason`.
    pub reason: Option<&'static str>,
}

impl World {
    /// Queues an event of a channel for every subscribed app whose bot is a member. What happens to a public channel
    /// itself is seen by all.
    pub(super) fn emit(&mut self, team: &str, channel: &str, subscription: &str, event: &Object) {
        let Some(place) = self.channel(team, channel) else { return };
        let everybody = place.kind == Kind::Public && subscription.starts_with("channel_");
        let members = place.members.clone();
        let apps = self.subscribers(team, subscription, |bot_user| everybody || members.contains(bot_user));
        for app_id in apps {
            self.queue_for(team, &app_id, Some(channel), event);
        }
    }

    /// Queues an event for one app, if it subscribed: what concerns the app itself.
    pub(super) fn emit_to(&mut self, team: &str, bot_user: &str, subscription: &str, event: &Object) {
        for app_id in self.subscribers(team, subscription, |candidate| candidate == bot_user) {
            self.queue_for(team, &app_id, None, event);
        }
    }

    /// Queues an event of a channel for one app, if it subscribed.
    pub(super) fn emit_in(&mut self, team: &str, channel: &str, bot_user: &str, subscription: &str, event: &Object) {
        for app_id in self.subscribers(team, subscription, |candidate| candidate == bot_user) {
            self.queue_for(team, &app_id, Some(channel), event);
        }
    }

    fn subscribers(&self, team: &str, subscription: &str, hears: impl Fn(&str) -> bool) -> Vec<String> {
        let apps = self.workspace(team).into_iter().flat_map(|workspace| workspace.apps.values());
        apps.filter(|app| app.events.iter().any(|event| event == subscription) && hears(&app.bot_user_id))
            .map(|app| app.app_id.clone())
            .collect()
    }

    fn queue_for(&mut self, team: &str, app_id: &str, channel: Option<&str>, event: &Object) {
        let copies = if self.settings.duplicate_events { 2 } else { 1 };
        for _ in 0..copies {
            let number = self.serial();
            let envelope = self.envelope(number, team, app_id, channel, event);
            let due = self.now();
            let app_id = app_id.to_owned();
            self.queue.waiting.push(Delivery {
                number,
                team: team.to_owned(),
                app_id,
                envelope,
                due,
                attempt: 0,
                reason: None,
            });
        }
    }

    fn envelope(&self, number: u64, team: &str, app_id: &str, channel: Option<&str>, event: &Object) -> Value {
        let bot_user = self.workspace(team).and_then(|w| w.apps.get(app_id)).map(|app| app.bot_user_id.as_str());
        let shared = channel.and_then(|channel| self.channel(team, channel)).is_some_and(|channel| channel.shared);
        json!({
            "token": "verification-token", "team_id": team, "context_team_id": team, "context_enterprise_id": null,
            "api_app_id": app_id, "event": event, "type": "event_callback", "event_id": format!("Ev0SIM{number:06}"),
            "event_time": self.now().as_second(),
            "authorizations": [{
                "enterprise_id": null, "team_id": team, "user_id": bot_user, "is_bot": true,
                "is_enterprise_install": false,
            }],
            "is_ext_shared_channel": shared,
            "event_context": format!("4-{}-{team}-{number}", event.get("type").and_then(Value::as_str).unwrap_or("")),
        })
    }
}

/// The subscription that covers messages of a channel.
pub(super) fn message_subscription(channel: &Channel) -> &'static str {
    match channel.kind {
        Kind::Public => "message.channels",
        Kind::Private => "message.groups",
        Kind::Im => "message.im",
    }
}
