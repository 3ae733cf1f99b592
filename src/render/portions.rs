//! A message in the portions in which it is relayed: posts one after the other, and files with the words that go with them.
//! Called by `takeover`, for both ways.

use serde_json::{Value, json};

use super::{content, images, items, mirror, notice};

/// What is to be done about a message.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Portions {
    /// What is posted, in order.
    pub parts: Vec<Value>,
    /// The words that go with files, and the files. The words are the last part of the message.
    pub caption: Option<(Value, Vec<Value>)>,
    /// One line for each file that cannot be brought over.
    pub told: Vec<String>,
}

/// The portions of a message as Slack gave it. Pictures at [private](images::take_private) addresses are files like the
/// others.
///
/// A caption is text alone: of a message with blocks of its own, the files follow without words.
#[must_use]
pub fn of(message: &Value, is_private: &dyn Fn(&str) -> bool) -> Portions {
    let message = &mut message.clone();
    let pictures = images::take_private(message, is_private);
    let all = items(message, "files").iter().chain(&pictures);
    let (files, kept): (Vec<&Value>, Vec<&Value>) = all.partition(|file| is_portable(file));
    let told = kept.into_iter().map(notice::file).collect();
    let mut parts = if mirror::is_blank(message) { Vec::new() } else { mirror::parts(message) };
    let caption = (!files.is_empty()).then(|| {
        let words = parts.pop_if(|last| content::is_plain(last)).unwrap_or_else(|| silent(message));
        (words, files.into_iter().cloned().collect())
    });
    Portions { parts, caption, told }
}

/// A message without its words; it still answers what it answers.
#[must_use]
pub fn silent(message: &Value) -> Value {
    json!({ "thread_ts": message.get("thread_ts") })
}

/// Whether there is something to fetch behind a file: it is there, it is in Slack, and it is a file rather than a page.
/// <https://docs.slack.dev/reference/objects/file-object>
fn is_portable(file: &Value) -> bool {
    !matches!(
        super::string(file, "mode"),
        "tombstone" | "hidden_by_limit" | "external" | "canvas" | "quip" | "space" | "docs" | "list"
    )
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn words_go_with_the_files_they_came_with() {
        let message =
            json!({ "text": "look", "blocks": [{ "type": "rich_text", "elements": [] }], "files": [{ "id": "F1" }] });
        let portions = of(&message, &|_| false);
        let (caption, files) = portions.caption.unwrap();
        assert_eq!((portions.parts.len(), caption["text"].as_str().unwrap(), files.len()), (0, "look", 1));
    }

    #[test]
    fn of_a_long_text_the_last_part_is_the_caption() {
        let portions = of(&json!({ "text": "word ".repeat(1500), "files": [{ "id": "F1" }] }), &|_| false);
        assert_eq!(portions.parts.len(), 2);
        assert!(portions.caption.unwrap().0["text"].as_str().unwrap().starts_with("word"));
    }

    #[test]
    fn blocks_are_no_caption() {
        let portions =
            of(&json!({ "text": "t", "blocks": [{ "type": "divider" }], "files": [{ "id": "F1" }] }), &|_| false);
        assert_eq!((portions.parts.len(), portions.caption.unwrap().0), (1, json!({ "thread_ts": null })));
    }

    #[test]
    fn what_cannot_be_fetched_is_told() {
        let message = json!({ "files": [{ "id": "F1", "mode": "tombstone" }, { "id": "F2", "mode": "snippet" }] });
        let portions = of(&message, &|_| false);
        assert_eq!(portions.told, ["📎 sent a file that was deleted since"]);
        assert_eq!(portions.caption.unwrap().1.len(), 1);
    }

    #[test]
    fn pictures_that_only_their_workspace_shows_are_files() {
        let message = json!({ "text": "t", "files": [{ "id": "F1" }], "blocks": [
            { "type": "image", "image_url": "https://files.slack.com/a.png", "alt_text": "chart" },
            { "type": "image", "image_url": "https://a.example/b.png", "alt_text": "cat" }] });
        let portions = of(&message, &|url| url.starts_with("https://files.slack.com"));
        let (caption, files) = portions.caption.unwrap();
        assert_eq!((portions.parts.len(), files.len(), caption), (1, 2, json!({ "thread_ts": null })));
        assert_eq!(files[1]["url_private_download"], "https://files.slack.com/a.png");
        assert_eq!(portions.parts[0]["blocks"][1], message["blocks"][1]);
    }
}
