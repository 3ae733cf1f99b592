//! The operator's rules: what they find, tag, and ask a human for.

use megatron::demo::cast::JANE;
use serde_json::json;

use crate::support::queues::{BILLING, HELPDESK};
use crate::support::scenarios;

const RULES: &str = r#"
    [[rules]]
    name = "money"
    keywords = ["refund"]
    tags = ["money"]
    priority = "high"

    [[rules]]
    name = "failed checkout"
    events = ["checkout_failed"]
    tags = ["checkout"]
    handoff = "billing"

    [[rules]]
    name = "bot is lost"
    pattern = '(?i)i (do not|don.t) understand'
    by = "bot"
    handoff = "default"
    "#;

scenarios! {
    async fn a_rule_asks_for_a_human_in_its_queue_and_says_so_on_the_card(house: House) {
        house.with_queues(|_| ()).await;
        house.restart_with(RULES).await;
        house.phil_is_noticed("My refund failed", json!({ "event": "checkout_failed" })).await;
        assert_eq!(house.handoffs().await, ["offered in billing"]);
        let card = house.newest_card(BILLING);
        for words in [
            "Rule “failed checkout”: the event checkout_failed", "rules: money, failed checkout", "`money` · `checkout`", "Priority *high*",
        ] {
            assert!(card.contains(words), "{words}: {card}");
        }
        assert_eq!(house.newest_card(HELPDESK), "");
        let audit = house.jane_types("audit phil").await;
        assert!(audit.contains("the rules money, failed checkout fired"), "{audit}");
    }

    async fn the_customers_own_words_come_before_the_rules(house: House) {
        house.with_queues(|_| ()).await;
        house.restart_with(RULES).await;
        house.phil_is_noticed("refund! talk to a human!", json!({ "event": "checkout_failed" })).await;
        assert_eq!(house.handoffs().await, ["offered in support"]);
        let card = house.newest_card(HELPDESK);
        assert!(card.contains("asks for a human") && card.contains("`money` · `checkout`"), "{card}");
    }

    async fn a_rule_hears_the_bot_where_it_says_so(house: House) {
        house.with_queues(|_| ()).await;
        house.restart_with(RULES).await;
        house.phil_says("I don't understand").await;
        house.bot_says("Is it about a refund?").await;
        assert_eq!(house.count("conversations").await, 0);
        house.bot_says("Sorry,\nI do not understand.").await;
        assert_eq!(house.handoffs().await, ["offered in support"]);
        assert!(house.newest_card(HELPDESK).contains("*Phil* of *Acme*"), "though the bot's envelope does not name him");
    }

    async fn tags_alone_ask_nobody(house: House) {
        house.with_queues(|_| ()).await;
        house.restart_with(RULES).await;
        house.phil_says("I want a refund").await;
        assert_eq!(house.handoffs().await, [""; 0]);
        assert_eq!(house.control().await, "bot, active, 0");
    }

    async fn what_fires_later_is_added_to_the_card_of_who_waits(house: House) {
        house.with_queues(|_| ()).await;
        house.restart_with(RULES).await;
        house.phil_says("live agent").await;
        assert!(!house.newest_card(HELPDESK).contains("`money`"));
        house.phil_says("It is about a refund").await;
        let card = house.newest_card(HELPDESK);
        assert!(card.contains("`money`") && card.contains("rules: money"), "{card}");
        assert_eq!(house.handoffs().await.len(), 1);
    }

    async fn no_rule_fires_where_an_agent_answers(house: House) {
        house.with_queues(|_| ()).await;
        house.restart_with(RULES).await;
        house.phil_says("help!").await;
        house.jane_types("open phil").await;
        house.types(JANE, "cs-phil", "pause").await;
        house.phil_is_noticed("refund", json!({ "event": "checkout_failed", "unanswered": true })).await;
        assert_eq!(house.talk("cs-phil").last().unwrap(), "Phil: refund");
        assert_eq!(house.handoffs().await, [""; 0]);
        assert!(!house.jane_types("audit phil").await.contains("fired"));
    }
}
