//! A message of the customer or the bot, as it is posted in the room. Called by `takeover` and `deliver`.

use serde_json::{Value, json};

use super::content::{self, TEXT_LIMIT};
use super::mentions::Names;
use super::split::split;
use super::{as_text, blocks, items, kind, string, text};

/// The most text in the blocks of one message, in characters. Slack's own limit is not documented; refusals were met from
/// about 11,000.
const BLOCKS_TEXT_LIMIT: usize = 10_000;
/// The most blocks in one message (Slack: 50), so that there is room for what it answers, who it is of, and a note.
const BLOCKS_LIMIT: usize = 47;

/// Who is seen to speak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// The name. Not escaped.
    pub name: String,
    /// URL of the picture.
    pub icon_url: Option<String>,
}

/// The body of `chat.postMessage` for a message, without `channel` and `metadata`: `username`, `icon_url`, `text`, `blocks`
/// and `attachments`, inert and without mentions, unknown fields and all.
///
/// It may be too long for one message: see [`parts`]. `names` are those of the workspace the message comes from.
#[must_use]
pub fn post(message: &Value, speaker: &Speaker, names: &Names) -> Value {
    let mut post = json!({"username": shown_name(speaker)});
    if let Some(url) = speaker.icon_url.as_deref().filter(|url| url.starts_with("http")) {
        post["icon_url"] = Value::from(url);
    }
    let mut body = content::read(message, names);
    if kind::is_me_message(message) && !string(&body, "text").is_empty() {
        body["text"] = Value::from(format!("_{}_", string(&body, "text")));
    }
    merge(&mut post, &body);
    merge(&mut post, &json!({"unfurl_links": false, "unfurl_media": false}));
    post
}

/// What stands with files that the customer or the bot sent, as mrkdwn: who it was, since Slack shows them as the app's, and
/// their words.
#[must_use]
pub fn caption(message: &Value, speaker: &Speaker, names: &Names) -> String {
    let body = content::read(message, names);
    let (name, words) = (text::escape(&shown_name(speaker)), as_text::to_text(&body));
    match words.trim() {
        "" => format!("*{name}*"),
        // What begins a line must go on doing so.
        words if words.starts_with(['`', '>', '•', '-', '*', '_', '~', '&']) => format!("*{name}:*\n{words}"),
        words => format!("*{name}:* {words}"),
    }
}

/// Makes a post the body of `chat.update`, which takes no name and no picture, and may drop those that are there
/// (reported, not documented): so who speaks stands in the message.
pub fn edited(post: &mut Value, speaker: &Speaker) {
    for key in ["username", "icon_url", "unfurl_links", "unfurl_media"] {
        content::remove(post, key);
    }
    let mut shown = match items(post, "blocks") {
        [] => blocks::sections(string(post, "text")),
        blocks => blocks.to_vec(),
    };
    let line = format!("*{}* · edited", text::escape(&shown_name(speaker)));
    shown.push(json!({"type": "context", "elements": [{"type": "mrkdwn", "text": line}]}));
    post["blocks"] = Value::from(shown);
    content::settle_text(post);
}

fn shown_name(speaker: &Speaker) -> String {
    match text::name(&speaker.name) {
        name if name.is_empty() => "Someone".to_owned(),
        name => name,
    }
}

/// Whether a message or a post shows nothing: it has files only, or is empty.
#[must_use]
pub fn is_blank(message: &Value) -> bool {
    let post = &content::as_event(message);
    string(post, "text").trim().is_empty() && ["blocks", "attachments"].iter().all(|key| items(post, key).is_empty())
}

/// The messages to be posted one after the other for a message or a post: one, as it is, when it fits. Attachments go with
/// the last.
#[must_use]
pub fn parts(message: &Value) -> Vec<Value> {
    // What is shown instead of buttons takes more blocks than the buttons.
    let mut post = content::as_event(message);
    blocks::inert(&mut post);
    let post = &post;
    let blocks = match items(post, "blocks") {
        [block] if content::is_twin(post) && length(block) > BLOCKS_TEXT_LIMIT => &[],
        blocks => blocks,
    };
    let mut parts: Vec<Value> = if blocks.is_empty() {
        split(string(post, "text"), TEXT_LIMIT).into_iter().map(|text| part(post, text, &[])).collect()
    } else {
        portions(blocks).iter().map(|portion| part(post, as_text::of_blocks(portion), portion)).collect()
    };
    if parts.len() < 2 {
        return vec![message.clone()];
    }
    if let (Some(attachments), Some(last)) = (post.get("attachments"), parts.last_mut()) {
        last["attachments"] = attachments.clone();
    }
    parts
}

/// A message like `post`, with other words.
fn part(post: &Value, text: String, blocks: &[Value]) -> Value {
    let mut part = post.clone();
    content::remove(&mut part, "blocks");
    content::remove(&mut part, "attachments");
    part["text"] = Value::from(text);
    if !blocks.is_empty() {
        part["blocks"] = Value::from(blocks);
        content::settle_text(&mut part);
    }
    part
}

/// Blocks in portions that fit into a message each. A block that is too long by itself becomes sections.
fn portions(blocks: &[Value]) -> Vec<Vec<Value>> {
    let mut portions: Vec<Vec<Value>> = Vec::new();
    let mut room = 0;
    for block in blocks
        .iter()
        .flat_map(|block| if length(block) > BLOCKS_TEXT_LIMIT { as_sections(block) } else { vec![block.clone()] })
    {
        let length = length(&block);
        match portions.last_mut() {
            Some(portion) if length <= room && portion.len() < BLOCKS_LIMIT => {
                room -= length;
                portion.push(block);
            }
            _ => {
                room = BLOCKS_TEXT_LIMIT - length.min(BLOCKS_TEXT_LIMIT);
                portions.push(vec![block]);
            }
        }
    }
    portions
}

fn as_sections(block: &Value) -> Vec<Value> {
    blocks::sections(&as_text::of_block(block))
}

fn length(block: &Value) -> usize {
    as_text::of_block(block).chars().count()
}

fn merge(into: &mut Value, from: &Value) {
    for (key, value) in from.as_object().into_iter().flatten() {
        into[key.as_str()] = value.clone();
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::super::mentions::{Mentioned, mentioned};
    use super::super::samples;
    use super::*;

    fn phil() -> Speaker {
        Speaker { name: "Phil".to_owned(), icon_url: Some("https://a.example/phil.png".to_owned()) }
    }

    fn posted(message: &Value) -> Value {
        post(message, &phil(), &samples::names())
    }

    fn rich_text(text: &str) -> Value {
        json!([{"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}]}])
    }

    #[test]
    fn a_message_is_posted_under_the_name_of_who_said_it() {
        let message = json!({"type": "message", "user": "U1", "ts": "1.2", "text": "help <@U1>", "blocks": [
            {"type": "rich_text", "block_id": "x", "elements": [{"type": "rich_text_section", "elements": [
                {"type": "text", "text": "help "}, {"type": "user", "user_id": "U1"}]}]}]});
        insta::assert_json_snapshot!(posted(&message), @r#"
        {
          "username": "Phil",
          "icon_url": "https://a.example/phil.png",
          "text": "help @Phil &lt;&amp;&gt;",
          "blocks": [
            {
              "type": "rich_text",
              "elements": [
                {
                  "type": "rich_text_section",
                  "elements": [
                    {
                      "type": "text",
                      "text": "help "
                    },
                    {
                      "type": "text",
                      "text": "@Phil <&>"
                    }
                  ]
                }
              ]
            }
          ],
          "unfurl_links": false,
          "unfurl_media": false
        }
        "#);
    }

    #[test]
    fn a_nameless_speaker_is_someone() {
        let speaker = Speaker { name: " \u{202e}".to_owned(), icon_url: Some("javascript:x".to_owned()) };
        let post = post(&json!({"text": "hi"}), &speaker, &Names::default());
        assert_eq!((&post["username"], post.get("icon_url")), (&json!("Someone"), None));
    }

    #[test]
    fn blocks_alone_get_a_text_and_attachments_a_fallback() {
        let message =
            json!({"text": "", "blocks": [{"type": "header", "text": {"type": "plain_text", "text": "Report"}}]});
        assert_eq!(posted(&message)["text"], "*Report*");
        let message = json!({"text": "", "attachments": [{"text": "body", "color": "#fff", "zzz": {"deep": 1.50}}]});
        let post = posted(&message);
        assert_eq!(
            post["attachments"],
            json!([{"text": "body", "color": "#fff", "zzz": {"deep": 1.50}, "fallback": "body"}])
        );
        assert!(!is_blank(&post));
        assert!(is_blank(&posted(&json!({"text": "", "files": [{"id": "F1"}]}))));
    }

    #[test]
    fn what_was_given_to_slack_is_read_as_well() {
        assert_eq!(posted(&json!({"blocks": r#"[{"type": "divider"}]"#}))["blocks"], json!([{"type": "divider"}]));
        let post = posted(&json!({"markdown_text": "**hi** <!here>"}));
        assert_eq!(post["blocks"][0], json!({"type": "markdown", "text": "**hi** @\u{2060}here"}));
        assert_eq!(posted(&json!({"subtype": "me_message", "text": "waves"}))["text"], "_waves_");
    }

    #[test]
    fn a_long_text_is_split() {
        let long = "word ".repeat(1500);
        let parts = parts(&json!({"text": long, "attachments": [{"text": "a"}]}));
        assert_eq!(parts.len(), 3);
        let with: Vec<bool> = parts.iter().map(|part| part.get("attachments").is_some()).collect();
        assert_eq!(with, [false, false, true]);
        assert_eq!(
            parts.iter().map(|part| part["text"].as_str().unwrap().split_whitespace().count()).sum::<usize>(),
            1500
        );
    }

    #[test]
    fn what_a_person_typed_keeps_its_formatting_as_long_as_one_message_holds_it() {
        let typed = |words: usize| {
            let text = "word ".repeat(words);
            json!({"text": text, "blocks": rich_text(&text)})
        };
        let whole = parts(&typed(1500));
        assert_eq!(whole, [typed(1500)]);
        let post = posted(&whole[0]);
        assert_eq!(post["blocks"], typed(1500)["blocks"]);
        assert!(post["text"].as_str().unwrap().chars().count() <= TEXT_LIMIT + 2, "a longer one Slack would split");
        let long = parts(&typed(3000));
        assert!(long.len() > 1 && long.iter().all(|part| items(part, "blocks").is_empty()), "{long:?}");
    }

    #[test]
    fn what_is_shown_instead_of_buttons_counts() {
        let block = json!({"type": "section", "text": {"type": "mrkdwn", "text": "a"},
            "accessory": {"type": "button", "action_id": "x", "text": {"type": "plain_text", "text": "Go"}}});
        let sizes: Vec<usize> = parts(&json!({"text": "", "blocks": vec![block; 30]}))
            .iter()
            .map(|part| items(&posted(part), "blocks").len())
            .collect();
        assert_eq!(sizes, [47, 13]);
    }

    #[test]
    fn what_was_given_to_slack_is_not_blank() {
        assert!(!is_blank(&json!({"text": "", "blocks": r#"[{"type": "divider"}]"#})));
        assert!(!is_blank(&json!({"markdown_text": "# hi"})));
        assert!(is_blank(&json!({"text": " ", "blocks": "[]", "files": [{"id": "F1"}]})));
    }

    #[test]
    fn many_blocks_are_several_messages() {
        let section = |text: &str| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
        let sizes = |blocks: Vec<Value>| -> Vec<usize> {
            let parts = parts(&posted(&json!({"text": "t", "blocks": blocks})));
            assert!(parts.iter().all(|part| part["text"].as_str().unwrap().chars().count() <= TEXT_LIMIT + 2));
            parts.iter().map(|part| items(part, "blocks").len()).collect()
        };
        assert_eq!(sizes(vec![section("a"); 47]), [47]);
        assert_eq!(sizes(vec![section("a"); 60]), [47, 13]);
        assert_eq!(sizes(vec![section(&"word ".repeat(580)); 5]), [3, 2]);
    }

    proptest! {
        #[test]
        fn nothing_of_the_other_workspace_is_mentioned(message in samples::any_message()) {
            let post = posted(&message);
            prop_assert_eq!(mentioned(&post), Mentioned::default());
            let _ = parts(&post);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn no_part_is_too_long(text in "([a-z]{1,9}|<@U1>|&amp;|\n| |```){0,2000}") {
            let post = posted(&json!({"text": text}));
            for part in parts(&post) {
                prop_assert!(part["text"].as_str().unwrap().chars().count() <= TEXT_LIMIT);
            }
        }
    }
}
