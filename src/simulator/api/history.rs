//! `conversations.history` and `conversations.replies`.

use serde_json::{Value, json};

use super::args::{Args, Refusal};
use super::paging::{cursor, encode, limit};
use super::{Outcome, allowed, joined, restricted_history};
use crate::simulator::cast::Credential;
use crate::simulator::messages::hide_metadata;
use crate::simulator::world::{Message, World};

/// Most items at once for a distributed app outside of the Marketplace, which is also what it gets by default.
const RESTRICTED: usize = 15;

/// Newest first, without replies, except those also sent to the channel.
pub(super) fn history(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = joined(world, caller, args)?;
    allowed(caller, channel, "history")?;
    let range = Range::new(args)?;
    let before = cursor(args)?.map(|ts| parse(&ts, "invalid_cursor")).transpose()?;
    let size = size(world, caller, args)?;
    let top_level = |message: &&Message| message.thread().is_none() || message.text("subtype") == "thread_broadcast";
    let mut found: Vec<_> = channel.messages.iter().filter(|message| !message.deleted).filter(top_level).collect();
    found.retain(|message| range.holds(message.ts()) && before.is_none_or(|before| order(message.ts()) < before));
    found.reverse();
    let more = found.len() > size;
    found.truncate(size);
    answer(&found, more, args, json!({ "pin_count": channel.pins.len() }))
}

/// The parent first, then the replies, oldest first.
pub(super) fn replies(world: &mut World, caller: &Credential, args: &Args) -> Outcome {
    let channel = joined(world, caller, args)?;
    allowed(caller, channel, "history")?;
    let range = Range::new(args)?;
    let asked = channel.message(args.need("ts")?).ok_or("thread_not_found")?;
    let root = asked.thread().unwrap_or(asked.ts());
    let parent = channel.message(root).ok_or("thread_not_found")?;
    let after = cursor(args)?.map(|ts| parse(&ts, "invalid_cursor")).transpose()?;
    let size = size(world, caller, args)?;
    let mut found: Vec<_> =
        channel.messages.iter().filter(|reply| !reply.deleted && reply.thread() == Some(root)).collect();
    found.retain(|reply| range.holds(reply.ts()));
    found.insert(0, parent);
    found.retain(|message| after.is_none_or(|after| order(message.ts()) > after));
    let more = found.len() > size;
    found.truncate(size);
    answer(&found, more, args, json!({}))
}

fn size(world: &World, caller: &Credential, args: &Args) -> Result<usize, Refusal> {
    if restricted_history(world, caller) {
        return Ok(limit(args, RESTRICTED)?.min(RESTRICTED));
    }
    Ok(limit(args, 100)?.min(999))
}

fn answer(found: &[&Message], more: bool, args: &Args, extra: Value) -> Outcome {
    let all_metadata = args.flag("include_all_metadata")?;
    let shown = found.iter().map(|message| {
        let mut body = message.body.clone();
        if !all_metadata {
            hide_metadata(&mut body);
        }
        Value::Object(body)
    });
    let mut answer = json!({ "messages": shown.collect::<Vec<_>>(), "has_more": more });
    if let (true, Some(last)) = (more, found.last()) {
        answer["response_metadata"] = json!({ "next_cursor": encode(last.ts()) });
    }
    crate::simulator::world::extend(&mut answer, extra);
    Ok(answer)
}

/// The part of time that is asked for.
struct Range {
    oldest: Option<(i64, i64)>,
    latest: Option<(i64, i64)>,
    inclusive: bool,
}

impl Range {
    fn new(args: &Args) -> Result<Self, Refusal> {
        let bound = |name, code| {
            args.text(name)?.filter(|ts| !ts.is_empty() && *ts != "0").map(|ts| parse(ts, code)).transpose()
        };
        Ok(Self {
            oldest: bound("oldest", "invalid_ts_oldest")?,
            latest: bound("latest", "invalid_ts_latest")?,
            inclusive: args.flag("inclusive")?,
        })
    }

    fn holds(&self, ts: &str) -> bool {
        let at = order(ts);
        let late_enough = self.oldest.is_none_or(|oldest| at > oldest || self.inclusive && at == oldest);
        late_enough && self.latest.is_none_or(|latest| at < latest || self.inclusive && at == latest)
    }
}

fn order(ts: &str) -> (i64, i64) {
    parse(ts, "").unwrap_or_default()
}

/// A timestamp as two integers: as one number it would lose digits.
fn parse(ts: &str, code: &str) -> Result<(i64, i64), Refusal> {
    let (seconds, micros) = ts.split_once('.').unwrap_or((ts, "0"));
    let micros = format!("{micros:0<6}");
    seconds.parse().ok().zip(micros.parse().ok()).ok_or_else(|| code.into())
}
