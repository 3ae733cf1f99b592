//! The small parts that generated messages are made of.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// A strategy for JSON.
pub(crate) type Json = BoxedStrategy<Value>;

/// What may stand in a generated message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Nothing that the service changes: no mention, no button, no id of a block.
    Calm,
    /// Anything.
    Any,
}

/// An object with these fields, and some of those; sometimes one that nobody knows.
pub(crate) fn object(fields: Vec<(&'static str, Json)>, optional: Vec<(&'static str, Json)>) -> Json {
    let known = fields.into_iter().map(|(key, value)| (key, value.prop_map(Some).boxed()));
    let maybe = optional.into_iter().map(|(key, value)| (key, prop::option::of(value).boxed()));
    let unknown = prop::option::weighted(0.05, odd()).boxed();
    let (keys, values): (Vec<_>, Vec<_>) = known.chain(maybe).chain([("x_of_next_year", unknown)]).unzip();
    values
        .prop_map(move |values| {
            let fields = keys.iter().zip(values).filter_map(|(key, value)| Some(((*key).to_owned(), value?)));
            Value::Object(fields.collect::<Map<_, _>>())
        })
        .boxed()
}

/// Always this.
pub(crate) fn just(value: impl Into<Value>) -> Json {
    Just(value.into()).boxed()
}

/// One of these strings.
pub(crate) fn one_of(words: &'static [&'static str]) -> Json {
    prop::sample::select(words).prop_map(Value::from).boxed()
}

/// So many of these.
pub(crate) fn list(item: Json, count: std::ops::RangeInclusive<usize>) -> Json {
    prop::collection::vec(item, count).prop_map(Value::from).boxed()
}

/// Numbers that a float does not hold, and other things that a typed model drops.
pub(crate) fn odd() -> Json {
    let spelled = prop::sample::select(&["1.50", "1e400", "12345678901234567890123", "-0.0", "1E5", "0.1e-7"][..]);
    prop_oneof![
        3 => spelled.prop_map(|text| serde_json::from_str::<Value>(text).unwrap_or_default()),
        1 => just(json!({"deep": [null, true, {"er": 1.25}]})),
        1 => just(Value::Null),
        1 => just(""),
    ]
    .boxed()
}

pub(crate) fn flag() -> Json {
    any::<bool>().prop_map(Value::from).boxed()
}

pub(crate) fn number() -> Json {
    (0u32..9).prop_map(Value::from).boxed()
}

/// Escaped text with marks, as `text` and mrkdwn objects have it.
pub(crate) fn mrkdwn(kind: Kind) -> Json {
    let calm = &[
        "hello",
        "*bold*",
        "_it_",
        "a &amp; b",
        "1 &lt; 2",
        " ",
        "\n",
        "<https://a.example/?x=1&amp;y=2|a link>",
        ":wave:",
        "👩‍👩‍👧",
        "é",
        "`code`",
        "```\nlines\n```",
        "<!date^1700000000^{date}|then>",
        "ünïcode",
    ][..];
    let spicy = &["<@U1>", "<@U9|bob>", "<!here>", "<!channel>", "<#C1|general>", "<!subteam^S1>"][..];
    let word = match kind {
        Kind::Calm => prop::sample::select(calm).boxed(),
        Kind::Any => prop_oneof![4 => prop::sample::select(calm), 1 => prop::sample::select(spicy)].boxed(),
    };
    prop::collection::vec(word, 1..6).prop_map(|words| Value::from(format!("w{}", words.join(" ")))).boxed()
}

/// Literal text.
pub(crate) fn literal() -> Json {
    one_of(&["Approve & pay", "a < b", "Größe", "日本語", "x", "Report 7", "👍🏽 ok", "two\nlines"])
}

pub(crate) fn plain_text() -> Json {
    object(vec![("type", just("plain_text")), ("text", literal())], vec![("emoji", flag())])
}

pub(crate) fn mrkdwn_text(kind: Kind) -> Json {
    object(vec![("type", just("mrkdwn")), ("text", mrkdwn(kind))], vec![("verbatim", flag())])
}

/// A text object of either kind.
pub(crate) fn text(kind: Kind) -> Json {
    prop_oneof![plain_text(), mrkdwn_text(kind)].boxed()
}

pub(crate) fn url() -> Json {
    one_of(&[
        "https://a.example/i.png",
        "https://a.example/?a=1&b=2",
        "https://broken.invalid/x.png",
        "http://b.example/ü",
    ])
}

/// An image element or block.
pub(crate) fn image() -> Json {
    let base = || vec![("type", just("image")), ("alt_text", literal())];
    let read_only =
        || vec![("image_width", number()), ("image_bytes", number()), ("is_animated", flag()), ("fallback", literal())];
    let public = object([base(), vec![("image_url", url())]].concat(), read_only());
    let file = object([base(), vec![("slack_file", just(json!({"id": "F0FILE01"})))]].concat(), vec![]);
    prop_oneof![3 => public, 1 => file].boxed()
}
