//! Threads of the DM in a room that shows them flat. Called by `deliver`.

use serde_json::{Value, json};

use super::{blocks, content, items, string, text};

/// A line about what a message answers: how that begins, and a link to it.
#[must_use]
pub fn reference(quote: Option<&str>, link: Option<&str>) -> String {
    let what = quote.unwrap_or("an earlier message");
    match link {
        Some(link) => format!("↪ in reply to {}", text::link(link, what)),
        None => format!("↪ in reply to {what}"),
    }
}

/// Puts the line above a message.
pub fn refer(body: &mut Value, line: &str) {
    let mut shown = match items(body, "blocks") {
        [] => blocks::sections(string(body, "text")),
        blocks => blocks.to_vec(),
    };
    shown.insert(0, json!({"type": "context", "elements": [{"type": "mrkdwn", "text": line}]}));
    body["blocks"] = Value::from(shown);
    content::settle_text(body);
}

/// The same for words that stand with files.
#[must_use]
pub fn above(line: &str, words: &str) -> String {
    format!("_{line}_\n{words}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_stands_above_the_words() {
        let mut body = json!({"text": "three"});
        refer(&mut body, &reference(Some("“how many?”"), Some("https://a.example/p1")));
        let expected = json!({"text": "three", "blocks": [
            {"type": "context", "elements": [{"type": "mrkdwn", "text": "↪ in reply to <https://a.example/p1|“how many?”>"}]},
            {"type": "section", "text": {"type": "mrkdwn", "text": "three"}}]});
        assert_eq!(body, expected);
    }

    #[test]
    fn what_is_not_known_is_an_earlier_message() {
        assert_eq!(reference(None, None), "↪ in reply to an earlier message");
    }
}
