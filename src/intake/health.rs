//! For load balancers, orchestrators and Prometheus.

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::store::backlog;

use super::problem::Problem;
use super::state::Intake;

/// The process runs.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// The process can do its work: the database answers, Slack has told who we are, and was reached by Socket Mode if that is
/// wanted.
pub(super) async fn ready(State(intake): State<Intake>) -> Response {
    let missing = if !intake.relay.db.is_ready().await {
        "the database does not answer"
    } else if intake.hub.get().is_none() {
        "Slack has not taken the hub app's token so far"
    } else if intake.relay.config.slack.has_app_token() && !intake.standing.was_reached() {
        "there has been no connection by Socket Mode so far"
    } else if !intake.hub.is_well() {
        "Slack does not take the hub app's token any more"
    } else {
        return (StatusCode::OK, "ready\n").into_response();
    };
    Problem { detail: missing.into(), ..Problem::unavailable(1) }.into_response()
}

/// How the process does, in numbers (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
pub(super) async fn metrics(State(intake): State<Intake>) -> Response {
    let relay = &intake.relay;
    let backlog = backlog::read(&relay.db).await;
    let backlog = backlog.inspect_err(|error| tracing::warn!(error = %error, "the backlog cannot be read")).ok();
    let text = relay.metrics.render(backlog.as_ref(), relay.clock.now());
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
