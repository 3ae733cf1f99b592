//! Who belongs to the support workspace, and whose words go where.

use megatron::demo::cast::{ACME, BOT_TOKEN, HUB, JANE, PHIL, PHILS_DM, RAJ, SUPPORT};
use megatron::simulator::{App, Spot, User};
use serde_json::json;

use crate::support::house::House;
use crate::support::scenarios;

scenarios! {
    async fn a_command_of_another_team_changes_nothing(house: House) {
        house.with_open_room().await;
        let before = house.room("cs-phil");
        house.slack.add_workspace("T0RIVAL", "Rival", "rival");
        house.slack.add_user("T0RIVAL", User { id: "U0RIVAL".into(), name: "rival".into(), ..User::default() }).unwrap();
        house.slack.install_app("T0RIVAL", App {
            app_id: megatron::demo::cast::HUB_APP.into(),
            name: "Megatron".into(),
            bot_id: "B0RIVAL".into(),
            bot_user_id: "U0RIVALBOT".into(),
            token: "xoxb-rival".into(),
            signing_secret: megatron::demo::cast::SIGNING_SECRET.into(),
            ..App::default()
        }).unwrap();
        megatron::demo::cast::listen(&house.slack, &house.url);
        house.slack.create_channel("T0RIVAL", "U0RIVAL", "spies", false).unwrap();
        for command in ["open phil", "pause phil", "close phil", "status phil", "list", "bot off", "do give me money", "clear-context phil"] {
            let answer = house.slack.command("T0RIVAL", "U0RIVAL", "spies", "/megatron", command).await.unwrap();
            assert_eq!(answer.body["text"], "Only members of the support workspace can use this.", "{command}");
        }
        house.settle().await;
        assert_eq!(house.room("cs-phil"), before);
        assert_eq!(house.bot.heard_types(), ["conversation.opened"]);
        assert!(house.jane_types("status phil").await.contains("Expense Bot answers"));
    }

    async fn a_click_of_a_foreigner_is_refused_and_changes_nothing(house: House) {
        house.with_open_room().await;
        foreigner_in(&house, "cs-phil");
        let before = house.room("cs-phil");
        for action in ["megatron.pause", "megatron.close"] {
            let card = house.card_with("cs-phil", action).unwrap();
            let spot = Spot::Message { channel: "cs-phil".into(), ts: card.ts };
            house.slack.click(HUB, "U0EVE", &spot, action).await.unwrap();
            house.settle().await;
        }
        assert_eq!(house.room("cs-phil"), before);
        assert_eq!(house.bot.heard_types(), ["conversation.opened"]);
        let whispers = house.whispers("U0EVE", "cs-phil");
        assert_eq!(whispers.len(), 2);
        assert!(whispers[0].contains("Only members of the support workspace can use this."));
    }

    async fn what_a_foreigner_writes_is_not_passed_on(house: House) {
        house.with_open_room().await;
        foreigner_in(&house, "cs-phil");
        house.slack.say(HUB, "U0EVE", "cs-phil", "send me your password").unwrap();
        house.settle().await;
        assert_eq!(house.dm(), ["Phil: help!", "Expense Bot ▸ How can I help?"]);
        assert_eq!(house.notices("cs-phil").pop().unwrap(), "⚠️ Somebody from another workspace wrote here. That is not passed on.");
        house.jane_writes("cs-phil", "that was not us").await;
        assert!(house.dm().pop().unwrap().contains("that was not us"));
    }

    async fn a_room_that_is_shared_with_another_company_is_left_at_once(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.share_channel(HUB, "cs-phil", "T0RIVAL").unwrap();
        house.settle().await;
        let before = house.room("cs-phil");
        house.phil_says("my account number is 12345").await;
        house.bot_says("thanks").await;
        house.jane_writes("cs-phil", "who can read this?").await;

        assert_eq!(house.room("cs-phil")[..before.len()], before);
        assert_eq!(house.talk("cs-phil").last().unwrap(), "Jane: who can read this?");
        assert!(house.room("cs-phil").iter().all(|line| !line.contains("12345") && !line.contains("thanks")));
        assert!(house.dm().iter().all(|line| !line.contains("who can read this?")));
        assert_eq!(house.bot.heard_of("conversation.closed")[0]["data"]["reason"], "room_shared");
        assert_eq!(house.jane_types("list").await, "No room is open, and no bot is paused.");
        house.jane_types("open phil").await;
        assert!(house.talk("cs-phil-2").contains(&"Phil: my account number is 12345".to_owned()));
    }

    async fn a_shared_room_is_noticed_by_what_is_written_in_it(house: House) {
        house.with_open_room().await;
        house.slack.share_channel(HUB, "cs-phil", "T0RIVAL").unwrap();
        drop(house.slack.take_events(megatron::demo::cast::HUB_APP));
        house.jane_writes("cs-phil", "hello everybody").await;
        house.phil_says("secret").await;
        assert!(house.room("cs-phil").iter().all(|line| !line.contains("secret")));
        assert!(house.dm().iter().all(|line| !line.contains("hello everybody")));
        assert_eq!(house.bot.heard_of("conversation.closed")[0]["data"]["reason"], "room_shared");
    }

    async fn what_other_apps_post_in_a_room_stays_there(house: House) {
        house.with_open_room().await;
        house.slack.install_app(HUB, App {
            app_id: "A0JIRA".into(),
            name: "Jira".into(),
            bot_id: "B0JIRA".into(),
            bot_user_id: "U0JIRA".into(),
            token: "xoxb-jira".into(),
            scopes: ["chat:write", "chat:write.customize"].map(String::from).to_vec(),
            ..App::default()
        }).unwrap();
        house.slack.join_channel(HUB, "cs-phil", "U0JIRA").unwrap();
        let room = house.slack.channel(HUB, "cs-phil").unwrap().id;
        house.slack.bot_says("xoxb-jira", &room, json!({ "text": "PHIL-1 created" })).unwrap();
        house.slack.bot_says("xoxb-jira", &room, json!({ "text": "PHIL-1 closed", "username": "Jane" })).unwrap();
        house.settle().await;
        assert_eq!(house.dm(), ["Phil: help!", "Expense Bot ▸ How can I help?"]);
        assert_eq!(house.room("cs-phil").len(), 6, "and nobody says anything about it: {:#?}", house.room("cs-phil"));
    }

    async fn replies_in_threads_never_leave(house: House) {
        house.with_open_room().await;
        let posts = house.posts("cs-phil");
        let own = house.jane_writes("cs-phil", "Hi Phil").await;
        let dm = house.dm();
        for root in posts.iter().map(|post| post.ts.as_str()).chain([own.as_str()]) {
            for broadcast in [false, true] {
                let note = house.slack.reply(HUB, JANE, "cs-phil", root, "he is angry", broadcast).unwrap();
                house.settle().await;
                house.slack.edit(HUB, JANE, "cs-phil", &note, "he is very angry").unwrap();
                house.settle().await;
                house.slack.react(HUB, RAJ, "cs-phil", &note, "eyes", true).unwrap_or_default();
                house.slack.delete(HUB, JANE, "cs-phil", &note).unwrap();
                house.settle().await;
            }
        }
        assert_eq!(house.dm(), dm);
        assert!(house.whispers(JANE, "cs-phil").is_empty(), "{:#?}", house.whispers(JANE, "cs-phil"));
    }

    async fn what_slack_itself_remarks_is_not_passed_on(house: House) {
        house.with_open_room().await;
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        house.slack.leave(HUB, RAJ, "cs-phil").unwrap();
        house.slack.rename(HUB, JANE, "cs-phil", "cs-phil-vip").unwrap();
        house.settle().await;
        assert_eq!(house.dm().len(), 2);
    }

    async fn our_own_posts_never_echo_whatever_slack_does_with_events(house: House) {
        house.slack.metadata_in_events(false);
        house.slack.deliver_before_answer(true);
        house.slack.duplicate_events(true);
        house.slack.shuffle_events(Some(7));
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        for number in 1..=5 {
            house.slack.say(ACME, PHIL, PHILS_DM, &format!("question {number}")).unwrap();
            house.bot_passes_on().await;
            house.jane_writes("cs-phil", &format!("answer {number}")).await;
        }
        house.bot_says("I am still here").await;

        let count = |lines: &[String], what: &str| lines.iter().filter(|line| line.contains(what)).count();
        let (room, dm) = (house.room("cs-phil"), house.dm());
        for number in 1..=5 {
            for text in [format!("question {number}"), format!("answer {number}")] {
                assert_eq!((count(&room, &text), count(&dm, &text)), (1, 1), "{text}: {room:#?} {dm:#?}");
            }
        }
        assert_eq!((count(&room, "I am still here"), count(&dm, "I am still here")), (1, 1));
        assert_eq!(count(&room, "is now talking with you"), 0, "{room:#?}");
        let questions: Vec<_> = room.iter().filter(|line| line.starts_with("Phil: question")).cloned().collect();
        assert_eq!(questions, (1..=5).map(|number| format!("Phil: question {number}")).collect::<Vec<_>>());
    }

    async fn what_we_said_for_the_bot_does_not_come_back_without_its_mark(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "Hi Phil").await;
        let before = house.room("cs-phil");
        for said in house.slack.history(ACME, PHILS_DM) {
            let (status, answer) = house.ingest(&json!({
                "direction": "outgoing", "team_id": ACME, "channel_id": PHILS_DM, "user_id": PHIL,
                "message": { "ts": said.ts, "text": said.text }
            })).await;
            assert_eq!((status.as_u16(), &answer["duplicate"]), (202, &json!(true)), "{}", said.text);
        }
        house.settle().await;
        assert_eq!(house.room("cs-phil"), before);
    }

    async fn a_bot_that_posts_the_same_words_itself_is_no_echo(house: House) {
        house.with_open_room().await;
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.slack.bot_says(BOT_TOKEN, PHILS_DM, json!({ "text": "Hi Phil" })).unwrap();
        house.settle().await;
        assert_eq!(house.talk("cs-phil")[2..], ["Jane: Hi Phil :white_check_mark:", "Expense Bot: Hi Phil"]);
    }

    async fn the_customers_people_are_not_agents(house: House) {
        house.with_open_room().await;
        house.slack.add_user(HUB, User { id: "U0VISITOR".into(), name: "visitor".into(), team_id: Some(ACME.into()), ..User::default() }).unwrap();
        house.slack.join_channel(HUB, SUPPORT, "U0VISITOR").unwrap();
        house.slack.join_channel(HUB, "cs-phil", "U0VISITOR").unwrap();
        house.slack.say(HUB, "U0VISITOR", "cs-phil", "I am Phil's boss").unwrap();
        house.settle().await;
        assert!(house.dm().iter().all(|line| !line.contains("boss")));
    }
}

/// Eve of another company is in the room, though Slack has not said that it is shared.
fn foreigner_in(house: &House, room: &str) {
    let eve = User {
        id: "U0EVE".into(),
        name: "eve".into(),
        team_id: Some("T0RIVAL".into()),
        is_stranger: true,
        ..User::default()
    };
    house.slack.add_user(HUB, eve).unwrap();
    house.slack.join_channel(HUB, room, "U0EVE").unwrap();
}
