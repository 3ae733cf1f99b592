//! Much at once, and little room: nobody waits for somebody else's flood, and what there is no room for comes again.

use std::time::Duration;

use megatron::demo::cast::{ACME, API_KEY};
use megatron::store::db::Db;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::support::crowd::Customer;
use crate::support::house::{House, message_of_phil};
use crate::support::scenarios;

/// So many messages go to one channel at once; then it is one a second.
const AT_ONCE: usize = 20;

/// So many messages of a customer, in arrays of a hundred; nothing is delivered yet.
async fn floods(house: &House, customer: &Customer, messages: usize) {
    let message = |number: usize| {
        json!({
            "direction": "incoming", "team_id": ACME, "channel_id": customer.dm, "user_id": customer.user,
            "message": { "ts": format!("{}.{number:06}", house.now().as_second()), "text": format!("flood {number}") },
        })
    };
    let all: Vec<Value> = (1..=messages).map(message).collect();
    for part in all.chunks(100) {
        let (status, answers) = house.ingest(&json!(part)).await;
        assert_eq!(status, StatusCode::ACCEPTED);
        assert!(answers.as_array().unwrap().iter().all(|answer| answer["watched"] == true), "{answers}");
    }
}

/// The texts that were posted since so many calls, in order.
fn posted(house: &House, since: usize) -> Vec<String> {
    let calls = house.slack.calls().split_off(since);
    let posts = calls.into_iter().filter(|call| call.method == "chat.postMessage");
    posts.map(|call| call.args["text"].as_str().unwrap_or_default().to_owned()).collect()
}

scenarios! {
    async fn a_flood_in_one_room_delays_no_other(house: House) {
        let customers = house.with_crowd(2).await;
        let [loud, other] = &customers[..] else { panic!("two customers") };
        floods(&house, loud, 1000).await;
        let before = house.slack.calls().len();
        house.says(&other.user, &other.dm, "one question").await;
        let first = posted(&house, before);
        assert!(first[..=AT_ONCE].contains(&"one question".to_owned()), "{first:?}");
        // In the middle of it, too.
        house.wait(Duration::from_secs(10)).await;
        let before = house.slack.calls().len();
        house.says(&other.user, &other.dm, "and another").await;
        assert!(posted(&house, before).contains(&"and another".to_owned()));
        assert!(house.count("outbox").await > 900, "the flood is not over");
    }

    async fn a_flood_from_many_customers_leaves_the_next_turn_to_a_quiet_one(house: House) {
        let customers = house.with_crowd(9).await;
        let [loud @ .., other] = &customers[..] else { panic!("nine customers") };
        for customer in loud {
            floods(&house, customer, 50).await;
        }
        // What Slack allows for the whole workspace is used up, and everybody waits for the same turn.
        house.wait(Duration::from_secs(10)).await;
        let before = house.slack.calls().len();
        house.says(&other.user, &other.dm, "one question").await;
        assert_eq!(posted(&house, before), Vec::<String>::new());
        house.wait(Duration::from_secs(1)).await;
        let first = posted(&house, before);
        assert!(first[..2].contains(&"one question".to_owned()), "{first:?}");
    }

    async fn a_database_without_a_free_connection_makes_nobody_wait_for_long(house: House) {
        house.with_open_room().await;
        let held: Vec<Box<dyn std::any::Any>> = match &house.app.relay().db {
            Db::Postgres(pool) => all(|| pool.acquire(), pool.options().get_max_connections()).await,
            Db::Sqlite(pool, _) => all(|| pool.acquire(), pool.options().get_max_connections()).await,
        };
        let message = message_of_phil("1795168900.000100", "is there room?");
        let request = house.request(Method::POST, "ingest").bearer_auth(API_KEY).json(&message);
        // That a 503 says when to come again is checked of every refusal.
        let (status, code, _) = house.refused(request).await;
        assert_eq!((status, code.as_str()), (503, "unavailable"));
        drop(held);
        for is_known in [false, true] {
            let (status, answer) = house.ingest(&message).await;
            assert_eq!((status, &answer["duplicate"]), (StatusCode::ACCEPTED, &json!(is_known)), "not even half of it was kept");
        }
        house.settle().await;
        assert_eq!(house.room("cs-phil").iter().filter(|line| *line == "Phil: is there room?").count(), 1);
    }
}

/// All connections of a pool.
async fn all<C: 'static, F: Future<Output = sqlx::Result<C>>>(
    acquire: impl Fn() -> F,
    size: u32,
) -> Vec<Box<dyn std::any::Any>> {
    let mut held: Vec<Box<dyn std::any::Any>> = Vec::new();
    for _ in 0..size {
        held.push(Box::new(acquire().await.unwrap()));
    }
    held
}
