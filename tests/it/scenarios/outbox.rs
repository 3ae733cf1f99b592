//! `megatron outbox`: what an operator sees of what is stuck, and what they can do about it.

use std::time::Duration;

use megatron::commands::OutboxCommand;
use megatron::commands::outbox::answer;
use megatron::demo::cast::JANE;
use megatron::simulator::Fault;
use megatron::takeover::cards::action;

use crate::support::house::House;
use crate::support::scenarios;

async fn outbox(house: &House, command: OutboxCommand) -> String {
    answer(house.app.relay(), &command).await.unwrap()
}

/// The id of the only entry.
async fn only(house: &House) -> String {
    let list = outbox(house, OutboxCommand::List).await;
    assert_eq!(list.lines().count(), 1, "{list}");
    list.split(' ').next().unwrap().to_owned()
}

scenarios! {
    async fn an_empty_outbox_says_so(house: House) {
        assert_eq!(outbox(&house, OutboxCommand::List).await, "Nothing waits, and nothing was given up.");
        for command in [OutboxCommand::Show { id: "1".into(), content: true }, OutboxCommand::Drop { id: "1".into() }] {
            assert!(outbox(&house, command).await.starts_with("There is no such entry"));
        }
    }

    async fn what_waits_is_shown_without_words_unless_they_are_wanted(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_times("chat.postMessage", 9, Fault::Error("service_unavailable".into()));
        house.jane_writes("cs-phil", "for Phil alone").await;
        let list = outbox(&house, OutboxCommand::List).await;
        assert!(list.contains("  pending    0s  tries 1  say  service_unavailable  dm:"), "{list}");
        let id = only(&house).await;
        let shown = outbox(&house, OutboxCommand::Show { id: id.clone(), content: false }).await;
        assert!(shown.contains("problem       service_unavailable") && !shown.contains("alone") && !list.contains("alone"), "{shown}");
        let whole = outbox(&house, OutboxCommand::Show { id, content: true }).await;
        assert!(whole.contains("for Phil alone"), "{whole}");
    }

    async fn a_delivery_is_tried_at_once_when_the_operator_wants_it(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_times("chat.postMessage", 3, Fault::Error("service_unavailable".into()));
        house.jane_writes("cs-phil", "One").await;
        house.slack.clear_faults();
        let id = only(&house).await;
        assert_eq!(outbox(&house, OutboxCommand::Retry { id }).await, "Trying again now.");
        house.settle().await;
        assert!(house.dm().last().unwrap().contains("One"));
        assert_eq!(outbox(&house, OutboxCommand::List).await, "Nothing waits, and nothing was given up.");
    }

    async fn a_delivery_that_is_dropped_lets_the_next_go_and_the_agent_knows(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("chat.postMessage", Fault::Error("service_unavailable".into()));
        house.jane_writes("cs-phil", "One").await;
        house.slack.say(megatron::demo::cast::HUB, JANE, "cs-phil", "Two").unwrap();
        house.slack.deliver_events().await;
        let list = outbox(&house, OutboxCommand::List).await;
        let ids: Vec<String> = list.lines().map(|line| line.split(' ').next().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), 2, "{list}");
        let too_early = outbox(&house, OutboxCommand::Drop { id: ids[1].clone() }).await;
        assert!(too_early.contains("others are before it"), "{too_early}");

        let dropped = outbox(&house, OutboxCommand::Drop { id: ids[0].clone() }).await;
        assert_eq!(dropped, "Given up. What waits behind it goes on.");
        house.settle().await;
        assert!(house.dm().last().unwrap().contains("Two"), "{:#?}", house.dm());
        let told = "*Phil did not get* “One”: an operator dropped it.";
        assert!(house.notices("cs-phil").iter().any(|notice| notice.contains(told)), "{:#?}", house.notices("cs-phil"));
        assert!(outbox(&house, OutboxCommand::List).await.contains("failed"));

        house.jane_presses("cs-phil", action::RETRY).await;
        house.wait(Duration::from_secs(5)).await;
        assert!(house.dm().last().unwrap().contains("One"));
    }

    async fn what_was_given_up_is_forgotten(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("chat.postMessage", Fault::Error("of_next_year".into()));
        house.jane_writes("cs-phil", "One").await;
        let id = only(&house).await;
        assert_eq!(outbox(&house, OutboxCommand::Drop { id }).await, "Forgotten. It had been given up before.");
        assert_eq!(outbox(&house, OutboxCommand::List).await, "Nothing waits, and nothing was given up.");
    }

    async fn an_entry_that_cannot_be_read_is_dropped_too(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        house.slack.fail_next("chat.postMessage", Fault::Error("service_unavailable".into()));
        house.jane_writes("cs-phil", "One").await;
        house.tamper("UPDATE outbox SET effect = '{}'").await;
        let id = only(&house).await;
        assert!(outbox(&house, OutboxCommand::List).await.contains("unreadable"));
        assert_eq!(outbox(&house, OutboxCommand::Drop { id }).await, "Given up. What waits behind it goes on.");
        house.jane_writes("cs-phil", "Two").await;
        assert!(house.dm().last().unwrap().contains("Two"));
    }
}
