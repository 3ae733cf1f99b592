//! Messages for the tests of this folder: by hand, generated as they are in life, and of arbitrary shape.

mod attachments;
mod block_kit;
mod rich_text;
mod values;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::mentions::Names;
use values::{Json, just, list, mrkdwn, number, object, odd, one_of};

pub(super) use values::Kind;

pub(super) fn names() -> Names {
    let one = |id: &str, name: &str| [(id.to_owned(), name.to_owned())].into();
    Names { users: one("U1", "Phil <&>"), channels: one("C1", "sales"), groups: one("S1", "finance") }
}

/// Mentions of U1..U8, C1, C2 and S1, each in another place; U0 where it is no mention.
pub(super) fn mentions_everywhere() -> Value {
    json!({
        "text": "<@U1>",
        "unknown": "<@U0>",
        "blocks": [
            {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
                {"type": "user", "user_id": "U1", "style": {"bold": true}},
                {"type": "broadcast", "range": "here"},
                {"type": "channel", "channel_id": "C1"},
                {"type": "usergroup", "usergroup_id": "S1"},
                {"type": "text", "text": "<@U0> stays: literal"}]}]},
            {"type": "section", "text": {"type": "mrkdwn", "text": "<@U2>"}, "fields": [{"type": "mrkdwn", "text": "<@U3>"}]},
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "<@U4> <#C2|x>"}]},
            {"type": "header", "text": {"type": "plain_text", "text": "<@U5>"}},
            {"type": "actions", "elements": [{"type": "users_select", "action_id": "a", "initial_user": "U6"}]},
            {"type": "markdown", "text": "<@U7>"}],
        "attachments": [{"fields": [{"title": "who", "value": "<@U8>"}], "mrkdwn_in": ["text"]}],
    })
}

/// One block of each kind that Slack documents, and one that it does not.
pub(super) fn every_block() -> Value {
    let plain = |text: &str| json!({"type": "plain_text", "text": text});
    json!({"text": "fallback", "blocks": [
        {"type": "header", "text": plain("Head & line")},
        {"type": "section", "block_id": "b", "text": {"type": "mrkdwn", "text": "*hi*"}, "fields": [plain("f1"), plain("f2")],
         "accessory": {"type": "image", "image_url": "https://a.example/i.png", "alt_text": "a cat"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "pick"},
         "accessory": {"type": "button", "action_id": "x", "text": plain("Pick"), "value": "1"}},
        {"type": "divider"},
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "small"}, plain("print")]},
        {"type": "actions", "elements": [
            {"type": "button", "action_id": "y", "text": plain("Approve")},
            {"type": "button", "action_id": "z", "text": plain("Open"), "url": "https://a.example/o"}]},
        {"type": "input", "label": plain("Why"), "element": {"type": "plain_text_input", "action_id": "w"}},
        {"type": "image", "slack_file": {"url": "https://files.example/F1"}, "alt_text": "chart", "title": plain("Chart")},
        {"type": "video", "title": plain("Film"), "title_url": "https://v.example", "description": plain("about")},
        {"type": "markdown", "text": "**md**"},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a<b"}, {"type": "raw_number", "value": 1, "text": "1"}]]},
        {"type": "file", "external_id": "X1", "source": "remote"},
        {"type": "call", "call_id": "R1"},
        {"type": "hologram", "title": "new", "inner": [{"text": plain("deep")}], "size": 3},
    ]})
}

/// A message as apps and people send it, with everything in it.
pub(super) fn message() -> Json {
    message_of(Kind::Any)
}

/// A message as apps and people send it.
pub(super) fn message_of(kind: Kind) -> Json {
    let file = object(
        vec![("id", one_of(&["F0FILE01", "F0FILE02"])), ("name", one_of(&["a.pdf", "b &lt;c&gt;.png"]))],
        vec![
            ("size", number()),
            ("mimetype", just("image/png")),
            ("mode", one_of(&["hosted", "tombstone", "snippet"])),
        ],
    );
    let text = prop_oneof![3 => mrkdwn(kind), 1 => just("")].boxed();
    object(
        vec![("type", just("message")), ("ts", just("1700000000.000100")), ("text", text)],
        vec![
            ("blocks", block_kit::blocks(kind)),
            ("attachments", attachments::attachments(kind)),
            ("files", list(file, 0..=2)),
            ("subtype", one_of(&["bot_message", "file_share", "me_message", "thread_broadcast", "of_next_year"])),
            ("thread_ts", just("1600000000.000100")),
            ("client_msg_id", just("5a1e")),
            ("edited", just(json!({"user": "U1", "ts": "1700000001.000000"}))),
            ("metadata", just(json!({"event_type": "x", "event_payload": {"n": 1}}))),
            ("reactions", odd()),
        ],
    )
}

/// Messages of arbitrary shape, rich in the words that mean something.
pub(super) fn any_message() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "type",
        "text",
        "blocks",
        "elements",
        "fields",
        "attachments",
        "accessory",
        "label",
        "element",
        "options",
        "rows",
        "initial_user",
        "initial_option",
        "user_id",
        "channel_id",
        "range",
        "style",
        "url",
        "action_id",
        "block_id",
        "value",
        "title",
        "alt_text",
        "image_url",
        "files",
        "actions",
        "ts",
        "subtype",
        "message",
        "previous_message",
        "zzz",
    ]);
    let word = prop::sample::select(vec![
        "section",
        "rich_text",
        "rich_text_section",
        "rich_text_list",
        "user",
        "channel",
        "broadcast",
        "mrkdwn",
        "plain_text",
        "actions",
        "button",
        "static_select",
        "input",
        "context",
        "image",
        "table",
        "header",
        "text",
        "card",
        "markdown",
        "<@U1>",
        "<!here>",
        "a & <b",
        "https://a.example",
        "<<@U2|U1>>",
        "",
        "```",
        "U1",
        "1700000000.000100",
        "message_changed",
        "message_deleted",
        "file_share",
    ]);
    let leaf = prop_oneof![
        4 => word.prop_map(Value::from),
        1 => ".{0,8}".prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    let tree = leaf.prop_recursive(5, 48, 6, move |inner| {
        let entries = prop::collection::vec((key.clone(), inner.clone()), 0..6);
        prop_oneof![
            prop::collection::vec(inner, 0..5).prop_map(Value::from),
            entries.prop_map(|entries| Value::Object(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())),
        ]
    });
    prop::collection::vec(
        (prop::sample::select(vec!["text", "blocks", "attachments", "files", "message", "subtype"]), tree),
        0..6,
    )
    .prop_map(|entries| Value::Object(entries.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Map<_, _>>()))
}
