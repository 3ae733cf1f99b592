//! One store on two engines. Everything that differs between SQLite and PostgreSQL stands here.
//!
//! Each query is written once, in SQL that both understand; `with_conn!` compiles it for both.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{
    Connection as _, PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction, postgres::PgPoolOptions,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::clock::{CommonClock, from_millis};

/// How long a request may wait for a connection before the database counts as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// The schema, step by step.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// A database.
#[derive(Debug, Clone)]
pub enum Db {
    /// Several processes may share it.
    Postgres(PgPool),
    /// One process, one file.
    Sqlite(SqlitePool, Arc<Mutex<()>>),
}

/// A transaction. Dropped without [`Tx::commit`], it changes nothing.
#[derive(Debug)]
pub enum Tx {
    /// On PostgreSQL.
    Postgres(Transaction<'static, Postgres>),
    /// On SQLite, which has one writer at a time: waiting for one's turn here beats polling a busy file.
    Sqlite(Transaction<'static, Sqlite>, OwnedMutexGuard<()>),
}

/// Runs one query expression in a transaction of either engine.
macro_rules! with_conn {
    ($tx:expr, |$conn:ident| $query:expr) => {
        match $tx {
            $crate::store::db::Tx::Postgres(tx) => {
                let $conn = &mut **tx;
                $query
            }
            $crate::store::db::Tx::Sqlite(tx, _) => {
                let $conn = &mut **tx;
                $query
            }
        }
    };
}

/// Runs one reading query expression outside of a transaction on either engine.
macro_rules! with_pool {
    ($db:expr, |$pool:ident| $query:expr) => {
        match $db {
            $crate::store::db::Db::Postgres($pool) => $query,
            $crate::store::db::Db::Sqlite($pool, _) => $query,
        }
    };
}

pub(crate) use {with_conn, with_pool};

impl Db {
    /// Connects, and creates the file of an SQLite database that is not there.
    ///
    /// # Errors
    ///
    /// When the URL is of neither engine or the database cannot be reached; the password is not in the message.
    pub async fn connect(url: &SecretString, max_connections: u32) -> anyhow::Result<Self> {
        let url = url.expose_secret();
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)
                .context("database.url is not a valid sqlite:// URL")?
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(Duration::from_secs(5))
                .foreign_keys(true)
                // What is deleted is overwritten.
                .pragma("secure_delete", "ON");
            let pool = SqlitePoolOptions::new()
                .max_connections(max_connections)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .after_release(|connection, _| Box::pin(is_sound(connection)))
                .connect_with(options)
                .await
                .context("cannot open the SQLite database")?;
            Ok(Self::Sqlite(pool, Arc::default()))
        } else if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let pool = PgPoolOptions::new()
                .max_connections(max_connections)
                .acquire_timeout(ACQUIRE_TIMEOUT)
                .connect(url)
                .await
                .context("cannot reach PostgreSQL")?;
            Ok(Self::Postgres(pool))
        } else {
            anyhow::bail!("database.url must begin with sqlite:// or postgres://")
        }
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    ///
    /// When a migration fails or an earlier one was changed.
    pub async fn migrate(&self) -> anyhow::Result<()> {
        with_pool!(self, |pool| MIGRATIONS.run(pool).await).context("cannot apply the migrations")
    }

    /// How many migrations are still to be applied.
    pub async fn missing_migrations(&self) -> usize {
        let sql = "SELECT version FROM _sqlx_migrations WHERE success";
        // Without the table none was.
        let applied: Vec<(i64,)> =
            with_pool!(self, |pool| sqlx::query_as(sql).fetch_all(pool).await).unwrap_or_default();
        MIGRATIONS.iter().filter(|migration| !applied.contains(&(migration.version,))).count()
    }

    /// Begins a transaction that may write.
    ///
    /// # Errors
    ///
    /// When the database is unavailable.
    pub async fn begin(&self) -> sqlx::Result<Tx> {
        match self {
            Self::Postgres(pool) => Ok(Tx::Postgres(pool.begin().await?)),
            Self::Sqlite(pool, writer) => {
                let turn = Arc::clone(writer).lock_owned().await;
                Ok(Tx::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?, turn))
            }
        }
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        with_pool!(self, |pool| sqlx::query("SELECT 1").execute(pool).await.is_ok())
    }

    /// Sets a clock by the database's, where several processes share one. It is the one question about time that SQL is
    /// asked: no other answer is the same for all of them.
    ///
    /// # Errors
    ///
    /// When the database fails.
    pub async fn set(&self, clock: &CommonClock) -> sqlx::Result<()> {
        let Self::Postgres(pool) = self else { return Ok(()) };
        let mut connection = pool.acquire().await?;
        let asked = clock.machine();
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
        let (theirs,): (i64,) = sqlx::query_as(sql).fetch_one(&mut *connection).await?;
        clock.set(from_millis(theirs), asked, clock.machine());
        Ok(())
    }

    /// Closes all connections.
    pub async fn close(&self) {
        with_pool!(self, |pool| pool.close().await);
    }
}

/// Whether a connection that is given back can be used again. When the disk is full, SQLite ends a transaction by itself,
/// and sqlx, whose `ROLLBACK` then fails, would take it for one that still runs, for ever.
async fn is_sound(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    if connection.is_in_transaction() {
        // What was dropped is rolled back first.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

impl Tx {
    /// Makes everything that was written last.
    ///
    /// # Errors
    ///
    /// When the database did not take it; then nothing was changed.
    pub async fn commit(self) -> sqlx::Result<()> {
        match self {
            Self::Postgres(tx) => tx.commit().await,
            Self::Sqlite(tx, _turn) => tx.commit().await,
        }
    }

    /// The SQL for this engine, where one text cannot serve both.
    pub(super) fn sql(&self, postgres: &'static str, sqlite: &'static str) -> &'static str {
        match self {
            Self::Postgres(_) => postgres,
            Self::Sqlite(..) => sqlite,
        }
    }
}
