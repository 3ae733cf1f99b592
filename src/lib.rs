//! Megatron lets support people take over a conversation between a customer and a company's Slack bot.
//!
//! The modules stand in the order the data flows: [`intake`] turns bytes into events, [`takeover`] decides what an event
//! means, [`store`] commits the decision, [`deliver`] carries it out, and its results come back as events. [`relay`] is
//! that loop in one function; read it first.

pub mod relay;

pub mod deliver;
pub mod digests;
pub mod intake;
pub mod janitor;
pub mod render;
pub mod store;
pub mod takeover;

pub mod app;
pub mod clock;
pub mod commands;
pub mod config;
pub mod demo;
pub mod desk;
pub mod ids;
pub mod metrics;
pub mod shutdown;
pub mod simulator;
pub mod telemetry;
