//! What the bot notices: questions without an answer, how the customer feels.

use megatron::demo::cast::{JANE, PHIL, PHILS_DM};
use megatron::takeover::cards::action;
use serde_json::json;

use crate::support::house::message_of_phil;
use crate::support::queues::HELPDESK;
use crate::support::scenarios;

scenarios! {
    async fn three_questions_in_a_row_without_an_answer_ask_for_a_human(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_gets_no_answer("Where is my refund?").await;
        house.phil_gets_no_answer("REFUND, my card is 4111 1111 1111 1111").await;
        assert_eq!(house.handoffs().await, [""; 0]);
        house.phil_gets_no_answer("Hello??").await;
        assert_eq!(house.handoffs().await, ["offered in support"]);
        assert_eq!(house.control().await, "pending, active, 1", "nobody asked in so many words");
        let card = house.newest_card(HELPDESK);
        for words in [
            "needs some help", "Rule “unanswered_limit”: 3 messages in a row without an answer", "*Not answered*",
            ">Where is my refund?", "•••• •••• •••• 1111", ">Hello??",
        ] {
            assert!(card.contains(words), "{words}: {card}");
        }
        assert!(!card.contains("4111"), "{card}");
    }

    async fn an_answer_in_between_begins_the_count_anew(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_gets_no_answer("one").await;
        house.phil_gets_no_answer("two").await;
        house.phil_says("thanks, that helped").await;
        house.phil_gets_no_answer("one").await;
        house.phil_is_noticed("fine", json!({ "unanswered": false })).await;
        house.phil_gets_no_answer("one").await;
        house.phil_gets_no_answer("two").await;
        house.bot_says("Sorry, I do not understand.").await;
        assert_eq!(house.handoffs().await, [""; 0]);
        house.phil_gets_no_answer("three").await;
        assert_eq!(house.handoffs().await, ["offered in support"]);
    }

    async fn the_count_survives_a_restart_and_takes_each_message_once(house: House) {
        house.with_queues(|_| ()).await;
        let mut body = message_of_phil("1795168700.000100", "one");
        body["signals"] = json!({ "unanswered": true });
        let (_, first) = house.ingest(&body).await;
        assert_eq!((&first["watched"], &first["duplicate"]), (&false.into(), &false.into()), "nobody watches");
        for _ in 0..3 {
            assert_eq!(house.ingest(&body).await.1["duplicate"], true);
        }
        house.phil_gets_no_answer("two").await;
        house.restart().await;
        assert_eq!(house.handoffs().await, [""; 0]);
        house.phil_gets_no_answer("three").await;
        assert_eq!(house.handoffs().await, ["offered in support"]);
    }

    async fn a_bot_may_say_it_of_its_own_messages(house: House) {
        house.with_queues(|_| ()).await;
        let sorry = |n: u32| {
            json!({
                "direction": "outgoing", "team_id": megatron::demo::cast::ACME, "channel_id": PHILS_DM, "user_id": PHIL,
                "message": { "ts": format!("179516880{n}.000200"), "text": "Sorry?" }, "signals": { "unanswered": true },
            })
        };
        for n in 0..3 {
            house.phil_says("refund!").await;
            house.ingest(&sorry(n)).await;
            house.settle().await;
        }
        assert_eq!(house.handoffs().await, ["offered in support"]);
        assert!(house.newest_card(HELPDESK).contains(">refund!"));
    }

    async fn who_is_beside_themselves_gets_a_human_asked_for(house: House) {
        house.with_queues(|_| ()).await;
        house.phil_is_noticed("meh", json!({ "sentiment": -0.7 })).await;
        assert_eq!(house.handoffs().await, [""; 0]);
        let answer = house.phil_is_noticed("This is unbearable!", json!({ "sentiment": -0.95 })).await;
        assert_eq!(answer["control"], json!({ "holder": "pending", "paused": false, "epoch": 1 }));
        assert!(house.newest_card(HELPDESK).contains("Rule “sentiment_below”: a sentiment of -0.95"));
        house.clicks(JANE, HELPDESK, action::PICK).await;
        assert_eq!(house.control().await, "human, paused, 2");
    }

    async fn the_limits_of_a_bot_can_be_switched_off(house: House) {
        house.with_queues(|_| ()).await;
        house.restart_adjusted(|config| {
            config.bots[0].unanswered_limit = 0;
            config.bots[0].sentiment_below = 0.0;
        }).await;
        for text in ["one", "two", "three", "four"] {
            house.phil_is_noticed(text, json!({ "unanswered": true, "sentiment": -1.0, "event": "checkout_failed" })).await;
        }
        let rows = [house.count("conversations").await, house.count("seen").await, house.count("outbox").await];
        assert_eq!(rows, [0, 0, 0]);
    }

    async fn what_sets_nothing_off_costs_no_row(house: House) {
        house.with_queues(|_| ()).await;
        let signals = json!({ "unanswered": false, "sentiment": 0.4, "event": "login", "more": [1] });
        let answer = house.phil_is_noticed("hello\nthere", signals).await;
        assert_eq!(answer, json!({ "watched": false, "duplicate": false, "control": { "holder": "bot", "paused": false, "epoch": 0 } }));
        let rows = [house.count("conversations").await, house.count("seen").await, house.count("outbox").await];
        assert_eq!(rows, [0, 0, 0]);
    }

    async fn signals_that_are_none_are_refused_by_name(house: House) {
        let mut body = message_of_phil("1795168800.000100", "hello");
        body["signals"] = json!({ "unanswered": 1, "sentiment": "bad", "event": [] });
        let (status, problem) = house.ingest(&body).await;
        let text = problem.to_string();
        assert_eq!(status.as_u16(), 422, "{text}");
        for path in ["signals.unanswered", "signals.sentiment", "signals.event"] {
            assert!(text.contains(path), "{path}: {text}");
        }
    }
}
