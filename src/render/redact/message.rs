//! Where in a message the texts are. Used by [`super`].
//!
//! Every string is a text, whatever Slack invents, except under keys that hold ids, stamps and the like.

use serde_json::{Map, Number, Value};

use super::run::Run;
use super::words::{Field, Words};
use super::{Redactor, card, last_four, mask_field};
use crate::render::{as_text, string};

/// Keys whose strings and numbers nobody reads, and without which the message would not work.
const TECHNICAL: [&str; 40] = [
    "app_unfurl_url",
    "avatar_hash",
    "border",
    "channel",
    "channels",
    "color",
    "created",
    "edit_link",
    "emoji",
    "event_time",
    "event_type",
    "file_access",
    "filetype",
    "height",
    "hidden_by",
    "id",
    "ids",
    "indent",
    "language",
    "latest_reply",
    "mimetype",
    "mode",
    "offset",
    "original_h",
    "original_w",
    "range",
    "size",
    "slack_file",
    "style",
    "subtype",
    "team",
    "timestamp",
    "ts",
    "type",
    "unicode",
    "updated",
    "user",
    "users",
    "video_url",
    "width",
];
/// How such keys begin.
const TECHNICAL_STARTS: [&str; 2] = ["icon", "image_"];
/// How the keys of a file's addresses begin, which end in its name.
const ADDRESS_STARTS: [&str; 3] = ["permalink", "thumb", "url_private"];
/// How such keys end.
const TECHNICAL_ENDS: [&str; 5] = ["_ts", "_id", "_ids", "_icon", "_hash"];
/// Under these keys stands the title of a field.
const TITLES: [&str; 4] = ["title", "label", "name", "key"];
/// Under these keys stands the value of a field that has a title.
const VALUES: [&str; 3] = ["value", "initial_value", "text"];
/// Between what does not follow each other at once. No part of a number.
const BREAK: &str = "\n";

impl Redactor {
    /// Masks what stands in a value.
    pub(super) fn visit(&self, value: &mut Value) {
        match value {
            Value::String(text) => self.mask(&mut Run::of(text)),
            Value::Number(number) => self.mask_number(number),
            Value::Array(items) => items.iter_mut().for_each(|item| self.visit(item)),
            Value::Object(_) if is_rich(value) => {
                let mut run = Run::default();
                self.gather(value, &mut run);
                self.mask(&mut run);
            }
            Value::Object(fields) => self.object(fields),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn object(&self, object: &mut Map<String, Value>) {
        if let Some(words) = &self.words {
            titled(words, object);
        }
        for (key, value) in object {
            match (key.as_str(), value) {
                ("slack_file", _) => {}
                (key, Value::String(address)) if is_address(key) => self.file_name(address),
                (key, value) if is_technical(key) => self.inside(value),
                ("blocks" | "attachments", Value::String(json)) => self.json(json),
                (_, value) => self.visit(value),
            }
        }
    }

    /// Under a technical key, objects have keys of their own; all else stays.
    fn inside(&self, value: &mut Value) {
        match value {
            Value::Object(object) => self.object(object),
            Value::Array(items) => items.iter_mut().for_each(|item| self.inside(item)),
            _ => {}
        }
    }

    /// Slack puts the name of a file into its addresses; the rest of these stays.
    fn file_name(&self, address: &mut String) {
        if let (Some(_), Some((path, name))) = (&self.words, address.rsplit_once('/')) {
            let mut name = name.to_owned();
            Run::of(&mut name).mask("•", card::find);
            *address = format!("{path}/{name}");
        }
    }

    /// Callers of `chat.postMessage` may give an array as a string of JSON.
    fn json(&self, json: &mut String) {
        let Ok(before) = serde_json::from_str::<Value>(json) else { return self.mask(&mut Run::of(json)) };
        let mut after = before.clone();
        self.visit(&mut after);
        if after != before {
            *json = after.to_string();
        }
    }

    /// The text of a rich text, as it is read: leaves that follow each other at once are one text.
    fn gather<'v>(&self, value: &'v mut Value, run: &mut Run<'v>) {
        if matches!(string(value, "type"), "text" | "link") {
            return self.gather_parts(value, run);
        }
        run.gap(BREAK);
        if has_elements(value) {
            self.gather_parts(value, run);
        } else if string(value, "type") != "emoji" {
            self.visit(value);
        }
        run.gap(BREAK);
    }

    fn gather_parts<'v>(&self, value: &'v mut Value, run: &mut Run<'v>) {
        for (key, value) in value.as_object_mut().into_iter().flatten() {
            if key == "elements" {
                value.as_array_mut().into_iter().flatten().for_each(|element| self.gather(element, run));
            } else if key == "text" && value.is_string() {
                run.leaf(value);
            } else if is_technical(key) {
                self.inside(value);
            } else {
                self.visit(value);
            }
        }
    }
}

/// Masks what stands under a title that says what it is.
fn titled(words: &Words, object: &mut Map<String, Value>) {
    let titles = TITLES.iter().filter_map(|key| object.get(*key));
    if let Some(field) = titles.map(title_of).find_map(|title| words.field(&title)) {
        for key in VALUES {
            object.get_mut(key).into_iter().for_each(|value| mask_all(field, value));
        }
        object
            .get_mut("element")
            .and_then(|input| input.get_mut("initial_value"))
            .into_iter()
            .for_each(|value| mask_all(field, value));
    }
    if let Some(Value::Array(cells)) = object.get_mut("fields") {
        cells.iter_mut().filter_map(|cell| cell.get_mut("text")).for_each(|text| titled_line(words, text));
        titled_neighbours(words, cells);
    }
    if let Some(Value::Array(rows)) = object.get_mut("rows") {
        titled_columns(words, rows);
        rows.iter_mut().filter_map(Value::as_array_mut).for_each(|row| titled_neighbours(words, row));
    }
}

/// `*Card number*` and, on the next line, the number.
fn titled_line(words: &Words, text: &mut Value) {
    if let Value::String(text) = text
        && let Some((title, value)) = text.split_once('\n')
        && let Some(field) = words.field(title)
    {
        let mut value = value.to_owned();
        mask_field(field, &mut Run::of(&mut value));
        *text = format!("{title}\n{value}");
    }
}

/// The title on the left, the value on the right, unless each field has a title of its own.
fn titled_neighbours(words: &Words, cells: &mut [Value]) {
    for pair in cells.chunks_exact_mut(2) {
        if let [title, value] = pair
            && title.get("title").is_none()
            && let Some(field) = words.field(&title_of(title))
        {
            mask_all(field, value);
        }
    }
}

/// The titles in the first row of a table, the values below them.
fn titled_columns(words: &Words, rows: &mut [Value]) {
    let Some((Value::Array(titles), rows)) = rows.split_first_mut() else { return };
    let titles: Vec<String> = titles.iter().map(title_of).collect();
    for (column, field) in titles.iter().enumerate().filter_map(|(column, title)| Some((column, words.field(title)?))) {
        rows.iter_mut().filter_map(|row| row.get_mut(column)).for_each(|cell| mask_all(field, cell));
    }
}

/// Masks all digits of a value, or all but the last four of a card.
fn mask_all(field: Field, value: &mut Value) {
    match value {
        Value::String(text) => mask_field(field, &mut Run::of(text)),
        Value::Number(number) if field == Field::Number => *number = last_four(number),
        Value::Number(number) => *number = Number::from(0),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_all(field, item)),
        Value::Object(object) => {
            object.iter_mut().filter(|(key, _)| !is_technical(key)).for_each(|(_, value)| mask_all(field, value));
        }
        Value::Null | Value::Bool(_) => {}
    }
}

/// A title as text, whether it is a string or an object of Slack's.
fn title_of(title: &Value) -> String {
    title.as_str().map_or_else(|| as_text::of_object(title), str::to_owned)
}

fn is_rich(value: &Value) -> bool {
    string(value, "type").starts_with("rich_text") && has_elements(value)
}

fn has_elements(value: &Value) -> bool {
    value.get("elements").is_some_and(Value::is_array)
}

pub(super) fn is_technical(key: &str) -> bool {
    TECHNICAL.contains(&key)
        || is_address(key)
        || TECHNICAL_STARTS.iter().any(|start| key.starts_with(start))
        || TECHNICAL_ENDS.iter().any(|end| key.ends_with(end))
}

fn is_address(key: &str) -> bool {
    ADDRESS_STARTS.iter().any(|start| key.starts_with(start))
}
