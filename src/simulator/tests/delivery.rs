//! What an app is sent: events, commands, clicks.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::any;
use serde_json::{Value, json};

use super::{HUB, answer, stage};
use crate::intake::signature;
use crate::simulator::{AppUrls, Simulator, Spot};

/// An app that notes what it gets and answers what it is told to.
#[derive(Clone, Default)]
pub(super) struct Listener {
    got: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    says: Arc<Mutex<(u16, String)>>,
}

impl Listener {
    /// Starts to listen for an app of the stage.
    pub(super) async fn of(slack: &Simulator, app_id: &str) -> Self {
        async fn note(State(own): State<Listener>, _: Uri, headers: HeaderMap, body: Bytes) -> (StatusCode, String) {
            own.got.lock().unwrap().push((headers, body));
            let (status, text) = own.says.lock().unwrap().clone();
            (StatusCode::from_u16(status).unwrap(), text)
        }
        let own = Self::default();
        own.answers(200, "");
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", socket.local_addr().unwrap());
        let router = Router::new().fallback(any(note)).with_state(own.clone());
        tokio::spawn(async move { axum::serve(socket, router).await });
        slack.set_urls(
            app_id,
            &AppUrls { events: url.clone(), commands: url.clone(), interactivity: url.clone(), options: url },
        );
        own
    }

    pub(super) fn answers(&self, status: u16, text: &str) {
        *self.says.lock().unwrap() = (status, text.to_owned());
    }

    fn take(&self) -> Vec<(HeaderMap, Bytes)> {
        std::mem::take(&mut self.got.lock().unwrap())
    }

    pub(super) fn take_events(&self) -> Vec<Value> {
        self.take().iter().map(|(_, body)| serde_json::from_slice(body).unwrap()).collect()
    }

    fn take_form(&self) -> Vec<(String, String)> {
        let (_, body) = self.take().pop().unwrap();
        url::form_urlencoded::parse(&body).into_owned().collect()
    }

    pub(super) fn take_payload(&self) -> Value {
        serde_json::from_str(&self.take_form()[0].1).unwrap()
    }
}

pub(super) async fn room(slack: &Simulator) -> String {
    let made = answer(slack, HUB, "conversations.create", &json!({ "name": "cs-phil", "is_private": true })).await;
    let id = made["channel"]["id"].as_str().unwrap().to_owned();
    answer(slack, HUB, "conversations.invite", &json!({ "channel": id, "users": "U0JANE" })).await;
    let _ = slack.take_events("A0HUB");
    id
}

#[tokio::test]
async fn an_event_is_signed_and_comes_in_its_envelope() {
    let (slack, _) = stage().await;
    let app = Listener::of(&slack, "A0BOT").await;
    let ts = slack.say("T0CUST", "U0PHIL", "D0PHIL", "help <@U0BOT>!").unwrap();
    assert_eq!(slack.deliver_events().await, 1);
    let (headers, body) = app.take().pop().unwrap();
    let [stamp, signature] =
        ["x-slack-request-timestamp", "x-slack-signature"].map(|name| headers.get(name).unwrap().to_str().ok());
    let now = jiff::Timestamp::from_second(1_700_000_000).unwrap();
    assert_eq!(signature::verify("bot-secret", stamp, signature, &body, now), Ok(()));
    let envelope: Value = serde_json::from_slice(&body).unwrap();
    let fields = ["type", "team_id", "api_app_id", "event_time", "is_ext_shared_channel"].map(|name| &envelope[name]);
    assert_eq!(json!(fields), json!(["event_callback", "T0CUST", "A0BOT", 1_700_000_000, false]));
    assert_eq!(envelope["authorizations"][0]["user_id"], "U0BOT");
    let event = &envelope["event"];
    let fields = ["type", "user", "text", "ts", "event_ts", "channel", "channel_type"].map(|name| &event[name]);
    assert_eq!(json!(fields), json!(["message", "U0PHIL", "help <@U0BOT>!", ts, ts, "D0PHIL", "im"]));
    assert_eq!(event["blocks"][0]["elements"][0]["elements"][1], json!({ "type": "user", "user_id": "U0BOT" }));
}

#[tokio::test]
async fn own_posts_come_back_customised_ones_without_a_user() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    let metadata = json!({ "event_type": "megatron", "event_payload": { "id": "1" } });
    slack.bot_says(HUB, &room, json!({ "text": "plain", "metadata": metadata })).unwrap();
    slack
        .bot_says(HUB, &room, json!({ "text": "as Phil", "username": "Phil", "icon_url": "https://x.org/p" }))
        .unwrap();
    slack.metadata_in_events(true);
    slack.bot_says(HUB, &room, json!({ "text": "open", "metadata": metadata })).unwrap();
    let events: Vec<_> = slack.take_events("A0HUB").into_iter().map(|mut envelope| envelope["event"].take()).collect();
    assert_eq!((&events[0]["user"], &events[0]["bot_id"]), (&json!("U0HUB"), &json!("B0HUB")));
    assert_eq!(events[0]["metadata"], json!({ "event_type": "megatron" }));
    assert_eq!((&events[1]["subtype"], &events[1]["user"]), (&json!("bot_message"), &Value::Null));
    assert_eq!((&events[1]["username"], &events[1]["bot_id"]), (&json!("Phil"), &json!("B0HUB")));
    assert_eq!(events[2]["metadata"], metadata);
    assert_eq!(slack.lines("T0SUP", "cs-phil"), ["Megatron ▸ plain", "Phil: as Phil", "Megatron ▸ open"]);
}

#[tokio::test]
async fn an_event_can_arrive_before_the_answer_to_its_call() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    let app = Listener::of(&slack, "A0HUB").await;
    slack.deliver_before_answer(true);
    answer(&slack, HUB, "chat.postMessage", &json!({ "channel": room, "text": "first" })).await;
    assert_eq!(app.take_events()[0]["event"]["text"], "first");
    assert_eq!(slack.deliver_events().await, 0);
}

#[tokio::test]
async fn a_failed_delivery_is_retried_at_once_then_after_one_and_five_minutes() {
    let (slack, clock) = stage().await;
    let app = Listener::of(&slack, "A0BOT").await;
    app.answers(500, "");
    slack.say("T0CUST", "U0PHIL", "D0PHIL", "help").unwrap();
    for (wait, number) in [(0, None), (0, Some("1")), (60, Some("2")), (300, Some("3"))] {
        clock.advance(Duration::from_secs(wait));
        assert_eq!(slack.deliver_events().await, 1, "after {wait} s");
        let (headers, _) = app.take().pop().unwrap();
        assert_eq!(headers.get("x-slack-retry-num").map(|value| value.to_str().unwrap()), number);
        assert_eq!(headers.get("x-slack-retry-reason").is_some_and(|value| value == "http_error"), number.is_some());
    }
    clock.advance(Duration::from_hours(1));
    assert_eq!(slack.deliver_events().await, 0);
    assert_eq!(slack.missed_acks().len(), 4);
}

#[tokio::test]
async fn events_can_come_twice_and_in_any_order() {
    let (slack, _) = stage().await;
    let app = Listener::of(&slack, "A0BOT").await;
    slack.duplicate_events(true);
    slack.shuffle_events(Some(1));
    for number in 0..8 {
        slack.say("T0CUST", "U0PHIL", "D0PHIL", &number.to_string()).unwrap();
    }
    assert_eq!(slack.deliver_events().await, 16);
    let events = app.take_events();
    let mut order: Vec<_> = events.iter().map(|envelope| envelope["event"]["ts"].as_str().unwrap()).collect();
    assert!(!order.is_sorted());
    order.sort_unstable();
    order.dedup();
    assert_eq!(order.len(), 8);
    let mut ids: Vec<_> = events.iter().map(|envelope| envelope["event_id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 16);
}

#[tokio::test]
async fn the_life_of_a_room_is_told_to_its_bot_as_long_as_it_is_in_it() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    slack.join_channel("T0SUP", &room, "U0BOB").unwrap();
    slack.archive("T0SUP", "U0JANE", &room).unwrap();
    slack.unarchive("T0SUP", "U0JANE", &room).unwrap();
    slack.join_channel("T0SUP", &room, "U0HUB").unwrap();
    slack.kick("T0SUP", "U0JANE", &room, "U0HUB").unwrap();
    slack.say("T0SUP", "U0JANE", &room, "alone").unwrap();
    slack.revoke_token(HUB);
    let kinds: Vec<_> = slack
        .take_events("A0HUB")
        .iter()
        .map(|envelope| &envelope["event"])
        .map(|event| event.get("subtype").unwrap_or(&event["type"]).as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        kinds,
        [
            "member_joined_channel",
            "channel_join",
            "channel_archive",
            "group_archive",
            "member_joined_channel",
            "channel_join",
            "group_left",
            "tokens_revoked"
        ]
    );
}

#[tokio::test]
async fn a_converted_room_goes_on_under_its_new_id_and_a_deleted_one_is_gone() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    slack.change_channel_id("T0SUP", &room, "C0NEW").unwrap();
    let old = answer(&slack, HUB, "chat.postMessage", &json!({ "channel": room, "text": "x" })).await;
    assert_eq!(old["error"], "channel_not_found");
    slack.delete_channel("T0SUP", "U0JANE", "C0NEW").unwrap();
    let events = slack.take_events("A0HUB");
    let fields = ["type", "old_channel_id", "new_channel_id"].map(|name| &events[0]["event"][name]);
    assert_eq!(json!(fields), json!(["channel_id_changed", room, "C0NEW"]));
    assert_eq!(events[1]["event"]["type"], "group_deleted");
    assert!(slack.channel("T0SUP", "C0NEW").is_none());
}

#[tokio::test]
async fn edits_deletions_and_reactions_are_told_with_what_was_there_before() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    let ts = slack.say("T0SUP", "U0JANE", &room, "one").unwrap();
    slack.edit("T0SUP", "U0JANE", &room, &ts, "two").unwrap();
    slack.react("T0SUP", "U0JANE", &room, &ts, "eyes", true).unwrap();
    assert_eq!(slack.lines("T0SUP", &room), ["Jane: two :eyes: (edited)"]);
    slack.delete("T0SUP", "U0JANE", &room, &ts).unwrap();
    let events: Vec<_> = slack.take_events("A0HUB").into_iter().map(|mut envelope| envelope["event"].take()).collect();
    assert_eq!((&events[1]["previous_message"]["text"], &events[1]["message"]["text"]), (&json!("one"), &json!("two")));
    assert_ne!(events[1]["ts"], events[1]["message"]["ts"]);
    assert_eq!(events[2]["item"]["ts"], json!(ts));
    assert_eq!((&events[3]["subtype"], &events[3]["deleted_ts"]), (&json!("message_deleted"), &json!(ts)));
    assert_eq!(slack.lines("T0SUP", &room), ["Jane: (deleted)"]);
}

#[tokio::test]
async fn a_parent_with_replies_leaves_a_tombstone() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    let ts = slack.say("T0SUP", "U0JANE", &room, "root").unwrap();
    slack.reply("T0SUP", "U0JANE", &room, &ts, "reply", false).unwrap();
    slack.delete("T0SUP", "U0JANE", &room, &ts).unwrap();
    let last = slack.take_events("A0HUB").pop().unwrap();
    assert_eq!(last["event"]["subtype"], "message_changed");
    assert_eq!(last["event"]["message"]["subtype"], "tombstone");
}

#[tokio::test]
async fn a_command_is_answered_where_the_person_sees_it_and_later_through_its_url() {
    let (slack, clock) = stage().await;
    let room = room(&slack).await;
    let app = Listener::of(&slack, "A0HUB").await;
    app.answers(200, r#"{"text":"one moment"}"#);
    let answered = slack.command("T0SUP", "U0JANE", &room, "/megatron", "open phil").await.unwrap();
    assert_eq!((answered.status, &answered.body["text"]), (200, &json!("one moment")));
    let form = app.take_form();
    let field = |name: &str| form.iter().find(|(field, _)| field == name).unwrap().1.clone();
    assert_eq!((field("text").as_str(), field("channel_name").as_str()), ("open phil", "cs-phil"));
    let url = field("response_url");
    let respond = async |body: Value| {
        let sent = reqwest::Client::new().post(&url).header("content-type", "application/json").body(body.to_string());
        sent.send().await.unwrap().json::<Value>().await.unwrap()
    };
    assert_eq!(respond(json!({ "text": "found" })).await, json!({ "ok": true }));
    assert_eq!(respond(json!({ "text": "for all", "response_type": "in_channel" })).await["ok"], true);
    let seen: Vec<_> = slack.ephemerals("T0SUP", "U0JANE", &room).iter().map(ToString::to_string).collect();
    assert_eq!(seen, ["Megatron ▸ one moment (only visible to you)", "Megatron ▸ found (only visible to you)"]);
    assert_eq!(slack.lines("T0SUP", &room), ["Megatron ▸ for all"]);
    for _ in 0..3 {
        respond(json!({ "text": "x" })).await;
    }
    assert_eq!(respond(json!({ "text": "x" })).await["error"], "used_url");
    clock.advance(Duration::from_secs(1801));
    assert_eq!(respond(json!({ "text": "x" })).await["error"], "expired_url");
}

#[tokio::test]
async fn a_click_carries_its_message_and_opens_a_modal_within_three_seconds_once() {
    let (slack, clock) = stage().await;
    let room = room(&slack).await;
    let app = Listener::of(&slack, "A0HUB").await;
    let button = json!({ "type": "button", "action_id": "pause", "value": "7", "text": { "type": "plain_text", "text": "Pause" } });
    let card = json!({ "text": "card", "blocks": [{ "type": "actions", "elements": [button] }] });
    let ts = slack.bot_says(HUB, &room, card).unwrap();
    let spot = Spot::Message { channel: "cs-phil".into(), ts: ts.clone() };
    slack.click("T0SUP", "U0JANE", &spot, "pause").await.unwrap();
    let payload = app.take_payload();
    assert_eq!((&payload["type"], &payload["actions"][0]["value"]), (&json!("block_actions"), &json!("7")));
    assert_eq!((&payload["message"]["ts"], &payload["container"]["channel_id"]), (&json!(ts), &json!(room)));
    let plain = |text: &str| json!({ "type": "plain_text", "text": text });
    let input = json!({
        "type": "input", "block_id": "b", "label": plain("Why"), "element": { "type": "plain_text_input", "action_id": "a" },
    });
    let modal = json!({ "type": "modal", "title": plain("Sure?"), "submit": plain("Yes"), "blocks": [input] });
    let open = json!({ "trigger_id": payload["trigger_id"], "view": modal });
    let shown = answer(&slack, HUB, "views.open", &open).await;
    assert_eq!(slack.modals("T0SUP", "U0JANE").len(), 1);
    assert_eq!(answer(&slack, HUB, "views.open", &open).await["error"], "exchanged_trigger_id");
    let update = json!({ "view_id": shown["view"]["id"], "hash": "old", "view": modal });
    assert_eq!(answer(&slack, HUB, "views.update", &update).await["error"], "hash_conflict");
    slack.click("T0SUP", "U0JANE", &spot, "pause").await.unwrap();
    clock.advance(Duration::from_secs(4));
    let late = json!({ "trigger_id": app.take_payload()["trigger_id"], "view": modal });
    assert_eq!(answer(&slack, HUB, "views.open", &late).await["error"], "expired_trigger_id");
    let view = shown["view"]["id"].as_str().unwrap();
    let why = |text: &str| json!({ "b": { "a": { "type": "plain_text_input", "value": text } } });
    for unsendable in [json!({}), why(""), why(&"x".repeat(3001)), json!({ "c": why("so")["b"] })] {
        let sent = slack.submit_view("T0SUP", "U0JANE", view, unsendable.clone()).await;
        assert!(sent.is_err(), "Slack would not send {unsendable}");
    }
    app.answers(200, r#"{"response_action":"errors","errors":{"c":"no"}}"#);
    assert!(slack.submit_view("T0SUP", "U0JANE", view, why("so")).await.is_err(), "there is no such input");
    app.answers(200, r#"{"response_action":"errors","errors":{"b":"no"}}"#);
    slack.submit_view("T0SUP", "U0JANE", view, why("so")).await.unwrap();
    assert_eq!(slack.modals("T0SUP", "U0JANE")[0]["errors"]["b"], "no");
    app.answers(200, "");
    slack.submit_view("T0SUP", "U0JANE", view, why("so")).await.unwrap();
    assert!(slack.modals("T0SUP", "U0JANE").is_empty());
}

#[tokio::test]
async fn live_mode_delivers_by_itself() {
    let (slack, _) = stage().await;
    let app = Listener::of(&slack, "A0BOT").await;
    slack.run_live();
    slack.say("T0CUST", "U0PHIL", "D0PHIL", "help").unwrap();
    while app.got.lock().unwrap().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(app.take_events()[0]["event"]["text"], "help");
}

#[tokio::test]
async fn modals_stack_up_to_three() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    let app = Listener::of(&slack, "A0HUB").await;
    let button = json!({ "type": "button", "action_id": "deeper", "text": { "type": "plain_text", "text": "Deeper" } });
    let modal = json!({
        "type": "modal", "title": { "type": "plain_text", "text": "Deep" },
        "blocks": [{ "type": "actions", "elements": [button] }],
    });
    slack.command("T0SUP", "U0JANE", &room, "/megatron", "").await.unwrap();
    let trigger = app.take_form().iter().find(|(name, _)| name == "trigger_id").unwrap().1.clone();
    let mut shown = answer(&slack, HUB, "views.open", &json!({ "trigger_id": trigger, "view": modal })).await;
    for error in [Value::Null, Value::Null, json!("push_limit_reached")] {
        let view = shown["view"]["id"].as_str().unwrap().to_owned();
        slack.click("T0SUP", "U0JANE", &Spot::View(view), "deeper").await.unwrap();
        let push = json!({ "trigger_id": app.take_payload()["trigger_id"], "view": modal });
        shown = answer(&slack, HUB, "views.push", &push).await;
        assert_eq!(shown["error"], error);
    }
    let open = slack.modals("T0SUP", "U0JANE");
    assert_eq!(open.len(), 3);
    let [below, top] = [&open[1], &open[2]].map(|view| view["id"].as_str().unwrap().to_owned());
    assert!(slack.click("T0SUP", "U0JANE", &Spot::View(below), "deeper").await.is_err(), "another lies on it");
    app.answers(200, &json!({ "response_action": "push", "view": modal }).to_string());
    assert!(slack.submit_view("T0SUP", "U0JANE", &top, json!({})).await.is_err(), "Slack shows no fourth");
}

#[tokio::test]
async fn shortcuts_carry_what_they_were_used_on() {
    let (slack, _) = stage().await;
    let room = room(&slack).await;
    let app = Listener::of(&slack, "A0HUB").await;
    let ts = slack.say("T0SUP", "U0JANE", &room, "look").unwrap();
    slack.message_shortcut("T0SUP", "U0JANE", &room, &ts, "note").await.unwrap();
    let payload = app.take_payload();
    assert_eq!((&payload["type"], &payload["message"]["text"]), (&json!("message_action"), &json!("look")));
    slack.global_shortcut("T0SUP", "U0JANE", "open").await.unwrap();
    let payload = app.take_payload();
    assert_eq!((&payload["type"], payload.get("response_url")), (&json!("shortcut"), None));
}
