//! Carries out what was decided: takes the head of a lane, calls Slack or the host, and brings back what came of it.
//!
//! [`worker`] leases lanes and runs [`courier`] for each head. The courier's pages are `room` (the support workspace), `dm`
//! (the customer's side), `crossing` and `carriage` (whatever goes from one side to the other: changes, reactions, files)
//! `callbacks` (the bot), `webhooks` (endpoints) and `tracker`; they share their [`tools`]. Only this module opens connections to the outside.

pub mod courier;
pub mod errand;
pub mod explain;
pub mod host;
pub mod hub;
pub mod method;
pub mod outcome;
pub mod pace;
pub mod people;
pub mod retry;
pub mod roster;
pub mod sign;
pub mod slack;
pub mod tls;
pub mod tools;
pub mod tracker;
pub mod whoami;
pub mod worker;

mod allocating;
mod callbacks;
mod carriage;
mod crossing;
mod dm;
mod files;
mod history;
mod home;
mod hosts;
pub(crate) mod http;
mod lookback;
mod mention;
mod numbers;
mod profiles;
mod publish;
mod queue_channel;
mod references;
mod room;
mod transcript;
mod views;
mod webhooks;
