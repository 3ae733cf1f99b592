//! Attachments, as apps of the time before blocks send them.

use proptest::prelude::*;
use serde_json::json;

use super::block_kit::blocks;
use super::values::{Json, Kind, flag, just, list, literal, mrkdwn, number, object, odd, one_of, url};

/// `attachments` of a message.
pub(crate) fn attachments(kind: Kind) -> Json {
    let field = object(vec![("title", literal()), ("value", mrkdwn(kind))], vec![("short", flag())]);
    let mut optional = vec![
        ("color", one_of(&["#36a64f", "danger", "D0D0D0"])),
        ("pretext", mrkdwn(kind)),
        ("author_name", one_of(&["Bob", "Report &amp; Co"])),
        ("author_link", url()),
        ("author_icon", url()),
        ("title", mrkdwn(kind)),
        ("title_link", url()),
        ("fields", list(field, 1..=3)),
        ("image_url", url()),
        ("thumb_url", url()),
        ("footer", mrkdwn(kind)),
        ("footer_icon", url()),
        ("ts", prop_oneof![number(), odd(), just("1700000000.000100")].boxed()),
        ("mrkdwn_in", just(json!(["text", "fields"]))),
        ("from_url", url()),
        ("id", number()),
        ("fallback", mrkdwn(kind)),
    ];
    if kind == Kind::Any {
        let action = object(
            vec![("type", just("button")), ("name", literal()), ("text", one_of(&["Yes", "No"]))],
            vec![("value", literal()), ("url", url())],
        );
        optional.push(("actions", list(action, 1..=3)));
        optional.push(("callback_id", literal()));
        optional.push(("blocks", blocks(kind)));
    }
    list(object(vec![("text", mrkdwn(kind))], optional), 0..=3)
}
