//! The payloads of commands and interactions, with every field that Slack sends. Called by `interactions`.

use anyhow::{Context as _, bail, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Simulator;
use super::blocks::{check_input, find_action};
use super::cast::{App, AppUrls};
use super::delivery::{Parcel, Sort};
use super::interactions::Spot;
use super::world::{Object, World, object};

impl Simulator {
    /// The app, the payload without its action, and the block and element that somebody touches.
    pub(super) fn at(
        &self,
        team: &str,
        user: &str,
        spot: &Spot,
        action_id: &str,
        kind: &str,
    ) -> anyhow::Result<(App, Object, Value, Value)> {
        if let Spot::View(view) = spot {
            let (app, payload) = self.view_payload(team, user, view, kind, None)?;
            let found = find_action(&payload["view"]["blocks"], action_id);
            let (block, element) = found.with_context(|| format!("no element {action_id} in {view}"))?;
            let (block, element) = (block.clone(), element.clone());
            return Ok((app, payload, block, element));
        }
        let (Spot::Message { channel, ts } | Spot::Ephemeral { channel, ts }) = spot else { bail!("no message") };
        let ephemeral = matches!(spot, Spot::Ephemeral { .. });
        self.with_channel(team, channel, |world, channel| {
            let message = if ephemeral {
                world.ephemeral_mut(team, channel, user, ts).map(|message| message.body.clone())
            } else {
                world.channel(team, channel).and_then(|place| place.message(ts)).map(|message| message.body.clone())
            };
            let message = message.with_context(|| format!("no message {ts} in {channel}"))?;
            let attached = message.get("attachments").and_then(Value::as_array).into_iter().flatten();
            let mut places = message.get("blocks").into_iter().chain(attached.filter_map(|a| a.get("blocks")));
            let (block, element) = places
                .find_map(|blocks| find_action(blocks, action_id))
                .with_context(|| format!("no element {action_id} in {ts}"))?;
            let (block, element) = (block.clone(), element.clone());
            let app_id = message.get("app_id").and_then(Value::as_str).unwrap_or_default();
            let app = world.listening_app(team, |app| app.app_id == app_id)?;
            let name = world.channel(team, channel).map(|place| place.name.clone());
            let response_url = world.response_url(team, channel, user, app_id, Some(ts));
            let mut payload = world.interaction(team, user, &app, kind, None);
            payload.extend(object(json!({
                "container": {
                    "type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": ephemeral,
                    "thread_ts": message.get("thread_ts"),
                },
                "channel": { "id": channel, "name": name }, "message": message, "state": { "values": {} },
                "response_url": response_url,
            })));
            // An ephemeral message is not sent along.
            if ephemeral {
                payload.shift_remove("message");
            }
            Ok((app, payload, block, element))
        })?
    }

    pub(super) fn view_payload(
        &self,
        team: &str,
        user: &str,
        view: &str,
        kind: &str,
        values: Option<Value>,
    ) -> anyhow::Result<(App, Object)> {
        let mut world = self.core.world();
        ensure!(!world.is_covered(view), "another view lies on {view}");
        let found = world.surfaces.views.get_mut(view).filter(|found| found.team == team && found.user == user);
        let found = found.filter(|found| found.open).with_context(|| format!("no view {view} for {user}"))?;
        if let Some(values) = values {
            check_input(&found.body["blocks"], &values)?;
            found.body["state"] = json!({ "values": values });
        }
        let (body, app_id) = (found.body.clone(), found.app_id.clone());
        let app = world.listening_app(team, |app| app.app_id == app_id)?;
        let mut payload = world.interaction(team, user, &app, kind, Some(view));
        payload.extend(object(json!({ "container": { "type": "view", "view_id": view }, "view": body })));
        Ok((app, payload))
    }
}

impl Parcel {
    pub(super) fn command(app: &App, fields: Object) -> Self {
        Self::of(app, Sort::Command, |urls| &urls.commands, fields)
    }

    pub(super) fn interaction(app: &App, payload: Object) -> Self {
        Self::of(app, Sort::Interaction, |urls| &urls.interactivity, payload)
    }

    pub(super) fn options(app: &App, payload: Object) -> Self {
        Self::of(app, Sort::Interaction, |urls| &urls.options, payload)
    }

    fn of(app: &App, sort: Sort, url: fn(&AppUrls) -> &String, payload: Object) -> Self {
        let answered = ["view_submission", "block_suggestion"];
        let takes_answer = sort == Sort::Command || answered.iter().any(|kind| payload["type"] == *kind);
        let url = app.urls.as_ref().map(url).cloned().unwrap_or_default();
        Self { app_id: app.app_id.clone(), url, sort, payload: Value::Object(payload), takes_answer, retry: None }
    }
}

impl World {
    pub(super) fn listening_app(&self, team: &str, wanted: impl Fn(&App) -> bool) -> anyhow::Result<App> {
        let mut apps = self.workspace(team).into_iter().flat_map(|workspace| workspace.apps.values());
        apps.find(|app| wanted(app)).cloned().context("no app listens to this")
    }

    /// Whether an app can be reached for something: by Socket Mode, or at an address.
    pub(super) fn is_heard(&self, app: &App, url: fn(&AppUrls) -> &String) -> bool {
        self.sockets.count(&app.app_id) > 0 || app.urls.as_ref().map(url).is_some_and(|url| !url.is_empty())
    }

    pub(super) fn command_fields(
        &mut self,
        team: &str,
        user: &str,
        channel: &str,
        app: &App,
        command: &str,
        text: &str,
    ) -> Object {
        let response_url = self.response_url(team, channel, user, &app.app_id, None);
        let trigger = self.trigger(team, user, &app.app_id, None);
        let domain = self.workspace(team).map(|workspace| workspace.domain.clone()).unwrap_or_default();
        let name = self.channel(team, channel).map(|place| place.name.clone()).filter(|name| !name.is_empty());
        let handle = self.user(team, user).map(|user| user.name.clone()).unwrap_or_default();
        object(json!({
            "token": "verification-token", "team_id": team, "team_domain": domain, "channel_id": channel,
            "channel_name": name.as_deref().unwrap_or("directmessage"), "user_id": user, "user_name": handle,
            "command": command, "text": text, "api_app_id": app.app_id, "is_enterprise_install": "false",
            "response_url": response_url, "trigger_id": trigger,
        }))
    }

    /// The fields that all interactions have.
    pub(super) fn interaction(&mut self, team: &str, user: &str, app: &App, kind: &str, view: Option<&str>) -> Object {
        let trigger = self.trigger(team, user, &app.app_id, view);
        let domain = self.workspace(team).map(|workspace| workspace.domain.clone());
        let person = self.user(team, user);
        let home = person.and_then(|person| person.team_id.clone()).unwrap_or_else(|| team.to_owned());
        let handle = person.map(|person| person.name.clone());
        object(json!({
            "type": kind, "token": "verification-token",
            "user": { "id": user, "username": handle, "name": handle, "team_id": home },
            "team": { "id": team, "domain": domain }, "enterprise": null, "is_enterprise_install": false,
            "api_app_id": app.app_id, "trigger_id": trigger, "action_ts": format!("{}.000100", self.now().as_second()),
        }))
    }
}

/// The action as the payload shows it; `offered` is what the app has answered to a menu that asks for its options.
pub(super) fn action(
    block: &Value,
    element: &Value,
    value: Option<&str>,
    offered: &[Value],
    now: Timestamp,
) -> anyhow::Result<Value> {
    let kind = element["type"].as_str().unwrap_or_default();
    let mut action = json!({
        "action_id": element["action_id"], "block_id": block["block_id"], "type": kind,
        "action_ts": format!("{}.000200", now.as_second()),
    });
    match kind {
        "button" => {
            action["text"] = element["text"].clone();
            if !element["value"].is_null() {
                action["value"] = element["value"].clone();
            }
        }
        "static_select" | "radio_buttons" | "overflow" | "external_select" | "checkboxes" | "multi_static_select" => {
            let grouped = element["option_groups"].as_array().into_iter().flatten();
            let groups = grouped.filter_map(|group| group["options"].as_array()).flatten();
            let mut options = element["options"].as_array().into_iter().flatten().chain(groups).chain(offered);
            let picked = match value {
                None => options.next().cloned(),
                Some(value) => options.find(|option| option["value"] == value).cloned(),
            };
            let picked = picked.with_context(|| format!("no option {value:?}"))?;
            if kind == "checkboxes" || kind == "multi_static_select" {
                action["selected_options"] = json!([picked]);
            } else {
                action["selected_option"] = picked;
            }
        }
        "users_select" => action["selected_user"] = json!(value),
        "channels_select" => action["selected_channel"] = json!(value),
        "conversations_select" => action["selected_conversation"] = json!(value),
        "datepicker" => action["selected_date"] = json!(value),
        _ => action["value"] = json!(value),
    }
    Ok(action)
}
