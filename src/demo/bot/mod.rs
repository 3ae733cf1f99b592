//! The demo bot: a Slack bot with what it takes to be relayed, and no more. It passes every message event and click on to
//! `/ingest`, stays silent while a human has control, and answers callbacks. `dialogue` is what it says.

mod dialogue;

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use subtle::ConstantTimeEq as _;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::cast::{ACME, API_KEY, BOT_SIGNING_SECRET, BOT_TOKEN, CALLBACK_SECRET};
use super::people::{CUSTOMERS, Customer};
use super::playground::moves::{Moves, part};
use super::playground::witness::witness;
use crate::clock::Clock;
use crate::deliver::sign::Key;
use crate::intake::signature;
use dialogue::{Answer, Memory};

/// A callback older or newer than this is not believed, in seconds.
const TOLERANCE: u64 = 300;
/// How soon the bot asks again when it gets no answer.
const AGAIN_AFTER: Duration = Duration::from_millis(500);

/// The bot. Clones are the same one.
#[derive(Debug, Clone)]
pub(super) struct Bot {
    http: Client,
    slack: Url,
    service: Url,
    mind: Arc<Mutex<Mind>>,
    down: Arc<AtomicBool>,
    events: mpsc::UnboundedSender<Value>,
    moves: Moves,
    stop: CancellationToken,
}

#[derive(Debug, Default)]
struct Mind {
    memories: HashMap<String, Memory>,
    /// By DM: the newest epoch of control, and whether it says to be silent.
    controls: HashMap<String, (u64, bool)>,
    /// `ts` of the messages that were heard and left to a human.
    left: BTreeSet<String>,
    /// `ts` of the bot's own messages that are no answer.
    helpless: BTreeSet<String>,
}

impl Bot {
    /// Listens on a free port, at `/slack/events`, `/slack/interactivity` and `/callbacks`. `slack` is the base URL of the Web API.
    /// After `stop` it expects the service to be gone.
    pub(super) async fn start(
        slack: Url,
        service: Url,
        moves: Moves,
        stop: CancellationToken,
    ) -> anyhow::Result<(Self, Url)> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no address for the bot")?;
        let address = format!("http://{}/", listener.local_addr()?).parse()?;
        let (events, incoming) = mpsc::unbounded_channel();
        let http = Client::builder().no_proxy().build()?;
        let bot = Self { http, slack, service, mind: Arc::default(), down: Arc::default(), events, moves, stop };
        let router = Router::new()
            .route("/slack/events", post(slack_event))
            .route("/slack/interactivity", post(slack_click))
            .route("/callbacks", post(callback))
            .layer(from_fn_with_state(bot.clone(), watched))
            .with_state(bot.clone());
        tokio::spawn(bot.clone().listen(incoming));
        let end = bot.stop.clone();
        tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(end.cancelled_owned()).await });
        Ok((bot, address))
    }

    /// Tells the service about the customer's workspace and the token for it.
    pub(super) async fn register(&self) -> anyhow::Result<()> {
        let workspace = json!({ "name": "Acme", "domain": "acme", "bot_token": BOT_TOKEN });
        self.ask(Method::PUT, &format!("v1/workspaces/{ACME}"), &workspace).await.map(drop)
    }

    /// Whether it is told to be silent in this DM.
    pub(super) fn is_paused(&self, channel: &str) -> bool {
        self.mind().controls.get(channel).is_some_and(|(_, paused)| *paused)
    }

    /// Whether it has heard this message and left it to a human.
    pub(super) fn left_unanswered(&self, ts: &str) -> bool {
        self.mind().left.contains(ts)
    }

    /// While it is down it takes nothing.
    pub(super) fn go_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    /// Whether it is down.
    pub(super) fn is_down(&self) -> bool {
        self.down.load(Ordering::SeqCst)
    }

    /// Takes something from Slack, to be dealt with in its turn.
    fn take(&self, headers: &HeaderMap, body: &[u8], read: impl FnOnce() -> Option<Value>) -> StatusCode {
        let (stamp, signed) = (text(headers, "x-slack-request-timestamp"), text(headers, "x-slack-signature"));
        if signature::verify(BOT_SIGNING_SECRET, stamp, signed, body, Clock::System.now()).is_err() {
            return StatusCode::UNAUTHORIZED;
        }
        let Some(told) = read() else { return StatusCode::BAD_REQUEST };
        // Only a bot that has stopped listening does not take it.
        if self.events.send(told).is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
    }

    /// Takes the events one after the other, as they came.
    async fn listen(self, mut incoming: mpsc::UnboundedReceiver<Value>) {
        let stop = self.stop.clone();
        while let Some(envelope) = stop.run_until_cancelled(incoming.recv()).await.flatten() {
            if let Err(error) = self.hear(envelope).await
                && !self.stop.is_cancelled()
            {
                tracing::warn!(error = format!("{error:#}"), "the demo bot could not deal with a message");
            }
        }
    }

    /// Passes on what happened, and answers it if it is a customer's and nobody else does.
    async fn hear(&self, mut envelope: Value) -> anyhow::Result<()> {
        let ts = envelope["event"]["ts"].as_str().unwrap_or_default();
        if self.mind().helpless.remove(ts) {
            envelope["signals"] = json!({ "unanswered": true });
        }
        let answer = self.ask(Method::POST, "ingest", &envelope).await?;
        let Some(Said { channel, ts, text, files }) = Said::of(&envelope) else { return Ok(()) };
        self.obey(channel, &answer["control"]);
        let answer = {
            let mut mind = self.mind();
            if mind.controls.get(channel).is_some_and(|(_, paused)| *paused) {
                mind.left.insert(ts.to_owned());
                return Ok(());
            }
            mind.memories.entry(channel.to_owned()).or_default().answer(text, files)
        };
        self.say(channel, &answer).await
    }

    /// Who answers now, unless something newer is known: callbacks and answers may overtake each other.
    fn obey(&self, channel: &str, control: &Value) {
        let (Some(epoch), Some(paused)) = (control["epoch"].as_u64(), control["paused"].as_bool()) else { return };
        let mut mind = self.mind();
        let known = mind.controls.entry(channel.to_owned()).or_default();
        if epoch >= known.0 {
            *known = (epoch, paused);
        }
    }

    /// Writes to the customer.
    async fn say(&self, channel: &str, answer: &Answer) -> anyhow::Result<()> {
        let mut message = json!({ "channel": channel, "text": answer.text });
        if !answer.buttons.is_empty() {
            let button = |words: &&str| {
                let label = json!({ "type": "plain_text", "text": words });
                json!({ "type": "button", "action_id": words, "value": words, "text": label })
            };
            message["blocks"] = json!([
                { "type": "section", "text": { "type": "mrkdwn", "text": answer.text } },
                { "type": "actions", "elements": answer.buttons.iter().map(button).collect::<Vec<_>>() },
            ]);
        }
        let posted = loop {
            let request = self.http.post(self.slack.join("chat.postMessage")?).bearer_auth(BOT_TOKEN);
            let response = request.json(&message).send().await?;
            if response.status().is_success() {
                break response.json::<Value>().await?;
            }
            self.wait().await?;
        };
        ensure!(posted["ok"] == true, "chat.postMessage: {}", posted["error"]);
        if !answer.understood {
            self.mind().helpless.insert(posted["ts"].as_str().unwrap_or_default().to_owned());
        }
        Ok(())
    }

    /// Calls the service with the bot's key, until it answers.
    async fn ask(&self, method: Method, path: &str, body: &Value) -> anyhow::Result<Value> {
        let url = self.service.join(path)?;
        loop {
            let request = self.http.request(method.clone(), url.clone()).bearer_auth(API_KEY).json(body);
            match request.send().await {
                Ok(response) if response.status().is_server_error() => {}
                Err(_) => {}
                Ok(response) => {
                    let (status, answer) = (response.status(), response.text().await?);
                    ensure!(status.is_success(), "/{path} answered {status}: {answer}");
                    return Ok(serde_json::from_str(&answer).unwrap_or_default());
                }
            }
            self.wait().await.with_context(|| format!("/{path}"))?;
        }
    }

    /// Waits before something is tried again.
    async fn wait(&self) -> anyhow::Result<()> {
        tokio::select! {
            () = self.stop.cancelled() => bail!("stopped"),
            () = tokio::time::sleep(AGAIN_AFTER) => Ok(()),
        }
    }

    /// What to answer to a callback.
    async fn called(&self, body: &Value) -> anyhow::Result<Value> {
        let data = &body["data"];
        let text = |name: &str| data[name].as_str().unwrap_or_default();
        let channel = text("channel_id");
        match body["type"].as_str().unwrap_or_default() {
            "conversation.paused" | "conversation.unpaused" => self.obey(channel, &data["control"]),
            "command.search_customers" => return Ok(customers(text("query"))),
            "command.clear_context" => {
                self.mind().memories.remove(channel);
                self.whisper(data, "I have forgotten what was said so far.").await?;
            }
            "command.do" => self.whisper(data, &format!("Done: {}", text("text"))).await?,
            _ => {}
        }
        Ok(json!({}))
    }

    /// Tells the agents something.
    async fn whisper(&self, about: &Value, words: &str) -> anyhow::Result<()> {
        let notice = json!({ "team_id": about["team_id"], "channel_id": about["channel_id"], "text": words });
        self.ask(Method::POST, "v1/notices", &notice).await.map(drop)
    }

    fn mind(&self) -> MutexGuard<'_, Mind> {
        self.mind.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a customer has said, with words, files or a button.
struct Said<'e> {
    channel: &'e str,
    ts: &'e str,
    text: &'e str,
    files: usize,
}

impl<'e> Said<'e> {
    /// None where nothing was said, or not by a customer.
    fn of(heard: &'e Value) -> Option<Self> {
        if heard["type"] == "block_actions" {
            let click = &heard["actions"][0];
            let channel = heard["channel"]["id"].as_str()?;
            return Some(Self { channel, ts: click["action_ts"].as_str()?, text: click["value"].as_str()?, files: 0 });
        }
        let event = &heard["event"];
        let is_said = event["subtype"].is_null() || event["subtype"] == "file_share";
        if event["type"] != "message" || !is_said || !event["bot_id"].is_null() {
            return None;
        }
        let files = event["files"].as_array().map_or(0, Vec::len);
        Some(Self {
            channel: event["channel"].as_str()?,
            ts: event["ts"].as_str()?,
            text: event["text"].as_str().unwrap_or_default(),
            files,
        })
    }
}

/// Shows visitors what the bot is told. While it is down it takes nothing.
async fn watched(State(bot): State<Bot>, request: Request, next: Next) -> Response {
    let from = if request.uri().path() == "/callbacks" { part::SERVICE } else { part::CUSTOMERS_SLACK };
    witness(&bot.moves, (from, part::BOT), request, async |request| {
        if bot.is_down() { StatusCode::SERVICE_UNAVAILABLE.into_response() } else { next.run(request).await }
    })
    .await
}

/// Slack's Events API: acknowledged at once, dealt with after that.
async fn slack_event(State(bot): State<Bot>, headers: HeaderMap, body: Bytes) -> StatusCode {
    bot.take(&headers, &body, || serde_json::from_slice(&body).ok())
}

/// A customer has pressed a button: acknowledged at once, as well.
async fn slack_click(State(bot): State<Bot>, headers: HeaderMap, body: Bytes) -> StatusCode {
    bot.take(&headers, &body, || {
        let (_, payload) = url::form_urlencoded::parse(&body).find(|(name, _)| name == "payload")?;
        serde_json::from_str(&payload).ok()
    })
}

/// The service calls back.
async fn callback(State(bot): State<Bot>, headers: HeaderMap, body: Bytes) -> Response {
    if !is_from_service(&headers, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(body) = serde_json::from_slice(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    match bot.called(&body).await {
        Ok(answer) => axum::Json(answer).into_response(),
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "the demo bot could not deal with a callback");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Verifies a callback as Standard Webhooks 1.0 describes it.
fn is_from_service(headers: &HeaderMap, body: &[u8]) -> bool {
    let id = text(headers, "webhook-id");
    let stamp = text(headers, "webhook-timestamp").and_then(|stamp| stamp.parse::<i64>().ok());
    let signed = text(headers, "webhook-signature");
    let (Some(id), Some(stamp), Some(signed), Ok(key)) = (id, stamp, signed, Key::parse(&CALLBACK_SECRET.into()))
    else {
        return false;
    };
    let fresh = Clock::System.now().as_second().abs_diff(stamp) <= TOLERANCE;
    let expected = key.webhook(id, stamp, body);
    fresh && signed.split(' ').any(|one| one.as_bytes().ct_eq(expected.as_bytes()).into())
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The customers whose names contain the query.
fn customers(query: &str) -> Value {
    let query = query.to_lowercase();
    let found = CUSTOMERS.iter().filter(|customer| customer.name.to_lowercase().contains(&query));
    let customers: Vec<Value> = found
        .map(|Customer { name, user, dm, .. }| json!({ "team_id": ACME, "user_id": user, "channel_id": dm, "name": name }))
        .collect();
    json!({ "customers": customers })
}
