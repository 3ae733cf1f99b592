//! What is kept no longer than the operator wants.

use std::time::Duration;

use megatron::demo::cast::{ACME, API_KEY, JANE, PHILS_DM};
use megatron::simulator::Fault;
use reqwest::Method;

use crate::support::house::House;
use crate::support::scenarios;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

impl House {
    async fn with_closed_room(&self) {
        self.with_open_room().await;
        self.types(JANE, "cs-phil", "pause").await;
        self.jane_writes("cs-phil", "Hi Phil").await;
        self.types(JANE, "cs-phil", "close").await;
        self.wait(Duration::from_secs(10)).await;
    }

    /// So many days pass without anything, and then an hour, in which somebody looks.
    async fn sleep(&self, days: u32) {
        self.wait(DAY * days + HOUR).await;
    }

    async fn traces(&self) -> i64 {
        self.count("seen").await + self.count("copies").await
    }
}

scenarios! {
    async fn of_a_conversation_long_over_ids_and_the_epoch_stay(house: House) {
        house.restart_with("retention.conversations = \"10d\"").await;
        house.with_closed_room().await;
        house.sleep(9).await;
        assert!(house.traces().await > 0);
        assert!(house.texts("SELECT state FROM conversations").await.concat().contains("Phil"));
        let control = house.control().await;
        house.sleep(2).await;
        assert_eq!(house.traces().await, 0);
        let state = house.texts("SELECT state FROM conversations").await.concat();
        assert!(!state.contains("Phil") && !state.contains("phil"), "{state}");
        assert_eq!(house.control().await, control, "the epoch goes on");
        // And he may come back.
        house.jane_types("open phil").await;
        house.wait(Duration::from_mins(2)).await;
        house.phil_says("me again").await;
        assert_eq!(house.talk("cs-phil").last().unwrap(), "Phil: me again");
    }

    async fn an_open_room_is_kept_however_old_it_is(house: House) {
        house.restart_with("retention.conversations = \"1d\"\nreminders.close_after = \"300d\"").await;
        house.with_open_room().await;
        let traces = house.traces().await;
        house.sleep(100).await;
        assert_eq!(house.traces().await, traces);
        house.phil_says("still there?").await;
        assert_eq!(house.talk("cs-phil").last().unwrap(), "Phil: still there?");
    }

    async fn transcripts_the_journal_and_customers_go_in_their_time(house: House) {
        house.restart_with(
            "retention.transcripts = \"5d\"\nretention.journal = \"10d\"\nretention.customers = \"20d\"",
        ).await;
        house.with_closed_room().await;
        let kept = async |house: &House| {
            [house.count("transcripts").await > 0, house.count("journal").await > 0, house.count("customers").await > 0]
        };
        assert_eq!(kept(&house).await, [true, true, true]);
        house.sleep(6).await;
        assert_eq!(kept(&house).await, [false, true, true]);
        house.sleep(5).await;
        assert_eq!(kept(&house).await, [false, false, true]);
        house.sleep(10).await;
        assert_eq!(kept(&house).await, [false, false, false]);
    }

    async fn whoever_goes_on_writing_stays_in_the_directory(house: House) {
        house.restart_with("retention.customers = \"3d\"").await;
        house.knows_acme().await;
        for _ in 0..6 {
            house.phil_says("hello").await;
            house.sleep(1).await;
        }
        assert_eq!(house.count("customers").await, 1);
        house.sleep(4).await;
        assert_eq!(house.count("customers").await, 0);
    }

    async fn zero_keeps_for_ever(house: House) {
        house.restart_with(
            "[retention]\njournal = \"0s\"\ncustomers = \"0s\"\nconversations = \"0s\"",
        ).await;
        house.with_closed_room().await;
        let before = (house.count("journal").await, house.count("customers").await, house.traces().await);
        house.sleep(3000).await;
        assert_eq!((house.count("journal").await, house.count("customers").await, house.traces().await), before);
    }

    async fn deliveries_given_up_can_be_retried_until_they_go(house: House) {
        house.restart_with("retention.failed = \"2d\"\nreminders.close_after = \"90d\"").await;
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.pass_on().await;
        house.slack.fail_next("chat.postMessage", Fault::Error("restricted_action".into()));
        house.jane_writes("cs-phil", "Hi Phil").await;
        assert_eq!(house.count("outbox").await, 1, "{:#?}", house.room("cs-phil"));
        house.sleep(1).await;
        assert_eq!(house.count("outbox").await, 1);
        house.sleep(2).await;
        assert_eq!(house.count("outbox").await, 0);
        house.jane_presses("cs-phil", "megatron.retry").await;
        assert!(!house.dm().concat().contains("Hi Phil"), "nothing is left to send");
    }

    async fn answers_are_repeated_for_a_day(house: House) {
        house.with_open_room().await;
        let path = format!("v1/conversations/{ACME}/{PHILS_DM}/pause");
        house.request(Method::POST, &path).bearer_auth(API_KEY).header("idempotency-key", "k1").send().await.unwrap();
        assert_eq!(house.count("idempotency").await, 1);
        house.wait(Duration::from_hours(23)).await;
        assert_eq!(house.count("idempotency").await, 1);
        house.wait(HOUR * 3).await;
        assert_eq!(house.count("idempotency").await, 0);
    }

    async fn what_was_removed_is_counted(house: House) {
        house.with_closed_room().await;
        house.sleep(400).await;
        let metrics = house.request(Method::GET, "metrics").send().await.unwrap().text().await.unwrap();
        for kind in ["conversations", "customers", "journal", "transcripts", "lanes"] {
            let name = format!("megatron_retention_removed_total{{kind=\"{kind}\"}} ");
            let count = metrics.split(&name).nth(1).and_then(|rest| rest.lines().next()).unwrap_or("0");
            assert_ne!(count, "0", "{kind}: {metrics}");
        }
        assert!(house.count("lanes").await < 3, "{:?}", house.texts("SELECT lane FROM lanes").await);
    }
}
