//! Whom an agent means.

use megatron::demo::cast::{
    ACME, API_KEY, BOT_TOKEN, CALLBACK_SECRET, HUB, JANE, PHIL, PHILIPPA, PHILIPPAS_DM, SUPPORT,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::bot::{Bot, Mood};
use crate::support::house::House;
use crate::support::scenarios;

scenarios! {
    async fn a_customer_is_found_by_whatever_one_knows_of_them(house: House) {
        house.comes("U0ZOE", "D0ZOE", "zoë", "Zoë Łukasz-O'Brien", "z.lukasz@acme.example");
        house.comes("U0OTHER", "D0OTHER", "Otto", "Otto Brienner", "otto@acme.example");
        house.knows_acme().await;
        house.says("U0ZOE", "D0ZOE", "hi").await;
        house.says("U0OTHER", "D0OTHER", "hi").await;

        for query in [
            "zoë", "ZOE", "łuk", "lukasz zoe", "  zoë   ŁUKASZ ", "@zoe", "z.lukasz@acme.example", "Z.LUKASZ", "U0ZOE", "u0zoe",
            "<@U0ZOE>", "<@U0ZOE|zoe>", "o'brien", "brien zo",
        ] {
            let answer = house.jane_types(&format!("open {query}")).await;
            assert!(answer.ends_with("room for zoë …") || answer.starts_with("The room for zoë is"), "{query}: {answer}");
        }
        assert_eq!(house.rooms(), ["cs-zoe"]);
        assert!(house.bot.heard_of("command.search_customers").is_empty());
    }

    async fn several_hits_make_a_menu_to_choose_from(house: House) {
        two_phils(&house).await;
        assert_eq!(house.jane_types("open phil").await, "Several customers fit. Whom do you mean?");
        assert!(house.rooms().is_empty());
        let menu = house.slack.ephemerals(HUB, JANE, SUPPORT).pop().unwrap();
        let options = &menu.blocks[0]["accessory"]["options"];
        let labels: Vec<_> = options.as_array().unwrap().iter().map(|option| option["text"]["text"].clone()).collect();
        assert_eq!(labels, ["Phil (Phil Harris), Acme, phil@acme.example", "Philippa (Philippa Long), Acme, philippa@acme.example"], "the closest first");

        house.jane_chooses("expenses T0ACME U0PHILIPPA").await;
        assert_eq!(house.talk("cs-philippa"), ["Philippa: I am she"]);
        assert_eq!(house.slack.members(HUB, "cs-philippa"), [JANE, "U0MEGATRON"]);
        assert!(house.whispers(JANE, SUPPORT).pop().unwrap().contains("The room for Philippa is"));
    }

    async fn a_whole_address_or_id_means_one_among_many(house: House) {
        two_phils(&house).await;
        house.jane_types("open phil@acme.example").await;
        assert_eq!(house.rooms(), ["cs-phil"]);
        house.jane_types("open <@U0PHILIPPA|phil>").await;
        assert_eq!(house.rooms(), ["cs-phil", "cs-philippa"]);
    }

    async fn more_than_a_menu_holds_are_found_by_typing(house: House) {
        house.knows_acme().await;
        for number in 0..103 {
            let (user, dm) = (format!("U0TWIN{number}"), format!("D0TWIN{number}"));
            house.comes(&user, &dm, &format!("Twin {number}"), "", &format!("twin{number}@acme.example"));
            house.slack.say(ACME, &user, &dm, "hi").unwrap();
        }
        house.bot_passes_on().await;
        // Slack tells of a hundred people a minute.
        house.wait(std::time::Duration::from_mins(2)).await;
        house.jane_types("open twin").await;
        let spot = house.menu().unwrap();
        let typed = house.slack.type_in_select(HUB, JANE, &spot, "megatron.choose_customer", "twin 10").await.unwrap();
        let options = typed["options"].as_array().unwrap();
        let labels: Vec<_> = options.iter().map(|option| option["text"]["text"].as_str().unwrap()).collect();
        assert_eq!(labels[0], "Twin 10, Acme, twin10@acme.example");
        assert!(labels.contains(&"Twin 100, Acme, twin100@acme.example") && labels.len() < 10, "{labels:?}");
        let all = house.slack.type_in_select(HUB, JANE, &spot, "megatron.choose_customer", "twin").await.unwrap();
        assert_eq!(all["options"].as_array().unwrap().len(), 100);
        let none = house.slack.type_in_select(HUB, JANE, &spot, "megatron.choose_customer", "zzz").await.unwrap();
        assert_eq!(none, json!({ "options": [] }));
        house.jane_chooses(options[0]["value"].as_str().unwrap()).await;
        assert_eq!(house.talk("cs-twin-10"), ["Twin 10: hi"]);
    }

    async fn whom_nobody_here_knows_the_bot_may_know(house: House) {
        house.knows_acme().await;
        let phil = json!({ "team_id": ACME, "user_id": PHIL, "channel_id": "D0PHIL", "name": "Phil" });
        house.bot.answers("command.search_customers", json!({ "customers": [phil] }));
        assert_eq!(house.jane_types("open phil").await, "Nobody here is called “phil” so far. Asking the bot …");

        let asked = &house.bot.heard_of("command.search_customers")[0]["data"];
        assert_eq!(asked, &json!({ "bot": "expenses", "query": "phil" }));
        assert_eq!(house.rooms(), ["cs-phil"]);
        assert!(house.whispers(JANE, SUPPORT).pop().unwrap().contains("The room for Phil is"));
        assert!(house.slack.calls().iter().all(|call| call.method != "conversations.open"));
        house.phil_says("hello?").await;
        assert_eq!(house.talk("cs-phil"), ["Phil: hello?"]);
    }

    async fn whose_dm_the_bot_does_not_tell_slack_does(house: House) {
        house.knows_acme().await;
        let phil = json!({ "team_id": ACME, "user_id": PHIL, "name": "Phil" });
        house.bot.answers("command.search_customers", json!({ "customers": [phil] }));
        house.jane_types("open phil").await;
        assert_eq!(house.rooms(), ["cs-phil"]);
        house.phil_says("hello?").await;
        assert_eq!(house.talk("cs-phil"), ["Phil: hello?"]);
        assert!(house.jane_types("status phil").await.contains("*Phil*: Expense Bot answers"));
    }

    async fn a_customer_whose_dm_slack_refuses_is_told_of(house: House) {
        house.knows_acme().await;
        house.bot.answers("command.search_customers", json!({ "customers": [{ "team_id": ACME, "user_id": "U0GONE", "name": "Gone" }] }));
        house.jane_types("open gone").await;
        assert!(house.rooms().is_empty());
        let last = house.whispers(JANE, SUPPORT).pop().unwrap();
        assert!(last.contains("The DM of that customer cannot be found: there is no such person in this workspace."), "{last}");
    }

    async fn several_whom_the_bot_knows_make_a_menu(house: House) {
        house.knows_acme().await;
        let customers = [("Phil", PHIL), ("Philippa", PHILIPPA)].map(|(name, user)| json!({ "team_id": ACME, "user_id": user, "name": name }));
        house.bot.answers("command.search_customers", json!({ "customers": customers }));
        house.jane_types("open somebody").await;
        house.jane_chooses("expenses T0ACME U0PHIL").await;
        assert_eq!(house.rooms(), ["cs-phil"]);
    }

    async fn nobody_at_all_is_said(house: House) {
        house.knows_acme().await;
        for answer in [json!({ "customers": [] }), json!({}), json!({ "customers": [{ "name": "No id" }, 7, null] }), json!("what?")] {
            house.bot.answers("command.search_customers", answer);
            house.jane_types("open <b>nobody</b>").await;
            let last = house.whispers(JANE, SUPPORT).pop().unwrap();
            assert!(last.contains("Nobody was found for “&lt;b&gt;nobody&lt;/b&gt;”."), "{last}");
        }
        assert!(house.rooms().is_empty());
    }

    async fn a_bot_that_does_not_answer_is_said(house: House) {
        house.knows_acme().await;
        house.bot.is_in(&[Mood::Status(500); 3]);
        house.jane_types("open phil").await;
        house.wait(std::time::Duration::from_secs(10)).await;
        assert_eq!(house.bot.heard_of("command.search_customers").len(), 3);
        let last = house.whispers(JANE, SUPPORT).pop().unwrap();
        assert!(last.contains("Expense Bot could not be asked"), "{last}");
    }

    async fn a_bot_that_fails_once_is_asked_again(house: House) {
        house.knows_acme().await;
        house.bot.is_in(&[Mood::Status(503)]);
        house.bot.answers("command.search_customers", json!({ "customers": [{ "team_id": ACME, "user_id": PHIL, "name": "Phil" }] }));
        house.jane_types("open phil").await;
        house.wait(std::time::Duration::from_secs(5)).await;
        assert_eq!(house.rooms(), ["cs-phil"]);
    }

    async fn every_bot_is_asked(house: House) {
        let travel = Bot::default();
        let url = travel.listen().await;
        house.restart_with(&format!(
            "[[bots]]\nid = \"travel\"\nname = \"Travel Bot\"\napi_key = \"{API_KEY}-2\"\n\
             callback_url = \"{url}\"\ncallback_secret = \"{CALLBACK_SECRET}\"\n"
        )).await;
        house.knows_acme().await;
        house.bot.answers("command.search_customers", json!({ "customers": [{ "team_id": ACME, "user_id": PHIL, "name": "Phil" }] }));
        house.jane_types("open phil").await;
        assert_eq!((travel.heard_types().len(), house.rooms()), (1, vec!["cs-phil".to_owned()]));
        house.jane_types("open ghost").await;
        assert_eq!(travel.heard_of("command.search_customers").len(), 2);
        assert_eq!(house.bot.heard_of("command.search_customers").len(), 2);
    }

    async fn a_customer_of_two_bots_is_two_conversations(house: House) {
        let travel = Bot::default();
        let url = travel.listen().await;
        house.restart_with(&format!(
            "[[bots]]\nid = \"travel\"\nname = \"Travel Bot\"\napi_key = \"{API_KEY}-2\"\n\
             callback_url = \"{url}\"\ncallback_secret = \"{CALLBACK_SECRET}\"\n"
        )).await;
        house.knows_acme().await;
        let as_travel = |method, path: &str, body: Value| {
            house.request(method, path).bearer_auth(format!("{API_KEY}-2")).header("content-type", "application/json").body(body.to_string()).send()
        };
        let workspace = json!({ "name": "Acme", "domain": "acme", "bot_token": BOT_TOKEN });
        assert_eq!(as_travel(Method::PUT, "v1/workspaces/T0ACME", workspace).await.unwrap().status(), StatusCode::CREATED);
        house.phil_says("about expenses").await;
        let about_travel = json!({ "direction": "incoming", "team_id": ACME, "channel_id": "D0PHILTRAVEL", "user_id": PHIL,
                                   "message": { "ts": "1795168800.000900", "text": "about travel" } });
        as_travel(Method::POST, "ingest", about_travel.clone()).await.unwrap();
        house.settle().await;

        house.jane_types("open phil").await;
        house.jane_chooses("expenses T0ACME U0PHIL").await;
        assert_eq!(house.talk("cs-phil"), ["Phil: about expenses"]);
        let again = json!({ "direction": "incoming", "team_id": ACME, "channel_id": "D0PHILTRAVEL", "user_id": PHIL,
                            "message": { "ts": "1795168800.000901", "text": "about travel again" } });
        let answer: Value = as_travel(Method::POST, "ingest", again).await.unwrap().json().await.unwrap();
        assert_eq!(answer["watched"], json!(false));
        assert_eq!(house.talk("cs-phil"), ["Phil: about expenses"]);
        assert!(travel.heard_types().is_empty());
        let menu = house.slack.ephemerals(HUB, JANE, SUPPORT).into_iter().find(|card| !card.blocks.is_null()).unwrap();
        let labels: Vec<_> = menu.blocks[0]["accessory"]["options"].as_array().unwrap().iter().map(|option| option["text"]["text"].clone()).collect();
        assert_ne!(labels[0], labels[1], "one can tell them apart");
    }

    async fn commands_about_a_named_customer_work_from_anywhere(house: House) {
        two_phils(&house).await;
        house.jane_types("open U0PHIL").await;
        house.jane_types("open U0PHILIPPA").await;
        let several = house.jane_types("pause phil").await;
        assert_eq!(
            several,
            "Several customers fit. Say which, by id:\n• Phil (Phil Harris), Acme, phil@acme.example (`U0PHIL`)\n• Philippa (Philippa Long), Acme, philippa@acme.example (`U0PHILIPPA`)"
        );
        assert!(house.bot.heard_of("conversation.paused").is_empty());

        assert_eq!(house.jane_types("pause U0PHIL").await, "Expense Bot is being paused for Phil.");
        assert_eq!(house.jane_types("pause philippa").await, "Expense Bot is being paused for Philippa.");
        assert!(house.jane_types("status u0phil").await.starts_with("*Phil*: Expense Bot is paused, <#"));
        assert_eq!(house.jane_types("clear-context U0PHIL").await, "Expense Bot has been asked to forget what it was talking about.");
        assert_eq!(house.jane_types("unpause <@U0PHIL>").await, "Expense Bot is being unpaused for Phil.");
        assert_eq!(house.jane_types("close philippa").await, "Closing the room for Philippa.");
        assert_eq!(house.rooms(), ["cs-phil"]);
        assert_eq!(house.jane_types("close phil").await, "Closing the room for Phil.", "the only one who has a room");
        assert_eq!(house.jane_types("pause nobody").await, "Nobody was found for “nobody”.");
        assert_eq!(house.jane_types("pause").await, "This channel is not a room of a customer. Use the command in a room, or name the customer.");
    }

    async fn a_customer_without_a_room_can_be_paused(house: House) {
        house.knows_acme().await;
        house.phil_says("hi").await;
        assert_eq!(house.jane_types("status phil").await, "Phil talks with the bot; no room is open.");
        assert_eq!(house.jane_types("pause phil").await, "Expense Bot is being paused for Phil.");
        assert_eq!(house.jane_types("status phil").await, "*Phil*: Expense Bot is paused, no room, handled by Jane");
        assert_eq!(house.jane_types("list").await, "• *Phil*: Expense Bot is paused, no room, handled by Jane");
        house.jane_types("open phil").await;
        assert!(house.posts("cs-phil")[0].blocks.to_string().contains("Unpause the bot"));
        assert_eq!(house.jane_types("unpause phil").await, "Expense Bot is being unpaused for Phil.");
    }
}

async fn two_phils(house: &House) {
    house.knows_acme().await;
    house.phil_says("I am he").await;
    house.says(PHILIPPA, PHILIPPAS_DM, "I am she").await;
}
