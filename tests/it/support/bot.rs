//! The bot: takes callbacks over HTTP, checks their signatures, and answers as the scenario wants.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use megatron::deliver::sign::Key;
use megatron::demo::cast::CALLBACK_SECRET;
use serde_json::{Value, json};
use url::Url;

/// A bot. Clones are the same one.
#[derive(Clone, Default)]
pub(crate) struct Bot(Arc<Mutex<State_>>);

#[derive(Default)]
struct State_ {
    heard: Vec<Heard>,
    answers: Vec<(String, Value)>,
    deeds: Vec<(String, Deed)>,
    moods: VecDeque<Mood>,
}

/// What the bot does before it answers a callback, and what it answers then.
type Deed = Arc<dyn Fn(Value) -> Pin<Box<dyn Future<Output = Value> + Send>> + Send + Sync>;

/// A callback that came.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) id: String,
    /// When it was sent, in seconds: `webhook-timestamp`.
    pub(crate) at: i64,
    /// `traceparent`.
    pub(crate) trace: Option<String>,
    pub(crate) body: Value,
}

/// How the bot takes the next callback.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mood {
    /// With this status; a redirect leads back here.
    Status(u16),
    /// With this status, and `Retry-After` in seconds.
    RetryAfter(u16, u64),
    /// It never answers.
    Silent,
}

impl Bot {
    /// Starts to listen; returns where.
    pub(crate) async fn listen(&self) -> Url {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/callbacks", listener.local_addr().unwrap()).parse().unwrap();
        let app = Router::new().route("/callbacks", post(take)).with_state(self.clone());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        url
    }

    /// Callbacks that were taken or refused, oldest first.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.0.lock().unwrap().heard.clone()
    }

    /// The types of all callbacks, oldest first.
    pub(crate) fn heard_types(&self) -> Vec<String> {
        self.heard().iter().map(|heard| heard.body["type"].as_str().unwrap().to_owned()).collect()
    }

    /// The bodies of all callbacks of this type.
    pub(crate) fn heard_of(&self, kind: &str) -> Vec<Value> {
        self.heard().into_iter().filter(|heard| heard.body["type"] == kind).map(|heard| heard.body).collect()
    }

    /// Answers callbacks of this type so from now on.
    pub(crate) fn answers(&self, kind: &str, answer: Value) {
        self.0.lock().unwrap().answers.push((kind.to_owned(), answer));
    }

    /// Does this with callbacks of this type from now on, and answers what comes of it.
    pub(crate) fn does<F: Future<Output = Value> + Send + 'static>(
        &self,
        kind: &str,
        deed: impl Fn(Value) -> F + Send + Sync + 'static,
    ) {
        let deed: Deed = Arc::new(move |body| Box::pin(deed(body)));
        self.0.lock().unwrap().deeds.push((kind.to_owned(), deed));
    }

    /// Takes the next callbacks in these moods.
    pub(crate) fn is_in(&self, moods: &[Mood]) {
        self.0.lock().unwrap().moods.extend(moods);
    }
}

async fn take(State(bot): State<Bot>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let key = Key::parse(&CALLBACK_SECRET.into()).unwrap();
    let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp").parse().unwrap());
    let trace = headers.get("traceparent").map(|value| value.to_str().unwrap().to_owned());
    assert_eq!(header("webhook-signature"), key.webhook(&id, timestamp, &body), "a callback is signed");
    let body: Value = serde_json::from_slice(&body).unwrap();

    let kind = body["type"].as_str().unwrap().to_owned();
    let (mood, deed, answer) = {
        let mut state = bot.0.lock().unwrap();
        state.heard.push(Heard { id, at: timestamp, trace, body: body.clone() });
        let deed = state.deeds.iter().rev().find(|(of, _)| *of == kind).map(|(_, deed)| Arc::clone(deed));
        let answer = state.answers.iter().rev().find(|(of, _)| *of == kind).map(|(_, answer)| answer.clone());
        (state.moods.pop_front(), deed, answer)
    };
    match (mood, deed) {
        (Some(Mood::Status(status)), _) => {
            (StatusCode::from_u16(status).unwrap(), [(LOCATION, "/callbacks")]).into_response()
        }
        (Some(Mood::RetryAfter(status, seconds)), _) => {
            (StatusCode::from_u16(status).unwrap(), [(RETRY_AFTER, seconds.to_string())]).into_response()
        }
        (Some(Mood::Silent), _) => std::future::pending().await,
        (None, Some(deed)) => axum::Json(deed(body).await).into_response(),
        (None, None) => axum::Json(answer.unwrap_or(json!({}))).into_response(),
    }
}
