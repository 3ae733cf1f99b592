//! What an app sends to a response URL. Called by the server.
//!
//! <https://docs.slack.dev/interactivity/handling-user-interaction#message_responses>

use serde_json::{Value, json};

use super::api::Refusal;
use super::blocks::{check_attachments, check_message};
use super::surfaces::Link;
use super::world::{Object, World, object};

/// Fields that Slack takes here.
const FIELDS: &[&str] = &[
    "text",
    "blocks",
    "attachments",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "mrkdwn",
    "unfurl_links",
    "unfurl_media",
];

impl World {
    /// Carries out what was sent to a response URL.
    pub(super) fn respond(&mut self, id: &str, body: &Object) -> Result<(), Refusal> {
        let link = self.use_link(id)?;
        if let Some(unknown) = body.keys().find(|name| !FIELDS.contains(&name.as_str())) {
            return Err(Refusal::arguments(&format!("unknown argument: {unknown}")));
        }
        let set = |name: &str| body.get(name).is_some_and(|flag| flag == true || flag == "true");
        if set("delete_original") {
            self.delete_original(&link);
            return Ok(());
        }
        let content = self.response_content(&link.team, body)?;
        if set("replace_original") && self.replace_original(&link, &content) {
            return Ok(());
        }
        let visible = body.get("response_type").is_some_and(|kind| kind == "in_channel");
        self.say_as_app(&link.team, &link.channel, &link.user, &link.app_id, content, visible);
        Ok(())
    }

    /// Text, blocks and attachments of a response or of the answer to a command, checked.
    pub(super) fn response_content(&self, team: &str, body: &Object) -> Result<Object, Refusal> {
        let files = self.workspace(team).map(|workspace| &workspace.files);
        let has_file = |file: &str| files.is_some_and(|files| files.contains_key(file));
        let mut content = Object::new();
        for (name, value) in body.iter().filter(|(_, value)| !value.is_null()) {
            match name.as_str() {
                "blocks" => check_message(value, &has_file)?,
                "attachments" => check_attachments(value, &has_file)?,
                "text" | "thread_ts" => {}
                _ => continue,
            }
            content.insert(name.clone(), value.clone());
        }
        if !content.keys().any(|name| name != "thread_ts") {
            return Err("no_text".into());
        }
        Ok(content)
    }

    /// Shows something as the app: to one person, or to everybody. Membership does not matter here.
    pub(super) fn say_as_app(
        &mut self,
        team: &str,
        channel: &str,
        user: &str,
        app_id: &str,
        content: Object,
        visible: bool,
    ) {
        let Some(app) = self.workspace(team).and_then(|workspace| workspace.apps.get(app_id)) else { return };
        let mut message =
            object(json!({ "user": app.bot_user_id, "text": "", "bot_id": app.bot_id, "app_id": app_id }));
        message.extend(content);
        if visible {
            self.post(team, channel, message);
        } else {
            self.whisper(team, channel, user, message);
        }
    }

    fn delete_original(&mut self, link: &Link) {
        let Some(ts) = &link.message else { return };
        match self.ephemeral_mut(&link.team, &link.channel, &link.user, ts) {
            Some(message) => message.deleted = true,
            None => drop(self.remove(&link.team, &link.channel, ts)),
        }
    }

    /// False when there is no message to replace: after a command, a new one is shown.
    fn replace_original(&mut self, link: &Link, content: &Object) -> bool {
        let Some(ts) = &link.message else { return false };
        let mut fields = object(json!({ "text": "", "blocks": null, "attachments": null }));
        fields.extend(content.clone());
        let Some(message) = self.ephemeral_mut(&link.team, &link.channel, &link.user, ts) else {
            return self.change(&link.team, &link.channel, ts, fields);
        };
        message.body.extend(fields);
        message.body.retain(|_, value| *value != Value::Null);
        true
    }
}
