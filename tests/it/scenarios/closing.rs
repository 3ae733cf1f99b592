//! The end of a room: asked for, or done to it; and what comes after.

use std::time::Duration;

use megatron::demo::cast::{ACME, ADMIN_TOKEN, HUB, JANE, PHIL, PHILS_DM, RAJ, SUPPORT};
use megatron::simulator::Fault;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::house::House;
use crate::support::scenarios;

scenarios! {
    async fn a_command_elsewhere_closes_by_name(house: House) {
        house.with_open_room().await;
        assert_eq!(house.jane_types("close Phil").await, "Closing the room for Phil.");
        is_closed(&house, "cs-phil-closed-20261120-1");
        assert_eq!(house.jane_types("close phil").await, "There is no open room for Phil.");
        assert_eq!(house.bot.heard_types(), ["conversation.opened", "conversation.closed"]);
        let closed = &house.bot.heard_of("conversation.closed")[0]["data"];
        assert_eq!((&closed["reason"], &closed["actor"]["user_id"]), (&json!("command"), &json!(JANE)));
    }

    async fn a_room_can_be_closed_again_and_again_on_one_day(house: House) {
        house.with_open_room().await;
        for _ in 0..3 {
            house.types(JANE, "cs-phil", "close").await;
            house.jane_types("open phil").await;
        }
        house.types(JANE, "cs-phil", "close").await;
        assert_eq!(house.rooms(), [] as [&str; 0]);
        for number in 1..=4 {
            is_closed(&house, &format!("cs-phil-closed-20261120-{number}"));
        }
        assert_eq!(house.bot.heard_types(), ["conversation.opened", "conversation.closed"].repeat(4));
        let renamed = house.slack.calls().into_iter().filter(|call| call.method == "conversations.rename").count();
        assert_eq!(renamed, 4, "Slack takes twenty a minute: no name is asked for that is known to be taken");
    }

    async fn a_button_closes_and_gives_control_back(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_presses("cs-phil", "megatron.close").await;

        is_closed(&house, "cs-phil-closed-20261120-1");
        assert_eq!(
            house.bot.heard_types(),
            ["conversation.opened", "conversation.paused", "conversation.unpaused", "conversation.closed"]
        );
        assert_eq!(control(&house).await, json!({ "holder": "bot", "paused": false, "epoch": 2 }));
        assert!(house.dm().last().unwrap().contains("Jane has left the conversation"));
    }

    async fn a_button_of_a_closed_room_does_nothing_more(house: House) {
        house.with_open_room().await;
        let card = house.card_with("cs-phil", "megatron.close").unwrap();
        house.types(JANE, "cs-phil", "close").await;
        house.jane_types("open phil").await;
        let spot = megatron::simulator::Spot::Message { channel: "cs-phil-closed-20261120-1".into(), ts: card.ts };
        house.slack.click(HUB, JANE, &spot, "megatron.close").await.unwrap();
        house.settle().await;
        assert_eq!(house.rooms(), ["cs-phil"], "the room that is open now is another one");
    }

    async fn after_the_close_nothing_is_watched(house: House) {
        house.with_open_room().await;
        house.jane_types("close phil").await;
        let (_, answer) = house.ingest(&message("1795168900.000100", "secret")).await;
        assert_eq!((&answer["watched"], &answer["duplicate"]), (&json!(false), &json!(false)));
        house.settle().await;
        assert!(house.room("cs-phil-closed-20261120-1").iter().all(|line| !line.contains("secret")));
    }

    async fn reopened_without_a_user_token_it_is_a_fresh_room_that_links_to_the_earlier(house: House) {
        house.with_open_room().await;
        let first = house.slack.channel(HUB, "cs-phil").unwrap().id;
        house.jane_types("close phil").await;
        house.phil_says("one more thing").await;
        house.jane_types("open phil").await;

        let second = house.slack.channel(HUB, "cs-phil").unwrap().id;
        assert_ne!(first, second);
        assert!(house.posts("cs-phil")[0].blocks.to_string().contains(&format!("Earlier rooms: <#{first}|cs-phil>")));
        assert_eq!(house.talk("cs-phil"), ["Phil: help!", "Expense Bot: How can I help?", "Phil: one more thing"]);
        house.phil_says("hello?").await;
        assert_eq!(house.talk("cs-phil").pop().unwrap(), "Phil: hello?");

        house.jane_types("close phil").await;
        assert!(house.slack.channel(HUB, "cs-phil-closed-20261120-2").unwrap().archived, "closed twice on one day");
        house.jane_types("open phil").await;
        let header = house.posts("cs-phil")[0].blocks.to_string();
        assert!(header.contains(&format!("Earlier rooms: <#{second}|cs-phil>, <#{first}|cs-phil>")), "{header}");
    }

    async fn reopened_with_a_user_token_it_is_the_same_room_with_what_is_missing(house: House) {
        house.restart_with(&format!("slack.user_token = \"{ADMIN_TOKEN}\"\nrooms.invite = [\"{RAJ}\"]")).await;
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "Hi Phil!").await;
        let room = house.slack.channel(HUB, "cs-phil").unwrap().id;
        house.jane_types("close phil").await;
        is_closed(&house, "cs-phil-closed-20261120-1");
        house.phil_says("one more thing").await;
        house.wait(Duration::from_mins(10)).await;
        assert_eq!(house.jane_types("open phil").await, "Opening a room for Phil …");

        let again = house.slack.channel(HUB, "cs-phil").unwrap();
        assert_eq!(again.id, room);
        assert!(!again.archived && again.members.contains(&"U0MEGATRON".to_owned()));
        let talk = house.talk("cs-phil");
        for (said, times) in [("Phil: help!", 1), ("Expense Bot: How can I help?", 1), ("Hi Phil!", 1), ("Phil: one more thing", 1)] {
            assert_eq!(talk.iter().filter(|line| line.contains(said)).count(), times, "{said}: {talk:#?}");
        }
        house.phil_says("hello?").await;
        house.jane_writes("cs-phil", "Here I am").await;
        assert_eq!(house.talk("cs-phil")[talk.len()..], ["Phil: hello?", "Jane: Here I am :white_check_mark:"]);
        assert!(house.dm().last().unwrap().contains("Here I am"));

        house.jane_types("close phil").await;
        house.jane_types("open phil").await;
        assert_eq!(house.slack.channel(HUB, "cs-phil").unwrap().id, room);
        assert_eq!(house.rooms(), ["cs-phil"]);
    }

    async fn a_room_that_cannot_be_brought_back_is_followed_by_a_fresh_one(house: House) {
        // The owner of the token is not in the room, so Slack shows it to nobody.
        house.restart_with(&format!("slack.user_token = \"{ADMIN_TOKEN}\"")).await;
        house.with_open_room().await;
        house.jane_types("close phil").await;
        house.jane_types("open phil").await;
        assert_eq!(house.rooms(), ["cs-phil"]);
        assert_eq!(house.talk("cs-phil"), ["Phil: help!", "Expense Bot: How can I help?"]);
    }

    async fn a_room_archived_by_hand_gives_the_bot_back_and_can_be_opened_again(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.archive(HUB, JANE, "cs-phil").unwrap();
        house.settle().await;
        is_given_up(&house, "room_archived").await;

        house.jane_types("open phil").await;
        assert_eq!(house.rooms(), ["cs-phil-2"], "an archived channel keeps its name");
        house.phil_says("hello?").await;
        assert_eq!(house.talk("cs-phil-2").pop().unwrap(), "Phil: hello?");
    }

    async fn a_room_archived_by_hand_is_brought_back_with_a_user_token(house: House) {
        house.restart_with(&format!("slack.user_token = \"{ADMIN_TOKEN}\"\nrooms.invite = [\"{RAJ}\"]")).await;
        house.with_open_room().await;
        let room = house.slack.channel(HUB, "cs-phil").unwrap().id;
        house.slack.archive(HUB, JANE, "cs-phil").unwrap();
        house.settle().await;
        house.jane_types("open phil").await;
        assert_eq!(house.slack.channel(HUB, "cs-phil").unwrap().id, room);
        house.phil_says("hello?").await;
        assert_eq!(house.talk("cs-phil"), ["Phil: help!", "Expense Bot: How can I help?", "Phil: hello?"]);
    }

    async fn a_room_that_the_app_was_removed_from_is_given_up(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.kick(HUB, JANE, "cs-phil", "U0MEGATRON").unwrap();
        house.settle().await;
        is_given_up(&house, "app_removed").await;
        house.jane_types("open phil").await;
        assert_eq!(house.talk("cs-phil-2"), talk_before());
    }

    async fn a_deleted_room_is_given_up(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.delete_channel(HUB, RAJ, "cs-phil").unwrap();
        house.settle().await;
        is_given_up(&house, "room_archived").await;
        house.jane_types("open phil").await;
        assert_eq!(house.talk("cs-phil"), talk_before());
    }

    async fn a_room_that_is_gone_without_a_word_is_given_up_at_the_next_post(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.archive(HUB, JANE, "cs-phil").unwrap();
        drop(house.slack.take_events(megatron::demo::cast::HUB_APP));
        house.settle().await;
        assert_eq!(control(&house).await["holder"], json!("human"));
        house.phil_says("hello?").await;
        is_given_up(&house, "room_gone").await;
        house.jane_types("open phil").await;
        let talk = house.talk("cs-phil-2");
        assert!(talk.contains(&"Phil: hello?".to_owned()), "what could not be shown is in the next room: {talk:#?}");
    }

    async fn a_room_renamed_by_hand_goes_on(house: House) {
        house.with_open_room().await;
        house.slack.rename(HUB, "U0MEGATRON", "cs-phil", "vip-phil").unwrap();
        house.settle().await;
        house.phil_says("hello?").await;
        assert_eq!(house.types(JANE, "vip-phil", "pause").await, "Expense Bot is being paused for Phil.");
        house.jane_writes("vip-phil", "Hi!").await;
        assert_eq!(house.talk("vip-phil")[2..], ["Phil: hello?", "Jane: Hi! :white_check_mark:"]);
        assert!(house.types(RAJ, SUPPORT, "open phil").await.contains("|vip-phil>"));
        house.types(JANE, "vip-phil", "close").await;
        is_closed(&house, "vip-phil-closed-20261120-1");
        house.jane_types("open phil").await;
        assert_eq!(house.rooms(), ["cs-phil"]);
    }

    async fn a_room_that_slack_gives_another_id_goes_on(house: House) {
        house.with_open_room().await;
        house.slack.change_channel_id(HUB, "cs-phil", "C0MOVED").unwrap();
        house.settle().await;
        house.phil_says("hello?").await;
        house.jane_writes("cs-phil", "Hi!").await;
        assert_eq!(house.talk("cs-phil")[2..], ["Phil: hello?", "Jane: Hi! :white_check_mark:"]);
        house.types(JANE, "cs-phil", "close").await;
        is_closed(&house, "cs-phil-closed-20261120-1");
    }

    async fn messages_that_waited_are_mentioned_and_not_sent(house: House) {
        house.restart_with("rooms.on_agent_message = \"hold\"").await;
        house.with_open_room().await;
        house.jane_writes("cs-phil", "first").await;
        house.jane_writes("cs-phil", "second").await;
        house.types(JANE, "cs-phil", "close").await;

        let last = house.notices("cs-phil-closed-20261120-1").pop().unwrap();
        assert_eq!(last, "🗄️ *Jane closed this room.* Expense Bot answers again. Waiting messages that were not sent: 2.");
        assert_eq!(house.dm().len(), 2);
        house.jane_types("open phil").await;
        house.types(JANE, "cs-phil", "pause").await;
        assert!(house.dm().iter().all(|line| !line.contains("first") && !line.contains("second")));
    }

    async fn closing_before_the_room_is_there_leaves_nothing_behind(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.only_types(JANE, "open phil").await;
        house.only_types(RAJ, "pause phil").await;
        assert_eq!(house.only_types(RAJ, "close phil").await, "The room for Phil will not be opened.");
        house.settle().await;
        assert!(house.rooms().is_empty());
        assert_eq!(control(&house).await, json!({ "holder": "bot", "paused": false, "epoch": 2 }));
        let last = house.whispers(JANE, SUPPORT).pop().unwrap();
        assert!(last.contains("No room could be opened for Phil: it was closed again before it was there."), "{last}");

        house.jane_types("open phil").await;
        assert_eq!(house.rooms(), ["cs-phil"]);
        assert_eq!(house.talk("cs-phil")[0], "Phil: help!");
    }

    async fn closing_and_opening_again_before_the_room_is_there_makes_one_room(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.only_types(JANE, "open phil").await;
        house.only_types(JANE, "close phil").await;
        house.only_types(JANE, "open phil").await;
        house.settle().await;
        assert_eq!(house.rooms(), ["cs-phil"]);
        assert_eq!(house.talk("cs-phil"), ["Phil: help!"]);
        assert_eq!(house.slack.channels(HUB).iter().filter(|channel| channel.name.contains("phil")).count(), 1);
    }

    async fn a_room_that_may_not_be_archived_is_closed_all_the_same(house: House) {
        house.with_open_room().await;
        house.slack.fail_next("conversations.rename", Fault::Error("not_authorized".into()));
        house.slack.fail_next("conversations.archive", Fault::Error("restricted_action".into()));
        house.types(JANE, "cs-phil", "pause").await;
        house.types(JANE, "cs-phil", "close").await;
        let last = house.notices("cs-phil").pop().unwrap();
        assert_eq!(
            last,
            "⚠️ This room is closed, and nothing is passed on any more, but it could not be archived: the workspace's settings do not allow it."
        );
        house.phil_says("secret").await;
        house.jane_writes("cs-phil", "too late").await;
        assert!(house.dm().iter().all(|line| !line.contains("too late")));
        assert!(house.talk("cs-phil").iter().all(|line| !line.contains("secret")));
        house.jane_types("open phil").await;
        assert_eq!(house.talk("cs-phil-2").pop().unwrap(), "Phil: secret");
    }

    async fn what_is_said_just_before_the_close_is_in_the_room(house: House) {
        house.with_open_room().await;
        house.slack.say(ACME, PHIL, PHILS_DM, "thanks, bye").unwrap();
        house.bot_passes_on().await;
        house.slack.say(HUB, JANE, "cs-phil", "bye!").unwrap();
        house.slack.deliver_events().await;
        house.only_types(JANE, "close phil").await;
        house.settle().await;
        assert_eq!(house.talk("cs-phil-closed-20261120-1")[2..], ["Jane: bye!", "Phil: thanks, bye"]);
        assert!(house.dm().iter().any(|line| line.contains("bye!")));
    }

    async fn a_crash_while_a_room_closes_changes_nothing(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("conversations.archive", Fault::ResetAfter);
        house.only_types(JANE, "close phil").await;
        house.restart().await;
        house.wait(Duration::from_mins(2)).await;
        is_closed(&house, "cs-phil-closed-20261120-1");
        assert_eq!(house.bot.heard_of("conversation.closed").len(), 1);
        assert_eq!(control(&house).await["holder"], json!("bot"));
    }

    async fn the_bot_closes_by_its_api(house: House) {
        house.with_open_room().await;
        let path = format!("v1/conversations/{ACME}/{PHILS_DM}/close");
        let (status, _) = house.api(Method::POST, &path, Some(json!({ "reason": "solved" }))).await;
        assert_eq!(status, 200);
        house.settle().await;
        is_closed(&house, "cs-phil-closed-20261120-1");
        assert!(house.notices("cs-phil-closed-20261120-1").pop().unwrap().contains("The bot itself closed this room."));
    }
}

fn is_closed(house: &House, name: &str) {
    assert!(house.rooms().is_empty(), "{:?}", house.rooms());
    let room = house.slack.channel(HUB, name).unwrap_or_else(|| panic!("no {name}"));
    assert!(room.archived);
}

/// The bot was told, is back, and is not watched any more.
async fn is_given_up(house: &House, reason: &str) {
    let closed = house.bot.heard_of("conversation.closed");
    assert_eq!(closed.len(), 1);
    assert_eq!(closed[0]["data"]["reason"], json!(reason));
    assert_eq!(control(house).await, json!({ "holder": "bot", "paused": false, "epoch": 2 }));
    assert!(house.bot.heard_types().contains(&"conversation.unpaused".to_owned()));
    let (_, answer) = house.ingest(&message("1795168700.000100", "who hears me?")).await;
    assert_eq!(answer["watched"], json!(false));
    assert_eq!(house.jane_types("list").await, "No room is open, and no bot is paused.");
}

async fn control(house: &House) -> Value {
    let (_, mut state) = house.api(Method::GET, &format!("v1/conversations/{ACME}/{PHILS_DM}"), None).await;
    state["control"].take()
}

fn message(ts: &str, text: &str) -> Value {
    json!({ "direction": "incoming", "team_id": ACME, "channel_id": PHILS_DM, "user_id": PHIL, "message": { "ts": ts, "text": text } })
}

/// What was said before the room was given up: the help that was asked for, and that Jane came and went.
fn talk_before() -> [&'static str; 4] {
    [
        "Phil: help!",
        "Expense Bot: How can I help?",
        "Expense Bot: Jane from Initech is now talking with you. Expense Bot will tell you when it is back.",
        "Expense Bot: Expense Bot is back.",
    ]
}
