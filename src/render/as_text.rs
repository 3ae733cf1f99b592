//! Blocks and attachments as mrkdwn text: for notifications, screen readers, and where Slack refuses the blocks.
//! Used by [`super::mirror`], [`super::blocks`] and [`super::notice`].

use serde_json::Value;

use super::text::{escape, link};
use super::{elements, items, rich_text, string};

/// Everything a message shows, as mrkdwn: its blocks (or its `text`, when it has none that say anything) and its attachments.
///
/// Empty when there is nothing to show but, perhaps, files.
#[must_use]
pub fn to_text(message: &Value) -> String {
    let body = match of_blocks(items(message, "blocks")) {
        blocks if blocks.is_empty() => string(message, "text").to_owned(),
        blocks => blocks,
    };
    paragraphs(std::iter::once(body).chain(items(message, "attachments").iter().map(of_attachment)), "\n")
}

/// Blocks as mrkdwn, one below the other.
pub(super) fn of_blocks(blocks: &[Value]) -> String {
    paragraphs(blocks.iter().map(of_block), "\n")
}

/// One block as mrkdwn; a type this does not know gives whatever text stands in it.
pub(super) fn of_block(block: &Value) -> String {
    let at = |key| block.get(key).map(of_object).unwrap_or_default();
    let all = |key: &str, between| paragraphs(items(block, key).iter().map(of_object), between);
    match string(block, "type") {
        "section" => paragraphs([at("text"), all("fields", "\n"), at("accessory")], "\n"),
        "header" => bold(&at("text")),
        "divider" => "———".to_owned(),
        "context" | "actions" | "context_actions" => all("elements", " "),
        "input" => paragraphs([bold(&at("label")), at("element"), at("hint")], "\n"),
        "image" => image(block),
        "video" => {
            let title = link(first_of(block, &["title_url", "video_url"]), &at("title"));
            paragraphs([title, at("description")], "\n")
        }
        "rich_text" => rich_text::to_mrkdwn(block),
        "table" | "data_table" => {
            let row =
                |row: &Value| row.as_array().map(|cells| cells.iter().map(of_object).collect::<Vec<_>>().join(" | "));
            paragraphs(items(block, "rows").iter().map(|cells| row(cells).unwrap_or_default()), "\n")
        }
        "file" => format!("[file {}]", escape(string(block, "external_id"))),
        kind => match of_object(block) {
            text if text.is_empty() && !kind.is_empty() => format!("[{}]", escape(&kind.replace('_', " "))),
            text => text,
        },
    }
}

/// A text object, an element, or anything else that stands in a block. A bare string is none of them: it may be an id.
pub(super) fn of_object(value: &Value) -> String {
    match string(value, "type") {
        "mrkdwn" | "markdown" => string(value, "text").to_owned(),
        "plain_text" | "raw_text" => escape(string(value, "text")),
        "image" => image(value),
        kind if kind.starts_with("rich_text") && !kind.ends_with("_input") => rich_text::to_mrkdwn(value),
        _ if elements::is_interactive(value) => elements::to_mrkdwn(value),
        _ => match value {
            Value::Number(number) => number.to_string(),
            _ => gathered(value),
        },
    }
}

/// An attachment as mrkdwn; its `fallback` when it shows nothing else.
pub(super) fn of_attachment(attachment: &Value) -> String {
    let at = |key| string(attachment, key).to_owned();
    let title = match string(attachment, "title_link") {
        "" => at("title"),
        url => link(url, string(attachment, "title")),
    };
    let field = |field: &Value| paragraphs([bold(string(field, "title")), string(field, "value").to_owned()], "\n");
    let image = match first_of(attachment, &["image_url", "thumb_url"]) {
        "" => String::new(),
        url => link(url, ""),
    };
    let shown = paragraphs(
        [at("pretext"), at("author_name"), bold(&title), at("text")]
            .into_iter()
            .chain(items(attachment, "fields").iter().map(field))
            .chain([of_blocks(items(attachment, "blocks")), legacy_actions(attachment), image, at("footer")]),
        "\n",
    );
    if shown.is_empty() { at("fallback") } else { shown }
}

/// The buttons and menus of an attachment, of the time before blocks. Their texts are mrkdwn strings.
pub(super) fn legacy_actions(attachment: &Value) -> String {
    paragraphs(
        items(attachment, "actions").iter().map(|action| {
            let options: Vec<&str> = items(action, "options").iter().map(|option| string(option, "text")).collect();
            match (string(action, "text"), options.join(" · ").as_str()) {
                (text, "") if !string(action, "url").is_empty() => link(string(action, "url"), &format!("[ {text} ]")),
                (text, "") => format!("[ {text} ]"),
                (text, options) => format!("[ {text}: {options} ]"),
            }
        }),
        " ",
    )
}

/// An image as a link with its alternative text.
fn image(image: &Value) -> String {
    let url = match string(image, "image_url") {
        "" => image.get("slack_file").map(|file| string(file, "url")).unwrap_or_default(),
        url => url,
    };
    let title = image.get("title").map(of_object).unwrap_or_default();
    let label = match (title, escape(string(image, "alt_text"))) {
        (title, alt) if title.is_empty() => alt,
        (title, _) => title,
    };
    match (url, label.is_empty()) {
        ("", true) => "[image]".to_owned(),
        (url, _) => link(url, &label),
    }
}

/// Whatever text stands anywhere in a value of an unknown kind.
fn gathered(value: &Value) -> String {
    const TEXT_KEYS: [&str; 8] = ["text", "title", "subtitle", "label", "body", "description", "details", "output"];
    match value {
        Value::Array(items) => paragraphs(items.iter().map(of_object), "\n"),
        Value::Object(fields) => paragraphs(
            fields.iter().map(|(key, field)| match field {
                Value::String(text) if key == "alt_text" => escape(text),
                Value::String(text) if TEXT_KEYS.contains(&key.as_str()) => text.clone(),
                Value::Array(_) | Value::Object(_) => of_object(field),
                _ => String::new(),
            }),
            "\n",
        ),
        _ => String::new(),
    }
}

fn first_of<'v>(value: &'v Value, keys: &[&str]) -> &'v str {
    keys.iter().map(|key| string(value, key)).find(|text| !text.is_empty()).unwrap_or_default()
}

fn bold(text: &str) -> String {
    if text.trim().is_empty() { String::new() } else { format!("*{}*", text.trim()) }
}

/// The texts that say something, with `between` between them.
fn paragraphs(texts: impl IntoIterator<Item = String>, between: &str) -> String {
    texts.into_iter().filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join(between)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::samples;
    use super::*;

    #[test]
    fn every_block_has_a_text() {
        insta::assert_snapshot!(to_text(&samples::every_block()), @r"
        *Head &amp; line*
        *hi*
        f1
        f2
        <https://a.example/i.png|a cat>
        pick
        [ Pick ]
        ———
        small print
        [ Approve ] <https://a.example/o|[ Open ]>
        *Why*
        [ plain text input ]
        <https://files.example/F1|Chart>
        <https://v.example|Film>
        about
        **md**
        a&lt;b | 1
        [file X1]
        [call]
        new
        deep
        ");
    }

    #[test]
    fn an_attachment_has_a_text() {
        let message = json!({"text": "see", "attachments": [
            {"pretext": "before", "author_name": "Bob", "title": "T", "title_link": "https://a.example", "text": "body",
             "fields": [{"title": "Sum", "value": "12"}], "actions": [{"type": "button", "text": "Yes"}],
             "image_url": "https://a.example/i.png", "footer": "foot", "fallback": "unused"},
            {"fallback": "only this"}]});
        insta::assert_snapshot!(to_text(&message), @r"
        see
        before
        Bob
        *<https://a.example|T>*
        body
        *Sum*
        12
        [ Yes ]
        <https://a.example/i.png>
        foot
        only this
        ");
    }

    proptest! {
        #[test]
        fn any_message_has_a_text_without_a_panic(message in samples::any_message()) {
            let _ = to_text(&message);
        }
    }
}
