//! The database is gone: nothing is lost that somebody was told is kept, and everybody reads when to come again.

use megatron::demo::cast::{SIGNING_SECRET, SUPPORT};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::support::house::{House, TRAVEL_SECRET, message_of_phil};
use crate::support::scenarios;

fn envelope(channel: &str, ts: &str) -> String {
    json!({ "type": "event_callback", "team_id": "T0INITECH", "event": {
        "type": "message", "channel": channel, "user": "U0JANE", "ts": ts, "text": "hello" } })
    .to_string()
}

scenarios! {
    async fn nothing_is_promised_while_the_database_is_away(house: House) {
        house.with_second_bot().await;
        house.with_open_room().await;
        let room = house.slack.channel("T0INITECH", "cs-phil").unwrap().id;
        house.app.relay().db.close().await;

        let unavailable = (503, "unavailable");
        let watched = message_of_phil("1795168900.000100", "are you there?").to_string();
        let bearer = |method: Method, path: &str| house.request(method, path).bearer_auth(megatron::demo::cast::API_KEY);
        let pressed = json!({ "type": "block_actions", "user": { "id": "U0JANE", "team_id": "T0INITECH" }, "team": { "id": "T0INITECH" },
            "actions": [{ "action_id": "megatron.pause", "value": "1" }] });
        let payload = serde_urlencoded::to_string([("payload", pressed.to_string())]).unwrap();
        for (what, request) in [
            ("a watched message", bearer(Method::POST, "ingest").body(watched.clone())),
            ("with a key", bearer(Method::POST, "ingest").header("idempotency-key", "k").body(watched.clone())),
            ("state", bearer(Method::GET, "v1/conversations/T0ACME/D0PHIL")),
            ("pause", bearer(Method::POST, "v1/conversations/T0ACME/D0PHIL/pause")),
            ("switch", bearer(Method::PUT, "v1/bot").body(r#"{"active":false}"#)),
            ("workspace", bearer(Method::GET, "v1/workspaces/T0ACME")),
            ("event", house.signed("slack/events", SIGNING_SECRET, 0, envelope(&room, "1795168901.000100"))),
            ("click", house.signed("slack/interactivity", SIGNING_SECRET, 0, payload)),
            ("ready", house.request(Method::GET, "readyz")),
        ] {
            let (status, code, _) = house.refused(request).await;
            assert_eq!((status, code.as_str()), unavailable, "{what}");
        }
        let many = json!([message_of_phil("1795168900.000100", "a"), { "direction": "incoming" }]).to_string();
        let answer = bearer(Method::POST, "ingest").body(many).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let answer: serde_json::Value = answer.json().await.unwrap();
        assert_eq!((&answer[0]["status"], &answer[1]["status"]), (&json!(503), &json!(422)), "{answer}");

        let unwatched = json!({ "direction": "incoming", "team_id": "T0ACME", "channel_id": "D0PHILIPPA", "user_id": "U0PHILIPPA",
            "message": { "ts": "1795168900.000100", "text": "hi" } });
        let answer = bearer(Method::POST, "ingest").body(unwatched.to_string()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "nobody watches: rightly discarded");
        assert_eq!(house.request(Method::GET, "healthz").send().await.unwrap().status(), StatusCode::OK);

        for text in ["open phil", "pause phil", "status", "list"] {
            let answer = house.slack.command("T0INITECH", "U0JANE", SUPPORT, "/megatron", text).await.unwrap();
            assert_eq!((answer.status, &answer.body["response_type"]), (200, &json!("ephemeral")), "{text}");
            assert!(answer.body["text"].as_str().unwrap().starts_with("Something went wrong here, and nothing was changed."), "{answer:?}");
        }

        // What was refused comes again, and is taken.
        house.restart().await;
        let (status, answer) = house.ingest(&serde_json::from_str(&watched).unwrap()).await;
        assert_eq!((status, &answer["duplicate"]), (StatusCode::ACCEPTED, &json!(false)));
        let status = house.slack_sends("slack/events", envelope(&room, "1795168901.000100")).await;
        assert_eq!(status, StatusCode::OK);
        house.settle().await;
        assert!(house.room("cs-phil").contains(&"Phil: are you there?".to_owned()));
        assert!(house.dm().iter().any(|line| line.ends_with("hello")), "{:?}", house.dm());
    }

    async fn an_event_of_the_bots_own_app_comes_again(house: House) {
        house.with_second_bot().await;
        house.knows_acme().await;
        let workspace = json!({ "name": "Acme", "domain": "acme", "bot_token": megatron::demo::cast::BOT_TOKEN });
        house.travel(Method::PUT, "v1/workspaces/T0ACME", workspace).await;
        house.travel(Method::POST, "ingest", message_of_phil("1795168800.000100", "hi")).await;
        house.settle().await;
        assert_eq!(house.jane_types("open phil").await, "Opening a room for Phil …");
        house.app.relay().db.close().await;
        let envelope = json!({ "type": "event_callback", "team_id": "T0ACME", "event": {
            "type": "message", "channel": "D0PHIL", "user": "U0PHIL", "ts": "1795168900.000100", "text": "hello" } }).to_string();
        let send = |house: &House| house.signed("slack/bots/travel/events", TRAVEL_SECRET, 0, envelope.clone());
        assert_eq!(house.refused(send(&house)).await.0, 503);
        house.restart().await;
        for _ in 0..2 {
            assert_eq!(send(&house).send().await.unwrap().status(), StatusCode::OK);
        }
        house.settle().await;
        assert_eq!(house.room("cs-phil").iter().filter(|line| *line == "Phil: hello").count(), 1);
    }
}
