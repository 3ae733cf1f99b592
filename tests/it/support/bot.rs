//! The bot: takes callbacks over HTTP, checks their signatures, and answers as the scenario wants.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
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
    moods: VecDeque<Mood>,
}

/// A callback that came.
#[derive(Debug, Clone)]
pub(crate) struct Heard {
    pub(crate) id: String,
    pub(crate) body: Value,
}

/// How the bot takes the next callback.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mood {
    /// With this status.
    Status(u16),
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

    /// Takes the next callbacks in these moods.
    pub(crate) fn is_in(&self, moods: &[Mood]) {
        self.0.lock().unwrap().moods.extend(moods);
    }
}

async fn take(State(bot): State<Bot>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let key = Key::parse(&CALLBACK_SECRET.into()).unwrap();
    let (id, timestamp) = (header("webhook-id"), header("webhook-timestamp").parse().unwrap());
    assert_eq!(header("webhook-signature"), key.webhook(&id, timestamp, &body), "a callback is signed");
    let body: Value = serde_json::from_slice(&body).unwrap();

    let mut state = bot.0.lock().unwrap();
    let kind = body["type"].as_str().unwrap().to_owned();
    state.heard.push(Heard { id, body });
    if let Some(Mood::Status(status)) = state.moods.pop_front() {
        return StatusCode::from_u16(status).unwrap().into_response();
    }
    let answer = state.answers.iter().rev().find(|(of, _)| *of == kind).map_or(json!({}), |(_, answer)| answer.clone());
    axum::Json(answer).into_response()
}
