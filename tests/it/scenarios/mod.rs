//! What a person would see.

mod bad_input;
mod closing;
mod corpus;
mod demo;
mod doctor;
mod idempotency;
mod ingest;
mod isolation;
mod membership;
mod metrics;
mod mirroring;
mod opening;
mod order;
mod outage;
mod process;
mod restart;
mod searching;
mod secrets;
mod takeover;
