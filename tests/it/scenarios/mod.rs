//! What a person would see.

mod order;
mod restart;
mod takeover;
mod trouble;
