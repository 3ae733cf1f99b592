//! The house: the service, its database, the simulated Slack and the bot, on a clock that is turned by hand.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use megatron::app::App;
use megatron::clock::{Clock, ManualClock};
use megatron::config::Config;
use megatron::demo::cast::{self, ACME, API_KEY, BOT_APP, BOT_TOKEN, HUB, HUB_APP, JANE, PHIL, PHILS_DM, SUPPORT};
use megatron::ids::Ids;
use megatron::intake::{signature, socket};
use megatron::simulator::{AppUrls, CommandAnswer, Fault, Seen, Simulator, Spot, User};
use megatron::store::db::Db;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::bot::Bot;
use super::record::Record;
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
    adjust: fn(&mut Config),
    starts: u64,
    server: CancellationToken,
    files: TempDir,
    _record: Record,
}

impl House {
    pub(crate) async fn on_sqlite() -> Self {
        let files = TempDir::new().unwrap();
        let database = format!("sqlite://{}", files.path().join("megatron.db").display());
        Self::new(database, files, cast::curtain()).await
    }

    pub(crate) async fn on_postgres() -> Option<Self> {
        Self::on_postgres_at(cast::curtain()).await
    }

    /// The same, at another time.
    pub(crate) async fn on_postgres_at(start: Timestamp) -> Option<Self> {
        let database = postgres::database().await?;
        Some(Self::new(database, TempDir::new().unwrap(), start).await)
    }

    async fn new(database: String, files: TempDir, start: Timestamp) -> Self {
        let clock = ManualClock::starting_at(start);
        let slack = Simulator::start(Clock::Manual(clock.clone())).await.unwrap();
        cast::enter(&slack).unwrap();
        let bot = Bot::default();
        let callbacks = bot.listen().await;
        let http = Client::builder().no_proxy().build().unwrap();
        let adjust: fn(&mut Config) = |_| ();
        let time = Clock::Manual(clock.clone());
        let (app, url, server) = self::start(&slack, &database, &callbacks, ("", adjust), time, 0).await;
        let config = String::new();
        let house = Self {
            _record: Record(slack.clone()),
            slack,
            bot,
            clock,
            app,
            url,
            http,
            database,
            callbacks,
            config,
            adjust,
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
            start(&self.slack, &self.database, &self.callbacks, (more, self.adjust), self.time(), self.starts).await;
        (self.app, self.url, self.server) = (app, url, server);
        self.starts += 1;
        self.settle().await;
    }

    /// The service stops, and its database is no more; the next start finds another one, in these files if it is in files.
    pub(crate) async fn loses_its_database(&mut self, another: String, files: TempDir) {
        self.server.cancel();
        self.app.relay().db.close().await;
        self.database = another;
        self.files = files;
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
        let (app, _, server) = self.another_by(self.time(), 50).await;
        server.cancel();
        cast::listen(&self.slack, &self.url);
        app
    }

    /// A further service on the same database, with a clock of its own. Slack's requests go there now.
    pub(crate) async fn another_by(&self, clock: Clock, number: u64) -> (App, Url, CancellationToken) {
        let config = (self.config.as_str(), self.adjust);
        start(&self.slack, &self.database, &self.callbacks, config, clock, self.starts + number).await
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
    pub(crate) async fn ingest_at(&self, service: &Url, body: &Value) -> Value {
        let request = self.http.post(service.join("ingest").unwrap()).bearer_auth(API_KEY);
        let request = request.header("content-type", "application/json").body(body.to_string());
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::ACCEPTED);
        response.json().await.unwrap()
    }

    pub(crate) async fn restart(&mut self) {
        let config = self.config.clone();
        self.restart_with(&config).await;
    }

    /// Restarts it with Socket Mode, and waits until it is connected. No address is set at Slack then.
    pub(crate) async fn by_socket(&mut self) {
        self.restart_with(&format!("slack.app_token = \"{}\"", cast::APP_TOKEN)).await;
        self.is_connected().await;
    }

    /// Waits until both connections of Socket Mode are open, and no more.
    pub(crate) async fn is_connected(&self) {
        eventually(|| self.slack.sockets(HUB_APP) == 2).await;
    }

    /// Restarts it with what TOML before the bots cannot say: the configuration of the bot.
    pub(crate) async fn restart_adjusted(&mut self, adjust: fn(&mut Config)) {
        self.adjust = adjust;
        self.restart().await;
    }

    /// Lets everything happen that can happen now: deliveries, events, and what they cause.
    pub(crate) async fn settle(&self) {
        loop {
            let worked = self.app.step().await.unwrap();
            let delivered = self.slack.deliver_events().await;
            let heard = self.slack.take_events(BOT_APP);
            let all_quiet = !worked && delivered == 0 && heard.is_empty();
            for envelope in heard {
                self.bot_hears(envelope).await;
            }
            if all_quiet {
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

    pub(crate) fn now(&self) -> Timestamp {
        self.time().now()
    }

    fn time(&self) -> Clock {
        Clock::Manual(self.clock.clone())
    }

    /// Takes away what both apps should have heard so far: nobody hears of it, unless it comes again later.
    pub(crate) fn lose_events(&self) -> Lost {
        Lost { by_bot: self.slack.take_events(BOT_APP), by_hub: self.slack.take_events(HUB_APP) }
    }

    /// What was lost comes after all.
    pub(crate) async fn brings_after_all(&self, lost: Lost) {
        for envelope in lost.by_bot {
            self.bot_hears(envelope).await;
        }
        for envelope in lost.by_hub {
            assert_eq!(self.slack_sends("slack/events", envelope.to_string()).await, StatusCode::OK);
        }
        self.settle().await;
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

    /// The bot answers in a thread of Phil's DM.
    pub(crate) async fn bot_answers_in(&self, root: &str, text: &str) {
        self.slack.bot_says(BOT_TOKEN, PHILS_DM, json!({ "text": text, "thread_ts": root })).unwrap();
        self.settle().await;
    }

    /// What Phil sees in his DM.
    pub(crate) fn dm(&self) -> Vec<String> {
        self.slack.lines(ACME, PHILS_DM)
    }

    /// What Phil has got from agents, as it reads now.
    pub(crate) fn got_from_agents(&self) -> Vec<String> {
        let words =
            |line: String| Some(line.strip_prefix("Expense Bot ▸ [card] ")?.trim_end_matches(" (edited)").to_owned());
        self.dm().into_iter().filter_map(words).collect()
    }

    /// A further customer in the same workspace, with a DM of their own.
    pub(crate) fn comes(&self, user: &str, dm: &str, display_name: &str, real_name: &str, email: &str) {
        let user = User {
            id: user.to_owned(),
            name: user.to_lowercase(),
            real_name: real_name.to_owned(),
            display_name: display_name.to_owned(),
            email: Some(email.to_owned()),
            ..User::default()
        };
        let id = user.id.clone();
        self.slack.add_user(ACME, user).unwrap();
        self.slack.open_dm(ACME, &id, BOT_APP, dm).unwrap();
    }

    /// A customer writes to the bot, which passes it on.
    pub(crate) async fn says(&self, user: &str, dm: &str, text: &str) -> String {
        let ts = self.slack.say(ACME, user, dm, text).unwrap();
        self.settle().await;
        ts
    }

    /// The bot passes on what it has heard and not passed on so far; nothing else happens.
    pub(crate) async fn bot_passes_on(&self) {
        for envelope in self.slack.take_events(BOT_APP) {
            self.bot_hears(envelope).await;
        }
    }

    // ── the support workspace ──

    /// An agent types a command in the support channel, and nothing comes of it yet.
    pub(crate) async fn only_types(&self, user: &str, text: &str) -> String {
        said(&self.slack.command(HUB, user, SUPPORT, "/megatron", text).await.unwrap())
    }

    /// Jane picks an option of the newest menu that only she sees in the support channel.
    pub(crate) async fn jane_chooses(&self, value: &str) {
        let spot = self.menu().expect("a menu");
        let answer = self.slack.choose(HUB, JANE, &spot, "megatron.choose_customer", value).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        self.settle().await;
    }

    /// The newest menu that only Jane sees in the support channel.
    pub(crate) fn menu(&self) -> Option<Spot> {
        let mut cards = self.slack.ephemerals(HUB, JANE, SUPPORT);
        cards.retain(|card| card.blocks.to_string().contains("megatron.choose_customer"));
        cards.pop().map(|card| Spot::Ephemeral { channel: SUPPORT.to_owned(), ts: card.ts })
    }

    /// What people say in a room: the agents, and the customer and the bot under their own names.
    pub(crate) fn talk(&self, room: &str) -> Vec<String> {
        self.posts(room).iter().filter(|post| !post.by_app).map(ToString::to_string).collect()
    }

    /// What the service itself says in a room.
    pub(crate) fn notices(&self, room: &str) -> Vec<String> {
        self.posts(room).iter().filter(|post| post.by_app).map(|post| post.text.clone()).collect()
    }

    /// The posts in a room, without Slack's own lines.
    pub(crate) fn posts(&self, room: &str) -> Vec<Seen> {
        let mut posts = self.slack.history(HUB, room);
        posts.retain(|post| !post.subtype.starts_with("channel_"));
        posts
    }

    /// Names of the rooms that stand, archived ones left out.
    pub(crate) fn rooms(&self) -> Vec<String> {
        let channels = self.slack.channels(HUB).into_iter();
        channels
            .filter(|channel| !channel.archived && channel.name.starts_with("cs-"))
            .map(|channel| channel.name)
            .collect()
    }

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

/// What comes from outside, good or bad.
impl House {
    /// A request of Slack, signed with `secret` so many seconds from now.
    pub(crate) fn signed(
        &self,
        path: &str,
        secret: &str,
        skew: i64,
        body: impl Into<Vec<u8>>,
    ) -> reqwest::RequestBuilder {
        let body = body.into();
        let stamp = self.now().as_second() + skew;
        self.request(Method::POST, path)
            .header("x-slack-request-timestamp", stamp)
            .header("x-slack-signature", signature::sign(secret, stamp, &body))
            .body(body)
    }

    /// An event for the hub app, as Slack sends it; the status of the answer.
    pub(crate) async fn slack_sends(&self, path: &str, body: impl Into<Vec<u8>>) -> StatusCode {
        self.signed(path, cast::SIGNING_SECRET, 0, body).send().await.unwrap().status()
    }

    /// Sends a request that must be refused: the status, the code and the document. What every refusal has in common is
    /// checked here.
    pub(crate) async fn refused(&self, request: reqwest::RequestBuilder) -> (u16, String, Value) {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await.unwrap();
        let header = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
        assert_eq!(header("content-type"), "application/problem+json", "{status} {text}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("cache-control"), "no-store");
        assert!(!header("x-request-id").is_empty());
        assert_eq!(status == 401, headers.contains_key("www-authenticate"));
        assert_eq!(matches!(status, 429 | 503), headers.contains_key("retry-after"));
        let lower = text.to_lowercase();
        for inner in SECRETS.iter().copied().chain(["sqlx", "select ", "insert ", "panicked", "src/", "pool"]) {
            assert!(!lower.contains(&inner.to_lowercase()), "{inner}: {text}");
        }
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(document["status"], status, "{text}");
        for field in ["type", "title", "detail", "code"] {
            assert!(document[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {text}");
        }
        (status, document["code"].as_str().unwrap().to_owned(), document)
    }

    /// All that is kept and all that people and the bot have seen, to be compared with later.
    pub(crate) async fn everything(&self) -> Vec<String> {
        let mut all = Vec::new();
        for table in [
            "conversations",
            "customers",
            "workspaces",
            "seen",
            "copies",
            "journal",
            "outbox",
            "timers",
            "agents",
            "switches",
            "idempotency",
            "queues",
            "settings",
        ] {
            all.push(format!("{table}: {}", self.count(table).await));
        }
        all.extend(self.texts("SELECT state FROM conversations ORDER BY id").await);
        for channel in self.slack.channels(HUB) {
            all.extend(self.slack.lines(HUB, &channel.name));
        }
        all.extend(self.dm());
        all.extend(self.bot.heard_types());
        all
    }

    /// What a query for one column of text finds.
    pub(crate) async fn texts(&self, sql: &'static str) -> Vec<String> {
        let rows: Vec<(String,)> = match &self.app.relay().db {
            Db::Postgres(pool) => sqlx::query_as(sql).fetch_all(pool).await.unwrap(),
            Db::Sqlite(pool, _) => sqlx::query_as(sql).fetch_all(pool).await.unwrap(),
        };
        rows.into_iter().map(|(text,)| text).collect()
    }

    /// How many rows there are.
    pub(crate) async fn count(&self, table: &'static str) -> i64 {
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        let (count,): (i64,) = match &self.app.relay().db {
            Db::Postgres(pool) => sqlx::query_as(sql).fetch_one(pool).await.unwrap(),
            Db::Sqlite(pool, _) => sqlx::query_as(sql).fetch_one(pool).await.unwrap(),
        };
        count
    }

    /// Changes the database behind the service's back.
    pub(crate) async fn tamper(&self, sql: &'static str) {
        match &self.app.relay().db {
            Db::Postgres(pool) => drop(sqlx::query(sql).execute(pool).await.unwrap()),
            Db::Sqlite(pool, _) => drop(sqlx::query(sql).execute(pool).await.unwrap()),
        }
    }

    /// The URL of the database.
    pub(crate) fn database(&self) -> &str {
        &self.database
    }

    /// Where the bot takes callbacks.
    pub(crate) fn callbacks(&self) -> &Url {
        &self.callbacks
    }

    /// The service is started again with a second bot beside the first: `travel`, with its own key, whose Slack app sends
    /// its events here.
    pub(crate) async fn with_second_bot(&mut self) {
        let more = format!(
            r#"
            [[bots]]
            id = "travel"
            name = "Travel Bot"
            api_key = "{TRAVEL_KEY}"
            callback_url = "{}"
            callback_secret = "{}"
            signing_secret = "{TRAVEL_SECRET}"
            "#,
            self.callbacks,
            cast::CALLBACK_SECRET
        );
        self.restart_with(&more).await;
    }

    /// A request of the second bot, with its key.
    pub(crate) async fn travel(&self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let request = self.request(method, path).bearer_auth(TRAVEL_KEY).header("content-type", "application/json");
        let response = request.body(body.to_string()).send().await.unwrap();
        (response.status(), response.json().await.unwrap_or_default())
    }
}

/// What the second bot presents.
pub(crate) const TRAVEL_KEY: &str = "mgt_key_of_the_travel_bot";
/// Signs what Slack sends for the second bot.
pub(crate) const TRAVEL_SECRET: &str = "signing-secret-of-travel";
/// What must never be seen outside; the last one is in the addresses of Socket Mode.
pub(crate) const SECRETS: [&str; 11] = [
    cast::HUB_TOKEN,
    cast::APP_TOKEN,
    cast::ADMIN_TOKEN,
    BOT_TOKEN,
    cast::SIGNING_SECRET,
    API_KEY,
    cast::CALLBACK_SECRET,
    "bWVnYXRyb24gZGVtbyBlbmNyeXB0aW9uIGtleSAhISE=",
    TRAVEL_KEY,
    TRAVEL_SECRET,
    "secret-ticket",
];

/// Events that did not arrive.
pub(crate) struct Lost {
    by_bot: Vec<Value>,
    by_hub: Vec<Value>,
}

/// A message of Phil's, as the bot passes it on.
pub(crate) fn message_of_phil(ts: &str, text: &str) -> Value {
    json!({
        "direction": "incoming", "team_id": ACME, "channel_id": PHILS_DM, "user_id": PHIL,
        "message": { "ts": ts, "text": text },
    })
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

/// Socket Mode as quick as a test wants it.
const IMPATIENT: socket::Limits = {
    let short = Duration::from_millis(100);
    socket::Limits {
        connections: 2,
        hello: Duration::from_secs(10),
        quiet: short,
        write: Duration::from_secs(5),
        lifetime: Duration::from_hours(1),
        spacing: Duration::from_millis(1),
        longest_pause: short,
        drain: Duration::from_secs(5),
        goodbye: Duration::from_secs(1),
        at_once: 32,
        waiting: 1000,
        max_message: 1 << 20,
    }
};

async fn start(
    slack: &Simulator,
    database: &str,
    callbacks: &Url,
    (more, adjust): (&str, fn(&mut Config)),
    clock: Clock,
    starts: u64,
) -> (App, Url, CancellationToken) {
    let mut config = cast::config(slack, database, callbacks, more).unwrap();
    // Nothing is on the stage that the play does not ask for.
    config.handoff.default_queues &= more.contains("default_queues");
    adjust(&mut config);
    let is_connected = config.slack.has_app_token();
    // Ids of different runs differ.
    let ids = Ids::Counted(Arc::new((starts * 1_000_000).into()));
    let app = App::new(config, clock, ids).await.unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    let server = CancellationToken::new();
    if is_connected {
        // With Socket Mode on, no address is set at Slack.
        slack.set_urls(HUB_APP, &AppUrls::default());
    } else {
        cast::listen(slack, &url);
    }
    if let Some(socket_mode) = app.socket_mode(IMPATIENT).unwrap() {
        let stop = server.clone();
        tokio::spawn(async move { socket_mode.run(&stop).await });
    }
    let router = app.router();
    let stop = server.clone();
    tokio::spawn(async move {
        axum::serve(listener, router).with_graceful_shutdown(async move { stop.cancelled().await }).await.unwrap();
    });
    (app, url, server)
}
