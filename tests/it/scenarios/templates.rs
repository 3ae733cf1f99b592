//! What customers and agents read, in the company's own words.

use std::time::Duration;

use megatron::config::texts;
use megatron::demo::cast::{ACME, HUB, JANE, PHILS_DM, RAJ};
use megatron::takeover::cards::action;
use serde_json::json;

use crate::support::bot::Mood;
use crate::support::house::House;
use crate::support::queues::{BILLING, HELPDESK};
use crate::support::scenarios;

scenarios! {
    async fn a_bot_has_words_of_its_own(house: House) {
        house.restart_with(
            r#"
            [templates]
            customer_paused = "A human of {company} is here."
            [[texts]]
            name = "customer_paused"
            text = "Ahoy! {agent} has the helm, {bot} rests."
            bot = "expenses"
            [[texts]]
            name = "agent_footer"
            text = "yours, {agent}"
            bot = "expenses"
            "#,
        ).await;
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ Ahoy! Jane has the helm, Expense Bot rests.");
        house.jane_writes("cs-phil", "Hi Phil").await;
        let post = house.slack.history(ACME, PHILS_DM).pop();
        assert!(format!("{post:?}").contains("yours, Jane"), "{post:?}");
    }

    async fn a_queue_has_words_of_its_own(house: House) {
        house.restart_with(
            r#"
            [[texts]]
            name = "handoff_requested"
            text = "Somebody comes."
            bot = "expenses"
            [[texts]]
            name = "handoff_requested"
            text = "The {queue} team looks into it, {customer}."
            queue = "billing"
            [[texts]]
            name = "queue_noticed"
            text = "💶 {customer}{from} has a question about money"
            queue = "billing"
            "#,
        ).await;
        house.with_queues(|_| ()).await;
        house.is_handed_off(json!({ "queue": "billing" })).await;
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ The billing team looks into it, <@U0PHIL>.");
        let card = house.slack.history(HUB, BILLING).pop().unwrap();
        assert_eq!(card.text, "💶 Phil of *Acme* has a question about money Waiting for somebody to pick.");

        house.clicks(JANE, BILLING, action::PICK).await;
        house.types(JANE, "cs-phil", "close").await;
        house.is_handed_off(json!({ "queue": "support" })).await;
        assert_eq!(house.dm().last().unwrap(), "Expense Bot ▸ Somebody comes.", "another queue goes by the bot");
        let card = house.slack.history(HUB, HELPDESK).pop().unwrap();
        assert!(card.text.starts_with("🙋 *Phil* of *Acme* needs some help with Expense Bot"), "{}", card.text);
    }

    async fn what_is_emptied_is_not_sent(house: House) {
        house.restart_with(
            r#"
            [templates]
            room_explained = ""
            room_history = ""
            room_pause_reminder = ""
            room_unpause_reminder = ""
            room_closed = ""
            "#,
        ).await;
        house.with_open_room().await;
        let header = house.posts("cs-phil")[0].blocks.to_string();
        assert!(header.contains("talks with Expense Bot") && !header.contains("What you write here"), "{header}");
        let room = house.room("cs-phil").len();
        house.jane_writes("cs-phil", "Hi Phil").await;
        assert_eq!(house.room_since("cs-phil", room), ["Jane: Hi Phil :white_check_mark:"]);

        house.types(JANE, "cs-phil", "pause").await;
        let room = house.room("cs-phil").len();
        house.wait(Duration::from_mins(10)).await;
        assert_eq!(house.room_since("cs-phil", room), [""; 0]);

        let name = house.slack.channel(HUB, "cs-phil").unwrap().id;
        house.types(JANE, "cs-phil", "close").await;
        let last = house.slack.history(HUB, &name);
        assert!(!last.iter().any(|post| post.text.contains("closed this room")), "{last:#?}");
    }

    async fn with_every_text_empty_people_and_buttons_are_left(house: House) {
        let empty: Vec<String> = texts::ALL.iter().map(|text| format!("{} = \"\"\n", text.name)).collect();
        house.with_triage(&format!("[templates]\n{}", empty.concat())).await;
        house.with_queues(|queue| queue.accept_target = Duration::from_mins(4)).await;
        house.phil_says("help!").await;
        assert_eq!(house.jane_types("open phil").await, "", "nothing is answered");
        let (dm, room) = (house.dm().len(), house.room("cs-phil").len());

        assert_eq!(house.types(JANE, "cs-phil", "pause").await, "");
        house.jane_writes("cs-phil", "Hi Phil").await;
        house.phil_says("Hi Jane").await;
        house.wait(Duration::from_mins(10)).await;
        house.types(JANE, "cs-phil", "do refund").await;
        house.jane_presses("cs-phil", action::UNPAUSE).await;
        house.is_handed_off(json!({ "reason": "money" })).await;
        house.wait(Duration::from_mins(10)).await;
        assert_eq!(house.clicks(JANE, HELPDESK, action::PICK).await, "");
        house.types(JANE, "cs-phil", "transfer billing").await;
        house.clicks(RAJ, BILLING, action::PICK).await;

        assert_eq!(house.dm().split_off(dm), ["Expense Bot ▸ [card] Hi Phil", "Phil: Hi Jane"]);
        let (pause, unpause) = ("Megatron ▸ [card] [Pause]", "Megatron ▸ [card] [Unpause]");
        let said = ["Jane: Hi Phil :white_check_mark:", "Phil: Hi Jane"];
        let expected = [unpause, said[0], said[1], pause, unpause, unpause];
        assert_eq!(house.room_since("cs-phil", room), expected, "who answers is left with its button");
        let newest = |channel: &str| house.slack.history(HUB, channel).pop().unwrap().text;
        assert_eq!(newest(HELPDESK), "Phil", "nothing can be picked there any more");
        assert!(newest(BILLING).starts_with("Queue *billing*"), "{}", newest(BILLING));

        house.bot.is_in(&[Mood::Status(500); 3]);
        house.types(RAJ, "cs-phil", "handback").await;
        house.wait(Duration::from_secs(2)).await;
        let failed = house.card_with("cs-phil", action::RETRY).unwrap();
        assert!(failed.text.starts_with("Reference "), "{}", failed.text);
        house.wait(Duration::from_mins(10)).await;
        assert_eq!(house.types(RAJ, "cs-phil", "close").await, "");
        house.wait(Duration::from_mins(10)).await;
        assert_eq!(house.count("outbox").await, 0, "Slack took all of it");
    }

    async fn without_title_and_status_a_queues_card_still_tells_what_it_can(house: House) {
        house.restart_with("templates.queue_noticed = \"\"\ntemplates.queue_waiting = \"\"").await;
        house.with_queues(|_| ()).await;
        house.is_handed_off(json!({})).await;
        let card = house.slack.history(HUB, HELPDESK).pop().unwrap();
        assert!(card.text.starts_with("Queue *support*"), "{}", card.text);
        house.clicks(JANE, HELPDESK, action::PICK).await;
        let card = house.slack.history(HUB, HELPDESK).pop().unwrap();
        assert!(card.text.starts_with("✅ *Processing by Jane*"), "{}", card.text);
    }

    async fn agents_read_the_companys_words(house: House) {
        house.restart_with(
            r#"
            [templates]
            room_explained = "{bot} says to {customer} what you write."
            room_collision = "{agent} is on it."
            room_transferred = "{who} ▸ {queue}{place}"
            room_transfer_accepted = "{agent} is on it for {queue}."
            room_closed = "{who} is done."
            queue_waiting = "Who takes {customer}?"
            queue_accept_warning = "Hurry, {queue}!"
            queue_accept_breached = ""
            "#,
        ).await;
        house.with_queues(|queue| queue.accept_target = Duration::from_mins(4)).await;
        house.is_handed_off(json!({})).await;
        let helpdesk = |house: &House| house.slack.history(HUB, HELPDESK).pop().unwrap().text;
        assert!(helpdesk(&house).ends_with("Who takes Phil?"), "{}", helpdesk(&house));
        house.wait(Duration::from_mins(3)).await;
        assert_eq!(helpdesk(&house), "Hurry, support!");
        house.wait(Duration::from_mins(2)).await;
        assert_eq!(helpdesk(&house), "Hurry, support!", "the other one is empty");

        house.clicks(JANE, HELPDESK, action::PICK).await;
        let header = house.posts("cs-phil")[0].blocks.to_string();
        assert!(header.contains("Expense Bot says to Phil what you write. First comes"), "{header}");
        let room = house.slack.channel(HUB, "cs-phil").unwrap().id;
        house.slack.join_channel(HUB, &room, RAJ).unwrap();
        house.slack.say(HUB, RAJ, "cs-phil", "May I?").unwrap();
        house.settle().await;
        assert_eq!(house.whispers(RAJ, "cs-phil"), ["Megatron ▸ [card] Jane is on it. (only visible to you)"]);

        house.types(JANE, "cs-phil", "transfer billing Charged <twice>.").await;
        let channel = house.slack.channel(HUB, BILLING).unwrap().id;
        assert_eq!(house.notices("cs-phil").pop().unwrap(), format!("Jane ▸ billing, <#{channel}>\n>Charged &lt;twice&gt;."));
        house.clicks(RAJ, BILLING, action::PICK).await;
        assert!(house.notices("cs-phil").contains(&"Raj is on it for billing.".to_owned()));
        house.types(RAJ, "cs-phil", "close").await;
        assert!(house.slack.history(HUB, &room).iter().any(|post| post.text == "Raj is done."));
    }
}
