//! For load balancers and orchestrators.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::problem::Problem;
use super::state::Intake;

/// The process runs.
pub(super) async fn alive() -> &'static str {
    "ok\n"
}

/// The process can do its work: the database answers, and Slack has told who we are.
pub(super) async fn ready(State(intake): State<Intake>) -> Response {
    let missing = if !intake.relay.db.is_ready().await {
        "the database does not answer"
    } else if intake.hub.get().is_none() {
        "Slack has not taken the hub app's token so far"
    } else {
        return (StatusCode::OK, "ready\n").into_response();
    };
    Problem { detail: missing.into(), ..Problem::unavailable(1) }.into_response()
}
