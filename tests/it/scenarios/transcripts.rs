//! What was relayed, both sides, notes apart: for agents as a file, for the bot by its API, and kept when a room is closed.

use std::time::Duration;

use megatron::demo::cast::{ACME, HUB, JANE, PHIL, PHILS_DM};
use megatron::simulator::{Fault, NewFile};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::house::House;
use crate::support::scenarios;

impl House {
    async fn transcript(&self, format: &str) -> (StatusCode, Value) {
        let path = format!("v1/conversations/{ACME}/{PHILS_DM}/transcript?format={format}");
        self.api(Method::GET, &path, None).await
    }

    async fn words(&self) -> Value {
        let (status, transcript) = self.transcript("json").await;
        assert_eq!(status, StatusCode::OK, "{transcript}");
        transcript
    }

    /// The files that the service itself has put into Phil's room.
    fn own_files(&self) -> Vec<(String, String)> {
        let posts = self.slack.history(HUB, "cs-phil").into_iter().filter(|post| post.by_app);
        let files = posts.flat_map(|post| post.files.as_array().cloned().unwrap_or_default());
        let read = |file: Value| {
            let bytes = self.slack.file_bytes(HUB, file["id"].as_str().unwrap()).unwrap();
            (file["name"].as_str().unwrap().to_owned(), String::from_utf8(bytes).unwrap())
        };
        files.map(read).collect()
    }

    /// Phil, the bot and Jane have talked, and Jane has left a note.
    async fn with_talk(&self) {
        self.with_open_room().await;
        self.types(JANE, "cs-phil", "pause").await;
        self.jane_writes("cs-phil", "Hi Phil, 1 &lt; 2 in *bold*").await;
        let his = self.phil_says("thanks <@U0PHILIPPA>").await;
        self.slack.edit(ACME, PHIL, PHILS_DM, &his, "many thanks").unwrap();
        self.settle().await;
        let root = self.posts("cs-phil").into_iter().rfind(|post| post.text.contains("many thanks")).unwrap().ts;
        self.slack.reply(HUB, JANE, "cs-phil", &root, "He is <@U0RAJ>'s old friend", false).unwrap();
        self.settle().await;
    }
}

fn said(list: &Value) -> Vec<String> {
    let line = |one: &Value| {
        let [from, name, text] = ["from", "name", "text"].map(|key| one[key].as_str().unwrap());
        let marks = ["edited", "deleted"].into_iter().filter(|mark| one[*mark] == true).collect::<Vec<_>>().join(" ");
        format!("{from} {name}: {text} {marks}").trim_end().to_owned()
    };
    list.as_array().unwrap().iter().map(line).collect()
}

const TALK: [&str; 4] = [
    "customer Phil: help!",
    "bot Expense Bot: How can I help?",
    "agent Jane: Hi Phil, 1 < 2 in *bold*",
    "customer Phil: many thanks edited",
];

scenarios! {
    async fn the_bot_reads_both_sides_in_order_and_the_notes_apart(house: House) {
        house.with_talk().await;
        let transcript = house.words().await;
        assert_eq!(said(&transcript["messages"]), TALK);
        assert_eq!(said(&transcript["notes"]), ["agent Jane: He is @Raj's old friend"]);
        assert_eq!(transcript["customer"], json!({ "user_id": PHIL, "name": "Phil" }));
        assert_eq!(transcript["messages"][2]["user_id"], JANE);
        assert_eq!(transcript["messages"][0]["at"], "2026-11-20T10:00:00.000Z");
        let room = &transcript["rooms"][0];
        assert_eq!((&room["name"], &room["kept"], &room["closed_at"]), (&json!("cs-phil"), &json!(true), &Value::Null));
    }

    async fn it_is_had_as_markdown_and_as_plain_text(house: House) {
        house.with_talk().await;
        let (_, markdown) = house.transcript("md").await;
        let markdown = markdown.as_str().unwrap();
        assert!(markdown.starts_with("# Conversation with Phil\n"), "{markdown}");
        assert!(markdown.contains("**Jane** (agent), ") && markdown.contains("Hi Phil, 1 \\< 2 in **bold**"), "{markdown}");
        let (messages, notes) = markdown.split_once("## Notes in").unwrap();
        assert!(!messages.contains("friend") && notes.contains("old friend"), "{markdown}");
        let (_, text) = house.transcript("txt").await;
        assert!(text.as_str().unwrap().contains("\nHi Phil, 1 < 2 in *bold*\n"), "{text}");
        let (status, answer) = house.transcript("pdf").await;
        assert_eq!((status.as_u16(), &answer["errors"][0]["path"]), (422, &json!("format")));
        let path = format!("v1/conversations/{ACME}/{PHILS_DM}/transcript");
        assert_eq!(house.api(Method::GET, &path, None).await.1["messages"], house.words().await["messages"], "as json");
    }

    async fn what_was_deleted_taken_back_or_never_sent_is_told_as_that(house: House) {
        house.restart_with("rooms.on_agent_message = \"hold\"").await;
        house.with_open_room().await;
        house.jane_writes("cs-phil", "waiting for the pause").await;
        house.types(JANE, "cs-phil", "pause").await;
        house.types(JANE, "cs-phil", "unpause").await;
        house.jane_writes("cs-phil", "held for ever").await;
        house.wait(Duration::from_secs(5)).await;
        let his = house.phil_says("my password is hunter2").await;
        house.slack.delete(ACME, PHIL, PHILS_DM, &his).unwrap();
        house.settle().await;
        let transcript = house.words().await;
        let messages = said(&transcript["messages"]);
        assert_eq!(messages[2..], ["agent Jane: waiting for the pause", "customer Phil:  deleted"]);
        assert_eq!(said(&transcript["notes"]), ["agent Jane: held for ever"], "it never reached him");
        assert!(!transcript.to_string().contains("hunter2"));
    }

    async fn files_are_told_by_name(house: House) {
        house.with_open_room().await;
        let file = NewFile::new("form.pdf", "application/pdf", b"%PDF-1.4 1");
        house.slack.share_files(ACME, PHIL, PHILS_DM, &[file], json!({ "text": "the form" })).unwrap();
        house.wait(Duration::from_secs(2)).await;
        let transcript = house.words().await;
        let last = transcript["messages"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["text"], &last["files"]), (&json!("the form"), &json!([{ "name": "form.pdf" }])));
        assert_eq!(last["from"], "customer");
    }

    async fn a_message_in_many_parts_is_one(house: House) {
        house.with_open_room().await;
        house.phil_says(&"word ".repeat(1500)).await;
        house.wait(Duration::from_secs(10)).await;
        let transcript = house.words().await;
        let messages = transcript["messages"].as_array().unwrap();
        assert_eq!(messages.len(), 3);
        assert_eq!(messages[2]["text"].as_str().unwrap().split_whitespace().count(), 1500);
    }

    async fn jane_gets_a_file_in_the_room_and_phil_does_not(house: House) {
        house.with_talk().await;
        let dm = house.dm();
        assert_eq!(house.types(JANE, "cs-phil", "transcript").await, "The transcript is being made …");
        house.wait(Duration::from_secs(5)).await;
        let files = house.own_files();
        assert_eq!(files.len(), 1, "{:#?}", house.room("cs-phil"));
        assert!(files[0].0.starts_with("transcript-cs-phil-20261120-") && files[0].0.rsplit('.').next() == Some("md"), "{}", files[0].0);
        assert!(files[0].1.contains("many thanks"), "{}", files[0].1);
        assert_eq!(house.dm(), dm, "nothing of it leaves");
        // The transcript is no part of the next one.
        assert_eq!(said(&house.words().await["messages"]), TALK);
        assert_eq!(said(&house.words().await["notes"]).len(), 1);
    }

    async fn what_was_said_is_kept_when_the_room_is_closed(house: House) {
        house.with_talk().await;
        house.types(JANE, "cs-phil", "close").await;
        house.wait(Duration::from_secs(10)).await;
        assert!(house.rooms().is_empty());
        let transcript = house.words().await;
        assert_eq!(said(&transcript["messages"]), TALK);
        assert_eq!(said(&transcript["notes"]).len(), 1);
        assert!(transcript["rooms"][0]["closed_at"].is_string(), "{}", transcript["rooms"]);
        // A copy of the database does not tell it.
        let kept = house.texts("SELECT sealed FROM transcripts").await;
        assert!(kept.len() == 1 && kept[0].starts_with("v1.") && !kept[0].contains("thanks"), "{kept:?}");
        // Without a room, Jane reads it where she asks.
        house.jane_types("transcript phil").await;
        let answer = house.whispers(JANE, megatron::demo::cast::SUPPORT).pop().unwrap();
        assert!(answer.contains("many thanks") && answer.contains("1 &lt; 2"), "{answer}");
    }

    async fn the_next_room_follows_the_one_that_was_closed(house: House) {
        house.with_talk().await;
        house.types(JANE, "cs-phil", "close").await;
        house.wait(Duration::from_secs(10)).await;
        house.jane_types("open phil").await;
        house.wait(Duration::from_mins(2)).await;
        house.phil_says("me again").await;
        let transcript = house.words().await;
        assert_eq!(transcript["rooms"].as_array().unwrap().len(), 2);
        let messages = said(&transcript["messages"]);
        assert_eq!(messages[..4], TALK);
        assert_eq!(messages.last().unwrap(), "customer Phil: me again");
    }

    async fn an_operator_who_keeps_nothing_keeps_nothing_and_it_says_so(house: House) {
        house.restart_with("retention.transcripts = \"0s\"").await;
        house.with_talk().await;
        house.types(JANE, "cs-phil", "close").await;
        house.wait(Duration::from_secs(10)).await;
        assert_eq!(house.count("transcripts").await, 0);
        let transcript = house.words().await;
        assert_eq!((&transcript["messages"], &transcript["rooms"][0]["kept"]), (&json!([]), &json!(false)));
        let (_, text) = house.transcript("txt").await;
        assert!(text.as_str().unwrap().contains("Nothing is kept of what was said in #cs-phil."), "{text}");
    }

    async fn what_is_on_its_way_when_the_room_is_closed_counts_as_said(house: House) {
        house.with_open_room().await;
        house.slack.fail_next("chat.postMessage", Fault::RateLimited { retry_after_secs: 30 });
        house.jane_writes("cs-phil", "Goodbye, Phil").await;
        house.types(JANE, "cs-phil", "close").await;
        house.wait(Duration::from_mins(1)).await;
        assert!(house.dm().concat().contains("Goodbye, Phil"));
        let transcript = house.words().await;
        assert_eq!((said(&transcript["messages"]).pop().unwrap(), &transcript["notes"]), ("agent Jane: Goodbye, Phil".into(), &json!([])));
    }

    async fn slack_may_be_slow_at_the_closing_and_nothing_is_lost(house: House) {
        house.with_talk().await;
        house.slack.fail_next("conversations.history", Fault::RateLimited { retry_after_secs: 30 });
        house.types(JANE, "cs-phil", "close").await;
        assert_eq!(house.rooms(), ["cs-phil"], "not archived before it was read");
        house.wait(Duration::from_mins(1)).await;
        assert!(house.rooms().is_empty());
        assert_eq!(said(&house.words().await["messages"]), TALK);
    }

    async fn while_slack_is_down_the_bot_is_told_to_ask_again(house: House) {
        house.with_talk().await;
        house.slack.fail_next("conversations.history", Fault::Http500Before);
        let (status, answer) = house.transcript("json").await;
        assert_eq!((status, &answer["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("slack_unavailable")));
        assert_eq!(house.transcript("json").await.0, StatusCode::OK);
    }

    async fn a_bare_room_that_cannot_be_read_is_archived_all_the_same(house: House) {
        house.with_talk().await;
        house.slack.fail_next("conversations.history", Fault::Error("missing_scope".into()));
        house.types(JANE, "cs-phil", "close").await;
        house.wait(Duration::from_mins(15)).await;
        assert!(house.rooms().is_empty());
    }
}
