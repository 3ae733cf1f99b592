//! Shortcuts of the messages in a room: take back, try again, add a note. Live Chat Control has scenarios of its own.

use std::time::Duration;

use megatron::demo::cast::{HUB, JANE, RAJ, SUPPORT};
use megatron::simulator::Fault;
use megatron::takeover::cards::{action, shortcut};
use serde_json::json;

use crate::support::house::House;
use crate::support::scenarios;

const ELSEWHERE: &str = "This works in the rooms of customers.";
const NOT_AN_AGENT: &str = "Only agents can use this, and you are not one of them. Nothing was changed.";

impl House {
    /// Uses a shortcut on a message; what only they read then, if anything.
    async fn uses_on(&self, user: &str, channel: &str, ts: &str, shortcut: &str) -> String {
        let before = self.whispers(user, channel).len();
        let answer = self.slack.message_shortcut(HUB, user, channel, ts, shortcut).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        self.settle().await;
        let told = self.whispers(user, channel).split_off(before);
        told.join("\n").replace("Megatron ▸ ", "").replace("[card] ", "").replace(" (only visible to you)", "")
    }
}

scenarios! {
    async fn what_failed_is_tried_again_from_the_message_itself(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("chat.postMessage", Fault::Error("error_of_next_year".into()));
        let ts = house.jane_writes("cs-phil", "Hi Phil").await;
        assert!(!house.dm().concat().contains("Hi Phil"));
        assert_eq!(house.uses_on(JANE, "cs-phil", &ts, shortcut::RETRY).await, "Trying again.");
        assert_eq!(house.got_from_agents().iter().filter(|line| line.contains("Hi Phil")).count(), 1);
        let nothing = "Nothing of this message has failed, so there is nothing to try again.";
        assert_eq!(house.uses_on(JANE, "cs-phil", &ts, shortcut::RETRY).await, nothing);
    }

    async fn what_failed_is_tried_again_from_the_card_that_says_so(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("chat.postMessage", Fault::Error("error_of_next_year".into()));
        house.jane_writes("cs-phil", "Hi Phil").await;
        let card = house.card_with("cs-phil", action::RETRY).unwrap();
        assert_eq!(house.uses_on(JANE, "cs-phil", &card.ts, shortcut::RETRY).await, "Trying again.");
        assert!(house.dm().concat().contains("Hi Phil"));
    }

    async fn what_waits_for_its_next_try_is_tried_now(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_times("chat.postMessage", 1, Fault::RateLimited { retry_after_secs: 600 });
        let ts = house.jane_writes("cs-phil", "Hi Phil").await;
        assert!(!house.dm().concat().contains("Hi Phil"));
        assert_eq!(house.uses_on(JANE, "cs-phil", &ts, shortcut::RETRY).await, "Trying again now.");
        assert!(house.dm().concat().contains("Hi Phil"));
    }

    async fn a_note_goes_into_the_thread_of_the_message(house: House) {
        house.with_open_room().await;
        let of_phil = house.phil_says("My card is lost").await;
        let shown = house.posts("cs-phil").pop().unwrap();
        assert_eq!(house.uses_on(JANE, "cs-phil", &shown.ts, shortcut::NOTE).await, "");
        assert_eq!(house.dialog(JANE)["title"]["text"], "Add a note");
        let (dm, heard) = (house.dm().len(), house.bot.heard().len());
        house.sends(JANE, json!({ "note": "Ask <!channel> about 4111 1111 1111 1111 & *him*" })).await;
        assert!(house.slack.modals(HUB, JANE).is_empty(), "it is closed");
        let note = house.posts("cs-phil").pop().unwrap();
        assert_eq!((note.author.as_str(), note.thread_ts.as_deref()), ("Jane", Some(shown.ts.as_str())));
        assert!(note.blocks.to_string().contains("Ask <!channel> about •••• •••• •••• 1111 & *him*"), "{}", note.blocks);
        assert_eq!(note.text, "Ask &lt;!channel&gt; about •••• •••• •••• 1111 &amp; *him*");
        house.wait(Duration::from_mins(1)).await;
        assert_eq!((house.dm().len(), house.bot.heard().len()), (dm, heard), "it stays here: {of_phil}");

        // A note below a note is in the same thread.
        house.uses_on(JANE, "cs-phil", &note.ts, shortcut::NOTE).await;
        house.sends(JANE, json!({ "note": "Done." })).await;
        assert_eq!(house.posts("cs-phil").pop().unwrap().thread_ts, note.thread_ts);
        assert!(house.types(JANE, "cs-phil", "audit").await.contains("Jane added a note"));
        let (_, transcript) = house.api(reqwest::Method::GET, "v1/conversations/T0ACME/D0PHIL/transcript?format=txt", None).await;
        let transcript = transcript.as_str().unwrap();
        let notes = transcript.split("Notes").nth(1).unwrap_or_default();
        assert!(notes.contains("Jane") && notes.contains("Done."), "{transcript}");
    }

    async fn a_note_that_slack_refuses_can_be_tried_again(house: House) {
        house.with_open_room().await;
        let root = house.posts("cs-phil").pop().unwrap().ts;
        house.uses_on(JANE, "cs-phil", &root, shortcut::NOTE).await;
        house.slack.fail_next("chat.postMessage", Fault::Error("error_of_next_year".into()));
        house.sends(JANE, json!({ "note": "Ask Finance." })).await;
        let card = house.card_with("cs-phil", action::RETRY).unwrap();
        assert!(card.text.contains("The note of Jane could not be added"), "{}", card.text);
        house.clicks(JANE, "cs-phil", action::RETRY).await;
        let note = house.posts("cs-phil").pop().unwrap();
        assert_eq!((note.author.as_str(), note.thread_ts), ("Jane", Some(root)));
        assert!(!house.dm().concat().contains("Finance"));
    }

    async fn a_note_without_words_or_a_room_is_none(house: House) {
        house.with_open_room().await;
        let root = house.posts("cs-phil").pop().unwrap().ts;
        house.uses_on(JANE, "cs-phil", &root, shortcut::NOTE).await;
        house.sends(JANE, json!({ "note": "  \n " })).await;
        assert_eq!(house.dialog(JANE)["errors"], json!({ "note": "A note needs some words." }));
        house.types(RAJ, SUPPORT, "close phil").await;
        house.sends(JANE, json!({ "note": "Too late" })).await;
        assert_eq!(house.reads(JANE), "The room is closed meanwhile. Nothing was changed.");
    }

    async fn on_what_they_do_not_fit_they_say_so(house: House) {
        house.with_open_room().await;
        house.phil_says("My card is lost").await;
        let of_phil = house.posts("cs-phil").pop().unwrap().ts;
        let card = house.posts("cs-phil").remove(0).ts;
        let reply = house.slack.reply(HUB, JANE, "cs-phil", &of_phil, "he lost it", false).unwrap();
        for (ts, why) in [
            (&of_phil, "Only what an agent wrote can be taken back from Phil."),
            (&card, "Only what an agent wrote can be taken back from Phil."),
            (&reply, "Replies in threads stay here: Phil does not have that message."),
        ] {
            assert_eq!(house.uses_on(JANE, "cs-phil", ts, shortcut::RECALL).await, why);
            let told = house.uses_on(JANE, "cs-phil", ts, shortcut::RETRY).await;
            assert!(told.starts_with("Nothing of this message has failed"), "{told}");
        }
        assert!(house.dm().concat().contains("My card is lost"));
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("chat.postMessage", Fault::Error("error_of_next_year".into()));
        let failed = house.jane_writes("cs-phil", "Hi Phil").await;
        let told = house.uses_on(JANE, "cs-phil", &failed, shortcut::RECALL).await;
        assert!(told.contains("Phil does not have that message."), "{told}");
        let elsewhere = house.slack.say(HUB, JANE, SUPPORT, "lunch?").unwrap();
        for shortcut in [shortcut::RECALL, shortcut::RETRY, shortcut::NOTE] {
            assert_eq!(house.uses_on(JANE, SUPPORT, &elsewhere, shortcut).await, ELSEWHERE, "{shortcut}");
        }
        assert!(house.slack.modals(HUB, JANE).is_empty());
    }

    async fn only_agents_use_them(house: House) {
        house.restart_with(&format!("support.agents = ['{JANE}']")).await;
        house.with_open_room().await;
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        let ts = house.jane_writes("cs-phil", "Hi Phil").await;
        for shortcut in [shortcut::RECALL, shortcut::RETRY, shortcut::NOTE] {
            assert_eq!(house.uses_on(RAJ, "cs-phil", &ts, shortcut).await, NOT_AN_AGENT, "{shortcut}");
        }
        house.uses_on(JANE, "cs-phil", &ts, shortcut::NOTE).await;
        house.restart_with(&format!("support.agents = ['{RAJ}']")).await;
        house.sends(JANE, json!({ "note": "Hm." })).await;
        assert_eq!(house.reads(JANE), NOT_AN_AGENT);
        assert!(house.dm().concat().contains("Hi Phil"));
    }
}
