//! Lanes and the outbox: order, leases, rest.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

use megatron::ids::Ids;
use megatron::store::lanes::{self, Advance, Lease};
use megatron::store::outbox::{self, Entry};
use megatron::takeover::effect::Effect;
use serde_json::json;

use super::{Store, at, gone, label, labelled, rest, stores};

/// An entry is delivered and becomes these; returns the next one.
async fn deliver(store: &Store, lease: &Lease, entry: &Entry, follow_ups: &[&str]) -> Option<Entry> {
    let mut tx = store.tx().await;
    assert!(lanes::advance(&mut tx, lease, &gone(0), at(0)).await.unwrap(), "the lease holds");
    outbox::remove(&mut tx, &entry.id).await.unwrap();
    let lane = lease.lane.strip_prefix("respond:").unwrap();
    let effects: Vec<Effect> = follow_ups.iter().map(|label| labelled(lane, label)).collect();
    outbox::append(&mut tx, &effects, None, Some(entry), &Ids::Random, at(0)).await.unwrap();
    let next = outbox::take_head(&mut tx, &lease.lane).await.unwrap().transpose().unwrap();
    if next.is_none() {
        lanes::release(&mut tx, lease).await.unwrap();
    }
    tx.commit().await.unwrap();
    next
}

/// Delivers a whole lane; `becomes` says what an entry turns into.
async fn play(store: &Store, becomes: &[(&str, &[&str])]) -> Vec<String> {
    let (lease, first) = store.lease("player", 1_000).await.unwrap();
    let (mut next, mut played) = (Some(first), Vec::new());
    while let Some(entry) = next {
        let name = label(&entry);
        let follow_ups = becomes.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, into)| into);
        next = deliver(store, &lease, &entry, follow_ups).await;
        played.push(name);
    }
    played
}

/// The try of a leased head ended so; the lane is given back.
async fn settle(store: &Store, lease: &Lease, advance: &Advance, now: i64) -> bool {
    let mut tx = store.tx().await;
    let held = lanes::advance(&mut tx, lease, advance, at(now)).await.unwrap();
    lanes::release(&mut tx, lease).await.unwrap();
    tx.commit().await.unwrap();
    held
}

stores! {
    async fn what_waits_stands_for_all_that_comes_before_it_begins(store: Store) {
        let home = Effect::PublishHome { agent: "U0JANE".to_owned() };
        let once = async || {
            let mut tx = store.tx().await;
            outbox::append_once(&mut tx, &home, &Ids::Random, at(0)).await.unwrap();
            tx.commit().await.unwrap();
            store.texts("SELECT state FROM outbox ORDER BY position").await
        };
        assert_eq!(once().await, ["pending"]);
        assert_eq!(once().await, ["pending"]);
        let (lease, _) = store.lease("worker", 0).await.unwrap();
        assert_eq!(once().await, ["sending", "pending"], "what has begun may not have seen the change");
        assert_eq!(once().await, ["sending", "pending"]);
        assert!(settle(&store, &lease, &rest(15_000), 0).await);
        assert!(store.lease("early", 14_999).await.is_none());
        assert!(store.lease("worker", 15_000).await.is_some());
    }

    async fn entries_leave_a_lane_in_the_order_in_which_they_came(store: Store) {
        let labels: Vec<String> = (0..120).map(|n| n.to_string()).collect();
        for label in &labels {
            store.append("a", &[label], 0).await;
        }
        assert_eq!(play(&store, &[]).await, labels);
        assert!(store.lease("late", 0).await.is_none());
        assert!(store.texts("SELECT id FROM outbox").await.is_empty());
    }

    async fn follow_ups_take_the_place_of_their_parent_however_deep(store: Store) {
        store.append("a", &["open", "said meanwhile"], 0).await;
        let becomes: &[(&str, &[&str])] = &[
            ("open", &["create", "answer"]),
            ("create", &["invite", "import"]),
            ("import", &["past 1", "past 2"]),
        ];
        let played = play(&store, becomes).await;
        assert_eq!(played, ["open", "create", "invite", "import", "past 1", "past 2", "answer", "said meanwhile"]);
    }

    async fn follow_ups_in_other_lanes_go_to_the_end(store: Store) {
        store.append("a", &["first"], 0).await;
        store.append("b", &["waits"], 5).await;
        let (lease, first) = store.lease("one", 5).await.unwrap();
        let mut tx = store.tx().await;
        assert!(lanes::advance(&mut tx, &lease, &gone(5), at(5)).await.unwrap());
        outbox::append(&mut tx, &[labelled("b", "follows")], None, Some(&first), &Ids::Random, at(5)).await.unwrap();
        outbox::remove(&mut tx, &first.id).await.unwrap();
        lanes::release(&mut tx, &lease).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(play(&store, &[]).await, ["waits", "follows"]);
    }

    async fn who_steps_behind_lets_follow_ups_go_first_again_and_again(store: Store) {
        store.append("a", &["import", "said meanwhile"], 0).await;
        let mut order = Vec::new();
        for round in ["sorry", "still sorry"] {
            let (lease, entry) = store.lease(round, 0).await.unwrap();
            assert_eq!(label(&entry), "import");
            let mut tx = store.tx().await;
            assert!(lanes::advance(&mut tx, &lease, &rest(0), at(0)).await.unwrap());
            outbox::put_back(&mut tx, &entry.id, false, "ratelimited").await.unwrap();
            outbox::step_behind(&mut tx, &entry).await.unwrap();
            outbox::append(&mut tx, &[labelled("a", round)], None, Some(&entry), &Ids::Random, at(0)).await.unwrap();
            let notice = outbox::take_head(&mut tx, &lease.lane).await.unwrap().unwrap().unwrap();
            order.push(label(&notice));
            tx.commit().await.unwrap();
            deliver(&store, &lease, &notice, &[]).await;
            let mut tx = store.tx().await;
            lanes::release(&mut tx, &lease).await.unwrap();
            outbox::put_back(&mut tx, &entry.id, false, "").await.unwrap();
            tx.commit().await.unwrap();
        }
        order.extend(play(&store, &[("import", &["past 1", "past 2"])]).await);
        assert_eq!(order, ["sorry", "still sorry", "import", "past 1", "past 2", "said meanwhile"]);
    }

    async fn a_lane_has_one_holder_at_a_time(store: Store) {
        store.append("a", &["1", "2"], 0).await;
        store.append("b", &["3"], 1).await;
        let (a, _) = store.lease("one", 2).await.unwrap();
        let (b, _) = store.lease("two", 2).await.unwrap();
        assert_eq!((a.lane.as_str(), b.lane.as_str()), ("respond:a", "respond:b"), "who has waited longest comes first");
        assert!(store.lease("three", 2).await.is_none());
        assert!(settle(&store, &a, &rest(2), 2).await);
        let (again, entry) = store.lease("three", 2).await.unwrap();
        assert_eq!((again.lane.as_str(), label(&entry).as_str()), ("respond:a", "1"));
    }

    async fn a_lease_that_runs_out_leaves_its_entry_in_doubt_and_its_holder_without_a_say(store: Store) {
        store.append("a", &["1", "2"], 0).await;
        let (lost, first) = store.lease("one", 0).await.unwrap();
        assert_eq!((first.attempts, first.doubtful), (1, false));
        assert!(store.lease("two", 14_999).await.is_none());
        let (lease, again) = store.lease("two", 15_000).await.unwrap();
        assert_eq!((label(&again).as_str(), again.attempts, again.doubtful), ("1", 2, true));

        assert!(!settle(&store, &lost, &gone(15_000), 15_000).await);
        assert!(!lanes::renew(&store.db, &lost, at(15_000)).await.unwrap());
        assert!(store.lease("three", 15_000).await.is_none(), "the lost lease gave nothing back");
        assert!(settle(&store, &lease, &gone(15_000), 15_000).await);
    }

    async fn a_renewed_lease_goes_on(store: Store) {
        store.append("a", &["1"], 0).await;
        store.append("b", &["2"], 0).await;
        let (lease, _) = store.lease("one", 0).await.unwrap();
        store.lease("two", 0).await.unwrap();
        assert!(lanes::renew(&store.db, &lease, at(10_000)).await.unwrap());
        let (other, _) = store.lease("three", 24_999).await.unwrap();
        assert_eq!(other.lane, "respond:b", "only the lease that was renewed goes on");
        assert!(store.lease("three", 24_999).await.is_none());
        assert!(settle(&store, &lease, &rest(24_999), 24_999).await);
        assert!(!lanes::renew(&store.db, &lease, at(24_999)).await.unwrap(), "what was given back is not renewed");
    }

    async fn a_lane_rests_until_its_time(store: Store) {
        assert_eq!(lanes::next_due(&store.db).await.unwrap(), None);
        store.append("a", &["1"], 100).await;
        assert!(store.lease("one", 99).await.is_none());
        assert_eq!(lanes::next_due(&store.db).await.unwrap(), Some(at(100)));
        let (lease, _) = store.lease("one", 100).await.unwrap();
        assert_eq!(lanes::next_due(&store.db).await.unwrap(), Some(at(15_100)), "when the lease runs out");
        let advance = Advance { paced_to: at(7_000), ..rest(60_000) };
        assert!(settle(&store, &lease, &advance, 100).await);
        assert_eq!(lanes::next_due(&store.db).await.unwrap(), Some(at(60_000)));
        assert!(store.lease("one", 59_999).await.is_none());
        let (lease, _) = store.lease("two", 60_000).await.unwrap();
        assert_eq!(lease.paced_to, at(7_000));
    }

    async fn an_entry_that_is_put_back_is_in_doubt_only_where_it_is_said_to_be(store: Store) {
        store.append("a", &["1"], 0).await;
        for (doubtful, expected) in [(false, false), (true, true), (false, false)] {
            let (lease, entry) = store.lease("one", 0).await.unwrap();
            let mut tx = store.tx().await;
            outbox::put_back(&mut tx, &entry.id, doubtful, "http_500").await.unwrap();
            lanes::release(&mut tx, &lease).await.unwrap();
            tx.commit().await.unwrap();
            let (lease, entry) = store.lease("two", 0).await.unwrap();
            assert_eq!(entry.doubtful, expected);
            let in_flight = outbox::is_in_flight(&store.db, "respond:a").await.unwrap();
            assert!(in_flight);
            let mut tx = store.tx().await;
            outbox::put_back(&mut tx, &entry.id, false, "").await.unwrap();
            lanes::release(&mut tx, &lease).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert!(!outbox::is_in_flight(&store.db, "respond:a").await.unwrap());
        assert!(!outbox::is_in_flight(&store.db, "respond:b").await.unwrap());
    }

    async fn waiting_for_its_turn_is_no_try(store: Store) {
        store.append("a", &["1"], 0).await;
        let mut seen = Vec::new();
        for _ in 0..3 {
            let (lease, entry) = store.lease("one", 0).await.unwrap();
            seen.push((entry.attempts, entry.doubtful));
            let mut tx = store.tx().await;
            outbox::untried(&mut tx, &entry).await.unwrap();
            lanes::release(&mut tx, &lease).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(seen, [(1, false), (1, false), (1, false)]);
        store.lease("crashed", 0).await.unwrap();
        for _ in 0..2 {
            let (lease, entry) = store.lease("two", 20_000).await.unwrap();
            assert_eq!((entry.attempts, entry.doubtful), (2, true), "doubt stays");
            let mut tx = store.tx().await;
            outbox::untried(&mut tx, &entry).await.unwrap();
            lanes::release(&mut tx, &lease).await.unwrap();
            tx.commit().await.unwrap();
        }
    }

    async fn what_is_given_up_leaves_the_lane_and_can_be_asked_for(store: Store) {
        store.append("a", &["1", "2"], 0).await;
        let (lease, entry) = store.lease("one", 0).await.unwrap();
        let mut tx = store.tx().await;
        assert!(lanes::advance(&mut tx, &lease, &gone(0), at(0)).await.unwrap());
        outbox::give_up(&mut tx, &entry, "msg_too_long").await.unwrap();
        let next = outbox::take_head(&mut tx, &lease.lane).await.unwrap().unwrap().unwrap();
        assert_eq!(label(&next), "2");
        let (given_up, is_given_up) = outbox::get(&mut tx, &entry.id).await.unwrap().unwrap();
        assert_eq!((label(&given_up).as_str(), is_given_up), ("1", true));
        assert!(!outbox::get(&mut tx, &next.id).await.unwrap().unwrap().1);
        assert!(outbox::get(&mut tx, "nobody").await.unwrap().is_none());
        tx.commit().await.unwrap();
        deliver(&store, &lease, &next, &[]).await;
        let mut tx = store.tx().await;
        assert!(!outbox::is_waiting(&mut tx, "respond:a").await.unwrap());
        drop(tx);
        assert!(store.lease("one", 0).await.is_none());
    }

    async fn a_resting_lane_can_be_hurried_and_a_parked_one_unparked(store: Store) {
        for lane in ["a", "b", "c"] {
            store.append(lane, &["1"], 0).await;
        }
        for _ in 0..3 {
            let (lease, _) = store.lease("one", 0).await.unwrap();
            let parked = (lease.lane != "respond:c").then(|| "token:x:T1".to_owned());
            assert!(settle(&store, &lease, &Advance { parked, ..rest(600_000) }, 0).await);
        }
        assert!(store.lease("one", 1_000).await.is_none());

        let mut tx = store.tx().await;
        lanes::hurry(&mut tx, "respond:c", at(1_000)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.lease("one", 1_000).await.unwrap().0.lane, "respond:c");

        let mut tx = store.tx().await;
        lanes::unpark(&mut tx, "token:y:T1", at(1_000)).await.unwrap();
        tx.commit().await.unwrap();
        assert!(store.lease("one", 1_000).await.is_none(), "another token is of no use");
        let mut tx = store.tx().await;
        lanes::unpark(&mut tx, "token:x:T1", at(1_000)).await.unwrap();
        tx.commit().await.unwrap();
        let went_on = [store.lease("one", 1_000).await, store.lease("two", 1_000).await];
        assert_eq!(went_on.map(|leased| leased.unwrap().0.lane), ["respond:a", "respond:b"]);
    }

    async fn news_about_control_do_not_wait_for_a_retry(store: Store) {
        let paused = |n: i64| Effect::Callback { kind: "conversation.paused".into(), body: json!({ "n": n }) };
        let told = |n: i64| Effect::Callback { kind: "conversation.opened".into(), body: json!({ "n": n }) };
        for effect in [paused(1), told(1)] {
            let mut tx = store.tx().await;
            outbox::append(&mut tx, &[effect], Some("C1"), None, &Ids::Random, at(0)).await.unwrap();
            tx.commit().await.unwrap();
            let (lease, _) = store.lease("one", 0).await.unwrap();
            assert!(settle(&store, &lease, &rest(300_000), 0).await);
        }
        let mut tx = store.tx().await;
        outbox::append(&mut tx, &[paused(2), told(2)], Some("C1"), None, &Ids::Random, at(1_000)).await.unwrap();
        tx.commit().await.unwrap();
        let (lease, entry) = store.lease("one", 1_000).await.unwrap();
        assert_eq!((lease.lane.as_str(), entry.effect), ("control:C1", paused(1)), "in order, but now");
        assert!(store.lease("two", 1_000).await.is_none());
    }

    async fn leases_of_a_process_that_is_gone_end_at_the_start_where_there_is_never_another(store: Store) {
        store.append("a", &["1"], 0).await;
        store.lease("gone", 0).await.unwrap();
        lanes::inherit(&store.db).await.unwrap();
        let inherited = store.lease("new", 1).await;
        match store.db {
            megatron::store::db::Db::Sqlite(..) => assert!(inherited.unwrap().1.doubtful),
            megatron::store::db::Db::Postgres(_) => assert!(inherited.is_none(), "it may be alive"),
        }
    }

    async fn an_entry_that_cannot_be_read_holds_up_its_own_lane_only(store: Store) {
        store.append("a", &["broken", "2"], 0).await;
        store.append("b", &["3"], 1).await;
        store.execute("UPDATE outbox SET effect = '{\"FromTheFuture\":1}' WHERE lane = 'respond:a' AND position = '0000000001'").await;
        assert!(lanes::lease(&store.db, "one", at(1)).await.is_err(), "somebody is told");
        let (lease, entry) = store.lease("two", 1).await.unwrap();
        assert_eq!((lease.lane.as_str(), label(&entry).as_str()), ("respond:b", "3"));
        assert!(store.lease("three", 1).await.is_none());
        assert!(lanes::lease(&store.db, "four", at(16_000)).await.is_err(), "it is tried again, and not lost");
    }

    async fn a_count_that_went_wrong_is_set_right(store: Store) {
        store.append("a", &["1"], 0).await;
        store.execute("DELETE FROM outbox").await;
        assert!(store.lease("one", 0).await.is_none());
        assert_eq!(lanes::next_due(&store.db).await.unwrap(), None, "nobody looks again and again");
        store.append("a", &["2"], 0).await;
        assert_eq!(label(&store.lease("one", 0).await.unwrap().1), "2");
    }

    async fn nothing_is_served_twice_or_stranded_while_many_append_and_many_lease(store: Store) {
        const LANES: usize = 50;
        const ENTRIES: usize = 12;
        let (store, served) = (Arc::new(store), Arc::new(Mutex::new(Served::default())));
        let appending = (0..4).map(|part| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for entry in 0..ENTRIES {
                    for lane in (0..LANES).filter(|lane| lane % 4 == part) {
                        store.append(&lane.to_string(), &[&entry.to_string()], 0).await;
                    }
                }
            })
        });
        let appending = futures_util::future::join_all(appending.collect::<Vec<_>>());
        let leasing = (0..8).map(|number| {
            let (store, served) = (Arc::clone(&store), Arc::clone(&served));
            tokio::spawn(async move {
                let mut leases = 0;
                while served.lock().unwrap().count() < LANES * ENTRIES {
                    leases += 1;
                    let Some((lease, entry)) = store.lease(&format!("{number}/{leases}"), 0).await else {
                        tokio::task::yield_now().await;
                        continue;
                    };
                    let mut next = Some(entry);
                    while let Some(entry) = next {
                        served.lock().unwrap().begin(&lease.lane, &entry);
                        tokio::task::yield_now().await;
                        served.lock().unwrap().end(&lease.lane);
                        next = deliver(&store, &lease, &entry, &[]).await;
                    }
                }
            })
        });
        let leasing = futures_util::future::join_all(leasing.collect::<Vec<_>>());
        let all = async { futures_util::join!(appending, leasing) };
        let (appended, leased) = tokio::time::timeout(std::time::Duration::from_mins(1), all).await.expect("a lane is stranded");
        appended.into_iter().chain(leased).for_each(|end| end.unwrap());
        let expected: Vec<String> = (0..ENTRIES).map(|entry| entry.to_string()).collect();
        let orders = std::mem::take(&mut served.lock().unwrap().orders);
        assert_eq!(orders.len(), LANES);
        assert!(orders.values().all(|order| *order == expected), "{orders:?}");
        assert!(store.texts("SELECT id FROM outbox").await.is_empty());
    }
}

/// What was served, and what is being served.
#[derive(Default)]
struct Served {
    now: HashSet<String>,
    orders: HashMap<String, Vec<String>>,
}

impl Served {
    fn begin(&mut self, lane: &str, entry: &Entry) {
        assert!(self.now.insert(lane.to_owned()), "{lane} is served twice");
        assert!(!entry.doubtful, "{lane}");
        self.orders.entry(lane.to_owned()).or_default().push(label(entry));
    }

    fn end(&mut self, lane: &str) {
        self.now.remove(lane);
    }

    fn count(&self) -> usize {
        self.orders.values().map(Vec::len).sum()
    }
}
