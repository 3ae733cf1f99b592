//! Socket Mode: the service has no public address, and nobody sees a difference.

use std::time::Duration;

use megatron::demo::cast::{self, APP_TOKEN, HUB, HUB_APP, JANE, SUPPORT};
use megatron::simulator::{Fault, Spot};
use megatron::store::conversations::{self, By};
use reqwest::Method;
use serde_json::json;

use crate::support::house::{House, SECRETS};
use crate::support::log::Log;
use crate::support::{eventually, scenarios};

/// How often the service asked Slack for a connection.
fn dialled(house: &House) -> usize {
    house.slack.calls().iter().filter(|call| call.method == "apps.connections.open").count()
}

/// The series of Socket Mode that are not zero, in the order of the alphabet.
async fn numbers(house: &House) -> Vec<String> {
    let text = house.request(Method::GET, "metrics").send().await.unwrap().text().await.unwrap();
    let wanted = |line: &&str| line.starts_with("megatron_socket_") && !line.ends_with(" 0");
    let mut lines: Vec<String> = text.lines().filter(wanted).map(str::to_owned).collect();
    lines.sort();
    lines
}

/// What Jane's lines in the room became for Phil.
fn heard_by_phil(house: &House) -> Vec<String> {
    house.dm().iter().filter_map(|line| line.split_once("[card] ").map(|(_, text)| text.to_owned())).collect()
}

scenarios! {
    async fn an_agent_takes_over_without_any_public_address(house: House) {
        house.by_socket().await;
        house.knows_acme().await;
        house.phil_says("My expense is stuck").await;
        assert_eq!(house.jane_types("open phil").await, "Opening a room for Phil …");
        house.jane_presses("cs-phil", "megatron.pause").await;
        house.jane_writes("cs-phil", "Hi Phil, this is Jane.").await;
        house.phil_says("Finally!").await;
        assert_eq!(house.types(JANE, "cs-phil", "close").await, "Closing the room for Phil.");

        assert_eq!(
            house.room("cs-phil-closed-20261120-1")[2..],
            [
                "Phil: My expense is stuck",
                "Megatron ▸ [card] ⏸️ *Jane paused Expense Bot.* ✅ Expense Bot knows.",
                "Jane: Hi Phil, this is Jane. :white_check_mark:",
                "Phil: Finally!",
                "Megatron ▸ [card] 🗄️ *Jane closed this room.* Expense Bot answers again.",
            ]
        );
        assert_eq!(heard_by_phil(&house), ["Hi Phil, this is Jane."]);
        assert!(house.slack.missed_acks().is_empty());
        assert!(house.slack.acks().iter().all(|ack| ack.app_id != HUB_APP || ack.url == "socket"));
    }

    async fn a_refresh_while_jane_writes_loses_and_doubles_nothing(house: House) {
        house.by_socket().await;
        house.with_open_room().await;
        let mut said = Vec::new();
        for (turn, reason) in ["refresh_requested", "warning", "refresh_requested"].into_iter().enumerate() {
            let before = dialled(&house);
            for line in 0..3 {
                said.push(format!("line {turn}.{line}"));
                house.slack.say(HUB, JANE, "cs-phil", said.last().unwrap()).unwrap();
            }
            house.slack.ask_to_reconnect(HUB_APP, reason);
            house.settle().await;
            said.push(format!("and {turn}"));
            house.jane_writes("cs-phil", said.last().unwrap()).await;
            eventually(|| dialled(&house) >= before + 2).await;
            house.is_connected().await;
            house.wait(Duration::from_mins(1)).await;
        }
        // What was under way over a connection that ended comes again, perhaps behind what came meanwhile.
        let mut heard = heard_by_phil(&house);
        heard.sort();
        said.sort();
        assert_eq!(heard, said);
    }

    async fn a_connection_is_replaced_before_slack_says_so(house: House) {
        house.slack.sockets_last(1);
        house.by_socket().await;
        let before = dialled(&house);
        house.slack.sockets_last(18_060);
        // Only the service closes connections here.
        eventually(|| dialled(&house) >= before + 2).await;
        house.is_connected().await;
        let aged = r#"megatron_socket_reconnects_total{reason="aged"} 2"#.to_owned();
        assert!(numbers(&house).await.contains(&aged), "{:?}", numbers(&house).await);
    }

    async fn a_half_open_connection_is_noticed_and_what_was_on_it_comes_again(house: House) {
        house.by_socket().await;
        house.with_open_room().await;
        let before = dialled(&house);
        house.slack.hush_sockets(HUB_APP);
        house.jane_writes("cs-phil", "are you still there?").await;
        eventually(|| dialled(&house) >= before + 2).await;
        house.is_connected().await;
        // The retry at once may have gone over the other dead one.
        house.wait(Duration::from_mins(1)).await;
        assert_eq!(heard_by_phil(&house), ["are you still there?"]);
        let silent = r#"megatron_socket_reconnects_total{reason="silent"} 2"#.to_owned();
        eventually_numbers(&house, &silent).await;
    }

    async fn a_broken_connection_is_made_anew(house: House) {
        house.by_socket().await;
        house.with_open_room().await;
        house.slack.close_sockets(HUB_APP);
        eventually(|| dialled(&house) == 4).await;
        house.is_connected().await;
        house.slack.offline(true);
        assert_eq!(house.slack.sockets(HUB_APP), 0);
        house.slack.say(HUB, JANE, "cs-phil", "while Slack was away").unwrap();
        house.slack.offline(false);
        house.is_connected().await;
        house.settle().await;
        assert_eq!(heard_by_phil(&house), ["while Slack was away"]);
    }

    async fn what_takes_long_to_store_keeps_nobody_from_answering(house: House) {
        house.by_socket().await;
        house.with_open_room().await;
        let before = dialled(&house);
        let room = house.slack.channel(HUB, "cs-phil").unwrap().id;
        let mut elsewhere = house.app.relay().db.begin().await.unwrap();
        conversations::lock(&mut elsewhere, By::Room(&room)).await.unwrap().expect("the conversation");
        house.slack.say(HUB, JANE, "cs-phil", "take your time").unwrap();
        let release = async {
            house.slack.ping_sockets(HUB_APP);
            eventually(|| house.slack.pongs() >= 2).await;
            // Each connection asks several times meanwhile, and hears the answers.
            let asked = house.slack.pings();
            eventually(|| house.slack.pings() >= asked + 6).await;
            drop(elsewhere);
        };
        tokio::join!(house.slack.deliver_events(), release);
        house.settle().await;
        assert_eq!(heard_by_phil(&house), ["take your time"]);
        assert!(house.slack.missed_acks().is_empty());
        assert_eq!(dialled(&house), before, "no connection was given up");
    }

    async fn what_could_not_be_stored_comes_again(house: House) {
        house.by_socket().await;
        house.with_open_room().await;
        house.slack.sockets_wait(Duration::from_millis(300));
        house.app.relay().db.close().await;
        house.slack.say(HUB, JANE, "cs-phil", "do not lose this").unwrap();
        house.slack.deliver_events().await;
        assert!(!house.slack.missed_acks().is_empty(), "it was not acknowledged");
        assert!(numbers(&house).await.contains(&r#"megatron_socket_envelopes_total{type="events_api",result="failed"} 1"#.to_owned()));
        let answer = house.slack.command(HUB, JANE, SUPPORT, "/megatron", "pause phil").await.unwrap();
        assert!(answer.body["text"].as_str().unwrap().starts_with("Something went wrong here, and nothing was changed."));

        house.restart().await;
        house.is_connected().await;
        house.settle().await;
        assert_eq!(heard_by_phil(&house), ["do not lose this"]);
    }

    async fn both_ways_at_once_do_not_double(house: House) {
        house.by_socket().await;
        cast::listen(&house.slack, &house.url);
        house.slack.deliver_both_ways(true);
        house.slack.duplicate_events(true);
        house.with_open_room().await;
        house.jane_writes("cs-phil", "once").await;
        house.jane_presses("cs-phil", "megatron.pause").await;
        assert!(house.slack.acks().iter().any(|ack| ack.url == "socket"));
        assert!(house.slack.acks().iter().any(|ack| ack.url.ends_with("/slack/events")));
        assert!(house.slack.missed_acks().is_empty());
        assert_eq!(heard_by_phil(&house), ["once"]);
        assert_eq!(house.notices("cs-phil").iter().filter(|text| text.contains("paused")).count(), 1);
    }

    async fn http_goes_on_beside_it(house: House) {
        house.by_socket().await;
        house.with_open_room().await;
        cast::listen(&house.slack, &house.url);
        let lost = { house.slack.say(HUB, JANE, "cs-phil", "by HTTP").unwrap(); house.lose_events() };
        house.brings_after_all(lost).await;
        assert_eq!(heard_by_phil(&house), ["by HTTP"]);
    }

    async fn what_slack_has_yet_to_explain_is_acknowledged_and_told_once(house: House) {
        let (log, _listening) = Log::listen();
        house.by_socket().await;
        for message in [
            json!({ "type": "of_next_year", "envelope_id": "e1", "payload": {} }),
            json!({ "type": "of_next_year", "envelope_id": "e2", "payload": {} }),
            json!({ "type": "slash_commands", "envelope_id": "e3", "payload": { "command": 7 } }),
            json!({ "type": "events_api", "envelope_id": "e4", "payload": { "event": { "type": "message" } } }),
            json!({ "type": "interactive", "envelope_id": "e5" }),
            json!({ "type": "noise" }),
            json!([1, 2]),
        ] {
            house.slack.say_by_socket(HUB_APP, &message);
        }
        // Over both connections each.
        let expected = [
            "megatron_socket_connections 2",
            r#"megatron_socket_envelopes_total{type="events_api",result="unread"} 2"#,
            r#"megatron_socket_envelopes_total{type="interactive",result="unread"} 2"#,
            r#"megatron_socket_envelopes_total{type="slash_commands",result="unread"} 2"#,
            r#"megatron_socket_envelopes_total{type="unknown",result="unread"} 4"#,
        ];
        for line in expected {
            eventually_numbers(&house, line).await;
        }
        assert_eq!(numbers(&house).await, expected);
        assert_eq!(log.text().matches("an envelope of a type that Slack has yet to explain").count(), 1);
        assert_eq!(house.slack.sockets(HUB_APP), 2, "and the connections stand");
    }

    async fn a_dead_app_token_is_told_without_the_token(house: House) {
        let (log, _listening) = Log::listen();
        house.slack.revoke_token(APP_TOKEN);
        house.restart_with(&format!("slack.app_token = \"{APP_TOKEN}\"")).await;
        eventually(|| log.text().contains("no connection by Socket Mode: check slack.app_token")).await;
        assert!(log.text().contains("Slack gives no address (token_revoked)"), "{}", log.text());
        let (status, _, problem) = house.refused(house.request(Method::GET, "readyz")).await;
        assert_eq!((status, problem["detail"].as_str().unwrap()), (503, "there has been no connection by Socket Mode so far"));
        for secret in SECRETS {
            assert!(!log.text().contains(secret), "{secret}");
        }
    }

    async fn a_service_that_was_connected_is_ready(house: House) {
        let (log, _listening) = Log::listen();
        house.by_socket().await;
        eventually_ready(&house).await;
        house.slack.fail_times("apps.connections.open", 3, Fault::Http500Before);
        house.slack.close_sockets(HUB_APP);
        eventually(|| dialled(&house) >= 7).await;
        house.is_connected().await;
        eventually_ready(&house).await;
        assert!(log.text().contains("no connection by Socket Mode so far; trying again"));
        for secret in SECRETS {
            assert!(!log.text().contains(secret), "{secret}");
        }
    }

    async fn more_connections_than_slack_allows_are_tried_later(house: House) {
        house.by_socket().await;
        let mut others = Vec::new();
        for _ in 0..4 {
            others.push(house.another().await);
        }
        let stop = tokio_util::sync::CancellationToken::new();
        let limits = megatron::intake::socket::Limits::default();
        for other in &others {
            let (socket_mode, stop) = (other.socket_mode(limits).unwrap().unwrap(), stop.clone());
            tokio::spawn(async move { socket_mode.run(&stop).await });
        }
        eventually(|| house.slack.sockets(HUB_APP) == 10).await;
        house.slack.ask_to_reconnect(HUB_APP, "refresh_requested");
        let log = Log::listen();
        eventually(|| log.0.text().contains("Slack ended it at once (too_many_websockets)")).await;
        assert_eq!(house.slack.sockets(HUB_APP), 10, "the old ones are kept meanwhile");
        stop.cancel();
        eventually(|| house.slack.sockets(HUB_APP) == 2).await;
    }

    async fn a_click_on_an_old_card_is_answered_to_the_one_who_clicked(house: House) {
        house.by_socket().await;
        house.with_open_room().await;
        house.jane_presses("cs-phil", "megatron.pause").await;
        let card = house.card_with("cs-phil", "megatron.close").expect("a card");
        house.types(JANE, "cs-phil", "close").await;
        let spot = Spot::Message { channel: "cs-phil-closed-20261120-1".to_owned(), ts: card.ts };
        assert_eq!(house.slack.click(HUB, JANE, &spot, "megatron.close").await.unwrap().status, 200);
        house.settle().await;
        let whispers = house.whispers(JANE, "cs-phil-closed-20261120-1").join("\n");
        assert!(whispers.contains("This card belongs to a room that is closed."), "{whispers}");
    }
}

/// Waits for a line of the metrics.
async fn eventually_numbers(house: &House, line: &str) {
    for _ in 0..1000 {
        if numbers(house).await.iter().any(|number| number == line) {
            return;
        }
    }
    panic!("{line}: {:?}", numbers(house).await);
}

async fn eventually_ready(house: &House) {
    for _ in 0..1000 {
        if house.request(Method::GET, "readyz").send().await.unwrap().status() == 200 {
            return;
        }
    }
    panic!("not ready");
}
