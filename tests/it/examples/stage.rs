//! The stage of the story: the service, a simulated Slack and a process of the example. Slack sends every event twice.

use std::process::Command;
use std::time::Duration;

use megatron::app::App;
use megatron::clock::Clock;
use megatron::demo::cast::{
    self, ACME, API_KEY, BOT_APP, BOT_SIGNING_SECRET, BOT_TOKEN, CALLBACK_SECRET, HUB, JANE, PHIL, PHILS_DM,
};
use megatron::ids::Ids;
use megatron::intake::signature;
use megatron::simulator::{AppUrls, Simulator, Spot};
use megatron::store::queues;
use reqwest::Client;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::ledger::Ledger;
use super::process::{PATIENCE, Process};
use crate::support::queues::{HELPDESK, queue};

/// Everything that runs.
pub(super) struct Stage {
    pub(super) slack: Simulator,
    pub(super) ledger: Ledger,
    service: Url,
    ledgers_address: Url,
    command: Box<dyn Fn() -> Command + Send>,
    bot: Process,
    address: Url,
    running: JoinHandle<()>,
    stop: CancellationToken,
    _files: TempDir,
}

impl Stage {
    /// Starts everything; `command` starts the bot.
    pub(super) async fn set(command: impl Fn() -> Command + Send + 'static) -> Self {
        let slack = Simulator::start(Clock::System).await.unwrap();
        cast::enter(&slack).unwrap();
        slack.duplicate_events(true);
        let (ledger, ledgers_address) = Ledger::open().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        let mut bot = Process::start(command(), &variables(&slack, &service, &ledgers_address, 0));
        let address = bot.address().await;
        let files = TempDir::new().unwrap();
        let stop = CancellationToken::new();
        let running = serve(&slack, listener, &address, &files, stop.clone()).await;
        cast::listen(&slack, &service);
        cast::bot_listens(&slack, &address.join("slack/events").unwrap());
        slack.run_live();
        let command = Box::new(command);
        Self { slack, ledger, service, ledgers_address, command, bot, address, running, stop, _files: files }
    }

    /// What the bot is started with.
    pub(super) fn variables(&self) -> Vec<(&'static str, String)> {
        variables(&self.slack, &self.service, &self.ledgers_address, self.address.port().unwrap())
    }

    /// The bot is killed, and starts again at the same address.
    pub(super) async fn restarts_the_bot(&mut self) {
        let again = self.variables();
        // It must be gone before another can listen there.
        self.bot = Process::start(Command::new("true"), &[]);
        self.bot = Process::start((self.command)(), &again);
        assert_eq!(self.bot.address().await, self.address);
    }

    /// The service stops.
    pub(super) async fn megatron_goes(&mut self) {
        self.stop.cancel();
        timeout(PATIENCE, &mut self.running).await.expect("it stops").unwrap();
    }

    /// Somebody calls the bot as if they were the service: the status.
    pub(super) async fn calls_unsigned(&self) -> u16 {
        let call = json!({ "type": "command.refresh_token", "data": { "bot": "expenses", "team_id": ACME } });
        let request = Client::builder().no_proxy().build().unwrap().post(self.address.join("megatron").unwrap());
        request.json(&call).send().await.unwrap().status().as_u16()
    }

    // ── people ──

    /// Phil writes to the bot.
    pub(super) fn phil_writes(&self, text: &str) {
        self.slack.say(ACME, PHIL, PHILS_DM, text).unwrap();
    }

    /// Phil writes to the bot, which has not heard of it yet: the event.
    pub(super) fn phil_writes_unheard(&self, text: &str) -> Value {
        self.slack.duplicate_events(false);
        self.slack.set_urls(BOT_APP, &AppUrls::default());
        self.phil_writes(text);
        let mut events = self.slack.take_events(BOT_APP);
        events.retain(|envelope| envelope["event"]["text"] == text);
        cast::bot_listens(&self.slack, &self.address.join("slack/events").unwrap());
        self.slack.duplicate_events(true);
        events.pop().unwrap()
    }

    /// The bot hears of it, for the first time or again.
    pub(super) async fn bot_hears(&self, envelope: &Value) {
        let (body, now) = (envelope.to_string(), Clock::System.now().as_second());
        let request = Client::builder().no_proxy().build().unwrap().post(self.address.join("slack/events").unwrap());
        let request = request.header("content-type", "application/json").header("x-slack-request-timestamp", now);
        let signed = signature::sign(BOT_SIGNING_SECRET, now, body.as_bytes());
        let answer = request.header("x-slack-signature", signed).body(body).send().await.unwrap();
        assert!(answer.status().is_success(), "{answer:?}");
    }

    /// Jane types a command; what she is answered at once.
    pub(super) async fn jane_types(&self, channel: &str, text: &str) -> String {
        let answer = self.slack.command(HUB, JANE, channel, "/megatron", text).await.unwrap();
        answer.body["text"].as_str().unwrap_or_default().to_owned()
    }

    /// Jane presses a button on the newest card in the queue's channel that has it.
    pub(super) async fn jane_presses(&self, action: &str) {
        let card = self.slack.history(HUB, HELPDESK).into_iter().rfind(|card| card.blocks.to_string().contains(action));
        let spot = Spot::Message { channel: self.slack.channel(HUB, HELPDESK).unwrap().id, ts: card.unwrap().ts };
        assert_eq!(self.slack.click(HUB, JANE, &spot, action).await.unwrap().status, 200);
    }

    /// What Phil reads.
    pub(super) fn dm(&self) -> Vec<String> {
        self.slack.lines(ACME, PHILS_DM)
    }

    /// What the agents read.
    pub(super) fn room(&self, name: &str) -> Vec<String> {
        if self.slack.channel(HUB, name).is_none() { Vec::new() } else { self.slack.lines(HUB, name) }
    }

    /// The cards in the queue's channel.
    pub(super) fn cards(&self) -> Vec<String> {
        self.slack.history(HUB, HELPDESK).iter().map(|card| card.blocks.to_string()).collect()
    }

    /// Waits until Phil reads this last.
    pub(super) async fn phil_reads(&self, line: &str) {
        let told = format!("Phil reads: {line}");
        self.until(&told, || self.dm().last().is_some_and(|last| last == line)).await;
    }

    /// Waits until the room has a line with these words.
    pub(super) async fn room_shows(&self, name: &str, words: &str) {
        let told = format!("{name} shows: {words}");
        self.until(&told, || self.room(name).iter().any(|line| line.contains(words))).await;
    }

    /// Waits until the bot's log has these words.
    pub(super) async fn bot_prints(&self, words: &str) {
        self.until(&format!("the bot prints: {words}"), || self.bot.printed().contains(words)).await;
    }

    /// Waits until it is so.
    pub(super) async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let waiting = async {
            while !holds() {
                sleep(Duration::from_millis(10)).await;
            }
        };
        let is_so = timeout(PATIENCE, waiting).await;
        let seen = || format!("{:#?}\n{:#?}\n{}", self.dm(), self.room("cs-phil"), self.bot.printed());
        assert!(is_so.is_ok(), "never: {what}\n{}", seen());
    }
}

/// The service, with a queue, until it is told to stop.
async fn serve(
    slack: &Simulator,
    listener: TcpListener,
    bot: &Url,
    files: &TempDir,
    stop: CancellationToken,
) -> JoinHandle<()> {
    let database = format!("sqlite://{}", files.path().join("megatron.db").display());
    let config = cast::config(slack, &database, &bot.join("megatron").unwrap(), "").unwrap();
    let app = App::new(config, Clock::System, Ids::Random).await.unwrap();
    let channel = slack.create_channel(HUB, JANE, HELPDESK, false).unwrap();
    slack.join_channel(HUB, &channel, "U0MEGATRON").unwrap();
    let relay = app.relay();
    let mut tx = relay.db.begin().await.unwrap();
    queues::put(&mut tx, &queue("support", &channel)).await.unwrap();
    tx.commit().await.unwrap();
    relay.watches.load_queues(&relay.db).await.unwrap();
    tokio::spawn(async move { app.run(listener, stop).await.unwrap() })
}

fn variables(slack: &Simulator, service: &Url, ledger: &Url, port: u16) -> Vec<(&'static str, String)> {
    vec![
        ("SLACK_API_URL", slack.api_url().to_string()),
        ("SLACK_BOT_TOKEN", BOT_TOKEN.to_owned()),
        ("SLACK_SIGNING_SECRET", BOT_SIGNING_SECRET.to_owned()),
        ("MEGATRON", service.to_string()),
        ("KEY", API_KEY.to_owned()),
        ("CALLBACK_SECRET", CALLBACK_SECRET.to_owned()),
        ("LEDGER", ledger.to_string()),
        ("PORT", port.to_string()),
    ]
}
