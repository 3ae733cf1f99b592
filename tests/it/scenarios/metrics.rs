//! What an operator measures.

use std::time::Duration;

use megatron::demo::cast::{BOT_TOKEN, JANE};
use megatron::simulator::Fault;
use reqwest::Method;
use serde_json::json;

use crate::support::bot::Mood;
use crate::support::house::House;
use crate::support::scenarios;

/// The series that begin with one of these, in the order of the alphabet; without those that are zero.
async fn numbers(house: &House, beginnings: &[&str]) -> Vec<String> {
    let response = house.request(Method::GET, "metrics").send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    let text = response.text().await.unwrap();
    let wanted = |line: &&str| beginnings.iter().any(|beginning| line.starts_with(beginning)) && !line.ends_with(" 0");
    let mut lines: Vec<String> = text.lines().filter(wanted).map(str::to_owned).collect();
    lines.sort();
    lines
}

scenarios! {
    async fn phils_story_in_numbers(house: House) {
        house.knows_acme().await;
        house.phil_says("My expense is stuck").await;
        house.bot_says("I did not understand that.").await;
        house.jane_types("open phil").await;
        assert_eq!(numbers(&house, &["megatron_rooms_open"]).await, ["megatron_rooms_open 1"]);

        house.phil_says("hello?").await;
        house.types(JANE, "cs-phil", "pause").await;
        house.jane_writes("cs-phil", "Hi Phil, this is Jane.").await;
        house.phil_says("Finally!").await;
        house.jane_types("opne phil").await;
        house.ingest(&json!({ "team_id": "T0ACME" })).await;
        house.types(JANE, "cs-phil", "close").await;

        assert_eq!(
            numbers(&house, &["megatron_ingested_messages_total", "megatron_commands_total"]).await,
            [
                r#"megatron_commands_total{verb="close"} 1"#,
                r#"megatron_commands_total{verb="open"} 1"#,
                r#"megatron_commands_total{verb="pause"} 1"#,
                r#"megatron_commands_total{verb="unknown"} 1"#,
                // What the customer read from Jane, and that she took over.
                r#"megatron_ingested_messages_total{bot="expenses",outcome="duplicate"} 2"#,
                r#"megatron_ingested_messages_total{bot="expenses",outcome="refused"} 1"#,
                // Two from before the room, and the farewell from after it.
                r#"megatron_ingested_messages_total{bot="expenses",outcome="unwatched"} 3"#,
                r#"megatron_ingested_messages_total{bot="expenses",outcome="watched"} 2"#,
            ]
        );
        assert_eq!(
            numbers(&house, &[
                r#"megatron_slack_events_total{kind="room"#,
                r#"megatron_deliveries_total{effect="say""#,
                r#"megatron_deliveries_total{effect="mirror""#,
                r#"megatron_deliveries_total{effect="callback""#,
                r#"megatron_delivery_duration_seconds_count{effect="say""#,
                "megatron_outbox",
                "megatron_rooms",
            ]).await,
            [
                r#"megatron_deliveries_total{effect="callback",end="done"} 4"#,
                r#"megatron_deliveries_total{effect="mirror",end="done"} 4"#,
                r#"megatron_deliveries_total{effect="say",end="done"} 3"#,
                r#"megatron_delivery_duration_seconds_count{effect="say"} 3"#,
                r#"megatron_slack_events_total{kind="room_archived"} 1"#,
                r#"megatron_slack_events_total{kind="room_renamed"} 1"#,
            ]
        );
    }

    async fn takeovers_and_what_waits_for_a_token_show_in_the_numbers(house: House) {
        house.with_open_room().await;
        house.types(JANE, "cs-phil", "pause").await;
        assert_eq!(
            numbers(&house, &["megatron_callback_acknowledged_seconds_count", "megatron_conversations", "megatron_lane"]).await,
            [r#"megatron_callback_acknowledged_seconds_count{bot="expenses"} 1"#, "megatron_conversations_paused 1"]
        );
        house.slack.replace_token(BOT_TOKEN, "xoxb-another");
        house.jane_writes("cs-phil", "Hi Phil").await;
        assert_eq!(
            numbers(&house, &["megatron_lane"]).await,
            ["megatron_lane_depth_max 1", "megatron_lanes_parked 1", "megatron_lanes_waiting 1"]
        );
        house.jane_types("bot off").await;
        assert_eq!(numbers(&house, &["megatron_bots_off"]).await, ["megatron_bots_off 1"]);
        assert_eq!(numbers(&house, &[r#"megatron_transaction_duration_seconds_count{what="settle""#]).await.len(), 1);
    }

    async fn trouble_shows_in_the_numbers(house: House) {
        house.with_open_room().await;
        house.bot.is_in(&[Mood::Status(500); 5]);
        house.slack.fail_next("chat.postMessage", Fault::Error("msg_too_long".to_owned()));
        house.types(JANE, "cs-phil", "pause").await;
        house.wait(Duration::from_secs(20)).await;

        assert_eq!(
            numbers(&house, &["megatron_callbacks_refused", "megatron_slack_refusals", "megatron_outbox"]).await,
            [
                r#"megatron_callbacks_refused_total{bot="expenses",reason="server_error"} 5"#,
                "megatron_outbox_oldest_seconds 20",
                "megatron_outbox_waiting 1",
                r#"megatron_slack_refusals_total{method="chat.postMessage",class="content"} 1"#,
            ]
        );
        assert_eq!(
            numbers(&house, &[r#"megatron_deliveries_total{effect="callback",end="again""#]).await,
            [r#"megatron_deliveries_total{effect="callback",end="again"} 5"#]
        );
    }
}
