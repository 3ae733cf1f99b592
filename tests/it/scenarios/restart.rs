//! Stopped or crashed at any moment: nothing is lost, and nobody reads anything twice.

use std::time::Duration;

use megatron::demo::cast::{ACME, BOT_APP, HUB, JANE, PHIL, PHILS_DM};
use megatron::simulator::Fault;
use tokio_util::sync::CancellationToken;

use crate::support::{eventually, scenarios};

const LINES: usize = 12;

/// What everybody sees when Phil's and Jane's lines have arrived.
fn expected(who: &str) -> Vec<String> {
    (0..LINES).map(|line| format!("{who} line {line}")).collect()
}

scenarios! {
    async fn a_crash_while_a_message_is_on_its_way_neither_loses_nor_repeats_it(house: House) {
        house.with_open_room().await;
        let mut line = 0;
        for fault in [Fault::HangBefore, Fault::HangAfter] {
            for from_phil in [true, false] {
                let text = format!("line {line}");
                line += 1;
                if from_phil {
                    house.slack.say(ACME, PHIL, PHILS_DM, &text).unwrap();
                } else {
                    house.slack.say(HUB, JANE, "cs-phil", &text).unwrap();
                }
                house.pass_on().await;
                house.crash_during("chat.postMessage", fault.clone()).await;
                house.wait(Duration::from_mins(1)).await;
                let there = if from_phil { house.room("cs-phil") } else { house.dm() };
                let copies = there.iter().filter(|seen| seen.ends_with(&text)).count();
                assert_eq!(copies, 1, "{text} after {fault:?}: {there:#?}");
            }
        }
    }

    async fn a_crash_while_a_room_is_being_made_leaves_one_room(house: House) {
        house.knows_acme().await;
        house.phil_says("help!").await;
        house.slack.command(HUB, JANE, "support", "/megatron", "open phil").await.unwrap();
        house.crash_during("conversations.create", Fault::HangAfter).await;
        house.wait(Duration::from_mins(1)).await;
        let rooms = house.slack.channels(HUB).into_iter().map(|channel| channel.name);
        let rooms: Vec<String> = rooms.filter(|name| name.starts_with("cs-")).collect();
        assert_eq!(rooms, ["cs-phil"]);
        assert!(house.room("cs-phil").contains(&"Phil: help!".to_owned()));
    }

    async fn a_crash_while_the_bot_is_told_tells_it_again_under_the_same_id(house: House) {
        house.with_open_room().await;
        house.slack.command(HUB, JANE, "cs-phil", "/megatron", "pause").await.unwrap();
        let bot = house.bot.clone();
        house.crash_when(|| bot.heard_types().iter().any(|kind| kind == "conversation.paused")).await;
        house.wait(Duration::from_mins(1)).await;
        let paused: Vec<String> = house.bot.heard().into_iter().filter(|heard| heard.body["type"] == "conversation.paused").map(|heard| heard.id).collect();
        assert!(paused.iter().all(|id| *id == paused[0]), "{paused:?}");
        assert!(house.room("cs-phil").iter().any(|line| line.contains("Expense Bot knows")));
    }

    async fn a_stop_finishes_what_is_being_sent_and_leaves_the_rest_for_later(house: House) {
        house.with_open_room().await;
        for line in 0..LINES {
            house.slack.say(ACME, PHIL, PHILS_DM, &format!("line {line}")).unwrap();
        }
        house.pass_on().await;
        let shutdown = CancellationToken::new();
        let before = house.slack.calls().len();
        let (_, running) = house.run(&house.app, &shutdown).await;
        eventually(|| house.slack.calls().len() > before).await;
        shutdown.cancel();
        tokio::time::timeout(Duration::from_secs(5), running).await.expect("it stops").unwrap();

        house.restart().await;
        house.wait(Duration::from_mins(1)).await;
        let mut lines = house.room("cs-phil");
        lines.retain(|line| line.contains(" line "));
        assert_eq!(lines, expected("Phil:"));
    }

    async fn a_stop_does_not_wait_for_ever_for_a_slack_that_hangs(house: House) {
        house.with_open_room().await;
        house.slack.fail_next("chat.postMessage", Fault::HangAfter);
        house.slack.say(ACME, PHIL, PHILS_DM, "Is anybody there?").unwrap();
        house.pass_on().await;
        let shutdown = CancellationToken::new();
        let (_, running) = house.run(&house.app, &shutdown).await;
        eventually(|| house.slack.calls().iter().any(|call| call.fault == Some(Fault::HangAfter))).await;
        shutdown.cancel();
        tokio::time::timeout(Duration::from_secs(9), running).await.expect("it stops").unwrap();

        house.slack.release_hangs();
        house.restart().await;
        house.wait(Duration::from_mins(1)).await;
        let there = house.room("cs-phil");
        assert_eq!(there.iter().filter(|line| line.contains("Is anybody there?")).count(), 1, "{there:#?}");
        assert!(house.slack.take_events(BOT_APP).is_empty());
    }
}
