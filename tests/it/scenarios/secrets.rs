//! No secret and nothing that people wrote is in a log line, whatever happens and whatever the level.

use std::time::Duration;

use megatron::demo::cast::{self, ACME, BOT_TOKEN, HUB, JANE, SIGNING_SECRET, SUPPORT};
use megatron::simulator::Fault;
use reqwest::Method;
use serde_json::json;

use crate::support::bot::Mood;
use crate::support::house::{SECRETS, TRAVEL_SECRET};
use crate::support::log::Log;
use crate::support::scenarios;

/// What a person said, and the addresses that let others post.
const PRIVATE: [&str; 4] = ["my salary", "Hi Phil, Jane here", "/response/", "xoxb-new-token"];

scenarios! {
    async fn a_whole_story_with_its_troubles_leaves_no_secret_in_the_log(house: House) {
        let (log, _listening) = Log::listen();
        house.with_second_bot().await;
        house.with_open_room().await;
        house.phil_says("It is about my salary").await;
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "Hi Phil, Jane here").await;
        house.jane_presses("cs-phil", "megatron.unpause").await;

        for fault in [Fault::Http500After, Fault::ResetAfter, Fault::ResetBefore, Fault::Error("invalid_blocks".into()), Fault::Error("of_next_year".into())] {
            house.slack.fail_next("chat.postMessage", fault);
            house.phil_says("It is about my salary").await;
            house.wait(Duration::from_mins(5)).await;
        }
        house.bot.is_in(&[Mood::Status(500), Mood::Status(302), Mood::Status(410)]);
        house.types(JANE, "cs-phil", "do tell my salary").await;
        house.wait(Duration::from_secs(30)).await;
        house.slack.revoke_token(BOT_TOKEN);
        house.bot.answers("command.refresh_token", json!({ "bot_token": "xoxb-new-token" }));
        house.jane_writes("cs-phil", "Hi Phil, Jane here again").await;
        house.wait(Duration::from_secs(30)).await;

        let workspace = json!({ "name": "Acme", "domain": "acme", "bot_token": "xoxb-new-token", "bot_user_id": 7 });
        house.api(Method::PUT, &format!("v1/workspaces/{ACME}"), Some(workspace)).await;
        for path in ["ingest", "v1/bot?token=xoxb-new-token", "slack/events", "slack/commands?token=xoxb-new-token"] {
            let request = house.request(Method::POST, path).header("x-slack-signature", SIGNING_SECRET).header("cookie", TRAVEL_SECRET);
            request.bearer_auth("xoxb-new-token").body("{\"text\":\"my salary").send().await.unwrap();
        }
        house.signed("slack/events", SIGNING_SECRET, 0, r#"{"event":{"type":"message","text":"my salary"}}"#).send().await.unwrap();
        house.app.relay().db.close().await;
        house.slack.command(HUB, JANE, SUPPORT, "/megatron", "open phil").await.unwrap();
        house.restart().await;
        house.types(JANE, "cs-phil", "close").await;

        let log = log.text();
        assert!(log.contains("a command could not be carried out"), "something was logged at all: {log}");
        for line in log.lines() {
            for secret in SECRETS.iter().chain(&PRIVATE) {
                assert!(!line.contains(secret), "{secret}: {line}");
            }
        }
    }

    async fn debug_shows_no_secret(house: House) {
        house.knows_acme().await;
        let config = cast::config(&house.slack, house.database(), house.callbacks(), "slack.user_token = 'xoxp-admin-token'").unwrap();
        let shown = format!("{:?} {config:?} {:#?}", house.app, house.app);
        for secret in SECRETS {
            assert!(!shown.contains(secret), "{secret}");
        }
        assert!(shown.contains("expenses"));
    }
}
