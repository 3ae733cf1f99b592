//! What the bot is told and asked besides who answers: rooms that open and close, and wishes of agents.

use std::time::Duration;

use megatron::demo::cast::{ACME, BOT, HUB, JANE, PHIL, PHILS_DM};
use megatron::takeover::cards::action;
use serde_json::{Value, json};

use crate::support::bot::Mood;
use crate::support::scenarios;

scenarios! {
    async fn the_bot_hears_of_a_room_that_opens_and_closes(house: House) {
        house.with_open_room().await;
        let room = house.slack.channel(HUB, "cs-phil").unwrap().id;
        house.wait(Duration::from_secs(30)).await;
        house.types(JANE, "cs-phil", "close").await;
        let jane = json!({ "kind": "agent", "user_id": JANE, "name": "Jane" });
        let mut data = about(0, false, &jane);
        data["room"] = json!({ "id": room, "name": "cs-phil" });
        let opened = json!({ "type": "conversation.opened", "timestamp": "2026-11-20T10:00:00.000Z", "data": data });
        assert_eq!(house.bot.heard_of("conversation.opened"), [opened]);
        let mut data = about(0, false, &jane);
        data["reason"] = json!("command");
        let closed = json!({ "type": "conversation.closed", "timestamp": "2026-11-20T10:00:30.000Z", "data": data });
        assert_eq!(house.bot.heard_of("conversation.closed"), [closed]);
        assert_eq!(house.bot.heard_types().len(), 2, "it was not paused, so it is not unpaused");
    }

    async fn an_agent_makes_the_bot_do_something(house: House) {
        house.with_open_room().await;
        assert_eq!(house.types(JANE, "cs-phil", "do  show receipts *now*").await, "Expense Bot has been asked to do that.");
        let mut data = about(0, false, &json!({ "kind": "agent", "user_id": JANE, "name": "Jane" }));
        data["text"] = json!("show receipts *now*");
        assert_eq!(house.bot.heard_of("command.do")[0]["data"], data);
        assert_eq!(house.types(JANE, "cs-phil", "do ").await, "Do what? `/megatron do <text for the bot>`");
        let nowhere = house.jane_types("do something").await;
        assert!(nowhere.starts_with("This channel is not a room"), "{nowhere}");
        assert_eq!(house.bot.heard_of("command.do").len(), 1);
    }

    async fn what_the_bot_has_not_done_is_said_and_can_be_retried(house: House) {
        house.with_open_room().await;
        house.bot.is_in(&[Mood::Status(500); 3]);
        house.types(JANE, "cs-phil", "do refund").await;
        house.wait(Duration::from_secs(30)).await;
        assert_eq!(
            house.room("cs-phil").last().unwrap(),
            "Megatron ▸ [card] ⚠️ *Expense Bot does not answer*: the bot answered 500. \
             It may not have done what it was asked to do. It is tried again."
        );
        house.jane_presses("cs-phil", action::RETRY).await;
        let heard = house.bot.heard();
        let tries: Vec<_> = heard.iter().filter(|heard| heard.body["type"] == "command.do").collect();
        assert_eq!(tries.len(), 4);
        assert!(tries.iter().all(|heard| heard.id == tries[0].id), "the bot can tell that it is one wish");
        house.wait(Duration::from_hours(24)).await;
        assert_eq!(house.bot.heard_of("command.do").len(), 4);
    }

    async fn the_bot_forgets_what_it_was_talking_about(house: House) {
        house.with_open_room().await;
        let asked = "Expense Bot has been asked to forget what it was talking about.";
        assert_eq!(house.types(JANE, "cs-phil", "clear-context").await, asked);
        let done = "Megatron ▸ [card] Expense Bot has forgotten what it was talking about.";
        assert_eq!(house.room("cs-phil").last().unwrap(), done);
        assert_eq!(house.jane_types("clear-context phil").await, asked);
        let jane = json!({ "kind": "agent", "user_id": JANE, "name": "Jane" });
        assert_eq!(house.bot.heard_of("command.clear_context").last().unwrap()["data"], about(0, false, &jane));
        assert_eq!(house.bot.heard_of("command.clear_context").len(), 2);
    }

    async fn a_bot_that_does_not_forget_has_not_forgotten(house: House) {
        house.with_open_room().await;
        house.bot.is_in(&[Mood::Status(500); 3]);
        house.types(JANE, "cs-phil", "clear-context").await;
        house.wait(Duration::from_secs(10)).await;
        let room = house.room("cs-phil");
        assert!(room.last().unwrap().contains("Expense Bot does not answer"), "{room:#?}");
        house.wait(Duration::from_mins(10)).await;
        assert!(house.room("cs-phil").last().unwrap().ends_with("has forgotten what it was talking about."));
    }

    async fn a_wish_of_an_agent_whom_nobody_knows_yet_carries_their_name(house: House) {
        house.with_open_room().await;
        house.slack.join_channel(HUB, "cs-phil", megatron::demo::cast::RAJ).unwrap();
        house.types(megatron::demo::cast::RAJ, "cs-phil", "do hello").await;
        let actor = &house.bot.heard_of("command.do")[0]["data"]["actor"];
        assert_eq!(actor["user_id"], megatron::demo::cast::RAJ);
        assert!(["raj", "Raj"].contains(&actor["name"].as_str().unwrap()), "{actor}");
    }

    async fn callbacks_survive_a_crash_under_their_ids(house: House) {
        house.with_open_room().await;
        house.bot.is_in(&[Mood::Status(500); 2]);
        house.types(JANE, "cs-phil", "do hello").await;
        house.types(JANE, "cs-phil", "do it again").await;
        house.restart().await;
        house.wait(Duration::from_mins(1)).await;
        let heard = house.bot.heard();
        let wishes: Vec<_> = heard.iter().filter(|heard| heard.body["type"] == "command.do").collect();
        let texts: Vec<&Value> = wishes.iter().map(|heard| &heard.body["data"]["text"]).collect();
        assert_eq!(texts, ["hello", "hello", "hello", "it again"]);
        assert_eq!(wishes[0].id, wishes[2].id);
        assert_ne!(wishes[2].id, wishes[3].id);
    }
}

/// What every callback about Phil's conversation says.
fn about(epoch: i64, paused: bool, actor: &Value) -> Value {
    let holder = if paused { "human" } else { "bot" };
    json!({
        "bot": BOT, "team_id": ACME, "channel_id": PHILS_DM, "user_id": PHIL,
        "control": { "holder": holder, "paused": paused, "epoch": epoch }, "actor": actor,
    })
}
