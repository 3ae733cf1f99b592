//! Endpoints: what they are told, in which order, and what happens when they do not answer.

use std::sync::Arc;
use std::time::Duration;

use megatron::commands::WebhooksCommand;
use megatron::commands::doctor::examine;
use megatron::commands::webhooks::answer;
use megatron::demo::cast::{ACME, CALLBACK_SECRET, HUB, JANE, PHIL, PHILS_DM};
use megatron::relay::Relay;
use megatron::store::wake::Bell;
use megatron::store::watch::WatchTable;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::bot::{Bot, Mood};
use crate::support::house::House;
use crate::support::scenarios;

const HOUR: Duration = Duration::from_hours(1);

impl House {
    /// The service is started again with an endpoint that is told of these events; `more` is for its section.
    async fn with_endpoint(&mut self, events: &str, more: &str) -> Bot {
        let lake = Bot::default();
        let url = lake.listen().await;
        self.restart_with(&format!(
            "[[webhooks]]\nid = \"lake\"\nurl = \"{url}\"\nsecret = \"{CALLBACK_SECRET}\"\nevents = {events}\n{more}\n"
        ))
        .await;
        lake
    }

    async fn webhook(&self, what: &str, body: Value) -> (StatusCode, Value) {
        let answer = self.api(Method::POST, &format!("v1/webhooks/lake/{what}"), Some(body)).await;
        self.settle().await;
        answer
    }

    async fn endpoint(&self) -> Value {
        let (status, answer) = self.api(Method::GET, "v1/webhooks", None).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["webhooks"][0].clone()
    }
}

/// What the endpoint read, in order, without tries that it refused.
fn texts(lake: &Bot) -> Vec<String> {
    let heard = lake.heard();
    let mut ids: Vec<&str> = Vec::new();
    let mut texts = Vec::new();
    for one in &heard {
        if !ids.contains(&one.id.as_str()) {
            ids.push(&one.id);
            texts.extend(one.body["data"]["message"]["text"].as_str().map(str::to_owned));
        }
    }
    texts
}

scenarios! {
    async fn what_happens_is_told_once_and_in_order(house: House) {
        let lake = house.with_endpoint("[\"*\"]", "").await;
        house.with_open_room().await;
        assert_eq!(lake.heard_types(), ["conversation.opened"], "what was said before nobody watched");
        house.phil_says("Hello??").await;
        house.bot_says("Is this about a receipt?").await;
        house.types(JANE, "cs-phil", "pause").await;
        let ts = house.jane_writes("cs-phil", "Hi Phil, Jane here.").await;
        house.slack.reply(HUB, JANE, "cs-phil", &ts, "a note for us", false).unwrap();
        house.settle().await;
        house.types(JANE, "cs-phil", "close").await;
        house.wait(Duration::from_secs(20)).await;
        assert_eq!(
            lake.heard_types(),
            [
                "conversation.opened",
                "message.customer",
                "message.bot",
                "conversation.paused",
                "message.agent",
                "conversation.unpaused",
                "conversation.closed",
            ]
        );
        let said = &lake.heard_of("message.customer")[0];
        assert_eq!(said["timestamp"], "2026-11-20T10:00:00.000Z");
        assert_eq!(said["data"]["message"]["text"], "Hello??");
        assert_eq!(said["data"]["actor"], json!({ "kind": "customer", "user_id": PHIL, "name": "Phil" }));
        assert_eq!(said["data"]["team_id"], ACME);
        assert_eq!(said["data"]["channel_id"], PHILS_DM);
        let written = &lake.heard_of("message.agent")[0]["data"];
        assert_eq!(written["message"]["text"], "Hi Phil, Jane here.");
        assert_eq!(written["actor"], json!({ "kind": "agent", "user_id": JANE, "name": "Jane" }));
        assert_eq!(written["control"], json!({ "holder": "human", "paused": true, "epoch": 1 }));
        assert!(!lake.heard().iter().any(|heard| heard.body.to_string().contains("a note")), "notes never leave");
        assert_eq!(house.bot.heard_of("message.agent").len(), 0, "the bot is told what it was told before");
    }

    async fn it_is_told_what_it_wants_to_hear(house: House) {
        let lake = house.with_endpoint("[\"conversation.closed\", \"message.*\"]", "").await;
        house.with_open_room().await;
        house.phil_says("Hello??").await;
        house.types(JANE, "cs-phil", "pause").await;
        house.types(JANE, "cs-phil", "close").await;
        house.wait(Duration::from_secs(20)).await;
        assert_eq!(lake.heard_types(), ["message.customer", "conversation.closed"]);
        assert_eq!(house.count("events").await, 2, "what nobody wants is not kept");
    }

    async fn edits_and_deletions_are_told(house: House) {
        let lake = house.with_endpoint("[\"message.*\"]", "").await;
        house.with_open_room().await;
        let his = house.phil_says("my salery").await;
        house.slack.edit(ACME, PHIL, PHILS_DM, &his, "my salary").unwrap();
        house.settle().await;
        let hers = house.jane_writes("cs-phil", "oops").await;
        house.slack.delete(HUB, JANE, "cs-phil", &hers).unwrap();
        house.settle().await;
        assert_eq!(
            lake.heard_types(),
            ["message.customer", "message.edited", "message.agent", "message.deleted"]
        );
        let edited = &lake.heard_of("message.edited")[0]["data"];
        assert_eq!((&edited["ts"], &edited["from"]), (&json!(his), &json!("customer")));
        assert_eq!(edited["message"]["text"], "my salary");
        let deleted = &lake.heard_of("message.deleted")[0]["data"];
        assert_eq!((&deleted["ts"], &deleted["from"]), (&json!(hers), &json!("agent")));
        assert!(deleted["message"].is_null());
    }

    async fn card_numbers_are_masked_for_it_too(house: House) {
        let lake = house.with_endpoint("[\"message.*\"]", "").await;
        house.with_open_room().await;
        house.phil_says("my card is 4111 1111 1111 1111").await;
        assert_eq!(texts(&lake), ["my card is •••• •••• •••• 1111"]);
    }

    async fn down_for_hours_it_misses_nothing_and_nobody_waits_for_it(house: House) {
        let lake = house.with_endpoint("[\"message.*\"]", "").await;
        house.with_open_room().await;
        lake.is_in(&[Mood::Status(500), Mood::Status(302), Mood::Status(500), Mood::Status(404), Mood::Status(503)]);
        for text in ["one", "two", "three"] {
            house.phil_says(text).await;
        }
        assert_eq!(house.talk("cs-phil")[2..], ["Phil: one", "Phil: two", "Phil: three"], "the room is as quick as ever");
        house.restart().await;
        house.wait(3 * HOUR).await;
        assert_eq!(texts(&lake), ["one", "two", "three"]);
        let heard = lake.heard();
        assert_eq!(heard.len(), 5 + 3);
        assert!(heard[..6].iter().all(|one| one.id == heard[0].id), "the same message under the same id");
        let waits: Vec<i64> = heard.windows(2).map(|pair| pair[1].at - pair[0].at).take(5).collect();
        assert!(waits[0] == 0 && (5..=6).contains(&waits[1]) && (300..=330).contains(&waits[2]), "{waits:?}");
    }

    async fn it_says_how_long_to_wait(house: House) {
        let lake = house.with_endpoint("[\"message.*\"]", "").await;
        house.with_open_room().await;
        lake.is_in(&[Mood::RetryAfter(429, 90)]);
        house.phil_says("one").await;
        house.wait(Duration::from_secs(89)).await;
        assert_eq!(lake.heard().len(), 1);
        house.wait(Duration::from_secs(2)).await;
        assert_eq!(lake.heard().len(), 2);
    }

    async fn after_410_it_is_told_nothing_until_it_is_enabled_and_then_everything(house: House) {
        let lake = house.with_endpoint("[\"message.*\"]", "").await;
        house.with_open_room().await;
        house.phil_says("zero").await;
        house.wait(Duration::from_secs(1)).await;
        lake.is_in(&[Mood::Status(410)]);
        for text in ["one", "two"] {
            house.phil_says(text).await;
            house.wait(Duration::from_secs(1)).await;
        }
        house.restart().await;
        house.phil_says("three").await;
        house.wait(HOUR).await;
        assert_eq!(lake.heard().len(), 2);
        let state = house.endpoint().await;
        assert_eq!((&state["enabled"], &state["id"]), (&json!(false), &json!("lake")));
        let metrics = house.request(Method::GET, "metrics").send().await.unwrap().text().await.unwrap();
        assert!(metrics.contains("megatron_webhooks_disabled 1\n"), "{metrics}");
        let (status, state) = house.webhook("enable", json!({})).await;
        assert_eq!((status, &state["enabled"]), (StatusCode::OK, &json!(true)), "{state}");
        house.phil_says("four").await;
        assert_eq!(texts(&lake), ["zero", "one", "two", "three", "four"]);
        assert_eq!(lake.heard().len(), 2 + 4, "nothing but what it had refused came twice");
    }

    async fn what_was_published_comes_again_under_its_id(house: House) {
        let lake = house.with_endpoint("[\"message.*\"]", "").await;
        house.with_open_room().await;
        for text in ["one", "two", "three"] {
            house.phil_says(text).await;
            house.wait(Duration::from_mins(1)).await;
        }
        let first = lake.heard();
        let (status, answer) =
            house.webhook("replay", json!({ "since": "2026-11-20T10:00:30Z", "until": "2026-11-20T10:01:30Z" })).await;
        assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
        let again = lake.heard().split_off(first.len());
        let ids = |heard: &[crate::support::bot::Heard]| heard.iter().map(|one| one.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids(&again), ids(&first[1..2]), "only what happened in that time");
        house.webhook("replay", json!({ "since": "2026-11-20T09:00:00Z" })).await;
        assert_eq!(ids(&lake.heard()[first.len() + 1..]), ids(&first));
        for wrong in [json!({}), json!({ "since": "yesterday" }), json!({ "since": 5 })] {
            assert_eq!(house.webhook("replay", wrong.clone()).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        }
    }

    async fn many_events_come_again_in_order(house: House) {
        let lake = house.with_endpoint("[\"message.customer\"]", "").await;
        house.with_open_room().await;
        for number in 0..230 {
            house.slack.say(ACME, PHIL, PHILS_DM, &number.to_string()).unwrap();
        }
        house.settle().await;
        assert_eq!(lake.heard().len(), 230);
        house.webhook("replay", json!({ "since": "2026-11-20T09:00:00Z" })).await;
        let heard = lake.heard();
        assert_eq!(heard.len(), 460);
        assert!(heard[..230].iter().zip(&heard[230..]).all(|(one, again)| one.id == again.id));
    }

    async fn a_ping_says_whether_it_answers_whatever_waits(house: House) {
        let lake = house.with_endpoint("[\"message.*\"]", "").await;
        house.with_open_room().await;
        lake.is_in(&[Mood::Status(500), Mood::Status(500)]);
        house.phil_says("this waits").await;
        assert_eq!(house.webhook("ping", json!({})).await.0, StatusCode::ACCEPTED);
        assert_eq!(lake.heard_types().last().unwrap(), "ping");
        assert_eq!(lake.heard_of("ping")[0]["data"], json!({ "webhook": "lake" }));
        assert_eq!(house.endpoint().await["answer"], "took it");
        lake.is_in(&[Mood::Status(404)]);
        house.webhook("ping", json!({})).await;
        assert_eq!(house.endpoint().await["answer"], "answered 404");
    }

    async fn what_is_kept_is_sealed_and_goes_in_time(house: House) {
        let _lake = house.with_endpoint("[\"*\"]", "").await;
        house.with_open_room().await;
        house.phil_says("my salary").await;
        assert!(house.count("events").await > 0);
        let kept = house.texts("SELECT sealed || bot || kind FROM events").await.concat();
        assert!(!kept.contains("salary") && !kept.contains("Phil"), "{kept}");
        house.types(JANE, "cs-phil", "close").await;
        house.wait(8 * 24 * HOUR).await;
        assert_eq!(house.count("events").await, 0);
    }

    async fn erasing_leaves_nothing_that_was_published(house: House) {
        let lake = house.with_endpoint("[\"*\"]", "").await;
        house.with_open_room().await;
        lake.is_in(&[Mood::Status(500); 4]);
        house.phil_says("my salary").await;
        let (status, _) = house.api(Method::DELETE, &format!("v1/customers/{ACME}/{PHIL}"), None).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        house.wait(Duration::from_secs(20)).await;
        let kinds = house.texts("SELECT kind FROM events ORDER BY at, id").await;
        assert_eq!(kinds, ["conversation.erased", "conversation.closed"], "ids, and that it is over");
        house.wait(HOUR).await;
        let heard = lake.heard_types();
        assert_eq!(heard[heard.len() - 2..], ["conversation.erased", "conversation.closed"]);
        assert!(!lake.heard().last().unwrap().body.to_string().contains("Phil\""), "{:?}", lake.heard().last());
    }

    async fn another_bots_endpoint_does_not_exist_and_hears_nothing(house: House) {
        let travel = format!(
            "bots = [\"travel\"]\n[[bots]]\nid = \"travel\"\nname = \"Travel Bot\"\napi_key = \"mgt_key_of_the_travel_bot\"\n\
             callback_url = \"{}\"\ncallback_secret = \"{CALLBACK_SECRET}\"",
            house.callbacks()
        );
        let lake = house.with_endpoint("[\"*\"]", &travel).await;
        house.with_open_room().await;
        house.phil_says("Hello??").await;
        assert!(lake.heard().is_empty());
        assert_eq!(house.count("events").await, 0);
        assert_eq!(house.api(Method::GET, "v1/webhooks", None).await.1, json!({ "webhooks": [] }));
        for what in ["ping", "replay", "enable"] {
            assert_eq!(house.webhook(what, json!({ "since": "2026-11-20T09:00:00Z" })).await.0, StatusCode::NOT_FOUND);
        }
        let (status, theirs) = house.travel(Method::GET, "v1/webhooks", json!({})).await;
        assert_eq!((status, &theirs["webhooks"][0]["id"]), (StatusCode::OK, &json!("lake")));
    }

    async fn a_bot_has_its_own_events_told_again_and_no_others(house: House) {
        let travel = format!(
            "[[bots]]\nid = \"travel\"\nname = \"Travel Bot\"\napi_key = \"mgt_key_of_the_travel_bot\"\n\
             callback_url = \"{}\"\ncallback_secret = \"{CALLBACK_SECRET}\"",
            house.callbacks()
        );
        let lake = house.with_endpoint("[\"*\"]", &travel).await;
        house.with_open_room().await;
        let heard = lake.heard().len();
        assert!(heard > 0);
        let body = json!({ "since": "2026-11-20T09:00:00Z" });
        assert_eq!(house.travel(Method::POST, "v1/webhooks/lake/replay", body).await.0, StatusCode::ACCEPTED);
        house.settle().await;
        assert_eq!(lake.heard().len(), heard, "they are of the other bot's conversations");
    }

    async fn an_operator_sees_and_enables_it(house: House) {
        let lake = house.with_endpoint("[\"message.*\"]", "").await;
        house.with_open_room().await;
        lake.is_in(&[Mood::Status(410)]);
        house.phil_says("one").await;
        let relay = Arc::new(relay_beside(&house));
        let listed = answer(&relay, &WebhooksCommand::List).await.unwrap();
        assert!(listed.starts_with("lake  disabled since 2026-11-20T10:00:00Z (410)  message.*"), "{listed}");
        let ping = WebhooksCommand::Ping { id: "lake".to_owned() };
        assert_eq!(answer(&relay, &ping).await.unwrap(), "lake took it.");
        let findings = examine(&relay.config, &relay.clock, &relay.ids).await.unwrap();
        let complaint = findings.iter().map(ToString::to_string).find(|line| line.contains("webhook lake: disabled"));
        assert!(complaint.is_some_and(|line| line.starts_with("error ")), "{findings:?}");
        let enable = WebhooksCommand::Enable { id: "lake".to_owned() };
        assert!(answer(&relay, &enable).await.unwrap().starts_with("It is told again"));
        assert_eq!(answer(&relay, &enable).await.unwrap(), "It is told anyway.");
        house.settle().await;
        assert_eq!(lake.heard_of("message.customer").len(), 2);
        let since = "2026-11-20T09:00:00Z".parse().unwrap();
        answer(&relay, &WebhooksCommand::Replay { id: "lake".to_owned(), since, until: None }).await.unwrap();
        house.settle().await;
        assert_eq!(lake.heard_of("message.customer").len(), 3);
        let nobody = WebhooksCommand::Ping { id: "pond".to_owned() };
        assert!(answer(&relay, &nobody).await.unwrap_err().to_string().contains("pond"));
    }
}

/// What a command on the same database and configuration works with.
fn relay_beside(house: &House) -> Relay {
    let Relay { config, db, clock, ids, metrics, sealer, .. } = house.app.relay();
    Relay {
        config: Arc::clone(config),
        db: db.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
        watches: WatchTable::default(),
        bell: Bell::default(),
        metrics: metrics.clone(),
        sealer: Arc::clone(sealer),
        restored_at: None,
    }
}
