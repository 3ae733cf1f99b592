//! What the databases themselves are trusted with: schema, durability, every byte of what was said, wake-ups.

use std::sync::Arc;
use std::time::Duration;

use megatron::clock::Clock;
use megatron::ids::Ids;
use megatron::store::conversations::Glance;
use megatron::store::db::Db;
use megatron::store::wake::{self, Announcement, Bell, Listener};
use megatron::store::watch::WatchTable;
use megatron::store::{outbox, seen};
use megatron::takeover::effect::Effect;
use megatron::takeover::event::Speaker;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{Store, at, shown, stores};

/// Two keys whose order, three numbers whose spelling, and texts whose every character matters.
const MESSAGE: &str = r#"{"z":1,"a":{"ts":1795168800.000100,"big":123456789012345678901234567890,"exp":1.0e+2,"n":-0.0},"text":"nul \u0000, 日本, \"\\\", 😀, \ud83d\ude00","empty":{},"list":[null,true,[]],"long":"LONG"}"#;

stores! {
    async fn a_message_goes_through_the_outbox_unchanged(store: Store) {
        let said: Value = serde_json::from_str(&MESSAGE.replace("LONG", &"ä".repeat(40_000))).unwrap();
        let effect = Effect::Mirror {
            speaker: Speaker::Customer,
            ts: "1.0".into(),
            part: 0,
            message: said.clone(),
            may_be_ours: false,
            over_agent: false,
        };
        let mut tx = store.tx().await;
        outbox::append(&mut tx, &[effect], Some("1"), None, &Ids::Random, at(0)).await.unwrap();
        tx.commit().await.unwrap();
        let (_, entry) = store.lease("one", 0).await.unwrap();
        let Effect::Mirror { message, .. } = entry.effect else { panic!("{:?}", entry.effect) };
        let (kept, said) = (message.to_string(), said.to_string());
        assert_eq!(kept, said);
        assert!(kept.contains("123456789012345678901234567890,\"exp\":1.0e+2,\"n\":-0.0"));
    }

    async fn migrations_may_run_again_and_from_several_processes_at_once(store: Store) {
        let mut tx = store.tx().await;
        seen::first(&mut tx, shown(1), "kept", at(0)).await.unwrap();
        tx.commit().await.unwrap();
        store.db.migrate().await.unwrap();
        let others = [store.another().await, store.another().await];
        let migrated = futures_util::future::join_all(others.iter().map(Db::migrate)).await;
        assert!(migrated.iter().all(Result::is_ok), "{migrated:?}");
        assert_eq!(store.texts("SELECT identity FROM seen").await, ["kept"]);
    }

    async fn a_database_of_a_later_version_is_not_touched(store: Store) {
        store
            .execute(
                "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                 SELECT 99999999999999, 'later', success, checksum, 0 FROM _sqlx_migrations",
            )
            .await;
        assert!(store.db.migrate().await.is_err());
    }

    async fn several_write_at_once_and_none_is_turned_away(store: Store) {
        let other = store.another().await;
        let writes = (0..40).map(|number| {
            let db = if number % 2 == 0 { &store.db } else { &other };
            async move {
                let mut tx = db.begin().await?;
                seen::first(&mut tx, shown(1), &number.to_string(), at(0)).await?;
                tokio::task::yield_now().await;
                tx.commit().await
            }
        });
        let written = futures_util::future::join_all(writes).await;
        assert!(written.iter().all(Result::is_ok), "{written:?}");
        assert_eq!(store.texts("SELECT identity FROM seen").await.len(), 40);
    }

    async fn a_database_says_whether_it_answers(store: Store) {
        assert!(store.db.is_ready().await);
        store.db.close().await;
        assert!(!store.db.is_ready().await);
    }

    async fn what_one_process_commits_wakes_the_others_and_what_it_takes_back_does_not(store: Store) {
        let other = store.another().await;
        if matches!(other, Db::Sqlite(..)) {
            return;
        }
        let (watches, bell, shutdown) = (Arc::new(WatchTable::default()), Arc::new(Bell::default()), CancellationToken::new());
        let listening = tokio::spawn({
            let (watches, bell, shutdown) = (Arc::clone(&watches), Arc::clone(&bell), shutdown.clone());
            async move {
                let me = Listener { id: "one", db: &other, watches: &watches, bell: &bell, clock: &Clock::System };
                me.listen(&shutdown).await;
            }
        });
        soon(bell.rung()).await;

        let glance = |channel: &str| Glance {
            bot: "expenses".into(),
            team: "T1".into(),
            channel: channel.into(),
            heard: true,
            holder: "bot".into(),
            paused: false,
            epoch: 0,
            version: 1,
        };
        let mut tx = store.tx().await;
        wake::announce(&mut tx, &Announcement::Conversation(glance("D1"))).await.unwrap();
        drop(tx);
        let mut tx = store.tx().await;
        wake::announce(&mut tx, &Announcement::Conversation(glance("D2"))).await.unwrap();
        wake::announce(&mut tx, &Announcement::Switch("expenses".into(), false, 1)).await.unwrap();
        tx.commit().await.unwrap();
        while watches.switch("expenses").active {
            soon(bell.rung()).await;
        }
        assert!(watches.look("expenses", "T1", "D2").watched);
        assert!(!watches.look("expenses", "T1", "D1").watched);

        // The listener's connection breaks; it comes back, and reads what it has missed.
        store.execute("SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()").await;
        let mut tx = store.tx().await;
        megatron::store::switches::turn(&mut tx, "travel", false).await.unwrap();
        tx.commit().await.unwrap();
        while watches.switch("travel").active {
            soon(bell.rung()).await;
        }
        shutdown.cancel();
        soon(listening).await.unwrap();
    }
}

#[tokio::test]
async fn sqlite_keeps_what_it_has_acknowledged_through_a_power_cut() {
    let store = Store::on_sqlite().await;
    let Db::Sqlite(pool, _) = &store.db else { panic!("not SQLite") };
    let mut connections = Vec::new();
    for _ in 0..3 {
        let mut connection = pool.acquire().await.unwrap();
        let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *connection).await.unwrap();
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut *connection).await.unwrap();
        let foreign_keys: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(&mut *connection).await.unwrap();
        assert_eq!((journal.as_str(), synchronous, foreign_keys), ("wal", 2, 1));
        connections.push(connection);
    }
}

#[tokio::test]
async fn a_url_of_neither_engine_is_refused_without_showing_it() {
    for url in ["mysql://user:hidden@host/db", "postgres://user:hidden@127.0.0.1:1/db", "hidden"] {
        let error = Db::connect(&url.into(), 1).await.unwrap_err();
        assert!(!format!("{error:#} {error:?}").contains("hidden"), "{error:?}");
    }
}

/// Hints come within moments, or never.
async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(20), what).await.expect("nothing happened")
}
