//! What is posted in one workspace for a message of the other. Pure: JSON in, JSON out; called by `takeover` and `deliver`.
//!
//! The way of a message into a room: [`mentions::mentioned`] says whose names are needed, [`mirror::post`] makes the body
//! of `chat.postMessage`, [`mirror::parts`] cuts it into postable messages, and [`blocks::drop_offender`],
//! [`mirror::without_blocks`] and [`mirror::unshowable`] are the steps down when Slack refuses one. The way back to the
//! customer is [`outbound::for_customer`]. What cannot be relayed is told by [`notice`]. Before all that, [`redact`] masks card
//! numbers.

use serde_json::Value;

pub mod as_text;
pub mod audit;
pub mod author;
pub mod blocks;
pub mod history;
pub mod mark;
pub mod mentions;
pub mod mirror;
pub mod notice;
pub mod outbound;
pub mod portions;
pub mod redact;
pub mod split;
pub mod streaming;
pub mod template;
pub mod text;
pub mod thread;
pub mod transcript;
pub mod ts;

mod content;
mod elements;
mod kind;
mod rich_text;
#[cfg(test)]
mod samples;
mod walk;

/// The string at `key`, or nothing.
fn string<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The items of the array at `key`, or none.
fn items<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}
