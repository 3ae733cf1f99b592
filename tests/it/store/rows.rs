//! Everything but lanes: what is written down is found again, once, by whoever asks.

use megatron::ids::Ids;
use megatron::store::contact::Contact;
use megatron::store::conversations::{self, By, Glance, Locked};
use megatron::store::copies::{self, New, Place, Twin};
use megatron::store::customers;
use megatron::store::db::Db;
use megatron::store::idempotency::{self, Claim};
use megatron::store::revisions::{self, Noted, Revision, Written};
use megatron::store::seal::Sealer;
use megatron::store::uploads::{self, FilePlace};
use megatron::store::watch::WatchTable;
use megatron::store::workspaces::{self, Resealed, Workspace};
use megatron::store::{agents, journal, reactions, seen, switches, timers};
use megatron::takeover::conversation::{
    Actor, Agent, Conversation, Customer, Holder, Key, Profile, Room, RoomChannel, Side,
};
use megatron::takeover::event::{Reaction, Timer};
use megatron::takeover::reminders::Arm;
use megatron::takeover::rules::Switch;
use megatron::takeover::turn::Record;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::{Store, at, shown, stores};

fn key(channel: &str) -> Key {
    Key { bot: "expenses".into(), team: "T1".into(), channel: channel.into() }
}

fn conversation(id: &str, channel: &str) -> Conversation {
    let customer = Customer { user_id: format!("U{id}"), profile: Profile::default() };
    Conversation::new(id.into(), key(channel), customer)
}

fn contact(user_id: &str, channel: Option<&str>) -> Contact {
    Contact { bot: "expenses".into(), team: "T1".into(), user_id: user_id.into(), channel: channel.map(str::to_owned) }
}

fn named(name: &str) -> Profile {
    Profile { name: name.into(), ..Profile::default() }
}

fn agent(user_id: &str, name: &str) -> Agent {
    Agent { user_id: user_id.into(), name: name.into() }
}

/// A key of 32 equal bytes, in base64.
fn sealing_key(byte: u8) -> SecretString {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode([byte; 32]).into()
}

impl Store {
    async fn begin(&self, conversation: &Conversation) {
        let mut tx = self.tx().await;
        conversations::begin(&mut tx, conversation, at(0)).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn save(&self, conversation: &Conversation) {
        let mut tx = self.tx().await;
        conversations::lock(&mut tx, By::Id(&conversation.id)).await.unwrap().unwrap();
        conversations::save(&mut tx, conversation, at(0)).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn claim(&self, name: &str, fingerprint: &str, now: i64) -> Claim {
        let mut tx = self.tx().await;
        let claim = idempotency::claim(&mut tx, "expenses", name, fingerprint, at(now)).await.unwrap();
        tx.commit().await.unwrap();
        claim
    }

    async fn learn(&self, user_id: &str, profile: &Profile, now: i64) {
        let mut tx = self.tx().await;
        customers::learn(&mut tx, &contact(user_id, None), profile, at(now)).await.unwrap();
        tx.commit().await.unwrap();
    }

    async fn find(&self, query: &str) -> Vec<String> {
        customers::find(&self.db, query).await.unwrap().into_iter().map(|found| found.contact.user_id).collect()
    }
}

stores! {
    async fn what_comes_several_times_at_once_is_new_once(store: Store) {
        let arrivals = (0..10).map(|_| async {
            let mut tx = store.tx().await;
            let first = seen::first(&mut tx, shown(1), "T1 D1 1.2", at(0)).await.unwrap();
            tokio::task::yield_now().await;
            tx.commit().await.unwrap();
            first
        });
        let firsts = futures_util::future::join_all(arrivals).await;
        assert_eq!(firsts.iter().filter(|first| **first).count(), 1);
        let mut tx = store.tx().await;
        assert!(seen::first(&mut tx, shown(1), "T1 D1 1.3", at(0)).await.unwrap());
    }

    async fn what_an_earlier_room_has_shown_is_shown_again_in_the_next_but_not_twice(store: Store) {
        let mut tx = store.tx().await;
        assert!(seen::first(&mut tx, shown(1), "m", at(0)).await.unwrap());
        assert!(!seen::first_in(&mut tx, shown(1), "m", 1, at(0)).await.unwrap());
        assert!(seen::first_in(&mut tx, shown(2), "m", 2, at(0)).await.unwrap());
        assert!(!seen::first_in(&mut tx, shown(2), "m", 2, at(0)).await.unwrap());
        assert!(!seen::first_in(&mut tx, shown(1), "m", 1, at(0)).await.unwrap());
        assert!(seen::first_in(&mut tx, shown(1), "never seen", 1, at(0)).await.unwrap());
        assert!(!seen::first(&mut tx, shown(3), "m", at(0)).await.unwrap());
    }

    async fn what_was_not_committed_was_not_seen(store: Store) {
        let mut tx = store.tx().await;
        assert!(seen::first(&mut tx, shown(1), "m", at(0)).await.unwrap());
        drop(tx);
        let mut tx = store.tx().await;
        assert!(seen::first(&mut tx, shown(1), "m", at(0)).await.unwrap());
    }

    async fn a_conversation_is_found_by_its_id_its_dm_and_its_room(store: Store) {
        let mut phil = conversation("1", "D1");
        store.begin(&phil).await;
        store.begin(&conversation("2", "D2")).await;
        store.begin(&conversation("3", "D1")).await;
        assert!(conversations::get(&store.db, By::Id("3")).await.unwrap().is_none(), "the DM has its conversation");

        phil.room = Room::Open(RoomChannel { id: "C1".into(), name: "cs-phil".into() });
        phil.control.holder = Holder::Human;
        phil.control.epoch = 3;
        store.save(&phil).await;
        for by in [By::Id("1"), By::Key(&key("D1")), By::Room("C1")] {
            assert_eq!(conversations::get(&store.db, by).await.unwrap().as_ref(), Some(&phil), "{by:?}");
            let mut tx = store.tx().await;
            assert_eq!(conversations::lock(&mut tx, by).await.unwrap().unwrap().conversation, phil, "{by:?}");
        }
        for by in [By::Id("9"), By::Key(&key("D9")), By::Room("C9")] {
            assert!(conversations::get(&store.db, by).await.unwrap().is_none());
            let mut tx = store.tx().await;
            assert!(conversations::lock(&mut tx, by).await.unwrap().is_none());
        }
        let alive = conversations::alive(&store.db, None).await.unwrap();
        assert_eq!(alive, [phil.clone()]);
        assert_eq!(conversations::alive(&store.db, Some("expenses")).await.unwrap(), [phil]);
        assert!(conversations::alive(&store.db, Some("travel")).await.unwrap().is_empty());
    }

    async fn two_cannot_change_a_conversation_at_the_same_time(store: Store) {
        store.begin(&conversation("1", "D1")).await;
        let raises = (0..8).map(|_| async {
            let mut tx = store.tx().await;
            let Locked { mut conversation, version } = conversations::lock(&mut tx, By::Id("1")).await.unwrap().unwrap();
            tokio::task::yield_now().await;
            conversation.control.epoch += 1;
            conversations::save(&mut tx, &conversation, at(0)).await.unwrap();
            tx.commit().await.unwrap();
            (conversation.control.epoch, version)
        });
        let mut results = futures_util::future::join_all(raises).await;
        results.sort_unstable();
        assert_eq!(results, (1..=8).map(|n| (n, n)).collect::<Vec<_>>(), "none was lost, and versions tell the order");
    }

    async fn the_watch_table_knows_who_is_watched_and_keeps_to_the_newest(store: Store) {
        let mut phil = conversation("1", "D1");
        store.begin(&phil).await;
        let table = WatchTable::default();
        table.load(&store.db).await.unwrap();
        assert!(!table.look("expenses", "T1", "D1").watched);

        let before = Glance::at(&phil, 0);
        phil.room = Room::Open(RoomChannel { id: "C1".into(), name: "cs-phil".into() });
        phil.control.epoch = 1;
        store.save(&phil).await;
        let mut tx = store.tx().await;
        let (switch, changed) = switches::turn(&mut tx, "expenses", false).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((switch, changed), (Switch { active: false, turns: 1 }, true));
        table.load(&store.db).await.unwrap();
        table.update(&before);
        table.switched("expenses", Switch::default());
        let watch = table.look("expenses", "T1", "D1");
        assert!(watch.watched, "an older glance that comes late changes nothing");
        assert!(watch.control.paused, "neither does an older switch");
        assert!(!table.look("travel", "T1", "D1").watched);
    }

    async fn a_switch_counts_its_turns(store: Store) {
        let mut tx = store.tx().await;
        assert_eq!(switches::get(&mut tx, "expenses").await.unwrap(), Switch::default());
        let turns = [false, false, true];
        let mut turned = Vec::new();
        for active in turns {
            turned.push(switches::turn(&mut tx, "expenses", active).await.unwrap());
        }
        let off = Switch { active: false, turns: 1 };
        let on = Switch { active: true, turns: 2 };
        assert_eq!(turned, [(off, true), (off, false), (on, true)]);
        tx.commit().await.unwrap();
        assert_eq!(switches::all(&store.db).await.unwrap(), [("expenses".to_owned(), on)]);
    }

    async fn customers_are_found_by_name_and_wildcards_are_letters(store: Store) {
        for (user, name) in [("U1", "Phil"), ("U2", "100% Phil_ip"), ("U3", "Phil\\ip Łukasz"), ("U4", "Zoë")] {
            store.learn(user, &named(name), 0).await;
        }
        for (query, found) in [
            ("100%", vec!["U2"]),
            ("phil_ip", vec!["U2"]),
            ("phil\\ip", vec!["U3"]),
            ("%", vec!["U2"]),
            ("_", vec!["U2"]),
            ("lukasz PHIL", vec!["U3"]),
            ("zoe", vec!["U4"]),
            ("u4", vec!["U4"]),
            ("nobody", vec![]),
            ("", vec![]),
            ("  ", vec![]),
            ("a b c d e", vec![]),
            ("' OR '1'='1", vec![]),
        ] {
            assert_eq!(store.find(query).await, found, "{query}");
        }
        assert_eq!(store.find("phil").await[0], "U1", "the closest first");
    }

    async fn a_customer_who_is_met_again_keeps_what_is_known(store: Store) {
        let mut tx = store.tx().await;
        assert!(customers::meet(&mut tx, &contact("U1", Some("D1")), at(0)).await.unwrap());
        assert!(customers::meet(&mut tx, &contact("U2", None), at(1)).await.unwrap());
        assert_eq!(customers::unlearned(&mut tx, "expenses", "T1").await.unwrap(), ["U2", "U1"]);
        customers::learn(&mut tx, &contact("U1", None), &named("Phil"), at(2)).await.unwrap();
        assert!(!customers::meet(&mut tx, &contact("U1", None), at(3)).await.unwrap());
        assert_eq!(customers::unlearned(&mut tx, "expenses", "T1").await.unwrap(), ["U2"]);
        let mut writes = Vec::new();
        for _ in 0..2 {
            writes.push(customers::writes(&mut tx, &contact("U1", None)).await.unwrap());
        }
        assert_eq!(writes, [true, false], "the first time is the first once");
        tx.commit().await.unwrap();

        let found = customers::get(&store.db, "expenses", "T1", "U1").await.unwrap().unwrap();
        assert_eq!((found.contact.channel.as_deref(), found.profile.name.as_str()), (Some("D1"), "Phil"));
        assert_eq!(customers::of_channel(&store.db, &key("D1")).await.unwrap(), Some(found));
        assert_eq!(customers::of_channel(&store.db, &key("D9")).await.unwrap(), None);
        assert_eq!(customers::get(&store.db, "travel", "T1", "U1").await.unwrap(), None);
    }

    async fn a_token_is_sealed_and_an_old_key_still_opens_it(store: Store) {
        let token: SecretString = "xoxb-very-secret".into();
        let workspace = Workspace { team: "T1".into(), name: "Acme".into(), ..Workspace::default() };
        let old = Sealer::new(&sealing_key(1), &[]).unwrap();
        let mut tx = store.tx().await;
        assert!(workspaces::put(&mut tx, "expenses", &workspace, &token, &old, at(0)).await.unwrap(), "new");
        assert!(!workspaces::put(&mut tx, "expenses", &workspace, &token, &old, at(1)).await.unwrap());
        tx.commit().await.unwrap();
        let sealed = store.texts("SELECT sealed_token FROM workspaces").await;
        assert!(!sealed[0].contains("very-secret") && sealed[0].starts_with("v1."), "{sealed:?}");
        assert_eq!(workspaces::get(&store.db, "expenses", "T1").await.unwrap(), Some(workspace.clone()));

        let rotated = Sealer::new(&sealing_key(2), &[sealing_key(1)]).unwrap();
        let opened = workspaces::token(&store.db, "expenses", "T1", &rotated).await.unwrap().unwrap();
        assert_eq!(opened.expose_secret(), "xoxb-very-secret");
        let mut tx = store.tx().await;
        workspaces::put(&mut tx, "expenses", &workspace, &"xoxb-fresh".into(), &rotated, at(2)).await.unwrap();
        tx.commit().await.unwrap();
        let without_old = Sealer::new(&sealing_key(2), &[]).unwrap();
        let opened = workspaces::token(&store.db, "expenses", "T1", &without_old).await.unwrap().unwrap();
        assert_eq!(opened.expose_secret(), "xoxb-fresh", "what is written anew is sealed with the new key");
        assert!(workspaces::token(&store.db, "expenses", "T1", &old).await.is_err());
    }

    async fn tokens_of_old_keys_are_sealed_anew_once_and_those_of_lost_keys_are_named(store: Store) {
        let old = Sealer::new(&sealing_key(1), &[]).unwrap();
        let lost = Sealer::new(&sealing_key(3), &[]).unwrap();
        let both = Sealer::new(&sealing_key(2), &[sealing_key(1)]).unwrap();
        let mut tx = store.tx().await;
        for (team, sealer) in [("T1", &old), ("T2", &old), ("T3", &lost), ("T4", &both)] {
            let workspace = Workspace { team: team.into(), ..Workspace::default() };
            workspaces::put(&mut tx, "expenses", &workspace, &format!("xoxb-{team}").into(), sealer, at(0)).await.unwrap();
        }
        tx.commit().await.unwrap();

        // As another process does it, beside the service.
        let db = store.another().await;
        let unopened = vec![("expenses".to_owned(), "T3".to_owned())];
        let expected = Resealed { anew: 2, current: 1, unopened: unopened.clone() };
        assert_eq!(workspaces::reseal(&db, &both).await.unwrap(), expected);
        assert_eq!(workspaces::reseal(&db, &both).await.unwrap(), Resealed { anew: 0, current: 3, unopened });

        let new = Sealer::new(&sealing_key(2), &[]).unwrap();
        for team in ["T1", "T2", "T4"] {
            let token = workspaces::token(&store.db, "expenses", team, &new).await.unwrap().unwrap();
            assert_eq!(token.expose_secret(), format!("xoxb-{team}"));
        }
        let changed = store.texts("SELECT team FROM workspaces WHERE changed_at <> 1795168800000").await;
        assert!(changed.is_empty(), "nobody registered anything: {changed:?}");
    }

    async fn a_sealed_token_opens_in_its_own_row_only(store: Store) {
        let sealer = Sealer::new(&sealing_key(1), &[]).unwrap();
        let mut tx = store.tx().await;
        for team in ["T1", "T2"] {
            let workspace = Workspace { team: team.into(), ..Workspace::default() };
            workspaces::put(&mut tx, "expenses", &workspace, &team.into(), &sealer, at(0)).await.unwrap();
        }
        tx.commit().await.unwrap();
        store.execute("UPDATE workspaces SET sealed_token = (SELECT sealed_token FROM workspaces WHERE team = 'T1')").await;
        assert!(workspaces::token(&store.db, "expenses", "T1", &sealer).await.is_ok());
        assert!(workspaces::token(&store.db, "expenses", "T2", &sealer).await.is_err());
        assert!(workspaces::token(&store.db, "travel", "T1", &sealer).await.unwrap().is_none());

        let mut tx = store.tx().await;
        assert!(workspaces::forget(&mut tx, "expenses", "T1").await.unwrap());
        assert!(!workspaces::forget(&mut tx, "expenses", "T1").await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(workspaces::get(&store.db, "expenses", "T1").await.unwrap(), None);
    }

    async fn a_timer_falls_due_once_unless_it_was_moved(store: Store) {
        let arm = |timer, due: Option<i64>| Arm { timer, due: due.map(at) };
        assert_eq!(timers::next_due(&store.db).await.unwrap(), None);
        let mut tx = store.tx().await;
        timers::arm(&mut tx, "1", arm(Timer::Close, Some(300))).await.unwrap();
        timers::arm(&mut tx, "1", arm(Timer::UnpauseReminder, Some(100))).await.unwrap();
        timers::arm(&mut tx, "2", arm(Timer::Close, Some(200))).await.unwrap();
        timers::arm(&mut tx, "3", arm(Timer::Close, Some(50))).await.unwrap();
        timers::arm(&mut tx, "3", arm(Timer::Close, None)).await.unwrap();
        tx.commit().await.unwrap();

        assert_eq!(timers::next_due(&store.db).await.unwrap(), Some(at(100)));
        assert!(timers::due(&store.db, at(99)).await.unwrap().is_empty());
        let due = timers::due(&store.db, at(200)).await.unwrap();
        assert_eq!(due, [("1".to_owned(), Timer::UnpauseReminder), ("2".to_owned(), Timer::Close)]);

        let mut tx = store.tx().await;
        assert!(timers::take(&mut tx, "1", Timer::UnpauseReminder, at(200)).await.unwrap());
        assert!(!timers::take(&mut tx, "1", Timer::UnpauseReminder, at(200)).await.unwrap(), "once");
        timers::arm(&mut tx, "2", arm(Timer::Close, Some(900))).await.unwrap();
        assert!(!timers::take(&mut tx, "2", Timer::Close, at(200)).await.unwrap(), "it was moved meanwhile");
        tx.commit().await.unwrap();
        timers::put_off(&store.db, "1", Timer::Close, at(1_000)).await.unwrap();
        assert_eq!(timers::next_due(&store.db).await.unwrap(), Some(at(900)));
    }

    async fn a_repeated_request_gets_the_first_answer(store: Store) {
        assert_eq!(store.claim("k", "f", 0).await, Claim::First);
        assert_eq!(store.claim("k", "f", 1).await, Claim::InProgress);
        assert_eq!(store.claim("k", "other", 1).await, Claim::Reused);
        assert_eq!(store.claim("k", "f", 60_000).await, Claim::First, "whoever was to answer is gone");
        assert_eq!(store.claim("k", "f", 60_001).await, Claim::InProgress);
        let mut tx = store.tx().await;
        idempotency::answered(&mut tx, "expenses", "k", 202, "{\"a\": 1.0}").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.claim("k", "f", 999_999).await, Claim::Answered(202, "{\"a\": 1.0}".into()));
        let mut tx = store.tx().await;
        idempotency::forget(&mut tx, "expenses", "k").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.claim("k", "f", 999_999).await, Claim::First);
    }

    async fn of_requests_that_come_at_once_one_is_the_first(store: Store) {
        let claims = futures_util::future::join_all((0..6).map(|_| store.claim("k", "f", 0))).await;
        assert_eq!(claims.iter().filter(|claim| **claim == Claim::First).count(), 1);
        assert_eq!(claims.iter().filter(|claim| **claim == Claim::InProgress).count(), 5);
    }

    async fn the_journal_tells_in_order_who_did_what(store: Store) {
        let record = |kind| Record { kind, actor: Actor::agent("U1", "Jane"), detail: json!({}) };
        let mut tx = store.tx().await;
        for (kind, time) in [("conversation.opened", 2), ("conversation.paused", 3), ("conversation.open", 1)] {
            journal::add(&mut tx, Some("1"), &record(kind), &Ids::Random, at(time)).await.unwrap();
        }
        journal::add(&mut tx, None, &record("bot.switched"), &Ids::Random, at(0)).await.unwrap();
        tx.commit().await.unwrap();
        let kinds = journal::kinds(&store.db, "1").await.unwrap();
        assert_eq!(kinds, ["conversation.open", "conversation.opened", "conversation.paused"]);
    }

    async fn an_agents_name_and_choice_do_not_overwrite_each_other(store: Store) {
        assert_eq!(agents::get(&store.db, "U1").await.unwrap(), agents::Known::default());
        let mut tx = store.tx().await;
        agents::always_pause(&mut tx, &agent("U1", "jane")).await.unwrap();
        agents::learn(&mut tx, &agent("U1", "Jane"), at(5)).await.unwrap();
        tx.commit().await.unwrap();
        let learned_at = Some(at(5).as_millisecond());
        let jane = agents::Known { name: "Jane".into(), always_pause: true, hides_prompts: false, learned_at };
        assert_eq!(agents::get(&store.db, "U1").await.unwrap(), jane);
        let mut tx = store.tx().await;
        agents::always_pause(&mut tx, &agent("U1", "")).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(agents::get(&store.db, "U1").await.unwrap(), jane);
    }

    async fn a_copy_is_known_from_both_ends_and_written_once(store: Store) {
        let place = |ts| Place { team: "T1", channel: "C1", ts };
        let source = Place { team: "T2", channel: "D1", ts: "1.0" };
        let mut tx = store.tx().await;
        let new = |ts, source, part, delivery| New { copy: place(ts), source, part, is_caption: false, delivery };
        for new in [
            new("2.0", Some(source), 0, "a"),
            new("3.0", Some(source), 1, "b"),
            new("4.0", None, 0, "c"),
            new("4.0", Some(source), 0, "again"),
        ] {
            copies::add(&mut tx, new, None, None).await.unwrap();
        }
        tx.commit().await.unwrap();
        for (place, ours, relayed) in [
            (place("2.0"), true, true),
            (place("3.0"), true, true),
            (place("4.0"), true, false),
            (source, false, true),
            (Place { team: "T9", ..place("2.0") }, false, false),
        ] {
            assert_eq!(copies::is_ours(&store.db, place).await.unwrap(), ours, "{place:?}");
            assert_eq!(copies::is_relayed(&store.db, place).await.unwrap(), relayed, "{place:?}");
        }
        let copies = copies::of(&store.db, source, "C1").await.unwrap();
        let copies: Vec<(&str, u32)> = copies.iter().map(|copy| (copy.ts.as_str(), copy.part)).collect();
        assert_eq!(copies, [("2.0", 0), ("3.0", 1)]);
        let twin = |ts: &str, is_source| Some(Twin { ts: ts.to_owned(), is_source });
        assert_eq!(copies::twin(&store.db, place("2.0"), "D1").await.unwrap(), twin("1.0", true));
        assert_eq!(copies::twin(&store.db, source, "C1").await.unwrap(), twin("3.0", false));
        assert_eq!(copies::twin(&store.db, source, "C9").await.unwrap(), None);
        let mut tx = store.tx().await;
        copies::forget(&mut tx, place("3.0")).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(copies::twin(&store.db, source, "C1").await.unwrap(), twin("2.0", false));
    }

    async fn of_the_changes_of_a_message_the_newest_counts(store: Store) {
        let written = Written { conversation: "c", side: Side::Dm, ts: "1.0" };
        let mut tx = store.tx().await;
        assert_eq!(revisions::get_in(&mut tx, written).await.unwrap(), None);
        for (stamp, gone, noted) in [
            ("5.0", false, Noted::First),
            ("4.0", false, Noted::Outdated),
            ("5.0", false, Noted::Newer),
            ("6.0", true, Noted::Newer),
            ("7.0", false, Noted::Outdated),
            ("7.0", true, Noted::Outdated),
        ] {
            assert_eq!(revisions::note(&mut tx, written, stamp, gone).await.unwrap(), noted, "{stamp} {gone}");
        }
        let elsewhere = Written { side: Side::Room, ..written };
        assert_eq!(revisions::get_in(&mut tx, elsewhere).await.unwrap(), None);
        tx.commit().await.unwrap();
        let known = revisions::get(&store.db, written).await.unwrap();
        assert_eq!(known, Some(Revision { stamp: "6.0".into(), gone: true }));
    }

    async fn a_reaction_stands_while_one_person_has_it(store: Store) {
        let written = Written { conversation: "c", side: Side::Room, ts: "1.0" };
        let mut tx = store.tx().await;
        for (by, added, stamp, changes) in [
            ("U1", true, "2.0", true),
            ("U2", true, "3.0", false),
            ("U1", false, "4.0", false),
            ("U1", true, "3.5", false),
            ("U2", false, "5.0", true),
            ("U2", false, "5.0", false),
        ] {
            let reaction = Reaction { by: by.into(), name: "eyes".into(), added, stamp: stamp.into() };
            assert_eq!(reactions::note(&mut tx, written, &reaction).await.unwrap(), changes, "{reaction:?}");
            assert!(reactions::was_given(&mut tx, written, "eyes").await.unwrap());
        }
        assert_eq!(reactions::on(&mut tx, written).await.unwrap(), []);
        assert!(!reactions::was_given(&mut tx, written, "wave").await.unwrap());
        let reaction = Reaction { by: "U1".into(), name: "wave".into(), added: true, stamp: "6.0".into() };
        reactions::note(&mut tx, written, &reaction).await.unwrap();
        assert_eq!(reactions::on(&mut tx, written).await.unwrap(), [reaction]);
        tx.commit().await.unwrap();
    }

    async fn a_file_and_its_copy_know_each_other(store: Store) {
        let (copy, source) = (FilePlace { team: "T1", file: "F1" }, FilePlace { team: "T2", file: "F1" });
        let mut tx = store.tx().await;
        uploads::add(&mut tx, copy, source, None).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(uploads::of(&store.db, source, "T1").await.unwrap(), ["F1"]);
        assert!(uploads::are_ours(&store.db, "T1", &["F2".into(), "F1".into()]).await.unwrap());
        assert!(!uploads::are_ours(&store.db, "T2", &["F1".into()]).await.unwrap());
    }
}

#[tokio::test]
async fn a_disk_that_was_full_is_forgotten_once_there_is_space_again() {
    let store = Store::on_sqlite().await;
    let db = Db::connect(&store.url().into(), 1).await.unwrap();
    let Db::Sqlite(pool, _) = &db else { panic!("not SQLite") };
    sqlx::query("PRAGMA max_page_count = 1").execute(pool).await.unwrap();
    let shown = seen::Shown { conversation: "c", opening: 1 };
    let mut tx = db.begin().await.unwrap();
    let error = seen::first(&mut tx, shown, &"x".repeat(100_000), at(0)).await.unwrap_err();
    assert!(error.to_string().contains("disk is full"), "{error}");
    drop(tx);
    // The limit is one of the connection, and so gone with it.
    let mut tx = db.begin().await.unwrap();
    assert!(seen::first(&mut tx, shown, "y", at(0)).await.unwrap());
    tx.commit().await.unwrap();
}
