//! What is said on one side, as the other side reads it.

use std::time::Duration;

use megatron::demo::cast::{ACME, BOT_TOKEN, JANE, PHIL, PHILIPPA, PHILS_DM};
use megatron::simulator::Fault;
use serde_json::{Value, json};

use crate::support::scenarios;

scenarios! {
    async fn mentions_become_names_in_the_room(house: House) {
        house.with_open_room().await;
        house.phil_says("<@U0PHILIPPA> <@U0NOBODY> <!here> <!channel> <!everyone> <!subteam^S0X|@finance> <#C0X|general> <https://a.example|a>").await;
        house.bot_says("ask <@U0PHILIPPA|old>").await;

        let posts = house.posts("cs-phil");
        let [.., from_phil, from_bot] = &posts[..] else { panic!() };
        assert_eq!(
            from_phil.text,
            "@Philippa @someone @\u{2060}here @\u{2060}channel @\u{2060}everyone @finance #general <https://a.example|a>"
        );
        assert_eq!(from_bot.text, "ask @Philippa");
        for post in [from_phil, from_bot] {
            pings_nobody(&post.text, &post.blocks, &post.attachments);
        }
    }

    async fn mentions_become_names_for_the_customer(house: House) {
        house.with_open_room().await;
        house.jane_writes("cs-phil", "<@U0RAJ> will help. <!channel> <!here> <#C0SECRET|layoffs> <!subteam^S0X|@tier2>").await;
        let said = house.slack.history(ACME, PHILS_DM).pop().unwrap();
        assert_eq!(said.text, "@Raj will help. @\u{2060}channel @\u{2060}here #channel @tier2");
        pings_nobody(&said.text, &said.blocks, &said.attachments);
        assert!(!said.blocks.to_string().contains("U0RAJ") && !said.blocks.to_string().contains("C0SECRET"));
    }

    async fn typed_signs_stay_signs(house: House) {
        house.with_open_room().await;
        house.phil_says("&lt;!channel&gt; &amp; 1 &lt; 2").await;
        house.jane_writes("cs-phil", "&lt;@U0PHIL&gt; &amp;lt;").await;
        assert_eq!(house.talk("cs-phil")[2], "Phil: &lt;!channel&gt; &amp; 1 &lt; 2");
        assert_eq!(house.slack.history(ACME, PHILS_DM).pop().unwrap().text, "&lt;@U0PHIL&gt; &amp;lt;");
    }

    async fn a_name_that_looks_like_markup_does_no_harm(house: House) {
        house.comes("U0MALLORY", "D0MALLORY", "<!channel> & *Mal*", "Mallory <@U0JANE>", "m@acme.example");
        house.knows_acme().await;
        house.says("U0MALLORY", "D0MALLORY", "hi").await;
        house.jane_types("open mallory").await;
        let room = house.rooms().pop().unwrap();
        house.types(JANE, &room, "pause").await;
        for post in house.posts(&room) {
            pings_nobody(&post.text, &post.blocks, &post.attachments);
        }
        house.slack.react(ACME, "U0MALLORY", "D0MALLORY", &house.slack.history(ACME, "D0MALLORY")[0].ts, "eyes", true).unwrap();
        house.settle().await;
        assert_eq!(house.posts(&room)[2].author, "<!channel> & *Mal*", "a name is not markup");
    }

    async fn buttons_of_the_bot_are_shown_without_life(house: House) {
        house.with_open_room().await;
        house.slack.bot_says(BOT_TOKEN, PHILS_DM, json!({ "text": "Approve?", "blocks": [
            { "type": "section", "text": { "type": "mrkdwn", "text": "Approve?" }, "block_id": "megatron" },
            { "type": "actions", "elements": [
                { "type": "button", "text": { "type": "plain_text", "text": "Approve" }, "action_id": "megatron.close", "value": "x" },
                { "type": "button", "text": { "type": "plain_text", "text": "Reject" }, "action_id": "reject" }] }] })).unwrap();
        house.settle().await;
        let post = house.posts("cs-phil").pop().unwrap();
        let blocks = post.blocks.to_string();
        assert!(blocks.contains("[ Approve ]") && blocks.contains("[ Reject ]"), "{blocks}");
        assert!(!blocks.contains("action_id") && !blocks.contains("\"megatron\""), "{blocks}");
    }

    async fn a_block_that_slack_refuses_is_replaced_and_the_rest_stays(house: House) {
        house.with_open_room().await;
        let (_, answer) = house.ingest(&outgoing("1795168801.000100", &json!({ "text": "Look", "blocks": [
            { "type": "header", "text": { "type": "plain_text", "text": "Look" } },
            { "type": "task_card", "task_id": "1", "title": "Something of next year", "status": "pending" },
            { "type": "section", "text": { "type": "mrkdwn", "text": "*the end*" } }] }))).await;
        assert_eq!(answer["watched"], json!(true));
        house.settle().await;
        let post = house.posts("cs-phil").pop().unwrap();
        assert_eq!((post.author.as_str(), post.text.as_str()), ("Expense Bot", "Look"));
        let kinds: Vec<_> = post.blocks.as_array().unwrap().iter().map(|block| block["type"].as_str().unwrap()).collect();
        assert_eq!(kinds[0], "header");
        assert_eq!(post.blocks[2]["text"]["text"], "*the end*");
        let note = "_A block of kind “task card” could not be shown here and was replaced by its text._";
        assert_eq!((&post.blocks[3]["type"], &post.blocks[3]["elements"][0]["text"]), (&json!("context"), &json!(note)));
        assert!(post.blocks.to_string().contains("Something of next year"), "{}", post.blocks);
    }

    async fn blocks_refused_without_a_hint_become_text(house: House) {
        house.with_open_room().await;
        house.slack.fail_times("chat.postMessage", 1, Fault::Error("invalid_blocks".into()));
        house.ingest(&outgoing("1795168801.000100", &json!({ "blocks": [
            { "type": "header", "text": { "type": "plain_text", "text": "Your report" } },
            { "type": "section", "text": { "type": "mrkdwn", "text": "*Sum*: 12" }, "fields": [{ "type": "mrkdwn", "text": "a field" }] }] }))).await;
        house.settle().await;
        let post = house.posts("cs-phil").pop().unwrap();
        assert!(post.blocks.is_null(), "{}", post.blocks);
        for words in ["Your report", "*Sum*: 12", "a field"] {
            assert!(post.text.contains(words), "{}", post.text);
        }
    }

    async fn what_slack_takes_in_no_way_is_a_line_from_the_same_speaker(house: House) {
        house.with_open_room().await;
        house.slack.fail_times("chat.postMessage", 2, Fault::Error("invalid_blocks".into()));
        house.ingest(&outgoing("1795168801.000100", &json!({ "text": "Look", "blocks": [{ "type": "divider" }] }))).await;
        house.settle().await;
        house.phil_says("next").await;
        assert_eq!(house.talk("cs-phil")[2..], ["Expense Bot: _A message that cannot be shown here._", "Phil: next"]);
    }

    async fn what_slack_refuses_for_good_is_told_with_a_retry(house: House) {
        house.with_open_room().await;
        house.slack.fail_next("chat.postMessage", Fault::Error("error_of_next_year".into()));
        house.phil_says("important").await;
        house.phil_says("next").await;
        let notice = house.notices("cs-phil").pop().unwrap();
        assert!(notice.starts_with("⚠️ Phil said something (") && notice.ends_with("that could not be shown: Slack answered \"error_of_next_year\"."), "{notice}");
        house.jane_presses("cs-phil", "megatron.retry").await;
        assert_eq!(house.talk("cs-phil")[2..], ["Phil: next", "Phil: important"]);
    }

    async fn a_preview_of_a_link_is_nobodys_edit(house: House) {
        house.with_open_room().await;
        let ts = house.phil_says("<https://a.example>").await;
        let before = house.room("cs-phil");
        house.slack.unfurl(ACME, PHILS_DM, &ts, &json!({ "from_url": "https://a.example", "text": "A page" })).unwrap();
        house.settle().await;
        assert_eq!(house.room("cs-phil"), before);
    }

    async fn a_long_text_comes_whole_in_parts(house: House) {
        house.with_open_room().await;
        let long = (0..3000).map(|number| format!("word{number} ")).collect::<Vec<_>>().concat();
        house.slack.post_as_user(ACME, PHIL, PHILS_DM, json!({ "text": long.trim() })).unwrap();
        house.settle().await;
        house.wait(Duration::from_secs(10)).await;
        let parts: Vec<_> = house.posts("cs-phil").into_iter().filter(|post| post.text.contains("word")).collect();
        assert!(parts.len() > 1 && parts.iter().all(|part| part.author == "Phil" && part.text.chars().count() <= 4000));
        let texts: Vec<_> = parts.iter().map(|part| part.text.trim()).collect();
        assert_eq!(texts.join(" "), long.trim());
    }

    async fn a_long_answer_of_an_agent_comes_whole(house: House) {
        house.with_open_room().await;
        let long = (0..2000).map(|number| format!("word{number} ")).collect::<Vec<_>>().concat();
        house.jane_writes("cs-phil", long.trim()).await;
        house.wait(Duration::from_secs(10)).await;
        let said: Vec<_> = house.slack.history(ACME, PHILS_DM).into_iter().skip(2).collect();
        let everything = said.iter().map(|part| format!("{} {}", part.text, part.blocks)).collect::<Vec<_>>().concat();
        for number in 0..2000 {
            assert!(everything.contains(&format!("word{number}")), "word{number} is missing in {} parts", said.len());
        }
        assert!(house.notices("cs-phil").iter().all(|notice| !notice.contains("did not get")), "{:#?}", house.notices("cs-phil"));
    }

    async fn empty_and_odd_messages_do_no_harm(house: House) {
        house.with_open_room().await;
        for (number, message) in [
            json!({ "text": "" }),
            json!({ "text": null, "blocks": null, "files": [] }),
            json!({}),
            json!({ "text": "   \n " }),
            json!({ "text": "", "attachments": [{ "text": "only an attachment" }] }),
            json!({ "text": "", "blocks": [{ "type": "rich_text", "elements": [] }] }),
            json!({ "text": "", "blocks": [{}] }),
            json!({ "text": "", "attachments": [{}] }),
            json!({ "text": "in a thread", "thread_ts": "1795168700.000100" }),
            json!({ "text": "waves", "subtype": "me_message" }),
            json!({ "text": "", "subtype": "huddle_thread" }),
            json!({ "text": "", "subtype": "assistant_app_thread" }),
            json!({ "text": "\u{202e}backwards \u{0}" }),
            json!({ "text": "number", "metadata": { "event_type": "x", "event_payload": { "n": 1.10 } } }),
        ].iter().enumerate() {
            let (status, answer) = house.ingest(&incoming(&format!("1795168801.{number:06}"), message)).await;
            assert_eq!(status.as_u16(), 202, "{message}: {answer}");
        }
        house.settle().await;
        house.wait(Duration::from_secs(5)).await;
        house.phil_says("still there?").await;
        let lines = &house.room("cs-phil")[4..];
        for words in ["Phil: in a thread", "Phil: _waves_", "ℹ️ huddle thread", "Phil: number", "Phil: still there?"] {
            assert_eq!(lines.iter().filter(|line| line.contains(words)).count(), 1, "{words}: {lines:#?}");
        }
        assert!(house.posts("cs-phil").iter().any(|post| post.attachments.to_string().contains("only an attachment")));
        assert!(lines.iter().all(|line| !line.contains("that could not be shown")), "{lines:#?}");
    }

    async fn late_messages_are_marked_and_come_once(house: House) {
        house.with_open_room().await;
        house.wait(Duration::from_mins(1)).await;
        house.phil_says("new").await;
        for _ in 0..2 {
            house.ingest(&incoming("1795168830.000100", &json!({ "text": "old" }))).await;
        }
        house.settle().await;
        assert_eq!(
            house.room("cs-phil")[4..],
            [
                "Phil: new",
                "Megatron ▸ [card] _Late, from_ *<!date^1795168830^{date_short_pretty} at {time}|2026-11-20 10:00 UTC>*",
                "Phil: old",
            ]
        );
    }

    async fn an_agents_words_are_signed(house: House) {
        house.with_open_room().await;
        house.jane_writes("cs-phil", "Hi *Phil*").await;
        let said = house.slack.history(ACME, PHILS_DM).pop().unwrap();
        assert_eq!((said.author.as_str(), said.text.as_str()), ("Expense Bot", "Hi *Phil*"));
        let footer = said.blocks.as_array().unwrap().last().unwrap().clone();
        assert_eq!(footer["type"], "context");
        assert_eq!(footer["elements"][0]["image_url"], "https://avatars.example/jane.png");
        assert_eq!(footer["elements"][1]["text"], "sent by Jane from Initech");
        assert_eq!(said.metadata["event_type"], "megatron");
    }

    async fn an_agents_name_is_kept_where_it_is_not_to_be_shown(house: House) {
        house.restart_adjusted(|config| config.bots[0].show_agent_name = false).await;
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.types(JANE, "cs-phil", "unpause").await;
        for said in house.slack.history(ACME, PHILS_DM) {
            let all = format!("{} {} {} {}", said.text, said.blocks, said.attachments, said.metadata);
            assert!(!all.contains("Jane") && !all.contains("jane") && !all.contains("U0JANE"), "{all}");
        }
        assert_eq!(
            house.dm()[2..],
            [
                "Expense Bot ▸ A support agent from Initech is now talking with you. Expense Bot will tell you when it is back.",
                "Expense Bot ▸ [card] Hi Phil",
                "Expense Bot ▸ Expense Bot is back.",
            ]
        );
    }

    async fn equal_words_are_as_many_messages_as_were_said(house: House) {
        house.with_open_room().await;
        for _ in 0..3 {
            house.phil_says("hello?").await;
            house.jane_writes("cs-phil", "hello?").await;
        }
        let talk = house.talk("cs-phil");
        assert_eq!(talk[2..], ["Phil: hello?", "Jane: hello? :white_check_mark:"].repeat(3));
        assert_eq!(house.dm().iter().filter(|line| line.contains("hello?")).count(), 6);
    }

    async fn other_peoples_dms_are_not_mixed_in(house: House) {
        house.with_open_room().await;
        house.says(PHILIPPA, "D0PHILIPPA", "I am somebody else").await;
        assert!(house.room("cs-phil").iter().all(|line| !line.contains("somebody else")));
    }

    async fn a_picture_that_slack_cannot_fetch_costs_only_the_picture(house: House) {
        house.with_open_room().await;
        house.ingest(&outgoing("1795168801.000100", &json!({ "text": "Chart", "blocks": [
            { "type": "section", "text": { "type": "mrkdwn", "text": "before" } },
            { "type": "image", "slack_file": { "id": "F0ELSEWHERE" }, "alt_text": "a chart" },
            { "type": "section", "text": { "type": "mrkdwn", "text": "after" } }] }))).await;
        house.settle().await;
        let blocks = house.posts("cs-phil").into_iter().rfind(|post| post.author == "Expense Bot").unwrap().blocks.to_string();
        for words in ["before", "a chart", "after"] {
            assert!(blocks.contains(words), "{blocks}");
        }
        assert!(house.room("cs-phil").last().unwrap().contains("a chart: the file was deleted"), "{:#?}", house.room("cs-phil"));
    }
}

fn incoming(ts: &str, message: &Value) -> Value {
    ingested("incoming", ts, message)
}

fn outgoing(ts: &str, message: &Value) -> Value {
    ingested("outgoing", ts, message)
}

fn ingested(direction: &str, ts: &str, message: &Value) -> Value {
    let mut message = message.clone();
    message["ts"] = json!(ts);
    json!({ "direction": direction, "team_id": ACME, "channel_id": PHILS_DM, "user_id": PHIL, "message": message })
}

/// Nothing in it that Slack would make a mention of.
fn pings_nobody(text: &str, blocks: &Value, attachments: &Value) {
    let all = format!("{text} {blocks} {attachments}");
    for sign in
        ["<@", "<!here", "<!channel", "<!everyone", "<!subteam", "\"broadcast\"", "\"user_id\"", "\"usergroup_id\""]
    {
        assert!(!all.contains(sign), "{sign} in {all}");
    }
}
