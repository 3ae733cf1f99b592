//! What goes wrong in one place stays there, and is made good.

use std::time::Duration;

use megatron::demo::cast::HUB;
use megatron::simulator::Fault;
use megatron::store::db::Db;

use crate::support::house::House;
use crate::support::scenarios;

/// Somebody tampers with the database.
async fn tamper(house: &House, sql: &'static str) {
    match &house.app.relay().db {
        Db::Postgres(pool) => drop(sqlx::query(sql).execute(pool).await.unwrap()),
        Db::Sqlite(pool, _) => drop(sqlx::query(sql).execute(pool).await.unwrap()),
    }
}

scenarios! {
    async fn a_room_that_slack_slows_down_delays_no_other(house: House) {
        let customers = house.with_crowd(2).await;
        let [busy, other] = &customers[..] else { panic!("two customers") };
        house.slack.fail_next("chat.postMessage", Fault::RateLimited { retry_after_secs: 30 });
        house.says(&busy.user, &busy.dm, "from the busy one").await;
        house.says(&other.user, &other.dm, "from the other").await;
        let has = |room: &str, text: &str| house.room(room).iter().any(|line| line.ends_with(text));
        assert!(!has(&busy.room, "from the busy one"), "it waits");
        assert!(has(&other.room, "from the other"), "{:#?}", house.room(&other.room));
        house.wait(Duration::from_secs(31)).await;
        assert!(has(&busy.room, "from the busy one"), "{:#?}", house.room(&busy.room));
    }

    async fn a_history_that_comes_late_is_announced_and_still_comes_first(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.slack.fail_next("conversations.history", Fault::Error("team_added_to_org".into()));
        house.jane_types("open phil").await;
        house.phil_says("hello?").await;
        house.wait(Duration::from_mins(20)).await;
        let lines = house.room("cs-phil");
        let place = |text: &str| lines.iter().position(|line| line.contains(text)).unwrap_or_else(|| panic!("{lines:#?}"));
        let header = house.slack.history(HUB, "cs-phil").into_iter().find(|card| card.text.contains("*Phil* of")).unwrap();
        assert!(header.blocks.to_string().contains("First comes what was said before"), "{}", header.blocks);
        assert!(place("Phil: help!") < place("Phil: hello?"), "{lines:#?}");
        assert_eq!(lines.iter().filter(|line| line.starts_with("Phil: ")).count(), 2, "{lines:#?}");
    }

    async fn a_message_whose_delivery_could_not_be_recorded_is_looked_for_and_not_repeated(house: House) {
        house.with_open_room().await;
        tamper(&house, "ALTER TABLE copies RENAME TO gone").await;
        house.phil_says("one").await;
        house.phil_says("two").await;
        tamper(&house, "ALTER TABLE gone RENAME TO copies").await;
        house.wait(Duration::from_secs(20)).await;
        let mut lines = house.room("cs-phil");
        lines.retain(|line| line == "Phil: one" || line == "Phil: two");
        assert_eq!(lines, ["Phil: one", "Phil: two"]);
    }

    async fn a_conversation_that_cannot_be_read_does_not_hold_up_the_others(house: House) {
        house.with_crowd(2).await;
        tamper(&house, "UPDATE conversations SET state = '{}' WHERE channel = 'D0C00'").await;
        house.wait(Duration::from_hours(37)).await;
        assert!(house.slack.channel(HUB, "cs-customer01").is_none(), "it was closed in its time");
        assert!(house.app.next_due().await.unwrap().unwrap() > house.now(), "nobody tries again and again");
    }
}
