//! Every block and element that Slack documents, with some of their optional fields, and some of next year.

use proptest::prelude::*;
use serde_json::json;

use super::rich_text::rich_text;
use super::values::{
    Json, Kind, flag, image, just, list, literal, mrkdwn, mrkdwn_text, number, object, odd, one_of, plain_text, text,
    url,
};

/// `blocks` of a message.
pub(crate) fn blocks(kind: Kind) -> Json {
    let calm = prop_oneof![4 => known(kind), 2 => rich_text(kind), 1 => of_next_year(kind)];
    match kind {
        Kind::Calm => list(calm.boxed(), 0..=8),
        Kind::Any => list(prop_oneof![3 => calm, 1 => interactive()].boxed(), 0..=8),
    }
}

fn known(kind: Kind) -> Json {
    let named = |name: &'static str, fields: Vec<(&'static str, Json)>, mut optional: Vec<(&'static str, Json)>| {
        if kind == Kind::Any {
            optional.push(("block_id", one_of(&["b1", "b2"])));
        }
        object([vec![("type", just(name))], fields].concat(), optional)
    };
    let accessory = match kind {
        Kind::Calm => image(),
        Kind::Any => prop_oneof![image(), element()].boxed(),
    };
    let cell = prop_oneof![
        object(vec![("type", just("raw_text")), ("text", literal())], vec![]),
        object(vec![("type", just("raw_number")), ("value", odd())], vec![("text", literal())]),
        rich_text(kind),
    ];
    let rows = list(list(cell.boxed(), 1..=3), 1..=3);
    prop_oneof![
        named("header", vec![("text", plain_text())], vec![("level", number())]),
        named(
            "section",
            vec![("text", text(kind))],
            vec![("fields", list(text(kind), 1..=3)), ("accessory", accessory), ("expand", flag())]
        ),
        named("section", vec![("fields", list(text(kind), 1..=10))], vec![]),
        named("divider", vec![], vec![]),
        named("context", vec![("elements", list(prop_oneof![text(kind), image()].boxed(), 1..=4))], vec![]),
        image(),
        named("markdown", vec![("text", mrkdwn(kind))], vec![]),
        named(
            "video",
            vec![("alt_text", literal()), ("title", plain_text()), ("video_url", url()), ("thumbnail_url", url())],
            vec![("title_url", url()), ("description", plain_text()), ("author_name", literal())],
        ),
        named("table", vec![("rows", rows)], vec![("column_settings", just(json!([{"is_wrapped": true}])))]),
    ]
    .boxed()
}

/// Blocks that Slack may not take back, or that nobody knows yet.
fn of_next_year(kind: Kind) -> Json {
    let cards = list(object(vec![("type", just("card")), ("title", text(kind))], vec![("hero_image", image())]), 1..=2);
    let named = |name: &'static str, fields: Vec<(&'static str, Json)>| {
        object([vec![("type", just(name))], fields].concat(), vec![])
    };
    prop_oneof![
        named(
            "data_table",
            vec![("caption", literal()), ("rows", just(json!([[{"type": "raw_text", "text": "cell"}]])))]
        ),
        named(
            "task_card",
            vec![
                ("task_id", literal()),
                ("title", literal()),
                ("status", just("complete")),
                ("output", rich_text(kind))
            ]
        ),
        named("plan", vec![("title", literal()), ("tasks", just(json!([{"type": "task_card", "title": "t"}])))]),
        named("alert", vec![("text", text(kind)), ("level", just("warning"))]),
        named(
            "card",
            vec![("title", text(kind)), ("subtitle", text(kind)), ("body", text(kind)), ("hero_image", image())]
        ),
        named("carousel", vec![("elements", cards)]),
        named("container", vec![("title", plain_text()), ("child_blocks", just(json!([{"type": "divider"}])))]),
        named("data_visualization", vec![("title", literal()), ("chart", odd())]),
        named("call", vec![("call_id", just("R0CALL")), ("call", odd())]),
        named("contact_card", vec![("user_id", just("U0SOMEBODY"))]),
        named("share_shortcut", vec![("function_trigger_id", just("Ft1"))]),
        named("event", vec![("title", literal())]),
        named("file", vec![("external_id", literal()), ("source", just("remote"))]),
        named("hologram", vec![("text", mrkdwn_text(kind)), ("size", odd())]),
    ]
    .boxed()
}

/// Blocks with something to press, to pick from or to type into.
fn interactive() -> Json {
    let feedback = object(
        vec![
            ("type", just("feedback_buttons")),
            ("positive_button", just(json!({"text": {"type": "plain_text", "text": "Good"}, "value": "1"}))),
        ],
        vec![("negative_button", just(json!({"text": {"type": "plain_text", "text": "Bad"}, "value": "2"})))],
    );
    prop_oneof![
        object(vec![("type", just("actions")), ("elements", list(element(), 1..=4))], vec![("block_id", literal())]),
        object(
            vec![("type", just("input")), ("label", plain_text()), ("element", element())],
            vec![("hint", plain_text()), ("optional", flag())]
        ),
        object(vec![("type", just("context_actions")), ("elements", list(feedback, 1..=1))], vec![]),
    ]
    .boxed()
}

fn element() -> Json {
    let named = |name: Json, fields: Vec<(&'static str, Json)>, optional: Vec<(&'static str, Json)>| {
        object([vec![("type", name), ("action_id", one_of(&["a1", "a2", "a3"]))], fields].concat(), optional)
    };
    let option = || {
        object(vec![("text", plain_text()), ("value", literal())], vec![("description", plain_text()), ("url", url())])
    };
    let options = || vec![("options", list(option(), 1..=4))];
    let menu = || vec![("placeholder", plain_text()), ("initial_option", option())];
    let grouped = object(vec![("label", plain_text()), ("options", list(option(), 1..=2))], vec![]);
    prop_oneof![
        named(
            just("button"),
            vec![("text", plain_text())],
            vec![("url", url()), ("value", literal()), ("style", just("danger"))]
        ),
        named(one_of(&["static_select", "multi_static_select", "overflow"]), options(), menu()),
        named(just("static_select"), vec![("option_groups", list(grouped, 1..=2))], menu()),
        named(one_of(&["checkboxes", "radio_buttons"]), options(), vec![("initial_options", list(option(), 1..=2))]),
        named(just("users_select"), vec![], vec![("initial_user", just("U1")), ("placeholder", plain_text())]),
        named(just("conversations_select"), vec![], vec![("initial_conversation", just("C1"))]),
        named(just("external_select"), vec![], menu()),
        named(just("datepicker"), vec![], vec![("initial_date", just("2026-11-20"))]),
        named(just("datetimepicker"), vec![], vec![("initial_date_time", just(1_700_000_000))]),
        named(
            one_of(&["plain_text_input", "url_text_input", "number_input"]),
            vec![],
            vec![("initial_value", literal())]
        ),
        named(one_of(&["icon_button", "workflow_button"]), vec![("text", plain_text())], vec![("value", odd())]),
    ]
    .boxed()
}
