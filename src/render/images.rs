//! Pictures that only their own workspace can show: taken out of a message, to be carried over as files. Called by `takeover`.

use serde_json::{Value, json};
use url::Url;

use super::elements::is_image;
use super::text::{cut, escape, unescape};
use super::{content, items, string};

/// The longest description of a picture, in characters.
const ALT_LIMIT: usize = 200;
/// How deep blocks are looked into.
const DEPTH: usize = 8;

/// Whether an address is one of Slack's for files, which asks for a token of their workspace: on Slack's own hosts, or on the
/// one where the Web API is.
#[must_use]
pub fn is_private(url: &str, api: &Url) -> bool {
    Url::parse(url).is_ok_and(|url| {
        let host = url.host_str().unwrap_or_default();
        host == "files.slack.com" || host.ends_with(".slack-files.com") || url.origin() == api.origin()
    })
}

/// Takes the pictures out of `blocks` and `attachments` that are files of the workspace (`slack_file`) or whose address is
/// private, and the files of messages that were shared. In their place stays a line: `🖼️ *a chart*, below`.
///
/// The answer is a list of Slack file objects, each file once: with `url_private_download`, or with an id alone, by which the
/// rest must be asked for. Pictures that everybody can see stay as they are.
pub fn take_private(message: &mut Value, is_private: &dyn Fn(&str) -> bool) -> Vec<Value> {
    let mut taking = Taking { is_private, files: Vec::new() };
    *message = content::as_event(message);
    taking.blocks(message);
    if let Some(Value::Array(attachments)) = message.get_mut("attachments") {
        for attachment in attachments {
            taking.attachment(attachment);
        }
    }
    taking.files
}

struct Taking<'a> {
    is_private: &'a dyn Fn(&str) -> bool,
    files: Vec<Value>,
}

impl Taking<'_> {
    fn blocks(&mut self, of: &mut Value) {
        let Some(Value::Array(blocks)) = of.get_mut("blocks") else { return };
        *blocks = std::mem::take(blocks).into_iter().flat_map(|block| self.block(block)).collect();
    }

    /// The block without its private pictures, and a line below it for those that leave no place of their own.
    fn block(&mut self, mut block: Value) -> Vec<Value> {
        if let Some(line) = is_image(&block).then(|| self.image(&block)).flatten() {
            return vec![context(&line)];
        }
        self.blocks(&mut block);
        let mut below = Vec::new();
        self.within(&mut block, DEPTH, &mut below);
        let mut blocks = vec![block];
        if !below.is_empty() {
            blocks.push(context(&below.join("\n")));
        }
        blocks
    }

    /// Pictures inside of a block: one in a list becomes text there, one under a key goes, with a line `below`.
    fn within(&mut self, value: &mut Value, depth: usize, below: &mut Vec<String>) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match value {
            Value::Array(list) => {
                for item in list {
                    match is_image(item).then(|| self.image(item)).flatten() {
                        Some(line) => *item = json!({"type": "mrkdwn", "text": line}),
                        None => self.within(item, depth, below),
                    }
                }
            }
            Value::Object(fields) => {
                fields.retain(|key, field| {
                    let line = (key != "blocks" && is_image(field)).then(|| self.image(field)).flatten();
                    let stays = line.is_none();
                    below.extend(line);
                    stays
                });
                for (_, field) in fields.iter_mut().filter(|(key, _)| *key != "blocks") {
                    self.within(field, depth, below);
                }
            }
            _ => {}
        }
    }

    fn attachment(&mut self, attachment: &mut Value) {
        let mut lines = Vec::new();
        for key in ["image_url", "thumb_url"] {
            let url = string(attachment, key).to_owned();
            if (self.is_private)(&url) {
                let alt =
                    ["title", "fallback"].map(|key| string(attachment, key)).into_iter().find(|alt| !alt.is_empty());
                let alt = unescape(alt.unwrap_or_default());
                lines.push(line(&alt));
                self.carry(behind(&url, &alt));
                content::remove(attachment, key);
            }
        }
        for file in items(attachment, "files").to_vec() {
            lines.push(format!("📎 *{}*, below", escape(&one_line(&unescape(string(&file, "name"))))));
            self.carry(file);
        }
        content::remove(attachment, "files");
        if !lines.is_empty() {
            let text = [string(attachment, "text")].into_iter().filter(|text| !text.is_empty()).map(str::to_owned);
            attachment["text"] = Value::from(text.chain(lines).collect::<Vec<_>>().join("\n"));
        }
        self.blocks(attachment);
    }

    /// Carries a picture over if it is private. The line to stand in its place.
    fn image(&mut self, image: &Value) -> Option<String> {
        let title = image.get("title").map(|title| string(title, "text")).filter(|title| !title.is_empty());
        let alt = title.unwrap_or_else(|| string(image, "alt_text"));
        let url = string(image, "image_url");
        let file = match image.get("slack_file") {
            Some(file) => match (string(file, "id"), string(file, "url")) {
                ("", url) => behind(url, alt),
                (id, _) => to_be_asked_for(id, alt),
            },
            None if (self.is_private)(url) => behind(url, alt),
            None => return None,
        };
        self.carry(file);
        Some(line(alt))
    }

    fn carry(&mut self, file: Value) {
        let is_same = |known: &Value| {
            let same = |key| !string(known, key).is_empty() && string(known, key) == string(&file, key);
            same("id") || same("url_private_download")
        };
        if !self.files.iter().any(is_same) {
            self.files.push(file);
        }
    }
}

fn line(alt: &str) -> String {
    match one_line(alt) {
        alt if alt.is_empty() => "🖼️ picture, below".to_owned(),
        alt => format!("🖼️ *{}*, below", escape(&alt)),
    }
}

fn one_line(text: &str) -> String {
    cut(&text.split_whitespace().collect::<Vec<_>>().join(" "), ALT_LIMIT)
}

fn context(mrkdwn: &str) -> Value {
    json!({"type": "context", "elements": [{"type": "mrkdwn", "text": cut(mrkdwn, 2_900)}]})
}

/// The file at an address. One of Slack's names the file's id (`.../files-pri/T1-F1/chart.png`).
fn behind(url: &str, alt: &str) -> Value {
    let path = Url::parse(url).ok();
    let segments: Vec<&str> = path.iter().filter_map(Url::path_segments).flatten().collect();
    let name = segments.last().copied().filter(|name| !name.is_empty()).unwrap_or("picture");
    let id = segments.iter().flat_map(|segment| segment.split('-')).find(|part| is_file_id(part));
    let mimetype = match name.rsplit('.').next().map(str::to_ascii_lowercase).as_deref() {
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("gif") => "image/gif",
        Some("webp") => "image/webp",
        _ => "image/png",
    };
    let mut file =
        json!({"name": name, "title": alt, "alt_txt": alt, "mimetype": mimetype, "url_private_download": url});
    if let Some(id) = id {
        file["id"] = Value::from(id);
    }
    file
}

/// A file of which nothing but the id is known.
fn to_be_asked_for(id: &str, alt: &str) -> Value {
    json!({"id": id, "title": alt, "alt_txt": alt})
}

fn is_file_id(text: &str) -> bool {
    text.len() > 6 && text.starts_with('F') && text.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::{mirror, samples};
    use super::*;

    const PRIVATE: &str = "https://files.slack.com/files-pri/T0ACME-F0CHART77/chart%201.jpg";

    fn is_private(url: &str) -> bool {
        url.starts_with("https://files.slack.com/")
    }

    #[test]
    fn private_pictures_become_files_and_a_line() {
        let image = |url: &str| json!({"type": "image", "image_url": url, "alt_text": "a <chart>"});
        let text = json!({"type": "mrkdwn", "text": "see"});
        let mut message = json!({"text": "t", "blocks": [
            image(PRIVATE),
            image("https://a.example/public.png"),
            {"type": "section", "text": text, "accessory": image("https://files.slack.com/other.png")},
            {"type": "context", "elements": [image(PRIVATE), text]},
            {"type": "image", "slack_file": {"id": "F0FILE"}, "alt_text": "x", "title": {"type": "plain_text", "text": "Sums"}},
            {"type": "card", "hero_image": {"type": "image", "slack_file": {"url": PRIVATE}, "alt_text": ""}, "title": text}]});
        let files = take_private(&mut message, &is_private);
        assert_eq!(
            Value::from(files),
            json!([
                {"name": "chart%201.jpg", "title": "a <chart>", "alt_txt": "a <chart>", "mimetype": "image/jpeg",
                 "url_private_download": PRIVATE, "id": "F0CHART77"},
                {"name": "other.png", "title": "a <chart>", "alt_txt": "a <chart>", "mimetype": "image/png",
                 "url_private_download": "https://files.slack.com/other.png"},
                {"id": "F0FILE", "title": "Sums", "alt_txt": "Sums"},
            ])
        );
        let line = json!({"type": "mrkdwn", "text": "🖼️ *a &lt;chart&gt;*, below"});
        assert_eq!(
            message["blocks"],
            json!([
                {"type": "context", "elements": [line]},
                image("https://a.example/public.png"),
                {"type": "section", "text": text}, {"type": "context", "elements": [line]},
                {"type": "context", "elements": [line, text]},
                {"type": "context", "elements": [{"type": "mrkdwn", "text": "🖼️ *Sums*, below"}]},
                {"type": "card", "title": text},
                {"type": "context", "elements": [{"type": "mrkdwn", "text": "🖼️ picture, below"}]},
            ])
        );
    }

    #[test]
    fn pictures_and_files_of_attachments_are_taken_too() {
        let icon = "https://files.slack.com/icon.png";
        let mut message = json!({"text": "", "attachments": [
            {"title": "Chart", "image_url": PRIVATE, "thumb_url": "https://a.example/t.png", "author_icon": icon},
            {"text": "shared", "is_share": true, "files": [{"id": "F1", "name": "plan.pdf", "url_private_download": "https://x"}]}]});
        let files = take_private(&mut message, &is_private);
        assert_eq!(files.iter().map(|file| string(file, "id")).collect::<Vec<_>>(), ["F0CHART77", "F1"]);
        assert_eq!(
            message["attachments"],
            json!([
                {"title": "Chart", "thumb_url": "https://a.example/t.png", "author_icon": icon, "text": "🖼️ *Chart*, below"},
                {"text": "shared\n📎 *plan.pdf*, below", "is_share": true},
            ])
        );
    }

    proptest! {
        #[test]
        fn a_message_without_private_pictures_stays_as_it_is(message in samples::message()) {
            prop_assume!(!message.to_string().contains("slack_file"));
            let mut after = message.clone();
            prop_assert_eq!(take_private(&mut after, &|_| false), Vec::<Value>::new());
            prop_assert_eq!(after, message);
        }

        #[test]
        fn no_private_picture_stays(message in samples::message()) {
            let mut message = message;
            let files = take_private(&mut message, &|url| url.starts_with("http"));
            prop_assert!(!message.to_string().contains("\"slack_file\""), "{message}");
            prop_assert!(take_private(&mut message, &|url| url.starts_with("http")).is_empty());
            prop_assert!(files.is_empty() || !mirror::is_blank(&message));
        }

        #[test]
        fn any_message_is_looked_through_without_a_panic(message in samples::any_message()) {
            let mut message = message;
            let _ = take_private(&mut message, &|url| url.contains('a'));
        }
    }
}
