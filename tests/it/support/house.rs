//! The house: the service, its database, the simulated Slack and the bot, on a clock that is turned by hand.

use std::sync::Arc;
use std::time::Duration;

use megatron::app::App;
use megatron::clock::{Clock, ManualClock};
use megatron::demo::cast::{self, ACME, API_KEY, BOT_APP, BOT_TOKEN, HUB, JANE, PHIL, PHILS_DM, SUPPORT};
use megatron::ids::Ids;
use megatron::simulator::{CommandAnswer, Fault, Seen, Simulator, Spot};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::bot::Bot;
use super::{eventually, postgres};

/// Everything that a scenario plays with.
pub(crate) struct House {
    pub(crate) slack: Simulator,
    pub(crate) bot: Bot,
    pub(crate) clock: ManualClock,
    pub(crate) app: App,
    pub(crate) url: Url,
    http: Client,
    database: String,
    callbacks: Url,
    config: String,
    starts: u64,
    server: CancellationToken,
    _files: TempDir,
}

impl House {
    pub(crate) async fn on_sqlite() -> Self {
        let files = TempDir::new().unwrap();
        let database = format!("sqlite://{}", files.path().join("megatron.db").display());
        Self::new(database, files).await
    }

    pub(crate) async fn on_postgres() -> Option<Self> {
        let database = postgres::database().await?;
        Some(Self::new(database, TempDir::new().unwrap()).await)
    }

    async fn new(database: String, files: TempDir) -> Self {
        let clock = ManualClock::starting_at(cast::curtain());
        let slack = Simulator::start(Clock::Manual(clock.clone())).await.unwrap();
        cast::enter(&slack).unwrap();
        let bot = Bot::default();
        let callbacks = bot.listen().await;
        let http = Client::builder().no_proxy().build().unwrap();
        let (app, url, server) = start(&slack, &database, &callbacks, "", &clock, 0).await;
        let config = String::new();
        let house =
            Self { slack, bot, clock, app, url, http, database, callbacks, config, starts: 1, server, _files: files };
        house.settle().await;
        house
    }

    /// Stops the service as a crash does and starts it again on the same database; `more` is TOML for its configuration.
    pub(crate) async fn restart_with(&mut self, more: &str) {
        self.server.cancel();
        self.app.relay().db.close().await;
        more.clone_into(&mut self.config);
        let (app, url, server) =
            start(&self.slack, &self.database, &self.callbacks, more, &self.clock, self.starts).await;
        (self.app, self.url, self.server) = (app, url, server);
        self.starts += 1;
        self.settle().await;
    }

    /// The service dies while it posts a message, whose answer is lost with it; then it starts again.
    pub(crate) async fn crash_while_posting(&mut self) {
        self.pass_on().await;
        self.crash_during("chat.postMessage", Fault::HangAfter).await;
    }

    /// The service dies while Slack has this call in its hands; then it starts again, and Slack goes on.
    pub(crate) async fn crash_during(&mut self, method: &str, fault: Fault) {
        self.slack.fail_next(method, fault.clone());
        let slack = self.slack.clone();
        let before = slack.hanging();
        self.crash_when(|| slack.hanging() > before).await;
        self.slack.release_hangs();
    }

    /// The service dies as soon as this is true; then it starts again.
    pub(crate) async fn crash_when(&mut self, is_true: impl Fn() -> bool) {
        let working = Box::pin(async { while self.app.step().await.unwrap() {} });
        tokio::select! {
            biased;
            () = eventually(is_true) => {}
            () = working => panic!("there was nothing to do"),
        }
        self.restart().await;
    }

    /// A second service on the same database.
    pub(crate) async fn another(&self) -> App {
        let (app, _, server) =
            start(&self.slack, &self.database, &self.callbacks, &self.config, &self.clock, self.starts + 50).await;
        server.cancel();
        cast::listen(&self.slack, &self.url);
        app
    }

    /// Lets a service run by itself until the shutdown.
    pub(crate) async fn run(&self, app: &App, shutdown: &CancellationToken) -> (Url, JoinHandle<()>) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let (app, shutdown) = (app.clone(), shutdown.clone());
        (url, tokio::spawn(async move { app.run(listener, shutdown).await.unwrap() }))
    }

    /// Passes on what was said, and lets nothing of the service's own happen yet.
    pub(crate) async fn pass_on(&self) {
        self.slack.deliver_events().await;
        for envelope in self.slack.take_events(BOT_APP) {
            self.bot_hears(envelope).await;
        }
    }

    /// As [`Self::ingest`], at another address of the service.
    pub(crate) async fn ingest_at(&self, service: &Url, body: &Value) {
        let request = self.http.post(service.join("ingest").unwrap()).bearer_auth(API_KEY);
        let request = request.header("content-type", "application/json").body(body.to_string());
        assert_eq!(request.send().await.unwrap().status(), StatusCode::ACCEPTED);
    }

    pub(crate) async fn restart(&mut self) {
        let config = self.config.clone();
        self.restart_with(&config).await;
    }

    /// Lets everything happen that can happen now: deliveries, events, and what they cause.
    pub(crate) async fn settle(&self) {
        loop {
            let worked = self.app.step().await.unwrap();
            let delivered = self.slack.deliver_events().await;
            for envelope in self.slack.take_events(BOT_APP) {
                self.bot_hears(envelope).await;
            }
            if !worked && delivered == 0 {
                return;
            }
        }
    }

    /// What the customers type, the bot passes on: it is the bot's one duty.
    async fn bot_hears(&self, envelope: Value) {
        let (status, answer) = self.ingest(&envelope).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    }

    /// Turns the clock, and lets happen what falls due on the way, in its time.
    pub(crate) async fn wait(&self, time: Duration) {
        let end = megatron::clock::after(self.now(), time);
        loop {
            self.settle().await;
            match self.app.next_due().await.unwrap() {
                Some(due) if due <= end && due > self.now() => self.clock.advance_to(due),
                _ => break,
            }
        }
        self.clock.advance_to(end);
        self.settle().await;
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        Clock::Manual(self.clock.clone()).now()
    }

    // ── the bot ──

    /// The bot registers the customer's workspace.
    pub(crate) async fn knows_acme(&self) {
        let body = json!({ "name": "Acme", "domain": "acme", "bot_token": BOT_TOKEN });
        let (status, answer) = self.api(Method::PUT, &format!("v1/workspaces/{ACME}"), Some(body)).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
        self.settle().await;
    }

    pub(crate) async fn ingest(&self, body: &Value) -> (StatusCode, Value) {
        self.api(Method::POST, "ingest", Some(body.clone())).await
    }

    /// A request of the bot, with its key.
    pub(crate) async fn api(&self, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let mut request = self.http.request(method, self.url.join(path).unwrap()).bearer_auth(API_KEY);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// A request of anybody.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.http.request(method, self.url.join(path).unwrap())
    }

    // ── the customer's Slack ──

    /// Phil writes to the bot, which passes it on.
    pub(crate) async fn phil_says(&self, text: &str) -> String {
        let ts = self.slack.say(ACME, PHIL, PHILS_DM, text).unwrap();
        self.settle().await;
        ts
    }

    /// The bot answers Phil with its own token, and passes that on too.
    pub(crate) async fn bot_says(&self, text: &str) -> String {
        let ts = self.slack.bot_says(BOT_TOKEN, PHILS_DM, json!({ "text": text })).unwrap();
        self.settle().await;
        ts
    }

    /// What Phil sees in his DM.
    pub(crate) fn dm(&self) -> Vec<String> {
        self.slack.lines(ACME, PHILS_DM)
    }

    // ── the support workspace ──

    /// Jane types a command in the support channel.
    pub(crate) async fn jane_types(&self, text: &str) -> String {
        self.types(JANE, SUPPORT, text).await
    }

    /// Somebody types a command somewhere.
    pub(crate) async fn types(&self, user: &str, channel: &str, text: &str) -> String {
        let answer = self.slack.command(HUB, user, channel, "/megatron", text).await.unwrap();
        self.settle().await;
        said(&answer)
    }

    /// Jane writes in a room.
    pub(crate) async fn jane_writes(&self, room: &str, text: &str) -> String {
        let ts = self.slack.say(HUB, JANE, room, text).unwrap();
        self.settle().await;
        ts
    }

    /// Jane presses the newest button of this kind in a room.
    pub(crate) async fn jane_presses(&self, room: &str, action: &str) {
        let card = self.card_with(room, action).expect("a card with this button");
        let spot = Spot::Message { channel: room.to_owned(), ts: card.ts };
        let answer = self.slack.click(HUB, JANE, &spot, action).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        self.settle().await;
    }

    /// The newest message in a room that has this button.
    pub(crate) fn card_with(&self, room: &str, action: &str) -> Option<Seen> {
        let mut cards = self.slack.history(HUB, room);
        cards.retain(|card| card.blocks.to_string().contains(action));
        cards.pop()
    }

    /// What the agents see in a room.
    pub(crate) fn room(&self, name: &str) -> Vec<String> {
        self.slack.lines(HUB, name)
    }

    /// What only this agent sees in a channel.
    pub(crate) fn whispers(&self, user: &str, channel: &str) -> Vec<String> {
        self.slack.ephemerals(HUB, user, channel).iter().map(ToString::to_string).collect()
    }

    /// Phil and the bot have talked, and Jane has opened a room for him.
    pub(crate) async fn with_open_room(&self) {
        self.knows_acme().await;
        self.phil_says("help!").await;
        self.bot_says("How can I help?").await;
        self.jane_types("open phil").await;
    }
}

/// What somebody reads at once after a command.
pub(crate) fn said(answer: &CommandAnswer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["text"].as_str().unwrap_or_default().to_owned()
}

async fn start(
    slack: &Simulator,
    database: &str,
    callbacks: &Url,
    more: &str,
    clock: &ManualClock,
    starts: u64,
) -> (App, Url, CancellationToken) {
    let config = cast::config(slack, database, callbacks, more).unwrap();
    // Ids of different runs differ.
    let ids = Ids::Counted(Arc::new((starts * 1_000_000).into()));
    let app = App::new(config, Clock::Manual(clock.clone()), ids).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    cast::listen(slack, &url);
    let server = CancellationToken::new();
    let router = app.router();
    let stop = server.clone();
    tokio::spawn(async move {
        axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await }).await.unwrap();
    });
    (app, url, server)
}
