//! The stage: the simulated Slack, the bot and the service itself, each over HTTP, and the page on which visitors play. Used by the
//! story and by `megatron demo`.

use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::extract::Request;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::bot::Bot;
use super::cast::{self, ACME, BOT, BOT_APP, PHIL};
use super::people::People;
use super::playground::moves::Moves;
use super::playground::{self, Playground};
use super::service::Service;
use crate::clock::Clock;
use crate::intake::server::{self, Limits};
use crate::simulator::{AppUrls, Simulator};
use crate::store::customers;

/// How long the service may take to be ready.
const READY_WITHIN: Duration = Duration::from_secs(20);
/// How often something that is waited for is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Everything that runs.
#[derive(Debug)]
pub(super) struct Stage {
    /// Phil and Jane.
    pub(super) people: People,
    /// The bot.
    pub(super) bot: Bot,
    /// Where the page and the service are reached.
    pub(super) address: Url,
    service: Service,
    serving: JoinHandle<()>,
    stop: CancellationToken,
    _database: TempDir,
}

impl Stage {
    /// Starts everything, on a database that goes when the stage goes.
    pub(super) async fn set(listener: TcpListener) -> anyhow::Result<Self> {
        let slack = Simulator::start(Clock::System).await?;
        cast::enter(&slack)?;
        let more = playground::furnish(&slack)?;
        let address = reached(&listener)?;
        let (stop, moves) = (CancellationToken::new(), Moves::default());
        let (bot, bots_address) = Bot::start(slack.api_url(), address.clone(), moves.clone(), stop.clone()).await?;
        let files = TempDir::new().context("no temporary directory for the database")?;
        let database = format!("sqlite://{}", files.path().join("megatron.db").display());
        let config = cast::config(&slack, &database, &bots_address.join("callbacks")?, &more)?;
        let service = Service::new(config, slack.clone(), moves.clone());
        service.start().await?;

        cast::listen(&slack, &address);
        let at = |path: &str| bots_address.join(path).map(String::from).unwrap_or_default();
        let bots =
            AppUrls { events: at("slack/events"), interactivity: at("slack/interactivity"), ..AppUrls::default() };
        slack.set_urls(BOT_APP, &bots);
        slack.run_live();
        let playground = Playground::new(slack.clone(), bot.clone(), service.clone(), moves, stop.clone());
        let door = service.clone();
        let router: Router = playground::router(playground).fallback(move |request: Request| door.answer(request));
        let serving = tokio::spawn(server::serve(listener, router, Limits::default(), stop.clone()));
        let stage = Self { people: People { slack }, bot, address, service, serving, stop, _database: files };
        stage.is_ready().await?;
        stage.bot.register().await?;
        Ok(stage)
    }

    /// Stops the service as SIGTERM does, and removes the database.
    pub(super) async fn strike(self) -> anyhow::Result<()> {
        self.stop.cancel();
        self.service.stop().await?;
        Ok(self.serving.await?)
    }

    /// Waits until the service knows Phil by his name: it asks Slack, soon after it has heard of him.
    pub(super) async fn knows_phil(&self) -> anyhow::Result<()> {
        let app = self.service.app().context("the service is stopped")?;
        let db = &app.relay().db;
        let known = async {
            while customers::get(db, BOT, ACME, PHIL).await?.is_none_or(|phil| phil.profile.name.is_empty()) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(READY_WITHIN, known).await.context("the service did not learn who Phil is")?
    }

    async fn is_ready(&self) -> anyhow::Result<()> {
        let http = reqwest::Client::builder().no_proxy().build()?;
        let url = self.address.join("readyz")?;
        let ready = async {
            while !http.get(url.clone()).send().await.is_ok_and(|answer| answer.status().is_success()) {
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::time::timeout(READY_WITHIN, ready).await.context("the service did not become ready")
    }
}

/// Waits for something that the stage is about to do.
pub(super) async fn until(limit: Duration, happened: impl Fn() -> bool) -> Result<(), tokio::time::error::Elapsed> {
    tokio::time::timeout(limit, async {
        while !happened() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    })
    .await
}

/// Where a listener is reached from this machine.
fn reached(listener: &TcpListener) -> anyhow::Result<Url> {
    let mut address = listener.local_addr()?;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    Ok(format!("http://{address}/").parse()?)
}
