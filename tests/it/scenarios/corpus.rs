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

/// The payload as a message of Phil's DM, said at `ts`, if it is a message that says something or tells of a change.
fn said_by_phil(payload: &Value, ts: &str) -> Option<Value> {
    let event =
        payload.get("event").filter(|event| matches!(event["type"].as_str(), Some("message" | "app_mention")))?;
    let quiet = [
        "message_replied",
        "assistant_app_thread",
        "channel_",
        "group_",
        "ekm_",
        "bot_",
        "pinned",
        "unpinned",
        "joiner",
        "tabbed",
    ];
    let subtype = event["subtype"].as_str().unwrap_or_default();
    if subtype != "bot_message" && quiet.iter().any(|prefix| subtype.starts_with(prefix)) {
        return None;
    }
    let mut moved = moved(payload, ACME, PHILS_DM, "U0PHIL");
    let event = &mut moved["event"];
    event["channel"] = json!(PHILS_DM);
    let stamp = ts.replace(".0001", ".0002");
    for key in ["message", "previous_message"].iter().filter(|_| subtype.starts_with("message_")) {
        if event[key].is_object() {
            event[key]["ts"] = json!(ts);
            event[key]["text"] = json!(format!("{key} of a change"));
            event[key]["edited"] = json!({ "user": "U0PHIL", "ts": stamp });
        }
    }
    event["ts"] = json!(if subtype.starts_with("message_") { stamp.as_str() } else { ts });
    event["event_ts"] = event["ts"].clone();
    if subtype == "message_deleted" {
        event["deleted_ts"] = json!(ts);
    }
    // Stamps that were blanked would be refused, and rightly so.
    for place in ["/event", "/event/message", "/event/previous_message"] {
        if let Some(Value::Object(fields)) = moved.pointer_mut(place) {
            fields.retain(|key, _| key != "thread_ts");
        }
    }
    moved["type"] = json!("event_callback");
    Some(moved)
}

scenarios! {
    async fn every_message_appears_in_the_room_or_as_a_notice(house: House) {
        let files = files();
        if files.is_empty() {
            return;
        }
        house.with_open_room().await;
        let mut shown = 0;
        for (number, file) in files.iter().enumerate() {
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let payload: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
            let ts = format!("{}.000100", 1_795_169_000 + number);
            let Some(body) = said_by_phil(&payload, &ts) else { continue };
            if body["event"]["subtype"].as_str().is_some_and(|subtype| subtype.starts_with("message_")) {
                let original = json!({ "direction": "incoming", "team_id": ACME, "channel_id": PHILS_DM, "user_id": "U0PHIL",
                    "message": { "ts": ts, "text": "what it was" } });
                house.ingest(&original).await;
                house.wait(Duration::from_mins(1)).await;
            }
            let before = format!("{:?}", house.slack.history(HUB, "cs-phil"));
            let (status, answer) = house.ingest(&body).await;
            assert_eq!((status, &answer["watched"]), (StatusCode::ACCEPTED, &json!(true)), "{name}: {answer} {body}");
            house.wait(Duration::from_mins(1)).await;
            let after = format!("{:?}", house.slack.history(HUB, "cs-phil"));
            assert_ne!(after, before, "{name}: nothing of it in the room: {body}");
            shown += 1;
        }
        assert!(shown > 10, "{shown} messages among {} payloads", files.len());
    }

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
