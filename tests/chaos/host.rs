//! The bot: passes on what it hears until it is taken, does as it is told by callbacks, and answers customers where it may.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use megatron::demo::cast::{API_KEY, BOT_APP, BOT_TOKEN};
use megatron::simulator::Simulator;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;
use url::Url;

use crate::story::{Side, Story};

/// How often it looks for events, and how long it waits after a refusal.
const PAUSE: Duration = Duration::from_millis(50);
/// How long it waits for an answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The bot. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Host(Arc<Inner>);

struct Inner {
    slack: Simulator,
    service: Url,
    http: Client,
    story: Story,
    /// For each DM, the newest epoch of which it was told, and whether it is paused.
    told: Mutex<HashMap<String, (i64, bool)>>,
    /// The same, from callbacks alone.
    called_back: Mutex<HashMap<String, (i64, bool)>>,
    callbacks: Mutex<HashSet<String>>,
    /// Callbacks that came again, and requests that had to.
    repeated: AtomicUsize,
    retried: AtomicUsize,
    waiting: AtomicUsize,
    away: AtomicBool,
}

impl Host {
    /// A bot that works, and where it takes callbacks.
    pub(crate) async fn start(slack: &Simulator, service: &Url, story: &Story) -> (Self, Url) {
        let host = Self(Arc::new(Inner {
            slack: slack.clone(),
            service: service.clone(),
            http: Client::builder().no_proxy().timeout(PATIENCE).build().unwrap(),
            story: story.clone(),
            told: Mutex::default(),
            called_back: Mutex::default(),
            callbacks: Mutex::default(),
            repeated: AtomicUsize::new(0),
            retried: AtomicUsize::new(0),
            waiting: AtomicUsize::new(0),
            away: AtomicBool::new(false),
        }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callbacks", listener.local_addr().unwrap()).parse().unwrap();
        let app = Router::new().route("/callbacks", post(hear)).with_state(host.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        tokio::spawn(host.clone().listen());
        (host, url)
    }

    /// While it is away it takes and passes on nothing.
    pub(crate) fn is_away(&self, away: bool) {
        self.0.away.store(away, Ordering::SeqCst);
    }

    /// What it was told by callbacks about a DM: the epoch, and whether it is paused.
    pub(crate) fn called_back(&self, dm: &str) -> (i64, bool) {
        self.0.called_back.lock().unwrap().get(dm).copied().unwrap_or_default()
    }

    /// Events that it has not passed on so far.
    pub(crate) fn waiting(&self) -> usize {
        self.0.waiting.load(Ordering::SeqCst)
    }

    /// How many callbacks it has heard again, and how many requests it had to repeat.
    pub(crate) fn repetitions(&self) -> (usize, usize) {
        (self.0.repeated.load(Ordering::SeqCst), self.0.retried.load(Ordering::SeqCst))
    }

    /// Makes a request until it is taken.
    pub(crate) async fn request(&self, method: reqwest::Method, path: &str, body: &Value) -> Value {
        loop {
            if !self.0.away.load(Ordering::SeqCst) {
                let url = self.0.service.join(path).unwrap();
                let request = self.0.http.request(method.clone(), url).bearer_auth(API_KEY).json(body);
                if let Ok(answer) = request.send().await {
                    let status = answer.status();
                    if status.is_success()
                        && let Ok(answer) = answer.json().await
                    {
                        return answer;
                    }
                    assert!(!status.is_client_error() || status == 429, "{path}: {status}");
                }
                self.0.retried.fetch_add(1, Ordering::SeqCst);
            }
            sleep(PAUSE).await;
        }
    }

    /// Sorts what Slack sends by conversation: in each, one after the other.
    async fn listen(self) {
        let mut lines: HashMap<String, UnboundedSender<Value>> = HashMap::new();
        loop {
            for envelope in self.0.slack.take_events(BOT_APP) {
                let dm = envelope["event"]["channel"].as_str().unwrap().to_owned();
                let line = lines.entry(dm).or_insert_with(|| {
                    let (line, queue) = unbounded_channel();
                    tokio::spawn(self.clone().pass_on(queue));
                    line
                });
                self.0.waiting.fetch_add(1, Ordering::SeqCst);
                line.send(envelope).unwrap();
            }
            sleep(PAUSE).await;
        }
    }

    async fn pass_on(self, mut queue: UnboundedReceiver<Value>) {
        while let Some(envelope) = queue.recv().await {
            let answer = self.request(reqwest::Method::POST, "ingest", &envelope).await;
            let event = &envelope["event"];
            let dm = event["channel"].as_str().unwrap();
            note(&self.0.told, dm, &answer["control"]);
            let is_customers = event["bot_id"].is_null() && event["subtype"].is_null();
            let paused = self.0.told.lock().unwrap().get(dm).is_some_and(|(_, paused)| *paused);
            if is_customers && !paused && self.0.story.is_on() {
                let say = |text: &str| self.0.slack.bot_says(BOT_TOKEN, dm, json!({ "text": text })).unwrap();
                self.0.story.say(dm, Side::Bot, say);
            }
            self.0.waiting.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

async fn hear(State(host): State<Host>, headers: axum::http::HeaderMap, body: Bytes) -> (StatusCode, &'static str) {
    if host.0.away.load(Ordering::SeqCst) {
        return (StatusCode::SERVICE_UNAVAILABLE, "");
    }
    let id = headers["webhook-id"].to_str().unwrap().to_owned();
    if !host.0.callbacks.lock().unwrap().insert(id) {
        host.0.repeated.fetch_add(1, Ordering::SeqCst);
    }
    let body: Value = serde_json::from_slice(&body).unwrap();
    let data = &body["data"];
    if let (Some(dm), true) = (data["channel_id"].as_str(), data["control"].is_object()) {
        note(&host.0.told, dm, &data["control"]);
        note(&host.0.called_back, dm, &data["control"]);
    }
    (StatusCode::OK, "{}")
}

/// The newest epoch counts.
fn note(told: &Mutex<HashMap<String, (i64, bool)>>, dm: &str, control: &Value) {
    let Some(epoch) = control["epoch"].as_i64() else { return };
    let mut told = told.lock().unwrap();
    let known = told.entry(dm.to_owned()).or_default();
    if epoch >= known.0 {
        *known = (epoch, control["paused"] == true);
    }
}
