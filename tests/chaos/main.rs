//! Once, in order, across crashes: the real program is killed again and again, with its database, Slack and the bot on bad days
//! as well, while everybody goes on talking. When it is quiet again, everything that was said is held against what arrived.
//!
//! `MEGATRON_TEST_KILLS` says how often it is killed (10), `MEGATRON_TEST_SEED` repeats the choices of an earlier run, though not
//! its timing.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#![allow(clippy::print_stdout, reason = "a table of what happened")]
#![allow(clippy::disallowed_methods, reason = "time is real here, and a run is set up by the environment")]

mod chance;
mod database;
mod evidence;
mod fleet;
mod host;
mod people;
mod stage;
mod story;
mod trouble;
mod verdict;

use database::Database;
use stage::Plan;
use tempfile::TempDir;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_when_it_is_killed_on_sqlite() {
    let folder = TempDir::new().unwrap();
    let database = Database::sqlite(folder.path());
    stage::play(Plan { instances: 1, customers: 5, pause: 250 }, database, folder).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_or_doubled_when_it_and_its_database_are_killed_on_postgres() {
    let Some(database) = Database::postgres() else { return };
    stage::play(Plan { instances: 1, customers: 5, pause: 250 }, database, TempDir::new().unwrap()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_instances_take_over_from_each_other() {
    let Some(database) = Database::postgres() else { return };
    stage::play(Plan { instances: 2, customers: 12, pause: 100 }, database, TempDir::new().unwrap()).await;
}
