//! Live Chat Control: agents turn live chat on and off, and transfer customers, in a dialog.

use megatron::demo::cast::{HUB, JANE, RAJ};
use megatron::simulator::Fault;
use megatron::takeover::cards::{action, shortcut};
use serde_json::{Value, json};

use crate::support::house::House;
use crate::support::queues::{BILLING, HELPDESK};
use crate::support::scenarios;

const CLOSED: &str = "The room is closed meanwhile. Nothing was changed.";
const NOT_AN_AGENT: &str = "Only agents can use this, and you are not one of them. Nothing was changed.";

impl House {
    /// Two queues, and a room that Jane has opened for Phil.
    async fn with_queues_and_a_room(&self) {
        self.with_queues(|_| ()).await;
        self.phil_says("help!").await;
        self.jane_types("open phil").await;
    }

    /// The newest line that only this person sees in a channel.
    fn whispered(&self, user: &str, channel: &str) -> String {
        let newest = self.whispers(user, channel).pop().unwrap_or_default();
        newest.replace("Megatron ▸ ", "").replace(" (only visible to you)", "")
    }

    /// What can be chosen at an input of Jane's dialog.
    fn choices(&self, field: &str) -> Vec<String> {
        let dialog = self.dialog(JANE);
        let block = dialog["blocks"].as_array().unwrap().iter().find(|block| block["block_id"] == field);
        let options = block.and_then(|block| block["element"]["options"].as_array()).cloned().unwrap_or_default();
        options.iter().map(|option| option["text"]["text"].as_str().unwrap().to_owned()).collect()
    }
}

scenarios! {
    async fn live_chat_is_turned_on_and_off_in_a_dialog(house: House) {
        house.with_open_room().await;
        house.uses(JANE, "cs-phil", shortcut::LIVE_CHAT).await;
        assert_eq!(house.dialog(JANE)["title"]["text"], "Live Chat Control");
        assert_eq!(house.reads(JANE), "*Phil*\nLive chat: *off*, Expense Bot answers");
        assert_eq!(house.choices("live_chat"), ["Leave it as it is", "On: Expense Bot falls silent"]);
        house.sends(JANE, json!({ "live_chat": "on" })).await;
        assert_eq!(house.reads(JANE), "Expense Bot is being paused for Phil.");
        assert_eq!(house.control().await, "human, paused, 1");
        assert_eq!(house.bot.heard_of("conversation.paused").pop().unwrap()["data"]["reason"], "live_chat");
        house.closes(JANE).await;

        house.uses(JANE, "cs-phil", shortcut::LIVE_CHAT).await;
        assert_eq!(house.reads(JANE), "*Phil*\nLive chat: *on*, Expense Bot is paused · handled by *Jane*");
        assert_eq!(house.choices("live_chat"), ["Leave it as it is", "Off: Expense Bot is back"]);
        house.sends(JANE, json!({ "live_chat": "off", "note": "Paid back to 4111 1111 1111 1111." })).await;
        assert_eq!(house.reads(JANE), "Expense Bot is back with Phil.");
        assert_eq!(house.control().await, "bot, active, 2");
        let told = house.bot.heard_of("conversation.unpaused").pop().unwrap();
        assert_eq!(told["data"]["handback_note"], "Paid back to •••• •••• •••• 1111.");
        assert_eq!(house.rooms(), ["cs-phil"], "the room stays");
    }

    async fn a_customer_is_transferred_in_a_dialog(house: House) {
        house.with_queues(|_| ()).await;
        let id = house.is_handed_off(json!({})).await;
        house.clicks(JANE, HELPDESK, action::PICK).await;
        house.uses(JANE, "cs-phil", shortcut::LIVE_CHAT).await;
        assert!(house.reads(JANE).ends_with("handled by *Jane*\nIn *support*. Status: *Active*."), "{}", house.reads(JANE));
        assert_eq!(house.choices("queue"), ["billing"], "not the one that it is in");
        house.closes(JANE).await;

        house.uses(JANE, "cs-phil", shortcut::TRANSFER).await;
        assert_eq!(house.dialog(JANE)["title"]["text"], "Transfer");
        assert_eq!((house.choices("live_chat").len(), house.choices("queue").len()), (0, 1));
        house.sends(JANE, json!({ "queue": "billing", "note": "He was charged twice." })).await;
        assert_eq!(house.reads(JANE), "Phil goes to *billing*. Status: *Pending* until somebody there accepts.");
        assert_eq!(house.progress(&id).await, "transferred in billing");
        let line = house.notices("cs-phil").pop().unwrap();
        assert!(line.contains("Jane has given Phil to *billing*") && line.contains("He was charged twice."), "{line}");
        house.closes(JANE).await;

        house.uses(JANE, "cs-phil", shortcut::LIVE_CHAT).await;
        assert!(house.reads(JANE).ends_with("In *billing*. Status: *Pending* until somebody there accepts."), "{}", house.reads(JANE));
        house.clicks(RAJ, BILLING, action::PICK).await;
        assert_eq!(house.progress(&id).await, "accepted in billing");
    }

    async fn what_does_not_go_together_is_shown_at_its_field(house: House) {
        house.with_queues_and_a_room().await;
        house.uses(JANE, "cs-phil", shortcut::LIVE_CHAT).await;
        for (fields, field, why) in [
            (json!({}), "live_chat", "This changes nothing: turn it on or off, or choose a queue."),
            (json!({ "note": "Hm." }), "live_chat", "This changes nothing: turn it on or off, or choose a queue."),
            (json!({ "live_chat": "on", "note": "Hm." }), "note", "This goes with live chat off, or with a queue."),
            (json!({ "live_chat": "on", "queue": "billing" }), "queue", "This does not go with turning live chat on or off."),
        ] {
            house.sends(JANE, fields.clone()).await;
            assert_eq!(house.dialog(JANE)["errors"], json!({ field: why }), "{fields}");
        }
        assert_eq!(house.control().await, "bot, active, 0");
    }

    async fn whoever_comes_too_late_reads_it_at_what_they_chose(house: House) {
        house.with_queues_and_a_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.uses(JANE, "cs-phil", shortcut::LIVE_CHAT).await;
        house.jane_types("unpause phil").await;
        house.sends(JANE, json!({ "live_chat": "off" })).await;
        assert_eq!(house.dialog(JANE)["errors"], json!({ "live_chat": "Expense Bot answers Phil already." }));
        house.types(JANE, "cs-phil", "transfer billing").await;
        house.sends(JANE, json!({ "queue": "billing" })).await;
        assert_eq!(house.dialog(JANE)["errors"], json!({ "queue": "The conversation is with billing already." }));
    }

    async fn a_dialog_that_outlives_its_room_changes_nothing(house: House) {
        house.with_queues_and_a_room().await;
        for (shortcut, fields) in [
            (shortcut::LIVE_CHAT, json!({ "live_chat": "on" })),
            (shortcut::TRANSFER, json!({ "queue": "billing" })),
        ] {
            house.jane_types("open phil").await;
            let room = house.rooms().pop().unwrap();
            house.uses(JANE, &room, shortcut).await;
            house.types(JANE, &room, "close").await;
            let before = house.control().await;
            house.sends(JANE, fields).await;
            assert_eq!(house.reads(JANE), CLOSED);
            assert_eq!(house.control().await, before);
            house.closes(JANE).await;
        }
    }

    async fn elsewhere_it_says_where_it_works(house: House) {
        house.with_queues(|_| ()).await;
        house.is_handed_off(json!({})).await;
        for shortcut in [shortcut::LIVE_CHAT, shortcut::TRANSFER] {
            house.uses(JANE, HELPDESK, shortcut).await;
            assert_eq!(house.whispered(JANE, HELPDESK), "This works in the rooms of customers.");
        }
        assert_eq!(house.whispers(JANE, HELPDESK).len(), 2);
        assert!(house.slack.modals(HUB, JANE).is_empty());
    }

    async fn without_another_queue_there_is_nowhere_to_transfer_to(house: House) {
        house.with_open_room().await;
        house.uses(JANE, "cs-phil", shortcut::TRANSFER).await;
        assert_eq!(house.reads(JANE), "There is no other queue that the customer could go to.");
        assert_eq!(house.dialog(JANE)["submit"], Value::Null);
    }

    async fn only_agents_open_and_send_it(house: House) {
        house.restart_with(&format!("support.agents = ['{JANE}']")).await;
        house.with_open_room().await;
        house.slack.join_channel(HUB, "cs-phil", RAJ).unwrap();
        house.uses(RAJ, "cs-phil", shortcut::LIVE_CHAT).await;
        assert_eq!(house.whispered(RAJ, "cs-phil"), NOT_AN_AGENT);
        assert!(house.slack.modals(HUB, RAJ).is_empty());

        house.uses(JANE, "cs-phil", shortcut::LIVE_CHAT).await;
        house.restart_with(&format!("support.agents = ['{RAJ}']")).await;
        house.sends(JANE, json!({ "live_chat": "on" })).await;
        assert_eq!(house.reads(JANE), NOT_AN_AGENT);
        assert_eq!(house.control().await, "bot, active, 0");
    }

    async fn an_agent_for_whom_slack_does_not_open_it_is_told(house: House) {
        house.with_open_room().await;
        house.slack.fail_times("views.open", 1, Fault::Http500Before);
        house.uses(JANE, "cs-phil", shortcut::LIVE_CHAT).await;
        assert_eq!(house.whispered(JANE, "cs-phil"), "Slack did not open the dialog. Please try again.");
    }

    async fn over_socket_mode_it_is_the_same(house: House) {
        house.by_socket().await;
        house.with_open_room().await;
        house.uses(JANE, "cs-phil", shortcut::LIVE_CHAT).await;
        house.sends(JANE, json!({ "live_chat": "on" })).await;
        assert_eq!(house.control().await, "human, paused, 1");
    }
}
