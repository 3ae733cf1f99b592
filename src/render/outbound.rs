//! An agent's message, as the customer gets it from the bot. Called by `takeover`.

use serde_json::{Value, json};

use super::mentions::Names;
use super::{as_text, attachments, blocks, content, items, string, text};

/// Who the customer is told has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The agent's name. Not escaped.
    pub agent: String,
    /// URL of the agent's picture.
    pub icon_url: Option<String>,
    /// The footer, as mrkdwn: a template that was [filled](super::template::fill).
    pub line: String,
}

/// The body of `chat.postMessage` for an agent's message, without `channel` and `metadata`: without mentions of the support
/// workspace, and with the signature in a context block at the end.
///
/// A message with files only is
/// [blank](super::mirror::is_blank) and is not signed. A long one is several: see [`super::mirror::parts`].
#[must_use]
pub fn for_customer(message: &Value, signature: Option<&Signature>, names: &Names) -> Value {
    let mut body = content::read(message, names);
    if let Some(signature) = signature.filter(|_| !super::mirror::is_blank(&body)) {
        let mut shown = match items(&body, "blocks") {
            [] => blocks::sections(string(&body, "text")),
            blocks => blocks.to_vec(),
        };
        shown.push(footer(signature));
        body["blocks"] = Value::from(shown);
        content::settle_text(&mut body);
    }
    body
}

/// An agent's message without what Slack added to it: previews of links, which the customer's workspace makes for itself,
/// and messages of other channels that it shows.
#[must_use]
pub fn own_words(mut message: Value) -> Value {
    if let Some(Value::Array(list)) = message.get_mut("attachments") {
        list.retain(|attachment| !attachments::is_of_slack(attachment));
    }
    message
}

/// Whether somebody shares a message of another channel. Who can read that channel is not ours to decide.
#[must_use]
pub fn shares_a_message(message: &Value) -> bool {
    items(message, "attachments").iter().any(|attachment| attachment["is_share"] == true)
}

/// Whether there is nothing in a message that could be passed on.
#[must_use]
pub fn is_blank(message: &Value) -> bool {
    super::mirror::is_blank(message) && super::notice::files_of(message).is_empty()
}

/// The words of an agent that stand with files, as mrkdwn, signed below.
#[must_use]
pub fn caption(message: &Value, signature: Option<&Signature>, names: &Names) -> String {
    let words = as_text::to_text(&content::read(message, names));
    let line = signature.map(|signature| format!("_{}_", signature.line));
    [Some(words), line].into_iter().flatten().filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join("\n")
}

fn footer(signature: &Signature) -> Value {
    let mut elements = Vec::new();
    if let Some(url) = signature.icon_url.as_deref().filter(|url| url.starts_with("http")) {
        let name = text::name(&signature.agent);
        let alt_text = if name.is_empty() { "agent" } else { name.as_str() };
        elements.push(json!({"type": "image", "image_url": url, "alt_text": alt_text}));
    }
    elements.push(json!({"type": "mrkdwn", "text": signature.line}));
    json!({"type": "context", "elements": elements})
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::mirror::parts;
    use super::super::samples;
    use super::*;

    fn jane() -> Signature {
        Signature {
            agent: "Jane".to_owned(),
            icon_url: Some("https://a.example/jane.png".to_owned()),
            line: "sent by *Jane* from Acme".to_owned(),
        }
    }

    #[test]
    fn a_signed_message_keeps_its_formatting_and_loses_its_ids() {
        let message = json!({"text": "ask <@U1>", "user": "U0JANE", "blocks": [
            {"type": "rich_text", "block_id": "x", "elements": [{"type": "rich_text_section", "elements": [
                {"type": "text", "text": "ask ", "style": {"bold": true}}, {"type": "user", "user_id": "U1"}]}]}],
            "attachments": [{"from_url": "https://a.example", "text": "preview"}]});
        insta::assert_json_snapshot!(for_customer(&own_words(message), Some(&jane()), &samples::names()), @r#"
        {
          "text": "ask @Phil &lt;&amp;&gt;",
          "blocks": [
            {
              "type": "rich_text",
              "elements": [
                {
                  "type": "rich_text_section",
                  "elements": [
                    {
                      "type": "text",
                      "text": "ask ",
                      "style": {
                        "bold": true
                      }
                    },
                    {
                      "type": "text",
                      "text": "@Phil <&>"
                    }
                  ]
                }
              ]
            },
            {
              "type": "context",
              "elements": [
                {
                  "type": "image",
                  "image_url": "https://a.example/jane.png",
                  "alt_text": "Jane"
                },
                {
                  "type": "mrkdwn",
                  "text": "sent by *Jane* from Acme"
                }
              ]
            }
          ]
        }
        "#);
    }

    #[test]
    fn an_unsigned_message_is_its_text() {
        assert_eq!(
            for_customer(&json!({"text": "hi &amp; bye"}), None, &Names::default()),
            json!({"text": "hi &amp; bye"})
        );
    }

    #[test]
    fn text_alone_becomes_sections_above_the_footer() {
        let body = for_customer(&json!({"text": "hi"}), Some(&jane()), &Names::default());
        assert_eq!(body["blocks"][0], json!({"type": "section", "text": {"type": "mrkdwn", "text": "hi"}}));
        assert_eq!(body["text"], "hi");
        let long = for_customer(&json!({"text": "word ".repeat(4000)}), Some(&jane()), &Names::default());
        let signed: Vec<bool> =
            parts(&long).iter().map(|part| items(part, "blocks").iter().any(|b| b["type"] == "context")).collect();
        assert_eq!(signed, [false, false, true]);
    }

    #[test]
    fn files_alone_are_not_signed() {
        assert_eq!(
            for_customer(&json!({"text": "", "files": [{}]}), Some(&jane()), &Names::default()),
            json!({"text": ""})
        );
    }
}
