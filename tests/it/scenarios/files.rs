//! Files, both ways: what one side shares, the other has, with the words that go with it and the name of who sent it.

use std::time::Duration;

use megatron::demo::cast::{ACME, BOT_TOKEN, HUB, JANE, PHIL, PHILS_DM};
use megatron::simulator::{Fault, NewFile, Seen, Spoilt};
use serde_json::{Value, json};

use crate::support::house::House;
use crate::support::scenarios;

const PDF: &str = "application/pdf";

impl House {
    async fn phil_shares(&self, files: &[NewFile], text: &str) -> String {
        let ts = self.slack.share_files(ACME, PHIL, PHILS_DM, files, json!({ "text": text })).unwrap();
        self.wait(Duration::from_secs(2)).await;
        ts
    }

    async fn jane_shares(&self, files: &[NewFile], text: &str) -> String {
        let ts = self.slack.share_files(HUB, JANE, "cs-phil", files, json!({ "text": text })).unwrap();
        self.wait(Duration::from_secs(2)).await;
        ts
    }

    /// The messages of the room that show files.
    fn files_in_room(&self) -> Vec<Seen> {
        self.slack.history(HUB, "cs-phil").into_iter().filter(|post| !post.deleted && has_files(post)).collect()
    }

    /// The messages of Phil's DM that show files of the bot.
    fn files_in_dm(&self) -> Vec<Seen> {
        self.slack
            .history(ACME, PHILS_DM)
            .into_iter()
            .filter(|post| !post.deleted && post.by_app && has_files(post))
            .collect()
    }

    /// What the files of a message hold.
    fn bytes(&self, team: &str, post: &Seen) -> Vec<Vec<u8>> {
        let ids = post.files.as_array().into_iter().flatten().map(|file| file["id"].as_str().unwrap());
        ids.filter_map(|id| self.slack.file_bytes(team, id)).collect()
    }
}

fn has_files(post: &Seen) -> bool {
    post.files.as_array().is_some_and(|files| !files.is_empty())
}

fn names(post: &Seen) -> Vec<&str> {
    post.files.as_array().into_iter().flatten().filter_map(|file| file["name"].as_str()).collect()
}

scenarios! {
    async fn what_phil_shares_the_room_has_under_his_name_with_his_words(house: House) {
        house.with_open_room().await;
        house.phil_shares(&[NewFile::new("re<port>.pdf", PDF, b"%PDF-1.4 12")], "my <@U0PHILIPPA> report").await;
        let shown = house.files_in_room();
        assert_eq!(shown.len(), 1, "{:#?}", house.room("cs-phil"));
        assert_eq!(shown[0].text, "*Phil:* my @Philippa report");
        assert_eq!(names(&shown[0]), ["re<port>.pdf"]);
        assert_eq!(shown[0].files[0]["mimetype"], PDF);
        assert_eq!(house.bytes(HUB, &shown[0]), [b"%PDF-1.4 12"]);
        assert!(!house.talk("cs-phil").concat().contains("report"), "said once, with the file");
    }

    async fn several_files_are_one_message_and_need_no_words(house: House) {
        house.with_open_room().await;
        let files = [
            NewFile::image("a.png", b"\x89PNG\r\n", (4, 3), "a form"),
            NewFile::snippet("b.py", "python", "print(1)"),
            NewFile::new("c.mp4", "video/mp4", b"film"),
            NewFile::new("d.m4a", "audio/mp4", b"sound"),
        ];
        house.phil_shares(&files, "").await;
        let shown = house.files_in_room();
        assert_eq!(shown.len(), 1);
        assert_eq!((shown[0].text.as_str(), names(&shown[0])), ("*Phil*", vec!["a.png", "b.py", "c.mp4", "d.m4a"]));
        assert_eq!(shown[0].files[1]["mode"], "snippet");
        assert_eq!(house.bytes(HUB, &shown[0]).len(), 4);
    }

    async fn what_jane_shares_phil_has_from_the_bot_signed(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_shares(&[NewFile::new("guide.pdf", PDF, b"%PDF-1.4 g")], "see <@U0RAJ>'s guide").await;
        let said = house.files_in_dm();
        assert_eq!(said.len(), 1, "{:#?}", house.dm());
        assert_eq!(said[0].text, "see @Raj's guide\n_sent by Jane from Initech_");
        assert_eq!(house.bytes(ACME, &said[0]), [b"%PDF-1.4 g"]);
        let talk = house.room("cs-phil").concat();
        assert!(talk.contains(":white_check_mark:"), "{talk}");
        assert_eq!(house.files_in_room().len(), 1, "her own, and no echo of it");
    }

    async fn what_the_bot_shares_the_room_has(house: House) {
        house.with_open_room().await;
        let id = {
            let ticket = house.slack.call(BOT_TOKEN, "files.getUploadURLExternal", json!({ "filename": "form.pdf", "length": 4 }));
            let client = reqwest::Client::builder().no_proxy().build().unwrap();
            client.post(ticket["upload_url"].as_str().unwrap()).body("form").send().await.unwrap();
            ticket["file_id"].as_str().unwrap().to_owned()
        };
        let done = house.slack.call(BOT_TOKEN, "files.completeUploadExternal",
            json!({ "files": [{ "id": id }], "channel_id": PHILS_DM, "initial_comment": "the form" }));
        assert_eq!(done["ok"], true, "{done}");
        house.wait(Duration::from_secs(2)).await;
        let shown = house.files_in_room();
        assert_eq!((shown.len(), shown[0].text.as_str()), (1, "*Expense Bot:* the form"));
    }

    async fn files_keep_their_place_among_the_words(house: House) {
        house.with_open_room().await;
        house.slack.late_shares(Some(3));
        house.slack.say(ACME, PHIL, PHILS_DM, "one").unwrap();
        house.slack.share_files(ACME, PHIL, PHILS_DM, &[NewFile::new("two.txt", "text/plain", b"2")], json!({ "text": "two" })).unwrap();
        house.slack.say(ACME, PHIL, PHILS_DM, "three").unwrap();
        house.wait(Duration::from_secs(10)).await;
        let texts: Vec<String> = house.posts("cs-phil").into_iter().rev().take(3).map(|post| post.text).collect();
        assert_eq!(texts, ["three", "*Phil:* two", "one"]);
    }

    async fn a_late_share_is_no_second_message_of_the_bot(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.late_shares(Some(100));
        house.jane_shares(&[NewFile::new("guide.pdf", PDF, b"%PDF-1.4 g")], "the guide").await;
        house.wait(Duration::from_mins(1)).await;
        house.slack.release_shares();
        house.wait(Duration::from_mins(1)).await;
        assert_eq!((house.files_in_dm().len(), house.files_in_room().len()), (1, 1), "{:#?}", house.room("cs-phil"));
    }

    async fn what_cannot_be_brought_over_is_told_and_the_words_come(house: House) {
        house.with_open_room().await;
        let before = house.room("cs-phil").len();
        house.phil_shares(&[
            NewFile::new("gone.pdf", PDF, b"1").deleted(),
            NewFile::new("old.pdf", PDF, b"1").hidden_by_limit(),
            NewFile::external("plan", "gdrive", "https://drive.example/1"),
        ], "three files").await;
        let shown = house.room_since("cs-phil", before).join("\n");
        assert!(shown.starts_with("Phil: three files\n"), "{shown}");
        for line in ["sent a file that was deleted since", "old.pdf (hidden by the limits", "sent a link to a file: <https://drive.example/1|plan>"] {
            assert!(shown.contains(line), "{line}: {shown}");
        }
    }

    async fn words_do_not_wait_for_files_that_cannot_be_shown(house: House) {
        house.with_open_room().await;
        let before = house.room("cs-phil").len();
        house.slack.fail_next("files.completeUploadExternal", Fault::Error("error_of_next_year".into()));
        house.phil_shares(&[NewFile::new("a.pdf", PDF, b"%PDF-1.4 1")], "the bill").await;
        let shown = house.room_since("cs-phil", before);
        assert_eq!((shown.len(), shown[0].as_str()), (2, "Phil: the bill"), "{shown:#?}");
        assert!(shown[1].contains("sent a file") && shown[1].contains("error_of_next_year"), "{shown:#?}");

        house.jane_presses("cs-phil", "megatron.retry").await;
        house.wait(Duration::from_secs(2)).await;
        let shown = house.room("cs-phil").concat();
        assert_eq!((names(&house.files_in_room()[0]), shown.matches("the bill").count()), (vec!["a.pdf"], 1), "{shown}");
    }

    async fn words_of_files_that_could_not_be_shown_are_edited_in_their_place(house: House) {
        house.with_open_room().await;
        house.slack.fail_next("files.completeUploadExternal", Fault::Error("error_of_next_year".into()));
        let ts = house.phil_shares(&[NewFile::new("a.pdf", PDF, b"%PDF-1.4 1")], "the bil").await;
        house.jane_presses("cs-phil", "megatron.retry").await;
        house.wait(Duration::from_secs(2)).await;
        house.slack.edit(ACME, PHIL, PHILS_DM, &ts, "the bill").unwrap();
        house.wait(Duration::from_secs(2)).await;
        let room = house.slack.history(HUB, "cs-phil").into_iter().filter(|post| !post.deleted).collect::<Vec<_>>();
        let said: Vec<_> = room.iter().filter(|post| post.text.contains("the bil")).collect();
        assert!(said.len() == 1 && said[0].text.contains("the bill"), "{:#?}", house.room("cs-phil"));
    }

    async fn a_file_that_slack_does_not_hand_out_is_told_with_the_reason(house: House) {
        house.with_open_room().await;
        let before = house.room("cs-phil").len();
        house.slack.spoil_next_download(Spoilt::Missing);
        house.phil_shares(&[NewFile::new("a.pdf", PDF, b"%PDF-1.4 1"), NewFile::new("b.pdf", PDF, b"%PDF-1.4 2")], "two").await;
        let shown = house.room_since("cs-phil", before).join("\n");
        assert!(shown.contains("*Phil:* two") && shown.contains("sent a file: a.pdf (application/pdf, 10 B): "), "{shown}");
        assert_eq!(names(&house.files_in_room()[0]), ["b.pdf"]);
    }

    async fn without_the_permission_the_words_go_and_jane_learns_why_the_file_did_not(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("files.getUploadURLExternal", Fault::Error("missing_scope".into()));
        house.jane_shares(&[NewFile::new("guide.pdf", PDF, b"%PDF-1.4 g")], "the guide").await;
        assert!(house.dm().pop().unwrap().contains("the guide"), "{:?}", house.dm());
        let notice = house.notices("cs-phil").pop().unwrap();
        assert!(notice.starts_with("⚠️ Phil does not get this: 📎 sent a file: guide.pdf") && notice.contains("permission"), "{notice}");
    }

    async fn a_file_that_is_too_large_is_told_with_both_sizes(house: House) {
        house.restart_with("files.max_size = \"1kB\"").await;
        house.with_open_room().await;
        house.phil_shares(&[NewFile::new("big.bin", "application/octet-stream", &[7; 2000])], "big").await;
        let room = house.room("cs-phil").join("\n");
        assert!(room.contains("Phil: big") && room.contains("2 kB") && room.contains("1 kB"), "{room}");
        assert!(house.slack.file_requests().is_empty(), "not even asked for");
    }

    async fn a_stub_of_slack_connect_is_asked_for(house: House) {
        house.with_open_room().await;
        house.phil_shares(&[NewFile::new("shared.pdf", PDF, b"%PDF-1.4 s").through_slack_connect()], "").await;
        assert_eq!(names(&house.files_in_room()[0]), ["shared.pdf"]);
    }

    async fn files_survive_crashes_and_slowness_once(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        let file = |name: &str| NewFile::new(name, PDF, b"%PDF-1.4 x");
        house.slack.share_files(ACME, PHIL, PHILS_DM, &[file("one.pdf")], json!({ "text": "one" })).unwrap();
        house.pass_on().await;
        house.crash_during("files.completeUploadExternal", Fault::HangAfter).await;
        house.wait(Duration::from_mins(2)).await;
        house.slack.share_files(HUB, JANE, "cs-phil", &[file("two.pdf")], json!({ "text": "two" })).unwrap();
        house.pass_on().await;
        house.crash_during("files.getUploadURLExternal", Fault::HangBefore).await;
        house.wait(Duration::from_mins(2)).await;
        house.slack.fail_next("files.completeUploadExternal", Fault::ResetAfter);
        house.phil_shares(&[file("three.pdf")], "three").await;
        house.slack.fail_next("download", Fault::Http500Before);
        house.phil_shares(&[file("four.pdf")], "four").await;
        house.wait(Duration::from_mins(5)).await;
        let of_phil: Vec<String> = house.files_in_room().iter().filter(|post| post.by_app).map(|post| names(post).join(" ")).collect();
        assert_eq!(of_phil, ["one.pdf", "three.pdf", "four.pdf"]);
        assert_eq!(house.files_in_dm().iter().map(|post| names(post).join(" ")).collect::<Vec<_>>(), ["two.pdf"]);
    }

    async fn words_with_files_are_edited_and_deleted_with_them(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        let his = house.phil_shares(&[NewFile::new("a.pdf", PDF, b"%PDF-1.4 a")], "teh form").await;
        let hers = house.jane_shares(&[NewFile::new("b.pdf", PDF, b"%PDF-1.4 b")], "teh guide").await;
        house.slack.edit(ACME, PHIL, PHILS_DM, &his, "the form").unwrap();
        house.slack.edit(HUB, JANE, "cs-phil", &hers, "the guide").unwrap();
        house.settle().await;
        let in_room = house.files_in_room();
        assert!(in_room.iter().any(|post| post.text == "*Phil:* the form" && names(post) == ["a.pdf"]), "{in_room:#?}");
        assert_eq!(house.files_in_dm()[0].text, "the guide\n_sent by Jane from Initech_");

        let copy = house.files_in_dm()[0].files[0]["id"].as_str().unwrap().to_owned();
        house.slack.delete(ACME, PHIL, PHILS_DM, &his).unwrap();
        house.slack.delete(HUB, JANE, "cs-phil", &hers).unwrap();
        house.settle().await;
        assert!(house.files_in_dm().is_empty() && house.files_in_room().iter().all(|post| !post.by_app));
        assert_eq!(house.slack.file_bytes(ACME, &copy), None, "nor is the file itself there any more");
    }

    async fn a_file_that_jane_deletes_out_of_her_message_phil_has_no_more(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        let hers = house.jane_shares(&[NewFile::new("a.pdf", PDF, b"%PDF-1.4 a"), NewFile::new("wrong.pdf", PDF, b"%PDF-1.4 w")], "here").await;
        let file = house.posts("cs-phil").into_iter().find(|post| post.ts == hers).unwrap().files[1]["id"].as_str().unwrap().to_owned();
        house.slack.delete_file(HUB, JANE, &file).unwrap();
        house.settle().await;
        let left: Vec<Value> = house.files_in_dm()[0].files.as_array().unwrap().iter().filter(|file| file["mode"] != "tombstone").cloned().collect();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0]["name"], "a.pdf");
    }

    async fn a_file_in_a_thread_answers_there(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        let root = house.phil_says("Which form?").await;
        house.slack.reply(ACME, PHIL, PHILS_DM, &root, "The blue one?", false).unwrap();
        house.settle().await;
        house.jane_shares(&[NewFile::new("red.pdf", PDF, b"%PDF-1.4 r")], "This one").await;
        assert_eq!(house.files_in_dm()[0].thread_ts.as_deref(), Some(root.as_str()));
    }

    async fn a_file_of_a_note_stays_a_note(house: House) {
        house.with_open_room().await;
        let root = house.phil_says("hello").await;
        let shown = house.posts("cs-phil").into_iter().rfind(|post| post.text == "hello").unwrap().ts;
        house.slack.post_as_user(HUB, JANE, "cs-phil", json!({ "text": "only us", "thread_ts": shown })).unwrap();
        house.settle().await;
        assert!(house.files_in_dm().is_empty() && !house.dm().concat().contains("only us"), "{root}");
    }
}
