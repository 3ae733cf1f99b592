//! Bytes in, verified events out: what bots and Slack send over HTTP, and Slack over Socket Mode ([`socket`]).
//!
//! [`router`] lists the ways in. [`server`] and [`layers`] bound what a peer may do. Parsing is pure ([`ingest`],
//! [`slack_payload`]); the handlers check who sent it, hand it to the relay or the desk, and answer when it is stored.

pub mod auth;
pub mod idempotency;
pub mod ingest;
pub mod layers;
pub mod problem;
pub mod reference;
pub mod router;
pub mod server;
pub mod signature;
pub mod slack_payload;
pub mod socket;
pub mod state;

mod access;
mod admins;
mod bot_api;
mod caller;
mod check;
pub(crate) mod commands;
mod connection;
mod customers_api;
mod dialogs;
mod events;
mod form;
mod handoffs;
mod handoffs_api;
mod health;
mod ingest_api;
mod interactions;
mod live_chat;
mod path;
mod queues_api;
mod queues_command;
mod queues_panel;
mod queues_setup;
mod records;
mod records_api;
mod repeated;
mod settings_panel;
mod shortcuts;
mod slack_http;
mod stats;
mod stats_api;
mod tracker_http;
mod triage;
mod webhooks_api;
mod what;
mod whom;

pub use crate::render::author::Author;
pub use what::What;
