//! What people do on the page, done in the simulated Slack.

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use anyhow::{Context as _, anyhow, ensure};

use super::{Playground, Refused};
use crate::demo::cast::HUB_APP;
use crate::demo::people::COMMAND;
use crate::simulator::{Answer, NewFile, Simulator, Spot};

/// Somebody does something.
#[derive(Deserialize)]
pub(super) struct Act {
    team: String,
    user: String,
    #[serde(flatten)]
    gesture: Gesture,
}

#[derive(Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
enum Gesture {
    Say {
        channel: String,
        text: String,
        thread_ts: Option<String>,
        #[serde(default)]
        broadcast: bool,
    },
    Command {
        channel: String,
        text: String,
    },
    Edit {
        channel: String,
        ts: String,
        text: String,
    },
    Delete {
        channel: String,
        ts: String,
    },
    React {
        channel: String,
        ts: String,
        name: String,
        add: bool,
    },
    Upload {
        channel: String,
        name: String,
        mimetype: String,
        /// In base64.
        data: String,
        #[serde(default)]
        text: String,
        thread_ts: Option<String>,
    },
    Click {
        spot: Place,
        action_id: String,
        value: Option<String>,
    },
    Options {
        spot: Place,
        action_id: String,
        query: String,
    },
    MessageShortcut {
        channel: String,
        ts: String,
        callback_id: String,
    },
    GlobalShortcut {
        callback_id: String,
    },
    Submit {
        view: String,
        values: Value,
    },
    Close {
        view: String,
    },
    Home,
    Join {
        channel: String,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Message { channel: String, ts: String },
    Ephemeral { channel: String, ts: String },
    View(String),
}

impl From<Place> for Spot {
    fn from(place: Place) -> Self {
        match place {
            Place::Message { channel, ts } => Self::Message { channel, ts },
            Place::Ephemeral { channel, ts } => Self::Ephemeral { channel, ts },
            Place::View(view) => Self::View(view),
        }
    }
}

/// `POST /demo/act`.
pub(super) async fn act(
    State(playground): State<Playground>,
    act: Result<Json<Act>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    let Json(Act { team, user, gesture }) = act.map_err(|refused| anyhow!(refused.body_text()))?;
    Ok(Json(carry_out(&playground.slack, &team, &user, gesture).await?))
}

async fn carry_out(slack: &Simulator, team: &str, user: &str, gesture: Gesture) -> anyhow::Result<Value> {
    match gesture {
        Gesture::Say { channel, text, thread_ts: None, .. } => slack.say(team, user, &channel, &text).map(drop)?,
        Gesture::Say { channel, text, thread_ts: Some(thread), broadcast } => {
            slack.reply(team, user, &channel, &thread, &text, broadcast).map(drop)?;
        }
        Gesture::Command { channel, text } => {
            // That the service did not answer is shown to the person, as Slack does.
            slack.command(team, user, &channel, COMMAND, &text).await.map(drop)?;
        }
        Gesture::Edit { channel, ts, text } => slack.edit(team, user, &channel, &ts, &text)?,
        Gesture::Delete { channel, ts } => slack.delete(team, user, &channel, &ts)?,
        Gesture::React { channel, ts, name, add } => slack.react(team, user, &channel, &ts, &name, add)?,
        Gesture::Upload { channel, name, mimetype, data, text, thread_ts } => {
            let bytes = STANDARD.decode(data).context("the file is not base64")?;
            let mut fields = json!({ "text": text });
            if let Some(thread) = thread_ts {
                fields["thread_ts"] = json!(thread);
            }
            slack.share_files(team, user, &channel, &[NewFile::new(&name, &mimetype, &bytes)], fields).map(drop)?;
        }
        Gesture::Click { spot, action_id, value } => {
            let spot = spot.into();
            was_taken(&match value {
                Some(value) => slack.choose(team, user, &spot, &action_id, &value).await?,
                None => slack.click(team, user, &spot, &action_id).await?,
            })?;
        }
        Gesture::Options { spot, action_id, query } => {
            return slack.type_in_select(team, user, &spot.into(), &action_id, &query).await;
        }
        Gesture::MessageShortcut { channel, ts, callback_id } => {
            was_taken(&slack.message_shortcut(team, user, &channel, &ts, &callback_id).await?)?;
        }
        Gesture::GlobalShortcut { callback_id } => {
            was_taken(&slack.global_shortcut(team, user, &callback_id).await?)?;
        }
        Gesture::Submit { view, values } => was_taken(&slack.submit_view(team, user, &view, values).await?)?,
        Gesture::Close { view } => slack.close_view(team, user, &view).await?,
        Gesture::Home => slack.open_app_home(team, user, HUB_APP, "home"),
        Gesture::Join { channel } => slack.join_channel(team, &channel, user)?,
    }
    Ok(json!({}))
}

/// As Slack's own words are where an app does not answer.
fn was_taken(answer: &Answer) -> anyhow::Result<()> {
    ensure!(answer.status == 200, "We had some trouble connecting. Try again?");
    Ok(())
}
