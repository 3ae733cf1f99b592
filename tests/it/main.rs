//! The whole relay, from the outside: the real service over HTTP, a simulated Slack, and a bot that checks signatures.
//! Each scenario runs on both database engines.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod examples;
mod fidelity_page;
mod python;
mod reference;
mod scenarios;
mod schemathesis;
mod store;
mod support;
