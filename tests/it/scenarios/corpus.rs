//! Payloads that nobody here wrote: each is taken or refused, and the service lives on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use megatron::demo::cast::{ACME, HUB, JANE, PHILS_DM, SIGNING_SECRET};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::house::{House, TRAVEL_SECRET};
use crate::support::scenarios;

/// The files of the corpus, in order; none, with one line that says so, where there is no corpus.
#[allow(clippy::print_stdout, clippy::disallowed_methods)] // Tests are set up by the environment, and say what they skip.
fn files() -> Vec<PathBuf> {
    let folder = std::env::var("SLACK_CORPUS").unwrap_or_default();
    let list = |name: &str| std::fs::read_dir(Path::new(&folder).join(name)).into_iter().flatten();
    let mut files: Vec<PathBuf> = list("events").chain(list("python")).map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    if files.is_empty() {
        println!("skipped: no payloads in the folder named by SLACK_CORPUS");
    }
    files
}

/// Where a payload belongs, and how it is sent there.
fn route(name: &str, payload: &Value, text: &str) -> (&'static str, String) {
    let form = |fields: &Value| {
        let pairs = fields.as_object().into_iter().flatten();
        let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        serde_urlencoded::to_string(pairs.map(|(name, value)| (name, plain(value))).collect::<Vec<_>>()).unwrap()
    };
    if name.starts_with("command-") {
        ("slack/commands", form(payload))
    } else if name.starts_with("interaction-") || name.starts_with("socket-") {
        let inner = if name.starts_with("socket-") { &payload["payload"] } else { payload };
        let path = if inner["type"] == "block_suggestion" { "slack/options" } else { "slack/interactivity" };
        (path, form(&json!({ "payload": inner.to_string() })))
    } else {
        ("slack/events", text.to_owned())
    }
}

/// The payload as if it had happened in the place that is watched.
fn moved(payload: &Value, team: &str, channel: &str, user: &str) -> Value {
    let mut moved = payload.clone();
    moved["team_id"] = json!(team);
    if let Some(authorization) = moved.pointer_mut("/authorizations/0") {
        authorization["team_id"] = json!(team);
    }
    if let Some(event) = moved.get_mut("event").filter(|event| event.is_object()) {
        for (field, value) in [("channel", channel), ("user", user)] {
            if event[field].is_string() {
                event[field] = json!(value);
            }
        }
        if event["item"].is_object() {
            event["item"]["channel"] = json!(channel);
        }
    }
    moved
}

async fn taken_or_refused(house: &House, what: &str, request: reqwest::RequestBuilder) {
    let response = request.try_clone().unwrap().send().await.unwrap();
    if !response.status().is_success() {
        let (status, code, document) = house.refused(request).await;
        assert!(matches!(status, 400 | 422), "{what}: {document}");
        assert!(["invalid", "bad_json"].contains(&code.as_str()), "{what}: {document}");
    }
}

scenarios! {
    async fn every_payload_is_taken_or_refused(house: House) {
        let files = files();
        if files.is_empty() {
            return;
        }
        house.with_second_bot().await;
        house.with_open_room().await;
        let room = house.slack.channel(HUB, "cs-phil").unwrap().id;
        for file in files {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let text = std::fs::read_to_string(&file).unwrap();
            let payload: Value = serde_json::from_str(&text).unwrap();
            let (path, body) = route(&name, &payload, &text);
            taken_or_refused(&house, &name, house.signed(path, SIGNING_SECRET, 0, body)).await;
            if path == "slack/events" {
                let here = moved(&payload, HUB, &room, JANE).to_string();
                taken_or_refused(&house, &name, house.signed(path, SIGNING_SECRET, 0, here)).await;
                taken_or_refused(&house, &name, house.signed("slack/bots/travel/events", TRAVEL_SECRET, 0, text.clone())).await;
            }
            for body in [text.clone(), moved(&payload, ACME, PHILS_DM, "U0PHIL").to_string(), format!("[{text},{text}]")] {
                let request = house.request(Method::POST, "ingest").bearer_auth(megatron::demo::cast::API_KEY).body(body);
                taken_or_refused(&house, &name, request).await;
            }
            house.settle().await;
        }
        house.wait(Duration::from_mins(10)).await;
        assert_eq!(house.request(Method::GET, "readyz").send().await.unwrap().status(), StatusCode::OK);
        house.phil_says("still there?").await;
        house.wait(Duration::from_mins(1)).await;
        let rooms: Vec<String> = house.slack.channels(HUB).into_iter().flat_map(|room| house.slack.lines(HUB, &room.name)).collect();
        assert!(rooms.contains(&"Phil: help!".to_owned()));
    }
}
