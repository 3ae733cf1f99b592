//! Somebody was away: what was missed is found, shown in its place, and never shown twice.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use megatron::demo::cast::{ACME, BOT_APP, BOT_TOKEN, HUB, HUB_APP, JANE, PHIL, PHILS_DM};
use megatron::simulator::{NewFile, User};
use serde_json::{Value, json};

use crate::support::bot::Mood;
use crate::support::house::House;
use crate::support::scenarios;

const MISSED: &str = "⏱️ Messages written here that reach Phil only now: 1.";

/// How many calls of this method were made in the customer's workspace.
fn calls(house: &House, method: &str) -> usize {
    house.slack.calls().iter().filter(|call| call.team == ACME && call.method == method).count()
}

/// How the service marks what it shows late.
fn late(house: &House, ts: &str) -> String {
    let seconds: i64 = ts.split_once('.').unwrap().0.parse().unwrap();
    assert!(seconds < house.now().as_second());
    let time = Timestamp::from_second(seconds).unwrap().strftime("%Y-%m-%d %H:%M UTC");
    format!("Megatron ▸ [card] _Late, from_ *<!date^{seconds}^{{date_short_pretty}} at {{time}}|{time}>*")
}

/// What is said, and not heard by anybody; in the same second as everything else that is said then.
fn says(house: &House, text: &str) -> String {
    house.slack.say(ACME, PHIL, PHILS_DM, text).unwrap()
}

fn answers(house: &House, text: &str) -> String {
    house.slack.bot_says(BOT_TOKEN, PHILS_DM, json!({ "text": text })).unwrap()
}

fn writes(house: &House, text: &str) -> String {
    house.slack.say(HUB, JANE, "cs-phil", text).unwrap()
}

/// What people say in the room, whether it says that they have edited it or not.
fn unmarked(house: &House) -> Vec<String> {
    house.talk("cs-phil").iter().map(|line| line.trim_end_matches(" (edited)").to_owned()).collect()
}

fn updates(house: &House) -> usize {
    house.slack.calls().iter().filter(|call| call.method == "chat.update").count()
}

fn times(lines: &[String], text: &str) -> usize {
    lines.iter().filter(|line| line.contains(text)).count()
}

scenarios! {
    async fn what_everybody_said_while_the_service_was_away_is_found_once(house: House) {
        house.with_open_room().await;
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.clock.advance(Duration::from_mins(1));
        let first = says(&house, "Are you there?");
        answers(&house, "I am.");
        let jane = writes(&house, "One moment, Phil.");
        house.slack.reply(HUB, JANE, "cs-phil", &jane, "He sounds cross.", false).unwrap();
        house.slack.reply(HUB, JANE, "cs-phil", &jane, "For all of us: he sounds cross.", true).unwrap();
        house.clock.advance(Duration::from_mins(10));
        let second = says(&house, "Hello?");
        house.clock.advance(Duration::from_mins(10));
        let lost = house.lose_events();
        let lines = house.room("cs-phil").len();
        house.restart().await;

        let found = [
            format!("Megatron ▸ [card] {MISSED}"),
            late(&house, &first),
            "Phil: Are you there?".to_owned(),
            "Expense Bot: I am.".to_owned(),
            late(&house, &second),
            "Phil: Hello?".to_owned(),
        ];
        assert_eq!(house.room_since("cs-phil", lines), found);
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ [card] One moment, Phil.");
        assert_eq!(times(&house.dm(), "he sounds cross") + times(&house.dm(), "He sounds cross"), 0);

        let (room, dm) = (house.room("cs-phil"), house.dm());
        house.brings_after_all(lost).await;
        house.restart().await;
        house.wait(Duration::from_hours(2)).await;
        assert_eq!((house.room("cs-phil"), house.dm()), (room, dm), "nothing comes twice");
    }

    async fn what_is_known_is_not_found_again(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.phil_says("Are you there?").await;
        house.jane_writes("cs-phil", "I am.").await;
        house.asks("messages", json!({ "message": { "text": "Sent for the bot" }, "control_epoch": 1 })).await;
        house.bot_says("Said by the bot").await;
        let (room, dm) = (house.room("cs-phil"), house.dm());
        for _ in 0..3 {
            house.clock.advance(Duration::from_secs(50));
            house.restart().await;
        }
        assert_eq!((house.room("cs-phil"), house.dm()), (room, dm));
        assert_eq!(calls(&house, "conversations.history"), 2, "the import, and one look: the restarts were quick");
    }

    async fn a_host_that_was_away_for_minutes_is_found_out(house: House) {
        house.with_open_room().await;
        house.wait(Duration::from_mins(5)).await;
        let ts = says(&house, "Nobody tells you this");
        drop(house.slack.take_events(BOT_APP));
        house.settle().await;
        let lines = house.room("cs-phil").len();
        house.wait(Duration::from_mins(9)).await;
        assert_eq!(house.room_since("cs-phil", lines), [] as [&str; 0]);
        house.wait(Duration::from_mins(1)).await;
        assert_eq!(house.room_since("cs-phil", lines), [late(&house, &ts), "Phil: Nobody tells you this".to_owned()]);

        let before = calls(&house, "conversations.history");
        house.wait(Duration::from_hours(20)).await;
        let looks = calls(&house, "conversations.history") - before;
        assert_eq!(looks, 2, "one that finds nothing new, and one after people have stopped");
        house.phil_says("Tell them this").await;
        house.wait(Duration::from_hours(5)).await;
        assert_eq!(calls(&house, "conversations.history") - before, looks + 2);
    }

    async fn an_operator_can_do_without_regular_looks(house: House) {
        house.restart_with("rooms.check_history = \"0s\"").await;
        house.with_open_room().await;
        house.wait(Duration::from_hours(5)).await;
        assert_eq!(calls(&house, "conversations.history"), 1, "the import");
    }

    async fn after_an_outage_of_slack_both_sides_are_looked_at(house: House) {
        house.with_open_room().await;
        house.slack.offline(true);
        house.phil_says("Before").await;
        house.wait(Duration::from_mins(1)).await;
        says(&house, "Meanwhile, from Phil");
        writes(&house, "Meanwhile, from Jane");
        house.lose_events();
        house.wait(Duration::from_mins(5)).await;
        house.slack.offline(false);
        house.wait(Duration::from_mins(6)).await;
        let lines = house.room("cs-phil");
        let place = |text: &str| lines.iter().position(|line| line.ends_with(text)).unwrap_or_else(|| panic!("{lines:#?}"));
        assert!(place("Phil: Before") < place("Phil: Meanwhile, from Phil"), "{lines:#?}");
        assert_eq!(times(&lines, "Meanwhile, from Phil"), 1);
        assert_eq!(times(&house.dm(), "Meanwhile, from Jane"), 1, "{:#?}", house.dm());
    }

    async fn a_bot_that_did_not_answer_may_have_been_silent_too(house: House) {
        house.with_open_room().await;
        house.bot.is_in(&[Mood::Status(503); 3]);
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(Duration::from_secs(2)).await;
        assert_eq!(times(&house.room("cs-phil"), "does not answer"), 1, "{:#?}", house.room("cs-phil"));
        says(&house, "Into the void");
        drop(house.slack.take_events(BOT_APP));
        house.wait(Duration::from_secs(30)).await;
        assert_eq!(times(&house.room("cs-phil"), "Phil: Into the void"), 1, "{:#?}", house.room("cs-phil"));
        assert_eq!(times(&house.room("cs-phil"), "_Late"), 0, "half a minute is not late");
    }

    async fn edits_that_were_missed_are_made_good(house: House) {
        house.knows_acme().await;
        let before = house.phil_says("helpp!").await;
        house.jane_types("open phil").await;
        let after = house.phil_says("It is abuot money").await;
        let untouched = house.phil_says("As it was").await;
        house.slack.edit(ACME, PHIL, PHILS_DM, &untouched, "As it is").unwrap();
        house.settle().await;
        house.clock.advance(Duration::from_mins(5));
        for (ts, text) in [(&before, "help!"), (&after, "It is about money")] {
            house.slack.edit(ACME, PHIL, PHILS_DM, ts, text).unwrap();
        }
        let lost = house.lose_events();
        let before = updates(&house);
        house.restart().await;
        let expected = ["Phil: help!", "Phil: It is about money", "Phil: As it is"];
        assert_eq!(unmarked(&house), expected);
        assert_eq!(updates(&house) - before, 2);
        house.clock.advance(Duration::from_mins(5));
        house.restart().await;
        assert_eq!(updates(&house) - before, 2, "once");
        house.brings_after_all(lost).await;
        assert_eq!(unmarked(&house), expected);
    }

    async fn an_edit_of_an_agent_that_was_missed_reaches_the_customer(house: House) {
        house.with_open_room().await;
        let ts = house.jane_writes("cs-phil", "It costs 10 €").await;
        house.clock.advance(Duration::from_mins(5));
        house.slack.edit(HUB, JANE, "cs-phil", &ts, "It costs 12 €").unwrap();
        house.lose_events();
        house.restart().await;
        assert_eq!((times(&house.dm(), "10 €"), times(&house.dm(), "12 €")), (0, 1), "{:#?}", house.dm());
    }

    async fn what_jane_wrote_is_found_in_its_order_whatever_of_it_came_by_itself(house: House) {
        house.with_open_room().await;
        house.clock.advance(Duration::from_mins(5));
        let first = writes(&house, "one");
        writes(&house, "two");
        let lost = house.lose_events();
        house.clock.advance(Duration::from_secs(3));
        house.slack.edit(HUB, JANE, "cs-phil", &first, "one, edited").unwrap();
        house.settle().await;
        house.clock.advance(Duration::from_secs(3));
        house.slack.edit(HUB, JANE, "cs-phil", &first, "one, edited twice").unwrap();
        let edit = house.lose_events();
        assert_eq!(house.got_from_agents(), ["one, edited"]);
        house.wait(Duration::from_mins(11)).await;
        assert_eq!(house.got_from_agents(), ["one, edited twice", "two"]);
        house.brings_after_all(edit).await;
        house.brings_after_all(lost).await;
        assert_eq!(house.got_from_agents(), ["one, edited twice", "two"]);
        assert_eq!(times(&house.room("cs-phil"), MISSED), 1, "one of them: {:#?}", house.room("cs-phil"));
    }

    async fn an_edit_that_was_found_is_not_undone_by_an_older_one(house: House) {
        house.with_open_room().await;
        house.clock.advance(Duration::from_mins(5));
        let ts = writes(&house, "Ask Bob");
        house.clock.advance(Duration::from_secs(3));
        house.slack.edit(HUB, JANE, "cs-phil", &ts, "Ask Raj").unwrap();
        let lost = house.lose_events();
        house.clock.advance(Duration::from_secs(3));
        house.slack.edit(HUB, JANE, "cs-phil", &ts, "Ask Raj, please").unwrap();
        house.lose_events();
        house.restart().await;
        house.brings_after_all(lost).await;
        assert_eq!(times(&house.dm(), "Ask Raj, please"), 1, "{:#?}", house.dm());
        assert_eq!(times(&house.dm(), "Ask"), 1, "{:#?}", house.dm());
        let updated = updates(&house);
        house.clock.advance(Duration::from_mins(5));
        house.restart().await;
        assert_eq!(updates(&house), updated, "and it is not found again");
    }

    async fn more_than_slack_hands_out_is_told(house: House) {
        house.with_open_room().await;
        house.clock.advance(Duration::from_mins(5));
        for number in 0..20 {
            says(&house, &format!("line {number}"));
        }
        house.lose_events();
        let lines = house.room("cs-phil").len();
        house.restart().await;
        house.wait(Duration::from_mins(1)).await;
        let found = house.room_since("cs-phil", lines);
        assert!(found[0].contains("More was missed than Slack hands out"), "{found:#?}");
        let shown: Vec<_> = found.iter().filter(|line| line.starts_with("Phil: ")).cloned().collect();
        assert_eq!(shown, (5..20).map(|number| format!("Phil: line {number}")).collect::<Vec<_>>());
    }

    async fn a_look_that_must_wait_for_its_minute_delays_nothing_else(house: House) {
        house.slack.restrict_history(BOT_APP);
        let customers = house.with_crowd(3).await;
        house.wait(Duration::from_mins(30)).await;
        for customer in &customers {
            house.slack.say(ACME, &customer.user, &customer.dm, "while you were away").unwrap();
        }
        house.lose_events();
        house.restart().await;
        let found = || customers.iter().filter(|customer| times(&house.room(&customer.room), "while you were away") == 1).count();
        assert_eq!(found(), 1, "one a minute");
        for customer in &customers {
            house.says(&customer.user, &customer.dm, "and now").await;
            house.slack.say(HUB, JANE, &customer.room, "I am back").unwrap();
        }
        house.settle().await;
        for customer in &customers {
            assert_eq!(times(&house.room(&customer.room), "and now"), 1);
            assert_eq!(times(&house.slack.lines(ACME, &customer.dm), "I am back"), 1);
        }
        house.wait(Duration::from_mins(5)).await;
        assert_eq!(found(), 3, "in the end all");
    }

    async fn an_import_goes_before_looks_that_wait(house: House) {
        house.slack.restrict_history(BOT_APP);
        let customers = house.with_crowd(4).await;
        house.wait(Duration::from_hours(1)).await;
        house.phil_says("help!").await;
        house.restart().await;
        house.jane_types("open phil").await;
        house.wait(Duration::from_secs(61)).await;
        assert_eq!(times(&house.room("cs-phil"), "Phil: help!"), 1, "{:#?}", house.room("cs-phil"));
        assert_eq!(customers.len(), 4);
    }

    async fn a_history_that_nobody_may_read_is_told_once(house: House) {
        house.with_open_room().await;
        house.slack.take_scope(BOT_TOKEN, "im:history");
        for _ in 0..3 {
            house.phil_says("still here").await;
            house.wait(Duration::from_hours(1)).await;
            house.restart().await;
        }
        assert_eq!(times(&house.room("cs-phil"), "may be missing here"), 1, "{:#?}", house.room("cs-phil"));
        assert_eq!(times(&house.room("cs-phil"), "Phil: still here"), 3);
    }

    async fn what_a_stranger_wrote_meanwhile_stays_in_the_room(house: House) {
        house.with_open_room().await;
        let stranger = User { id: "U0EVE".into(), name: "eve".into(), team_id: Some("T0OTHER".into()), ..User::default() };
        house.slack.add_user(HUB, stranger).unwrap();
        house.slack.join_channel(HUB, "cs-phil", "U0EVE").unwrap();
        house.settle().await;
        house.clock.advance(Duration::from_mins(5));
        house.slack.say(HUB, "U0EVE", "cs-phil", "Trust me").unwrap();
        house.lose_events();
        let dm = house.dm();
        house.restart().await;
        assert_eq!(house.dm(), dm);
    }

    async fn a_room_that_is_opened_while_the_host_is_away_has_all_of_it(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.clock.advance(Duration::from_mins(5));
        says(&house, "one");
        drop(house.slack.take_events(BOT_APP));
        house.jane_types("open phil").await;
        says(&house, "two");
        drop(house.slack.take_events(BOT_APP));
        house.wait(Duration::from_mins(15)).await;
        assert_eq!(house.talk("cs-phil"), ["Phil: help!", "Phil: one", "Phil: two"]);
    }

    async fn a_room_that_was_archived_while_the_service_was_away_is_given_up(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.archive(HUB, JANE, "cs-phil").unwrap();
        house.lose_events();
        house.restart().await;
        assert_eq!(house.control().await, "bot, active, 2");
        assert_eq!(house.state().await["room"], Value::Null);
    }

    async fn answers_in_a_thread_that_were_missed_are_found(house: House) {
        house.with_open_room().await;
        let root = house.phil_says("What is this?").await;
        house.bot_answers_in(&root, "An invoice.").await;
        house.clock.advance(Duration::from_mins(5));
        house.slack.reply(ACME, PHIL, PHILS_DM, &root, "Whose?", false).unwrap();
        house.slack.bot_says(BOT_TOKEN, PHILS_DM, json!({ "text": "Yours.", "thread_ts": root })).unwrap();
        house.lose_events();
        house.clock.advance(Duration::from_mins(5));
        house.restart().await;
        let talk = house.talk("cs-phil");
        assert_eq!(talk[talk.len() - 4..], ["Phil: What is this?", "Expense Bot: An invoice.", "Phil: Whose?", "Expense Bot: Yours."]);
    }

    async fn threads_are_imported_with_the_rest_in_the_order_of_time(house: House) {
        house.knows_acme().await;
        let first = house.phil_says("first question").await;
        let second = house.phil_says("second question").await;
        house.bot_answers_in(&first, "first answer").await;
        house.bot_answers_in(&second, "second answer").await;
        house.jane_types("open phil").await;
        assert_eq!(
            house.talk("cs-phil"),
            ["Phil: first question", "Phil: second question", "Expense Bot: first answer", "Expense Bot: second answer"]
        );
        assert!(house.notices("cs-phil").iter().all(|line| !line.contains("not imported")));
    }

    async fn threads_that_slack_keeps_back_are_told_and_not_waited_for(house: House) {
        house.slack.restrict_history(BOT_APP);
        house.knows_acme().await;
        let first = house.phil_says("first question").await;
        let second = house.phil_says("second question").await;
        for answer in ["one", "two"] {
            house.bot_answers_in(&first, answer).await;
        }
        house.bot_answers_in(&second, "three").await;
        house.jane_types("open phil").await;
        assert_eq!(house.talk("cs-phil"), ["Phil: first question", "Phil: second question", "Expense Bot: three"]);
        assert_eq!(house.notices("cs-phil").last().unwrap(), "Earlier replies in threads that were not imported: 2.");
    }

    async fn fifteen_messages_of_all_kinds_are_imported_within_three_seconds(house: House) {
        house.knows_acme().await;
        house.slack.enforce_pacing(true);
        let bot = |message: Value| house.slack.bot_says(BOT_TOKEN, PHILS_DM, message).unwrap();
        let root = says(&house, "01 plain");
        bot(json!({ "text": "02 blocks", "blocks": [{ "type": "section", "text": { "type": "mrkdwn", "text": "02 *blocks*" } }] }));
        bot(json!({ "text": "03 attachment", "attachments": [{ "text": "more of it", "color": "#ff0000" }] }));
        let wrong = says(&house, "04 wrogn");
        house.slack.edit(ACME, PHIL, PHILS_DM, &wrong, "04 edited").unwrap();
        bot(json!({ "text": "05 in a thread", "thread_ts": root }));
        house.slack.reply(ACME, PHIL, PHILS_DM, &root, "06 in a thread and outside", true).unwrap();
        let loved = says(&house, "07 with a reaction");
        house.slack.react(ACME, PHIL, PHILS_DM, &loved, "heart", true).unwrap();
        bot(json!({ "text": "08 actions", "blocks": [{ "type": "actions", "elements": [
            { "type": "button", "action_id": "a", "text": { "type": "plain_text", "text": "08 Approve" } }] }] }));
        house.slack.post_as_user(ACME, PHIL, PHILS_DM, json!({ "text": "09 waves", "subtype": "me_message" })).unwrap();
        let file = NewFile::image("10.png", b"\x89PNG\r\n", (4, 3), "a form");
        house.slack.share_files(ACME, PHIL, PHILS_DM, &[file], json!({ "text": "10 a picture" })).unwrap();
        for number in 11..=15 {
            says(&house, &format!("{number} <https://a.example|link> &amp; <@U0PHIL>"));
        }
        house.settle().await;

        let asked_at = house.now();
        house.jane_types("open phil").await;
        house.wait(Duration::from_mins(1)).await;
        let posts = house.slack.calls().into_iter().filter(|call| ["chat.postMessage", "files.completeUploadExternal"].contains(&call.method.as_str()) && call.app_id == HUB_APP);
        let last = posts.filter(|call| call.args["username"].is_string() || call.method.starts_with("files")).map(|call| call.at).max().unwrap();
        assert!(last.duration_since(asked_at) <= SignedDuration::from_secs(3), "{asked_at} to {last}");
        let posts: Vec<String> = house.posts("cs-phil").iter().filter(|post| !post.by_app || post.files.is_array()).map(|post| format!("{} {}", post.text, post.blocks)).collect();
        assert_eq!(posts.len(), 15, "{posts:#?}");
        for (number, post) in (1..).zip(&posts) {
            assert!(post.contains(&format!("{number:02} ")), "{number}: {post}");
        }
    }
}
