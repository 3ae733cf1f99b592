//! Whatever comes in that should not: it is refused with a problem document, and nothing is changed.

use std::time::Duration;

use megatron::demo::cast::{API_KEY, HUB, JANE, SIGNING_SECRET};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::house::{House, TRAVEL_KEY, TRAVEL_SECRET, message_of_phil};
use crate::support::scenarios;

const PHILS: &str = "v1/conversations/T0ACME/D0PHIL";

/// What only a bot may do: method, path, and a body that would be taken.
fn bots_doors() -> Vec<(Method, String, Value)> {
    let workspace = json!({ "name": "Acme", "domain": "acme", "bot_token": "xoxb-another" });
    vec![
        (Method::POST, "ingest".into(), message_of_phil("1795168900.000100", "hello")),
        (Method::PUT, "v1/workspaces/T0ACME".into(), workspace),
        (Method::GET, "v1/workspaces/T0ACME".into(), Value::Null),
        (Method::DELETE, "v1/workspaces/T0ACME".into(), Value::Null),
        (Method::GET, PHILS.into(), Value::Null),
        (Method::POST, format!("{PHILS}/pause"), json!({ "reason": "test" })),
        (Method::POST, format!("{PHILS}/unpause"), json!({})),
        (Method::POST, format!("{PHILS}/close"), json!({})),
        (Method::POST, format!("{PHILS}/messages"), json!({ "message": { "text": "Hi" }, "control_epoch": 0 })),
        (Method::PUT, "v1/bot".into(), json!({ "active": false })),
        (Method::POST, "v1/notices".into(), json!({ "team_id": "T0ACME", "channel_id": "D0PHIL", "text": "psst" })),
    ]
}

/// Where Slack comes in: path, the secret that signs, and a body that changes nothing.
const SLACKS_DOORS: [(&str, &str, &str); 5] = [
    ("slack/events", SIGNING_SECRET, r#"{"type":"url_verification","challenge":"abc"}"#),
    ("slack/commands", SIGNING_SECRET, "ssl_check=1"),
    ("slack/interactivity", SIGNING_SECRET, "payload=%7B%22type%22%3A%22of_next_year%22%7D"),
    ("slack/options", SIGNING_SECRET, "payload=%7B%22type%22%3A%22of_next_year%22%7D"),
    ("slack/bots/travel/events", TRAVEL_SECRET, r#"{"type":"url_verification","challenge":"abc"}"#),
];

impl House {
    fn knock(&self, (method, path, body): &(Method, String, Value), key: &str) -> reqwest::RequestBuilder {
        let request = self.request(method.clone(), path).bearer_auth(key);
        if body.is_null() { request } else { request.header("content-type", "application/json").body(body.to_string()) }
    }

    fn raw(
        &self,
        method: &Method,
        path: &str,
        content_type: &str,
        body: impl Into<Vec<u8>>,
    ) -> reqwest::RequestBuilder {
        self.request(method.clone(), path).bearer_auth(API_KEY).header("content-type", content_type).body(body.into())
    }
}

fn brief((status, code, _): (u16, String, Value)) -> (u16, String) {
    (status, code)
}

fn problem(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

scenarios! {
    async fn an_answer_goes_to_slacks_hosts_only(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        for elsewhere in [house.callbacks().as_str(), "http://169.254.169.254/latest", "https://slack.com.evil.example/x"] {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            let fields = [
                ("command", "/megatron"), ("text", "open phil"), ("team_id", HUB), ("channel_id", "C0SUPPORT"), ("user_id", JANE),
                ("user_name", "jane"), ("response_url", elsewhere),
            ];
            form.extend_pairs(fields);
            assert_eq!(house.slack_sends("slack/commands", form.finish()).await, StatusCode::OK);
            house.settle().await;
            house.types(JANE, "cs-phil", "close").await;
        }
        let given_up = house.texts("SELECT problem FROM outbox WHERE state = 'failed'").await;
        assert_eq!(given_up, ["foreign_host"; 3]);
        let expected = ["conversation.opened", "conversation.closed"].repeat(3);
        assert_eq!(house.bot.heard_types(), expected, "and nothing else");
    }

    async fn who_has_no_key_is_not_let_in(house: House) {
        house.with_open_room().await;
        let before = house.everything().await;
        for (method, path, body) in bots_doors() {
            for header in [None, Some("Bearer wrong"), Some("Bearer "), Some("Bearer"), Some("Basic bWd0"), Some(API_KEY)] {
                let mut request = house.request(method.clone(), &path).body(body.to_string());
                request = request.header("idempotency-key", "k").header("content-type", "application/json");
                if let Some(header) = header {
                    request = request.header("authorization", header);
                }
                assert_eq!(brief(house.refused(request).await), problem(401, "unauthorized"), "{method} {path} {header:?}");
            }
            // A signature of Slack is no key.
            let (secret, body) = (SIGNING_SECRET, body.to_string());
            let stamp = house.now().as_second();
            let request = house.request(method.clone(), &path).header("x-slack-request-timestamp", stamp);
            let request = request.header("x-slack-signature", megatron::intake::signature::sign(secret, stamp, body.as_bytes()));
            assert_eq!(brief(house.refused(request.body(body)).await), problem(401, "unauthorized"), "{method} {path} signed");
        }
        house.settle().await;
        assert_eq!(house.everything().await, before);
    }

    async fn what_slack_did_not_sign_just_now_is_not_believed(house: House) {
        house.with_second_bot().await;
        house.with_open_room().await;
        let before = house.everything().await;
        for (path, secret, body) in SLACKS_DOORS {
            for skew in [-300, 0, 300] {
                let answer = house.signed(path, secret, skew, body).send().await.unwrap();
                assert_eq!(answer.status(), StatusCode::OK, "{path} {skew}");
            }
            let other = if secret == SIGNING_SECRET { TRAVEL_SECRET } else { SIGNING_SECRET };
            let good = || house.signed(path, secret, 0, body);
            let table = [
                ("unsigned", house.request(Method::POST, path).body(body)),
                ("signed with the secret of another app", house.signed(path, other, 0, body)),
                ("signed without a secret", house.signed(path, "", 0, body)),
                ("too old", house.signed(path, secret, -301, body)),
                ("from the future", house.signed(path, secret, 301, body)),
                ("another body", good().body(format!("{body} "))),
                ("no body", good().body("")),
                ("a key instead", house.request(Method::POST, path).bearer_auth(API_KEY).body(body)),
            ];
            for (what, request) in table {
                assert_eq!(brief(house.refused(request).await), problem(401, "unauthorized"), "{path}: {what}");
            }
        }
        // A bot without a signing secret, and one that there is not, look alike.
        let answers = [
            house.refused(house.signed("slack/bots/expenses/events", "", 0, "{}")).await,
            house.refused(house.signed("slack/bots/nobody/events", "", 0, "{}")).await,
        ];
        assert_eq!((answers[0].0, &answers[0]), (401, &answers[1]));
        house.settle().await;
        assert_eq!(house.everything().await, before);
    }

    async fn another_bots_customers_do_not_exist(house: House) {
        house.with_second_bot().await;
        house.with_open_room().await;
        let before = house.everything().await;
        for door in bots_doors() {
            let (method, path, body) = &door;
            if matches!(path.as_str(), "ingest" | "v1/bot") || *method == Method::PUT {
                continue;
            }
            let theirs = house.refused(house.knock(&door, TRAVEL_KEY)).await;
            assert_eq!(theirs.0, 404, "{method} {path}");
            let body = body.to_string().replace("D0PHIL", "D0NOBODY").replace("T0ACME", "T0NOWHERE");
            let path = path.replace("D0PHIL", "D0NOBODY").replace("T0ACME", "T0NOWHERE");
            let nobodys = (method.clone(), path, serde_json::from_str(&body).unwrap());
            assert_eq!(house.refused(house.knock(&nobodys, TRAVEL_KEY)).await, theirs, "as if it were unknown");
            assert_eq!(house.refused(house.knock(&nobodys, API_KEY)).await, theirs, "unknown to its own bot");
        }
        house.settle().await;
        assert_eq!(house.everything().await, before);
    }

    async fn a_body_that_cannot_be_read_is_refused(house: House) {
        house.with_open_room().await;
        let before = house.everything().await;
        let deep = "[".repeat(100_000);
        let deep_inside = format!(r#"{{"direction":"incoming","message":{}1{}}}"#, "[".repeat(200), "]".repeat(200));
        let large = format!(r#"{{"text":"{}"}}"#, "x".repeat(1 << 20));
        for (method, path, body) in bots_doors().into_iter().filter(|(_, _, body)| !body.is_null()) {
            for (bytes, expected) in [
                (&b"{\"text\": "[..], problem(400, "bad_json")),
                (b"{} {}", problem(400, "bad_json")),
                (b"text=hello", problem(400, "bad_json")),
                (b"{\"text\":\"\xff\"}", problem(400, "bad_encoding")),
                (b"\xff\xfe{\x00}\x00", problem(400, "bad_encoding")),
                (b"{\"text\":\"\\ud800\"}", problem(400, "bad_json")),
                (deep.as_bytes(), problem(400, "bad_json")),
                (deep_inside.as_bytes(), problem(400, "bad_json")),
                (large.as_bytes(), problem(413, "too_large")),
                (b"null", problem(422, "invalid")),
                (b"7", problem(422, "invalid")),
                (b"\"text\"", problem(422, "invalid")),
            ] {
                let answer = house.refused(house.raw(&method, &path, "application/json", bytes)).await;
                let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]);
                assert_eq!(brief(answer), expected, "{method} {path} {shown}");
            }
            for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "json", ""] {
                let request = house.raw(&method, &path, content_type, body.to_string());
                assert_eq!(brief(house.refused(request).await), problem(415, "unsupported_media_type"), "{method} {path} {content_type}");
            }
        }
        for (path, secret, _) in SLACKS_DOORS.into_iter().take(4) {
            let body: &[u8] = if path.ends_with("events") { b"{\"type\":" } else { b"payload=%7B&text=%FF" };
            let answer = house.refused(house.signed(path, secret, 0, body)).await;
            assert_eq!(answer.0, 400, "{path} {}", answer.2);
            let answer = house.refused(house.signed(path, secret, 0, large.as_bytes())).await;
            assert_eq!(brief(answer), problem(413, "too_large"), "{path}");
        }
        house.settle().await;
        assert_eq!(house.everything().await, before);
    }

    async fn every_field_that_is_missing_or_wrong_is_named(house: House) {
        house.with_open_room().await;
        let before = house.everything().await;
        let long = "x".repeat(65);
        let table: Vec<(Method, &str, Value, &[&str])> = vec![
            (Method::POST, "ingest", json!({}), &["direction", "team_id", "channel_id", "user_id", "message"]),
            (Method::POST, "ingest", json!({ "message": {} }), &["direction", "team_id", "channel_id", "user_id", "message.ts"]),
            (Method::POST, "ingest", json!({ "direction": "up", "team_id": 7, "channel_id": long, "user_id": "U\u{0}", "message": [] }),
             &["direction", "team_id", "channel_id", "user_id", "message"]),
            (Method::POST, "ingest", json!({ "direction": "incoming", "team_id": "T0ACME", "channel_id": "D0PHIL", "user_id": "U0PHIL",
                "message": { "ts": 1_795_168_900.5, "text": [], "blocks": {}, "files": "f", "attachments": 1, "thread_ts": "now", "subtype": 7 },
                "control_epoch": -1, "signals": [] }),
             &["control_epoch", "signals", "message.subtype", "message.thread_ts", "message.text", "message.blocks", "message.attachments", "message.files", "message.ts"]),
            (Method::POST, "ingest", json!({ "type": "event_callback" }), &["event"]),
            (Method::POST, "ingest", json!({ "type": "event_callback", "event": { "type": "message" } }), &["event.ts", "team_id", "event.channel"]),
            (Method::POST, "ingest", json!({ "response": { "ok": false } }),
             &["team_id", "user_id", "response.ok", "response.channel", "response.message", "response.ts"]),
            (Method::POST, "ingest", json!({ "direction": "incoming", "team_id": "T1", "channel_id": "D1", "user_id": "U1",
                "message": { "subtype": "message_changed", "message": { "text": "x" } } }), &["message.message.ts", "message.ts"]),
            (Method::POST, "ingest", json!({ "direction": "incoming", "team_id": "T1", "channel_id": "D1", "user_id": "U1",
                "message": { "ts": "1.000000" }, "control_epoch": 1e300 }), &["control_epoch"]),
            (Method::PUT, "v1/workspaces/T0NEW", json!({}), &["name", "domain", "bot_token"]),
            (Method::PUT, "v1/workspaces/T0NEW", json!({ "name": "", "domain": 1, "bot_token": "two words", "bot_user_id": 7 }),
             &["name", "domain", "bot_token", "bot_user_id"]),
            (Method::PUT, "v1/workspaces/T0NEW", json!({ "name": "a\u{0}b", "domain": "a\nb", "bot_token": "xoxb-\u{0}", "bot_user_id": "U\u{0}" }),
             &["name", "domain", "bot_token", "bot_user_id"]),
            (Method::POST, "v1/conversations/T0ACME/D0PHIL/pause", json!({ "reason": 7 }), &["reason"]),
            (Method::POST, "v1/conversations/T0ACME/D0PHIL/unpause", json!({ "reason": "x".repeat(256) }), &["reason"]),
            (Method::POST, "v1/conversations/T0ACME/D0PHIL/close", json!({ "reason": [] }), &["reason"]),
            (Method::POST, "v1/conversations/T0ACME/D0PHIL/messages", json!({}), &["message", "control_epoch"]),
            (Method::POST, "v1/conversations/T0ACME/D0PHIL/messages", json!({ "message": "hi", "control_epoch": "1" }), &["message", "control_epoch"]),
            (Method::PUT, "v1/bot", json!({}), &["active"]),
            (Method::PUT, "v1/bot", json!({ "active": "yes" }), &["active"]),
            (Method::POST, "v1/notices", json!({}), &["team_id", "channel_id", "text"]),
            (Method::POST, "v1/notices", json!({ "team_id": "", "channel_id": "ü", "text": " ", "agent_id": 7 }), &["team_id", "channel_id", "text", "agent_id"]),
        ];
        for (method, path, body, expected) in table {
            let (status, code, document) = house.refused(house.raw(&method, path, "application/json", body.to_string())).await;
            assert_eq!((status, code.as_str()), (422, "invalid"), "{path} {body}");
            let paths: Vec<&str> = document["errors"].as_array().unwrap().iter().map(|error| error["path"].as_str().unwrap()).collect();
            assert_eq!(paths, expected, "{path} {body}");
        }
        let (status, _, document) = house.refused(house.signed("slack/commands", SIGNING_SECRET, 0, "text=open+phil")).await;
        assert_eq!(status, 422);
        assert_eq!(document["errors"].as_array().unwrap().len(), 4, "{document}");
        house.settle().await;
        assert_eq!(house.everything().await, before);
    }

    async fn there_is_nothing_at_other_paths_and_methods(house: House) {
        house.with_open_room().await;
        let before = house.everything().await;
        let long = format!("v1/conversations/T0ACME/{}", "D".repeat(8000));
        for path in [
            "", "v1", "ingest/", "ingest/x", "v1/conversations", "v1/conversations/T0ACME", "v1/conversations/T0ACME/D0PHIL/open", "v2/bot",
            "slack", "slack/events/", "slack/bots", "slack/bots/expenses", "healthz/x", "admin", ".env", "%2e%2e/etc/passwd", "v1//bot",
            "v1/conversations/T0ACME/D0NOBODY", "v1/conversations/T0NOWHERE/D0PHIL", "v1/workspaces/T0NOWHERE", "v1/workspaces/%00",
            "v1/conversations/T0ACME/%00", "v1/conversations/%00/D0PHIL", "v1/conversations/T0ACME/%FF", "v1/workspaces/%FF",
            "v1/conversations/T0ACME/D0PHIL%20", "v1/conversations/T0ACME/d0phil", "v1/conversations/T0ACME/D0PHIL%2F..",
            "v1/conversations/T0ACME/%27%20OR%201=1%20--", long.as_str(),
        ] {
            let request = house.request(Method::GET, path).bearer_auth(API_KEY);
            assert_eq!(brief(house.refused(request).await), problem(404, "not_found"), "{path}");
        }
        for path in ["v1/workspaces/%00", "v1/workspaces/%FF", "v1/workspaces/T0%20ACME", &format!("v1/workspaces/{}", "T".repeat(65))] {
            let body = json!({ "name": "Acme", "domain": "acme", "bot_token": "xoxb-1" }).to_string();
            let answer = house.refused(house.raw(&Method::PUT, path, "application/json", body)).await;
            assert_eq!(brief(answer), problem(404, "not_found"), "{path}");
        }
        for (path, methods) in [
            ("ingest", "POST"), ("v1/workspaces/T0ACME", "PUT,GET,HEAD,DELETE"), ("v1/bot", "PUT"), ("v1/notices", "POST"),
            ("v1/conversations/T0ACME/D0PHIL", "GET,HEAD"), ("v1/conversations/T0ACME/D0PHIL/pause", "POST"),
            ("slack/events", "POST"), ("slack/commands", "POST"), ("slack/interactivity", "POST"), ("slack/options", "POST"),
            ("slack/bots/expenses/events", "POST"), ("healthz", "GET,HEAD"), ("readyz", "GET,HEAD"),
        ] {
            for method in [Method::PATCH, Method::OPTIONS, Method::TRACE, Method::from_bytes(b"BREW").unwrap()] {
                let request = house.request(method.clone(), path).bearer_auth(API_KEY);
                let response = request.try_clone().unwrap().send().await.unwrap();
                assert_eq!(response.headers().get("allow").map_or("", |allow| allow.to_str().unwrap()), methods, "{method} {path}");
                assert_eq!(brief(house.refused(request).await), problem(405, "method_not_allowed"), "{method} {path}");
            }
        }
        house.settle().await;
        assert_eq!(house.everything().await, before);
    }

    async fn health_needs_no_key_and_tells_nothing(house: House) {
        for (path, text) in [("healthz", "ok\n"), ("readyz", "ready\n")] {
            let response = house.request(Method::GET, path).send().await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            assert_eq!(response.headers()["x-content-type-options"], "nosniff");
            assert_eq!(response.headers()["cache-control"], "no-store");
            assert_eq!(response.text().await.unwrap(), text);
        }
    }

    async fn odd_content_is_relayed_and_breaks_nothing(house: House) {
        house.with_open_room().await;
        let odd = [
            r#""text":"nul \u0000 here""#.to_owned(),
            r#""text":"first","text":"of two keys the last counts""#.to_owned(),
            r#""text":"a huge number","n":1e999999,"m":123456789012345678901234567890.5,"o":-0.0"#.to_owned(),
            format!(r#""text":"an odd key","{}":"\u0000","\u0000":1"#, "k".repeat(5000)),
            r#""text":"a lone surrogate's neighbour \ud83d\ude00""#.to_owned(),
            format!(r#""text":"nested","x":{}{}"#, "[".repeat(120), "]".repeat(120)),
            format!(r#""text":"{}""#, "word ".repeat(20_000)),
            r#""text":"an odd subtype","subtype":"of\u0000next_year""#.to_owned(),
            format!(r#""text":"a long subtype","subtype":"{}""#, "s".repeat(100_000)),
        ];
        for (number, fields) in odd.iter().enumerate() {
            let body = format!(
                r#"{{"direction":"incoming","team_id":"T0ACME","channel_id":"D0PHIL","user_id":"U0PHIL","message":{{"ts":"179516890{number}.000100",{fields}}}}}"#
            );
            let response = house.raw(&Method::POST, "ingest", "application/json", body).send().await.unwrap();
            let (status, text) = (response.status(), response.text().await.unwrap());
            assert_eq!(status, StatusCode::ACCEPTED, "{} {text}", &fields[..fields.len().min(60)]);
        }
        house.wait(Duration::from_mins(1)).await;
        let room = house.room("cs-phil").join("\n");
        for text in ["nul ", "of two keys the last counts", "a huge number", "an odd key", "neighbour 😀", "nested", "word word"] {
            assert!(room.contains(text), "{text}: {room}");
        }
        assert!(!room.contains("Phil: first"));
        assert_eq!(house.count("outbox").await, 0, "nothing is stuck");
    }

    async fn odd_words_of_an_agent_break_nothing(house: House) {
        house.with_open_room().await;
        let long = "x".repeat(50_000);
        for text in ["open \u{0}", "open phil\u{0}", "pause \u{0}phil", "status %_\\", "do \u{0}", "\u{0}", "list \u{0}", &long, &format!("open {long}")] {
            let answer = house.jane_types(text).await;
            assert!(!answer.contains("Something went wrong"), "{}: {answer}", &text[..text.len().min(20)]);
        }
        let reason = json!({ "reason": "nul \u{0} here" });
        let (status, answer) = house.api(Method::POST, &format!("{PHILS}/pause"), Some(reason)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        let notice = json!({ "team_id": "T0ACME", "channel_id": "D0PHIL", "text": "nul \u{0} here" });
        let (status, answer) = house.api(Method::POST, "v1/notices", Some(notice)).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
        house.settle().await;
    }
}
