//! What visitors can break, to see that nothing is lost.

use std::sync::PoisonError;

use axum::Json;
use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use anyhow::anyhow;

use super::{Playground, Refused};
use crate::demo::cast::BOT_APP;
use crate::demo::service::Service;
use crate::simulator::Fault;

/// How long Slack asks to wait where it takes no more, in seconds.
const RETRY_AFTER: u64 = 2;

#[derive(Deserialize)]
pub(super) struct Wish {
    slack: Option<Weather>,
    bot: Option<Health>,
    service: Option<Power>,
}

/// How Slack's Web API is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Weather {
    /// As usual.
    #[default]
    Ok,
    /// It answers 429 to whoever posts.
    Limited,
    /// It answers nothing but 500.
    Down,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    Ok,
    Down,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Power {
    Running,
    Stopped,
    Restart,
}

/// `POST /demo/switches`.
pub(super) async fn set(
    State(playground): State<Playground>,
    wish: Result<Json<Wish>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    let Json(wish) = wish.map_err(|refused| anyhow!(refused.body_text()))?;
    let Playground { slack, bot, service, .. } = &playground;
    if let Some(weather) = wish.slack {
        *playground.weather.lock().unwrap_or_else(PoisonError::into_inner) = weather;
        slack.clear_faults();
        match weather {
            Weather::Ok => {}
            Weather::Limited => {
                slack.fail_randomly("chat.postMessage", 1.0, 1, Fault::RateLimited { retry_after_secs: RETRY_AFTER });
            }
            Weather::Down => slack.fail_randomly("*", 1.0, 1, Fault::Http500Before),
        }
    }
    if let Some(health) = wish.bot {
        let is_down = matches!(health, Health::Down);
        bot.go_down(is_down);
        if !is_down {
            // What Slack could not deliver comes at once; in truth it would be minutes.
            slack.hurry_retries(BOT_APP);
        }
    }
    if let Some(power) = wish.service {
        // A visitor who closes the page does not stop it halfway.
        tokio::spawn(turn(service.clone(), power)).await.map_err(anyhow::Error::from)??;
    }
    Ok(Json(json!({})))
}

async fn turn(service: Service, power: Power) -> anyhow::Result<()> {
    if matches!(power, Power::Stopped | Power::Restart) {
        service.stop().await?;
    }
    if matches!(power, Power::Running | Power::Restart) {
        service.start().await?;
    }
    Ok(())
}

/// How the switches stand.
pub(super) fn stand(Playground { bot, service, weather, .. }: &Playground) -> Value {
    let weather = *weather.lock().unwrap_or_else(PoisonError::into_inner);
    json!({
        "slack": weather,
        "bot": if bot.is_down() { "down" } else { "ok" },
        "service": if service.app().is_some() { "running" } else { "stopped" },
    })
}
