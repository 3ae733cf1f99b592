//! Every way in.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, post, put};

use super::server::Limits;
use super::state::Intake;
use super::{
    bot_api, customers_api, handoffs_api, health, ingest_api, layers, queues_api, records_api, reference, repeated,
    slack_http, stats_api, tracker_http, webhooks_api,
};

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
        .route(&format!("{conversation}/handoffs"), post(handoffs_api::ask))
        .route(&format!("{conversation}/audit"), get(records_api::audit))
        .route(&format!("{conversation}/transcript"), get(records_api::transcript))
        .route("/v1/handoffs/{id}", get(handoffs_api::get))
        .route("/v1/handoffs/{id}/accept", post(handoffs_api::accept))
        .route("/v1/handoffs/{id}/decline", post(handoffs_api::decline))
        .route("/v1/handoffs/{id}/transfer", post(handoffs_api::transfer))
        .route("/v1/handoffs/{id}/cancel", post(handoffs_api::cancel))
        .route("/v1/customers/{team_id}/{user_id}", delete(customers_api::erase))
        .route("/v1/customers/{team_id}/{user_id}/export", get(customers_api::export))
        .route("/v1/queues", get(queues_api::list))
        .route("/v1/queues/{label}", put(queues_api::put).delete(queues_api::remove))
        .route("/v1/stats", get(stats_api::get))
        .route("/v1/bot", put(bot_api::switch))
        .route("/v1/notices", post(bot_api::notice))
        .route("/v1/webhooks", get(webhooks_api::list))
        .route("/v1/webhooks/{id}/ping", post(webhooks_api::ping))
        .route("/v1/webhooks/{id}/replay", post(webhooks_api::replay))
        .route("/v1/webhooks/{id}/enable", post(webhooks_api::enable))
        .layer(from_fn_with_state(intake.clone(), repeated::answer_once));
    let slack = Router::new()
        .route("/slack/events", post(slack_http::events))
        .route("/slack/commands", post(slack_http::commands))
        .route("/slack/interactivity", post(slack_http::interactivity))
        .route("/slack/options", post(slack_http::options))
        .route("/slack/bots/{bot}/events", post(slack_http::bot_events));
    let tracker = Router::new()
        .route("/trackers/asana/{target}", post(tracker_http::asana))
        .route("/trackers/webhook", post(tracker_http::webhook));
    let open = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics))
        .route("/openapi.json", get(reference::openapi))
        .route("/docs", get(reference::docs));
    layers::apply(bots.merge(slack).merge(tracker).merge(open).with_state(intake), limits)
}
