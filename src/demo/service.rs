//! The service on the stage: the real one, which can be stopped and started while everything around it goes on. Used by the stage
//! and, by the switches of the playground, by visitors.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt as _;

use super::cast::HUB_APP;
use super::playground::moves::{Moves, part};
use super::playground::witness::witness;
use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::ids::Ids;
use crate::intake::server::Limits;
use crate::simulator::Simulator;

/// The service. Clones are the same one.
#[derive(Clone)]
pub(super) struct Service {
    config: Config,
    slack: Simulator,
    moves: Moves,
    /// Who answers; none while the service is stopped.
    answering: Arc<Mutex<Option<App>>>,
    /// Requests that are being answered.
    requests: TaskTracker,
    /// Locked while it starts or stops.
    running: Arc<tokio::sync::Mutex<Option<Running>>>,
}

struct Running {
    stop: CancellationToken,
    work: JoinHandle<anyhow::Result<()>>,
}

impl Service {
    pub(super) fn new(config: Config, slack: Simulator, moves: Moves) -> Self {
        Self { config, slack, moves, answering: Arc::default(), requests: TaskTracker::new(), running: Arc::default() }
    }

    /// Starts it, unless it runs.
    pub(super) async fn start(&self) -> anyhow::Result<()> {
        let mut running = self.running.lock().await;
        if running.is_some() {
            return Ok(());
        }
        let app = App::new(self.config.clone(), Clock::System, Ids::Random).await?;
        let stop = CancellationToken::new();
        *self.answering.lock().unwrap_or_else(PoisonError::into_inner) = Some(app.clone());
        let until = stop.clone();
        let work = tokio::spawn(async move { app.work_beside(until.cancelled(), &until).await });
        *running = Some(Running { stop, work });
        // What Slack could not deliver comes at once; in truth it would be minutes.
        self.slack.hurry_retries(HUB_APP);
        Ok(())
    }

    /// Stops it as SIGTERM does, unless it is stopped.
    pub(super) async fn stop(&self) -> anyhow::Result<()> {
        let mut running = self.running.lock().await;
        let Some(Running { stop, work }) = running.take() else { return Ok(()) };
        *self.answering.lock().unwrap_or_else(PoisonError::into_inner) = None;
        // As the server of `serve` does: what is being answered is finished, within reason.
        self.requests.close();
        let _ = timeout(Limits::default().drain, self.requests.wait()).await;
        self.requests.reopen();
        stop.cancel();
        work.await?
    }

    /// The service while it runs.
    pub(super) fn app(&self) -> Option<App> {
        self.answering.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Answers a request, or says that nobody is there.
    pub(super) async fn answer(self, request: Request) -> Response {
        let path = request.uri().path();
        let from = if path.starts_with("/slack/") { part::SUPPORT_SLACK } else { part::BOT };
        let is_shown = ["/ingest", "/v1/", "/slack/"].iter().any(|shown| path.starts_with(shown));
        if !is_shown {
            return self.pass(request).await;
        }
        let moves = self.moves.clone();
        witness(&moves, (from, part::SERVICE), request, async |request| self.pass(request).await).await
    }

    async fn pass(&self, request: Request) -> Response {
        match self.app() {
            Some(app) => self.requests.track_future(app.router().oneshot(request)).await.into_response(),
            None => {
                (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], "The service is stopped.\n").into_response()
            }
        }
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service")
    }
}
