//! What lives beside channels: ephemeral messages, response URLs, trigger ids, modals and Home tabs.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::world::{Object, World, object};

/// How long a response URL works.
const LINK_LIFE: SignedDuration = SignedDuration::from_mins(30);
/// How often a response URL works.
const LINK_USES: u8 = 5;
/// How long a trigger id works.
const TRIGGER_LIFE: SignedDuration = SignedDuration::from_secs(3);
/// Most modals on top of each other.
const STACK: usize = 3;

/// Everything of this kind, in all workspaces.
#[derive(Default)]
pub(super) struct Surfaces {
    pub(super) ephemerals: Vec<Ephemeral>,
    pub(super) links: BTreeMap<String, Link>,
    pub(super) views: BTreeMap<String, View>,
    /// Options that apps have answered, by workspace, person and menu.
    pub(super) offered: BTreeMap<[String; 3], Vec<Value>>,
    triggers: BTreeMap<String, Trigger>,
}

/// A message that one person sees.
#[derive(Clone)]
pub(super) struct Ephemeral {
    pub(super) team: String,
    pub(super) channel: String,
    pub(super) user: String,
    pub(super) body: Object,
    pub(super) deleted: bool,
}

impl Ephemeral {
    pub(super) fn ts(&self) -> &str {
        self.body.get("ts").and_then(Value::as_str).unwrap_or_default()
    }
}

/// A response URL: where it leads, and how much of it is left.
#[derive(Clone)]
pub(super) struct Link {
    pub(super) team: String,
    pub(super) channel: String,
    pub(super) user: String,
    pub(super) app_id: String,
    /// `ts` of the message that was clicked; none for a command.
    pub(super) message: Option<String>,
    expires: Timestamp,
    uses: u8,
}

/// A modal or a Home tab.
#[derive(Clone)]
pub(super) struct View {
    pub(super) team: String,
    pub(super) user: String,
    pub(super) app_id: String,
    /// As payloads show it: what the app gave, with id, hash and so on.
    pub(super) body: Value,
    /// The one below in the stack.
    pub(super) previous: Option<String>,
    pub(super) open: bool,
}

struct Trigger {
    team: String,
    user: String,
    app_id: String,
    /// The modal in which the click was.
    view: Option<String>,
    expires: Timestamp,
    used: bool,
}

impl World {
    /// Shows a message to one person. Answers its `ts`.
    pub(super) fn whisper(&mut self, team: &str, channel: &str, user: &str, body: Object) -> String {
        let ts = self.next_ts(team, channel);
        let mut message = object(json!({ "type": "message" }));
        message.extend(body);
        message.insert("ts".into(), json!(ts));
        self.surfaces.ephemerals.push(Ephemeral {
            team: team.to_owned(),
            channel: channel.to_owned(),
            user: user.to_owned(),
            body: message,
            deleted: false,
        });
        ts
    }

    pub(super) fn ephemeral_mut(&mut self, team: &str, channel: &str, user: &str, ts: &str) -> Option<&mut Ephemeral> {
        self.surfaces.ephemerals.iter_mut().find(|message| {
            !message.deleted
                && (message.team.as_str(), message.channel.as_str(), message.user.as_str()) == (team, channel, user)
                && message.ts() == ts
        })
    }

    /// A fresh response URL.
    pub(super) fn response_url(
        &mut self,
        team: &str,
        channel: &str,
        user: &str,
        app_id: &str,
        message: Option<&str>,
    ) -> String {
        let id = format!("{team}-{}", self.serial());
        let link = Link {
            team: team.to_owned(),
            channel: channel.to_owned(),
            user: user.to_owned(),
            app_id: app_id.to_owned(),
            message: message.map(str::to_owned),
            expires: self.now().saturating_add(LINK_LIFE).unwrap_or(Timestamp::MAX),
            uses: 0,
        };
        self.surfaces.links.insert(id.clone(), link);
        format!("{}/response/{id}", self.base)
    }

    /// Takes one use of a response URL.
    pub(super) fn use_link(&mut self, id: &str) -> Result<Link, &'static str> {
        let now = self.now();
        let link = self.surfaces.links.get_mut(id).ok_or("no_service")?;
        if now > link.expires {
            return Err("expired_url");
        }
        if link.uses == LINK_USES {
            return Err("used_url");
        }
        link.uses += 1;
        Ok(link.clone())
    }

    /// A fresh trigger id.
    pub(super) fn trigger(&mut self, team: &str, user: &str, app_id: &str, view: Option<&str>) -> String {
        let id = format!("{}.{team}.trigger", self.serial());
        let trigger = Trigger {
            team: team.to_owned(),
            user: user.to_owned(),
            app_id: app_id.to_owned(),
            view: view.map(str::to_owned),
            expires: self.now().saturating_add(TRIGGER_LIFE).unwrap_or(Timestamp::MAX),
            used: false,
        };
        self.surfaces.triggers.insert(id.clone(), trigger);
        id
    }

    /// Uses a trigger id up. Answers the person, and the modal in which the click was.
    pub(super) fn exchange(
        &mut self,
        id: &str,
        team: &str,
        app_id: &str,
    ) -> Result<(String, Option<String>), &'static str> {
        let now = self.now();
        let trigger = self.surfaces.triggers.get_mut(id).filter(|t| t.team == team && t.app_id == app_id);
        let trigger = trigger.ok_or("invalid_trigger_id")?;
        if trigger.used {
            return Err("exchanged_trigger_id");
        }
        if now > trigger.expires {
            return Err("expired_trigger_id");
        }
        trigger.used = true;
        Ok((trigger.user.clone(), trigger.view.clone()))
    }

    /// Shows a view to a person, over `previous`. Answers its id.
    pub(super) fn show_view(
        &mut self,
        team: &str,
        user: &str,
        app_id: &str,
        view: &Value,
        previous: Option<&str>,
    ) -> String {
        let id = format!("V0SIM{:04}", self.serial());
        let root = previous.and_then(|previous| self.surfaces.views.get(previous));
        let root = root.map_or_else(|| json!(id), |below| below.body["root_view_id"].clone());
        let fixed = json!({ "id": id, "root_view_id": root, "previous_view_id": previous });
        let body = self.completed_view(team, app_id, view, fixed);
        let view = View {
            team: team.to_owned(),
            user: user.to_owned(),
            app_id: app_id.to_owned(),
            body,
            previous: previous.map(str::to_owned),
            open: true,
        };
        self.surfaces.views.insert(id.clone(), view);
        id
    }

    /// Puts new contents into a view.
    pub(super) fn replace_view(&mut self, id: &str, view: &Value) {
        let Some(old) = self.surfaces.views.get(id).cloned() else { return };
        let kept = ["id", "root_view_id", "previous_view_id"].map(|field| (field.to_owned(), old.body[field].clone()));
        let body = self.completed_view(&old.team, &old.app_id, view, Value::Object(Object::from_iter(kept)));
        if let Some(old) = self.surfaces.views.get_mut(id) {
            old.body = body;
        }
    }

    /// Closes a view; all of the stack when `all`.
    pub(super) fn close_view(&mut self, id: &str, all: bool) {
        let mut next = Some(id.to_owned());
        while let Some(view) = next.and_then(|id| self.surfaces.views.get_mut(&id)) {
            view.open = false;
            next = view.previous.clone().filter(|_| all);
        }
    }

    /// Whether no further view fits on this one.
    pub(super) fn is_full(&self, id: &str) -> bool {
        let below = |id: &String| self.surfaces.views.get(id).and_then(|view| view.previous.clone());
        std::iter::successors(Some(id.to_owned()), below).count() >= STACK
    }

    /// Whether another view lies on this one: only the topmost can be used.
    pub(super) fn is_covered(&self, id: &str) -> bool {
        self.surfaces.views.values().any(|view| view.open && view.previous.as_deref() == Some(id))
    }

    fn completed_view(&mut self, team: &str, app_id: &str, view: &Value, fixed: Value) -> Value {
        let bot_id = self.workspace(team).and_then(|w| w.apps.get(app_id)).map(|app| app.bot_id.clone());
        let mut body = object(json!({
            "team_id": team, "app_id": app_id, "app_installed_team_id": team, "bot_id": bot_id,
            "private_metadata": "", "callback_id": "", "external_id": "", "state": { "values": {} },
            "hash": format!("{}.sim{}", self.now().as_second(), self.serial()), "clear_on_close": false,
            "notify_on_close": false, "submit": null, "close": null,
        }));
        body.extend(object(view.clone()));
        body.extend(object(fixed));
        let mut named = 0;
        for block in body.get_mut("blocks").and_then(Value::as_array_mut).into_iter().flatten() {
            named += 1;
            if let Some(block) = block.as_object_mut().filter(|block| !block.contains_key("block_id")) {
                block.insert("block_id".into(), json!(format!("sim{named}")));
            }
        }
        Value::Object(body)
    }
}
