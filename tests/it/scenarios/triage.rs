//! The triage channel: a card for each conversation that agents should look at.

use std::time::Duration;

use megatron::demo::cast::{ACME, HUB, JANE, PHIL, PHILIPPA, PHILIPPAS_DM, RAJ};
use megatron::takeover::cards::action;
use reqwest::Method;
use serde_json::json;

use crate::support::house::message_of_phil;
use crate::support::queues::HELPDESK;
use crate::support::scenarios;
use crate::support::triage::TRIAGE;

const RULES: &str = r#"
    [[rules]]
    name = "failed checkout"
    events = ["checkout_failed"]
    tags = ["checkout"]
    priority = "high"
    notify = true

    [[rules]]
    name = "money"
    keywords = ["refund"]
    tags = ["money"]
    notify = true
    "#;

scenarios! {
    async fn a_customer_who_writes_for_the_first_time_has_a_card(house: House) {
        house.with_triage("").await;
        house.knows_acme().await;
        house.bot_says("Welcome!").await;
        assert_eq!(house.triage(), [""; 0], "he has not written");
        house.phil_says("help! My card is 4111 1111 1111 1111").await;
        let text = "🆕 *Phil* of *Acme* with Expense Bot. *Outstanding*";
        assert_eq!(house.triage(), [text]);
        let card = house.triage_card();
        for words in ["help! My card is •••• •••• •••• 1111", "new conversation", PHIL, "phil.png", "Reviewed", "Spam", "Open a room"] {
            assert!(card.contains(words), "{words}: {card}");
        }

        house.phil_says("Hello?").await;
        house.restart().await;
        house.phil_says("Anybody?").await;
        house.wait(Duration::from_hours(2)).await;
        house.phil_says("Still there").await;
        assert_eq!(house.triage(), [text], "once");
        house.says(PHILIPPA, PHILIPPAS_DM, "hi").await;
        assert_eq!(house.triage().len(), 2);
    }

    async fn whoever_was_only_known_by_name_is_new(house: House) {
        house.with_triage("").await;
        house.knows_acme().await;
        let mut welcome = message_of_phil("1795168700.000100", "Welcome!");
        welcome["direction"] = json!("outgoing");
        house.ingest(&welcome).await;
        house.jane_types("open phil").await;
        house.types(JANE, "cs-phil", "close").await;
        house.phil_says("help!").await;
        assert_eq!(house.triage().len(), 1);
    }

    async fn without_a_wish_for_it_there_is_no_card(house: House) {
        house.with_triage("triage.new_conversations = false").await;
        house.knows_acme().await;
        house.phil_says("help!").await;
        assert_eq!((house.triage().len(), house.count("conversations").await), (0, 0));
    }

    async fn a_customer_whom_nobody_can_look_up_has_a_card_all_the_same(house: House) {
        house.with_triage("").await;
        house.phil_says("help!").await;
        house.wait(Duration::from_secs(30)).await;
        assert_eq!(house.triage(), [format!("🆕 *{PHIL}* of *{ACME}* with Expense Bot. *Outstanding*")]);
    }

    async fn whoever_reviews_a_card_shows_on_it_to_everybody(house: House) {
        house.with_triage("").await;
        house.knows_acme().await;
        house.phil_says("help!").await;
        assert_eq!(house.clicks(JANE, TRIAGE, action::REVIEWED).await, "");
        assert!(house.triage()[0].contains("✅ *Reviewed* by Jane, "), "{:?}", house.triage());
        assert!(!house.triage_card().contains(action::REVIEWED));
        let audit = house.jane_types("audit phil").await;
        assert!(audit.contains("Jane reviewed the conversation"), "{audit}");
    }

    async fn spam_is_shown_no_more_until_somebody_undoes_it(house: House) {
        house.with_triage(RULES).await;
        house.with_queues(|_| ()).await;
        house.phil_says("Buy watches").await;
        house.clicks(RAJ, TRIAGE, action::TRIAGE_SPAM).await;
        assert!(house.triage()[0].contains("🚫 *Spam*, says Raj."), "{:?}", house.triage());
        let card = house.triage_card();
        house.phil_is_noticed("refund, and talk to a human", json!({ "event": "checkout_failed", "sentiment": -1.0 })).await;
        assert_eq!(house.triage_card(), card);
        assert_eq!(house.newest_card(HELPDESK), "");

        house.clicks(JANE, TRIAGE, action::TRIAGE_NOT_SPAM).await;
        assert!(house.triage()[0].contains("*Outstanding*"), "{:?}", house.triage());
        house.phil_is_noticed("refund", json!({})).await;
        assert!(house.triage_card().contains("`money`"));
        let audit = house.jane_types("audit phil").await;
        assert!(audit.contains("Raj marked the conversation as spam") && audit.contains("Jane took back that it is spam"), "{audit}");
    }

    async fn spam_on_the_card_of_a_handoff_is_spam_here_too(house: House) {
        house.with_triage("").await;
        house.with_queues(|_| ()).await;
        house.phil_says("talk to a human").await;
        house.clicks(JANE, HELPDESK, action::SPAM).await;
        assert!(house.triage()[0].contains("🚫 *Spam*, says Jane."), "{:?}", house.triage());
        house.clicks(JANE, TRIAGE, action::TRIAGE_NOT_SPAM).await;
        assert_eq!(house.handoffs().await, ["offered in support"]);
        house.clicks(JANE, TRIAGE, action::TRIAGE_SPAM).await;
        assert_eq!(house.handoffs().await, ["cancelled in support, spam"]);
    }

    async fn something_significant_is_tagged_and_makes_a_reviewed_card_outstanding_again(house: House) {
        house.with_triage(RULES).await;
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.phil_is_noticed("it broke", json!({ "event": "checkout_failed" })).await;
        let card = house.triage_card();
        for words in ["it broke", "failed checkout: the event checkout_failed", "Severity *high*", "`checkout`"] {
            assert!(card.contains(words), "{words}: {card}");
        }
        house.clicks(JANE, TRIAGE, action::REVIEWED).await;
        house.phil_says("thanks").await;
        assert!(house.triage()[0].contains("*Reviewed*"));
        house.phil_says("but I want a refund").await;
        assert!(house.triage()[0].contains("*Outstanding* again: something new since Jane reviewed it"), "{:?}", house.triage());
        assert!(house.triage_card().contains("`checkout` · `money`"));
        house.clicks(RAJ, TRIAGE, action::REVIEWED).await;
        assert!(house.triage()[0].contains("*Reviewed* by Raj"));
    }

    async fn a_room_is_opened_from_the_card_which_then_links_to_it(house: House) {
        house.with_triage("").await;
        house.knows_acme().await;
        house.phil_says("help!").await;
        let told = house.clicks(JANE, TRIAGE, action::OPEN_ROOM).await;
        assert!(told.contains("Opening a room for Phil …") && told.contains("The room for Phil is <#"), "{told}");
        assert_eq!(house.talk("cs-phil"), ["Phil: help!"]);
        assert!(house.slack.members(HUB, "cs-phil").contains(&JANE.to_owned()));
        assert!(house.triage_card().contains("|cs-phil>"), "{}", house.triage_card());
        house.types(JANE, "cs-phil", "pause").await;
        assert!(house.triage_card().contains("handled by Jane"));
        house.types(JANE, "cs-phil", "close").await;
        assert!(!house.triage_card().contains("|cs-phil>"));
    }

    async fn the_list_has_what_is_outstanding_oldest_first_with_links(house: House) {
        house.with_triage(RULES).await;
        house.knows_acme().await;
        house.says(PHILIPPA, PHILIPPAS_DM, "hi, a refund").await;
        house.wait(Duration::from_mins(5)).await;
        house.phil_says("help!").await;
        let list = house.jane_types("list").await;
        let lines: Vec<&str> = list.lines().collect();
        assert_eq!(lines[0], "*Nobody has looked at these:*", "{list}");
        assert!(lines[1].starts_with("• *Philippa* with Expense Bot, `money`, ") && lines[1].contains("/archives/C"), "{list}");
        assert!(lines[2].starts_with("• *Phil* with Expense Bot, ") && lines[2].ends_with("|card>"), "{list}");
        house.clicks(JANE, TRIAGE, action::REVIEWED).await;
        house.jane_types("open philippa").await;
        let list = house.jane_types("list").await;
        assert_eq!(list.lines().count(), 3, "{list}");
        assert!(list.starts_with("• *Philippa*: Expense Bot answers, <#") && list.contains("`money`"), "{list}");
    }

    async fn who_is_erased_has_no_card_and_is_new_afterwards(house: House) {
        house.with_triage("").await;
        house.knows_acme().await;
        house.phil_says("It is about my salary").await;
        let (status, answer) = house.api(Method::DELETE, &format!("v1/customers/{ACME}/{PHIL}"), None).await;
        assert!(status.is_success(), "{answer}");
        house.settle().await;
        assert_eq!((house.triage().len(), house.count("cards").await), (1, 0), "what stands in Slack stays there");
        let kept = house.texts("SELECT state FROM conversations").await.concat();
        assert!(!kept.contains("salary") && !kept.contains("Harris"), "{kept}");
        assert_eq!(house.clicks(JANE, TRIAGE, action::REVIEWED).await, "This card is not kept any more.");
        assert_eq!(house.jane_types("list").await, "No room is open, and no bot is paused.");

        house.phil_says("help!").await;
        assert_eq!(house.triage().len(), 2);
    }

    async fn outsiders_press_nothing(house: House) {
        house.with_triage("").await;
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.restart_with(&format!("triage.channel = \"{}\"\nsupport.agents = [\"{RAJ}\"]", house.slack.channel(HUB, TRIAGE).unwrap().id)).await;
        let told = house.clicks(JANE, TRIAGE, action::REVIEWED).await;
        assert!(told.contains("Only agents can use this"), "{told}");
        assert!(house.triage()[0].contains("*Outstanding*"));
        let told = house.clicks(RAJ, TRIAGE, action::REVIEWED).await;
        assert!(house.triage()[0].contains("*Reviewed* by raj"), "{told} {:?}", house.triage());
    }
}
