//! Cursors, as opaque as Slack's.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Outcome;
use super::args::{Args, Refusal};

/// Most items that a list gives at once.
const MOST: usize = 999;

/// One page of a list under `name`.
pub(super) fn page(name: &str, items: Vec<Value>, args: &Args) -> Outcome {
    let start = cursor(args)?.map_or(Ok(0), |start| start.parse().map_err(|_| Refusal::from("invalid_cursor")))?;
    let limit = limit(args, 100)?;
    if start > items.len() {
        return Err("invalid_cursor".into());
    }
    let next = start + limit.min(MOST);
    let next = if next < items.len() { encode(&next.to_string()) } else { String::new() };
    let shown: Vec<_> = items.into_iter().skip(start).take(limit.min(MOST)).collect();
    Ok(json!({ name: shown, "response_metadata": { "next_cursor": next } }))
}

/// How many items are asked for.
pub(super) fn limit(args: &Args, default: usize) -> Result<usize, Refusal> {
    match args.number("limit").map_err(|_| "invalid_limit")? {
        Some(0) | None => Ok(default),
        Some(limit) if limit > 1000 => Err("invalid_limit".into()),
        Some(limit) => Ok(limit),
    }
}

/// The place that a cursor stands for.
pub(super) fn cursor(args: &Args) -> Result<Option<String>, Refusal> {
    let Some(cursor) = args.text("cursor")?.filter(|cursor| !cursor.is_empty()) else { return Ok(None) };
    let bytes = STANDARD.decode(cursor).map_err(|_| "invalid_cursor")?;
    let text = String::from_utf8(bytes).map_err(|_| "invalid_cursor")?;
    text.strip_prefix("next:").map(|place| Some(place.to_owned())).ok_or_else(|| "invalid_cursor".into())
}

/// A cursor for a place.
pub(super) fn encode(place: &str) -> String {
    STANDARD.encode(format!("next:{place}"))
}
