//! Threads: the customer's are kept and shown flat, the agents' are notes.

use megatron::demo::cast::{ACME, BOT_TOKEN, HUB, JANE, PHIL, PHILS_DM};
use megatron::simulator::Fault;
use serde_json::json;

use crate::support::scenarios;

scenarios! {
    async fn a_reply_of_phil_is_shown_flat_with_what_it_answers(house: House) {
        house.with_open_room().await;
        let root = house.phil_says("Which form?").await;
        let shown = house.posts("cs-phil").pop().unwrap();
        house.phil_says("something else").await;
        house.slack.reply(ACME, PHIL, PHILS_DM, &root, "The blue one?", false).unwrap();
        house.settle().await;
        let reply = house.posts("cs-phil").pop().unwrap();
        assert_eq!((reply.text.as_str(), reply.thread_ts), ("The blue one?", None));
        let blocks = reply.blocks.to_string();
        assert!(blocks.contains("↪ in reply to <") && blocks.contains("|“Which form?”>"), "{blocks}");
        assert!(blocks.contains(&shown.ts.replace('.', "")), "a link to what is answered: {blocks}");
    }

    async fn a_reply_that_is_also_sent_to_the_channel_is_shown_once(house: House) {
        house.with_open_room().await;
        let root = house.phil_says("Which form?").await;
        house.slack.reply(ACME, PHIL, PHILS_DM, &root, "The blue one?", true).unwrap();
        house.settle().await;
        let posts = house.posts("cs-phil");
        assert_eq!(posts.iter().filter(|post| post.text == "The blue one?").count(), 1, "{:#?}", house.room("cs-phil"));
    }

    async fn jane_answers_in_the_thread_where_phil_wrote_last(house: House) {
        house.with_open_room().await;
        let root = house.phil_says("Which form?").await;
        house.slack.reply(ACME, PHIL, PHILS_DM, &root, "The blue one?", false).unwrap();
        house.settle().await;
        house.jane_writes("cs-phil", "The red one").await;
        let said = house.slack.history(ACME, PHILS_DM).pop().unwrap();
        assert!(said.text.contains("The red one"));
        assert_eq!(said.thread_ts.as_deref(), Some(root.as_str()));
        house.phil_says("Thanks").await;
        house.jane_writes("cs-phil", "You are welcome").await;
        assert_eq!(house.slack.history(ACME, PHILS_DM).pop().unwrap().thread_ts, None, "flat again, as Phil is");
    }

    async fn with_a_bot_that_answers_in_threads_jane_does_so_too(house: House) {
        house.with_open_room().await;
        let first = house.phil_says("Hello bot").await;
        house.slack.bot_says(BOT_TOKEN, PHILS_DM, json!({ "text": "Hello Phil", "thread_ts": first })).unwrap();
        house.settle().await;
        let second = house.phil_says("I need a human").await;
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "Here I am").await;
        let said = house.slack.history(ACME, PHILS_DM);
        for post in &said[said.len() - 2..] {
            assert_eq!(post.thread_ts.as_deref(), Some(second.as_str()), "{}", post.text);
        }
    }

    async fn where_no_reply_is_possible_jane_is_heard_all_the_same(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        let root = house.phil_says("Which form?").await;
        house.slack.reply(ACME, PHIL, PHILS_DM, &root, "The blue one?", false).unwrap();
        house.settle().await;
        house.slack.fail_next("chat.postMessage", Fault::Error("cannot_reply_to_message".into()));
        house.jane_writes("cs-phil", "The red one").await;
        let said = house.slack.history(ACME, PHILS_DM).pop().unwrap();
        assert!(said.text.contains("The red one") && said.thread_ts.is_none());
    }

    async fn a_reply_in_doubt_is_looked_for_in_its_thread(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        let root = house.phil_says("Which form?").await;
        house.slack.reply(ACME, PHIL, PHILS_DM, &root, "The blue one?", false).unwrap();
        house.settle().await;
        house.slack.fail_next("chat.postMessage", Fault::ResetAfter);
        house.jane_writes("cs-phil", "The red one").await;
        house.wait(std::time::Duration::from_mins(3)).await;
        let times = house.slack.history(ACME, PHILS_DM).iter().filter(|post| post.text.contains("The red one")).count();
        assert_eq!(times, 1);
        assert!(house.slack.calls().iter().any(|call| call.method == "conversations.replies"));
    }

    async fn reactions_and_edits_find_replies_too(house: House) {
        house.with_open_room().await;
        let root = house.phil_says("Which form?").await;
        let reply = house.slack.reply(ACME, PHIL, PHILS_DM, &root, "The bleu one?", false).unwrap();
        house.settle().await;
        house.slack.edit(ACME, PHIL, PHILS_DM, &reply, "The blue one?").unwrap();
        house.settle().await;
        let shown = house.posts("cs-phil").pop().unwrap();
        assert!(shown.text.contains("The blue one?") && shown.blocks.to_string().contains("↪ in reply to"), "{}", shown.blocks);
        let copy = house.slack.history(HUB, "cs-phil").pop().unwrap().ts;
        house.slack.react(HUB, JANE, "cs-phil", &copy, "eyes", true).unwrap();
        house.settle().await;
        let his = house.slack.history(ACME, PHILS_DM).into_iter().find(|post| post.ts == reply).unwrap();
        assert_eq!(his.reactions[0].0, "eyes");
    }
}
