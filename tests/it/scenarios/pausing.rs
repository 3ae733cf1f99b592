//! Who answers the customer: pausing, unpausing, and what everybody is told about it.

use std::time::Duration;

use megatron::demo::cast::{ACME, BOT, HUB, JANE, PHIL, PHILIPPA, PHILIPPAS_DM, PHILS_DM, RAJ, SUPPORT};
use megatron::simulator::{Fault, Spot};
use megatron::takeover::cards::action;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::bot::{Bot, Mood};
use crate::support::house::{House, control_line};
use crate::support::scenarios;

const SECOND: Duration = Duration::from_secs(1);
const WAITING: &str = "Megatron ▸ [card] ⏸️ *Jane paused Expense Bot.* Telling Expense Bot …";
const PAUSED: &str = "Megatron ▸ [card] ⏸️ *Jane paused Expense Bot.* ✅ Expense Bot knows.";
const UNPAUSED: &str = "Megatron ▸ [card] ▶️ *Jane unpaused Expense Bot.* ✅ Expense Bot knows.";

scenarios! {
    async fn a_pause_in_the_room_is_known_to_everybody_at_once(house: House) {
        house.with_open_room().await;
        let (room, dm) = (house.room("cs-phil").len(), house.dm().len());

        assert_eq!(house.types(JANE, "cs-phil", "pause").await, "Expense Bot is being paused for Phil.");
        assert_eq!(house.room_since("cs-phil", room), [PAUSED]);
        let told = "Expense Bot ▸ Jane from Initech is now talking with you. Expense Bot will tell you when it is back.";
        assert_eq!(house.dm()[dm..], [told]);
        assert_eq!(
            house.bot.heard_of("conversation.paused"),
            [json!({
                "type": "conversation.paused",
                "timestamp": "2026-11-20T10:00:00.000Z",
                "data": {
                    "bot": BOT, "team_id": ACME, "channel_id": PHILS_DM, "user_id": PHIL,
                    "control": { "holder": "human", "paused": true, "epoch": 1 },
                    "actor": { "kind": "agent", "user_id": JANE, "name": "Jane" },
                    "reason": "command",
                },
            })]
        );
        assert_eq!(house.control().await, "human, paused, 1");
        assert_eq!(heard_by_ingest(&house, PHIL, PHILS_DM).await, "watched, human, paused, 1");

        assert_eq!(house.types(JANE, "cs-phil", "unpause").await, "Expense Bot is being unpaused for Phil.");
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ Jane has left the conversation. Expense Bot is back.");
        assert_eq!(house.room("cs-phil").last().unwrap(), UNPAUSED);
        assert_eq!(house.bot.heard_of("conversation.unpaused")[0]["data"]["control"], json!({
            "holder": "bot", "paused": false, "epoch": 2
        }));
        assert_eq!(heard_by_ingest(&house, PHIL, PHILS_DM).await, "watched, bot, active, 2");
    }

    async fn a_customer_without_a_room_is_paused_by_name(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        assert_eq!(heard_by_ingest(&house, PHIL, PHILS_DM).await, "unwatched, bot, active, 0");

        assert_eq!(house.jane_types("pause phil harris").await, "Expense Bot is being paused for Phil.");
        assert_eq!(heard_by_ingest(&house, PHIL, PHILS_DM).await, "unwatched, human, paused, 1");
        assert_eq!(house.state().await["room"], Value::Null);
        assert!(house.dm().last().unwrap().contains("is now talking with you"), "{:?}", house.dm());
        assert_eq!(house.bot.heard_types(), ["conversation.paused"]);

        house.restart().await;
        assert_eq!(heard_by_ingest(&house, PHIL, PHILS_DM).await, "unwatched, human, paused, 1");
        assert_eq!(house.jane_types("unpause PHIL").await, "Expense Bot is being unpaused for Phil.");
        assert_eq!(heard_by_ingest(&house, PHIL, PHILS_DM).await, "unwatched, bot, active, 2");
    }

    async fn a_pause_needs_to_know_whom_it_is_about(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.slack.say(ACME, PHILIPPA, PHILIPPAS_DM, "hello").unwrap();
        house.settle().await;

        let here = "This channel is not a room of a customer. Use the command in a room, or name the customer.";
        assert_eq!(house.jane_types("pause").await, here);
        assert_eq!(house.jane_types("pause zebedee").await, "Nobody was found for “zebedee”.");
        let several = house.jane_types("pause phil").await;
        assert!(several.starts_with("Several customers fit.") && several.contains(PHIL) && several.contains(PHILIPPA), "{several}");
        assert_eq!(house.bot.heard_types(), [""; 0]);

        // The one with a room is meant before the one without.
        assert_eq!(house.jane_types(&format!("open {PHIL}")).await, "Opening a room for Phil …");
        assert_eq!(house.jane_types("pause phil").await, "Expense Bot is being paused for Phil.");
        assert_eq!(heard_by_ingest(&house, PHILIPPA, PHILIPPAS_DM).await, "unwatched, bot, active, 0");
    }

    async fn the_bot_pauses_itself(house: House) {
        house.with_open_room().await;
        let (status, state) = house.asks("pause", json!({ "reason": "fraud_check" })).await;
        assert_eq!((status, control_line(&state["control"])), (StatusCode::OK, "human, paused, 1".to_owned()));
        let body = &house.bot.heard_of("conversation.paused")[0]["data"];
        assert_eq!((&body["actor"], &body["reason"]), (&json!({ "kind": "bot" }), &json!("fraud_check")));
        let told = "Expense Bot ▸ A support agent from Initech is now talking with you. Expense Bot will tell you when it is back.";
        assert_eq!(house.dm().last().unwrap(), told);
        let card = "Megatron ▸ [card] ⏸️ *The bot itself paused Expense Bot.* ✅ Expense Bot knows.";
        assert_eq!(house.room("cs-phil").last().unwrap(), card);
        let (_, state) = house.asks("unpause", json!({})).await;
        assert_eq!(control_line(&state["control"]), "bot, active, 2");
        assert_eq!(house.bot.heard_of("conversation.unpaused")[0]["data"]["reason"], "api");
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ Expense Bot is back.");
    }

    async fn a_pause_repeated_with_its_idempotency_key_is_one(house: House) {
        house.with_open_room().await;
        let path = format!("v1/conversations/{ACME}/{PHILS_DM}/pause");
        let ask = async || {
            let key = megatron::demo::cast::API_KEY;
            let request = house.request(Method::POST, &path).bearer_auth(key).header("idempotency-key", "one").body("");
            request.send().await.unwrap().text().await.unwrap()
        };
        let first = ask().await;
        house.settle().await;
        house.types(JANE, "cs-phil", "unpause").await;
        assert_eq!(ask().await, first, "the first answer");
        assert_eq!(house.control().await, "bot, active, 2");
    }

    async fn buttons_pause_and_unpause(house: House) {
        house.with_open_room().await;
        house.jane_presses("cs-phil", action::PAUSE).await;
        assert_eq!(house.control().await, "human, paused, 1");
        assert_eq!(house.bot.heard_of("conversation.paused")[0]["data"]["reason"], "button");
        house.jane_presses("cs-phil", action::UNPAUSE).await;
        assert_eq!(house.control().await, "bot, active, 2");
        house.jane_presses("cs-phil", action::PAUSE).await;
        assert_eq!(house.control().await, "human, paused, 3");
    }

    async fn pausing_twice_changes_nothing_but_says_so(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        let (room, dm) = (house.room("cs-phil"), house.dm());
        assert_eq!(house.types(JANE, "cs-phil", "pause").await, "Expense Bot is paused for Phil already.");
        assert_eq!(house.jane_types("pause phil").await, "Expense Bot is paused for Phil already.");
        house.asks("pause", json!({})).await;
        assert_eq!((house.room("cs-phil"), house.dm()), (room, dm));
        assert_eq!(house.bot.heard_of("conversation.paused").len(), 1);
        assert_eq!(house.control().await, "human, paused, 1");
        house.types(JANE, "cs-phil", "unpause").await;
        assert_eq!(house.types(JANE, "cs-phil", "unpause").await, "Expense Bot is not paused for Phil.");
        assert_eq!(house.control().await, "bot, active, 2");
    }

    async fn the_customer_does_not_read_the_agents_name_where_it_is_not_shown(house: House) {
        house.restart_adjusted(|config| config.bots[0].show_agent_name = false).await;
        house.with_open_room().await;
        let dm = house.dm().len();
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "Let me look into it.").await;
        house.types(JANE, "cs-phil", "unpause").await;
        assert_eq!(
            house.dm()[dm..],
            [
                "Expense Bot ▸ A support agent from Initech is now talking with you. Expense Bot will tell you when it is back.",
                "Expense Bot ▸ [card] Let me look into it.",
                "Expense Bot ▸ Expense Bot is back.",
            ]
        );
        let posts = house.slack.history(ACME, PHILS_DM);
        assert!(posts.iter().all(|post| !format!("{post:?}").contains("Jane")), "{posts:#?}");
    }

    async fn an_empty_template_says_nothing_to_the_customer(house: House) {
        house.restart_with("templates.customer_paused = \"\"\ntemplates.customer_unpaused = \" \"").await;
        house.with_open_room().await;
        let dm = house.dm();
        house.types(JANE, "cs-phil", "pause").await;
        house.types(JANE, "cs-phil", "unpause").await;
        assert_eq!(house.dm(), dm);
        assert_eq!(house.room("cs-phil").last().unwrap(), UNPAUSED, "nothing went wrong");
        assert!(house.card_with("cs-phil", action::RETRY).is_none());
    }

    async fn the_room_shows_a_bot_that_has_not_acknowledged_until_it_has(house: House) {
        house.with_open_room().await;
        house.bot.is_in(&[Mood::Status(500), Mood::Status(302)]);
        house.types(JANE, "cs-phil", "pause").await;
        assert_eq!(house.room("cs-phil").last().unwrap(), WAITING);
        house.wait(2 * SECOND).await;
        assert_eq!(house.room("cs-phil").last().unwrap(), PAUSED);
        assert_eq!(house.bot.heard_of("conversation.paused").len(), 3, "a redirect is not followed");
    }

    async fn a_bot_that_never_answers_is_asked_again_soon(house: House) {
        house.with_open_room().await;
        house.bot.is_in(&[Mood::Silent]);
        house.types(JANE, "cs-phil", "pause").await;
        assert_eq!(house.bot.heard_of("conversation.paused").len(), 2);
        assert_eq!(house.room("cs-phil").last().unwrap(), PAUSED);
    }

    async fn a_bot_that_is_down_is_told_for_days_and_the_agents_know(house: House) {
        house.with_open_room().await;
        let start = house.now().as_second();
        house.bot.is_in(&[Mood::Status(500); 8]);
        let room = house.room("cs-phil").len();
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(2 * SECOND).await;
        assert_eq!(
            house.room_since("cs-phil", room),
            [
                WAITING,
                "Megatron ▸ [card] ⚠️ *Expense Bot does not answer*: the bot answered 500. \
                 It may not know that it is paused, and may go on answering. It is tried again.",
            ]
        );
        house.wait(Duration::from_hours(1)).await;
        // Waits are 5 % longer than planned here: chance stands in the middle.
        assert_eq!(times(&house.bot, start), [0, 0, 1, 3, 8, 323, 2213]);
        house.restart().await;
        house.wait(Duration::from_hours(10)).await;
        assert_eq!(times(&house.bot, start), [0, 0, 1, 3, 8, 323, 2213, 9773, 28673]);
        assert_eq!(ids(&house.bot).len(), 1, "one webhook-id for all tries");
        assert!(house.room("cs-phil").contains(&PAUSED.to_owned()), "{:#?}", house.room("cs-phil"));
    }

    async fn retry_asks_the_bot_at_once(house: House) {
        house.with_open_room().await;
        house.bot.is_in(&[Mood::Status(500); 5]);
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(10 * SECOND).await;
        assert_eq!(house.bot.heard_of("conversation.paused").len(), 5);
        house.jane_presses("cs-phil", action::RETRY).await;
        assert_eq!(house.bot.heard_of("conversation.paused").len(), 6);
        assert_eq!(ids(&house.bot).len(), 1);
        assert!(house.room("cs-phil").contains(&PAUSED.to_owned()));
        house.jane_presses("cs-phil", action::RETRY).await;
        assert_eq!(house.bot.heard_of("conversation.paused").len(), 6, "it has been delivered");
    }

    async fn retry_after_is_honoured(house: House) {
        house.with_open_room().await;
        let start = house.now().as_second();
        house.bot.is_in(&[Mood::RetryAfter(503, 40), Mood::RetryAfter(429, 60)]);
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(Duration::from_mins(5)).await;
        assert_eq!(times(&house.bot, start), [0, 40, 100]);
    }

    async fn a_bot_that_is_gone_is_not_asked_again_by_itself(house: House) {
        house.with_open_room().await;
        house.bot.is_in(&[Mood::Status(410)]);
        house.types(JANE, "cs-phil", "pause").await;
        assert_eq!(
            house.room("cs-phil").last().unwrap(),
            "Megatron ▸ [card] ⚠️ *Expense Bot does not answer*: the bot wants no more callbacks \
             (410 Gone). It may not know that it is paused, and may go on answering. It is not tried again by itself."
        );
        house.wait(Duration::from_hours(1)).await;
        assert_eq!(house.bot.heard_of("conversation.paused").len(), 1);
        house.jane_presses("cs-phil", action::RETRY).await;
        assert_eq!(house.bot.heard_of("conversation.paused").len(), 2);
        assert_eq!(ids(&house.bot).len(), 1, "it is the same callback");
        assert!(house.room("cs-phil").contains(&PAUSED.to_owned()), "{:#?}", house.room("cs-phil"));
    }

    async fn a_bot_that_is_gone_is_asked_nothing_more_until_a_retry_succeeds(house: House) {
        house.with_open_room().await;
        house.bot.is_in(&[Mood::Status(410)]);
        house.types(JANE, "cs-phil", "do this").await;
        house.types(JANE, "cs-phil", "pause").await;
        assert_eq!(house.bot.heard_of("conversation.paused").len(), 0);
        house.jane_presses("cs-phil", action::RETRY).await;
        assert_eq!(house.bot.heard_of("conversation.paused").len(), 1);
        house.types(JANE, "cs-phil", "unpause").await;
        assert_eq!(house.bot.heard_of("conversation.unpaused").len(), 1);
    }

    async fn retry_does_not_tell_the_bot_what_is_no_longer_so(house: House) {
        house.with_open_room().await;
        house.bot.is_in(&[Mood::Status(410)]);
        house.types(JANE, "cs-phil", "pause").await;
        let card = house.card_with("cs-phil", action::RETRY).unwrap();
        house.types(JANE, "cs-phil", "unpause").await;
        let spot = Spot::Message { channel: "cs-phil".to_owned(), ts: card.ts };
        house.slack.click(HUB, JANE, &spot, action::RETRY).await.unwrap();
        house.settle().await;
        assert_eq!(house.bot.heard_types(), ["conversation.opened", "conversation.paused"]);
        let whispers = house.whispers(JANE, "cs-phil");
        assert!(whispers.last().unwrap().contains("Control has changed since"), "{whispers:?}");
    }

    async fn an_unpause_hurries_a_waiting_pause_and_stays_behind_it(house: House) {
        house.with_open_room().await;
        house.bot.is_in(&[Mood::Status(500); 5]);
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(10 * SECOND).await;
        house.types(JANE, "cs-phil", "unpause").await;
        let told: Vec<_> = house.bot.heard_types().split_off(6);
        assert_eq!(told, ["conversation.paused", "conversation.unpaused"], "without waiting five minutes");
        assert_eq!(house.room("cs-phil").last().unwrap(), UNPAUSED);
    }

    async fn a_pause_does_not_wait_behind_other_callbacks(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.bot.is_in(&[Mood::Status(500); 3]);
        house.jane_types("open phil").await;
        house.wait(10 * SECOND).await;
        house.types(JANE, "cs-phil", "pause").await;
        assert_eq!(house.bot.heard_types().last().unwrap(), "conversation.paused");
        assert_eq!(house.control().await, "human, paused, 1");
    }

    async fn the_whole_bot_is_switched_off_and_on_again(house: House) {
        house.with_open_room().await;
        assert_eq!(heard_by_ingest(&house, PHILIPPA, PHILIPPAS_DM).await, "unwatched, bot, active, 0");
        let (room, dm) = (house.room("cs-phil").len(), house.dm());

        for _ in 0..2 {
            let (status, answer) = house.api(Method::PUT, "v1/bot", Some(json!({ "active": false }))).await;
            assert_eq!((status, &answer["active"]), (StatusCode::OK, &json!(false)), "{answer}");
            house.settle().await;
        }
        assert_eq!(heard_by_ingest(&house, PHILIPPA, PHILIPPAS_DM).await, "unwatched, bot, paused, 1");
        assert_eq!(house.control().await, "bot, paused, 1");
        house.restart().await;
        assert_eq!(heard_by_ingest(&house, PHILIPPA, PHILIPPAS_DM).await, "unwatched, bot, paused, 1");
        let off = "Megatron ▸ [card] ⏸️ Expense Bot is switched off: it answers nobody.";
        assert_eq!(house.room_since("cs-phil", room), [off]);
        let paused = house.bot.heard_of("conversation.paused");
        assert_eq!(paused.len(), 1);
        assert_eq!(paused[0]["data"]["control"], json!({ "holder": "bot", "paused": true, "epoch": 1 }));
        assert_eq!(paused[0]["data"]["reason"], "bot_switched");

        house.api(Method::PUT, "v1/bot", Some(json!({ "active": true }))).await;
        house.settle().await;
        assert_eq!(house.control().await, "bot, active, 2");
        assert_eq!(heard_by_ingest(&house, PHILIPPA, PHILIPPAS_DM).await, "unwatched, bot, active, 2");
        assert_eq!(house.room_since("cs-phil", room), [off, "Megatron ▸ [card] ▶️ Expense Bot is switched on again."]);
        assert_eq!(house.bot.heard_of("conversation.unpaused").len(), 1);
        assert_eq!(house.dm(), dm, "the customers are not told one by one");
    }

    async fn a_paused_conversation_stays_paused_when_the_bot_is_switched_on_again(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        assert_eq!(house.jane_types("bot off").await, "Expense Bot is switched off: it answers nobody.");
        assert_eq!(house.control().await, "human, paused, 2");
        assert_eq!(house.jane_types("bot on").await, "Expense Bot is switched on.");
        assert_eq!(house.control().await, "human, paused, 3");
        assert_eq!(house.bot.heard_types(), ["conversation.opened", "conversation.paused"]);
        house.types(JANE, "cs-phil", "unpause").await;
        assert_eq!(house.control().await, "bot, active, 4");
    }

    async fn a_bot_that_is_switched_off_is_not_back_by_an_unpause(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.api(Method::PUT, "v1/bot", Some(json!({ "active": false }))).await;
        house.settle().await;
        house.types(JANE, "cs-phil", "unpause").await;
        assert_eq!(house.control().await, "bot, paused, 3");
        let unpaused = house.bot.heard_of("conversation.unpaused");
        assert!(unpaused.iter().all(|body| body["data"]["control"]["paused"] == false), "{unpaused:?}");
        assert!(!house.dm().last().unwrap().contains("Expense Bot is back"), "{:?}", house.dm());
    }

    async fn a_room_that_is_closed_before_it_is_there_leaves_no_pause_behind(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.slack.fail_next("conversations.create", Fault::RateLimited { retry_after_secs: 30 });
        house.jane_types("open phil").await;
        house.jane_types("pause phil").await;
        assert_eq!(house.jane_types("close phil").await, "The room for Phil will not be opened.");
        assert_eq!(house.control().await, "bot, active, 2");
        house.wait(Duration::from_mins(5)).await;
        assert!(house.slack.channel(HUB, "cs-phil").is_none_or(|room| room.archived));
        assert_eq!(house.state().await["room"], Value::Null);
        house.jane_types("open phil").await;
        house.wait(Duration::from_mins(1)).await;
        house.phil_says("hello?").await;
        let room = house.state().await["room"]["name"].as_str().unwrap().to_owned();
        assert_eq!(house.room(&room).last().unwrap(), "Phil: hello?");
    }

    async fn two_agents_who_pause_at_once_pause_once(house: House) {
        house.with_open_room().await;
        let pause = |user| house.slack.command(HUB, user, SUPPORT, "/megatron", "pause phil");
        let (one, other) = tokio::join!(pause(JANE), pause(RAJ));
        assert!(one.unwrap().status == 200 && other.unwrap().status == 200);
        house.settle().await;
        assert_eq!(house.control().await, "human, paused, 1");
        assert_eq!(house.bot.heard_of("conversation.paused").len(), 1);
    }

    async fn outsiders_cannot_pause(house: House) {
        house.with_open_room().await;
        let card = house.card_with("cs-phil", action::PAUSE).unwrap();
        house.slack.add_user(HUB, megatron::simulator::User {
            id: "U0EVE".into(), name: "eve".into(), team_id: Some("T0OTHER".into()), ..Default::default()
        }).unwrap();
        house.slack.join_channel(HUB, "cs-phil", "U0EVE").unwrap();
        house.settle().await;
        let spot = Spot::Message { channel: "cs-phil".into(), ts: card.ts };
        house.slack.click(HUB, "U0EVE", &spot, action::PAUSE).await.unwrap();
        house.settle().await;
        assert_eq!(house.control().await, "bot, active, 0");
        assert_eq!(house.slack.command(HUB, JANE, SUPPORT, "/megatron", "status phil").await.unwrap().status, 200);
    }
}

/// What the bot reads when it passes on a customer's message.
async fn heard_by_ingest(house: &House, user: &str, channel: &str) -> String {
    let message =
        json!({ "ts": format!("{}.{:06}", house.now().as_second(), house.slack.calls().len()), "text": "hi" });
    let body =
        json!({ "direction": "incoming", "team_id": ACME, "channel_id": channel, "user_id": user, "message": message });
    let (status, answer) = house.ingest(&body).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    house.settle().await;
    let watched = if answer["watched"] == true { "watched" } else { "unwatched" };
    format!("{watched}, {}", control_line(&answer["control"]))
}

/// When the bot was told of a pause, in seconds after `start`.
fn times(bot: &Bot, start: i64) -> Vec<i64> {
    let told = bot.heard().into_iter().filter(|heard| heard.body["type"] == "conversation.paused");
    told.map(|heard| heard.at - start).collect()
}

/// The different ids under which the bot was told of a pause.
fn ids(bot: &Bot) -> std::collections::BTreeSet<String> {
    let told = bot.heard().into_iter().filter(|heard| heard.body["type"] == "conversation.paused");
    told.map(|heard| heard.id).collect()
}
