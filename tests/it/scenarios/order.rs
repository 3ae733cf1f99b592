//! Everything arrives, once, in order: whatever Slack does, and however many serve.

use std::time::Duration;

use megatron::demo::cast::{self, ACME, BOT_APP};
use megatron::simulator::Fault;
use megatron::store::db::Db;
use tokio_util::sync::CancellationToken;

use crate::support::crowd::{Customer, Side, Stories};
use crate::support::house::House;
use crate::support::{eventually, scenarios};

const SIDES: [Side; 3] = [Side::Customer, Side::Bot, Side::Agent];

/// A reproducible source of chance (the generator of `java.util.Random`).
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(0x5_DEEC_E66D).wrapping_add(0xB) & 0xFFFF_FFFF_FFFF;
        usize::try_from(self.0 >> 20).unwrap() % end
    }
}

/// Slack on a very bad day.
fn storm(house: &House, seed: u64) {
    let faults = [
        (0.06, Fault::RateLimited { retry_after_secs: 3 }),
        (0.06, Fault::Error("ratelimited".into())),
        (0.05, Fault::Http500Before),
        (0.05, Fault::Http500After),
        (0.05, Fault::ResetBefore),
        (0.05, Fault::ResetAfter),
    ];
    for (seed, (probability, fault)) in (seed..).zip(faults) {
        house.slack.fail_randomly("chat.postMessage", probability, seed, fault);
    }
}

scenarios! {
    async fn five_hundred_messages_arrive_once_and_in_order_through_storm_and_restarts(house: House) {
        let customers = house.with_crowd(20).await;
        let (mut stories, mut chance) = (Stories::default(), Chance(7));
        storm(&house, 11);
        house.slack.deliver_before_answer(true);
        house.slack.duplicate_events(true);
        house.slack.shuffle_events(Some(13));
        for round in 0..25 {
            // One line a room in each round: of two that overtake each other Slack does not say which was first.
            for customer in &customers {
                stories.go_on(&house.slack, customer, SIDES[chance.below(3)]);
            }
            match round {
                8 => house.restart().await,
                16 => house.crash_while_posting().await,
                _ => house.wait(Duration::from_secs(2)).await,
            }
        }
        house.slack.clear_faults();
        house.wait(Duration::from_mins(30)).await;
        assert_eq!(stories.problems(&house.slack, &customers), Vec::<String>::new());
    }
}

#[tokio::test]
async fn two_instances_share_one_database_and_its_work() {
    let Some(house) = House::on_postgres().await else { return };
    let customers = house.with_crowd(5).await;
    for Customer { room, .. } in &customers {
        house.types(cast::JANE, room, "close").await;
    }
    house.wait(Duration::from_mins(2)).await;

    let shutdown = CancellationToken::new();
    let other = house.another().await;
    let (first_url, first) = house.run(&house.app, &shutdown).await;
    let (second_url, second) = house.run(&other, &shutdown).await;
    cast::listen(&house.slack, &first_url);
    for Customer { handle, dm, .. } in &customers {
        house
            .slack
            .command(cast::HUB, cast::JANE, cast::SUPPORT, "/megatron", &format!("open {handle}"))
            .await
            .unwrap();
        eventually(|| other.relay().watches.look(cast::BOT, ACME, dm).watched).await;
    }
    // The history is there, so Jane is too.
    let open = |customer: &Customer| house.room(&customer.room).iter().any(|line| line.ends_with("Hello?"));
    // Both live by the clock of the house, so it has to go on while they work.
    let tick = || house.clock.advance(Duration::from_millis(1));
    eventually(|| (tick(), customers.iter().all(open)).1).await;

    let (mut stories, mut chance) = (Stories::default(), Chance(7));
    house.slack.run_live();
    for _ in 0..8 {
        for customer in &customers {
            stories.go_on(&house.slack, customer, SIDES[chance.below(3)]);
        }
        for envelope in house.slack.take_events(BOT_APP) {
            house.ingest_at(&second_url, &envelope).await;
        }
    }
    eventually(|| (tick(), stories.problems(&house.slack, &customers).is_empty()).1).await;
    let Db::Postgres(pool) = &house.app.relay().db else { panic!("not PostgreSQL") };
    let servers = "SELECT COUNT(DISTINCT split_part(owner, '/', 1)) FROM lanes WHERE tail > 1";
    let servers: i64 = sqlx::query_scalar(servers).fetch_one(pool).await.unwrap();
    assert!(servers > 1, "both have served lanes");
    shutdown.cancel();
    first.await.unwrap();
    second.await.unwrap();
    assert_eq!(stories.problems(&house.slack, &customers), Vec::<String>::new(), "nor twice");
}

#[tokio::test]
async fn a_pause_at_one_instance_is_known_at_the_other() {
    let Some(house) = House::on_postgres().await else { return };
    let customers = house.with_crowd(1).await;
    let other = house.another().await;
    let shutdown = CancellationToken::new();
    let (_, running) = house.run(&other, &shutdown).await;
    let control = || other.relay().watches.look(cast::BOT, ACME, &customers[0].dm);
    eventually(|| control().watched).await;
    house.types(cast::JANE, &customers[0].room, "pause").await;
    eventually(|| control().control.paused).await;
    house.types(cast::JANE, &customers[0].room, "unpause").await;
    eventually(|| !control().control.paused).await;
    house.types(cast::JANE, cast::SUPPORT, "bot off").await;
    eventually(|| control().control.paused).await;
    shutdown.cancel();
    running.await.unwrap();
}
