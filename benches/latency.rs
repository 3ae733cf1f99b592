//! How long things take, with the real service, a real database and the simulated Slack over HTTP:
//!
//! ```sh
//! cargo bench --bench latency                                      # SQLite
//! cargo bench --bench latency -- postgres://user:password@host/db  # an empty PostgreSQL database
//! ```
//!
//! It takes about a minute, most of which goes by in keeping to Slack's pace, and fails where a message takes longer than
//! 20 ms or a pause longer than 100 ms in the median.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::disallowed_methods)]

use std::io::{Seek as _, Write as _};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::IntoResponse;
use axum::routing::{any, post};
use megatron::app::App;
use megatron::clock::Clock;
use megatron::demo::cast::{self, ACME, API_KEY, BOT_APP, BOT_TOKEN, HUB, JANE, SUPPORT};
use megatron::ids::Ids;
use megatron::simulator::{Fault, Simulator, User};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use url::Url;

const ROOMS: usize = 8;
const MESSAGES: usize = 200;
/// Rounds of pausing and unpausing, so that nobody is paused at the end.
const PAUSES: usize = ROOMS * 6;
const COMMANDS: usize = 60;
const SYNCS: usize = 100;
/// Slack takes about 300 messages a minute in a workspace, and we keep to that: what is measured is not to be the pace.
const PACE: Duration = Duration::from_millis(130);
const MESSAGE_LIMIT: Duration = Duration::from_millis(20);
const PAUSE_LIMIT: Duration = Duration::from_millis(100);

#[tokio::main]
async fn main() {
    let files = TempDir::new().unwrap();
    let given = std::env::args().find(|argument| argument.starts_with("postgres"));
    let database = given.unwrap_or_else(|| format!("sqlite://{}", files.path().join("latency.db").display()));
    let bench = Bench::start(&database).await;
    bench.open_rooms().await;

    println!("{:<44}{:>10}{:>10}{:>10}", "", "median", "p99", "max");
    print("fsync of this machine", &syncs(&files));
    let messages = bench.messages().await;
    print("/ingest to chat.postMessage", &messages);
    let (pauses, commands) = bench.pauses(PAUSES).await;
    print("pause command to callback", &pauses);
    print("slash command to its answer", &commands);

    bench.slack.fail_times("*", u32::MAX, Fault::HangBefore);
    bench.occupy().await;
    let (pauses_in_need, commands) = bench.pauses(ROOMS).await;
    print("… pause to callback while Slack hangs", &pauses_in_need);
    print("… slash command while Slack hangs", &commands);
    bench.host.hang.send_replace(true);
    print("… slash command while Slack and the bot hang", &bench.commands().await);

    bench.slack.clear_faults();
    bench.slack.release_hangs();
    bench.host.hang.send_replace(false);
    let stopping = Instant::now();
    bench.stop().await;
    println!("{:<44}{:>10}", "stop", format!("{:.0?}", stopping.elapsed()));
    assert!(median(&messages) < MESSAGE_LIMIT, "a message takes too long");
    assert!(median(&pauses) < PAUSE_LIMIT && median(&pauses_in_need) < PAUSE_LIMIT, "a pause takes too long");
}

/// Notes when something arrives.
#[derive(Debug, Clone)]
struct Doorbell(watch::Sender<Option<Instant>>);

impl Doorbell {
    fn new() -> Self {
        Self(watch::Sender::new(None))
    }

    fn ring(&self) {
        self.0.send_replace(Some(Instant::now()));
    }

    /// When it rings for the first time after this.
    async fn after(&self, start: Instant) -> Instant {
        let mut arrivals = self.0.subscribe();
        let arrival = arrivals.wait_for(|at| at.is_some_and(|at| at > start));
        let arrival = tokio::time::timeout(Duration::from_secs(30), arrival).await.expect("nothing arrived").unwrap();
        arrival.unwrap()
    }
}

/// Stands before the simulated Slack and notes when messages arrive.
#[derive(Clone)]
struct Door {
    http: reqwest::Client,
    slack: Url,
    posts: Doorbell,
}

/// The bot.
#[derive(Clone)]
struct Host {
    callbacks: Doorbell,
    hang: Arc<watch::Sender<bool>>,
}

struct Bench {
    slack: Simulator,
    host: Host,
    posts: Doorbell,
    http: reqwest::Client,
    service: Url,
    shutdown: CancellationToken,
    running: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Bench {
    async fn start(database: &str) -> Self {
        let slack = Simulator::start(Clock::System).await.unwrap();
        cast::enter(&slack).unwrap();
        for number in 0..ROOMS {
            let [id, name, ..] = names(number);
            slack.add_user(ACME, User { id: id.clone(), real_name: name.clone(), name, ..User::default() }).unwrap();
            slack.open_dm(ACME, &id, BOT_APP, &dm(number)).unwrap();
        }
        slack.run_live();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let posts = Doorbell::new();
        let door = Door { http: http.clone(), slack: slack.api_url(), posts: posts.clone() };
        let door = serve(Router::new().fallback(any(pass)).with_state(door)).await;
        let host = Host { callbacks: Doorbell::new(), hang: Arc::new(watch::Sender::new(false)) };
        let callbacks = serve(Router::new().route("/callbacks", post(hear)).with_state(host.clone())).await;

        let mut config = cast::config(&slack, database, &callbacks.join("callbacks").unwrap(), "").unwrap();
        config.slack.api_url = door.join("api/").unwrap();
        let app = App::new(config, Clock::System, Ids::Random).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let service: Url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
        cast::listen(&slack, &service);
        let shutdown = CancellationToken::new();
        let until = shutdown.clone();
        let running = tokio::spawn(async move { app.run(listener, until).await.unwrap() });
        let running = Mutex::new(Some(running));
        Self { slack, host, posts, http, service, shutdown, running }
    }

    async fn open_rooms(&self) {
        let body = json!({ "name": "Acme", "domain": "acme", "bot_token": BOT_TOKEN });
        let url = self.service.join(&format!("v1/workspaces/{ACME}")).unwrap();
        self.http.put(url).bearer_auth(API_KEY).json(&body).send().await.unwrap().error_for_status().unwrap();
        for number in 0..ROOMS {
            self.say(number, "Hello?").await;
        }
        // Whoever was met is written down in the background, and then asked for.
        let known = |answer: &Value| answer["text"].as_str().is_some_and(|text| text.starts_with("Opening"));
        for number in 0..ROOMS {
            while !known(&self.command(SUPPORT, &format!("open {}", names(number)[1])).await.0) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        let is_open = |number| self.slack.history(HUB, &names(number)[2]).iter().any(|seen| seen.text == "Hello?");
        while !(0..ROOMS).all(is_open) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // Slack's pace for a channel recovers from the opening.
        tokio::time::sleep(Duration::from_secs(5)).await;
    }

    /// The customer of a room says something, and the bot passes it on. Answers when that began.
    async fn say(&self, number: usize, text: &str) -> Instant {
        self.slack.say(ACME, &names(number)[0], &dm(number), text).unwrap();
        let mut began = Instant::now();
        for envelope in self.slack.take_events(BOT_APP) {
            began = Instant::now();
            let request = self.http.post(self.service.join("ingest").unwrap()).bearer_auth(API_KEY).json(&envelope);
            request.send().await.unwrap().error_for_status().unwrap();
        }
        began
    }

    async fn command(&self, channel: &str, text: &str) -> (Value, Duration) {
        let answer = self.slack.command(HUB, JANE, channel, "/megatron", text).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        (answer.body, answer.took)
    }

    async fn messages(&self) -> Vec<Duration> {
        let mut took = Vec::new();
        for number in 0..MESSAGES {
            let began = self.say(number % ROOMS, &format!("message {number}")).await;
            took.push(self.posts.after(began).await - began);
            tokio::time::sleep(PACE).await;
        }
        took
    }

    async fn pauses(&self, count: usize) -> (Vec<Duration>, Vec<Duration>) {
        let (mut callbacks, mut answers) = (Vec::new(), Vec::new());
        for number in 0..count {
            let verb = if (number / ROOMS).is_multiple_of(2) { "pause" } else { "unpause" };
            let began = Instant::now();
            answers.push(self.command(&names(number % ROOMS)[2], verb).await.1);
            callbacks.push(self.host.callbacks.after(began).await - began);
            // Idle lanes are measured: what follows is over when the next one comes.
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        (callbacks, answers)
    }

    async fn commands(&self) -> Vec<Duration> {
        let mut took = Vec::new();
        for number in 0..COMMANDS {
            let verb = ["status", "unpause", "pause"][number % 3];
            took.push(self.command(&names(number % ROOMS)[2], verb).await.1);
        }
        took
    }

    /// Gives every lane of every room something to wait for.
    async fn occupy(&self) {
        for number in 0..ROOMS {
            self.say(number, "Is anybody there?").await;
            self.slack.say(HUB, JANE, &names(number)[2], "Just a moment.").unwrap();
        }
        while self.slack.hanging() < ROOMS {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn stop(&self) {
        self.shutdown.cancel();
        let running = self.running.lock().unwrap().take().unwrap();
        running.await.unwrap();
    }
}

/// User, handle and room of a customer.
fn names(number: usize) -> [String; 3] {
    [format!("U0C{number:02}"), format!("customer{number:02}"), format!("cs-customer{number:02}")]
}

fn dm(number: usize) -> String {
    format!("D0C{number:02}")
}

async fn serve(router: Router) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    url
}

async fn pass(
    State(door): State<Door>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    if uri.path().ends_with("chat.postMessage") {
        door.posts.ring();
    }
    let url = door.slack.join(uri.path_and_query().unwrap().as_str()).unwrap();
    let mut request = door.http.request(method, url).body(body);
    for name in ["authorization", "content-type"] {
        if let Some(value) = headers.get(name) {
            request = request.header(name, value);
        }
    }
    let answer = request.send().await.unwrap();
    let status = answer.status();
    (status, [("content-type", "application/json")], answer.bytes().await.unwrap())
}

async fn hear(State(host): State<Host>) -> impl IntoResponse {
    host.callbacks.ring();
    host.hang.subscribe().wait_for(|hangs| !hangs).await.unwrap();
    axum::Json(json!({}))
}

/// What a commit cannot be faster than.
fn syncs(files: &TempDir) -> Vec<Duration> {
    let mut file = std::fs::File::create(files.path().join("sync")).unwrap();
    let mut sync = || {
        let began = Instant::now();
        file.rewind().unwrap();
        file.write_all(&[7; 4096]).unwrap();
        file.sync_data().unwrap();
        began.elapsed()
    };
    (0..SYNCS).map(|_| sync()).collect()
}

fn print(what: &str, took: &[Duration]) {
    let shown = |duration: Duration| format!("{:.1} ms", duration.as_secs_f64() * 1e3);
    let (p99, max) = (quantile(took, 99), quantile(took, 100));
    println!("{what:<44}{:>10}{:>10}{:>10}", shown(median(took)), shown(p99), shown(max));
}

fn median(took: &[Duration]) -> Duration {
    quantile(took, 50)
}

fn quantile(took: &[Duration], percent: usize) -> Duration {
    let mut sorted = took.to_vec();
    sorted.sort_unstable();
    sorted[(sorted.len() * percent / 100).min(sorted.len() - 1)]
}
