//! `/megatron open`: from a name to a room with everything in it, once and in order.

use std::collections::BTreeSet;
use std::time::Duration;

use megatron::demo::cast::{ACME, BOT_TOKEN, HUB, JANE, PHIL, PHILIPPA, PHILIPPAS_DM, PHILS_DM, RAJ, SUPPORT};
use megatron::simulator::{Fault, User};
use serde_json::{Value, json};

use crate::support::scenarios;

scenarios! {
    async fn a_room_is_private_and_says_who_this_is(house: House) {
        house.with_open_room().await;

        let room = house.slack.channel(HUB, "cs-phil").unwrap();
        assert!(room.private && !room.archived);
        assert_eq!(room.members, [JANE, "U0MEGATRON"]);
        let posts = house.posts("cs-phil");
        let header = &posts[0];
        assert_eq!(
            header.text,
            "*Phil* of *Acme*: talks with Expense Bot · Phil Harris · phil@acme.example · Europe/Berlin · user U0PHIL in T0ACME"
        );
        assert!(header.by_app, "a card speaks for itself");
        assert!(header.blocks.to_string().contains("What you write here goes to Phil as Expense Bot"));
        assert!(!header.blocks.to_string().contains("Earlier rooms"));
        let ready = house.whispers(JANE, SUPPORT).pop().unwrap();
        assert!(ready.contains(&format!("The room for Phil is <#{}|cs-phil>.", room.id)), "{ready}");
    }

    async fn every_post_of_ours_is_marked_and_the_mirrored_ones_bear_name_and_picture(house: House) {
        house.with_open_room().await;
        house.phil_says("hello?").await;

        let posts = house.posts("cs-phil");
        let ids: BTreeSet<&str> =
            posts.iter().map(|post| post.metadata["event_payload"]["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), posts.len(), "each post has an id of its own");
        assert!(posts.iter().all(|post| post.metadata["event_type"] == "megatron"));
        let seen: Vec<_> = posts.iter().filter(|post| !post.by_app).map(|post| (post.author.as_str(), post.icon.as_deref())).collect();
        let phil = ("Phil", Some("https://avatars.example/phil.png"));
        assert_eq!(seen, [phil, ("Expense Bot", Some("https://bots.example/expenses.png")), phil]);
    }

    async fn a_room_is_public_and_named_as_the_operator_wishes(house: House) {
        house.restart_with("rooms.visibility = \"public\"\nrooms.prefix = \"help-\"").await;
        house.with_open_room().await;
        assert!(!house.slack.channel(HUB, "help-phil").unwrap().private);

        house.jane_writes("help-phil", "Hi Phil!").await;
        assert!(house.dm().last().unwrap().contains("Hi Phil!"));
        house.types(JANE, "help-phil", "close").await;
        assert!(house.slack.channel(HUB, "help-phil-closed-20261120-1").unwrap().archived);
    }

    async fn whoever_the_operator_names_is_invited_a_group_as_its_members(house: House) {
        let lea = User { id: "U0LEA".into(), name: "lea".into(), ..User::default() };
        house.slack.add_user(HUB, lea).unwrap();
        house.slack.add_user_group(HUB, "S0LEADS", "leads", &["U0LEA", JANE]).unwrap();
        house.restart_with("rooms.invite = [\"U0RAJ\", \"U0GONE\", \"S0LEADS\", \"S0NONE\"]").await;
        house.with_open_room().await;

        assert_eq!(house.slack.members(HUB, "cs-phil"), [JANE, "U0LEA", "U0MEGATRON", RAJ]);
        let notices = house.notices("cs-phil").join("\n");
        assert!(notices.contains("⚠️ Not everybody could be invited: ") && notices.contains("<@U0GONE>: there is no"), "{notices}");
        assert!(notices.contains("<!subteam^S0NONE>: "), "{notices}");
        assert!(!notices.contains("U0JANE"), "{notices}");
        assert_eq!(house.talk("cs-phil"), ["Phil: help!", "Expense Bot: How can I help?"]);
    }

    async fn history_comes_in_order_with_the_time_after_each_silence(house: House) {
        house.knows_acme().await;
        house.phil_says("one").await;
        house.wait(Duration::from_secs(170)).await;
        house.bot_says("two").await;
        house.wait(Duration::from_secs(190)).await;
        house.phil_says("three").await;
        house.jane_types("open phil").await;

        let lines = &house.room("cs-phil")[1..];
        assert_eq!(
            lines,
            [
                "Megatron ▸ [card] *<!date^1795168800^{date_short_pretty} at {time}|2026-11-20 10:00 UTC>*",
                "Phil: one",
                "Expense Bot: two",
                "Megatron ▸ [card] *<!date^1795169160^{date_short_pretty} at {time}|2026-11-20 10:06 UTC>*",
                "Phil: three",
            ]
        );
    }

    async fn formatting_is_kept_to_the_last_field(house: House) {
        house.knows_acme().await;
        let blocks = json!([
            { "type": "header", "text": { "type": "plain_text", "text": "Report", "emoji": true } },
            { "type": "divider" },
            { "type": "section", "text": { "type": "mrkdwn", "text": "*bold* _italic_ ~gone~ `code` &lt;b&gt; <https://a.example|link>" },
              "fields": [{ "type": "mrkdwn", "text": "*a*" }, { "type": "plain_text", "text": "b", "emoji": false }] },
            { "type": "context", "elements": [{ "type": "mrkdwn", "text": "small" }] },
        ]);
        let attachments = json!([{ "color": "#36a64f", "title": "Trip", "text": "*12.50*", "fallback": "Trip", "mrkdwn_in": ["text"],
                                   "fields": [{ "title": "Sum", "value": "12.50", "short": true }],
                                   "of_next_year": { "exact": 12.500, "list": [1, null] } }]);
        let message = json!({ "text": "Your report", "blocks": blocks, "attachments": attachments });
        house.phil_says("report!").await;
        house.slack.bot_says(BOT_TOKEN, PHILS_DM, message.clone()).unwrap();
        house.settle().await;
        house.jane_types("open phil").await;
        house.slack.bot_says(BOT_TOKEN, PHILS_DM, message).unwrap();
        house.settle().await;

        let posts = house.posts("cs-phil");
        let mirrored: Vec<_> = posts.iter().filter(|post| post.author == "Expense Bot").collect();
        assert_eq!(mirrored.len(), 2, "one imported, one live");
        for post in mirrored {
            assert_eq!(post.text, "Your report");
            assert_eq!(without_ids(&post.blocks), blocks);
            assert_eq!(without_ids(&post.attachments).to_string(), attachments.to_string());
        }
    }

    async fn nothing_is_missing_or_doubled_while_a_room_opens(house: House) {
        house.knows_acme().await;
        house.phil_says("before").await;
        house.slack.fail_next("conversations.history", Fault::RateLimited { retry_after_secs: 60 });
        house.only_types(JANE, "open phil").await;
        house.slack.say(ACME, PHIL, PHILS_DM, "between command and creation").unwrap();
        house.bot_passes_on().await;
        house.settle().await;
        house.phil_says("while Slack keeps the history back").await;
        house.bot_says("so do I").await;
        house.wait(Duration::from_secs(61)).await;
        house.phil_says("after").await;

        assert_eq!(
            house.talk("cs-phil"),
            [
                "Phil: before",
                "Phil: between command and creation",
                "Phil: while Slack keeps the history back",
                "Expense Bot: so do I",
                "Phil: after",
            ]
        );
        let notices = house.notices("cs-phil").join("\n");
        assert!(!notices.contains("Late") && !notices.contains("could not be imported"), "{notices}");
    }

    async fn a_history_that_is_put_off_too_often_is_told_and_the_room_works(house: House) {
        house.knows_acme().await;
        house.phil_says("before").await;
        house.slack.fail_times("conversations.history", 6, Fault::RateLimited { retry_after_secs: 60 });
        house.jane_types("open phil").await;
        house.phil_says("meanwhile").await;
        house.wait(Duration::from_mins(7)).await;
        assert_eq!(house.talk("cs-phil"), ["Phil: meanwhile"]);
        assert_eq!(
            house.notices("cs-phil")[1],
            "⚠️ What was said before could not be imported: Slack asks us to slow down."
        );
    }

    async fn a_history_in_a_workspace_that_is_being_moved_comes_later(house: House) {
        house.knows_acme().await;
        house.phil_says("before").await;
        house.slack.fail_next("conversations.history", Fault::Error("team_added_to_org".into()));
        house.jane_types("open phil").await;
        house.phil_says("meanwhile").await;
        house.wait(Duration::from_mins(15)).await;
        assert_eq!(house.talk("cs-phil"), ["Phil: before", "Phil: meanwhile"]);
    }

    async fn what_the_import_has_shown_is_not_shown_again_when_the_bot_passes_it_on_late(house: House) {
        house.knows_acme().await;
        house.phil_says("before").await;
        let slow = house.slack.say(ACME, PHIL, PHILS_DM, "the bot is slow").unwrap();
        let on_its_way = house.slack.take_events(megatron::demo::cast::BOT_APP);
        house.jane_types("open phil").await;
        let (_, answer) = house.ingest(&on_its_way[0]).await;
        let by_hand = json!({ "direction": "incoming", "team_id": ACME, "channel_id": PHILS_DM, "user_id": PHIL,
                              "message": { "ts": slow, "text": "the bot is slow" } });
        let (_, again) = house.ingest(&by_hand).await;
        house.settle().await;

        assert_eq!((&answer["watched"], &answer["duplicate"]), (&json!(true), &json!(true)), "{answer}");
        assert_eq!(again, answer);
        assert_eq!(house.talk("cs-phil"), ["Phil: before", "Phil: the bot is slow"]);
    }

    async fn what_is_passed_on_late_does_not_change_the_order(house: House) {
        house.knows_acme().await;
        house.phil_says("one").await;
        house.only_types(JANE, "open phil").await;
        house.slack.say(ACME, PHIL, PHILS_DM, "two, passed on at once").unwrap();
        house.bot_passes_on().await;
        house.slack.say(ACME, PHIL, PHILS_DM, "three, passed on late").unwrap();
        let on_its_way = house.slack.take_events(megatron::demo::cast::BOT_APP);
        house.settle().await;
        house.ingest(&on_its_way[0]).await;
        house.settle().await;
        assert_eq!(house.talk("cs-phil"), ["Phil: one", "Phil: two, passed on at once", "Phil: three, passed on late"]);
    }

    async fn an_old_message_that_comes_first_does_not_cut_the_import_short(house: House) {
        house.knows_acme().await;
        house.slack.say(ACME, PHIL, PHILS_DM, "one, passed on late").unwrap();
        let on_its_way = house.slack.take_events(megatron::demo::cast::BOT_APP);
        house.wait(Duration::from_secs(10)).await;
        house.phil_says("two").await;
        house.bot_says("three").await;
        house.only_types(JANE, "open phil").await;
        house.ingest(&on_its_way[0]).await;
        house.settle().await;
        let mut talk = house.talk("cs-phil");
        talk.sort_unstable();
        assert_eq!(talk, ["Expense Bot: three", "Phil: one, passed on late", "Phil: two"]);
    }

    async fn a_message_from_before_the_import_is_marked_late(house: House) {
        house.restart_with("rooms.history = 1").await;
        house.knows_acme().await;
        house.slack.say(ACME, PHIL, PHILS_DM, "old").unwrap();
        let on_its_way = house.slack.take_events(megatron::demo::cast::BOT_APP);
        house.wait(Duration::from_secs(10)).await;
        house.phil_says("new").await;
        house.jane_types("open phil").await;
        house.ingest(&on_its_way[0]).await;
        house.settle().await;

        let lines = house.room("cs-phil");
        assert_eq!(
            lines[lines.len() - 3..],
            [
                "Phil: new",
                "Megatron ▸ [card] _Late, from_ *<!date^1795168800^{date_short_pretty} at {time}|2026-11-20 10:00 UTC>*",
                "Phil: old",
            ]
        );
    }

    async fn no_more_than_fifteen_messages_are_imported(house: House) {
        house.knows_acme().await;
        for number in 1..=20 {
            house.phil_says(&format!("message {number}")).await;
        }
        house.jane_types("open phil").await;
        house.wait(Duration::from_secs(30)).await;
        let expected: Vec<String> = (6..=20).map(|number| format!("Phil: message {number}")).collect();
        assert_eq!(house.talk("cs-phil"), expected);
        assert_eq!(house.slack.calls().iter().filter(|call| call.method == "conversations.history").count(), 1);
    }

    async fn no_history_is_asked_for_where_none_is_wanted(house: House) {
        house.restart_with("rooms.history = 0").await;
        house.with_open_room().await;
        house.phil_says("new").await;
        assert_eq!(house.talk("cs-phil"), ["Phil: new"]);
        assert!(house.slack.calls().iter().all(|call| call.method != "conversations.history"));
    }

    async fn a_refused_history_is_told_and_the_room_works(house: House) {
        house.knows_acme().await;
        house.phil_says("before").await;
        house.slack.fail_times("conversations.history", 9, Fault::Error("missing_scope".into()));
        house.jane_types("open phil").await;
        house.phil_says("after").await;
        house.jane_writes("cs-phil", "Hi Phil!").await;

        assert_eq!(house.talk("cs-phil"), ["Phil: after", "Jane: Hi Phil! :white_check_mark:"]);
        assert!(house.dm().last().unwrap().contains("Hi Phil!"));
        assert_eq!(
            house.notices("cs-phil")[1],
            "⚠️ What was said before could not be imported: the app is missing a permission."
        );
    }

    async fn opening_an_open_one_invites_and_links(house: House) {
        house.with_open_room().await;
        let room = house.slack.channel(HUB, "cs-phil").unwrap().id;
        let before = house.room("cs-phil");

        let answer = house.types(RAJ, SUPPORT, "open Phil").await;
        assert_eq!(answer, format!("The room for Phil is <#{room}|cs-phil>."));
        assert_eq!(house.slack.members(HUB, "cs-phil"), [JANE, "U0MEGATRON", RAJ]);
        assert_eq!(house.jane_types("open phil").await, answer);
        assert_eq!(house.rooms(), ["cs-phil"]);
        assert_eq!(house.room("cs-phil"), before, "nothing is imported or introduced again");
    }

    async fn two_agents_who_open_at_the_same_time_share_one_room(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        tokio::join!(house.only_types(JANE, "open phil"), house.only_types(RAJ, "open phil"));
        house.settle().await;

        assert_eq!(house.rooms(), ["cs-phil"]);
        assert_eq!(house.slack.members(HUB, "cs-phil"), [JANE, "U0MEGATRON", RAJ]);
        assert_eq!(house.talk("cs-phil"), ["Phil: help!"]);
        for agent in [JANE, RAJ] {
            let last = house.whispers(agent, SUPPORT).pop().unwrap();
            assert!(last.contains("The room for Phil is"), "{agent}: {last}");
        }
        assert_eq!(house.bot.heard_types(), ["conversation.opened"]);
    }

    async fn opening_while_it_closes_makes_a_fresh_room_with_everybody_who_asked(house: House) {
        house.with_open_room().await;
        let old = house.slack.channel(HUB, "cs-phil").unwrap().id;
        house.only_types(JANE, "close phil").await;
        house.only_types(RAJ, "open phil").await;
        house.only_types(JANE, "open phil").await;
        house.settle().await;

        assert_eq!(house.rooms(), ["cs-phil"]);
        let room = house.slack.channel(HUB, "cs-phil").unwrap();
        assert_ne!(room.id, old);
        assert_eq!(room.members, [JANE, "U0MEGATRON", RAJ]);
        assert!(house.posts("cs-phil")[0].blocks.to_string().contains(&format!("Earlier rooms: <#{old}|cs-phil>")));
        assert_eq!(house.talk("cs-phil"), ["Phil: help!", "Expense Bot: How can I help?"]);
        for agent in [JANE, RAJ] {
            let last = house.whispers(agent, SUPPORT).pop().unwrap();
            assert!(last.contains(&room.id), "{agent}: {last}");
        }
        house.phil_says("still here").await;
        assert_eq!(house.talk("cs-phil").pop().unwrap(), "Phil: still here");
    }

    async fn customers_of_one_name_have_rooms_of_their_own(house: House) {
        house.comes(PHILIPPA, PHILIPPAS_DM, "Phil", "Philippa Long", "philippa@acme.example");
        house.knows_acme().await;
        house.phil_says("I am he").await;
        house.says(PHILIPPA, PHILIPPAS_DM, "I am she").await;
        house.jane_types("open U0PHIL").await;
        house.jane_types("open U0PHILIPPA").await;

        assert_eq!(house.talk("cs-phil"), ["Phil: I am he"]);
        assert_eq!(house.talk("cs-phil-2"), ["Phil: I am she"]);
        house.says(PHILIPPA, PHILIPPAS_DM, "to me").await;
        house.jane_writes("cs-phil-2", "only to you").await;
        assert_eq!(house.talk("cs-phil").len(), 1);
        assert!(house.dm().iter().all(|line| !line.contains("only to you")));
        assert!(house.slack.lines(ACME, PHILIPPAS_DM).last().unwrap().contains("only to you"));
    }

    async fn a_name_that_others_have_is_followed_by_the_next(house: House) {
        house.slack.create_channel(HUB, RAJ, "cs-phil", true).unwrap();
        house.slack.archive(HUB, RAJ, "cs-phil").unwrap();
        house.slack.create_channel(HUB, RAJ, "cs-phil-2", true).unwrap();
        house.slack.create_channel(HUB, RAJ, "cs-phil-3", false).unwrap();
        house.with_open_room().await;
        assert_eq!(house.talk("cs-phil-4"), ["Phil: help!", "Expense Bot: How can I help?"]);
        assert_eq!(house.slack.members(HUB, "cs-phil-4"), [JANE, "U0MEGATRON"]);
    }

    async fn a_name_without_a_letter_has_a_room_too(house: House) {
        house.comes("U0ODD", "D0ODD", "¿?", "…", "odd@acme.example");
        house.comes("U0EMPTY", "D0EMPTY", "", "", "empty@acme.example");
        house.comes("U0LONG", "D0LONG", &"Ännchen ".repeat(30), "", "long@acme.example");
        house.knows_acme().await;
        for (user, dm) in [("U0ODD", "D0ODD"), ("U0EMPTY", "D0EMPTY"), ("U0LONG", "D0LONG")] {
            house.says(user, dm, "hi").await;
            house.jane_types(&format!("open {user}")).await;
        }
        let mut rooms = house.rooms();
        rooms.sort_unstable();
        assert_eq!(rooms, ["cs-annchen-annchen-annchen-annchen-annchen-annchen-annchen-a", "cs-customer", "cs-u0empty"]);
        for room in rooms {
            house.types(JANE, &room, "close").await;
        }
        assert!(house.rooms().is_empty(), "a long name can be retired too: {:?}", house.rooms());
    }

    async fn a_workspace_that_allows_no_room_says_so_and_may_change_its_mind(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.slack.fail_next("conversations.create", Fault::Error("restricted_action".into()));
        house.only_types(JANE, "open phil").await;
        house.only_types(RAJ, "open phil").await;
        house.slack.say(ACME, PHIL, PHILS_DM, "anybody?").unwrap();
        house.bot_passes_on().await;
        house.settle().await;

        for agent in [JANE, RAJ] {
            let last = house.whispers(agent, SUPPORT).pop().unwrap();
            assert!(last.contains("No room could be opened for Phil: the workspace's settings do not allow it."), "{last}");
        }
        assert!(house.rooms().is_empty());
        let (_, answer) = house.ingest(&json!({ "direction": "outgoing", "team_id": ACME, "channel_id": PHILS_DM,
                                               "user_id": PHIL, "message": { "ts": "1795168801.000900", "text": "x" } })).await;
        assert_eq!(answer["watched"], json!(false));

        house.jane_types("open phil").await;
        assert_eq!(house.talk("cs-phil"), ["Phil: help!", "Phil: anybody?"]);
    }

    async fn a_room_whose_creation_is_in_doubt_is_not_made_twice(house: House) {
        for fault in [Fault::ResetAfter, Fault::Http500After] {
            house.slack.fail_next("conversations.create", fault);
        }
        house.with_open_room().await;
        house.wait(Duration::from_mins(2)).await;
        assert_eq!(house.rooms(), ["cs-phil"]);
        assert_eq!(house.talk("cs-phil"), ["Phil: help!", "Expense Bot: How can I help?"]);
    }

    async fn a_customer_whom_slack_does_not_tell_of_is_opened_under_what_is_known(house: House) {
        // Who Jane is, Slack has told before.
        house.jane_types("list").await;
        house.slack.fail_times("users.info", 9, Fault::Error("user_not_visible".into()));
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.jane_types("open U0PHIL").await;
        assert_eq!(house.talk("cs-u0phil"), ["U0PHIL: help!"]);
    }

    async fn a_crash_while_a_room_opens_loses_nothing(house: House) {
        house.knows_acme().await;
        house.phil_says("before").await;
        house.slack.fail_next("conversations.history", Fault::RateLimited { retry_after_secs: 60 });
        house.only_types(JANE, "open phil").await;
        house.restart().await;
        house.phil_says("between").await;
        house.restart().await;
        house.wait(Duration::from_mins(2)).await;
        house.phil_says("after").await;
        assert_eq!(house.talk("cs-phil"), ["Phil: before", "Phil: between", "Phil: after"]);
        assert_eq!(house.rooms(), ["cs-phil"]);
    }

    async fn a_threaded_dm_is_imported_and_goes_on(house: House) {
        house.knows_acme().await;
        let root = house.phil_says("question").await;
        let _ = house.slack.call(BOT_TOKEN, "chat.postMessage", json!({ "channel": PHILS_DM, "text": "answer", "thread_ts": root }));
        house.settle().await;
        house.jane_types("open phil").await;
        let _ = house.slack.call(BOT_TOKEN, "chat.postMessage", json!({ "channel": PHILS_DM, "text": "more", "thread_ts": root }));
        house.settle().await;
        assert_eq!(house.talk("cs-phil"), ["Phil: question", "Expense Bot: answer", "Expense Bot: more"]);
        assert!(house.posts("cs-phil").iter().all(|post| post.thread_ts.is_none()), "a thread in a room is a note");
    }
}

/// Slack gives ids to blocks and attachments; the rest is as it was posted.
fn without_ids(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(without_ids).collect(),
        Value::Object(fields) => {
            let rest = fields.iter().filter(|(name, _)| *name != "block_id" && *name != "id");
            Value::Object(rest.map(|(name, value)| (name.clone(), without_ids(value))).collect())
        }
        other => other.clone(),
    }
}
