//! Rich text of every kind, leaves of the future included.

use proptest::prelude::*;
use serde_json::json;

use super::values::{Json, Kind, flag, just, list, literal, number, object, odd, one_of, url};

pub(crate) fn rich_text(kind: Kind) -> Json {
    let inline = |name: &'static str| object(vec![("type", just(name)), ("elements", list(leaf(kind), 0..=4))], vec![]);
    let items = object(
        vec![
            ("type", just("rich_text_list")),
            ("style", one_of(&["bullet", "ordered"])),
            ("elements", list(inline("rich_text_section"), 0..=3)),
        ],
        vec![("indent", number()), ("offset", number()), ("border", number())],
    );
    let code = object(
        vec![("type", just("rich_text_preformatted")), ("elements", list(words(), 1..=2))],
        vec![("language", literal()), ("border", number())],
    );
    let unknown = object(vec![("type", just("rich_text_hologram")), ("elements", list(leaf(kind), 0..=2))], vec![]);
    let part = prop_oneof![4 => inline("rich_text_section"), 1 => inline("rich_text_quote"), 1 => items, 1 => code, 1 => unknown];
    let mut optional = vec![];
    if kind == Kind::Any {
        optional.push(("block_id", literal()));
    }
    object(vec![("type", just("rich_text")), ("elements", list(part.boxed(), 0..=4))], optional)
}

fn words() -> Json {
    object(vec![("type", just("text")), ("text", literal())], vec![("style", style())])
}

fn style() -> Json {
    object(vec![], vec![("bold", flag()), ("italic", flag()), ("code", flag()), ("unlink", flag())])
}

fn leaf(kind: Kind) -> Json {
    let leaf = |name: &'static str, key: &'static str, value: Json| {
        object(vec![("type", just(name)), (key, value)], vec![("style", style())])
    };
    let link = object(vec![("type", just("link")), ("url", url())], vec![("text", literal()), ("unsafe", flag())]);
    let emoji = object(
        vec![("type", just("emoji")), ("name", one_of(&["wave", "acme_logo"]))],
        vec![("unicode", just("1f44b")), ("skin_tone", number())],
    );
    let date = object(
        vec![("type", just("date")), ("timestamp", just(1_700_000_000)), ("format", just("{date} at {time}"))],
        vec![("url", url()), ("fallback", literal())],
    );
    let color = leaf("color", "value", just("#ff0000"));
    let unknown = object(vec![("type", just("hologram")), ("text", literal())], vec![("size", odd())]);
    let calm = prop_oneof![5 => words(), 1 => link, 1 => emoji, 1 => date, 1 => color, 1 => unknown];
    match kind {
        Kind::Calm => calm.boxed(),
        Kind::Any => prop_oneof![
            8 => calm,
            1 => leaf("user", "user_id", one_of(&["U1", "U9"])),
            1 => leaf("channel", "channel_id", one_of(&["C1", "C9"])),
            1 => leaf("usergroup", "usergroup_id", just("S1")),
            1 => leaf("broadcast", "range", one_of(&["here", "channel", "everyone"])),
            1 => leaf("team", "team_id", just("T1")),
            1 => leaf("message_mention", "message", just(json!({"ts": "1.2", "channel": "C1"}))),
        ]
        .boxed(),
    }
}
