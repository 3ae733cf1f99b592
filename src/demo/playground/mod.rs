//! The page on which visitors play customer and agent, beside the real service: `assets` is the page itself, `state` what it shows,
//! `gesture` what people do on it, `switches` what can be broken, `moves` (seen by the `witness`) what goes on behind.

mod assets;
mod catalogue;
mod gesture;
pub(super) mod moves;
mod state;
mod switches;
pub(super) mod witness;

use std::fmt::Write as _;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::bot::Bot;
use super::cast::{HUB, HUB_APP, JANE, RAJ};
use super::service::Service;
use crate::simulator::Simulator;
use moves::Moves;
use switches::Weather;

/// A file that somebody shares, in base64, and some words.
const MAX_GESTURE: usize = 8 << 20;
/// Channels of the support workspace: which queue agents find there.
const QUEUES: [(&str, &str); 2] = [("support", "helpdesk"), ("billing", "billing")];
/// Where agents see what needs a look.
const TRIAGE: &str = "triage";

/// All that the page shows and moves. Clones are the same.
#[derive(Clone)]
pub(super) struct Playground {
    slack: Simulator,
    bot: Bot,
    service: Service,
    moves: Moves,
    weather: Arc<Mutex<Weather>>,
    /// When everything ends.
    stop: CancellationToken,
}

impl Playground {
    pub(super) fn new(slack: Simulator, bot: Bot, service: Service, moves: Moves, stop: CancellationToken) -> Self {
        Self { slack, bot, service, moves, weather: Arc::default(), stop }
    }
}

/// The page's routes.
pub(super) fn router(playground: Playground) -> Router {
    Router::new()
        .route("/", get(assets::index))
        .route("/demo/page/{*path}", get(assets::file))
        .route("/demo/state", get(state::stream))
        .route("/demo/act", post(gesture::act).layer(DefaultBodyLimit::max(MAX_GESTURE)))
        .route("/demo/switches", post(switches::set))
        .route("/demo/files/{team}/{id}", get(assets::shared))
        .with_state(playground)
}

/// Sets up the channels in which the agents work, and answers the configuration for them.
pub(super) fn furnish(slack: &Simulator) -> anyhow::Result<String> {
    let make = |name: &str| {
        let channel = slack.create_channel(HUB, JANE, name, false)?;
        slack.join_channel(HUB, &channel, RAJ)?;
        slack.join_channel(HUB, &channel, "U0MEGATRON")?;
        anyhow::Ok(channel)
    };
    slack.open_dm(HUB, JANE, HUB_APP, "D0JANE")?;
    slack.open_dm(HUB, RAJ, HUB_APP, "D0RAJ")?;
    let mut more = format!("triage.channel = \"{}\"\nsupport.admins = [\"{RAJ}\"]\n", make(TRIAGE)?);
    for (number, (label, name)) in QUEUES.into_iter().enumerate() {
        let channel = make(name)?;
        writeln!(more, "[[queues]]\nlabel = \"{label}\"\nchannel = \"{channel}\"\ndefault = {}", number == 0)?;
    }
    Ok(more)
}

/// Why something cannot be done, for the visitor.
struct Refused(anyhow::Error);

impl From<anyhow::Error> for Refused {
    fn from(error: anyhow::Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let error = format!("{:#}", self.0);
        (StatusCode::UNPROCESSABLE_ENTITY, axum::Json(json!({ "error": error }))).into_response()
    }
}
