//! What becomes of messages after they were said: edits, deletions and reactions, from either side.

use std::time::Duration;

use megatron::config::Delivery;
use megatron::demo::cast::{ACME, BOT_TOKEN, HUB, JANE, PHIL, PHILS_DM, RAJ};
use megatron::simulator::{Fault, Seen};
use megatron::takeover::conversation::Agent;
use serde_json::{Value, json};

use crate::support::house::House;
use crate::support::scenarios;

impl House {
    /// The newest post of the room that says this, whatever has become of it.
    fn post_saying(&self, room: &str, words: &str) -> Seen {
        let mut posts = self.slack.history(HUB, room);
        posts.retain(|post| post.text.contains(words) || post.blocks.to_string().contains(words));
        posts.pop().unwrap_or_else(|| panic!("nothing says {words}: {:#?}", self.room(room)))
    }

    /// As [`Self::post_saying`], in Phil's DM.
    fn dm_saying(&self, words: &str) -> Seen {
        let mut posts = self.slack.history(ACME, PHILS_DM);
        posts.retain(|post| post.text.contains(words) || post.blocks.to_string().contains(words));
        posts.pop().unwrap_or_else(|| panic!("nothing says {words}: {:#?}", self.dm()))
    }

    async fn phil_edits(&self, ts: &str, text: &str) {
        self.slack.edit(ACME, PHIL, PHILS_DM, ts, text).unwrap();
        self.settle().await;
    }

    async fn jane_edits(&self, ts: &str, text: &str) {
        self.slack.edit(HUB, JANE, "cs-phil", ts, text).unwrap();
        self.settle().await;
    }

    /// Something that the bot passes on, in the plain shape.
    async fn heard(&self, direction: &str, message: Value) -> Value {
        let body = json!({ "direction": direction, "team_id": ACME, "channel_id": PHILS_DM, "user_id": PHIL, "message": message });
        let (status, answer) = self.ingest(&body).await;
        assert_eq!(status.as_u16(), 202, "{answer}");
        self.settle().await;
        answer
    }
}

fn writes(house: &House, text: &str) -> String {
    house.slack.say(HUB, JANE, "cs-phil", text).unwrap()
}

fn edit(ts: &str, stamp: &str, text: &str) -> Value {
    json!({ "subtype": "message_changed", "ts": stamp, "hidden": true,
        "message": { "ts": ts, "user": PHIL, "text": text, "edited": { "user": PHIL, "ts": "1795168900.000000" } } })
}

scenarios! {
    async fn what_phil_edits_reads_otherwise_in_the_room_and_still_says_who_it_was(house: House) {
        house.with_open_room().await;
        house.slack.update_drops_identity(true);
        let ts = house.phil_says("I ned help").await;
        let before = house.posts("cs-phil").len();
        let post = house.posts("cs-phil").pop().unwrap();
        house.phil_edits(&ts, "I need <@U0PHILIPPA>").await;

        let edited = house.post_saying("cs-phil", "I need");
        assert_eq!((edited.ts, house.posts("cs-phil").len()), (post.ts, before), "the same message, and no other");
        assert_eq!(edited.text, "I need @Philippa");
        assert!(edited.blocks.to_string().contains("*Phil* · edited"), "{}", edited.blocks);
    }

    async fn what_the_bot_edits_reads_otherwise_in_the_room(house: House) {
        house.with_open_room().await;
        let ts = house.bot_says("Looking …").await;
        let answer = house.slack.call(BOT_TOKEN, "chat.update", json!({ "channel": PHILS_DM, "ts": ts, "text": "It is 12 EUR", "blocks": [
            { "type": "section", "text": { "type": "mrkdwn", "text": "*12 EUR*" } },
            { "type": "actions", "elements": [{ "type": "button", "text": { "type": "plain_text", "text": "Fine" }, "action_id": "fine" }] }] }));
        assert_eq!(answer["ok"], true);
        house.settle().await;
        let edited = house.post_saying("cs-phil", "12 EUR");
        assert_eq!(edited.text, "It is 12 EUR");
        let blocks = edited.blocks.to_string();
        assert!(blocks.contains("*12 EUR*") && blocks.contains("[ Fine ]") && blocks.contains("*Expense Bot* · edited"), "{blocks}");
    }

    async fn what_jane_edits_phil_reads_otherwise_still_signed(house: House) {
        house.with_open_room().await;
        let ts = house.jane_writes("cs-phil", "Ask Bob").await;
        let (copy, before) = (house.dm_saying("Ask Bob").ts, house.dm().len());
        house.jane_edits(&ts, "Ask <@U0RAJ>").await;
        let edited = house.dm_saying("Ask @Raj");
        assert_eq!((&edited.ts, house.dm().len()), (&copy, before));
        assert!(edited.blocks.to_string().contains("sent by Jane from Initech"), "{}", edited.blocks);
        assert!(!edited.blocks.to_string().contains("U0RAJ"));
        assert_eq!(house.posts("cs-phil").iter().filter(|post| post.text.contains("Ask")).count(), 1, "no echo");
    }

    async fn edits_find_their_message_after_a_restart_and_in_imported_history(house: House) {
        house.knows_acme().await;
        let old = house.phil_says("an old one").await;
        house.jane_types("open phil").await;
        let new = house.phil_says("a new one").await;
        let hers = house.jane_writes("cs-phil", "one of hers").await;
        house.restart().await;
        house.phil_edits(&old, "an older one").await;
        house.phil_edits(&new, "a newer one").await;
        house.jane_edits(&hers, "another of hers").await;
        for words in ["an older one", "a newer one"] {
            house.post_saying("cs-phil", words);
        }
        house.dm_saying("another of hers");
        let all = format!("{:?} {:?}", house.room("cs-phil"), house.dm());
        assert!(!all.contains("one of hers :") || !all.contains("[card] one of hers"), "{all}");
        assert!(!house.room("cs-phil").iter().any(|line| line.contains("an old one") || line.contains("a new one")));
    }

    async fn a_change_that_is_sent_twice_is_made_once(house: House) {
        house.with_open_room().await;
        let ts = house.phil_says("first").await;
        let reaction = |kind: &str, stamp: &str| json!({ "type": "event_callback", "team_id": ACME, "event": { "type": kind, "user": PHIL,
            "reaction": "tada", "item": { "type": "message", "channel": PHILS_DM, "ts": ts }, "event_ts": stamp } });
        let plain = |message: Value| json!({ "direction": "incoming", "team_id": ACME, "channel_id": PHILS_DM, "user_id": PHIL, "message": message });
        for (method, body) in [
            ("chat.update", plain(edit(&ts, "1795168903.000300", "second"))),
            ("reactions.add", reaction("reaction_added", "1795168904.000100")),
            ("reactions.remove", reaction("reaction_removed", "1795168905.000100")),
            ("chat.delete", plain(json!({ "subtype": "message_deleted", "deleted_ts": ts, "ts": "1795168906.000100" }))),
        ] {
            for duplicate in [false, true] {
                let (_, answer) = house.ingest(&body).await;
                assert_eq!((&answer["watched"], &answer["duplicate"]), (&json!(true), &json!(duplicate)), "{method}");
                house.settle().await;
            }
            assert_eq!(house.slack.calls().iter().filter(|call| call.method == method).count(), 1, "{method}");
        }
    }

    async fn the_newest_edit_stays_whatever_comes_later(house: House) {
        house.with_open_room().await;
        let ts = house.phil_says("first").await;
        house.heard("incoming", edit(&ts, "1795168903.000300", "third")).await;
        house.heard("incoming", edit(&ts, "1795168902.000200", "second")).await;
        house.post_saying("cs-phil", "third");
        assert!(!house.room("cs-phil").concat().contains("second"));
    }

    async fn an_edit_that_comes_before_its_message_waits_for_it(house: House) {
        house.with_open_room().await;
        let ts = "1795169000.000100";
        house.clock.advance_to("2026-11-20T10:03:30Z".parse().unwrap());
        house.settle().await;
        let before = house.room("cs-phil").len();
        house.heard("incoming", edit(ts, "1795169001.000100", "I need help")).await;
        assert_eq!(house.room("cs-phil").len(), before, "it waits");
        let answer = house.heard("incoming", json!({ "ts": ts, "text": "I ned help" })).await;
        assert_eq!((&answer["watched"], &answer["duplicate"]), (&json!(true), &json!(false)));
        assert_eq!(house.room_since("cs-phil", before), ["Phil: I need help"]);
    }

    async fn an_edit_whose_message_never_comes_is_shown_with_its_time(house: House) {
        house.with_open_room().await;
        house.clock.advance_to("2026-11-20T10:03:30Z".parse().unwrap());
        let before = house.room("cs-phil").len();
        house.heard("incoming", edit("1795169000.000100", "1795169001.000100", "I need help")).await;
        house.restart().await;
        house.wait(Duration::from_secs(31)).await;
        let shown = house.room_since("cs-phil", before);
        assert!(shown[0].contains("✏️ Phil edited a message (*<!date^1795169000"), "{shown:?}");
        assert_eq!(shown[1..], ["Phil: I need help"]);
    }

    async fn a_message_that_comes_long_after_its_edit_is_not_said_again(house: House) {
        house.with_open_room().await;
        // Slack's first tries fail, the next comes after a minute; the edits arrive.
        let ts = house.slack.say(HUB, JANE, "cs-phil", "Ask Bob").unwrap();
        let first = house.lose_events();
        house.wait(Duration::from_secs(1)).await;
        house.jane_edits(&ts, "Ask Raj").await;
        let phils = house.slack.say(ACME, PHIL, PHILS_DM, "Whom?").unwrap();
        let second = house.lose_events();
        house.wait(Duration::from_secs(1)).await;
        house.phil_edits(&phils, "Whom exactly?").await;
        house.wait(Duration::from_mins(1)).await;
        house.brings_after_all(first).await;
        house.brings_after_all(second).await;
        let told = |lines: Vec<String>, words: &str| lines.iter().filter(|line| line.contains(words)).count();
        assert_eq!((told(house.dm(), "Ask"), told(house.dm(), "Ask Raj")), (1, 1), "{:#?}", house.dm());
        let room = house.room("cs-phil");
        assert_eq!((told(room.clone(), "Whom"), told(room.clone(), "Whom exactly?")), (1, 1), "{room:#?}");

        house.jane_edits(&ts, "Ask Raj, please").await;
        house.phil_edits(&phils, "Whom, please?").await;
        assert_eq!((told(house.dm(), "Ask"), told(house.dm(), "Ask Raj, please")), (1, 1), "{:#?}", house.dm());
        assert_eq!(told(house.room("cs-phil"), "Whom, please?"), 1, "{:#?}", house.room("cs-phil"));
    }

    async fn what_jane_edits_before_it_comes_keeps_its_place_and_reads_as_edited_last(house: House) {
        house.with_open_room().await;
        let ts = writes(&house, "Ask Bob");
        let first = house.lose_events();
        house.wait(Duration::from_secs(3)).await;
        house.jane_edits(&ts, "Ask Raj").await;
        house.jane_writes("cs-phil", "He knows").await;
        house.wait(Duration::from_secs(3)).await;
        house.jane_edits(&ts, "Ask Raj, please").await;
        house.jane_writes("cs-phil", "Bye").await;
        let expected = ["Ask Raj, please", "He knows", "Bye"];
        assert_eq!(house.got_from_agents(), expected);
        house.wait(Duration::from_mins(1)).await;
        house.brings_after_all(first).await;
        assert_eq!(house.got_from_agents(), expected);
        let told = house.whispers(JANE, "cs-phil");
        assert!(!told.concat().contains("was not passed on"), "{told:#?}");
    }

    async fn an_edit_that_comes_after_a_newer_one_and_before_the_message_changes_nothing(house: House) {
        house.with_open_room().await;
        let ts = writes(&house, "Ask Bob");
        let message = house.lose_events();
        house.wait(Duration::from_secs(3)).await;
        house.slack.edit(HUB, JANE, "cs-phil", &ts, "Ask Raj").unwrap();
        let first = house.lose_events();
        house.wait(Duration::from_secs(3)).await;
        house.jane_edits(&ts, "Ask Raj, please").await;
        house.brings_after_all(first).await;
        house.brings_after_all(message).await;
        assert_eq!(house.got_from_agents(), ["Ask Raj, please"]);
    }

    async fn what_jane_deletes_before_it_comes_phil_never_gets(house: House) {
        house.with_open_room().await;
        let ts = writes(&house, "Ask Bob");
        let first = house.lose_events();
        house.jane_edits(&ts, "Ask Raj").await;
        house.slack.delete(HUB, JANE, "cs-phil", &ts).unwrap();
        house.settle().await;
        house.brings_after_all(first).await;
        assert_eq!(house.got_from_agents(), [] as [&str; 0]);
    }

    async fn who_always_pauses_does_so_with_an_edit_that_comes_first(house: House) {
        house.with_open_room().await;
        let (agent, db) = (Agent { user_id: JANE.into(), name: String::new() }, &house.app.relay().db);
        let mut tx = db.begin().await.unwrap();
        megatron::store::agents::always_pause(&mut tx, &agent).await.unwrap();
        tx.commit().await.unwrap();
        let ts = writes(&house, "Ask Bob");
        house.lose_events();
        house.jane_edits(&ts, "Ask Raj").await;
        assert_eq!(house.control().await, "human, paused, 1");
        assert_eq!(house.got_from_agents(), ["Ask Raj"]);
    }

    async fn words_that_were_found_edited_can_be_retried(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        let ts = writes(&house, "Ask Bob");
        house.lose_events();
        house.slack.fail_next("chat.postMessage", Fault::Error("error_of_next_year".into()));
        house.jane_edits(&ts, "Ask Raj").await;
        assert_eq!(house.got_from_agents(), [] as [&str; 0]);
        house.jane_presses("cs-phil", "megatron.retry").await;
        assert_eq!(house.got_from_agents(), ["Ask Raj"]);
    }

    async fn an_edit_of_what_the_room_never_showed_is_shown_with_its_time(house: House) {
        house.restart_with("rooms.history = 0").await;
        house.knows_acme().await;
        let ts = house.phil_says("long ago").await;
        house.wait(Duration::from_mins(5)).await;
        house.jane_types("open phil").await;
        let before = house.room("cs-phil").len();
        house.phil_edits(&ts, "long, long ago").await;
        let shown = house.room_since("cs-phil", before);
        assert!(shown[0].contains("✏️ Phil edited a message ("), "{shown:?}");
        assert_eq!(shown[1..], ["Phil: long, long ago"]);
    }

    async fn what_phil_deletes_is_gone_from_the_room_and_the_room_knows(house: House) {
        house.with_open_room().await;
        let ts = house.phil_says("my password is hunter2").await;
        house.slack.delete(ACME, PHIL, PHILS_DM, &ts).unwrap();
        house.settle().await;
        assert!(!house.slack.history(HUB, "cs-phil").iter().any(|post| !post.deleted && post.text.contains("hunter2")));
        assert_eq!(house.notices("cs-phil").pop().unwrap(), "🗑️ Phil deleted a message.");
    }

    async fn what_the_bot_tidies_up_goes_without_a_word(house: House) {
        house.with_open_room().await;
        let ts = house.bot_says("thinking …").await;
        let before = house.posts("cs-phil").len();
        let answer = house.slack.call(BOT_TOKEN, "chat.delete", json!({ "channel": PHILS_DM, "ts": ts }));
        assert_eq!(answer["ok"], true);
        house.settle().await;
        let living = house.posts("cs-phil").into_iter().filter(|post| !post.deleted).count();
        assert_eq!(living, before - 1);
    }

    async fn a_deleted_root_of_a_thread_is_one_deletion_and_no_row_of_edits(house: House) {
        house.with_open_room().await;
        let ts = house.phil_says("a question").await;
        house.slack.reply(ACME, PHIL, PHILS_DM, &ts, "more of it", false).unwrap();
        house.settle().await;
        let before = house.room("cs-phil").len();
        house.slack.delete(ACME, PHIL, PHILS_DM, &ts).unwrap();
        house.settle().await;
        house.slack.reply(ACME, PHIL, PHILS_DM, &ts, "and more", false).unwrap();
        house.settle().await;
        let shown = house.room_since("cs-phil", before);
        assert!(shown[0].contains("🗑️ Phil deleted a message."), "{shown:?}");
        assert_eq!(shown.len(), 2, "{shown:?}");
    }

    async fn a_deletion_that_comes_before_its_message_keeps_it_out(house: House) {
        house.with_open_room().await;
        house.clock.advance_to("2026-11-20T10:03:30Z".parse().unwrap());
        let ts = "1795169000.000100";
        house.heard("incoming", json!({ "subtype": "message_deleted", "deleted_ts": ts, "ts": "1795169001.000100" })).await;
        house.heard("incoming", json!({ "ts": ts, "text": "my password" })).await;
        assert!(!house.room("cs-phil").concat().contains("password"));
        assert_eq!(house.notices("cs-phil").pop().unwrap(), "Phil 🗑️ deleted a message before it could be shown here");
    }

    async fn what_jane_deletes_phil_has_no_more(house: House) {
        house.with_open_room().await;
        let ts = house.jane_writes("cs-phil", "wrong window").await;
        let copy = house.dm_saying("wrong window").ts;
        house.restart().await;
        house.slack.delete(HUB, JANE, "cs-phil", &ts).unwrap();
        house.settle().await;
        assert!(house.slack.history(ACME, PHILS_DM).iter().all(|post| post.ts != copy || post.deleted));
        assert!(!house.dm().concat().contains("wrong window"));
    }

    async fn jane_takes_a_message_back_with_a_shortcut(house: House) {
        house.with_open_room().await;
        let ts = house.jane_writes("cs-phil", "wrong window").await;
        house.slack.message_shortcut(HUB, JANE, "cs-phil", &ts, "megatron.recall").await.unwrap();
        house.settle().await;
        assert!(!house.dm().concat().contains("wrong window"), "{:?}", house.dm());
        assert_eq!(house.notices("cs-phil").pop().unwrap(), "↩️ Jane took a message back: Phil has it no more.");
        house.slack.message_shortcut(HUB, JANE, "cs-phil", &ts, "megatron.recall").await.unwrap();
        house.settle().await;
        let whispers = house.whispers(JANE, "cs-phil");
        assert!(whispers.last().unwrap().contains("That message has been taken back already."), "{whispers:?}");
        house.jane_edits(&ts, "right window").await;
        assert!(!house.dm().concat().contains("right window"), "what was taken back does not return");
    }

    async fn what_phil_never_got_cannot_be_taken_back(house: House) {
        house.with_open_room().await;
        let ts = house.phil_says("mine").await;
        let mirrored = house.post_saying("cs-phil", "mine").ts;
        house.slack.message_shortcut(HUB, JANE, "cs-phil", &mirrored, "megatron.recall").await.unwrap();
        house.settle().await;
        let whispers = house.whispers(JANE, "cs-phil").concat();
        assert!(whispers.contains("Only what an agent wrote can be taken back from Phil."), "{whispers}");
        assert!(house.slack.history(ACME, PHILS_DM).iter().any(|post| post.ts == ts && !post.deleted));
    }

    async fn a_message_that_still_waits_is_not_sent_once_it_is_deleted(house: House) {
        house.with_open_room().await;
        house.slack.fail_times("chat.postMessage", 2, Fault::RateLimited { retry_after_secs: 30 });
        let ts = house.jane_writes("cs-phil", "not for Phil").await;
        house.slack.delete(HUB, JANE, "cs-phil", &ts).unwrap();
        house.settle().await;
        house.wait(Duration::from_mins(3)).await;
        assert!(!house.slack.history(ACME, PHILS_DM).iter().any(|post| post.text.contains("not for Phil")));
    }

    async fn a_held_message_is_sent_as_it_reads_last_or_not_at_all(house: House) {
        house.restart_with("rooms.on_agent_message = \"hold\"").await;
        house.with_open_room().await;
        let first = house.jane_writes("cs-phil", "Helo").await;
        let second = house.jane_writes("cs-phil", "not this").await;
        house.jane_edits(&first, "Hello").await;
        house.slack.delete(HUB, JANE, "cs-phil", &second).unwrap();
        house.settle().await;
        house.jane_presses("cs-phil", "megatron.pause").await;
        let dm = house.dm().concat();
        assert!(dm.contains("Hello") && !dm.contains("Helo") && !dm.contains("not this"), "{dm}");
    }

    async fn a_failed_message_that_was_edited_or_deleted_since_is_not_tried_again(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        for (number, after) in ["edited", "deleted"].into_iter().enumerate() {
            house.slack.fail_next("chat.postMessage", Fault::Error("error_of_next_year".into()));
            let words = format!("words {number}");
            let ts = house.jane_writes("cs-phil", &words).await;
            if after == "edited" {
                house.jane_edits(&ts, "other words").await;
                assert!(house.whispers(JANE, "cs-phil").last().unwrap().contains("so the edit was not passed on"));
            } else {
                house.slack.delete(HUB, JANE, "cs-phil", &ts).unwrap();
                house.settle().await;
            }
            house.jane_presses("cs-phil", "megatron.retry").await;
            assert!(house.whispers(JANE, "cs-phil").last().unwrap().contains(&format!("That message was {after} since")));
            assert!(!house.dm().concat().contains(&words), "{:?}", house.dm());
        }
    }

    async fn an_edit_that_slack_refuses_is_said_anew_on_either_side(house: House) {
        house.with_open_room().await;
        let his = house.phil_says("I ned help").await;
        house.slack.fail_next("chat.update", Fault::Error("edit_window_closed".into()));
        house.phil_edits(&his, "I need help").await;
        let talk = house.talk("cs-phil");
        assert_eq!(talk[talk.len() - 2..], ["Phil: I ned help", "Phil: I need help"]);
        assert!(house.notices("cs-phil").pop().unwrap().contains("✏️ Phil edited an earlier message, which cannot be changed here"));

        let hers = house.jane_writes("cs-phil", "Helo").await;
        house.slack.fail_next("chat.update", Fault::Error("cant_update_message".into()));
        house.jane_edits(&hers, "Hello").await;
        let dm = house.dm();
        assert_eq!(dm[dm.len() - 2..], ["Expense Bot ▸ [card] Helo", "Expense Bot ▸ [card] Hello"]);
        assert!(house.notices("cs-phil").pop().unwrap().contains("Phil keeps the old message, since it cannot be edited any more"));
    }

    async fn a_deletion_that_slack_refuses_is_told_with_a_retry(house: House) {
        house.with_open_room().await;
        let ts = house.jane_writes("cs-phil", "oops").await;
        house.slack.fail_next("chat.delete", Fault::Error("cant_delete_message".into()));
        house.slack.delete(HUB, JANE, "cs-phil", &ts).unwrap();
        house.settle().await;
        assert!(house.notices("cs-phil").pop().unwrap().contains("*Phil still sees a message that was deleted here*"));
        house.jane_presses("cs-phil", "megatron.retry").await;
        assert!(!house.dm().concat().contains("oops"));
    }

    async fn the_parts_of_a_long_message_keep_in_step_with_its_edits(house: House) {
        house.with_open_room().await;
        let words = |count: usize| (0..count).map(|number| format!("word{number} ")).collect::<Vec<_>>().concat();
        let his = house.phil_says(words(1000).trim()).await;
        let hers = house.jane_writes("cs-phil", words(1000).trim()).await;
        house.wait(Duration::from_secs(10)).await;
        for count in [1500, 400, 900] {
            house.phil_edits(&his, words(count).trim()).await;
            house.jane_edits(&hers, words(count).trim()).await;
            house.wait(Duration::from_secs(10)).await;
            let in_room = house.slack.history(HUB, "cs-phil").into_iter().filter(|post| post.author == "Phil");
            let in_dm = house.slack.history(ACME, PHILS_DM).into_iter().filter(|post| post.by_app);
            for (side, posts) in [("room", in_room.collect::<Vec<_>>()), ("DM", in_dm.collect())] {
                let living = posts.iter().filter(|post| !post.deleted);
                let all = living.map(|post| format!("{} {}", post.text, post.blocks)).collect::<Vec<_>>().concat();
                for number in [0, 150, 399] {
                    assert!(all.contains(&format!("word{number} ")), "{count} in the {side}: word{number} is missing");
                }
                assert!(all.contains(&format!("word{} ", count - 2)), "{count} in the {side}: its end is missing");
                assert!(!all.contains(&format!("word{count} ")), "{count} in the {side}: what was cut is still there");
            }
        }
    }

    async fn reactions_show_on_the_message_on_the_other_side(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        let his = house.phil_says("thanks!").await;
        let mirrored = house.post_saying("cs-phil", "thanks!").ts;
        let hers = house.jane_writes("cs-phil", "you are welcome").await;
        let said = house.dm_saying("you are welcome").ts;

        house.slack.react(ACME, PHIL, PHILS_DM, &said, "heart", true).unwrap();
        house.slack.react(HUB, JANE, "cs-phil", &mirrored, "tada", true).unwrap();
        house.settle().await;
        let names = |reactions: Vec<(String, Vec<String>)>| reactions.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
        let on_hers = |house: &House| names(house.posts("cs-phil").into_iter().find(|post| post.ts == hers).unwrap().reactions);
        let on_his = |house: &House| names(house.slack.history(ACME, PHILS_DM).into_iter().find(|post| post.ts == his).unwrap().reactions);
        assert_eq!(on_hers(&house), ["white_check_mark", "heart"]);
        assert_eq!(on_his(&house), ["tada"]);

        house.slack.react(ACME, PHIL, PHILS_DM, &said, "heart", false).unwrap();
        house.slack.react(HUB, JANE, "cs-phil", &mirrored, "tada", false).unwrap();
        house.settle().await;
        assert_eq!(on_hers(&house), ["white_check_mark"]);
        assert_eq!(on_his(&house), Vec::<String>::new());
        assert!(house.posts("cs-phil").iter().all(|post| post.ts != mirrored || post.reactions.is_empty()), "no echo");
    }

    async fn a_reaction_of_several_agents_stays_while_one_has_it(house: House) {
        house.with_open_room().await;
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        let his = house.phil_says("thanks!").await;
        let mirrored = house.post_saying("cs-phil", "thanks!").ts;
        let on_his = |house: &House| house.slack.history(ACME, PHILS_DM).into_iter().find(|post| post.ts == his).unwrap().reactions.len();
        for (user, add, left) in [(JANE, true, 1), (RAJ, true, 1), (JANE, false, 1), (RAJ, false, 0)] {
            house.slack.react(HUB, user, "cs-phil", &mirrored, "tada", add).unwrap();
            house.settle().await;
            assert_eq!(on_his(&house), left, "{user} {add}");
        }
    }

    async fn an_emoji_that_is_not_known_here_is_told(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.missing_emoji(&["acme_logo"]);
        let hers = house.jane_writes("cs-phil", "hi").await;
        let said = house.dm_saying("hi").ts;
        house.slack.react(ACME, PHIL, PHILS_DM, &said, "acme_logo", true).unwrap();
        house.settle().await;
        assert_eq!(house.notices("cs-phil").pop().unwrap(), "Phil reacted with :acme_logo: to a message.");
        house.slack.react(ACME, PHIL, PHILS_DM, &said, "white_check_mark", true).unwrap();
        house.settle().await;
        house.slack.react(ACME, PHIL, PHILS_DM, &said, "white_check_mark", false).unwrap();
        house.settle().await;
        assert_eq!(house.notices("cs-phil").pop().unwrap(), "Phil took back the reaction :white_check_mark: to a message.");
        let marks = house.posts("cs-phil").into_iter().find(|post| post.ts == hers).unwrap().reactions;
        assert_eq!(marks.len(), 1, "the mark of delivery is nobody's reaction: {marks:?}");
    }

    async fn a_reaction_that_comes_before_its_message_is_there_with_it(house: House) {
        house.with_open_room().await;
        house.clock.advance_to("2026-11-20T10:03:30Z".parse().unwrap());
        let ts = "1795169000.000100";
        house.ingest(&json!({ "type": "event_callback", "team_id": ACME, "event_id": "Ev1", "event": { "type": "reaction_added",
            "user": PHIL, "reaction": "eyes", "item": { "type": "message", "channel": PHILS_DM, "ts": ts }, "event_ts": "1795169001.000100" } })).await;
        house.heard("incoming", json!({ "ts": ts, "text": "look" })).await;
        assert_eq!(house.room("cs-phil").pop().unwrap(), "Phil: look :eyes:");
    }

    async fn what_the_bots_app_may_not_do_the_agent_learns(house: House) {
        house.with_open_room().await;
        house.phil_says("thanks!").await;
        let mirrored = house.post_saying("cs-phil", "thanks!").ts;
        house.slack.fail_next("reactions.add", Fault::Error("missing_scope".into()));
        house.slack.react(HUB, JANE, "cs-phil", &mirrored, "tada", true).unwrap();
        house.settle().await;
        let whisper = house.whispers(JANE, "cs-phil").pop().unwrap();
        assert!(whisper.contains("Phil does not see your :tada:: the app is missing"), "{whisper}");
    }

    async fn a_delivered_message_is_marked_as_configured(house: House) {
        house.restart_with("rooms.delivered = \"mailbox\"").await;
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("chat.postMessage", Fault::Error("error_of_next_year".into()));
        house.jane_writes("cs-phil", "lost").await;
        house.jane_writes("cs-phil", "found").await;
        assert_eq!(house.talk("cs-phil")[2..], ["Jane: lost", "Jane: found :mailbox:"]);
        let dm = house.dm().len();
        house.jane_presses("cs-phil", "megatron.retry").await;
        assert_eq!((house.dm().len(), house.talk("cs-phil")[2].as_str()), (dm + 1, "Jane: lost :mailbox:"));
        house.restart_with("rooms.delivered = \"\"").await;
        house.jane_writes("cs-phil", "unmarked").await;
        assert_eq!(house.talk("cs-phil").pop().unwrap(), "Jane: unmarked");
    }

    async fn a_bot_that_speaks_for_itself_changes_its_words_itself(house: House) {
        house.restart_adjusted(|config| config.bots[0].delivery = Delivery::Callback).await;
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.bot.answers("message.agent", json!({ "channel": PHILS_DM, "ts": "1795168950.000100" }));
        let hers = house.jane_writes("cs-phil", "Helo").await;
        let his = house.phil_says("thanks!").await;
        let mirrored = house.post_saying("cs-phil", "thanks!").ts;
        house.jane_edits(&hers, "Hello").await;
        for add in [true, false] {
            house.slack.react(HUB, JANE, "cs-phil", &mirrored, "tada", add).unwrap();
            house.settle().await;
        }
        house.slack.delete(HUB, JANE, "cs-phil", &hers).unwrap();
        house.settle().await;
        let message = |kind: &str| house.bot.heard_of(kind)[0]["data"]["message"].clone();
        let changed = message("message.agent_changed");
        assert_eq!((&changed["channel"], &changed["ts"], &changed["text"]), (&json!(PHILS_DM), &json!("1795168950.000100"), &json!("Hello")));
        for kind in ["message.agent_reacted", "message.agent_unreacted"] {
            assert_eq!(message(kind), json!({ "channel": PHILS_DM, "timestamp": his, "name": "tada" }));
        }
        assert_eq!(message("message.agent_deleted"), json!({ "channel": PHILS_DM, "ts": "1795168950.000100" }));
        let of_us = |call: &&megatron::simulator::Call| call.team == ACME && ["chat.update", "chat.delete", "reactions.add"].contains(&call.method.as_str());
        assert_eq!(house.slack.calls().iter().filter(of_us).count(), 0);
    }

    async fn a_streamed_answer_arrives_once_and_complete(house: House) {
        house.with_open_room().await;
        let before = house.room("cs-phil").len();
        let at = |state: &str, text: &str| json!({ "ts": "1795168801.000100", "bot_id": "B1", "text": text, "streaming_state": state });
        let change = |stamp: &str, message: Value| json!({ "subtype": "message_changed", "ts": stamp, "message": message });
        house.heard("outgoing", at("in_progress", "The")).await;
        house.heard("outgoing", change("1795168802.000100", at("in_progress", "The answer"))).await;
        assert_eq!(house.room("cs-phil").len(), before, "not before it is complete");
        house.restart().await;
        house.heard("outgoing", change("1795168803.000100", at("completed", "The answer is 42"))).await;
        assert_eq!(house.room_since("cs-phil", before), ["Expense Bot: The answer is 42"]);
    }

    async fn a_stream_that_never_ends_is_shown_as_far_as_it_came(house: House) {
        house.with_open_room().await;
        let before = house.room("cs-phil").len();
        house.heard("outgoing", json!({ "ts": "1795168801.000100", "bot_id": "B1", "text": "The", "streaming_state": "in_progress" })).await;
        house.wait(Duration::from_mins(7)).await;
        let shown = house.room_since("cs-phil", before);
        assert_eq!(shown[0], "Expense Bot: The");
        assert!(shown[1].contains("Expense Bot may not have finished that."), "{shown:?}");
    }
}
