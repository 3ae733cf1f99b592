//! What people do that an app must answer at once: commands, clicks, shortcuts, modals.

use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use super::Simulator;
use super::cast::App;
use super::delivery::{Parcel, Receipt};
use super::payload::action;
use super::world::{Object, World, object};

/// The app's answer to a command, as it came.
#[derive(Debug, Clone)]
pub struct CommandAnswer {
    /// HTTP status; 0 if there was none within 3 seconds, and the person saw `operation_timeout`.
    pub status: u16,
    /// The body: JSON, or text as a string; null when empty.
    pub body: Value,
    /// Real time until the answer.
    pub took: Duration,
}

/// The app's answer to a click, a shortcut, a modal or a request for options.
pub type Answer = CommandAnswer;

/// Where a button or menu is.
#[derive(Debug, Clone)]
pub enum Spot {
    /// In a message that everybody sees.
    Message {
        /// Channel, by id or name.
        channel: String,
        /// The message.
        ts: String,
    },
    /// In a message that only this person sees.
    Ephemeral {
        /// Channel, by id or name.
        channel: String,
        /// The message.
        ts: String,
    },
    /// In a modal or on the Home tab.
    View(String),
}

impl Simulator {
    /// A person types a slash command. Its answer is shown to the person, or to all for `in_channel`.
    ///
    /// # Errors
    /// When there is no such channel, or no app takes commands.
    pub async fn command(
        &self,
        team: &str,
        user: &str,
        channel: &str,
        command: &str,
        text: &str,
    ) -> anyhow::Result<CommandAnswer> {
        let (app, channel, fields) = self.with_channel(team, channel, |world, channel| {
            let app = world.listening_app(team, |app| world.is_heard(app, |urls| &urls.commands))?;
            let fields = world.command_fields(team, user, channel, &app, command, text);
            anyhow::Ok((app, channel.to_owned(), fields))
        })??;
        let receipt = self.core.send(team, Parcel::command(&app, fields)).await;
        let answer = answer_of(&receipt);
        let mut world = self.core.world();
        if answer.status != 200 {
            let what = if answer.status == 0 { "operation_timeout" } else { "dispatch_failed" };
            let text = format!("{command} failed with the error \"{what}\"");
            world.whisper(team, &channel, user, object(json!({ "user": "USLACKBOT", "text": text })));
        } else if !answer.body.is_null() {
            let body = match &answer.body {
                Value::Object(message) => message.clone(),
                other => object(json!({ "text": other.as_str().unwrap_or_default() })),
            };
            let visible = body.get("response_type").is_some_and(|kind| kind == "in_channel");
            let content = world.response_content(team, &body).map_err(|refusal| {
                anyhow::anyhow!("Slack would not show the answer to {command}: {}", refusal.answer())
            })?;
            world.say_as_app(team, &channel, user, &app.app_id, content, visible);
        }
        self.core.queued.notify_one();
        Ok(answer)
    }

    /// A person presses a button. A menu keeps its first option; use [`Self::choose`] for another.
    ///
    /// # Errors
    /// When there is no such button, or the app takes no clicks.
    pub async fn click(&self, team: &str, user: &str, spot: &Spot, action_id: &str) -> anyhow::Result<Answer> {
        self.act(team, user, spot, action_id, None).await
    }

    /// A person picks the option with this value from a menu, or gives an element this value: text, a date, an id.
    ///
    /// # Errors
    /// When there is no such element, or the app takes no clicks.
    pub async fn choose(
        &self,
        team: &str,
        user: &str,
        spot: &Spot,
        action_id: &str,
        value: &str,
    ) -> anyhow::Result<Answer> {
        self.act(team, user, spot, action_id, Some(value)).await
    }

    /// A person uses a shortcut of the hub app on a message.
    ///
    /// # Errors
    /// When there is no such message, or no app takes shortcuts.
    pub async fn message_shortcut(
        &self,
        team: &str,
        user: &str,
        channel: &str,
        ts: &str,
        callback_id: &str,
    ) -> anyhow::Result<Answer> {
        let (app, payload) = self.with_channel(team, channel, |world, channel| {
            let app = world.interactive_app(team)?;
            let place = world.channel(team, channel).context("no channel")?;
            let message = place.message(ts).with_context(|| format!("no message {ts}"))?.body.clone();
            let shown = json!({ "id": channel, "name": place.name });
            let mut payload = world.interaction(team, user, &app, "message_action", None);
            let response_url = world.response_url(team, channel, user, &app.app_id, Some(ts));
            payload.extend(object(json!({
                "callback_id": callback_id, "message_ts": ts, "message": message, "channel": shown,
                "response_url": response_url,
            })));
            anyhow::Ok((app, payload))
        })??;
        Ok(self.interact(team, &app, payload).await)
    }

    /// A person uses a global shortcut of the hub app.
    ///
    /// # Errors
    /// When no app takes shortcuts.
    pub async fn global_shortcut(&self, team: &str, user: &str, callback_id: &str) -> anyhow::Result<Answer> {
        let (app, payload) = {
            let mut world = self.core.world();
            let app = world.interactive_app(team)?;
            let mut payload = world.interaction(team, user, &app, "shortcut", None);
            payload.insert("callback_id".into(), json!(callback_id));
            (app, payload)
        };
        Ok(self.interact(team, &app, payload).await)
    }

    /// A person submits a modal with these values: `{block_id: {action_id: {"type": ..., "value": ...}}}`. The modal
    /// follows the answer: it closes, shows errors, or shows another view.
    ///
    /// # Errors
    /// When there is no such modal, another lies on it, or Slack would not send it like that.
    pub async fn submit_view(&self, team: &str, user: &str, view: &str, values: Value) -> anyhow::Result<Answer> {
        let (app, payload) = self.view_payload(team, user, view, "view_submission", Some(values))?;
        let answer = self.interact(team, &app, payload).await;
        if answer.status == 200 {
            self.follow(team, user, &app, view, &answer.body)?;
        }
        Ok(answer)
    }

    /// A person closes a modal. The app hears of it only if it asked to.
    ///
    /// # Errors
    /// When there is no such modal.
    pub async fn close_view(&self, team: &str, user: &str, view: &str) -> anyhow::Result<()> {
        let (app, mut payload) = self.view_payload(team, user, view, "view_closed", None)?;
        payload.insert("is_cleared".into(), json!(false));
        self.core.world().close_view(view, false);
        if payload["view"]["notify_on_close"] == true {
            self.interact(team, &app, payload).await;
        }
        Ok(())
    }

    async fn act(
        &self,
        team: &str,
        user: &str,
        spot: &Spot,
        action_id: &str,
        value: Option<&str>,
    ) -> anyhow::Result<Answer> {
        let (app, mut payload, block, element) = self.at(team, user, spot, action_id, "block_actions")?;
        let action = {
            let world = self.core.world();
            action(&block, &element, value, world.offered(team, user, action_id), world.now())?
        };
        payload.insert("actions".into(), json!([action]));
        Ok(self.interact(team, &app, payload).await)
    }

    /// What a modal does with the answer to its submission.
    fn follow(&self, team: &str, user: &str, app: &App, view: &str, answer: &Value) -> anyhow::Result<()> {
        let mut world = self.core.world();
        let next = &answer["view"];
        let action = answer["response_action"].as_str();
        if let Some("update" | "push") = action {
            super::blocks::check_view(next, &|_| false)
                .map_err(|refusal| anyhow::anyhow!("Slack would not show the view: {}", refusal.answer()))?;
        }
        match action {
            None => world.close_view(view, false),
            Some("clear") => world.close_view(view, true),
            Some("errors") => {
                if let Some(view) = world.surfaces.views.get_mut(view) {
                    let blocks = view.body["blocks"].as_array().into_iter().flatten();
                    let inputs: Vec<&Value> = blocks.filter(|block| block["type"] == "input").collect();
                    let places = answer["errors"].as_object().context("no errors")?;
                    for place in places.keys() {
                        let is_there = inputs.iter().any(|input| input["block_id"] == **place);
                        ensure!(is_there, "Slack would show no errors: the view has no input {place}");
                    }
                    view.body["errors"] = answer["errors"].clone();
                }
            }
            Some("update") => world.replace_view(view, next),
            Some("push") if world.is_full(view) => bail!("Slack would show no fourth view on top of the others"),
            Some("push") => drop(world.show_view(team, user, &app.app_id, next, Some(view))),
            Some(other) => bail!("unknown response_action {other}"),
        }
        Ok(())
    }

    async fn interact(&self, team: &str, app: &App, payload: Object) -> Answer {
        answer_of(&self.core.send(team, Parcel::interaction(app, payload)).await)
    }
}

impl World {
    fn interactive_app(&self, team: &str) -> anyhow::Result<App> {
        self.listening_app(team, |app| self.is_heard(app, |urls| &urls.interactivity))
    }
}

pub(super) fn answer_of(receipt: &Receipt) -> CommandAnswer {
    let text = String::from_utf8_lossy(&receipt.body);
    let body = match text.trim() {
        "" => Value::Null,
        body => serde_json::from_str(body).unwrap_or_else(|_| json!(body)),
    };
    CommandAnswer { status: receipt.status.unwrap_or_default(), body, took: receipt.took }
}
