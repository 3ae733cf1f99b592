//! Several instances on one PostgreSQL, of which one knows less than the other, or has another idea of the time.

use std::time::Duration;

use jiff::SignedDuration;
use megatron::app::App;
use megatron::clock::{Clock, CommonClock, ManualClock};
use megatron::demo::cast::{self, ACME, BOT_APP, JANE, PHIL, PHILS_DM};
use megatron::store::instances::{self, ANSWERS, GONE};
use megatron::store::lanes::{self, LEASE};
use reqwest::Url;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::support::eventually;
use crate::support::house::House;

/// An instance that has heard everything up to now, and nothing from now on.
struct Deaf {
    app: App,
    url: Url,
}

impl Deaf {
    async fn at(house: &House) -> Self {
        let (app, url, _) = house.another_by(Clock::Manual(house.clock.clone()), 50).await;
        cast::listen(&house.slack, &house.url);
        let deaf = Self { app, url };
        deaf.hears(house).await;
        deaf
    }

    /// It hears of all that was announced.
    async fn hears(&self, house: &House) {
        let relay = self.app.relay();
        relay.watches.load(&relay.db).await.unwrap();
        instances::heard(&relay.db, "deaf", house.now()).await.unwrap();
        relay.watches.complete_until(megatron::clock::after(house.now(), ANSWERS));
    }

    /// Phil writes, and the bot passes it on to this instance: whether it knows that he is watched.
    async fn takes_from_phil(&self, house: &House, text: &str) -> Value {
        house.slack.say(ACME, PHIL, PHILS_DM, text).unwrap();
        let mut heard = house.slack.take_events(BOT_APP);
        assert_eq!(heard.len(), 1);
        house.ingest_at(&self.url, &heard.remove(0)).await["watched"].clone()
    }
}

fn phils(house: &House) -> Vec<String> {
    let mut lines = house.room("cs-phil");
    lines.retain(|line| line.starts_with("Phil: "));
    lines
}

#[tokio::test]
async fn what_an_instance_turns_away_before_it_has_heard_of_the_opening_is_in_the_history() {
    let Some(house) = House::on_postgres().await else { return };
    house.knows_acme().await;
    house.phil_says("help!").await;
    let deaf = Deaf::at(&house).await;
    house.jane_types("open phil").await;
    assert_eq!(deaf.takes_from_phil(&house, "hello?").await, false, "it does not know yet");
    house.wait(Duration::from_secs(2)).await;
    assert_eq!(phils(&house), Vec::<String>::new(), "the history is not fetched while one does not know");
    assert_eq!(deaf.takes_from_phil(&house, "anybody?").await, false);
    deaf.hears(&house).await;
    assert_eq!(deaf.takes_from_phil(&house, "please!").await, true);
    house.wait(Duration::from_secs(5)).await;
    assert_eq!(phils(&house), ["Phil: help!", "Phil: hello?", "Phil: anybody?", "Phil: please!"]);
}

#[tokio::test]
async fn an_instance_that_hears_nothing_any_more_asks_the_database_and_holds_nobody_up() {
    let Some(house) = House::on_postgres().await else { return };
    house.knows_acme().await;
    house.phil_says("help!").await;
    let deaf = Deaf::at(&house).await;
    house.jane_types("open phil").await;
    assert_eq!(deaf.takes_from_phil(&house, "hello?").await, false);
    house.clock.advance(ANSWERS);
    assert_eq!(deaf.takes_from_phil(&house, "anybody?").await, true, "it has asked");
    house.wait(GONE).await;
    assert_eq!(phils(&house), ["Phil: help!", "Phil: hello?", "Phil: anybody?"]);
}

#[tokio::test]
async fn what_was_turned_away_while_nobody_could_know_is_looked_for_afterwards() {
    let Some(house) = House::on_postgres().await else { return };
    house.knows_acme().await;
    house.phil_says("help!").await;
    let deaf = Deaf::at(&house).await;
    house.jane_types("open phil").await;
    house.wait(GONE).await;
    house.tamper("ALTER TABLE conversations RENAME TO gone").await;
    assert_eq!(deaf.takes_from_phil(&house, "hello?").await, false, "memory is all it has");
    house.tamper("ALTER TABLE gone RENAME TO conversations").await;
    house.wait(Duration::from_secs(30)).await;
    assert_eq!(phils(&house), ["Phil: help!"]);
    deaf.app.step().await.unwrap();
    house.wait(Duration::from_secs(30)).await;
    assert_eq!(phils(&house), ["Phil: help!", "Phil: hello?"]);
}

/// The listener itself, on two instances that run as they do in production.
#[tokio::test]
async fn instances_that_hear_each_other_say_so_until_they_stop() {
    let Some(house) = House::on_postgres().await else { return };
    let time = || Clock::Manual(house.clock.clone());
    let others = [house.another_by(time(), 50).await.0, house.another_by(time(), 100).await.0];
    let shutdown = CancellationToken::new();
    let mut running = Vec::new();
    for other in &others {
        running.push(house.run(other, &shutdown).await.1);
    }
    let know = || others.iter().all(|other| other.relay().watches.is_complete(house.now()));
    eventually(know).await;
    assert_eq!(house.count("instances").await, 2);
    house.clock.advance(ANSWERS);
    assert!(!know(), "what they have heard is old");
    eventually(know).await;
    shutdown.cancel();
    for one in running {
        one.await.unwrap();
    }
    assert!(!know());
    assert_eq!(house.count("instances").await, 0);
}

/// A service on a machine whose clock is off by so much.
async fn off_by(house: &House, minutes: i64, number: u64) -> (App, ManualClock) {
    let machine = ManualClock::starting_at(house.now() + SignedDuration::from_mins(minutes));
    let clock = Clock::Common(CommonClock::on(Clock::Manual(machine.clone())));
    let (app, ..) = house.another_by(clock, number).await;
    (app, machine)
}

#[tokio::test]
async fn clocks_that_differ_by_ten_minutes_change_nothing() {
    let Some(house) = House::on_postgres_at(Clock::System.now()).await else { return };
    house.knows_acme().await;
    house.phil_says("help!").await;
    let (slow, slow_machine) = off_by(&house, -5, 50).await;
    // Slack's requests, signed by the true time, go to the fast one.
    let (fast, fast_machine) = off_by(&house, 5, 100).await;
    let apart = slow.relay().clock.now().duration_until(fast.relay().clock.now()).abs();
    assert!(apart < SignedDuration::from_mins(1), "{apart:?}");

    fast.step().await.unwrap();
    assert_eq!(house.only_types(JANE, "open phil").await, "Opening a room for Phil …");
    let turn = |by: Duration| [&slow_machine, &fast_machine, &house.clock].map(|clock| clock.advance(by));
    for app in [&slow, &fast].into_iter().cycle().take(60) {
        app.step().await.unwrap();
        turn(Duration::from_secs(1));
    }
    assert!(phils(&house).contains(&"Phil: help!".to_owned()), "{:#?}", house.room("cs-phil"));

    // What the fast one has leased is the slow one's when the lease is over, and not before.
    let (db, now) = (&slow.relay().db, |app: &App| app.relay().clock.now());
    house.ingest(&crate::support::house::message_of_phil("1795168900.000100", "hello?")).await;
    turn(Duration::from_mins(1));
    assert!(lanes::lease(db, "fast/1", now(&fast)).await.unwrap().is_some());
    assert!(lanes::lease(db, "slow/1", now(&slow)).await.unwrap().is_none(), "it is leased");
    turn(LEASE + Duration::from_mins(1));
    assert!(lanes::lease(db, "slow/2", now(&slow)).await.unwrap().is_some());
}
