//! The hot path: reads the few fields that say which conversation a message belongs to, and what may set something off in
//! it, without building a tree.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::Direction;
use crate::intake::check::{is_id, is_ts};

/// Which conversation a message belongs to, and what may set something off in it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Peek<'a> {
    /// Who speaks.
    pub direction: Direction,
    /// The customer's workspace.
    pub team_id: &'a str,
    /// The DM.
    pub channel_id: &'a str,
    /// The customer.
    pub user_id: &'a str,
    /// What is said; none where it has to be read in full, since it holds escapes.
    pub words: Option<&'a str>,
    /// What the bot noticed: whether it could not answer,
    pub unanswered: Option<bool>,
    /// how the customer feels,
    pub sentiment: Option<f64>,
    /// and what has happened.
    pub event: Option<&'a str>,
}

/// Reads one plain message without a subtype. `None` for everything else, and whenever in doubt: [`super::parse`]
/// decides then. It would accept, with the same fields, whatever this accepts.
#[must_use]
pub fn peek(body: &[u8]) -> Option<Peek<'_>> {
    let text = std::str::from_utf8(body).ok()?;
    if may_nest_too_deep(body) || has_escaped_surrogate(body) {
        return None;
    }
    let Object(plain) = serde_json::from_str::<Object<Plain<'_>>>(text).ok()?;
    let Object(message) = plain.message;
    let ids = [plain.team_id, plain.channel_id, plain.user_id];
    let accepted = ids.into_iter().all(is_id)
        && is_ts(message.ts)
        && message.thread_ts.is_none_or(is_ts)
        && message.r#type.is_none_or(|kind| matches!(kind, "message" | "app_mention"))
        && message.subtype.is_none()
        && message.inner.is_none()
        && plain.control_epoch.is_none_or(|epoch| epoch >= 0)
        && plain.r#type.is_none()
        && plain.response.is_none();
    let direction = super::shape::read_direction(plain.direction)?;
    let [team_id, channel_id, user_id] = ids;
    let words = match message.text {
        None => Some(""),
        Some(Text(words)) => words,
    };
    let Noticed { unanswered, sentiment, event } = plain.signals.map(|Object(noticed)| noticed).unwrap_or_default();
    accepted.then_some(Peek { direction, team_id, channel_id, user_id, words, unanswered, sentiment, event })
}

#[derive(serde::Deserialize)]
struct Plain<'a> {
    direction: &'a str,
    team_id: &'a str,
    channel_id: &'a str,
    user_id: &'a str,
    #[serde(borrow)]
    message: Object<Message<'a>>,
    control_epoch: Option<i64>,
    #[serde(borrow)]
    signals: Option<Object<Noticed<'a>>>,
    r#type: Option<IgnoredAny>,
    response: Option<IgnoredAny>,
}

#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "of some fields only the type is checked")]
struct Message<'a> {
    ts: &'a str,
    thread_ts: Option<&'a str>,
    r#type: Option<&'a str>,
    subtype: Option<IgnoredAny>,
    #[serde(rename = "message")]
    inner: Option<IgnoredAny>,
    #[serde(borrow)]
    text: Option<Text<'a>>,
    blocks: Option<Vec<IgnoredAny>>,
    attachments: Option<Vec<IgnoredAny>>,
    files: Option<Vec<IgnoredAny>>,
}

#[derive(Default, serde::Deserialize)]
struct Noticed<'a> {
    unanswered: Option<bool>,
    sentiment: Option<f64>,
    event: Option<&'a str>,
}

/// An object. A derived reader alone would take an array of the fields' values as well.
struct Object<T>(T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Fields<T> {
            type Value = Object<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(Fields(PhantomData))
    }
}

/// A string; none where it holds escapes, which would have to be copied to be read.
struct Text<'a>(Option<&'a str>);

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrowed<'a>(PhantomData<&'a ()>);

        impl<'de: 'a, 'a> Visitor<'de> for Borrowed<'a> {
            type Value = Text<'a>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'a>, E> {
                Ok(Text(Some(text)))
            }

            fn visit_str<E: de::Error>(self, _: &str) -> Result<Text<'a>, E> {
                Ok(Text(None))
            }
        }

        deserializer.deserialize_str(Borrowed(PhantomData))
    }
}

/// What is skipped is not bounded in depth. A body with few brackets cannot be deep.
fn may_nest_too_deep(body: &[u8]) -> bool {
    body.iter().filter(|byte| matches!(byte, b'{' | b'[')).count() > 127
}

/// What is skipped may hold half of a surrogate pair, which is no character.
fn has_escaped_surrogate(body: &[u8]) -> bool {
    body.windows(3).any(|window| matches!(window, [b'\\', b'u', b'd' | b'D']))
}
