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

mod repair;

use serde_json::{Value, json};

use super::content::{self, TEXT_LIMIT};
use super::split::split;
use super::text::cut;
use super::{as_text, blocks, items, string};
use repair::{Named, doubt, named, remove_additions, replace};

/// Repairs of single blocks before everything becomes text: Slack may name one at a time.
const REPAIRS: u8 = 4;
/// Steps in all.
const STEPS: u8 = 8;
/// The most blocks in one message.
const BLOCKS_LIMIT: usize = 50;
/// The most lines of a note.
const LINES_SHOWN: usize = 5;
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

/// What of a message may not arrive as it is, one line for each block of a kind that Slack is not known to take from apps:
/// for who sends it.
#[must_use]
pub fn doubts(message: &Value) -> Vec<String> {
    let doubtful = items(message, "blocks").iter().enumerate().filter(|(_, block)| !repair::is_taken(block));
    doubtful
        .map(|(at, block)| {
            let kind = cut(string(block, "type"), 80);
            format!("message.blocks[{at}]: `{kind}` is not a block that Slack is known to take; if it does not, its text is sent")
        })
        .collect()
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
        let before = self.body.clone();
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
        // A list without blocks goes unseen.
        self.body != before
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

/// An attachment with nothing but text.
fn aside(mrkdwn: &str) -> Value {
    json!({"text": mrkdwn, "fallback": cut(mrkdwn, 300), "mrkdwn_in": ["text"]})
}

#[cfg(test)]
mod tests;
