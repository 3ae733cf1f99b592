//! What is posted in one workspace for a message of the other. Pure: JSON in, JSON out; called by `takeover` and `deliver`.
//!
//! The way of a message into a room: [`portions::of`] takes out what only its workspace can show and cuts it into postable
//! messages and files, [`mentions::mentioned`] says whose names are needed, [`mirror::post`]
//! makes the body of `chat.postMessage`, and [`ladder`] leads down when Slack refuses one. The way back to the customer is
//! [`outbound::for_customer`]. What cannot be relayed is told by [`notice`]. Before all that, [`redact`] masks card numbers.
//!
//! # What is changed
//!
//! `text`, `blocks` and `attachments` arrive as they were, unknown fields, the order of keys and the spelling of numbers
//! included, but for these edits:
//!
//! | what came | what is posted |
//! |---|---|
//! | a mention of a user, a channel, a group, a message; `@here` and its kin | its name as text; in rich text a `text` leaf with the same `style` |
//! | an interactive element | its label and options as text: a section in place of the block, or below the section whose accessory it was |
//! | `block_id`, `action_id` | gone |
//! | `actions` and `callback_id` of an attachment | the labels below its `text` |
//! | a shared message | without the ids and addresses of its workspace: author, words, time and place stay |
//! | what Slack added to an agent's message: previews of links, messages it shares | gone: the customer's workspace makes its own previews |
//! | a private picture, a file of a shared message | a line in its place; the file itself is carried over |
//! | an attachment without `fallback` | with one |
//! | blocks without `text`, or with a long one | with their beginning as `text` |
//! | `markdown_text` | a `markdown` block |
//! | `/me waves` | `_waves_` |
//! | more than 47 blocks, or more than 10,000 characters in them | several messages, with the attachments in the last |
//! | a text of more than 3,500 characters without blocks | several messages |
//! | one block with more than 10,000 characters | its text in sections; what a person typed, as text |
//! | card numbers | masked: see [`redact`] |
//! | what Slack refuses | see [`ladder`] |

use serde_json::Value;

pub mod as_text;
pub mod audit;
pub mod author;
pub mod blocks;
pub mod clicks;
pub mod history;
pub mod images;
pub mod ladder;
pub mod mark;
pub mod mentions;
pub mod mirror;
pub mod notice;
pub mod numbers;
pub mod outbound;
pub mod phrases;
pub mod portions;
pub mod redact;
pub mod split;
pub mod streaming;
pub mod template;
pub mod text;
pub mod thread;
pub mod transcript;
pub mod ts;

mod attachments;
mod content;
mod elements;
mod kind;
#[cfg(test)]
mod lossless;
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
