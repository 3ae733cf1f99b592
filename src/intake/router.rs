//! Every way in.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post, put};

use crate::deliver::hub::HubCell;
use crate::desk::Desk;
use crate::desk::contacts::Contacts;
use crate::relay::Relay;
use crate::store::seal::Sealer;

use super::auth::BotKeys;
use super::problem::Problem;
use super::server::Limits;
use super::{bot_api, health, ingest_api, layers, repeated, slack_http};

/// What the handlers share.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Takes events in.
    pub relay: Arc<Relay>,
    /// Finds out whom agents mean.
    pub desk: Desk,
    /// Notes who comes by.
    pub contacts: Arc<Contacts>,
    /// Who the hub app is.
    pub hub: HubCell,
    /// Who the bots are.
    pub keys: BotKeys,
    /// Seals tokens.
    pub sealer: Arc<Sealer>,
}

/// The routes, with everything around them.
pub fn router(intake: Intake, limits: Limits) -> Router {
    let conversation = "/v1/conversations/{team_id}/{channel_id}";
    let bots = Router::new()
        .route("/ingest", post(ingest_api::ingest))
        .route(
            "/v1/workspaces/{team_id}",
            put(bot_api::put_workspace).get(bot_api::get_workspace).delete(bot_api::forget_workspace),
        )
        .route(conversation, get(bot_api::conversation))
        .route(&format!("{conversation}/pause"), post(bot_api::pause))
        .route(&format!("{conversation}/unpause"), post(bot_api::unpause))
        .route(&format!("{conversation}/close"), post(bot_api::close))
        .route(&format!("{conversation}/messages"), post(bot_api::say))
        .route("/v1/bot", put(bot_api::switch))
        .route("/v1/notices", post(bot_api::notice))
        .layer(from_fn_with_state(intake.clone(), repeated::answer_once));
    let slack = Router::new()
        .route("/slack/events", post(slack_http::events))
        .route("/slack/commands", post(slack_http::commands))
        .route("/slack/interactivity", post(slack_http::interactivity))
        .route("/slack/options", post(slack_http::options))
        .route("/slack/bots/{bot}/events", post(slack_http::bot_events));
    let open = Router::new().route("/healthz", get(health::alive)).route("/readyz", get(health::ready));
    layers::apply(bots.merge(slack).merge(open).with_state(intake), limits)
}

/// Something failed here, most likely the database: nothing was stored, and another try may succeed.
pub(super) fn unavailable(error: &anyhow::Error) -> Problem {
    tracing::error!(error = %error, "a request could not be taken in");
    Problem::unavailable(1)
}
