//! What the store promises, on both database engines.

mod lanes;
mod rows;
mod shelter;

use jiff::Timestamp;
use megatron::clock::from_millis;
use megatron::ids::Ids;
use megatron::store::db::{Db, Tx};
use megatron::store::lanes::{Advance, Lease};
use megatron::store::outbox::{self, Entry};
use megatron::store::seen::Shown;
use megatron::takeover::effect::Effect;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::postgres;

/// Writes each test once and runs it on both database engines.
macro_rules! stores {
    ($($(#[$attribute:meta])* async fn $name:ident($store:ident: Store) $body:block)*) => {$(
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            $(#[$attribute])*
            async fn check($store: $crate::store::Store) $body

            #[tokio::test]
            async fn on_sqlite() {
                check($crate::store::Store::on_sqlite().await).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                let Some(store) = $crate::store::Store::on_postgres().await else { return };
                check(store).await;
            }
        }
    )*};
}

pub(crate) use stores;

/// A fresh database with its schema.
pub(crate) struct Store {
    pub(crate) db: Db,
    url: String,
    _files: TempDir,
}

impl Store {
    pub(crate) async fn on_sqlite() -> Self {
        let files = TempDir::new().unwrap();
        let url = format!("sqlite://{}", files.path().join("store.db").display());
        Self::new(url, files).await
    }

    pub(crate) async fn on_postgres() -> Option<Self> {
        let url = postgres::database().await?;
        Some(Self::new(url, TempDir::new().unwrap()).await)
    }

    async fn new(url: String, files: TempDir) -> Self {
        let db = connect(&url).await;
        db.migrate().await.unwrap();
        Self { db, url, _files: files }
    }

    /// A second connection pool, as another process has it.
    pub(crate) async fn another(&self) -> Db {
        connect(&self.url).await
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) async fn tx(&self) -> Tx {
        self.db.begin().await.unwrap()
    }

    /// Runs a statement of the test's own.
    pub(crate) async fn execute(&self, sql: &'static str) {
        match &self.db {
            Db::Postgres(pool) => drop(sqlx::query(sql).execute(pool).await.unwrap()),
            Db::Sqlite(pool, _) => drop(sqlx::query(sql).execute(pool).await.unwrap()),
        }
    }

    /// The first column, a text, of all rows.
    pub(crate) async fn texts(&self, sql: &'static str) -> Vec<String> {
        match &self.db {
            Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
            Db::Sqlite(pool, _) => sqlx::query_scalar(sql).fetch_all(pool).await.unwrap(),
        }
    }

    /// Appends one entry for each label.
    pub(crate) async fn append(&self, lane: &str, labels: &[&str], now: i64) {
        let effects: Vec<Effect> = labels.iter().map(|label| labelled(lane, label)).collect();
        let mut tx = self.tx().await;
        outbox::append(&mut tx, &effects, None, None, &Ids::Random, at(now)).await.unwrap();
        tx.commit().await.unwrap();
    }

    pub(crate) async fn lease(&self, owner: &str, now: i64) -> Option<(Lease, Entry)> {
        megatron::store::lanes::lease(&self.db, owner, at(now)).await.unwrap()
    }
}

async fn connect(url: &str) -> Db {
    Db::connect(&url.into(), 16).await.unwrap()
}

/// So many milliseconds after the tests began.
pub(crate) fn at(millis: i64) -> Timestamp {
    from_millis(1_795_168_800_000 + millis)
}

/// Shown in the opening of this number of some conversation.
pub(crate) fn shown(opening: i64) -> Shown<'static> {
    Shown { conversation: "1", opening }
}

/// An effect whose lane and content the test chooses.
pub(crate) fn labelled(lane: &str, label: &str) -> Effect {
    Effect::Respond { url: lane.to_owned(), body: json!(label) }
}

pub(crate) fn label(entry: &Entry) -> String {
    match &entry.effect {
        Effect::Respond { body: Value::String(label), .. } => label.clone(),
        other => panic!("an effect of another test: {other:?}"),
    }
}

/// The head is gone, and the lane may go on at once.
pub(crate) fn gone(now: i64) -> Advance {
    Advance { head_is_gone: true, not_before: at(now), paced_to: at(0), parked: None }
}

/// The head stays, and the lane rests until then.
pub(crate) fn rest(until: i64) -> Advance {
    Advance { head_is_gone: false, not_before: at(until), paced_to: at(0), parked: None }
}
