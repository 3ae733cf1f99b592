//! What agents are reminded of, and what happens to a room that everybody has forgotten.

use std::time::Duration;

use megatron::config::WhilePending;
use megatron::demo::cast::{ACME, HUB, JANE, PHILIPPA, PHILIPPAS_DM, RAJ};
use megatron::takeover::cards::action;
use serde_json::json;

use crate::support::house::House;
use crate::support::scenarios;

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const IDLE: &str = "Megatron ▸ [card] Nobody has written for 3 minutes, and Expense Bot is still paused.";

scenarios! {
    async fn the_pause_reminder_comes_once_an_hour_for_each_room(house: House) {
        house.with_open_room().await;
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        house.jane_writes("cs-phil", "Hi Phil").await;
        let reminder = "Megatron ▸ [card] Jane, Expense Bot is still active and may answer too. Pause it?";
        assert_eq!(house.room("cs-phil").last().unwrap(), reminder);
        house.jane_writes("cs-phil", "How are you?").await;
        house.slack.say(HUB, RAJ, "cs-phil", "I am here too").unwrap();
        house.wait(59 * MINUTE).await;
        house.restart().await;
        house.jane_writes("cs-phil", "Still there?").await;
        assert_eq!(reminders(&house, "cs-phil", "Pause it?"), 1);

        house.slack.say(ACME, PHILIPPA, PHILIPPAS_DM, "hello").unwrap();
        house.settle().await;
        house.jane_types("open philippa").await;
        house.jane_writes("cs-philippa", "Hi Philippa").await;
        assert_eq!(reminders(&house, "cs-philippa", "Pause it?"), 1, "another room has its own");

        house.wait(MINUTE).await;
        house.jane_writes("cs-phil", "One hour later").await;
        assert_eq!(reminders(&house, "cs-phil", "Pause it?"), 2);
    }

    async fn a_paused_bot_needs_no_pause_reminder(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.slack.reply(HUB, JANE, "cs-phil", &house.slack.history(HUB, "cs-phil")[1].ts, "a note", false).unwrap();
        house.settle().await;
        assert_eq!(reminders(&house, "cs-phil", "Pause it?"), 0);
    }

    async fn a_bot_that_is_silent_while_the_customer_waits_needs_no_pause_reminder(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_says("help!").await;
        house.jane_types("open phil").await;
        house.is_handed_off(json!({})).await;
        assert_eq!(house.control().await, "pending, paused, 1");
        let room = house.room("cs-phil").len();
        house.jane_writes("cs-phil", "Somebody will be with you soon").await;
        assert_eq!(house.room_since("cs-phil", room), ["Jane: Somebody will be with you soon :white_check_mark:"]);
        house.restart_with("rooms.on_agent_message = \"hold\"").await;
        house.jane_writes("cs-phil", "Any minute now").await;
        assert!(house.dm().last().unwrap().ends_with("Any minute now"), "nothing is held: {:#?}", house.dm());
        assert_eq!(house.control().await, "pending, paused, 1", "to write is not to pick");
    }

    async fn a_bot_that_answers_while_the_customer_waits_needs_one(house: House) {
        house.restart_adjusted(|config| config.bots[0].while_pending = WhilePending::Answer).await;
        house.with_queues(|_| ()).await;
        house.phil_says("help!").await;
        house.jane_types("open phil").await;
        house.is_handed_off(json!({})).await;
        house.jane_writes("cs-phil", "Somebody will be with you soon").await;
        assert_eq!(reminders(&house, "cs-phil", "Pause it?"), 1);
    }

    async fn a_note_reminds_nobody(house: House) {
        house.with_open_room().await;
        let parent = house.slack.history(HUB, "cs-phil").last().unwrap().ts.clone();
        house.slack.reply(HUB, JANE, "cs-phil", &parent, "what a customer", false).unwrap();
        house.settle().await;
        assert_eq!(reminders(&house, "cs-phil", "Pause it?"), 0);
        assert!(!house.dm().iter().any(|line| line.contains("what a customer")));
    }

    async fn the_reminder_pauses_by_its_button(house: House) {
        house.with_open_room().await;
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.jane_presses("cs-phil", action::PAUSE).await;
        assert_eq!(house.control().await, "human, paused, 1");
    }

    async fn a_paused_room_that_is_idle_asks_whether_the_bot_may_be_back(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(2 * MINUTE).await;
        house.phil_says("One more thing").await;
        house.wait(2 * MINUTE).await;
        house.jane_writes("cs-phil", "Yes?").await;
        house.wait(Duration::from_secs(179)).await;
        assert_eq!(reminders(&house, "cs-phil", IDLE), 0, "somebody wrote within three minutes, all the time");
        house.wait(Duration::from_secs(1)).await;
        assert_eq!(house.room("cs-phil").last().unwrap(), IDLE);
        house.wait(HOUR).await;
        assert_eq!(reminders(&house, "cs-phil", IDLE), 1, "once for each silence");
        house.phil_says("Nothing").await;
        house.restart().await;
        house.wait(3 * MINUTE).await;
        assert_eq!(reminders(&house, "cs-phil", IDLE), 2, "any message begins another silence");
        house.jane_presses("cs-phil", action::UNPAUSE).await;
        assert_eq!(house.control().await, "bot, active, 2");
        house.wait(HOUR).await;
        assert_eq!(reminders(&house, "cs-phil", IDLE), 2);
    }

    async fn an_active_bot_needs_no_unpause_reminder(house: House) {
        house.with_open_room().await;
        house.wait(HOUR).await;
        assert_eq!(reminders(&house, "cs-phil", IDLE), 0);
    }

    async fn a_pause_that_is_kept_is_not_asked_about_again(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(3 * MINUTE).await;
        house.jane_presses("cs-phil", action::KEEP_PAUSED).await;
        assert_eq!(house.room("cs-phil").last().unwrap(), "Megatron ▸ [card] ⏸️ Jane keeps Expense Bot paused.");
        house.phil_says("Hm").await;
        house.restart().await;
        house.wait(HOUR).await;
        assert_eq!(reminders(&house, "cs-phil", IDLE), 1);
        house.types(JANE, "cs-phil", "unpause").await;
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(3 * MINUTE).await;
        assert_eq!(reminders(&house, "cs-phil", IDLE), 2, "the next pause is another one");
    }

    async fn what_is_not_paused_cannot_be_kept_paused(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(3 * MINUTE).await;
        house.types(JANE, "cs-phil", "unpause").await;
        let room = house.room("cs-phil");
        house.jane_presses("cs-phil", action::KEEP_PAUSED).await;
        assert_eq!(house.room("cs-phil"), room);
        let whispers = house.whispers(JANE, "cs-phil");
        assert!(whispers.last().unwrap().contains("Expense Bot is not paused for Phil."), "{whispers:?}");
    }

    async fn a_forgotten_room_is_closed_and_its_bot_back(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(20 * HOUR).await;
        house.phil_says("Hello?").await;
        house.wait(20 * HOUR).await;
        house.restart().await;
        house.wait(Duration::from_mins(16 * 60 - 1)).await;
        assert!(!house.slack.channel(HUB, "cs-phil").unwrap().archived, "idle for less than 36 hours");
        house.wait(MINUTE).await;
        let room = house.slack.channel(HUB, "cs-phil-closed-20261122-1").unwrap();
        assert!(room.archived);
        assert_eq!(
            house.room(&room.name).last().unwrap(),
            "Megatron ▸ [card] 🗄️ Nobody has written for a long time. *Megatron closed this room.* Expense Bot answers again."
        );
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ Expense Bot is back.");
        assert_eq!(house.control().await, "bot, active, 2");
        let closed = &house.bot.heard_of("conversation.closed")[0]["data"];
        assert_eq!((closed["reason"].as_str(), closed["actor"]["kind"].as_str()), (Some("idle"), Some("service")));
        assert_eq!(house.state().await["room"], serde_json::Value::Null);
    }

    async fn a_forgotten_room_whose_bot_was_never_paused_is_closed_too(house: House) {
        house.with_open_room().await;
        let dm = house.dm();
        house.wait(36 * HOUR).await;
        assert!(house.slack.channel(HUB, "cs-phil-closed-20261121-1").unwrap().archived);
        assert_eq!(house.dm(), dm);
        assert_eq!(house.bot.heard_types(), ["conversation.opened", "conversation.closed"]);
    }

    async fn a_forgotten_pause_without_a_room_heals(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.jane_types("pause phil").await;
        house.wait(35 * HOUR).await;
        house.restart().await;
        assert_eq!(house.control().await, "human, paused, 1");
        house.wait(HOUR).await;
        assert_eq!(house.control().await, "bot, active, 2");
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ Expense Bot is back.");
        assert_eq!(house.bot.heard_of("conversation.unpaused")[0]["data"]["reason"], "idle");
        house.wait(100 * HOUR).await;
        assert_eq!(house.bot.heard_types().len(), 2);
    }

    async fn what_fell_due_while_the_service_was_down_happens_at_once(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.clock.advance(10 * MINUTE);
        house.restart().await;
        assert_eq!(reminders(&house, "cs-phil", IDLE), 1);
        house.clock.advance(40 * HOUR);
        house.restart().await;
        assert_eq!(house.control().await, "bot, active, 2");
        assert!(house.slack.channel(HUB, "cs-phil-closed-20261122-1").unwrap().archived);
    }

    async fn a_room_that_is_long_overdue_is_closed_without_a_question(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.clock.advance(40 * HOUR);
        house.restart().await;
        assert_eq!(reminders(&house, "cs-phil-closed-20261122-1", IDLE), 0);
        assert_eq!(house.control().await, "bot, active, 2");
    }

    async fn a_customer_who_writes_in_time_keeps_the_room(house: House) {
        house.with_open_room().await;
        for _ in 0..5 {
            house.wait(35 * HOUR).await;
            house.phil_says("still here").await;
        }
        assert!(!house.slack.channel(HUB, "cs-phil").unwrap().archived);
    }

    async fn the_times_are_the_operators(house: House) {
        house.restart_with("[reminders]\npause_every = \"0s\"\nunpause_after = \"2h\"\nclose_after = \"2d\"").await;
        house.with_open_room().await;
        house.jane_writes("cs-phil", "one").await;
        house.jane_writes("cs-phil", "two").await;
        assert_eq!(reminders(&house, "cs-phil", "Pause it?"), 2);
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(2 * HOUR).await;
        let reminder = "Megatron ▸ [card] Nobody has written for 2 hours, and Expense Bot is still paused.";
        assert_eq!(house.room("cs-phil").last().unwrap(), reminder);
        house.wait(45 * HOUR).await;
        assert!(!house.slack.channel(HUB, "cs-phil").unwrap().archived);
        house.wait(HOUR).await;
        assert!(house.slack.channel(HUB, "cs-phil-closed-20261122-1").unwrap().archived);
    }
}

fn reminders(house: &House, room: &str, text: &str) -> usize {
    house.room(room).iter().filter(|line| line.contains(text)).count()
}
