//! Who did what: for agents by command, for the bot by its API. Never what was said.

use megatron::demo::cast::{ACME, JANE, PHILS_DM, SUPPORT};
use megatron::takeover::cards::action;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::house::House;
use crate::support::scenarios;

impl House {
    async fn audit(&self, query: &str) -> (StatusCode, Value) {
        self.api(Method::GET, &format!("v1/conversations/{ACME}/{PHILS_DM}/audit{query}"), None).await
    }
}

fn kinds(page: &Value) -> Vec<&str> {
    page["lines"].as_array().unwrap().iter().map(|line| line["kind"].as_str().unwrap()).collect()
}

scenarios! {
    async fn jane_reads_who_did_what_in_her_room(house: House) {
        // Her name is asked for when she types her first command.
        house.jane_types("list").await;
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "my secret words").await;
        house.types(JANE, "cs-phil", "unpause").await;
        house.types(JANE, "cs-phil", "do refund the secret").await;
        let told = house.types(JANE, "cs-phil", "audit").await;
        let lines: Vec<&str> = told.lines().collect();
        assert_eq!(lines[0], "*Who did what: Phil*");
        let did: Vec<&str> = lines[1..].iter().map(|line| line.split_once(">  ").unwrap().1).collect();
        assert_eq!(did, [
            "Jane asked for a room",
            "Jane opened the room cs-phil",
            "Jane paused the bot (command)",
            "Jane wrote a message",
            "Jane unpaused the bot (command)",
            "Jane asked the bot to do something",
        ]);
        assert!(!told.contains("secret"), "{told}");
        assert!(lines[1].starts_with("<!date^1795168800^"), "{told}");
        assert_eq!(house.jane_types("audit phil").await, told, "by name from anywhere");
    }

    async fn edits_deletions_and_recalls_are_on_record_and_choices_too(house: House) {
        house.with_open_room().await;
        let his = house.phil_says("teh words").await;
        house.slack.edit(ACME, megatron::demo::cast::PHIL, PHILS_DM, &his, "the words").unwrap();
        house.settle().await;
        house.slack.delete(ACME, megatron::demo::cast::PHIL, PHILS_DM, &his).unwrap();
        house.settle().await;
        house.jane_writes("cs-phil", "Hello").await;
        house.jane_presses("cs-phil", action::ALWAYS_PAUSE).await;
        house.asks("unpause", json!({ "reason": "solved" })).await;
        let told = house.types(JANE, "cs-phil", "audit").await;
        for line in [
            "The customer edited a message",
            "The customer deleted a message",
            "Jane wrote a message",
            "Jane chose “Always pause for me”",
            "Jane paused the bot (always_pause)",
            "The bot unpaused the bot (solved)",
        ] {
            assert!(told.contains(&format!(">  {line}")), "{line}: {told}");
        }
    }

    async fn outside_of_rooms_it_is_about_bots_and_workspaces(house: House) {
        assert_eq!(house.jane_types("audit").await, "Nothing is on record about bots, workspaces, queues and settings.");
        house.knows_acme().await;
        house.jane_types("bot off").await;
        house.jane_types("bot off").await;
        house.api(Method::PUT, "v1/bot", Some(json!({ "active": true }))).await;
        house.api(Method::DELETE, &format!("v1/workspaces/{ACME}"), None).await;
        let told = house.types(JANE, SUPPORT, "audit").await;
        let did: Vec<&str> = told.lines().skip(1).map(|line| line.split_once(">  ").unwrap().1).collect();
        assert_eq!(did, [
            "The bot registered the workspace T0ACME",
            "Jane switched the bot expenses off",
            "The bot switched the bot expenses on",
            "The bot removed the workspace T0ACME",
        ]);
    }

    async fn nobody_has_had_to_do_with_a_stranger(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        assert_eq!(house.jane_types("audit phil").await, "Nobody has had to do with Phil so far.");
        assert_eq!(house.audit("").await.0, StatusCode::NOT_FOUND);
    }

    async fn the_bot_reads_it_page_by_page_the_newest_first(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.asks("unpause", json!({})).await;
        let (status, first) = house.audit("?limit=3").await;
        assert_eq!(status, StatusCode::OK, "{first}");
        assert_eq!(kinds(&first), ["conversation.unpaused", "conversation.paused", "conversation.opened"]);
        let line = &first["lines"][1];
        assert_eq!(line["actor"], json!({ "kind": "agent", "user_id": JANE, "name": "Jane" }));
        assert_eq!((&line["at"], &line["detail"]["reason"]), (&json!("2026-11-20T10:00:00.000Z"), &json!("command")));
        let (_, second) = house.audit(&format!("?limit=3&before={}", first["next"].as_str().unwrap())).await;
        assert_eq!((kinds(&second), &second["next"]), (vec!["conversation.open"], &Value::Null));
        for bad in ["?limit=0", "?limit=201", "?limit=x"] {
            let (status, answer) = house.audit(bad).await;
            assert_eq!((status.as_u16(), &answer["errors"][0]["path"]), (422, &json!("limit")), "{bad}");
        }
    }

    async fn another_bot_reads_nothing_of_it(house: House) {
        house.with_second_bot().await;
        house.with_open_room().await;
        for what in ["audit", "transcript"] {
            let path = format!("v1/conversations/{ACME}/{PHILS_DM}/{what}");
            assert_eq!(house.travel(Method::GET, &path, Value::Null).await.0, StatusCode::NOT_FOUND, "{what}");
        }
    }
}
