//! The only module that knows SQL. Called by [`crate::relay`], the intake's look-ups and the delivery workers.

pub mod agents;
pub mod backlog;
pub mod contact;
pub mod conversations;
pub mod copies;
pub mod customers;
pub mod db;
pub mod erase;
pub mod idempotency;
pub mod journal;
pub mod lanes;
pub mod outbox;
pub mod reactions;
pub mod retention;
pub mod revisions;
pub mod seal;
pub mod search;
pub mod seen;
pub mod switches;
pub mod timers;
pub mod transcripts;
pub mod undelivered;
pub mod uploads;
pub mod wake;
pub mod watch;
pub mod workspaces;
