//! The way down when Slack refuses a message of somebody else: plainer step by step, and nothing is left out without a word.
//! Called by `deliver` when a post fails.
//!
//! 1. Fields that Slack adds when it shows a message are removed; nobody sees the difference.
//! 2. The blocks that Slack names are replaced by their text, a picture by a link; where it names none, those of a kind
//!    that it may not take.
//! 3. Everything becomes text.
//! 4. A line says that there was a message ([`Step::give_up`]), for a reader who can look for it elsewhere.
//!
//! What that changed for people is told in [`Step::left_out`]; [`Step::noted`] has it below the message.

use serde_json::{Value, json};

use super::content::{self, TEXT_LIMIT};
use super::split::split;
use super::text::{cut, escape};
use super::{as_text, blocks, elements, items, string};

/// Repairs of single blocks before everything becomes text: Slack may name one at a time.
const REPAIRS: u8 = 4;
/// Steps in all.
const STEPS: u8 = 8;
/// The most blocks in one message.
const BLOCKS_LIMIT: usize = 50;
/// The most lines of a note.
const LINES_SHOWN: usize = 5;
/// What Slack adds to images and videos when it shows them, and may not take back.
const ADDITIONS: [&str; 7] =
    ["image_width", "image_height", "image_bytes", "is_animated", "fallback", "image_id", "is_slack_image"];
/// Blocks that `chat.postMessage` is known to take.
const TAKEN: [&str; 12] = [
    "section",
    "header",
    "divider",
    "context",
    "image",
    "rich_text",
    "markdown",
    "table",
    "video",
    "actions",
    "context_actions",
    "input",
];
/// Refusals that are about attachments.
const OF_ATTACHMENTS: [&str; 3] = ["invalid_attachments", "too_many_attachments", "attachment_payload_limit_exceeded"];

/// A message on its way down: what to post next, and what it lacks.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    /// The body of `chat.postMessage`, without a note.
    pub body: Value,
    /// What was replaced, a sentence each (mrkdwn), each once.
    pub left_out: Vec<String>,
    taken: u8,
}

impl Step {
    /// At the top: the message as it should be.
    #[must_use]
    pub fn of(body: Value) -> Self {
        Self { body, left_out: Vec::new(), taken: 0 }
    }

    /// The body to post where people are told below the message what it lacks.
    #[must_use]
    pub fn noted(&self) -> Value {
        let mut body = self.body.clone();
        note(&mut body, &self.left_out);
        body
    }

    /// Makes the message plainer, after Slack refused it with this code and these `errors`
    /// (`... [json-pointer:/blocks/2/text/text]`). Says whether that changed anything; after a few steps it does not.
    pub fn down(&mut self, code: &str, errors: &[String]) -> bool {
        if self.taken == STEPS {
            return false;
        }
        self.taken += 1;
        if OF_ATTACHMENTS.contains(&code) {
            return self.attachments_to_text();
        }
        let pointers: Vec<&str> =
            errors.iter().filter_map(|error| error.split_once("[json-pointer:")?.1.split(']').next()).collect();
        if code == "invalid_blocks" && self.taken <= REPAIRS {
            let named = named(&self.body, &pointers);
            let is_repaired = if pointers.is_empty() {
                self.without_additions(&["/blocks".to_owned(), "/attachments".to_owned()]) || self.replace_suspects()
            } else {
                let places: Vec<String> = named.iter().map(|named| format!("{}/{}", named.list, named.at)).collect();
                self.without_additions(&places) || self.replace(&named)
            };
            if is_repaired {
                return true;
            }
        }
        self.blocks_to_text() || self.attachments_to_text()
    }

    /// The last step: a line in place of the message, from the same speaker. Says whether that changed anything.
    pub fn give_up(&mut self) -> bool {
        let before = self.body.clone();
        for key in ["blocks", "attachments", "markdown_text"] {
            content::remove(&mut self.body, key);
        }
        self.body["text"] = Value::from("_A message that cannot be shown here._");
        self.left_out.clear();
        self.body != before
    }

    fn without_additions(&mut self, places: &[String]) -> bool {
        let before = self.body.clone();
        for place in places {
            self.body.pointer_mut(place).into_iter().for_each(remove_additions);
        }
        self.body != before
    }

    /// Replaces blocks by their text, the last ones first: the places of the others stay what they are.
    fn replace(&mut self, named: &[Named]) -> bool {
        if content::is_twin(&self.body) {
            // The text beside it is what the person typed.
            return false;
        }
        let mut is_changed = false;
        for Named { list, at, within } in named.iter().rev() {
            let list = self.body.pointer_mut(list).and_then(Value::as_array_mut);
            if let Some(line) = list.and_then(|list| replace(list, *at, within)) {
                self.tell(line);
                is_changed = true;
            }
        }
        is_changed
    }

    fn replace_suspects(&mut self) -> bool {
        let doubts: Vec<u8> = items(&self.body, "blocks").iter().map(doubt).collect();
        let most = doubts.iter().copied().max().unwrap_or_default();
        let place = |at: usize| Named { list: "/blocks".to_owned(), at, within: "/accessory".to_owned() };
        let suspects: Vec<Named> = doubts
            .iter()
            .enumerate()
            .filter(|(_, doubt)| most > 0 && **doubt == most)
            .map(|(at, _)| place(at))
            .collect();
        self.replace(&suspects)
    }

    fn blocks_to_text(&mut self) -> bool {
        let mut is_changed = false;
        let blocks = items(&self.body, "blocks");
        if !blocks.is_empty() {
            let text = as_text::of_blocks(blocks);
            // A long text beside blocks was cut.
            if !content::is_twin(&self.body) || text.chars().count() > TEXT_LIMIT {
                self.body["text"] = Value::from(text);
            }
            is_changed = true;
        }
        let markdown = string(&self.body, "markdown_text").to_owned();
        if !markdown.is_empty() {
            if string(&self.body, "text").is_empty() {
                self.body["text"] = Value::from(markdown);
            }
            is_changed = true;
        }
        content::remove(&mut self.body, "blocks");
        content::remove(&mut self.body, "markdown_text");
        if let Some(Value::Array(attachments)) = self.body.get_mut("attachments") {
            for attachment in attachments.iter_mut().filter(|attachment| attachment.get("blocks").is_some()) {
                *attachment = aside(&as_text::of_attachment(attachment));
                is_changed = true;
            }
        }
        let mut parts = split(string(&self.body, "text"), TEXT_LIMIT).into_iter();
        if let Some(first) = parts.next() {
            let rest: Vec<Value> = parts.map(|part| aside(&part)).collect();
            is_changed |= !rest.is_empty();
            self.body["text"] = Value::from(first);
            if !rest.is_empty() {
                let after = items(&self.body, "attachments");
                self.body["attachments"] = Value::from([&rest, after].concat());
            }
        }
        if is_changed {
            self.tell("This message could not be shown here as it was and was replaced by its text.".to_owned());
        }
        is_changed
    }

    /// The text of attachments goes below the message.
    fn attachments_to_text(&mut self) -> bool {
        let texts: Vec<String> = items(&self.body, "attachments").iter().map(as_text::of_attachment).collect();
        if texts.is_empty() {
            return false;
        }
        content::remove(&mut self.body, "attachments");
        let text = texts.join("\n");
        let mut blocks = match items(&self.body, "blocks") {
            [] => blocks::sections(string(&self.body, "text")),
            blocks => blocks.to_vec(),
        };
        blocks.extend(blocks::sections(&text));
        let shown = string(&self.body, "text").chars().count() + 1 + text.chars().count();
        if items(&self.body, "blocks").is_empty() && shown <= TEXT_LIMIT {
            self.body["text"] = Value::from(format!("{}\n{text}", string(&self.body, "text")).trim());
        } else {
            self.body["blocks"] = Value::from(blocks);
            content::settle_text(&mut self.body);
        }
        self.tell("What was attached to this message could not be shown here and was replaced by its text.".to_owned());
        true
    }

    fn tell(&mut self, line: String) {
        if !self.left_out.contains(&line) {
            self.left_out.push(line);
        }
    }
}

/// Writes below a message what it lacks: a context block, or a line in italics where there are no blocks. Nothing for no lines.
fn note(body: &mut Value, left_out: &[String]) {
    let mut lines: Vec<String> = left_out.iter().take(LINES_SHOWN).map(|line| format!("_{line}_")).collect();
    if left_out.len() > LINES_SHOWN {
        lines.push(format!("_… (+{})_", left_out.len() - LINES_SHOWN));
    }
    if lines.is_empty() {
        return;
    }
    let lines = lines.join("\n");
    match body.get_mut("blocks").and_then(Value::as_array_mut) {
        Some(blocks) if (1..BLOCKS_LIMIT).contains(&blocks.len()) => {
            blocks.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": lines}]}));
        }
        Some(blocks) if !blocks.is_empty() => {
            body["attachments"] = Value::from([items(body, "attachments"), &[aside(&lines)]].concat());
        }
        _ => body["text"] = Value::from(format!("{}\n{lines}", string(body, "text")).trim_start()),
    }
}

/// A block that Slack names, and where in it.
struct Named {
    /// JSON pointer (RFC 6901) to the list it stands in.
    list: String,
    at: usize,
    /// The rest of the pointer.
    within: String,
}

/// The blocks that pointers lead into, in order and each once.
fn named(body: &Value, pointers: &[&str]) -> Vec<Named> {
    let mut named: Vec<Named> = pointers.iter().filter_map(|pointer| read(pointer)).collect();
    named.retain(|named| body.pointer(&named.list).is_some_and(Value::is_array));
    named.sort_by(|one, other| (&one.list, one.at).cmp(&(&other.list, other.at)));
    named.dedup_by(|later, earlier| (&later.list, later.at) == (&earlier.list, earlier.at));
    named
}

fn read(pointer: &str) -> Option<Named> {
    const BLOCKS: &str = "/blocks/";
    let start = pointer.rfind(BLOCKS)?;
    let rest = &pointer[start + BLOCKS.len()..];
    let (at, within) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    Some(Named { list: format!("{}/blocks", &pointer[..start]), at: at.parse().ok()?, within: within.to_owned() })
}

/// How much a block is to blame when Slack does not say which one: of a kind it may not know, or with a picture that it
/// may not reach.
fn doubt(block: &Value) -> u8 {
    let kind = string(block, "type");
    if !TAKEN.contains(&kind) {
        2
    } else {
        u8::from(
            matches!(kind, "image" | "video")
                || has_picture(block.get("accessory"))
                || has_picture(block.get("elements")),
        )
    }
}

fn has_picture(value: Option<&Value>) -> bool {
    value.is_some_and(|value| match value {
        Value::Array(items) => items.iter().any(elements::is_image),
        value => elements::is_image(value),
    })
}

/// Replaces a block, or only the picture in it that Slack cannot show. A line about that, or nothing if nothing changed.
fn replace(list: &mut Vec<Value>, at: usize, within: &str) -> Option<String> {
    let block = list.get_mut(at)?;
    if within.starts_with("/accessory")
        && block.get("accessory").is_some_and(elements::is_image)
        && (block.get("text").is_some() || block.get("fields").is_some())
    {
        let text = as_text::of_object(&block["accessory"]);
        content::remove(block, "accessory");
        list.splice(at + 1..=at, blocks::sections(&text));
        return Some(replaced("image"));
    }
    if let Some(element) = element_of(within).and_then(|pointer| block.pointer_mut(&pointer))
        && elements::is_image(element)
    {
        *element = json!({"type": "mrkdwn", "text": as_text::of_object(element)});
        return Some(replaced("image"));
    }
    let line = replaced(string(block, "type"));
    let text = as_text::of_block(block);
    let instead = blocks::sections(if text.trim().is_empty() { "[empty block]" } else { &text });
    if instead.first() == Some(block) {
        return None;
    }
    list.splice(at..=at, instead);
    Some(line)
}

/// `/elements/3` of `/elements/3/image_url`.
fn element_of(within: &str) -> Option<String> {
    let at = within.strip_prefix("/elements/")?.split('/').next()?;
    Some(format!("/elements/{at}"))
}

fn replaced(kind: &str) -> String {
    let kind = escape(&cut(&kind.replace('_', " "), 40));
    format!("A block of kind “{kind}” could not be shown here and was replaced by its text.")
}

fn remove_additions(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(remove_additions),
        Value::Object(fields) => {
            // An attachment's and a date's `fallback` is no addition.
            if fields.get("type").is_some_and(|kind| kind == "image" || kind == "video") {
                fields.retain(|key, _| !ADDITIONS.contains(&key.as_str()));
            }
            fields.values_mut().for_each(remove_additions);
        }
        _ => {}
    }
}

/// An attachment with nothing but text.
fn aside(mrkdwn: &str) -> Value {
    json!({"text": mrkdwn, "fallback": cut(mrkdwn, 300), "mrkdwn_in": ["text"]})
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::mentions::{Mentioned, mentioned};
    use super::super::{mirror, samples};
    use super::*;

    fn section(text: &str) -> Value {
        json!({"type": "section", "text": {"type": "mrkdwn", "text": text}})
    }

    fn image(url: &str) -> Value {
        json!({"type": "image", "image_url": url, "alt_text": "a cat"})
    }

    /// One step down after these complaints: the blocks, and what was told.
    fn after(body: Value, errors: &[&str]) -> (Value, Vec<String>) {
        let mut step = Step::of(body);
        let errors: Vec<String> = errors.iter().map(|&error| error.to_owned()).collect();
        assert!(step.down("invalid_blocks", &errors), "nothing changed: {}", step.body);
        (step.body["blocks"].take(), step.left_out)
    }

    #[test]
    fn every_named_block_is_replaced_by_its_text_and_the_rest_stays() {
        let body = json!({"text": "t", "blocks": [
            {"type": "task_card", "title": "First"}, section("stays"), {"type": "task_card", "title": "Second"}, {"type": "call"}]});
        let (blocks, told) = after(
            body,
            &[
                "unsupported type: call [json-pointer:/blocks/3/type]",
                "unsupported type: task_card [json-pointer:/blocks/0/type]",
                "[ERROR] unsupported type: task_card [json-pointer:/blocks/0/type]",
                "unsupported type: task_card [json-pointer:/blocks/2/type]",
            ],
        );
        assert_eq!(blocks, json!([section("First"), section("stays"), section("Second"), section("[call]")]));
        assert_eq!(
            told,
            [
                "A block of kind “call” could not be shown here and was replaced by its text.",
                "A block of kind “task card” could not be shown here and was replaced by its text.",
            ]
        );
    }

    #[test]
    fn a_picture_that_cannot_be_shown_becomes_a_link_and_what_it_stands_in_stays() {
        let mut with = section("see");
        with["accessory"] = image("https://a.example/1.png");
        let body = json!({"text": "t", "blocks": [with, image("https://a.example/2.png"),
            {"type": "context", "elements": [image("https://a.example/3.png"), {"type": "mrkdwn", "text": "small"}]}]});
        let (blocks, told) = after(
            body,
            &[
                "downloading image failed [json-pointer:/blocks/0/accessory/image_url]",
                "downloading image failed [json-pointer:/blocks/1/image_url]",
                "downloading image failed [json-pointer:/blocks/2/elements/0/image_url]",
            ],
        );
        assert_eq!(
            blocks,
            json!([section("see"), section("<https://a.example/1.png|a cat>"), section("<https://a.example/2.png|a cat>"),
            {"type": "context", "elements": [
                {"type": "mrkdwn", "text": "<https://a.example/3.png|a cat>"}, {"type": "mrkdwn", "text": "small"}]}])
        );
        assert_eq!(told, ["A block of kind “image” could not be shown here and was replaced by its text."]);
    }

    #[test]
    fn what_slack_added_itself_goes_first_and_nobody_is_told() {
        let mut picture = image("https://a.example/1.png");
        for key in ADDITIONS {
            picture[key] = json!(1);
        }
        let date = json!({"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
            {"type": "date", "timestamp": 1, "format": "{date}", "fallback": "then"}]}]});
        let body =
            json!({"text": "t", "blocks": [picture, date], "attachments": [{"fallback": "f", "blocks": [picture]}]});
        let clean = json!([image("https://a.example/1.png"), date]);
        let (blocks, told) =
            after(body.clone(), &["invalid additional property: image_width [json-pointer:/blocks/0]"]);
        assert_eq!((blocks, told.len()), (clean.clone(), 0));
        let mut step = Step::of(body);
        assert!(step.down("invalid_blocks", &[]));
        assert_eq!(step.body["blocks"], clean);
        assert_eq!(step.body["attachments"], json!([{"fallback": "f", "blocks": [image("https://a.example/1.png")]}]));
    }

    #[test]
    fn without_a_pointer_the_least_known_kind_is_blamed_first() {
        let picture = || image("https://a.example/1.png");
        let mut step = Step::of(json!({"text": "t", "blocks": [section("a"), picture(), {"type": "call"}]}));
        assert!(step.down("invalid_blocks", &[]));
        assert_eq!(step.body["blocks"], json!([section("a"), picture(), section("[call]")]));
        assert!(step.down("invalid_blocks", &[]));
        assert_eq!(
            step.body["blocks"],
            json!([section("a"), section("<https://a.example/1.png|a cat>"), section("[call]")])
        );
        assert!(step.down("invalid_blocks", &[]));
        assert_eq!(
            (step.body["text"].as_str().unwrap(), step.body.get("blocks")),
            ("a\n<https://a.example/1.png|a cat>\n[call]", None)
        );
        assert_eq!(step.left_out.len(), 3);
        assert!(!step.down("invalid_blocks", &[]), "there is nothing plainer");
        assert!(step.give_up() && !step.give_up());
    }

    #[test]
    fn a_section_that_is_too_long_becomes_several() {
        let mut step = Step::of(json!({"attachments": [{"blocks": [section(&"word ".repeat(1000))]}]}));
        let error = "must be less than 3001 characters [json-pointer:/attachments/0/blocks/0/text/text]".to_owned();
        assert!(step.down("invalid_blocks", &[error]));
        assert_eq!(step.body["attachments"][0]["blocks"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn what_is_too_much_becomes_text_and_none_of_it_is_lost() {
        let body = json!({"text": "short", "blocks": vec![section(&"word ".repeat(500)); 5], "attachments": [{"text": "end"}]});
        for (code, error) in
            [("msg_blocks_too_long", ""), ("invalid_blocks", "no more than 50 items allowed [json-pointer:/blocks]")]
        {
            let mut step = Step::of(body.clone());
            assert!(step.down(code, &[error.to_owned()]));
            assert!(step.body["text"].as_str().unwrap().chars().count() <= TEXT_LIMIT);
            let attached = items(&step.body, "attachments");
            let shown: String =
                std::iter::once(&step.body).chain(attached).map(|shown| string(shown, "text")).collect();
            assert_eq!(shown.matches("word").count(), 2500);
            assert_eq!(string(attached.last().unwrap(), "text"), "end");
        }
    }

    #[test]
    fn what_a_person_typed_is_its_own_text() {
        let typed = json!([{"type": "rich_text", "elements": []}]);
        let mut step = Step::of(json!({"text": "*hello*", "blocks": typed}));
        assert!(
            step.down("invalid_blocks", &["must be more than 0 items [json-pointer:/blocks/0/elements]".to_owned()])
        );
        assert_eq!(step.body, json!({"text": "*hello*"}));
    }

    #[test]
    fn refused_attachments_go_below_the_words() {
        for code in OF_ATTACHMENTS {
            let mut step =
                Step::of(json!({"text": "see", "attachments": [{"title": "T", "text": "body", "color": "#fff"}]}));
            assert!(step.down(code, &[]));
            assert_eq!(step.body, json!({"text": "see\n*T*\nbody"}));
            assert!(!step.down(code, &[]));
            let mut step =
                Step::of(json!({"text": "t", "blocks": [section("see")], "attachments": [{"text": "body"}]}));
            assert!(step.down(code, &[]));
            assert_eq!(step.body["blocks"], json!([section("see"), section("body")]));
            assert_eq!(step.left_out.len(), 1);
        }
    }

    #[test]
    fn the_note_stands_once_below_the_message() {
        let lines = ["One.".to_owned(), "Two.".to_owned()];
        let mut body = json!({"text": "hi"});
        note(&mut body, &lines);
        assert_eq!(body, json!({"text": "hi\n_One._\n_Two._"}));
        let mut body = json!({"text": "hi", "blocks": [section("hi")]});
        note(&mut body, &lines[..1]);
        assert_eq!(body["blocks"][1], json!({"type": "context", "elements": [{"type": "mrkdwn", "text": "_One._"}]}));
        let mut full = json!({"text": "hi", "blocks": vec![section("hi"); 50]});
        note(&mut full, &vec!["x".to_owned(); 7]);
        assert_eq!(full["attachments"][0]["text"], "_x_\n_x_\n_x_\n_x_\n_x_\n_… (+2)_");
        let before = full.clone();
        note(&mut full, &[]);
        assert_eq!(full, before);
    }

    #[test]
    fn the_last_step_is_a_line_of_the_same_speaker() {
        let mut step = Step::of(json!({"username": "Phil", "channel": "C1", "metadata": {"event_type": "megatron"},
            "text": "t", "blocks": [{"type": "divider"}], "attachments": [{}], "unfurl_links": false}));
        assert!(step.give_up());
        assert_eq!(
            step.body,
            json!({"username": "Phil", "channel": "C1", "metadata": {"event_type": "megatron"},
            "text": "_A message that cannot be shown here._", "unfurl_links": false})
        );
    }

    proptest! {
        #[test]
        fn every_way_down_ends_and_mentions_nobody(
            message in prop_oneof![samples::any_message().boxed(), samples::message()],
            refusals in prop::collection::vec((prop::sample::select(&["invalid_blocks", "invalid_attachments", "msg_too_long", "no_text"][..]), 0usize..5), 12),
        ) {
            let speaker = mirror::Speaker { name: "Phil".to_owned(), icon_url: None };
            let mut step = Step::of(mirror::post(&message, &speaker, &samples::names()));
            let mut steps = 0;
            for (code, at) in refusals {
                let before = step.clone();
                if !step.down(code, &[format!("bad [json-pointer:/blocks/{at}/x]"), format!("[json-pointer:/attachments/0/blocks/{at}]")]) {
                    prop_assert_eq!(&before.body, &step.body);
                    break;
                }
                steps += 1;
                let mut noted = step.body.clone();
                note(&mut noted, &step.left_out);
                prop_assert_eq!(mentioned(&noted), Mentioned::default(), "{}", noted);
            }
            prop_assert!(steps <= STEPS);
        }
    }
}
