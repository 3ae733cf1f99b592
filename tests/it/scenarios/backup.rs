//! The database is lost, and a backup is put in its place.

use std::time::Duration;

use megatron::demo::cast::{ACME, HUB, JANE, PHIL, PHILS_DM};

use crate::support::backup::Backup;
use crate::support::house::House;
use crate::support::scenarios;

/// The numbers of all lines that stand in the room and in the DM, sorted.
fn said(house: &House) -> (Vec<String>, Vec<String>) {
    let numbers = |lines: Vec<String>| {
        let number = |line: &String| line.find('#').map(|at| line[at..].chars().take(2).collect());
        let mut numbers: Vec<String> = lines.iter().filter_map(number).collect();
        numbers.sort();
        numbers
    };
    (numbers(house.room("cs-phil")), numbers(house.dm()))
}

/// So many lines.
fn lines(count: usize) -> Vec<String> {
    (1..=count).map(|line| format!("#{line}")).collect()
}

scenarios! {
    async fn nothing_is_said_twice_after_a_restore_and_what_was_missed_is_found(house: House) {
        house.with_open_room().await;
        house.phil_says("#1").await;
        house.slack.say(HUB, JANE, "cs-phil", "#2").unwrap();
        house.settle().await;
        // Taken in before the backup, delivered after it.
        house.slack.say(ACME, PHIL, PHILS_DM, "#3").unwrap();
        house.slack.say(HUB, JANE, "cs-phil", "#4").unwrap();
        house.pass_on().await;
        let backup = Backup::of(&house).await;
        house.settle().await;
        // Said and delivered after it.
        house.phil_says("#5").await;
        house.slack.say(HUB, JANE, "cs-phil", "#6").unwrap();
        house.wait(Duration::from_secs(30)).await;
        assert_eq!(said(&house), (lines(6), lines(6)));
        // Said while there is no service.
        house.slack.say(ACME, PHIL, PHILS_DM, "#7").unwrap();
        house.slack.say(HUB, JANE, "cs-phil", "#8").unwrap();
        house.lose_events();

        backup.restore(&mut house).await;
        house.wait(Duration::from_mins(10)).await;
        assert_eq!(said(&house), (lines(8), lines(8)));
        assert_eq!(house.count("outbox").await, 0, "nothing is stuck");

        // The token was sealed before, and opens: the relay goes on.
        house.phil_says("#9").await;
        house.slack.say(HUB, JANE, "cs-phil", "a last word").unwrap();
        house.wait(Duration::from_secs(5)).await;
        assert_eq!(said(&house).0, lines(9));
        assert!(house.dm().iter().any(|line| line.ends_with("a last word")), "{:#?}", house.dm());
    }

    async fn the_bot_believes_what_it_is_told_after_a_restore(house: House) {
        house.with_open_room().await;
        let backup = Backup::of(&house).await;
        for word in ["pause", "unpause", "pause"] {
            house.types(JANE, "cs-phil", word).await;
        }
        assert_eq!(house.control().await, "human, paused, 3");
        backup.restore(&mut house).await;
        let control = house.state().await["control"].clone();
        assert_eq!(control["paused"], false, "as it was at the backup");
        assert!(control["epoch"].as_i64().unwrap() > 3, "{control}");
    }
}
