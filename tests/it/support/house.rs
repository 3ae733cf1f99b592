//! The house: the service, its database, the simulated Slack and the bot, on a clock that is turned by hand.

use std::sync::Arc;
use std::time::Duration;

use megatron::app::App;
use megatron::clock::{Clock, ManualClock};
use megatron::config::Config;
use megatron::demo::cast::{self, ACME, API_KEY, BOT_APP, BOT_TOKEN, HUB, JANE, PHIL, PHILS_DM, SUPPORT};
use megatron::ids::Ids;
use megatron::simulator::{CommandAnswer, Seen, Simulator, Spot};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::bot::Bot;
use super::postgres;

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
    tweak: fn(&mut Config),
    starts: u64,
    server: CancellationToken,
    files: TempDir,
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
        let (app, url, server) = start(&slack, &database, &callbacks, ("", |_| ()), &clock, 0).await;
        let config = String::new();
        let house = Self {
            slack,
            bot,
            clock,
            app,
            url,
            http,
            database,
            callbacks,
            config,
            tweak: |_| (),
            starts: 1,
            server,
            files,
        };
        house.settle().await;
        house
    }

    /// Stops the service as a crash does and starts it again on the same database; `more` is TOML for its configuration.
    pub(crate) async fn restart_with(&mut self, more: &str) {
        self.server.cancel();
        self.app.relay().db.close().await;
        more.clone_into(&mut self.config);
        let (app, url, server) =
            start(&self.slack, &self.database, &self.callbacks, (more, self.tweak), &self.clock, self.starts).await;
        (self.app, self.url, self.server) = (app, url, server);
        self.starts += 1;
        self.settle().await;
    }

    pub(crate) async fn restart(&mut self) {
        let config = self.config.clone();
        self.restart_with(&config).await;
    }

    /// The same, with a change of the configuration that TOML before the bots cannot say, kept over further restarts.
    pub(crate) async fn restart_changed(&mut self, tweak: fn(&mut Config)) {
        self.tweak = tweak;
        self.restart().await;
    }

    /// Lets everything happen that can happen now: deliveries, events, and what they cause.
    pub(crate) async fn settle(&self) {
        loop {
            let worked = self.app.step().await.unwrap();
            let delivered = self.slack.deliver_events().await;
            let told = self.slack.take_events(BOT_APP);
            let heard = told.len();
            for envelope in told {
                self.bot_hears(envelope).await;
            }
            if !worked && delivered + heard == 0 {
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

    /// The files of the database, where it lives in files.
    pub(crate) fn database_files(&self) -> Vec<(String, Vec<u8>)> {
        let files = std::fs::read_dir(self.files.path()).unwrap().map(|file| file.unwrap().path());
        files.map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())).collect()
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

    /// The state of Phil's conversation, as the bot reads it.
    pub(crate) async fn state(&self) -> Value {
        let (status, state) = self.api(Method::GET, &format!("v1/conversations/{ACME}/{PHILS_DM}"), None).await;
        assert_eq!(status, StatusCode::OK, "{state}");
        state
    }

    /// Who answers Phil, in one line.
    pub(crate) async fn control(&self) -> String {
        control_line(&self.state().await["control"])
    }

    /// The bot wants something done with Phil's conversation: `pause`, `messages`, ...
    pub(crate) async fn asks(&self, what: &str, body: Value) -> (StatusCode, Value) {
        let path = format!("v1/conversations/{ACME}/{PHILS_DM}/{what}");
        let answer = self.api(Method::POST, &path, Some(body)).await;
        self.settle().await;
        answer
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
        self.presses(JANE, room, action).await;
    }

    /// Somebody presses the newest button of this kind in a room.
    pub(crate) async fn presses(&self, user: &str, room: &str, action: &str) {
        let card = self.card_with(room, action).expect("a card with this button");
        let spot = Spot::Message { channel: room.to_owned(), ts: card.ts };
        let answer = self.slack.click(HUB, user, &spot, action).await.unwrap();
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

    /// What the agents have seen in a room since it had so many lines.
    pub(crate) fn room_since(&self, name: &str, lines: usize) -> Vec<String> {
        self.room(name).split_off(lines)
    }

    /// Phil and the bot have talked, and Jane has opened a room for him.
    pub(crate) async fn with_open_room(&self) {
        self.knows_acme().await;
        self.phil_says("help!").await;
        self.bot_says("How can I help?").await;
        self.jane_types("open phil").await;
    }
}

/// Control in one line, such as `human, paused, 1`.
pub(crate) fn control_line(control: &Value) -> String {
    let may = if control["paused"] == true { "paused" } else { "active" };
    format!("{}, {may}, {}", control["holder"].as_str().unwrap(), control["epoch"])
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
    (more, tweak): (&str, fn(&mut Config)),
    clock: &ManualClock,
    starts: u64,
) -> (App, Url, CancellationToken) {
    let mut config = cast::config(slack, database, callbacks, more).unwrap();
    tweak(&mut config);
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
