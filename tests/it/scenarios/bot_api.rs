//! What a bot asks and tells over HTTP.

use megatron::demo::cast::{ACME, BOT, BOT_TOKEN, HUB, JANE, PHIL, PHILIPPA, PHILIPPAS_DM, PHILS_DM, RAJ};
use megatron::simulator::Fault;
use megatron::takeover::cards::action;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::house::{House, control_line};
use crate::support::scenarios;

scenarios! {
    async fn a_workspace_is_registered_refreshed_and_forgotten(house: House) {
        let path = format!("v1/workspaces/{ACME}");
        assert_eq!(problem(house.api(Method::GET, &path, None).await), (404, "not_found".into()));
        let mut body = json!({ "name": "Acme", "domain": "acme", "bot_token": BOT_TOKEN, "bot_user_id": "U0EXPENSES" });
        let known = json!({ "team_id": ACME, "name": "Acme", "domain": "acme", "bot_user_id": "U0EXPENSES" });
        assert_eq!(house.api(Method::PUT, &path, Some(body.clone())).await, (StatusCode::CREATED, known.clone()));
        assert_eq!(house.api(Method::GET, &path, None).await, (StatusCode::OK, known));
        body["name"] = json!("Acme Inc.");
        let (status, refreshed) = house.api(Method::PUT, &path, Some(body)).await;
        assert_eq!((status, &refreshed["name"]), (StatusCode::OK, &json!("Acme Inc.")));
        assert_eq!(house.api(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
        assert_eq!(problem(house.api(Method::GET, &path, None).await), (404, "not_found".into()));
        let (status, answer) = house.api(Method::PUT, &path, Some(json!({ "name": 1, "bot_token": "" }))).await;
        let paths: Vec<_> = answer["errors"].as_array().unwrap().iter().map(|error| error["path"].as_str().unwrap()).collect();
        assert_eq!((status.as_u16(), paths), (422, vec!["name", "domain", "bot_token"]));
    }

    async fn a_conversation_tells_its_state(house: House) {
        let path = format!("v1/conversations/{ACME}/{PHILS_DM}");
        assert_eq!(problem(house.api(Method::GET, &path, None).await), (404, "not_found".into()));
        house.knows_acme().await;
        house.phil_says("help!").await;
        let mut expected = json!({
            "bot": BOT, "team_id": ACME, "channel_id": PHILS_DM, "watched": false,
            "control": { "holder": "bot", "paused": false, "epoch": 0 }, "room": null,
            "customer": { "user_id": PHIL, "name": "Phil" }, "opened_at": null, "idle_since": null,
        });
        assert_eq!(house.state().await, expected);
        house.jane_types("open phil").await;
        house.wait(std::time::Duration::from_secs(90)).await;
        house.phil_says("hello?").await;
        expected["watched"] = json!(true);
        expected["room"] = json!({ "id": house.slack.channel(HUB, "cs-phil").unwrap().id, "name": "cs-phil" });
        expected["opened_at"] = json!("2026-11-20T10:00:00.000Z");
        expected["idle_since"] = json!("2026-11-20T10:01:30.000Z");
        assert_eq!(house.state().await, expected);
    }

    async fn what_was_never_seen_cannot_be_changed(house: House) {
        house.knows_acme().await;
        for what in ["pause", "unpause", "close"] {
            assert_eq!(problem(house.asks(what, json!({})).await), (404, "not_found".into()), "{what}");
        }
        let message = json!({ "message": { "text": "hi" }, "control_epoch": 0 });
        assert_eq!(problem(house.asks("messages", message).await), (404, "not_found".into()));
    }

    async fn the_bot_closes_a_room(house: House) {
        house.with_open_room().await;
        house.asks("pause", json!({})).await;
        let (status, state) = house.asks("close", json!({ "reason": "solved" })).await;
        assert_eq!((status, control_line(&state["control"])), (StatusCode::OK, "bot, active, 2".to_owned()));
        let closed = &house.bot.heard_of("conversation.closed")[0]["data"];
        assert_eq!((&closed["reason"], &closed["actor"]), (&json!("solved"), &json!({ "kind": "bot" })));
        assert!(house.slack.channel(HUB, "cs-phil-closed-20261120-1").unwrap().archived);
        assert_eq!(problem(house.asks("close", json!({})).await), (409, "conflict".into()));
    }

    async fn requests_that_make_no_sense_are_refused_with_reasons(house: House) {
        house.with_open_room().await;
        assert_eq!(problem(house.asks("pause", json!({ "reason": 7 })).await), (422, "invalid".into()));
        assert_eq!(problem(house.asks("messages", json!({ "message": "hi" })).await), (422, "invalid".into()));
        assert_eq!(problem(house.api(Method::PUT, "v1/bot", Some(json!({ "active": "no" }))).await), (422, "invalid".into()));
        assert_eq!(problem(house.api(Method::POST, "v1/notices", Some(json!({}))).await), (422, "invalid".into()));
        let path = format!("v1/conversations/{ACME}/{PHILS_DM}/pause");
        let unknown = house.request(Method::POST, &path).bearer_auth("wrong").send().await.unwrap();
        assert_eq!(unknown.status(), 401);
        assert_eq!(house.control().await, "bot, active, 0");
    }

    async fn the_service_says_something_as_the_bot(house: House) {
        house.with_open_room().await;
        let room = house.room("cs-phil").len();
        let message = json!({ "message": { "text": "Your refund is on its way." }, "control_epoch": 0 });
        let (status, _) = house.asks("messages", message).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        house.wait(std::time::Duration::from_secs(10)).await;
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ Your refund is on its way.");
        assert_eq!(house.room_since("cs-phil", room), ["Expense Bot: Your refund is on its way."], "once");

        // The bot passes on whatever it sees, this message too.
        let ts = house.slack.history(ACME, PHILS_DM).pop().unwrap().ts;
        let echo = json!({
            "direction": "outgoing", "team_id": ACME, "channel_id": PHILS_DM, "user_id": PHIL,
            "message": { "ts": ts, "text": "Your refund is on its way." },
        });
        let (_, answer) = house.ingest(&echo).await;
        assert_eq!((&answer["watched"], &answer["duplicate"]), (&json!(true), &json!(true)));
        house.settle().await;
        assert_eq!(house.room_since("cs-phil", room).len(), 1);
    }

    async fn the_service_says_something_as_the_bot_also_where_nobody_watches(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        let (status, _) = house.asks("messages", json!({ "message": { "text": "Hello" }, "control_epoch": 0 })).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ Hello");
    }

    async fn what_the_bot_decided_before_control_moved_on_is_refused(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        let dm = house.dm();
        for epoch in [0, 2, -1] {
            let (status, answer) = house.asks("messages", json!({ "message": { "text": "hi" }, "control_epoch": epoch })).await;
            assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("stale_control")));
            assert_eq!(answer["control"], json!({ "holder": "human", "paused": true, "epoch": 1 }));
        }
        assert_eq!(house.dm(), dm);
        house.api(Method::PUT, "v1/bot", Some(json!({ "active": false }))).await;
        let (_, answer) = house.asks("messages", json!({ "message": { "text": "hi" }, "control_epoch": 1 })).await;
        assert_eq!(answer["control"]["epoch"], 2, "the switch counts too");
    }

    async fn what_waits_to_be_said_is_withheld_when_control_moves_on(house: House) {
        house.with_open_room().await;
        house.slack.fail_next("chat.postMessage", Fault::RateLimited { retry_after_secs: 30 });
        let (status, _) = house.asks("messages", json!({ "message": { "text": "Shall I?" }, "control_epoch": 0 })).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(std::time::Duration::from_mins(1)).await;
        assert!(!house.dm().iter().any(|line| line.contains("Shall I?")), "{:#?}", house.dm());
        let room = house.room("cs-phil");
        assert_eq!(
            room.last().unwrap(),
            "Megatron ▸ [card] ⚠️ *Phil did not get* “Shall I?”: control had moved on before it was sent."
        );
        house.jane_presses("cs-phil", action::RETRY).await;
        assert!(!house.dm().iter().any(|line| line.contains("Shall I?")), "not even then");
    }

    async fn a_message_repeated_with_its_idempotency_key_is_one(house: House) {
        house.with_open_room().await;
        let path = format!("v1/conversations/{ACME}/{PHILS_DM}/messages");
        for _ in 0..2 {
            let request = house.request(Method::POST, &path).bearer_auth(megatron::demo::cast::API_KEY);
            let request = request.header("idempotency-key", "k1").header("content-type", "application/json");
            let body = json!({ "message": { "text": "Once" }, "control_epoch": 0 }).to_string();
            assert_eq!(request.body(body).send().await.unwrap().status(), 202);
            house.settle().await;
        }
        assert_eq!(house.dm().iter().filter(|line| line.contains("Once")).count(), 1);
    }

    async fn a_notice_is_for_one_agent_or_for_the_room(house: House) {
        house.with_open_room().await;
        let room = house.room("cs-phil");
        assert_eq!(notice(&house, json!({ "text": "He is *angry*", "agent_id": JANE })).await.0, StatusCode::ACCEPTED);
        assert_eq!(house.room("cs-phil"), room);
        assert_eq!(house.whispers(JANE, "cs-phil").last().unwrap(), "Megatron ▸ [card] He is *angry* (only visible to you)");
        assert_eq!(notice(&house, json!({ "text": "His third question" })).await.0, StatusCode::ACCEPTED);
        assert_eq!(house.room_since("cs-phil", room.len()), ["Megatron ▸ [card] His third question"]);
        assert!(!house.dm().iter().any(|line| line.contains("angry") || line.contains("third")));
        house.types(JANE, "cs-phil", "close").await;
        assert_eq!(problem(notice(&house, json!({ "text": "Anybody?" })).await), (409, "conflict".into()));
    }

    async fn a_notice_for_an_agent_who_is_not_in_the_room_is_not_lost(house: House) {
        house.with_open_room().await;
        notice(&house, json!({ "text": "Raj, please look", "agent_id": RAJ })).await;
        let room = house.room("cs-phil");
        assert!(room.last().unwrap().contains("Raj, please look"), "{room:#?}");
    }

    async fn another_bots_conversations_do_not_exist(house: House) {
        house.restart_adjusted(|config| {
            let mut other = config.bots[0].clone();
            "travel".clone_into(&mut other.id);
            other.api_key = "mgt_key_of_the_travel_bot".into();
            config.bots.push(other);
        }).await;
        house.with_open_room().await;
        for (method, path) in [
            (Method::GET, format!("v1/conversations/{ACME}/{PHILS_DM}")),
            (Method::POST, format!("v1/conversations/{ACME}/{PHILS_DM}/pause")),
            (Method::GET, format!("v1/workspaces/{ACME}")),
            (Method::DELETE, format!("v1/workspaces/{ACME}")),
        ] {
            let answer = house.request(method, &path).bearer_auth("mgt_key_of_the_travel_bot").send().await.unwrap();
            assert_eq!(answer.status(), 404, "{path}");
        }
        let off = house.request(Method::PUT, "v1/bot").bearer_auth("mgt_key_of_the_travel_bot");
        let off = off.header("content-type", "application/json").body(r#"{"active":false}"#).send().await.unwrap();
        assert_eq!(off.status(), 200);
        house.settle().await;
        assert_eq!(house.control().await, "bot, active, 0");
        assert!(!house.room("cs-phil").iter().any(|line| line.contains("switched off")));
    }

    async fn pausing_one_customer_leaves_the_others_alone(house: House) {
        house.with_open_room().await;
        house.slack.say(ACME, PHILIPPA, PHILIPPAS_DM, "hello").unwrap();
        house.settle().await;
        house.asks("pause", json!({})).await;
        let path = format!("v1/conversations/{ACME}/{PHILIPPAS_DM}");
        let (_, state) = house.api(Method::GET, &path, None).await;
        assert_eq!(control_line(&state["control"]), "bot, active, 0");
    }
}

async fn notice(house: &House, mut body: Value) -> (StatusCode, Value) {
    body["team_id"] = json!(ACME);
    body["channel_id"] = json!(PHILS_DM);
    let answer = house.api(Method::POST, "v1/notices", Some(body)).await;
    house.settle().await;
    answer
}

/// Status and code of a refusal.
fn problem((status, body): (StatusCode, Value)) -> (u16, String) {
    (status.as_u16(), body["code"].as_str().unwrap_or_default().to_owned())
}
