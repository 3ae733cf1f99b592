//! `Idempotency-Key`: a POST that is repeated with its key has one effect and one answer.

use std::time::Duration;

use megatron::demo::cast::API_KEY;
use megatron::intake::idempotency::fingerprint;
use megatron::store::idempotency::{Claim, claim};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::house::{House, TRAVEL_KEY, message_of_phil};
use crate::support::scenarios;

impl House {
    async fn post_with_key(&self, key: &str, path: &str, body: &Value) -> (StatusCode, bool, Value) {
        let response = self.keyed(key, path, body).send().await.unwrap();
        let (status, replayed) = (response.status(), response.headers().contains_key("idempotency-replayed"));
        (status, replayed, response.json().await.unwrap())
    }

    fn keyed(&self, key: &str, path: &str, body: &Value) -> reqwest::RequestBuilder {
        let request = self.request(Method::POST, path).bearer_auth(API_KEY).header("idempotency-key", key);
        request.header("content-type", "application/json").body(body.to_string())
    }
}

/// Every POST of the bots' API, in an order in which each does something.
fn posts() -> Vec<(&'static str, Value, StatusCode)> {
    let notice = json!({ "team_id": "T0ACME", "channel_id": "D0PHIL", "text": "psst" });
    vec![
        ("ingest", message_of_phil("1795168900.000100", "once"), StatusCode::ACCEPTED),
        ("ingest", json!([message_of_phil("1795168901.000100", "twice"), {}]), StatusCode::ACCEPTED),
        ("v1/notices", notice, StatusCode::ACCEPTED),
        (
            "v1/conversations/T0ACME/D0PHIL/messages",
            json!({ "message": { "text": "Let me look" }, "control_epoch": 0 }),
            StatusCode::ACCEPTED,
        ),
        ("v1/conversations/T0ACME/D0PHIL/pause", json!({ "reason": "asked" }), StatusCode::OK),
        (
            "v1/conversations/T0ACME/D0PHIL/messages",
            json!({ "message": { "text": "Too late" }, "control_epoch": 0 }),
            StatusCode::CONFLICT,
        ),
        ("v1/conversations/T0ACME/D0PHIL/unpause", json!({}), StatusCode::OK),
        ("v1/conversations/T0ACME/D0PHIL/close", json!({}), StatusCode::OK),
        ("v1/conversations/T0ACME/D0NOBODY/close", json!({}), StatusCode::NOT_FOUND),
    ]
}

scenarios! {
    async fn a_repeated_post_is_answered_as_the_first_and_has_no_effect(house: House) {
        house.with_open_room().await;
        for (number, (path, body, expected)) in posts().into_iter().enumerate() {
            let key = format!("key-{number}");
            let (status, replayed, first) = house.post_with_key(&key, path, &body).await;
            assert_eq!((status, replayed), (expected, false), "{path} {first}");
            house.settle().await;
            let before = house.everything().await;
            for key in [key.clone(), format!("\"{key}\"")] {
                assert_eq!(house.post_with_key(&key, path, &body).await, (expected, true, first.clone()), "{path}");
            }
            house.settle().await;
            assert_eq!(house.everything().await, before, "{path}");

            let elsewhere = if path == "v1/notices" { "ingest" } else { "v1/notices" };
            for (path, body) in [(path, &json!({ "something": "else" })), (elsewhere, &body)] {
                let (status, code, _) = house.refused(house.keyed(&key, path, body)).await;
                assert_eq!((status, code.as_str()), (422, "idempotency_key_reused"), "{path}");
            }
            assert_eq!(house.everything().await, before, "{path}");
        }
        let dm = house.dm();
        assert_eq!(dm.iter().filter(|line| line.contains("Let me look")).count(), 1, "{dm:?}");
    }

    async fn a_key_that_is_no_key_is_refused(house: House) {
        let long = "k".repeat(256);
        for key in ["", "two words", long.as_str(), "\"open"] {
            let (status, code, _) = house.refused(house.keyed(key, "v1/notices", &json!({}))).await;
            assert_eq!((status, code.as_str()), (400, "bad_idempotency_key"), "{key}");
        }
    }

    async fn while_the_first_is_being_answered_the_second_waits(house: House) {
        house.with_open_room().await;
        let (path, body) = ("v1/conversations/T0ACME/D0PHIL/pause", json!({ "reason": "asked" }));
        let same = fingerprint(&Method::POST, &format!("/{path}"), body.to_string().as_bytes());
        let mut tx = house.app.relay().db.begin().await.unwrap();
        assert_eq!(claim(&mut tx, "expenses", "k", &same, house.now()).await.unwrap(), Claim::First);
        tx.commit().await.unwrap();

        let response = house.keyed("k", path, &body).send().await.unwrap();
        assert_eq!((response.status(), &response.headers()["retry-after"]), (StatusCode::CONFLICT, &"1".parse().unwrap()));
        assert_eq!(response.json::<Value>().await.unwrap()["code"], "idempotency_in_progress");
        let (_, state) = house.api(Method::GET, "v1/conversations/T0ACME/D0PHIL", None).await;
        assert_eq!(state["control"]["paused"], false);

        // Whoever was to answer it is gone.
        house.wait(Duration::from_mins(1)).await;
        let (status, replayed, answer) = house.post_with_key("k", path, &body).await;
        assert_eq!((status, replayed, &answer["control"]["paused"]), (StatusCode::OK, false, &json!(true)));
    }

    async fn a_failure_of_the_service_is_not_remembered(house: House) {
        house.with_open_room().await;
        let (path, body) = ("v1/conversations/T0ACME/D0PHIL/pause", json!({}));
        house.tamper("ALTER TABLE conversations RENAME TO away").await;
        let (status, code, _) = house.refused(house.keyed("k", path, &body)).await;
        assert_eq!((status, code.as_str()), (503, "unavailable"));
        house.tamper("ALTER TABLE away RENAME TO conversations").await;
        let (status, replayed, answer) = house.post_with_key("k", path, &body).await;
        assert_eq!((status, replayed, &answer["control"]["paused"]), (StatusCode::OK, false, &json!(true)));
    }

    async fn two_bots_may_use_the_same_key(house: House) {
        house.with_second_bot().await;
        house.with_open_room().await;
        let body = message_of_phil("1795168900.000100", "hello");
        let (_, _, answer) = house.post_with_key("k", "ingest", &body).await;
        assert_eq!(answer["watched"], true);
        let request = house.request(Method::POST, "ingest").bearer_auth(TRAVEL_KEY).header("idempotency-key", "k");
        let answer: Value = request.body(body.to_string()).send().await.unwrap().json().await.unwrap();
        assert_eq!(answer["watched"], false, "its own answer, not the other's");
    }
}
