//! Tests that nothing of a message is lost on its way into a room: with the edits undone that [`super`] lists, what was
//! posted is what came. The rules are written down here once more, by hand.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::ladder::Step;
use super::samples::{self, Kind};
use super::{items, mirror, notice, string};
use crate::simulator::trial::Trial;

/// What the mentions that [`samples`] makes become in mrkdwn.
const MENTIONS: [(&str, &str); 6] = [
    ("<@U1>", "@Phil &lt;&amp;&gt;"),
    ("<@U9|bob>", "@bob"),
    ("<!here>", "@\u{2060}here"),
    ("<!channel>", "@\u{2060}channel"),
    ("<#C1|general>", "#sales"),
    ("<!subteam^S1>", "@finance"),
];

/// The posts for a message, one after the other.
fn posts(message: &Value) -> Vec<Value> {
    let speaker = mirror::Speaker { name: "Phil".to_owned(), icon_url: None };
    if mirror::is_blank(message) {
        return Vec::new();
    }
    mirror::parts(message).iter().map(|part| mirror::post(part, &speaker, &samples::names())).collect()
}

fn all(posts: &[Value], key: &str) -> Vec<Value> {
    posts.iter().flat_map(|post| items(post, key)).cloned().collect()
}

/// Whether what was posted is what came, but for the listed edits; else where it differs.
fn same(came: &Value, posted: &Value, at: &str) -> Result<(), String> {
    let differs = || Err(format!("{at}: {came} became {posted}"));
    match (came, posted) {
        (Value::Object(before), Value::Object(after)) => {
            if let Some(names) = mentioned(came) {
                let plain = string(posted, "type") == "text" && posted.get("style") == came.get("style");
                return if plain && names.contains(&string(posted, "text")) { Ok(()) } else { differs() };
            }
            let is_attachment = at.ends_with("/attachments/#");
            let gone = |key: &str| {
                matches!(key, "block_id" | "action_id") || (is_attachment && matches!(key, "actions" | "callback_id"))
            };
            for (key, value) in before.iter().filter(|(key, _)| !gone(key)) {
                let at = format!("{at}/{key}");
                let Some(now) = after.get(key) else { return Err(format!("{at} is gone")) };
                if is_attachment && key == "text" && !items(came, "actions").is_empty() {
                    let text = now.as_str().unwrap_or_default();
                    same(value, &json!(text.split("\n[ ").next().unwrap_or_default().split("\n<https").next()), &at)
                        .or_else(
                            |_| if text.starts_with(renamed(value).as_str()) { Ok(()) } else { Err(at.clone()) },
                        )?;
                    shows(&came["actions"], text, &at)?;
                } else {
                    same(value, now, &at)?;
                }
            }
            let added = |key: &String| !(before.contains_key(key) || is_attachment && key == "fallback");
            match after.keys().find(|key| added(key) || gone(key)) {
                Some(key) => Err(format!("{at}/{key} was added or stayed")),
                None => Ok(()),
            }
        }
        (Value::Array(before), Value::Array(after)) if at.ends_with("/blocks") => same_blocks(before, after, at),
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            before.iter().zip(after).try_for_each(|(before, after)| same(before, after, &format!("{at}/#")))
        }
        (Value::String(before), Value::String(after)) if before == after || renamed(came) == *after => Ok(()),
        _ if came == posted => Ok(()),
        _ => differs(),
    }
}

fn same_blocks(came: &[Value], posted: &[Value], at: &str) -> Result<(), String> {
    let mut posted = posted.iter();
    let mut next = || posted.next().ok_or(format!("{at}: a block is missing"));
    for block in came {
        let mut rest = block.clone();
        let accessory = block.get("accessory").filter(|accessory| accessory.get("action_id").is_some());
        if accessory.is_some() {
            super::content::remove(&mut rest, "accessory");
        }
        let is_dead = matches!(string(block, "type"), "actions" | "context_actions" | "input");
        if !is_dead {
            same(&rest, next()?, &format!("{at}/#"))?;
        }
        if let Some(redrawn) = accessory.or(is_dead.then_some(block)) {
            let section = next()?;
            if string(section, "type") != "section" {
                return Err(format!("{at}: no text stands for {redrawn}"));
            }
            shows(redrawn, string(&section["text"], "text"), at)?;
        }
    }
    posted.next().map_or(Ok(()), |more| Err(format!("{at}: {more} was added")))
}

/// Whether a text has every label and option of interactive elements.
fn shows(elements: &Value, text: &str, at: &str) -> Result<(), String> {
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match elements {
        Value::Array(list) => list.iter().try_for_each(|element| shows(element, text, at)),
        Value::Object(fields) => {
            let label = match fields.get("text").or(fields.get("placeholder")) {
                Some(Value::String(label)) => label.clone(),
                Some(label) => super::text::escape(string(label, "text")),
                None => String::new(),
            };
            if !line(text).contains(&line(&label)) {
                return Err(format!("{at}: {label:?} is not in {text:?}"));
            }
            let inner = ["elements", "element", "options", "option_groups", "positive_button", "negative_button"];
            inner.iter().filter_map(|key| fields.get(*key)).try_for_each(|inner| shows(inner, text, at))
        }
        _ => Ok(()),
    }
}

/// The names that may stand for a leaf of rich text.
fn mentioned(leaf: &Value) -> Option<&'static [&'static str]> {
    Some(
        match (
            string(leaf, "type"),
            ["user_id", "channel_id", "usergroup_id", "range", "team_id"].map(|key| string(leaf, key)),
        ) {
            ("user", ["U1", ..]) => &["@Phil <&>"],
            ("user", _) => &["@someone", "@bob"],
            ("channel", [_, "C1", ..]) => &["#sales"],
            ("channel", _) => &["#channel"],
            ("usergroup", [_, _, "S1", ..]) => &["@finance"],
            ("broadcast", [_, _, _, "here", _]) => &["@\u{2060}here"],
            ("broadcast", [_, _, _, "channel", _]) => &["@\u{2060}channel"],
            ("broadcast", _) => &["@\u{2060}everyone"],
            ("team", _) => &["@team"],
            ("message_mention", _) => &["[message]"],
            _ => return None,
        },
    )
}

fn renamed(text: &Value) -> String {
    let text = text.as_str().unwrap_or_default().to_owned();
    MENTIONS.iter().fold(text, |text, (token, name)| text.replace(token, name))
}

/// Posts, stepping down as `deliver` does. What is seen in the channel then.
fn shown(trial: &mut Trial, post: &Value) -> Result<Value, String> {
    let mut step = Step::of(post.clone());
    loop {
        let noted = step.noted();
        let Some((code, errors)) = trial.refusal(&noted) else { break };
        if !(step.down(&code, &errors) || step.give_up()) {
            return Err(format!("{code} {errors:?}: {noted}"));
        }
    }
    match trial.take().as_slice() {
        [message] => Ok(message.clone()),
        messages => Err(format!("{} messages were made of {}", messages.len(), step.body)),
    }
}

proptest! {
    #[test]
    fn what_needs_no_edit_comes_to_the_letter(message in samples::message_of(Kind::Calm)) {
        let posts = posts(&message);
        let texts = |list: &[Value]| list.iter().map(Value::to_string).collect::<Vec<_>>();
        prop_assert_eq!(texts(&all(&posts, "blocks")), texts(items(&message, "blocks")));
        let mut attachments = all(&posts, "attachments");
        for (posted, came) in attachments.iter_mut().zip(items(&message, "attachments")) {
            if came.get("fallback").is_none() {
                super::content::remove(posted, "fallback");
            }
        }
        prop_assert_eq!(texts(&attachments), texts(items(&message, "attachments")));
        if let (Some(post), true) = (posts.first(), string(&message, "subtype") != "me_message") {
            let text = string(&message, "text");
            prop_assert!(string(post, "text") == text || text.is_empty());
        }
    }

    #[test]
    fn with_the_edits_undone_what_was_posted_is_what_came(message in samples::message()) {
        let posts = posts(&message);
        let attachments = Value::from(all(&posts, "attachments"));
        let came = Value::from(items(&message, "attachments"));
        let told = same(&came, &attachments, "/attachments")
            .and_then(|()| same_blocks(items(&message, "blocks"), &all(&posts, "blocks"), "/blocks"));
        prop_assert!(told.is_ok(), "{}", told.unwrap_err());
        if let Some(post) = posts.first() {
            let came = renamed(&message["text"]);
            let text = string(post, "text");
            prop_assert!(came.is_empty() || text == came || text == format!("_{came}_"), "{came:?} became {text:?}");
        }
    }

    #[test]
    fn every_message_is_seen_as_words_or_as_a_line(message in samples::message()) {
        let (posts, line) = (posts(&message), notice::about(&message));
        let said = !string(&message, "text").is_empty() || ["blocks", "attachments", "files"].iter().any(|key| !items(&message, key).is_empty());
        prop_assert_eq!(said, !posts.is_empty() || line.is_some());
        prop_assert!(posts.iter().all(|post| !mirror::is_blank(post)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(debug_assertions) { 128 } else { 1024 }))]

    #[test]
    fn slack_takes_every_post_at_last_and_people_see_its_words(message in samples::message(), takes_back in any::<bool>()) {
        let mut trial = Trial::new(takes_back);
        for post in posts(&message) {
            let seen = shown(&mut trial, &post);
            prop_assert!(seen.is_ok(), "{}", seen.unwrap_err());
            let seen = seen.unwrap_or_default();
            prop_assert!(!mirror::is_blank(&seen));
            let is_given_up = string(&seen, "text").contains("cannot be shown here");
            prop_assert!(!is_given_up, "{post} became {seen}");
        }
    }

    #[test]
    fn slack_takes_posts_of_any_shape(message in samples::any_message()) {
        let mut trial = Trial::new(false);
        for post in posts(&message) {
            let seen = shown(&mut trial, &post);
            prop_assert!(seen.is_ok(), "{}", seen.unwrap_err());
        }
    }
}

#[test]
fn numbers_keep_their_spelling() {
    let odd = r#"[{"type":"hologram","a":1.50,"b":1e400,"c":12345678901234567890123,"d":-0.0}]"#;
    let message = json!({"text": "t", "blocks": serde_json::from_str::<Value>(odd).unwrap_or_default()});
    assert_eq!(Value::from(all(&posts(&message), "blocks")).to_string(), odd.replace("1e400", &json_number("1e400")));
}

/// A number as `serde_json` spells it.
fn json_number(text: &str) -> String {
    serde_json::from_str::<Value>(text).map(|number| number.to_string()).unwrap_or_default()
}
