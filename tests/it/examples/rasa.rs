//! A stand-in for Rasa, which does not run here: it speaks Rasa's HTTP interfaces on both sides, understands by single words, and
//! lets the real action server do what is done in actions.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use axum::extract::{Path, State};
use axum::routing::post;
use axum::{Json, Router};
use reqwest::Client;
use serde_json::{Value, json};
use url::Url;

use super::ledger::Ledger;

/// Rasa. Clones are the same one.
#[derive(Clone)]
pub(super) struct Rasa(Arc<Inner>);

struct Inner {
    url: Url,
    actions: String,
    means: OnceLock<(Client, Ledger)>,
    trackers: Mutex<HashMap<String, Tracker>>,
}

/// What is known of a conversation.
#[derive(Clone, Default)]
struct Tracker {
    slots: HashMap<String, Value>,
    events: Vec<Value>,
}

impl Rasa {
    /// Begins to listen; its action server is at that port.
    pub(super) async fn start(actions: u16) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let inner = Inner {
            url: format!("http://{}/", listener.local_addr().unwrap()).parse().unwrap(),
            actions: format!("http://127.0.0.1:{actions}/webhook"),
            means: OnceLock::new(),
            trackers: Mutex::default(),
        };
        let rasa = Self(Arc::new(inner));
        let router = Router::new()
            .route("/webhooks/rest/webhook", post(hear))
            .route("/conversations/{id}/tracker/events", post(happened))
            .with_state(rasa.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        rasa
    }

    pub(super) fn url(&self) -> &Url {
        &self.0.url
    }

    /// Where it gets reports. After that it may be asked.
    pub(super) fn asks(&self, ledger: Ledger) {
        let http = Client::builder().no_proxy().build().unwrap();
        assert!(self.0.means.set((http, ledger)).is_ok());
    }

    fn change<T>(&self, sender: &str, change: impl FnOnce(&mut Tracker) -> T) -> T {
        change(self.0.trackers.lock().unwrap().entry(sender.to_owned()).or_default())
    }

    /// Runs an action; what it says.
    async fn act(&self, action: &str, sender: &str) -> Vec<String> {
        let tracker = self.change(sender, |tracker| tracker.clone());
        let call = json!({
            "next_action": action, "sender_id": sender, "version": "3.6.0", "domain": {},
            "tracker": {
                "sender_id": sender, "slots": tracker.slots, "events": tracker.events, "latest_message": {}, "paused": false,
                "latest_event_time": 0.0, "followup_action": null, "active_loop": {}, "latest_action_name": "action_listen",
            },
        });
        let answer = self.0.means.get().unwrap().0.post(&self.0.actions).json(&call).send().await.unwrap();
        assert!(answer.status().is_success(), "{action}: {}", answer.text().await.unwrap());
        let answer: Value = answer.json().await.unwrap();
        for event in answer["events"].as_array().unwrap() {
            self.change(sender, |tracker| tracker.hear_of(event));
        }
        answer["responses"].as_array().unwrap().iter().map(|said| said["text"].as_str().unwrap().to_owned()).collect()
    }
}

impl Tracker {
    fn hear_of(&mut self, event: &Value) {
        match event["event"].as_str() {
            Some("slot") => drop(self.slots.insert(event["name"].as_str().unwrap().to_owned(), event["value"].clone())),
            Some("restart") => *self = Self::default(),
            _ => self.events.push(event.clone()),
        }
    }
}

/// Rasa's channel `rest`.
async fn hear(State(rasa): State<Rasa>, Json(body): Json<Value>) -> Json<Value> {
    let (sender, text) = (body["sender"].as_str().unwrap(), body["message"].as_str().unwrap());
    rasa.change(sender, |tracker| tracker.hear_of(&json!({ "event": "user", "text": text })));
    let words = match text {
        "hello" | "hello?" | "hello again" => {
            vec!["Hello! I can show you your *report*, or get you a *person*.".to_owned()]
        }
        "report" => vec![rasa.0.means.get().unwrap().1.report().await.to_owned()],
        text if text.contains("person") => rasa.act("action_ask_for_human", sender).await,
        _ => rasa.act("action_not_understood", sender).await,
    };
    for text in &words {
        rasa.change(sender, |tracker| tracker.hear_of(&json!({ "event": "bot", "text": text })));
    }
    Json(words.iter().map(|text| json!({ "recipient_id": sender, "text": text })).collect())
}

/// Rasa's own interface, for what happened besides.
async fn happened(State(rasa): State<Rasa>, Path(sender): Path<String>, Json(event): Json<Value>) -> Json<Value> {
    rasa.change(&sender, |tracker| tracker.hear_of(&event));
    Json(json!({}))
}
