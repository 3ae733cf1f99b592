//! `POST /ingest`: every shape in which a bot may hand over what was said, and what it is answered.

use std::time::Duration;

use futures_util::future::join_all;
use megatron::demo::cast::{API_KEY, BOT_TOKEN, PHIL, PHILS_DM};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::house::{TRAVEL_SECRET, message_of_phil};
use crate::support::scenarios;

/// The time of the n-th message after the curtain.
fn ts(n: u32) -> String {
    format!("17951689{n:02}.000100")
}

fn plain(direction: &str, message: impl Into<Value>) -> Value {
    let message = message.into();
    json!({ "direction": direction, "team_id": "T0ACME", "channel_id": PHILS_DM, "user_id": PHIL, "message": message })
}

fn envelope(event: Value) -> Value {
    let mut event = event;
    event["channel"] = json!(PHILS_DM);
    json!({ "type": "event_callback", "team_id": "T0ACME", "api_app_id": "A0EXPENSES", "event_id": "Ev1", "event_time": 1_795_168_900,
        "authorizations": [{ "team_id": "T0ACME", "user_id": "U0EXPENSES", "is_bot": true, "is_enterprise_install": false }], "event": event })
}

fn from_an_org(mut envelope: Value) -> Value {
    envelope["team_id"] = Value::Null;
    envelope["authorizations"][0]["is_enterprise_install"] = json!(true);
    envelope
}

scenarios! {
    async fn what_cannot_be_stored_whole_is_not_stored_at_all(house: House) {
        house.with_open_room().await;
        let message = message_of_phil("1795168900.000100", "can you hear me?");
        let before = [house.count("seen").await, house.count("journal").await];
        // The last thing that is written fails, as on a disk that is full.
        house.tamper("ALTER TABLE outbox RENAME TO away").await;
        let request = house.request(Method::POST, "ingest").bearer_auth(API_KEY).json(&message);
        let (status, code, _) = house.refused(request).await;
        assert_eq!((status, code.as_str()), (503, "unavailable"));
        assert_eq!([house.count("seen").await, house.count("journal").await], before);

        house.tamper("ALTER TABLE away RENAME TO outbox").await;
        let (status, answer) = house.ingest(&message).await;
        assert_eq!((status, &answer["duplicate"]), (StatusCode::ACCEPTED, &json!(false)));
        house.settle().await;
        assert_eq!(house.talk("cs-phil").last().unwrap(), "Phil: can you hear me?");
    }

    async fn every_shape_shows_in_the_room(house: House) {
        house.with_open_room().await;
        let file = json!({ "name": "bill.pdf", "mimetype": "application/pdf", "size": 1_500_000 });
        let table: Vec<(&str, Value, &[&str])> = vec![
            ("plain", plain("incoming", json!({ "ts": ts(1), "text": "plain" })), &["Phil: plain"]),
            ("with nulls", plain("incoming", json!({ "ts": ts(2), "text": "nulls", "blocks": null, "files": null, "thread_ts": null })), &["Phil: nulls"]),
            ("outgoing", plain("outgoing", json!({ "ts": ts(3), "text": "I can do that" })), &["Expense Bot: I can do that"]),
            ("with everything", {
                let mut body = plain("incoming", json!({ "type": "message", "ts": ts(4), "text": "signals" }));
                body["control_epoch"] = json!(3);
                body["signals"] = json!({ "unanswered": true, "sentiment": -0.7 });
                body
            }, &["Phil: signals"]),
            ("an answer of chat.postMessage", json!({ "team_id": "T0ACME", "user_id": PHIL, "response": {
                "ok": true, "channel": PHILS_DM, "ts": ts(5), "message": { "text": "posted", "bot_id": "B0EXPENSES", "type": "message" } } }),
                &["Expense Bot: posted"]),
            ("an event", envelope(json!({ "type": "message", "user": PHIL, "ts": ts(6), "text": "by event" })), &["Phil: by event"]),
            ("an event of the bot", envelope(json!({ "type": "message", "user": "U0EXPENSES", "bot_id": "B0EXPENSES", "ts": ts(7), "text": "by the bot" })),
                &["Expense Bot: by the bot"]),
            ("an event of an organisation", from_an_org(envelope(json!({ "type": "message", "user": PHIL, "ts": ts(8), "text": "from an org" }))),
                &["Phil: from an org"]),
            ("a file", plain("incoming", json!({ "subtype": "file_share", "ts": ts(9), "text": "the bill", "files": [file] })),
                &["Phil: the bill", "Megatron ▸ [card] Phil 📎 sent a file: bill.pdf (application/pdf, 1.5 MB): Slack does not say where the file is."]),
            ("an event about no conversation", json!({ "type": "event_callback", "team_id": "T0ACME", "event": { "type": "team_join", "user": { "id": "U1" } } }), &[]),
        ];
        for (what, body, lines) in table {
            let shown = house.room("cs-phil").len();
            let (status, answer) = house.ingest(&body).await;
            assert_eq!((status, &answer["duplicate"]), (StatusCode::ACCEPTED, &json!(false)), "{what}: {answer}");
            assert_eq!(answer["watched"], !lines.is_empty(), "{what}");
            assert_eq!(answer["control"], json!({ "holder": "bot", "paused": false, "epoch": 0 }), "{what}");
            house.wait(Duration::from_secs(5)).await;
            assert_eq!(house.room("cs-phil")[shown..], *lines, "{what}");

            if !lines.is_empty() {
                let (_, answer) = house.ingest(&body).await;
                assert_eq!(answer["duplicate"], true, "{what}, again");
                house.wait(Duration::from_secs(5)).await;
                assert_eq!(house.room("cs-phil").len(), shown + lines.len(), "{what}, again");
            }
        }
    }

    async fn one_message_in_several_shapes_is_shown_once(house: House) {
        house.with_second_bot().await;
        house.with_open_room().await;
        let shapes = [
            plain("incoming", json!({ "ts": ts(1), "text": "once" })),
            plain("incoming", json!({ "type": "message", "ts": ts(1), "text": "once", "blocks": [] })),
            envelope(json!({ "type": "message", "user": PHIL, "ts": ts(1), "text": "once" })),
            envelope(json!({ "type": "app_mention", "user": PHIL, "ts": ts(1), "text": "once" })),
            from_an_org(envelope(json!({ "type": "message", "user": PHIL, "ts": ts(1), "text": "once" }))),
        ];
        for (number, shape) in shapes.iter().enumerate() {
            let (_, answer) = house.ingest(shape).await;
            assert_eq!((&answer["watched"], &answer["duplicate"]), (&json!(true), &json!(number > 0)), "{shape}");
        }
        house.settle().await;
        assert_eq!(house.room("cs-phil").iter().filter(|line| *line == "Phil: once").count(), 1);
    }

    async fn an_array_is_answered_one_by_one_in_its_order(house: House) {
        house.with_open_room().await;
        let body = json!([
            message_of_phil(&ts(1), "one"),
            { "direction": "incoming" },
            message_of_phil(&ts(1), "one"),
            "no message",
            plain("outgoing", json!({ "ts": ts(2), "text": "two" })),
            { "direction": "incoming", "team_id": "T0ACME", "channel_id": "D0PHILIPPA", "user_id": "U0PHILIPPA", "message": { "ts": ts(3), "text": "hi" } },
        ]);
        let (status, answer) = house.ingest(&body).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        let brief: Vec<Value> = answer.as_array().unwrap().iter().map(|one| json!([one["status"], one["watched"], one["duplicate"], one["code"]])).collect();
        assert_eq!(json!(brief), json!([
            [202, true, false, null], [422, null, null, "invalid"], [202, true, true, null],
            [422, null, null, "invalid"], [202, true, false, null], [202, false, false, null],
        ]));
        assert_eq!(answer[1]["errors"][0]["path"], "[1].team_id");
        assert_eq!(answer[3]["errors"][0]["path"], "[3]");
        house.settle().await;
        assert!(house.room("cs-phil").ends_with(&["Phil: one".to_owned(), "Expense Bot: two".to_owned()]));
    }

    async fn an_array_may_hold_a_hundred_messages(house: House) {
        house.with_open_room().await;
        let many = |count: u32| (0..count).map(|n| message_of_phil(&format!("1795168900.{n:06}"), &format!("no. {n}"))).collect::<Vec<_>>();
        let before = house.everything().await;
        let (status, answer) = house.ingest(&json!(many(101))).await;
        assert_eq!((status, &answer["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("invalid")));
        assert_eq!(house.everything().await, before, "none of them was taken");
        assert_eq!(house.ingest(&json!([])).await, (StatusCode::ACCEPTED, json!([])));

        let (status, answer) = house.ingest(&json!(many(100))).await;
        assert_eq!((status, answer.as_array().unwrap().len()), (StatusCode::ACCEPTED, 100));
        house.wait(Duration::from_secs(150)).await;
        let room = house.room("cs-phil");
        let expected: Vec<String> = (0..100).map(|n| format!("Phil: no. {n}")).collect();
        assert_eq!(room[room.len() - 100..], expected);
    }

    async fn twenty_copies_at_once_are_one_message(house: House) {
        house.with_open_room().await;
        let body = message_of_phil(&ts(1), "storm");
        let event = envelope(json!({ "type": "message", "user": PHIL, "ts": ts(1), "text": "storm" }));
        let both = [&body, &event];
        let answers = join_all((0..20).map(|n| house.ingest(both[n % 2]))).await;
        assert!(answers.iter().all(|(status, answer)| *status == StatusCode::ACCEPTED && answer["watched"] == true), "{answers:?}");
        assert_eq!(answers.iter().filter(|(_, answer)| answer["duplicate"] == false).count(), 1);
        house.settle().await;
        assert_eq!(house.room("cs-phil").iter().filter(|line| *line == "Phil: storm").count(), 1);
    }

    async fn many_senders_at_once_lose_nothing(house: House) {
        house.with_open_room().await;
        let bodies: Vec<Value> = (0..40).map(|n| plain(if n % 2 == 0 { "incoming" } else { "outgoing" }, json!({ "ts": ts(n), "text": format!("no. {n}.") }))).collect();
        for (status, answer) in join_all(bodies.iter().map(|body| house.ingest(body))).await {
            assert_eq!((status, &answer["duplicate"]), (StatusCode::ACCEPTED, &json!(false)));
        }
        house.wait(Duration::from_mins(2)).await;
        let room = house.room("cs-phil");
        for n in 0..40 {
            let line = format!("{}: no. {n}.", if n % 2 == 0 { "Phil" } else { "Expense Bot" });
            assert_eq!(room.iter().filter(|shown| **shown == line).count(), 1, "{line} {room:?}");
        }
    }

    async fn the_answer_always_tells_who_is_in_control(house: House) {
        house.knows_acme().await;
        let control = async |n: u32| house.ingest(&message_of_phil(&ts(n), "hi")).await.1["control"].clone();
        assert_eq!(control(1).await, json!({ "holder": "bot", "paused": false, "epoch": 0 }));
        house.settle().await;
        house.jane_types("pause phil").await;
        let paused = json!({ "holder": "human", "paused": true, "epoch": 1 });
        assert_eq!(control(2).await, paused, "a new message");
        assert_eq!(control(2).await, paused, "a repeated one");
        assert_eq!(house.ingest(&json!([message_of_phil(&ts(3), "hi")])).await.1[0]["control"], paused, "in an array");
        house.jane_types("unpause phil").await;
        assert_eq!(control(4).await, json!({ "holder": "bot", "paused": false, "epoch": 2 }));
        house.api(Method::PUT, "v1/bot", Some(json!({ "active": false }))).await;
        assert_eq!(control(5).await, json!({ "holder": "bot", "paused": true, "epoch": 3 }), "switched off");
        let stranger = json!({ "direction": "incoming", "team_id": "T0NEW", "channel_id": "D0NEW", "user_id": "U0NEW", "message": { "ts": ts(6) } });
        assert_eq!(house.ingest(&stranger).await.1["control"], json!({ "holder": "bot", "paused": true, "epoch": 1 }), "for everybody");
    }

    async fn unwatched_messages_are_forgotten_at_once(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        for table in ["conversations", "seen", "outbox"] {
            assert_eq!(house.count(table).await, 0, "{table}");
        }
        let (_, answer) = house.ingest(&message_of_phil(&ts(1), "hello?")).await;
        assert_eq!((&answer["watched"], &answer["duplicate"]), (&json!(false), &json!(false)));
        let (_, answer) = house.ingest(&message_of_phil(&ts(1), "hello?")).await;
        assert_eq!((&answer["watched"], &answer["duplicate"]), (&json!(false), &json!(false)));
    }

    async fn a_bots_own_app_may_send_its_events_itself(house: House) {
        house.with_second_bot().await;
        let workspace = json!({ "name": "Acme", "domain": "acme", "bot_token": BOT_TOKEN });
        house.travel(Method::PUT, "v1/workspaces/T0ACME", workspace).await;
        let send = async |event: Value| {
            let body = envelope(event).to_string();
            house.signed("slack/bots/travel/events", TRAVEL_SECRET, 0, body).header("x-slack-retry-num", "1").send().await.unwrap().status()
        };
        let said = |n: u32, text: &str| json!({ "type": "message", "user": PHIL, "ts": ts(n), "text": text });
        assert_eq!(send(said(0, "hi")).await, StatusCode::OK);
        house.settle().await;
        assert_eq!(house.jane_types("open phil").await, "Opening a room for Phil …");
        for _ in 0..3 {
            assert_eq!(send(said(1, "by its own app")).await, StatusCode::OK);
        }
        assert_eq!(send(json!({ "type": "message" })).await, StatusCode::OK, "Slack would only send it again");
        assert_eq!(send(json!({ "type": "team_join" })).await, StatusCode::OK);
        house.settle().await;
        assert_eq!(house.room("cs-phil").iter().filter(|line| *line == "Phil: by its own app").count(), 1);
        let challenge = r#"{"type":"url_verification","challenge":"abc"}"#;
        let answer = house.signed("slack/bots/travel/events", TRAVEL_SECRET, 0, challenge).send().await.unwrap();
        assert_eq!(answer.json::<Value>().await.unwrap(), json!({ "challenge": "abc" }));
    }

    async fn an_event_that_slack_repeats_has_one_effect(house: House) {
        house.with_open_room().await;
        let room = house.slack.channel("T0INITECH", "cs-phil").unwrap().id;
        let event = json!({ "type": "message", "channel": room, "user": "U0JANE", "ts": ts(1), "text": "Hi Phil" });
        let copies: Vec<String> = (0..11).map(|n| json!({ "type": "event_callback", "team_id": "T0INITECH", "event_id": format!("Ev{n}"), "event": event }).to_string()).collect();
        for status in join_all(copies.iter().map(|body| house.slack_sends("slack/events", body.as_str()))).await {
            assert_eq!(status, StatusCode::OK);
        }
        house.settle().await;
        assert_eq!(house.dm().iter().filter(|line| line.ends_with("Hi Phil")).count(), 1, "{:?}", house.dm());
    }
}
