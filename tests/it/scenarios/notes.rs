//! What agents say among themselves in threads never leaves: every way it could is tried.

use std::time::Duration;

use megatron::demo::cast::{ACME, HUB, JANE, PHIL, PHILS_DM, RAJ, SIGNING_SECRET};
use megatron::simulator::{Fault, NewFile};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::support::house::House;
use crate::support::scenarios;

/// Stands in every note, in its files and in the names of these.
const SECRET: &str = "SECRET";

impl House {
    /// A note below a message of the room.
    fn note(&self, root: &str, text: &str, broadcast: bool) -> String {
        self.slack.reply(HUB, JANE, "cs-phil", root, &format!("{SECRET} {text}"), broadcast).unwrap()
    }

    /// An event of the hub app, as Slack sends it.
    async fn event(&self, id: &str, event: Value) {
        let body =
            json!({ "type": "event_callback", "team_id": HUB, "api_app_id": "A0HUB", "event_id": id, "event": event });
        let request = self.signed("slack/events", SIGNING_SECRET, 0, body.to_string());
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
        self.settle().await;
    }

    /// Nothing of a note, and no trace of one, has gone to Phil's workspace or to the bot.
    fn no_note_has_left(&self, so_far: &str) {
        for call in self.slack.calls().iter().filter(|call| call.team == ACME) {
            assert!(!call.args.to_string().contains(SECRET), "{so_far}: {} {}", call.method, call.args);
            let leaves = [
                "chat.update",
                "chat.delete",
                "reactions.add",
                "reactions.remove",
                "files.completeUploadExternal",
                "files.delete",
            ];
            assert!(!leaves.contains(&call.method.as_str()), "{so_far}: {} {}", call.method, call.args);
        }
        for post in self.slack.history(ACME, PHILS_DM) {
            let all = format!("{} {} {} {}", post.text, post.blocks, post.attachments, post.files);
            assert!(!all.contains(SECRET), "{so_far}: {all}");
        }
        for call in self.bot.heard() {
            assert!(!call.body.to_string().contains(SECRET), "{so_far}: the bot heard {}", call.body);
        }
    }
}

scenarios! {
    async fn no_note_leaves_whatever_is_done_with_it(house: House) {
        house.with_open_room().await;
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        let his = house.phil_says("help!").await;
        let of_phil = house.posts("cs-phil").pop().unwrap().ts;
        let of_jane = house.jane_writes("cs-phil", "Hello Phil").await;
        let of_service = house.posts("cs-phil").first().unwrap().ts.clone();
        for mode in ["remind", "pause", "hold"] {
            house.restart_with(&format!("rooms.on_agent_message = \"{mode}\"")).await;
            for (root, below) in [(&of_phil, "Phil's message"), (&of_jane, "her own"), (&of_service, "a card")] {
                let step = |what: &str| format!("{mode}, below {below}: {what}");
                let note = house.note(root, "a note", false);
                house.settle().await;
                house.no_note_has_left(&step("written"));

                let loud = house.note(root, "a note for the channel", true);
                house.settle().await;
                house.no_note_has_left(&step("also sent to the channel"));

                for ts in [&note, &loud] {
                    house.slack.edit(HUB, JANE, "cs-phil", ts, "SECRET, edited").unwrap();
                    house.settle().await;
                    house.no_note_has_left(&step("edited"));
                    house.slack.react(HUB, RAJ, "cs-phil", ts, "tada", true).unwrap();
                    house.slack.react(HUB, RAJ, "cs-phil", ts, "tada", false).unwrap();
                    house.settle().await;
                    house.no_note_has_left(&step("reacted to"));
                    house.slack.message_shortcut(HUB, JANE, "cs-phil", ts, "megatron.recall").await.unwrap();
                    house.settle().await;
                    house.no_note_has_left(&step("taken back"));
                }
                house.slack.unfurl(HUB, "cs-phil", &note, &json!({ "from_url": "https://a.example/SECRET", "text": "SECRET" })).unwrap();
                house.restart().await;
                house.no_note_has_left(&step("restarted"));

                let file = NewFile::new("SECRET.txt", "text/plain", b"SECRET");
                let fields = json!({ "text": "SECRET file", "thread_ts": root });
                let shared = house.slack.share_files(HUB, JANE, "cs-phil", std::slice::from_ref(&file), fields).unwrap();
                house.wait(Duration::from_secs(5)).await;
                house.no_note_has_left(&step("a file"));
                house.slack.edit(HUB, JANE, "cs-phil", &shared, "SECRET file, edited").unwrap();
                house.settle().await;
                for ts in [&note, &loud, &shared] {
                    house.slack.delete(HUB, JANE, "cs-phil", ts).unwrap();
                    house.settle().await;
                    house.no_note_has_left(&step("deleted"));
                }
            }
        }
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(Duration::from_mins(5)).await;
        house.no_note_has_left("paused");
        house.jane_writes("cs-phil", "and a word for Phil").await;
        assert!(house.dm().pop().unwrap().contains("and a word for Phil"), "the way out is open: {his}");
    }

    async fn no_note_leaves_when_slack_tells_of_it_in_odd_ways(house: House) {
        house.with_open_room().await;
        let channel = house.slack.channel(HUB, "cs-phil").unwrap().id;
        let root = house.jane_writes("cs-phil", "Hello Phil").await;
        let message = |ts: &str, more: Value| {
            let mut message = json!({ "type": "message", "user": JANE, "text": "SECRET", "ts": ts, "thread_ts": root, "channel": channel });
            message.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            message
        };
        let changed = |ts: &str, stamp: &str| json!({ "type": "message", "subtype": "message_changed", "channel": channel, "hidden": true, "ts": stamp,
            "event_ts": stamp, "message": message(ts, json!({ "edited": { "user": JANE, "ts": "1795168900.000000" } })) });
        let deleted = |ts: &str| json!({ "type": "message", "subtype": "message_deleted", "channel": channel, "hidden": true, "ts": "1795168999.000100",
            "deleted_ts": ts });
        // A change before its note, twice, and the note late, under several ids.
        house.event("Ev1", changed("1795168900.000100", "1795168901.000100")).await;
        house.event("Ev2", changed("1795168900.000100", "1795168901.000100")).await;
        house.event("Ev3", message("1795168900.000100", json!({}))).await;
        house.event("Ev4", message("1795168900.000100", json!({ "client_msg_id": "x" }))).await;
        house.event("Ev5", message("1795168902.000100", json!({ "subtype": "thread_broadcast" }))).await;
        house.event("Ev6", changed("1795168902.000100", "1795168903.000100")).await;
        house.event("Ev7", message("1795168904.000100", json!({ "subtype": "file_share", "files": [{ "id": "F0SECRET", "name": "SECRET" }] }))).await;
        house.event("Ev8", message("1795168905.000100", json!({ "type": "app_mention" }))).await;
        house.event("Ev9", message("1795168906.000100", json!({ "subtype": "me_message" }))).await;
        house.event("Ev10", deleted("1795168902.000100")).await;
        house.event("Ev11", deleted("1795168904.000100")).await;
        house.event("Ev12", json!({ "type": "reaction_added", "user": JANE, "reaction": "eyes", "event_ts": "1795168907.000100",
            "item": { "type": "message", "channel": channel, "ts": "1795168900.000100" } })).await;
        // The root of a thread is reported with its replies in it.
        house.event("Ev13", json!({ "type": "message", "subtype": "message_replied", "channel": channel, "ts": "1795168908.000100",
            "message": { "type": "message", "user": JANE, "text": "Hello Phil", "ts": root, "thread_ts": root, "reply_count": 1 } })).await;
        house.wait(Duration::from_mins(10)).await;
        house.restart().await;
        house.wait(Duration::from_mins(10)).await;
        house.no_note_has_left("in odd ways");
    }

    async fn no_note_leaves_with_what_is_tried_again(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("chat.postMessage", Fault::Error("error_of_next_year".into()));
        let root = house.jane_writes("cs-phil", "Hello Phil").await;
        house.note(&root, "why did that fail?", true);
        house.settle().await;
        house.jane_presses("cs-phil", "megatron.retry").await;
        house.slack.fail_times("chat.postMessage", 3, Fault::Http500After);
        house.note(&root, "still failing?", false);
        house.jane_writes("cs-phil", "And again").await;
        house.wait(Duration::from_mins(10)).await;
        house.no_note_has_left("tried again");
        assert_eq!(house.dm().iter().filter(|line| line.contains("Hello Phil")).count(), 1);
    }

    async fn no_note_leaves_when_the_room_is_closed_and_opened_again(house: House) {
        house.with_open_room().await;
        let root = house.jane_writes("cs-phil", "Hello Phil").await;
        let note = house.note(&root, "before the end", true);
        house.settle().await;
        house.types(JANE, "cs-phil", "close").await;
        house.wait(Duration::from_mins(1)).await;
        house.jane_types("open phil").await;
        house.wait(Duration::from_mins(1)).await;
        let reopened = house.slack.channel(HUB, "cs-phil").unwrap();
        let header = house.posts("cs-phil").first().unwrap().ts.clone();
        house.slack.reply(HUB, JANE, &reopened.id, &header, "SECRET in the new one", false).unwrap();
        house.settle().await;
        house.no_note_has_left(&note);
        assert!(!house.posts("cs-phil").iter().any(|post| post.thread_ts.is_none() && post.text.contains(SECRET)));
        assert!(house.slack.history(ACME, PHILS_DM).iter().any(|post| post.author == "Phil"), "{PHIL}");
    }
}
